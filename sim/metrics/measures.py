"""What one rollout cost and risked, in numbers: each measure is defined once, here."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from sim.metrics.rollout import Rollout
from sim.metrics.steps import (
    Floats,
    longest_where,
    step_at,
    step_cut,
    step_integral,
    step_max,
    step_mean,
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
    "complete": Meaning("yes/no", "the Deployment became complete after its last change", "higher"),
    "duration_s": Meaning("s", "from the first template change until the Deployment is complete", "lower"),
    "drained_s": Meaning("s", "until the last pod of every older version is gone", "lower"),
    "first_available_s": Meaning("s", "until a first pod of the newest version is available", "lower"),
    "min_availability": Meaning("ratio", "least available / desired pods at any moment, at most 1", "higher"),
    "mean_availability": Meaning(
        "ratio", "mean over time of available / desired, surplus not counted", "higher"
    ),
    "below_desired_s": Meaning("s", "time with fewer pods available than desired", "lower"),
    "below_floor_s": Meaning("s", "time with fewer pods available than maxUnavailable allows", "lower"),
    "min_ready": Meaning("pods", "fewest ready pods at any moment", "higher"),
    "peak_counted": Meaning("pods", "most pods at any moment, Terminating ones not counted", "lower"),
    "peak_physical": Meaning("pods", "most pods at any moment, Terminating ones included", "lower"),
    "extra_pod_s": Meaning(
        "pod s", "pods beyond the desired number, summed over time until drained", "lower"
    ),
    "deepest_dip": Meaning("pods", "most pods missing from the desired number at any moment", "lower"),
    "longest_dip_s": Meaning(
        "s", "longest uninterrupted time with fewer pods available than desired", "lower"
    ),
    "stuck": Meaning("yes/no", "the record ends with the Deployment's last change never complete", "lower"),
    "stuck_reason": Meaning("text", "why it is stuck, in one clause", None),
    "deadline_exceeded_s": Meaning("s", "until the progress deadline is first exceeded", "higher"),
}


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of one rollout. "Window" is from its Deployment's first template change to ended_s of
    the trace; durations count from its beginning, in seconds.

    Counts are those of the controllers' status (what `kubectl get` shows), except for the two "physical"
    ones. A number of pods that lasts for no time, between two rows of one moment, does not count. Where 0
    pods are desired, availability is 1 and nothing is below.

    complete: whether the Deployment was complete (updated = current = available = desired) at a moment after
        its last template change.
    duration_s: until the first such moment, >= 0; inf if never.
    drained_s: until the last pod of another than the newest revision is gone, >= 0 (0 without such pods); inf
        if never.
    first_available_s: until the newest revision counts a first pod available, >= 0; inf if never.
    min_availability: least min(1, available / desired) in the window, 0..1.
    mean_availability: mean over time of min(1, available / desired) from the start until complete (else to
        the window's end), 0..1; capped at 1 moment by moment, so that surge pods cannot make up for a dip.
    below_desired_s: time of the window with available < desired, >= 0.
    below_floor_s: time of the window with available < desired - maxUnavailable, >= 0; nan when the record has
        no limits.
    min_ready: fewest ready pods in the window, >= 0.
    peak_counted: most pods of all ReplicaSets' `current` in the window (Terminating pods not counted), >= 0.
    peak_physical: most pods created and not yet gone in the window (Terminating pods included), >= 0.
    extra_pod_s: integral of max(0, physical pods - desired) from the start until drained (else to the
        window's end), pod seconds, >= 0.
    deepest_dip: greatest max(0, desired - available) in the window, pods, >= 0.
    longest_dip_s: longest uninterrupted time of the window with available < desired, >= 0.
    stuck: not complete; stuck_reason: why, in one clause, "" when not stuck.
    deadline_exceeded_s: until the Progressing condition first says ProgressDeadlineExceeded, >= 0; inf if
        never.
    """

    complete: bool
    duration_s: float
    drained_s: float
    first_available_s: float
    min_availability: float
    mean_availability: float
    below_desired_s: float
    below_floor_s: float
    min_ready: int
    peak_counted: int
    peak_physical: int
    extra_pod_s: float
    deepest_dip: int
    longest_dip_s: float
    stuck: bool
    stuck_reason: str
    deadline_exceeded_s: float

    def as_dict(self) -> dict[str, bool | int | float | str | None]:
        """Return the measures in their fixed order, fit for strict JSON: nan as None, infinity as "inf"."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def measure(trace: Trace, deployment: str | None = None) -> Measures:
    """Return the measures of one Deployment (None: the trace's first). Raises ValueError when the trace has
    none of that name.
    """
    return measure_rollout(Rollout(trace, deployment))


def measure_rollout(rollout: Rollout) -> Measures:
    """Return the measures of a rollout that has been read already."""
    start, end = rollout.started_s, rollout.trace.ended_s
    grid, (available, desired) = rollout.sampled("available", "desired")
    ratio = availability(available, desired)
    missing = np.maximum(desired - available, 0.0)
    complete = math.isfinite(rollout.completed_s)
    extra_grid, (physical, wanted) = rollout.sampled("physical", "desired")
    return Measures(
        complete=complete,
        duration_s=_exact(rollout.completed_s - start),
        drained_s=_exact(rollout.drained_s - start),
        first_available_s=_exact(rollout.first_available_s - start),
        min_availability=step_min(grid, ratio, start, end),
        mean_availability=round(step_mean(grid, ratio, start, min(rollout.completed_s, end)), 9),
        below_desired_s=_exact(time_where(grid, missing > 0, start, end)),
        below_floor_s=_below_floor(rollout, start, end),
        min_ready=int(step_min(*rollout.series("ready"), start, end)),
        peak_counted=int(step_max(*rollout.series("counted"), start, end)),
        peak_physical=int(step_max(*rollout.series("physical"), start, end)),
        extra_pod_s=_exact(
            step_integral(extra_grid, np.maximum(physical - wanted, 0.0), start, min(rollout.drained_s, end))
        ),
        deepest_dip=int(step_max(grid, missing, start, end)),
        longest_dip_s=_exact(longest_where(grid, missing > 0, start, end)),
        stuck=not complete,
        stuck_reason="" if complete else stuck_reason(rollout),
        deadline_exceeded_s=_exact(rollout.deadline_exceeded_s - start),
    )


def availability(available: Floats, desired: Floats) -> Floats:
    """Return min(1, available / desired) moment by moment, 1 where nothing is desired."""
    nothing = desired <= 0
    return np.where(nothing, 1.0, np.minimum(1.0, available / np.where(nothing, 1.0, desired)))


def least_available(rollout: Rollout) -> tuple[float, float, float]:
    """Return (moment on the scenario's clock, available, desired) of the least share in the window; the
    first of equal ones.
    """
    start, end = rollout.started_s, rollout.trace.ended_s
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


def stuck_reason(rollout: Rollout) -> str:
    """Return why a rollout that is not complete is stuck: what its pods do, and how the record ends, in one
    clause.
    """
    start = rollout.started_s
    cause = _pods_at_fault(rollout)
    if math.isfinite(rollout.deadline_exceeded_s):
        after = rollout.deadline_exceeded_s - start
        effect = (
            f"progress deadline exceeded at {after:.0f} s"
            if after >= 100
            else f"progress deadline exceeded at {after:.3g} s"
        )
    elif rollout.last_reason == "DeploymentPaused":
        effect = "the Deployment is paused"
    else:
        effect = f"not complete at the horizon of {rollout.trace.horizon_s:.6g} s"
        if rollout.trace.quiet:
            effect += ", and nothing is left to happen"
    return f"{cause}, {effect}" if cause else effect


def _pods_at_fault(rollout: Rollout) -> str:
    """Return "crash loop: …" or "N pods never ready" about the newest revision's pods, "" when they are not
    to blame.
    """
    if rollout.newest is None:
        return ""
    pods = rollout.pods
    rows = zip(pods["pod"], pods["replicaset"], pods["ready_s"], pods["deleted_s"], strict=True)
    living = {
        pod: math.isnan(ready)
        for pod, owner, ready, deleted in rows
        if owner == rollout.newest.replicaset and math.isnan(deleted)
    }
    crashes: dict[str, int] = {}
    last: dict[str, str] = {}
    states = rollout.trace.tables["states"]
    for pod, state in zip(states["pod"], states["state"], strict=True):
        if pod in living:
            last[pod] = state
            crashes[pod] = crashes.get(pod, 0) + (state == "crashed")
    # One crash is an accident, two of the same container make a loop; a pod that recovered for good is not to
    # blame.
    looping = {pod: count for pod, count in crashes.items() if count > 1 and last[pod] != "available"}
    if looping:
        total = sum(looping.values())
        whose = next(iter(looping)) if len(looping) == 1 else f"{len(looping)} pods"
        return f"crash loop: {total} restarts of {whose}"
    never = sum(living.values())
    final = rollout.trace.quiet or math.isfinite(rollout.deadline_exceeded_s)
    whose = "1 pod" if never == 1 else f"{never} pods"
    return f"{whose} {'never ready' if final else 'not ready yet'}" if never else ""


def _exact(seconds: float) -> float:
    # A trace is exact to the microsecond; what subtraction leaves below that is noise, which would differ
    # between machines.
    return round(max(0.0, seconds), 6)


def _plain(value: Any) -> bool | int | float | str | None:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
    plain: bool | int | float | str = value
    return plain
