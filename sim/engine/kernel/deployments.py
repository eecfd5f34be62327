"""The Deployment controller's sync, cut at its writes: `sim.engine.deployments` and `rollout_status`, step
by step.

Where the model's generator waits for a write, the state here is a PHASE; `written` goes on from it. What
the sync has read of the ReplicaSets stands in the region A_WORK, oldest first; those that it writes replace
what it had read.
"""

from __future__ import annotations

from sim.engine.kernel import rules
from sim.engine.kernel.clock import log
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import (
    ADOPTING,
    ADOPTING_AGAIN,
    CLEANING,
    CREATING,
    DELETING,
    NAMING,
    PAUSING,
    RESIZING,
    RESIZING_OLD,
    RESIZING_ONE,
    REVISING,
    SCALING_NEW,
    SHRINKING,
    STARTING_NEW,
    STOPPING_OLD,
    deployment_at,
    fly,
    set_condition,
    spec_at,
    store_replicaset,
    to_write,
    total_spec,
    work_at,
    write_deployment,
    write_replicaset,
    write_soon,
)
from sim.engine.kernel.queues import copy, seen_at, stored_at
from sim.engine.kernel.rolling import (
    clean,
    create_replicaset,
    next_revision,
    reconciled,
    recreate,
    roll,
    shrink,
    stop_old,
)
from sim.engine.kernel.scaling import announce, resize, resize_each, resize_old, resized, size_written
from sim.engine.kernel.status import delete_history, keep_status, sync_over


@inner
def sync_deployment(m):
    """Begin a sync; it is over at once if it has nothing to write."""
    d = deployment_at(m, IN_SYNC)
    copy(m, deployment_at(m, IS_SEEN), d, DEPLOYMENT)
    read_replicasets(m)
    s = spec_at(m, d)
    known = m[d + D_STATUS] != NEVER
    pausing = rules.paused_condition(m[s + S_DEADLINE] != NEVER, known, m[d + D_REASON], m[s + S_PAUSED] != 0)
    if pausing != rules.REASON_NONE:
        set_condition(m, d, rules.UNKNOWN, pausing, False)
        to_write(m)
        write_soon(m, PAUSING)
        return
    adopt(m)


@inner
def read_replicasets(m):
    """Copy what the informers have of the ReplicaSets, oldest first, ties by name."""
    n = 0
    for key in range(m[W_SETS]):
        seen = seen_at(m, key)
        if m[seen + R_EXISTS] == 0:
            continue
        i = n
        while i > 0:
            before = work_at(m, i - 1)
            if m[before + R_CREATED] < m[seen + R_CREATED]:
                break
            if m[before + R_CREATED] == m[seen + R_CREATED] and name_rank(m, before) <= name_rank(m, seen):
                break
            copy(m, before, work_at(m, i), REPLICASET)
            i -= 1
        read = work_at(m, i)
        copy(m, seen, read, REPLICASET)
        m[read + R_READ_SPEC] = m[seen + R_SPEC]
        m[read + R_READ_GENERATION] = m[seen + R_GENERATION]
        n += 1
    m[W_READ] = n


@inner
def name_rank(m, rs):
    return m[m[A_TEMPLATE] + m[rs + R_TEMPLATE] * TEMPLATE + T_NAME_RANK]


@inner
def adopt(m):
    """sync.go, getNewReplicaSet: find the new ReplicaSet and bring it up to date."""
    d = deployment_at(m, IN_SYNC)
    s = spec_at(m, d)
    new = NEVER
    for i in range(m[W_READ]):
        # The oldest first: rules.find_new takes the first of them.
        if m[work_at(m, i) + R_TEMPLATE] == m[s + S_TEMPLATE]:
            new = i
            break
    m[W_NEW] = new
    if new == NEVER:
        go_on(m)
        return
    rs = work_at(m, new)
    revision = next_revision(m, new, m[rs + R_REVISION])
    pair = m[rs + R_ANNOTATIONS] * m[W_ANNOTATIONS] + m[s + S_ANNOTATIONS]
    annotated = m[m[A_COVERED] + pair] != 0
    if m[rs + R_REVISION] != revision or m[rs + R_MIN_READY] != m[s + S_MIN_READY] or not annotated:
        m[rs + R_ANNOTATIONS] = m[m[A_MERGED] + pair]
        m[rs + R_REVISION] = revision
        if m[rs + R_MIN_READY] != m[s + S_MIN_READY]:
            m[rs + R_GENERATION] += 1
        m[rs + R_MIN_READY] = m[s + S_MIN_READY]
        write_soon(m, ADOPTING)
        return
    unwatched = m[s + S_DEADLINE] != NEVER and m[d + D_STATUS] == NEVER
    if m[d + D_REVISION] != m[rs + R_REVISION] or unwatched:
        m[d + D_REVISION] = m[rs + R_REVISION]
        if unwatched:
            set_condition(m, d, rules.TRUE, rules.FOUND_NEW_REPLICASET, False)
        to_write(m)
        write_soon(m, REVISING)
        return
    go_on(m)


