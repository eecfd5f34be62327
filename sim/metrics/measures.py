"""What one rollout cost and risked, in numbers: each measure is defined once, here."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from sim.metrics.outcome import outcome, why_not_complete
from sim.metrics.rollout import Rollout
from sim.metrics.steps import (
    Floats,
    longest_where,
    microseconds,
    step_at,
    step_cut,
    step_integral,
    step_max,
    step_min,
    time_where,
)
from sim.trace import Trace


class Meaning(NamedTuple):
    """A measure's unit ("s", "pods", "pod s", "ratio", "yes/no", "text"), its meaning in one line, and
    which way is better.
    """

    unit: str
    meaning: str
    better: str | None


MEASURES: dict[str, Meaning] = {
    "outcome": Meaning(
        "text", "complete, rolled_back, superseded, stuck, paused, running; scaled or unchanged", None
    ),
    "complete": Meaning("yes/no", "the version became complete", "higher"),
    "duration_s": Meaning("s", "from the change of the template until its version is complete", "lower"),
    "drained_s": Meaning("s", "until the last pod of every older version is gone", "lower"),
    "first_available_s": Meaning("s", "until a first pod of the version is available", "lower"),
    "enough_ready_s": Meaning(
        "s",
        "until as many pods of the version are ready as maxUnavailable asks for (Helm 3 waits for that)",
        "lower",
    ),
    "min_availability": Meaning("ratio", "least available / desired pods at any moment, at most 1", "higher"),
    "mean_availability": Meaning(
        "ratio", "mean over time of available / desired, surplus not counted", "higher"
    ),
    "below_desired_s": Meaning("s", "time with fewer pods available than desired", "lower"),
    "below_floor_s": Meaning("s", "time with fewer pods available than maxUnavailable allows", "lower"),
    "min_ready": Meaning("pods", "fewest ready pods at any moment", "higher"),
    "peak_pods": Meaning("pods", "most pods that exist and are not stopping at any moment", "lower"),
    "peak_physical": Meaning(
        "pods", "most pods that hold room at any moment, stopping ones included", "lower"
    ),
    "extra_pod_s": Meaning(
        "pod s", "pods beyond the desired number, summed over time until drained", "lower"
    ),
    "deepest_dip": Meaning("pods", "most pods missing from the desired number at any moment", "lower"),
    "longest_dip_s": Meaning(
        "s", "longest uninterrupted time with fewer pods available than desired", "lower"
    ),
    "stuck": Meaning("yes/no", "it never was complete, and nothing will move it", "lower"),
    "stuck_reason": Meaning("text", "why it was never complete, in one clause", None),
    "longest_gap_s": Meaning(
        "s", "longest time without progress, as the progress deadline counts it", "lower"
    ),
    "deadline_exceeded_s": Meaning("s", "until the progress deadline is first exceeded", "higher"),
}


OTHER_WORDS = {"peak_counted": "peak_pods"}
"""What a measure was called before: understood wherever one is named, and never printed."""


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of one rollout. "Window" is from its beginning (its template is asked for) until it is
    complete, or the next rollout of its Deployment begins, or else ended_s of the trace; durations count from
    its beginning, in seconds. Of a Deployment without a rollout the window is from its first change, or the
    trace's, to ended_s, and complete is what it is after its last change.

    Counts are those of the controllers' status (what `kubectl get` shows), except for the peaks, which are
    counted from the pods. A number of pods that lasts for no time, between two rows of one moment, does not
    count. Where 0 pods are desired, availability is 1 and nothing is below.

    outcome: what became of it, one of `sim.spec.expectations.OUTCOMES`.
    complete: whether its version was complete (updated = current = available = desired) before the next
        rollout began.
    duration_s: until the first such moment, >= 0; inf if never.
    drained_s: until the last pod of another version is gone, >= 0 (0 without such pods); inf if never before
        the next rollout.
    first_available_s: until its version counts a first pod available, >= 0; inf if never.
    enough_ready_s: until its ReplicaSet has desired - maxUnavailable pods ready (Recreate: desired), >= 0;
        inf if never. helm 3.18, pkg/kube/ready.go, deploymentReady, waits for that.
    min_availability: least min(1, available / desired) in the window, 0..1.
    mean_availability: mean over time of min(1, available / desired) in the window, or until complete, 0..1;
        capped at 1 moment by moment, so that surge pods cannot make up for a dip.
    below_desired_s: time of the window with available < desired, >= 0.
    below_floor_s: time of the window with available < desired - maxUnavailable, >= 0; nan when the record has
        no limits.
    min_ready: fewest ready pods in the window, >= 0.
    peak_pods: most pods created and not yet marked for deletion in the window, >= 0; counted from the pods,
        never the sum of statuses, which lag.
    peak_physical: most pods created and not yet gone in the window, >= 0: those that hold room, Terminating
        ones included.
    extra_pod_s: integral of max(0, physical pods - desired) from the start until drained (else to the next
        rollout, or ended_s), pod seconds, >= 0.
    deepest_dip: greatest max(0, desired - available) in the window, pods, >= 0.
    longest_dip_s: longest uninterrupted time of the window with available < desired, >= 0.
    stuck: whether the outcome is "stuck"; stuck_reason: why it was never complete, in one clause, else "".
    longest_gap_s: the longest time without progress as progressDeadlineSeconds counts it, >= 0: from the last
        update of the Progressing condition, cut to a whole second, to the next, or to the window's end; nan
        where no deadline counts.
    deadline_exceeded_s: until the Progressing condition first says ProgressDeadlineExceeded, >= 0; inf if
        never.
    """

    outcome: str
    complete: bool
    duration_s: float
    drained_s: float
    first_available_s: float
    enough_ready_s: float
    min_availability: float
    mean_availability: float
    below_desired_s: float
    below_floor_s: float
    min_ready: int
    peak_pods: int
    peak_physical: int
    extra_pod_s: float
    deepest_dip: int
    longest_dip_s: float
    stuck: bool
    stuck_reason: str
    longest_gap_s: float
    deadline_exceeded_s: float

    def as_dict(self) -> dict[str, bool | int | float | str | None]:
        """Return the measures in their fixed order, fit for strict JSON: None for nan and for infinity, which
        is a moment that never came.
        """
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def measure(trace: Trace, deployment: str | None = None) -> Measures:
    """Return the measures of one Deployment (None: the trace's first): of the last rollout that it was asked
    for, undos left out. Raises ValueError when the trace has none of that name.
    """
    return measure_rollout(Rollout(trace, deployment))


