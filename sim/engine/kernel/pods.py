"""What a pod goes through, and what that sets off: `sim.engine.pods`, `scheduler`, `node` and `container`."""

from __future__ import annotations

from sim.engine.kernel import rules
from sim.engine.kernel.chance import PULL, SCHEDULE, START, STATUS, happens, luck, template_of
from sim.engine.kernel.clock import (
    collector_request,
    first_of_all,
    log,
    post,
    push,
    reserve,
    stamp,
    watch_hop,
)
from sim.engine.kernel.containers import start, stop
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.nodes import leave, place
from sim.engine.kernel.queues import add_deployment, add_replicaset, owned_at, seen_at, stored_at
from sim.engine.kernel.replicasets import lost, pod_at
from sim.engine.kernel.session import changed
from sim.engine.kernel.shown import ABSENT, IS_READY, UNREADY, pod_changed, updated
from sim.engine.kernel.tally import came, leaves, template_at, went


@inner
def add(m, key):
    """Add a pod of a ReplicaSet, which no node has yet; return its number, NEVER when there is no room."""
    pod = m[W_PODS]
    if pod >= m[W_POD_ROOM]:
        m[W_STATUS] = MORE_PODS if pod < MOST_PODS_EVER else BEYOND
        return NEVER
    m[W_PODS] = pod + 1
    o = owned_at(m, key)
    template = m[o + O_TEMPLATE]
    t = template_at(m, template)
    q = pod_at(m, pod)
    for word in range(POD):
        m[q + word] = NEVER
    m[q + P_REPLICASET] = key
    m[q + P_ORDINAL] = m[t + T_PODS]
    m[t + T_PODS] += 1
    m[q + P_PHASE] = PENDING
    m[q + P_READY] = 0
    m[q + P_COUNTED] = 0
    m[q + P_RESTARTS] = 0
    m[q + P_ATTEMPT] = 0
    m[q + P_ROW] = 0
    m[q + P_CREATED] = m[W_NOW]
    m[q + P_CREATED_STAMP] = stamp(m, m[W_NOW])
    m[o + O_PRESENT] += 1
    m[o + O_ACTIVE] += 1
    last = m[o + O_LAST]
    m[q + P_PREVIOUS] = last
    if last == NEVER:
        m[o + O_FIRST] = pod
    else:
        m[pod_at(m, last) + P_NEXT] = pod
    m[o + O_LAST] = pod
    came(m, template)
    return pod


@inner
def create(m, key):
    """A pod of the ReplicaSet exists: look for a node."""
    pod = add(m, key)
    if pod == NEVER:
        return
    if m[stored_at(m, key) + R_EXISTS] == 0:
        first_of_all(m, COLLECT, pod, 0)
    o = owned_at(m, key)
    takes = luck(m, m[o + O_TEMPLATE], SCHEDULE, m[pod_at(m, pod) + P_ORDINAL])
    wait = reserve(m, W_SCHEDULER_TOKENS, m[W_SCHEDULER_INTERVAL], m[W_SCHEDULER_SLACK])
    push(m, wait + takes, BOUND, pod, 0)


@inner
def bound(m, pod):
    q = pod_at(m, pod)
    if m[q + P_DELETED] != NEVER:
        return
    place(m, pod)
    m[q + P_SCHEDULED] = m[W_NOW]
    m[W_LAST_STATE] = m[W_NOW]
    updated(m, q)
    template = template_of(m, q)
    t = template_at(m, template)
    ordinal = m[q + P_ORDINAL]
    unprobed = m[t + T_READINESS] == 0 and m[W_PLAYED] == 0
    if unprobed and happens(m, m[t + T_NEVER_READY], template, IS_NEVER_READY, 0, ordinal):
        m[W_CHANGED] = m[W_NOW]
        log(m, LOG_FAULT, pod, FAULT_NEVER_STARTS)
        return
    at = pulled(m, q, template, t, ordinal) if m[t + T_PULLS] else m[W_NOW]
    start(m, pod, at + luck(m, template, START, ordinal), 0, luck(m, template, STATUS, ordinal))


