"""What came of a replication, as one row of whole numbers."""

from __future__ import annotations

from sim.engine.kernel.clock import log
from sim.engine.kernel.jit import inner
from sim.engine.kernel.layout import *
from sim.engine.kernel.objects import complete, deployment_at, settled, spec_at
from sim.engine.kernel.replicasets import pod_at
from sim.engine.kernel.rollouts import look_for_faults, note_drained
from sim.engine.kernel.tally import end_window, judge, passed


@inner
def finish(m):
    """Add up what held until the record ends; return when that is."""
    done = m[W_LEFTOVER] == 0 and complete(m, deployment_at(m, IS_STORED))
    last = m[W_CHANGED]
    judge(m)
    m[W_NOW] = m[W_HORIZON]
    if m[W_OPEN] == UNOPENED:
        m[W_STATUS] = BEYOND  # nothing has changed: the model knows what to measure
    for step in range(m[W_TAKEN], m[W_STEPS]):
        log(m, LOG_SKIPPED, step, why_skipped(m, step))
        done = False
    end = last if done else m[W_HORIZON]
    passed(m, max(end, m[W_TALLIED]))
    if m[W_OPEN] == OPEN:
        end_window(m, end)
    return end


@inner
def why_skipped(m, step):
    """Return why a step was not reached: the first of them may wait until all is quiet."""
    if step > m[W_TAKEN] or m[W_SESSION] != FOR_QUIET:
        return SKIPPED_HORIZON
    return SKIPPED_RESTLESS if settled(m, deployment_at(m, IS_STORED)) else SKIPPED_UNSETTLED


@inner
def conclude(m, out, means):
    """Write the outcome of the replication that was just played."""
    end = finish(m)
    if m[W_OPEN] != CLOSED:
        note_drained(m)
        m[W_PAUSED] = m[spec_at(m, deployment_at(m, IS_STORED)) + S_PAUSED]
        if m[W_COMPLETED] == NEVER:
            look_for_faults(m)
    completed = m[W_COMPLETED]
    out[X_QUIET] = 1 if m[W_LEFTOVER] == 0 else 0
    out[X_START] = m[W_STARTED]
    out[X_END] = end
    out[X_TEMPLATE] = m[W_TARGET]
    out[X_OUTCOME] = fate(m)
    out[X_COMPLETED] = completed
    out[X_FIRST_AVAILABLE] = m[W_FIRST_AVAILABLE]
    out[X_ENOUGH] = m[W_ENOUGH]
    out[X_GAP] = m[W_GAP]
    out[X_DRAINED] = m[W_DRAINED]
    out[X_EXTRA] = m[W_SURPLUS]
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
    out[X_PAUSED] = m[W_PAUSED]
    out[X_SALT] = m[W_SALT]
    means[0] = mean_availability(m, completed)
    out[X_NEVER_READY] = m[W_NEVER_READY] if completed == NEVER else 0
    out[X_LOOPING] = m[W_LOOPING] if completed == NEVER else 0
    out[X_RESTARTS] = m[W_RESTARTS] if completed == NEVER else 0
    out[X_LOOPING_POD] = m[W_LOOPING_POD] if completed == NEVER else NEVER
    out[X_MOVED] = last_move(m) if m[W_COURSES] else 0


@inner
def fate(m):
    """Return what became of the rollout: `sim.metrics.outcome`."""
    if m[W_ROLLOUTS] == 0:
        return IS_SCALED if m[W_RESIZED] else IS_UNCHANGED
    if m[W_OPEN] == CLOSED:
        return IS_ROLLED_BACK
    if m[W_COMPLETED] != NEVER:
        return IS_COMPLETE
    if m[W_DEADLINE] != NEVER:
        return IS_STUCK
    if m[W_PAUSED]:
        return IS_PAUSED
    return IS_STUCK if m[W_LEFTOVER] == 0 else IS_RUNNING


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
def last_move(m):
    """When a pod's state, or a ReplicaSet's counts, changed last: for the span of the bands."""
    last = max(m[W_LAST_STATE], m[W_LAST_ROW], m[W_CHANGED_AT], m[W_STARTED])
    for pod in range(m[W_PODS]):
        q = pod_at(m, pod)
        if m[q + P_RUNNING] == NEVER and m[q + P_DELETED] == NEVER:
            last = max(last, m[q + P_PULL_END])
    return last
