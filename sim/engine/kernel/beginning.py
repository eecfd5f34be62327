"""The state before time begins: the Deployment complete, its pods available for a day."""

from __future__ import annotations

from sim.engine.kernel.clock import log, push
from sim.engine.kernel.containers import crash_time, foresee_unready
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.nodes import entry, place, push_node
from sim.engine.kernel.objects import blank_owned, blank_replicaset, deployment_at
from sim.engine.kernel.pods import add
from sim.engine.kernel.queues import copy, owned_at, seen_at, stored_at
from sim.engine.kernel.replicasets import pod_at
from sim.engine.kernel.rules import NEW_REPLICASET_AVAILABLE, REASON_NONE, TRUE
from sim.engine.kernel.tally import show_deployment, show_replicaset, template_at


@inner
def begin(m):
    """Lay out the state before time begins: the Deployment complete, its pods available for a day."""
    begin_deployment(m)
    begin_replicaset(m)
    begin_nodes(m)
    desired = m[m[A_SPEC] + S_DESIRED]
    for _ in range(desired):
        begin_pod(m)
    o = owned_at(m, 0)
    m[o + O_READY] = desired
    m[o + O_AVAILABLE] = desired
    begin_services(m)
    rs = stored_at(m, 0)
    show_replicaset(m, 0, m[rs + R_TEMPLATE], 1, desired, desired, desired, desired, LOG_REPLICASET)
    m[W_S_SEEN] = 0
    show_deployment(m, deployment_at(m, IS_STORED))
    m[W_S_SEEN] = 1
    for service in range(m[W_SERVICES]):
        log(m, LOG_ENDPOINTS, service, m[m[A_SERVICE] + service * SERVICE + V_SHOWN])


@inner
def begin_deployment(m):
    d = deployment_at(m, IS_STORED)
    s = m[A_SPEC]
    desired = m[s + S_DESIRED]
    for word in range(DEPLOYMENT):
        m[d + word] = 0
    m[d + D_VERSION] = 1
    m[d + D_GENERATION] = 1
    m[d + D_OBSERVED] = 1
    m[d + D_REVISION] = 1
    m[d + D_REPLICAS] = desired
    m[d + D_UPDATED] = desired
    m[d + D_READY] = desired
    m[d + D_AVAILABLE] = desired
    m[d + D_ENOUGH] = TRUE
    m[d + D_STATUS] = NEVER
    m[d + D_REASON] = REASON_NONE
    if m[s + S_DEADLINE] != NEVER:
        m[d + D_STATUS] = TRUE
        m[d + D_REASON] = NEW_REPLICASET_AVAILABLE
    m[d + D_LAST_UPDATE] = -OLD
    m[d + D_LAST_TRANSITION] = -OLD
    copy(m, d, deployment_at(m, IS_SEEN), DEPLOYMENT)


@inner
def begin_replicaset(m):
    s = m[A_SPEC]
    desired = m[s + S_DESIRED]
    m[W_SETS] = 1
    blank_owned(m, 0, m[s + S_TEMPLATE])
    rs = stored_at(m, 0)
    blank_replicaset(m, rs, 0, s, 1)
    m[rs + R_EXISTS] = 1
    m[rs + R_CREATED] = -OLD
    m[rs + R_SPEC] = desired
    m[rs + R_REPLICAS] = desired
    m[rs + R_READY] = desired
    m[rs + R_AVAILABLE] = desired
    m[rs + R_OBSERVED] = 1
    copy(m, rs, seen_at(m, 0), REPLICASET)


@inner
def begin_nodes(m):
    image_there = m[template_at(m, m[m[A_SPEC] + S_TEMPLATE]) + T_IMAGE]
    for node in range(m[W_NODES]):
        m[m[A_ON_NODE] + node] = 0
        m[m[A_PULLING] + node] = 0
        push_node(m, entry(m, 0, node))
        for image in range(m[W_IMAGES]):
            m[m[A_PRESENT] + image * m[W_NODES] + node] = FOREVER
        m[m[A_PRESENT] + image_there * m[W_NODES] + node] = NEVER


@inner
def begin_services(m):
    s = m[A_SPEC]
    for service in range(m[W_SERVICES]):
        v = m[A_SERVICE] + service * SERVICE
        m[v + V_READY] = 0
        if m[m[A_SELECTS] + service * m[W_TEMPLATES] + m[s + S_TEMPLATE]]:
            m[v + V_READY] = m[v + V_WORTH] * m[s + S_DESIRED]
        m[v + V_CHANGED] = 0
        m[v + V_DIRTY] = 0
        m[v + V_PROCESSING] = 0
        m[v + V_SHOWN] = m[v + V_READY]


@inner
def begin_pod(m):
    pod = add(m, 0)
    if pod == NEVER:
        return
    place(m, pod)
    q = pod_at(m, pod)
    m[q + P_PHASE] = RUNNING
    m[q + P_READY] = 1
    m[q + P_COUNTED] = 1
    m[q + P_SCHEDULED] = 0
    m[q + P_RUNNING] = 0
    m[q + P_READY_FIRST] = 0
    m[q + P_AVAILABLE] = 0
    m[q + P_STARTED] = -OLD
    m[q + P_SINCE] = 0
    m[q + P_CREATED_STAMP] = -OLD
    m[q + P_READY_STAMP] = -OLD
    m[q + P_CAUSE] = CAUSE_ERROR
    template = m[m[A_SPEC] + S_TEMPLATE]
    t = template_at(m, template)
    if m[t + T_CRASH] > 0 or m[t + T_UNREADY] > 0:
        crash = crash_time(m, template, t, m[q + P_ORDINAL], 0, 0)
        if crash < FOREVER:
            push(m, crash, DIED, pod, 0)
        m[q + P_PROBE] = 0 if m[t + T_READINESS] > 0 else NEVER
        m[q + P_GRID] = 0
        foresee_unready(m, pod, 0, template, 0)