@inner
def pulled(m, q, template, t, ordinal):
    now = m[W_NOW]
    node = m[q + P_NODE]
    there = m[A_PRESENT] + m[t + T_IMAGE] * m[W_NODES] + node
    present = m[there]
    if present == FOREVER:
        present = max(now, m[m[A_PULLING] + node]) + luck(m, template, PULL, ordinal)
        m[m[A_PULLING] + node] = present
        m[there] = present
    if present <= now:
        return now
    m[q + P_PULL_BEGIN] = now
    m[q + P_PULL_END] = present
    return present


@inner
def pod_created(m, key):
    m[owned_at(m, key) + O_CREATES] -= 1
    create(m, key)
    add_replicaset(m, key)
    post(m, W_R_PENDING, W_R_BUSY, W_R_TOKENS, owned_at(m, key) + O_SPENT, REPLICASET_POSTS)


@inner
def pod_deleted(m, pod):
    key = m[pod_at(m, pod) + P_REPLICASET]
    m[owned_at(m, key) + O_DELETES] -= 1
    add_replicaset(m, key)
    post(m, W_R_PENDING, W_R_BUSY, W_R_TOKENS, owned_at(m, key) + O_SPENT, REPLICASET_POSTS)
    if m[pod_at(m, pod) + P_DELETED] == NEVER:
        deleted(m, pod)


@inner
def deleted(m, pod):
    """Count the pod as terminating, and stop it."""
    q = pod_at(m, pod)
    key = m[q + P_REPLICASET]
    o = owned_at(m, key)
    before = IS_READY if m[q + P_READY] else UNREADY
    previous = m[q + P_PREVIOUS]
    following = m[q + P_NEXT]
    if previous == NEVER:
        m[o + O_FIRST] = following
    else:
        m[pod_at(m, previous) + P_NEXT] = following
    if following == NEVER:
        m[o + O_LAST] = previous
    else:
        m[pod_at(m, following) + P_PREVIOUS] = previous
    m[o + O_ACTIVE] -= 1
    lost(m, key, pod)
    leaves(m)
    m[q + P_DELETED] = m[W_NOW]
    m[W_LAST_STATE] = m[W_NOW]
    if m[q + P_NODE] >= 0:
        leave(m, m[q + P_NODE])
    if m[q + P_PHASE] == RUNNING:
        pod_changed(m, m[o + O_TEMPLATE], before, ABSENT)
    stop(m, pod)


@inner
def gone(m, pod):
    q = pod_at(m, pod)
    key = m[q + P_REPLICASET]
    m[q + P_GONE] = m[W_NOW]
    m[W_CHANGED] = m[W_NOW]
    went(m, m[owned_at(m, key) + O_TEMPLATE])
    m[owned_at(m, key) + O_PRESENT] -= 1
    changed(m)
    seen = m[A_DEPLOYMENT] + IS_SEEN * DEPLOYMENT
    rolling = m[m[A_SPEC] + m[seen + D_SPEC] * SPEC + S_ROLLING]
    if m[seen_at(m, key) + R_EXISTS] == 0 or rolling:
        return
    left = 0
    for other in range(m[W_SETS]):
        if m[seen_at(m, other) + R_EXISTS]:
            left += m[owned_at(m, other) + O_PRESENT]
    if rules.recreate_enqueues(True, left):
        add_deployment(m)


@inner
def collect_pods(m, key):
    pod = m[owned_at(m, key) + O_FIRST]
    while pod != NEVER:
        first_of_all(m, COLLECT, pod, 0)
        pod = m[pod_at(m, pod) + P_NEXT]


@inner
def collect(m, pod, next_kind):
    push(m, collector_request(m), next_kind, pod, 0)


@inner
def collected_seen(m, pod):
    q = pod_at(m, pod)
    if m[q + P_DELETED] == NEVER:
        deleted(m, pod)
        add_replicaset(m, m[q + P_REPLICASET])


@inner
def collected(m, pod):
    if m[pod_at(m, pod) + P_DELETED] == NEVER:
        push(m, watch_hop(m), COLLECTED_SEEN, pod, 0)
