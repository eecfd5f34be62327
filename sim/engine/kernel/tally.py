"""The measures, counted while time passes: what `sim.metrics` reads out of a trace, in whole numbers.

`settle` is called before a tallied number changes: what held until now is added up, and judged once the
instant is over, for of several rows in one moment the last one counts. W_OPEN says what becomes of the
window in which that is done: see `rollouts`.
"""

from __future__ import annotations

from sim.engine.kernel.clock import log
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.rules import (
    DEADLINE_EXCEEDED,
    FOUND_NEW_REPLICASET,
    NEW_REPLICASET_CREATED,
    REPLICASET_UPDATED,
    RESUMED,
)


@inner
def template_at(m, template):
    return m[A_TEMPLATE] + template * TEMPLATE


@inner
def settle(m):
    """Add up what has held since the last change, if that was not in this instant."""
    if m[W_NOW] > m[W_TALLIED]:
        judge(m)
        passed(m, m[W_NOW])


@inner
def judge(m):
    """See what the numbers say at the end of the instant W_TALLIED."""
    if m[W_COURSES]:
        note_course(m)
    judge_progress(m)
    if m[W_OPEN] != OPEN:
        return
    available = m[W_AVAILABLE]
    desired = m[W_DESIRED]
    if desired > 0:
        share = min(available, desired)
        # The least of fractions, compared without dividing.
        if share * m[W_LEAST_D] < m[W_LEAST_A] * desired:
            m[W_LEAST_A] = share
            m[W_LEAST_D] = desired
    missing = max(desired - available, 0)
    if missing > m[W_DEEPEST]:
        m[W_DEEPEST] = missing
    if m[W_READY] < m[W_LEAST_READY]:
        m[W_LEAST_READY] = m[W_READY]
    if m[W_LIVE] > m[W_MOST_PODS]:
        m[W_MOST_PODS] = m[W_LIVE]
    if m[W_PHYSICAL] > m[W_MOST_PHYSICAL]:
        m[W_MOST_PHYSICAL] = m[W_PHYSICAL]
    t = template_at(m, m[W_TARGET])
    if m[t + T_ROWS] == 0:
        return
    if m[W_FIRST_AVAILABLE] == NEVER and m[t + T_AVAILABLE] > 0:
        m[W_FIRST_AVAILABLE] = m[W_TALLIED]
    if m[W_ENOUGH] == NEVER and m[t + T_READY] >= m[W_NEEDED]:
        m[W_ENOUGH] = m[W_TALLIED]
    if (
        m[W_COMPLETED] == NEVER
        and m[W_S_UPDATED] == desired
        and m[W_S_CURRENT] == desired
        and m[W_S_AVAILABLE] == desired
        and m[t + T_CURRENT] == desired
        and m[t + T_AVAILABLE] == desired
        and m[W_COUNTED] == desired
    ):
        m[W_COMPLETED] = m[W_TALLIED]
        m[W_MEAN_AT_A] = min(available, desired)
        m[W_MEAN_AT_D] = desired
        for spec in range(m[W_SPECS]):
            for word in range(2):
                m[m[A_MEAN] + 4 * spec + 2 + word] = m[m[A_MEAN] + 4 * spec + word]
        if m[W_ROLLOUTS]:
            end_window(m, m[W_TALLIED])
            m[W_OPEN] = OVER


@inner
def judge_progress(m):
    """Follow the clock of the progress deadline, which counts from the condition's last update."""
    reason = m[W_LAST_REASON]
    stamp = m[W_LAST_UPDATE]
    if reason == m[W_JUDGED_REASON] and stamp == m[W_JUDGED_UPDATE]:
        return
    if m[W_OPEN] == OPEN:
        note_gap(m, m[W_TALLIED])
        if reason == DEADLINE_EXCEEDED and m[W_JUDGED_REASON] != reason and m[W_DEADLINE] == NEVER:
            m[W_DEADLINE] = m[W_TALLIED]
    if reason in (NEW_REPLICASET_CREATED, FOUND_NEW_REPLICASET, REPLICASET_UPDATED, RESUMED):
        m[W_GAP_FROM] = stamp
    elif reason != DEADLINE_EXCEEDED:
        m[W_GAP_FROM] = FOREVER
    m[W_JUDGED_REASON] = reason
    m[W_JUDGED_UPDATE] = stamp