def measure_rollout(rollout: Rollout) -> Measures:
    """Return the measures of a rollout that has been read already."""
    start, end = rollout.started_s, rollout.until_s
    grid, (available, desired) = rollout.sampled("available", "desired")
    became = outcome(rollout)
    ratio = availability(available, desired)
    missing = np.maximum(desired - available, 0.0)
    complete = math.isfinite(rollout.completed_s)
    extra_grid, (physical, wanted) = rollout.sampled("physical", "desired")
    return Measures(
        outcome=became,
        complete=complete,
        duration_s=_exact(rollout.completed_s - start),
        drained_s=_exact(rollout.drained_s - start),
        first_available_s=_exact(rollout.first_available_s - start),
        enough_ready_s=_exact(rollout.enough_ready_s - start),
        min_availability=step_min(grid, ratio, start, end),
        mean_availability=mean_availability(grid, available, desired, start, min(rollout.completed_s, end)),
        below_desired_s=_exact(time_where(grid, missing > 0, start, end)),
        below_floor_s=_below_floor(rollout, start, end),
        min_ready=int(step_min(*rollout.series("ready"), start, end)),
        peak_pods=int(step_max(*rollout.series("pods"), start, end)),
        peak_physical=int(step_max(*rollout.series("physical"), start, end)),
        extra_pod_s=_exact(
            step_integral(extra_grid, np.maximum(physical - wanted, 0.0), start, rollout.drained_until_s)
        ),
        deepest_dip=int(step_max(grid, missing, start, end)),
        longest_dip_s=_exact(longest_where(grid, missing > 0, start, end)),
        stuck=became == "stuck",
        stuck_reason=why_not_complete(rollout),
        longest_gap_s=round(rollout.longest_gap_s, 6),
        deadline_exceeded_s=_exact(rollout.deadline_exceeded_s - start),
    )


def availability(available: Floats, desired: Floats) -> Floats:
    """Return min(1, available / desired) moment by moment, 1 where nothing is desired."""
    nothing = desired <= 0
    return np.where(nothing, 1.0, np.minimum(1.0, available / np.where(nothing, 1.0, desired)))


def mean_availability(grid: Floats, available: Floats, desired: Floats, start: float, end: float) -> float:
    """Return the mean over time of `availability` on [start, end], to 9 digits.

    Times are added up as whole microseconds, and divided once for every number of pods that was desired: the
    same on every machine, and whoever adds them up.
    """
    if grid.size == 0:
        return float("nan")
    at, held = step_cut(grid, np.minimum(available, desired), start, end)
    _, wanted = step_cut(grid, desired, start, end)
    lengths = microseconds(np.diff(np.append(at, end)))
    if not lengths.any():
        return float(availability(held[:1], wanted[:1])[0])
    mean = 0.0
    for number in np.unique(wanted):
        there = wanted == number
        shares = held[there].astype(np.int64) if number > 0 else 1
        mean += int((lengths[there] * shares).sum()) / max(int(number), 1)
    return round(mean / int(lengths.sum()), 9)


def least_available(rollout: Rollout) -> tuple[float, float, float]:
    """Return (moment on the scenario's clock, available, desired) of the least share in the window; the
    first of equal ones.
    """
    start, end = rollout.record.began_s, rollout.trace.ended_s
    grid, (available, desired) = rollout.sampled("available", "desired")
    at, ratio = step_cut(grid, availability(available, desired), start, end)
    place = int(np.argmin(ratio))
    moment = at[place : place + 1]
    return (
        float(moment[0]),
        float(step_at(grid, available, moment)[0]),
        float(step_at(grid, desired, moment)[0]),
    )


def _below_floor(rollout: Rollout, start: float, end: float) -> float:
    if rollout.series("floor")[0].size == 0:
        return float("nan")
    grid, (available, floor) = rollout.sampled("available", "floor")
    return _exact(time_where(grid, available < floor, start, end))


def _exact(seconds: float) -> float:
    # A trace is exact to the microsecond; what subtraction leaves below that is noise, which would differ
    # between machines.
    return round(max(0.0, seconds), 6)


def _plain(value: Any) -> bool | int | float | str | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value
