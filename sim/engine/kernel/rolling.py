"""The two strategies: pods are replaced step by step (rolling.go), or all at once (recreate.go)."""

from __future__ import annotations

from sim.engine.kernel import rules
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import (
    CLEANING,
    CREATING,
    SCALING_NEW,
    SHRINKING,
    STARTING_NEW,
    STOPPING_OLD,
    blank_owned,
    blank_replicaset,
    complete,
    deployment_at,
    spec_at,
    total_spec,
    work_at,
    write_soon,
)
from sim.engine.kernel.scaling import scale
from sim.engine.kernel.status import clean_up, keep_status


@inner
def next_revision(m, new, own):
    """As rules.history.next_revision, of the ReplicaSets that were read, all but ``new``."""
    highest = 0
    for i in range(m[W_READ]):
        if i != new:
            highest = max(highest, m[work_at(m, i) + R_REVISION])
    return max(own, highest + 1)


@inner
def create_replicaset(m):
    d = deployment_at(m, IN_SYNC)
    s = spec_at(m, d)
    key = m[W_SETS]
    if key >= m[W_SET_ROOM]:
        m[W_STATUS] = MORE_SETS
        return
    m[W_SETS] = key + 1
    blank_owned(m, key, m[s + S_TEMPLATE])
    size = rules.new_replicaset_size(
        m[s + S_ROLLING] != 0, m[s + S_DESIRED], m[s + S_SURGE], total_spec(m), 0
    )
    rs = work_at(m, m[W_READ])
    blank_replicaset(m, rs, key, s, next_revision(m, NEVER, 0))
    m[rs + R_SPEC] = size
    write_soon(m, CREATING)


@inner
def roll(m):
    d = deployment_at(m, IN_SYNC)
    s = spec_at(m, d)
    new = m[work_at(m, m[W_NEW]) + R_SPEC]
    m[W_TOTAL] = total_spec(m)
    size = rules.reconciled_new_size(True, m[s + S_DESIRED], m[s + S_SURGE], m[W_TOTAL], new)
    if scale(m, m[W_NEW], size, SCALING_NEW):
        return
    reconcile_old(m)


@inner
def reconcile_old(m):
    s = spec_at(m, deployment_at(m, IN_SYNC))
    rs = work_at(m, m[W_NEW])
    m[W_DONE] = 0
    if m[W_TOTAL] == m[rs + R_SPEC]:
        reconciled(m, False)
        return
    floor = rules.min_available(m[s + S_DESIRED], m[s + S_UNAVAILABLE], True)
    m[W_MOST] = rules.max_scaled_down(m[W_TOTAL], floor, m[rs + R_SPEC], m[rs + R_AVAILABLE])
    if m[W_MOST] <= 0:
        reconciled(m, False)
        return
    # Who was active when the sync began is asked: what is cut to 0 here stays in the list.
    available = m[rs + R_AVAILABLE]
    for i in range(m[W_READ]):
        old = work_at(m, i)
        if i != m[W_NEW] and m[old + R_SPEC] > 0:
            available += m[old + R_AVAILABLE]
    m[W_BUDGET] = rules.scale_down_budget(available, floor)
    m[W_INDEX] = 0
    clean(m)


@inner
def clean(m):
    """rolling.go, cleanupUnhealthyReplicas, from the ReplicaSet W_INDEX on."""
    while m[W_INDEX] < m[W_READ]:
        i = m[W_INDEX]
        old = work_at(m, i)
        if i != m[W_NEW] and m[old + R_SPEC] > 0:
            cut = rules.unhealthy_cut(m[old + R_SPEC], m[old + R_AVAILABLE], m[W_MOST] - m[W_DONE])
            if cut < 0:
                reconciled(m, False)
                return
            if cut > 0:
                m[W_BEFORE] = cut
                if scale(m, i, m[old + R_SPEC] - cut, CLEANING):
                    return
        m[W_INDEX] += 1
    m[W_INDEX] = 0
    shrink(m)


@inner
def shrink(m):
    """rolling.go, scaleDownOldReplicaSetsForRollingUpdate, from the ReplicaSet W_INDEX on."""
    while m[W_INDEX] < m[W_READ]:
        i = m[W_INDEX]
        old = work_at(m, i)
        if i != m[W_NEW] and m[old + R_SPEC] > 0:
            cut = rules.old_cut(m[old + R_SPEC], m[W_BUDGET])
            if cut > 0:
                m[W_BEFORE] = cut
                if scale(m, i, m[old + R_SPEC] - cut, SHRINKING):
                    return
        m[W_INDEX] += 1
    reconciled(m, m[W_DONE] > 0)


@inner
def reconciled(m, scaled):
    if not scaled and complete(m, deployment_at(m, IN_SYNC)):
        m[W_JUDGED] = 1
        clean_up(m)
        return
    keep_status(m, True)


@inner
def recreate(m):
    s = spec_at(m, deployment_at(m, IN_SYNC))
    new = m[W_NEW]
    running = False
    total = 0
    for i in range(m[W_READ]):
        if i != new:
            old = work_at(m, i)
            total += m[old + R_SPEC]
            if m[old + R_REPLICAS] > 0 or m[m[A_OWNED] + m[old + R_KEY] * OWNED + O_PRESENT] > 0:
                running = True
    spec = m[work_at(m, new) + R_SPEC] if new != NEVER else 0
    action = rules.recreate_action(total, running, new != NEVER, spec, m[s + S_DESIRED])
    if action == rules.RECREATE_SCALE_DOWN:
        m[W_INDEX] = 0
        stop_old(m)
        return
    if action == rules.RECREATE_CREATE:
        create_replicaset(m)
        return
    if action == rules.RECREATE_SCALE_UP and new != NEVER:
        if scale(m, new, m[s + S_DESIRED], STARTING_NEW):
            return
    elif action == rules.RECREATE_SETTLED and complete(m, deployment_at(m, IN_SYNC)):
        m[W_JUDGED] = 1
        clean_up(m)
        return
    keep_status(m, True)


@inner
def stop_old(m):
    while m[W_INDEX] < m[W_READ]:
        i = m[W_INDEX]
        if i != m[W_NEW] and m[work_at(m, i) + R_SPEC] > 0 and scale(m, i, 0, STOPPING_OLD):
            return
        m[W_INDEX] += 1
    keep_status(m, True)