@inner
def note_gap(m, now):
    if m[W_GAP_FROM] != FOREVER:
        m[W_GAP] = max(m[W_GAP], now - m[W_GAP_FROM])


@inner
def end_window(m, end):
    """End what goes on in an open window: a dip, and the time without progress."""
    note_gap(m, end)
    if m[W_DIP] != NEVER:
        m[W_LONGEST_DIP] = max(m[W_LONGEST_DIP], end - m[W_DIP])
        m[W_DIP] = NEVER


@inner
def note_course(m):
    row = m[W_COURSE_ROWS]
    if row >= m[W_COURSE_ROOM]:
        m[W_STATUS] = MORE_LOG
        return
    m[W_COURSE_ROWS] = row + 1
    at = m[A_COURSE] + row * COURSE_WIDTH
    m[at] = m[W_TALLIED]
    m[at + 1] = m[W_AVAILABLE]
    m[at + 2] = m[W_LIVE]
    m[at + 3] = m[W_PHYSICAL]


@inner
def passed(m, until):
    """Add up the time from W_TALLIED to ``until``."""
    began = m[W_TALLIED]
    m[W_TALLIED] = until
    if m[W_OPEN] in (UNOPENED, CLOSED):
        return
    time = until - began
    available = m[W_AVAILABLE]
    desired = m[W_DESIRED]
    if m[W_PHYSICAL] > desired:
        m[W_EXTRA] += time * (m[W_PHYSICAL] - desired)
    if m[W_OPEN] == OVER:
        return
    mean = m[A_MEAN] + 4 * m[W_EPOCH]
    m[mean] += time * min(available, desired)
    m[mean + 1] += time
    if available < desired:
        m[W_BELOW] += time
        if m[W_DIP] == NEVER:
            m[W_DIP] = began
    elif m[W_DIP] != NEVER:
        m[W_LONGEST_DIP] = max(m[W_LONGEST_DIP], began - m[W_DIP])
        m[W_DIP] = NEVER
    if available < m[W_FLOOR]:
        m[W_BELOW_FLOOR] += time


@inner
def look_afresh(m):
    m[W_COMPLETED] = NEVER
    m[W_FIRST_AVAILABLE] = NEVER


@inner
def show_replicaset(m, key, template, revision, spec, current, ready, available, kind):
    """The informers see a ReplicaSet: a row of the trace if it says anything new."""
    t = template_at(m, template)
    if (
        m[t + T_ROWS] > 0
        and m[t + T_REVISION] == revision
        and m[t + T_SPEC] == spec
        and m[t + T_CURRENT] == current
        and m[t + T_READY] == ready
        and m[t + T_AVAILABLE] == available
    ):
        return
    settle(m)
    m[W_CHANGED] = m[W_NOW]
    m[W_LAST_ROW] = m[W_NOW]
    revised = m[t + T_ROWS] == 0 or m[t + T_REVISION] != revision
    if revised and m[W_OPEN] != UNOPENED and template == m[W_TARGET] and m[W_REVISED] == 0:
        m[W_REVISED] = 1
        if m[W_OPEN] == OVER:
            m[W_STATUS] = BEYOND  # a status of before called it complete
        look_afresh(m)
    m[t + T_ROWS] += 1
    m[W_COUNTED] += current - m[t + T_CURRENT]
    m[W_READY] += ready - m[t + T_READY]
    m[W_AVAILABLE] += available - m[t + T_AVAILABLE]
    m[t + T_REVISION] = revision
    m[t + T_SPEC] = spec
    m[t + T_CURRENT] = current
    m[t + T_READY] = ready
    m[t + T_AVAILABLE] = available
    log(m, kind, key, template, revision, spec, current, ready, available)


