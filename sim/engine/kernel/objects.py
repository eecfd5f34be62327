"""The Deployment and its ReplicaSets as records of the arena: stored, seen, and as a sync holds them."""

from __future__ import annotations

from sim.engine.kernel import rules
from sim.engine.kernel.clock import delivery, push, request, stamp
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.queues import copy, seen_at, stored_at

# What the sync waits for.
(
    IDLE, PAUSING, ADOPTING, ADOPTING_AGAIN, REVISING, CREATING, NAMING, SCALING_NEW, CLEANING, SHRINKING,
    STOPPING_OLD, STARTING_NEW, RESIZING_ONE, RESIZING_OLD, RESIZING, DELETING, KEEPING,
) = range(17)  # fmt: skip


@inner
def deployment_at(m, which):
    return m[A_DEPLOYMENT] + which * DEPLOYMENT


@inner
def spec_at(m, d):
    return m[A_SPEC] + m[d + D_SPEC] * SPEC


@inner
def work_at(m, index):
    return m[A_WORK] + index * REPLICASET


@inner
def write_soon(m, phase):
    m[W_PHASE_D] = phase
    push(m, request(m, W_D_TOKENS), DEPLOYMENT_WRITES, 0, 0)


@inner
def store_deployment(m, source):
    """Store the record at word ``source`` and tell the informers, whatever its version."""
    stored = deployment_at(m, IS_STORED)
    copy(m, source, stored, DEPLOYMENT)
    m[stored + D_VERSION] += 1
    end = m[W_D_FLIGHTS_END]
    room = m[W_FLIGHT_ROOM]
    if end - m[W_D_FLIGHTS] >= room:
        m[W_STATUS] = BEYOND
        return
    copy(m, stored, m[A_D_FLIGHTS] + end % room * DEPLOYMENT, DEPLOYMENT)
    m[W_D_FLIGHTS_END] = end + 1
    push(m, delivery(m, W_D_LAST_SEEN), DEPLOYMENT_SEEN, 0, 0)


@inner
def write_deployment(m):
    """Write the record TO_WRITE; False on a conflict."""
    stored = deployment_at(m, IS_STORED)
    new = deployment_at(m, TO_WRITE)
    if m[stored + D_VERSION] != m[new + D_VERSION]:
        return False
    store_deployment(m, new)
    return True


@inner
def store_replicaset(m, source):
    """Store the record at word ``source``, under the next version, and tell the informers."""
    stored = stored_at(m, m[source + R_KEY])
    m[source + R_VERSION] += 1
    m[source + R_EXISTS] = 1
    copy(m, source, stored, REPLICASET)
    fly(m, stored, REPLICASET_SEEN)


@inner
def fly(m, source, kind):
    end = m[W_R_FLIGHTS_END]
    room = m[W_FLIGHT_ROOM]
    if end - m[W_R_FLIGHTS] >= room:
        m[W_STATUS] = BEYOND
        return
    copy(m, source, m[A_R_FLIGHTS] + end % room * REPLICASET, REPLICASET)
    m[W_R_FLIGHTS_END] = end + 1
    push(m, delivery(m, W_R_LAST_SEEN), kind, 0, 0)


@inner
def write_replicaset(m, source):
    """Write the record at word ``source``; False on a conflict or when it exists no more."""
    stored = stored_at(m, m[source + R_KEY])
    if m[stored + R_EXISTS] == 0 or m[stored + R_VERSION] != m[source + R_VERSION]:
        return False
    store_replicaset(m, source)
    return True


@inner
def to_write(m):
    copy(m, deployment_at(m, IN_SYNC), deployment_at(m, TO_WRITE), DEPLOYMENT)


@inner
def set_condition(m, d, status, reason, renew):
    if not renew and m[d + D_STATUS] == status and m[d + D_REASON] == reason:
        return
    now = stamp(m, m[W_NOW])
    if not rules.keeps_transition_time(m[d + D_STATUS] != NEVER, m[d + D_STATUS], status):
        m[d + D_LAST_TRANSITION] = now
    m[d + D_STATUS] = status
    m[d + D_REASON] = reason
    m[d + D_LAST_UPDATE] = now


@inner
def total_spec(m):
    total = 0
    for i in range(m[W_READ]):
        total += m[work_at(m, i) + R_SPEC]
    return total


@inner
def blank_owned(m, key, template):
    """Make room for a ReplicaSet of this key: nobody has it yet."""
    m[seen_at(m, key) + R_EXISTS] = 0
    m[stored_at(m, key) + R_EXISTS] = 0
    o = m[A_OWNED] + key * OWNED
    for word in range(OWNED):
        m[o + word] = 0
    m[o + O_FIRST] = NEVER
    m[o + O_LAST] = NEVER
    m[o + O_DUE] = NEVER
    m[o + O_SPENT] = -FOREVER
    m[o + O_TEMPLATE] = template


@inner
def blank_replicaset(m, rs, key, s, revision):
    for word in range(REPLICASET):
        m[rs + word] = 0
    m[rs + R_KEY] = key
    m[rs + R_TEMPLATE] = m[s + S_TEMPLATE]
    m[rs + R_CREATED] = stamp(m, m[W_NOW])
    m[rs + R_MIN_READY] = m[s + S_MIN_READY]
    m[rs + R_GENERATION] = 1
    m[rs + R_DESIRED_ANNOTATION] = m[s + S_DESIRED]
    m[rs + R_MAX_ANNOTATION] = m[s + S_DESIRED] + m[s + S_SURGE]
    m[rs + R_REVISION] = revision
    m[rs + R_ANNOTATIONS] = m[s + S_ANNOTATIONS]


@inner
def settled(m, d):
    """Whether nothing moves any more: complete, or paused with all the pods that are asked for."""
    if complete(m, d):
        return True
    if m[spec_at(m, d) + S_PAUSED] == 0 or m[d + D_OBSERVED] < m[d + D_GENERATION]:
        return False
    asked = 0
    for key in range(m[W_SETS]):
        rs = stored_at(m, key)
        if m[rs + R_EXISTS]:
            asked += m[rs + R_SPEC]
    return m[d + D_REPLICAS] == asked and m[d + D_AVAILABLE] == asked


@inner
def complete(m, d):
    return rules.is_complete(
        m[spec_at(m, d) + S_DESIRED],
        m[d + D_UPDATED],
        m[d + D_REPLICAS],
        m[d + D_AVAILABLE],
        m[d + D_OBSERVED],
        m[d + D_GENERATION],
    )
