"""What came of a replication, as one row of whole numbers."""

from __future__ import annotations

from sim.engine.kernel.clock import log
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import complete, deployment_at
from sim.engine.kernel.queues import owned_at
from sim.engine.kernel.replicasets import pod_at
from sim.engine.kernel.rules import PAUSED
from sim.engine.kernel.tally import judge, passed, template_at


@inner
def finish(m):
    """Add up what held until the record ends; return when that is."""
    done = m[W_LEFTOVER] == 0 and complete(m, deployment_at(m, IS_STORED))
    last = m[W_CHANGED]
    judge(m)
    m[W_NOW] = m[W_HORIZON]
    if m[W_OPEN] == 0:
        m[W_STATUS] = BEYOND  # nothing has changed: the model knows what to measure
    for step in range(m[W_TAKEN], m[W_STEPS]):
        log(m, LOG_SKIPPED, step, SKIPPED_HORIZON)
        done = False
    end = last if done else m[W_HORIZON]
    passed(m, max(end, m[W_TALLIED]))
    if m[W_DIP] != NEVER:
        m[W_LONGEST_DIP] = max(m[W_LONGEST_DIP], end - m[W_DIP])
    return end


@inner
def newest_template(m):
    """Return the template of the ReplicaSet with the highest revision if the last change asks for it, or
    NEVER.
    """
    found = NEVER
    for template in range(m[W_TEMPLATES]):
        t = template_at(m, template)
        if m[t + T_ROWS] == 0:
            continue
        if found != NEVER:
            best = template_at(m, found)
            if m[t + T_REVISION] < m[best + T_REVISION]:
                continue
            if m[t + T_REVISION] == m[best + T_REVISION] and m[t + T_APPEARED] < m[best + T_APPEARED]:
                continue
        found = template
    return found if found == m[W_WANTED] else NEVER


@inner
def conclude(m, out, means):
    """Write the outcome of the replication that was just played."""
    end = finish(m)
    out[X_QUIET] = 1 if m[W_LEFTOVER] == 0 else 0
    out[X_START] = m[W_STARTED]
    out[X_END] = end
    newest = newest_template(m)
    out[X_TEMPLATE] = newest
    completed = m[W_COMPLETED] if newest != NEVER else NEVER
    out[X_COMPLETED] = completed
    out[X_FIRST_AVAILABLE] = m[W_FIRST_AVAILABLE] if newest != NEVER else NEVER
    drained = m[W_STARTED]
    surplus = 0
    for template in range(m[W_TEMPLATES]):
        t = template_at(m, template)
        if template == newest:
            continue
        if m[t + T_ALIVE] > 0:
            drained = NEVER
            break
        if m[t + T_LAST_GONE] > drained:
            drained = m[t + T_LAST_GONE]
            surplus = m[t + T_EXTRA]
    if newest == NEVER:
        drained = NEVER
    out[X_DRAINED] = drained
    out[X_EXTRA] = surplus if drained != NEVER else m[W_EXTRA]
    out[X_LEAST_A] = m[W_LEAST_A]
    out[X_LEAST_D] = m[W_LEAST_D]
    out[X_BELOW] = m[W_BELOW]
    out[X_BELOW_FLOOR] = m[W_BELOW_FLOOR]
    out[X_LEAST_READY] = m[W_LEAST_READY]
    out[X_MOST_PODS] = m[W_MOST_PODS]
    out[X_MOST_PHYSICAL] = m[W_MOST_PHYSICAL]
    out[X_DEEPEST] = m[W_DEEPEST]
    out[X_LONGEST_DIP] = m[W_LONGEST_DIP]
    out[X_DEADLINE] = m[W_DEADLINE]
    out[X_PAUSED] = 1 if m[W_LAST_REASON] == PAUSED else 0
    out[X_SALT] = m[W_SALT]
    means[0] = mean_availability(m, completed)
    out[X_NEVER_READY] = 0
    out[X_LOOPING] = 0
    out[X_RESTARTS] = 0
    out[X_LOOPING_POD] = NEVER
    if completed == NEVER and newest != NEVER:
        look_for_faults(m, out, newest)
    out[X_MOVED] = last_move(m) if m[W_COURSES] else 0


@inner
def mean_availability(m, completed):
    """The mean of available / desired, each at most 1, over the window until it is complete."""
    words = 0 if completed == NEVER else 2
    total = 0
    for spec in range(m[W_SPECS]):
        total += m[m[A_MEAN] + 4 * spec + words + 1]
    if total == 0:
        share, desired = (min(m[W_AVAILABLE], m[W_DESIRED]), m[W_DESIRED])
        if completed != NEVER:
            share, desired = (m[W_MEAN_AT_A], m[W_MEAN_AT_D])
        return share / desired if desired > 0 else 1.0
    # One desired number after the other, from the least: sums of whole numbers, divided once each.
    mean = 0.0
    last = NEVER
    while True:
        desired = FOREVER
        for spec in range(m[W_SPECS]):
            number = m[m[A_SPEC] + spec * SPEC + S_DESIRED]
            if last < number < desired:
                desired = number
        if desired == FOREVER:
            return mean / total
        parts = 0
        for spec in range(m[W_SPECS]):
            if m[m[A_SPEC] + spec * SPEC + S_DESIRED] == desired:
                parts += m[m[A_MEAN] + 4 * spec + words + (1 if desired == 0 else 0)]
        mean += parts / max(desired, 1)
        last = desired


@inner
def look_for_faults(m, out, newest):
    """Count what keeps the newest ReplicaSet's pods: those never ready, those in a crash loop."""
    for pod in range(m[W_PODS]):
        q = pod_at(m, pod)
        if m[owned_at(m, m[q + P_REPLICASET]) + O_TEMPLATE] != newest or m[q + P_DELETED] != NEVER:
            continue
        if m[q + P_READY_FIRST] == NEVER:
            out[X_NEVER_READY] += 1
        if m[q + P_RESTARTS] > 1:
            told = m[q + P_TOLD]
            available = m[q + P_AVAILABLE]
            if m[q + P_TOLD_AVAILABLE] == 1 if told > available else available != NEVER:
                continue
            out[X_LOOPING] += 1
            out[X_RESTARTS] += m[q + P_RESTARTS]
            out[X_LOOPING_POD] = pod


@inner
def last_move(m):
    """When a pod's state, or a ReplicaSet's counts, changed last: for the span of the bands."""
    last = max(m[W_LAST_STATE], m[W_LAST_ROW], m[W_CHANGED_AT], m[W_STARTED])
    for pod in range(m[W_PODS]):
        q = pod_at(m, pod)
        if m[q + P_RUNNING] == NEVER and m[q + P_DELETED] == NEVER:
            last = max(last, m[q + P_PULL_END])
    return last