@inner
def show_deployment(m, d):
    """The informers see the Deployment, whose record begins at word ``d``."""
    s = m[A_SPEC] + m[d + D_SPEC] * SPEC
    if m[W_S_SEEN]:
        at = m[A_DEPLOYMENT] + IS_SEEN * DEPLOYMENT
        was = m[A_SPEC] + m[at + D_SPEC] * SPEC
        ceiling = m[s + S_DESIRED] + m[s + S_SURGE]
        counts = (
            m[s + S_DESIRED] == m[was + S_DESIRED]
            and m[at + D_REPLICAS] == m[d + D_REPLICAS]
            and m[at + D_UPDATED] == m[d + D_UPDATED]
            and m[at + D_READY] == m[d + D_READY]
            and m[at + D_AVAILABLE] == m[d + D_AVAILABLE]
            and m[at + D_UNAVAILABLE] == m[d + D_UNAVAILABLE]
            and m[at + D_STATUS] == m[d + D_STATUS]
            and m[at + D_REASON] == m[d + D_REASON]
            and m[at + D_LAST_UPDATE] == m[d + D_LAST_UPDATE]
        )
        limits = (
            m[W_CEILING] == ceiling
            and m[W_FLOOR] == m[s + S_FLOOR]
            and m[was + S_DESIRED] == m[s + S_DESIRED]
        )
        if counts and limits:
            return
    settle(m)
    m[W_CHANGED] = m[W_NOW]
    m[W_DESIRED] = m[s + S_DESIRED]
    m[W_EPOCH] = m[d + D_SPEC]
    m[W_CEILING] = m[s + S_DESIRED] + m[s + S_SURGE]
    m[W_FLOOR] = m[s + S_FLOOR]
    m[W_S_UPDATED] = m[d + D_UPDATED]
    m[W_S_CURRENT] = m[d + D_REPLICAS]
    m[W_S_AVAILABLE] = m[d + D_AVAILABLE]
    m[W_LAST_REASON] = m[d + D_REASON]
    m[W_LAST_UPDATE] = m[d + D_LAST_UPDATE]
    log(m, LOG_DEPLOYMENT, m[d + D_SPEC], m[d + D_REPLICAS], m[d + D_UPDATED], m[d + D_READY],
        m[d + D_AVAILABLE], m[d + D_UNAVAILABLE], m[d + D_STATUS], m[d + D_REASON],
        m[d + D_LAST_UPDATE])  # fmt: skip


@inner
def came(m, template):
    """A pod of a template is created."""
    settle(m)
    m[W_PHYSICAL] += 1
    m[W_LIVE] += 1
    m[template_at(m, template) + T_ALIVE] += 1
    m[W_LAST_STATE] = m[W_NOW]


@inner
def leaves(m):
    """A pod is marked for deletion."""
    settle(m)
    m[W_LIVE] -= 1


@inner
def went(m, template):
    """A pod of a template is gone."""
    settle(m)
    m[W_PHYSICAL] -= 1
    t = template_at(m, template)
    m[t + T_ALIVE] -= 1
    m[t + T_LAST_GONE] = m[W_NOW]
    m[t + T_EXTRA] = m[W_EXTRA]
    m[W_LAST_STATE] = m[W_NOW]


@inner
def told(m, q, pod, state):
    """A pod's state changes in a way that its moments do not tell."""
    m[W_CHANGED] = m[W_NOW]
    m[W_LAST_STATE] = m[W_NOW]
    m[q + P_TOLD] = m[W_NOW]
    m[q + P_TOLD_AVAILABLE] = 1 if state == STATE_AVAILABLE else 0
    log(m, LOG_STATE, pod, state)