@inner
def go_on(m):
    """Scale, roll or recreate."""
    d = deployment_at(m, IN_SYNC)
    s = spec_at(m, d)
    # The status tells of what was asked for when the sync began, whatever is scaled in it.
    m[W_ASKED] = total_spec(m)
    scaled = False
    for i in range(m[W_READ]):
        rs = work_at(m, i)
        # What was read: the new one, if it was just written, has the same size and annotation.
        if rules.is_scaling_event(m[rs + R_SPEC], m[rs + R_DESIRED_ANNOTATION], m[s + S_DESIRED]):
            scaled = True
    if m[s + S_PAUSED] or scaled:
        resize(m)
    elif m[s + S_ROLLING]:
        if m[W_NEW] == NEVER:
            create_replicaset(m)
        else:
            roll(m)
    else:
        recreate(m)


@inner
def deployment_writes(m):
    """Carry out the write that the sync has waited for, and go on."""
    phase = m[W_PHASE_D]
    if phase == PAUSING:
        if write_deployment(m):
            adopt(m)
        else:
            sync_over(m, False)
    elif phase == ADOPTING:
        rs = work_at(m, m[W_NEW])
        if not write_replicaset(m, rs):
            sync_over(m, False)
        elif m[spec_at(m, deployment_at(m, IN_SYNC)) + S_PAUSED] == 0:
            # isScalingEvent has written the change; what comes after it writes it to the now stale object.
            write_soon(m, ADOPTING_AGAIN)
        else:
            go_on(m)
    elif phase == ADOPTING_AGAIN:
        sync_over(m, False)
    elif phase == REVISING:
        if write_deployment(m):
            go_on(m)
        else:
            sync_over(m, False)
    elif phase == CREATING:
        created(m)
    elif phase == NAMING:
        if not write_deployment(m):
            sync_over(m, False)
        elif m[spec_at(m, deployment_at(m, IN_SYNC)) + S_ROLLING]:
            roll(m)
        else:
            keep_status(m, True)
    elif phase in (SCALING_NEW, STARTING_NEW):
        if size_written(m):
            keep_status(m, True)
        else:
            sync_over(m, False)
    elif phase == CLEANING:
        if size_written(m):
            m[W_DONE] += m[W_BEFORE]
            m[W_INDEX] += 1
            clean(m)
        else:
            reconciled(m, False)
    elif phase == SHRINKING:
        if size_written(m):
            m[W_BUDGET] -= m[W_BEFORE]
            m[W_DONE] += m[W_BEFORE]
            m[W_INDEX] += 1
            shrink(m)
        else:
            reconciled(m, False)
    else:
        written_too(m, phase)


@inner
def written_too(m, phase):
    if phase == STOPPING_OLD:
        if size_written(m):
            m[W_INDEX] += 1
            stop_old(m)
        else:
            sync_over(m, False)
    elif phase == RESIZING_ONE:
        if size_written(m):
            resized(m)
        else:
            sync_over(m, False)
    elif phase == RESIZING_OLD:
        if size_written(m):
            m[W_INDEX] += 1
            resize_old(m)
        else:
            sync_over(m, False)
    elif phase == RESIZING:
        if size_written(m):
            m[W_INDEX] += 1
            resize_each(m)
        else:
            sync_over(m, False)
    elif phase == DELETING:
        rs = work_at(m, m[m[A_SHARES] + 9 * (m[W_SET_ROOM] + 1) + m[W_INDEX]])
        stored = stored_at(m, m[rs + R_KEY])
        if m[stored + R_EXISTS] == 0:
            if m[W_JUDGED]:
                keep_status(m, True)  # only a paused sync ends with a failed deletion
            else:
                sync_over(m, False)
            return
        m[stored + R_EXISTS] = 0
        fly(m, stored, REPLICASET_GONE)
        log(m, LOG_HISTORY, m[rs + R_TEMPLATE], m[rs + R_REVISION])
        m[W_CHANGED] = m[W_NOW]
        m[W_INDEX] += 1
        delete_history(m)
    else:
        sync_over(m, write_deployment(m))


@inner
def created(m):
    """Create the ReplicaSet that stands behind those that were read."""
    rs = work_at(m, m[W_READ])
    for key in range(m[W_SETS]):
        stored = stored_at(m, key)
        if m[stored + R_EXISTS] and m[stored + R_TEMPLATE] == m[rs + R_TEMPLATE]:
            sync_over(m, False)  # its name is taken
            return
    store_replicaset(m, rs)
    d = deployment_at(m, IN_SYNC)
    s = spec_at(m, d)
    if m[rs + R_SPEC] > 0:
        announce(m, rs, 0)
    m[W_NEW] = m[W_READ]
    m[W_READ] += 1
    m[W_ASKED] += m[rs + R_SPEC]
    m[d + D_REVISION] = m[rs + R_REVISION]
    if m[s + S_DEADLINE] != NEVER:
        set_condition(m, d, rules.TRUE, rules.NEW_REPLICASET_CREATED, False)
    to_write(m)
    write_soon(m, NAMING)
