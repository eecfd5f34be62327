"""The work queues of the three controllers, as `sim.engine.queues.WorkQueue`; there is one Deployment."""

from __future__ import annotations

from sim.engine.kernel.clock import backoff, push, turn
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *


@inner
def owned_at(m, key):
    return m[A_OWNED] + key * OWNED


@inner
def stored_at(m, key):
    return m[A_STORED] + key * REPLICASET


@inner
def seen_at(m, key):
    return m[A_SEEN] + key * REPLICASET


@inner
def copy(m, source, target, words):
    for word in range(words):
        m[target + word] = m[source + word]


# The Deployment.


@inner
def add_deployment(m):
    if m[W_D_DIRTY]:
        return
    m[W_D_DIRTY] = 1
    if m[W_D_PROCESSING] == 0:
        m[W_D_QUEUED] = 1
        wake_deployments(m)


@inner
def wake_deployments(m):
    if m[W_D_WOKEN] == 0 and m[W_D_PROCESSING] < m[W_DEPLOYMENT_WORKERS]:
        m[W_D_WOKEN] = 1
        turn(m, OF_DEPLOYMENTS)


@inner
def add_deployment_after(m, delay):
    due = m[W_NOW] + delay
    if m[W_D_DUE] == NEVER or m[W_D_DUE] > due:
        m[W_D_DUE] = due
        push(m, delay, DEPLOYMENT_DUE, 0, 0)


@inner
def add_deployment_rate_limited(m):
    failures = m[W_D_FAILURES]
    m[W_D_FAILURES] = failures + 1
    add_deployment_after(m, backoff(m, failures, W_D_RETRIES))


@inner
def deployment_due(m):
    if m[W_D_DUE] == m[W_NOW]:
        m[W_D_DUE] = NEVER
        add_deployment(m)


@inner
def deployment_done(m, succeeded):
    m[W_D_PROCESSING] = 0
    if not succeeded and m[W_D_FAILURES] < RETRIES:
        add_deployment_rate_limited(m)
    else:
        m[W_D_FAILURES] = 0
    if m[W_D_DIRTY]:
        m[W_D_QUEUED] = 1


# ReplicaSets.


@inner
def enqueue_replicaset(m, key):
    end = m[W_R_QUEUE_END]
    m[m[A_R_QUEUE] + (end & m[W_RING])] = key
    m[W_R_QUEUE_END] = end + 1


@inner
def add_replicaset(m, key):
    o = owned_at(m, key)
    if m[o + O_DIRTY]:
        return
    m[o + O_DIRTY] = 1
    if m[o + O_PROCESSING] == 0:
        enqueue_replicaset(m, key)
        wake_replicasets(m)


@inner
def wake_replicasets(m):
    if m[W_R_WOKEN] == 0 and m[W_R_PROCESSING] < m[W_REPLICASET_WORKERS]:
        m[W_R_WOKEN] = 1
        turn(m, OF_REPLICASETS)


@inner
def add_replicaset_after(m, key, delay):
    o = owned_at(m, key)
    due = m[W_NOW] + delay
    if m[o + O_DUE] == NEVER or m[o + O_DUE] > due:
        m[o + O_DUE] = due
        push(m, delay, REPLICASET_DUE, key, 0)


@inner
def replicaset_due(m, key):
    o = owned_at(m, key)
    if m[o + O_DUE] == m[W_NOW]:
        m[o + O_DUE] = NEVER
        add_replicaset(m, key)


@inner
def replicaset_done(m, key, succeeded):
    o = owned_at(m, key)
    m[o + O_PROCESSING] = 0
    m[W_R_PROCESSING] -= 1
    if not succeeded:
        failures = m[o + O_FAILURES]
        m[o + O_FAILURES] = failures + 1
        add_replicaset_after(m, key, backoff(m, failures, W_R_RETRIES))
    else:
        m[o + O_FAILURES] = 0
    if m[o + O_DIRTY]:
        enqueue_replicaset(m, key)


# Services; their syncs never fail.


@inner
def add_service(m, service):
    v = m[A_SERVICE] + service * SERVICE
    if m[v + V_DIRTY]:
        return
    m[v + V_DIRTY] = 1
    if m[v + V_PROCESSING] == 0:
        enqueue_service(m, service)
        wake_services(m)


@inner
def enqueue_service(m, service):
    end = m[W_E_QUEUE_END]
    m[m[A_E_QUEUE] + (end & m[W_RING])] = service
    m[W_E_QUEUE_END] = end + 1


@inner
def wake_services(m):
    if m[W_E_WOKEN] == 0 and m[W_E_PROCESSING] < m[W_DEPLOYMENT_WORKERS]:
        m[W_E_WOKEN] = 1
        turn(m, OF_ENDPOINTS)


@inner
def service_done(m, service):
    v = m[A_SERVICE] + service * SERVICE
    m[v + V_PROCESSING] = 0
    m[W_E_PROCESSING] -= 1
    if m[v + V_DIRTY]:
        enqueue_service(m, service)
