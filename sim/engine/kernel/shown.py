"""What the API shows of a pod, and who is told."""

from __future__ import annotations

from sim.engine.kernel import rules
from sim.engine.kernel.chance import template_of
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.queues import add_replicaset, add_replicaset_after, add_service, seen_at, stored_at
from sim.engine.kernel.replicasets import became_ready, lost, pod_at
from sim.engine.kernel.session import changed

# What a pod is to a Service.
UNREADY, IS_READY, ABSENT = range(3)


@inner
def pod_changed(m, template, before, after):
    for service in range(m[W_SERVICES]):
        if m[m[A_SELECTS] + service * m[W_TEMPLATES] + template]:
            v = m[A_SERVICE] + service * SERVICE
            delta = worth(m, v, after) - worth(m, v, before)
            if delta:
                m[v + V_READY] += delta
                m[v + V_CHANGED] = 1
                add_service(m, service)


@inner
def worth(m, v, state):
    if state == IS_READY:
        return m[v + V_WORTH]
    return m[v + V_UNREADY] if state == UNREADY else 0


@inner
def updated(m, q):
    """Wake the ReplicaSet when only time can have made a difference: with minReadySeconds."""
    stored = stored_at(m, m[q + P_REPLICASET])
    if m[stored + R_EXISTS] and m[stored + R_MIN_READY] > 0:
        add_replicaset(m, m[q + P_REPLICASET])


@inner
def is_ready(m, pod):
    q = pod_at(m, pod)
    key = m[q + P_REPLICASET]
    became_ready(m, key, pod)
    add_replicaset(m, key)
    seen = seen_at(m, key)
    if m[seen + R_EXISTS] and m[seen + R_MIN_READY] > 0:
        wait = rules.recheck_on_ready(m[seen + R_MIN_READY], SECOND, m[W_PRECISE] != 0)
        add_replicaset_after(m, key, wait)
    pod_changed(m, template_of(m, q), UNREADY, IS_READY)
    changed(m)


@inner
def lost_ready(m, pod):
    q = pod_at(m, pod)
    key = m[q + P_REPLICASET]
    lost(m, key, pod)
    add_replicaset(m, key)
    pod_changed(m, template_of(m, q), IS_READY, UNREADY)
