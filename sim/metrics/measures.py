"""What one rollout cost and risked, in numbers: each measure is defined once, here."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np

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
    "stuck": Meaning("yes/no", "the record ends with the Deployment's last change never complete", "lower"),
    "stuck_reason": Meaning("text", "why it is stuck, in one clause", None),
    "deadline_exceeded_s": Meaning("s", "until the progress deadline is first exceeded", "higher"),
}


OTHER_WORDS = {"peak_counted": "peak_pods"}
"""What a measure was called before: understood wherever one is named, and never printed."""


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
    peak_pods: most pods created and not yet marked for deletion in the window, >= 0; counted from the pods,
        never the sum of statuses, which lag.
    peak_physical: most pods created and not yet gone in the window, >= 0: those that hold room, Terminating
        ones included.
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
    peak_pods: int
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
        mean_availability=mean_availability(grid, available, desired, start, min(rollout.completed_s, end)),
        below_desired_s=_exact(time_where(grid, missing > 0, start, end)),
        below_floor_s=_below_floor(rollout, start, end),
        min_ready=int(step_min(*rollout.series("ready"), start, end)),
        peak_pods=int(step_max(*rollout.series("pods"), start, end)),
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


@dataclass(frozen=True, slots=True)
class Stuck:
    """How a rollout that never became complete ends. Of the newest revision's living pods: how many were
    never ready, how many are in a crash loop (``whose``: the only one's name), with how many restarts.
    """

    exceeded_after_s: float  # the progress deadline; inf: never
    paused: bool
    horizon_s: float
    quiet: bool
    never_ready: int = 0
    looping: int = 0
    restarts: int = 0
    whose: str = ""

    def reason(self) -> str:
        """Return why it is stuck: what its pods do, and how the record ends, in one clause."""
        if math.isfinite(self.exceeded_after_s):
            after = self.exceeded_after_s
            effect = f"progress deadline exceeded at {after:{'.0f' if after >= 100 else '.3g'}} s"
        elif self.paused:
            effect = "the Deployment is paused"
        else:
            effect = f"not complete at the horizon of {self.horizon_s:.6g} s"
            if self.quiet:
                effect += ", and nothing is left to happen"
        cause = self._cause()
        return f"{cause}, {effect}" if cause else effect

    def _cause(self) -> str:
        if self.looping:
            whose = self.whose if self.looping == 1 else f"{self.looping} pods"
            return f"crash loop: {self.restarts} restarts of {whose}"
        if not self.never_ready:
            return ""
        final = self.quiet or math.isfinite(self.exceeded_after_s)
        whose = "1 pod" if self.never_ready == 1 else f"{self.never_ready} pods"
        return f"{whose} {'never ready' if final else 'not ready yet'}"


def stuck_reason(rollout: Rollout) -> str:
    """Return why a rollout that is not complete is stuck, in one clause."""
    stuck = Stuck(
        exceeded_after_s=_exact(rollout.deadline_exceeded_s - rollout.started_s),
        paused=rollout.last_reason == "DeploymentPaused",
        horizon_s=rollout.trace.horizon_s,
        quiet=rollout.trace.quiet,
    )
    return _blame_pods(rollout, stuck).reason()


def _blame_pods(rollout: Rollout, stuck: Stuck) -> Stuck:
    if rollout.newest is None:
        return stuck
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
    return replace(
        stuck,
        never_ready=sum(living.values()),
        looping=len(looping),
        restarts=sum(looping.values()),
        whose=next(iter(looping), ""),
    )


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
