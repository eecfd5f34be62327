"""ReplicaSets are resized: one by one, or in proportion (sync.go, scale)."""

from __future__ import annotations

from sim.engine.kernel import rules
from sim.engine.kernel.clock import log, post
from sim.engine.kernel.jit import inner, words
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import (
    RESIZING,
    RESIZING_OLD,
    RESIZING_ONE,
    deployment_at,
    spec_at,
    work_at,
    write_replicaset,
    write_soon,
)
from sim.engine.kernel.status import clean_up, keep_status


@inner
def announce(m, rs, before):
    log(m, LOG_SCALED, m[rs + R_TEMPLATE], before, m[rs + R_SPEC], m[rs + R_VERSION])
    m[W_CHANGED] = m[W_NOW]
    post(m, W_D_PENDING, W_D_BUSY, W_D_TOKENS, W_D_SPENT, DEPLOYMENT_POSTS)


@inner
def scale(m, index, size, phase):
    """Ask for the size of a ReplicaSet to be written; False when there is nothing to write."""
    if m[work_at(m, index) + R_SPEC] == size:
        return False
    return write_size(m, index, size, phase)


@inner
def write_size(m, index, size, phase):
    rs = work_at(m, index)
    s = spec_at(m, deployment_at(m, IN_SYNC))
    desired = m[s + S_DESIRED]
    most = desired + m[s + S_SURGE]
    stale = rules.annotations_need_update(
        m[rs + R_DESIRED_ANNOTATION], m[rs + R_MAX_ANNOTATION], desired, most
    )
    if m[rs + R_SPEC] == size and not stale:
        return False
    m[W_SCALED] = index
    m[W_SIZE] = size
    write_soon(m, phase)
    return True


@inner
def size_written(m):
    """Write the size that `write_size` asked for; False on a conflict."""
    rs = work_at(m, m[W_SCALED])
    s = spec_at(m, deployment_at(m, IN_SYNC))
    before = m[rs + R_SPEC]
    # As it was: a conflict ends the sync, nearly always.
    desired_annotation = m[rs + R_DESIRED_ANNOTATION]
    max_annotation = m[rs + R_MAX_ANNOTATION]
    m[rs + R_SPEC] = m[W_SIZE]
    if m[W_SIZE] != before:
        m[rs + R_GENERATION] += 1
    m[rs + R_DESIRED_ANNOTATION] = m[s + S_DESIRED]
    m[rs + R_MAX_ANNOTATION] = m[s + S_DESIRED] + m[s + S_SURGE]
    if not write_replicaset(m, rs):
        m[rs + R_SPEC] = before
        if m[W_SIZE] != before:
            m[rs + R_GENERATION] -= 1
        m[rs + R_DESIRED_ANNOTATION] = desired_annotation
        m[rs + R_MAX_ANNOTATION] = max_annotation
        return False
    if m[W_SIZE] != before:
        announce(m, rs, before)
    return True


@inner
def resize(m):
    """sync.go, scale: one ReplicaSet to the Deployment's size, or several in proportion."""
    d = deployment_at(m, IN_SYNC)
    s = spec_at(m, d)
    n = m[W_READ]
    new = m[W_NEW]
    # As the original has them: the old ones by age, the new one last.
    shares = m[A_SHARES]
    count = 0
    for i in range(n):
        if i != new:
            m[shares + count] = i
            count += 1
    if new != NEVER:
        m[shares + count] = new
        count += 1
    room = m[W_SET_ROOM] + 1
    specs = words(m, shares + room, count)
    ages = words(m, shares + 2 * room, count)
    most = words(m, shares + 3 * room, count)
    for i in range(count):
        rs = work_at(m, m[shares + i])
        specs[i] = m[rs + R_SPEC]
        ages[i] = m[rs + R_CREATED]
        most[i] = m[rs + R_MAX_ANNOTATION]
    only = rules.active_or_latest(specs, ages, count - 1 if new != NEVER else NEVER)
    if only >= 0:
        if scale(m, m[shares + only], m[s + S_DESIRED], RESIZING_ONE):
            return
        resized(m)
        return
    has_new = new != NEVER
    rs = work_at(m, new if has_new else 0)
    if rules.is_saturated(
        m[s + S_DESIRED],
        has_new,
        m[rs + R_SPEC] if has_new else 0,
        m[rs + R_DESIRED_ANNOTATION] if has_new else 0,
        m[rs + R_AVAILABLE] if has_new else 0,
    ):
        m[W_INDEX] = 0
        resize_old(m)
        return
    m[W_ORDERED] = 0
    if m[s + S_ROLLING]:
        proportionally(m, count)
    m[W_INDEX] = 0
    resize_each(m)


@inner
def proportionally(m, count):
    """Share out what is added or taken away over ``count`` ReplicaSets, and note in which order."""
    d = deployment_at(m, IN_SYNC)
    s = spec_at(m, d)
    shares = m[A_SHARES]
    room = m[W_SET_ROOM] + 1
    specs = words(m, shares + room, count)
    ages = words(m, shares + 2 * room, count)
    most = words(m, shares + 3 * room, count)
    order = words(m, shares + 4 * room, count)
    sizes = words(m, shares + 5 * room, count)
    for i in range(count):
        order[i] = 0
    rules.scale_proportionally(
        specs, ages, most, m[s + S_DESIRED], m[s + S_SURGE], m[d + D_REPLICAS], order, sizes
    )
    same = True
    for i in range(count):
        if specs[i] != sizes[i]:
            same = False
    # The largest is written first; where nothing is added nothing was sorted. Each once.
    turns = 0
    for i in range(count):
        one = i if same else order[i]
        twice = False
        for j in range(turns):
            if m[shares + 6 * room + j] == one:
                twice = True
        if not twice and specs[one] > 0:
            m[shares + 6 * room + turns] = one
            turns += 1
    for i in range(turns):
        one = m[shares + 6 * room + i]
        m[shares + 7 * room + i] = m[shares + one]
        m[shares + 8 * room + i] = sizes[one]
    m[W_ORDERED] = turns


@inner
def resize_old(m):
    while m[W_INDEX] < m[W_READ]:
        i = m[W_INDEX]
        if i != m[W_NEW] and m[work_at(m, i) + R_SPEC] > 0 and scale(m, i, 0, RESIZING_OLD):
            return
        m[W_INDEX] += 1
    resized(m)


@inner
def resize_each(m):
    room = m[W_SET_ROOM] + 1
    shares = m[A_SHARES]
    while m[W_INDEX] < m[W_ORDERED]:
        i = m[shares + 7 * room + m[W_INDEX]]
        size = m[shares + 8 * room + m[W_INDEX]]
        if write_size(m, i, size, RESIZING):
            return
        m[W_INDEX] += 1
    resized(m)


@inner
def resized(m):
    s = spec_at(m, deployment_at(m, IN_SYNC))
    m[W_JUDGED] = 0
    if m[s + S_PAUSED]:
        clean_up(m)
        return
    keep_status(m, False)
