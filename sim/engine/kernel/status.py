"""The end of the Deployment's sync: what is too old is deleted, and the status written (`rollout_status`)."""

from __future__ import annotations

from sim.engine.kernel import rules
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import (
    DELETING,
    IDLE,
    KEEPING,
    complete,
    deployment_at,
    set_condition,
    spec_at,
    to_write,
    work_at,
    write_soon,
)
from sim.engine.kernel.queues import add_deployment_after, add_deployment_rate_limited, deployment_done


@inner
def clean_up(m):
    """sync.go, cleanupDeployment: order the old ReplicaSets by revision, and delete the first of them."""
    s = spec_at(m, deployment_at(m, IN_SYNC))
    olds = 0
    shares = m[A_SHARES]
    room = m[W_SET_ROOM] + 1
    for i in range(m[W_READ]):
        if i == m[W_NEW]:
            continue
        j = olds
        while j > 0 and is_cleaned_before(m, i, m[shares + 9 * room + j - 1]):
            m[shares + 9 * room + j] = m[shares + 9 * room + j - 1]
            j -= 1
        m[shares + 9 * room + j] = i
        olds += 1
    m[W_ORDERED] = min(rules.history_excess(olds, m[s + S_HISTORY]), olds)
    m[W_INDEX] = 0
    delete_history(m)


@inner
def is_cleaned_before(m, i, j):
    one = work_at(m, i)
    other = work_at(m, j)
    if m[one + R_REVISION] != m[other + R_REVISION]:
        return m[one + R_REVISION] < m[other + R_REVISION]
    if m[one + R_CREATED] != m[other + R_CREATED]:
        return m[one + R_CREATED] < m[other + R_CREATED]
    return m[one + R_KEY] < m[other + R_KEY]


@inner
def delete_history(m):
    room = m[W_SET_ROOM] + 1
    while m[W_INDEX] < m[W_ORDERED]:
        rs = work_at(m, m[m[A_SHARES] + 9 * room + m[W_INDEX]])
        # As it was read: what a paused Deployment has just resized is deleted all the same.
        spec = m[rs + R_READ_SPEC]
        if rules.history_deletable(spec, m[rs + R_REPLICAS], m[rs + R_READ_GENERATION], m[rs + R_OBSERVED]):
            write_soon(m, DELETING)
            return
        m[W_INDEX] += 1
    keep_status(m, m[W_JUDGED] != 0)


@inner
def keep_status(m, judged):
    """rollout_status.StatusKeeper.sync: write the status that the ReplicaSets show, if it is another."""
    d = deployment_at(m, IN_SYNC)
    s = spec_at(m, d)
    updated = m[work_at(m, m[W_NEW]) + R_REPLICAS] if m[W_NEW] != NEVER else 0
    replicas = 0
    ready = 0
    available = 0
    for i in range(m[W_READ]):
        rs = work_at(m, i)
        replicas += m[rs + R_REPLICAS]
        ready += m[rs + R_READY]
        available += m[rs + R_AVAILABLE]
    unavailable = rules.unavailable_replicas(m[W_ASKED], available)
    enough = 1 if rules.is_min_available(available, m[s + S_DESIRED], m[s + S_UNAVAILABLE]) else 0
    decision = judged_as(m, d, s, replicas, updated, ready, available) if judged else rules.KEEP
    status = m[d + D_STATUS]
    reason = m[d + D_REASON]
    if decision == rules.COMPLETE:
        status = rules.TRUE
        reason = rules.NEW_REPLICASET_AVAILABLE
    elif decision == rules.PROGRESSING:
        status = rules.TRUE
        reason = rules.REPLICASET_UPDATED
    elif decision == rules.TIMED_OUT:
        status = rules.FALSE
        reason = rules.DEADLINE_EXCEEDED
    elif decision == rules.REMOVE:
        status = NEVER
        reason = rules.REASON_NONE
    renewed = decision == rules.PROGRESSING
    if (
        not renewed
        and status == m[d + D_STATUS]
        and reason == m[d + D_REASON]
        and m[d + D_OBSERVED] == m[d + D_GENERATION]
        and m[d + D_REPLICAS] == replicas
        and m[d + D_UPDATED] == updated
        and m[d + D_READY] == ready
        and m[d + D_AVAILABLE] == available
        and m[d + D_UNAVAILABLE] == unavailable
        and m[d + D_ENOUGH] == enough
    ):
        if judged:
            look_again(m, d)
        sync_over(m, True)
        return
    m[d + D_OBSERVED] = m[d + D_GENERATION]
    m[d + D_UPDATED] = updated
    m[d + D_UNAVAILABLE] = unavailable
    m[d + D_REPLICAS] = replicas
    m[d + D_READY] = ready
    m[d + D_AVAILABLE] = available
    m[d + D_ENOUGH] = enough
    set_condition(m, d, status, reason, renewed)
    to_write(m)
    write_soon(m, KEEPING)


@inner
def judged_as(m, d, s, replicas, updated, ready, available):
    known = m[d + D_STATUS] != NEVER
    generation = m[d + D_GENERATION]
    return rules.rollout_condition(
        m[s + S_DEADLINE] != NEVER,
        known,
        m[d + D_REASON],
        replicas,
        updated,
        rules.is_complete(m[s + S_DESIRED], updated, replicas, available, generation, generation),
        rules.is_progressing(
            m[d + D_REPLICAS], m[d + D_UPDATED], m[d + D_READY], m[d + D_AVAILABLE],
            replicas, updated, ready, available,
        ),
        rules.timed_out(known, m[d + D_REASON], m[d + D_LAST_UPDATE], m[s + S_DEADLINE], m[W_NOW]),
    )  # fmt: skip


@inner
def look_again(m, d):
    s = spec_at(m, d)
    if m[d + D_REASON] == rules.NEW_REPLICASET_AVAILABLE:
        return
    after = rules.requeue_after(
        m[d + D_STATUS] != NEVER,
        m[d + D_REASON],
        m[d + D_LAST_UPDATE],
        m[s + S_DEADLINE],
        m[W_NOW],
        SECOND,
        complete(m, d),
    )
    if after == 0:
        add_deployment_rate_limited(m)
    elif after > 0:
        add_deployment_after(m, after + SECOND)


@inner
def sync_over(m, succeeded):
    m[W_PHASE_D] = IDLE
    deployment_done(m, succeeded)
