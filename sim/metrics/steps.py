"""Step functions as two arrays, and what can be asked of them: least, greatest, integral, time where
something holds.

A step function is (times, values): times strictly increasing, in seconds; ``values[i]`` holds from
``times[i]``, included, to ``times[i + 1]``, excluded, the last one for ever. Before its first moment it has
its first value. Windows are closed: [start, end] with start <= end, so the value in force at ``end`` belongs
to them although it takes no time there. Answers about an empty function (no times at all) are nan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Steps = tuple[Floats, Floats]


def microseconds(seconds: Floats) -> NDArray[np.int64]:
    """Return moments or lengths of time as whole microseconds, to which traces are exact."""
    return np.rint(seconds * 1e6).astype(np.int64)


def last_of_each_time(times: Floats, values: Floats) -> Steps:
    """Return the step function of rows by time: of several rows at one moment the last one counts."""
    if times.size == 0:
        return times, values
    keep = np.append(times[1:] != times[:-1], True)
    return times[keep], values[keep]


def step_at(times: Floats, values: Floats, at: Floats) -> Floats:
    """Return the values in force at the moments ``at`` (nan for an empty function)."""
    if times.size == 0:
        return np.full(at.shape, np.nan)
    return values[np.maximum(np.searchsorted(times, at, side="right") - 1, 0)]


def step_cut(times: Floats, values: Floats, start: float, end: float) -> Steps:
    """Return the function on [start, end] alone: its first time is ``start``, its last one is at most
    ``end``.
    """
    if times.size == 0:
        return times, values
    first, last = np.searchsorted(times, (start, end), side="right")
    begin = values[max(first - 1, 0)]
    return np.concatenate(([start], times[first:last])), np.concatenate(([begin], values[first:last]))


def step_min(times: Floats, values: Floats, start: float, end: float) -> float:
    """Return the least value on [start, end]."""
    held = step_cut(times, values, start, end)[1]
    return float(held.min()) if held.size else float("nan")


def step_max(times: Floats, values: Floats, start: float, end: float) -> float:
    """Return the greatest value on [start, end]."""
    held = step_cut(times, values, start, end)[1]
    return float(held.max()) if held.size else float("nan")


def step_integral(times: Floats, values: Floats, start: float, end: float) -> float:
    """Return the area under a function of whole numbers on [start, end], in the values' unit times
    seconds.
    """
    cut, held = step_cut(times, values, start, end)
    if cut.size == 0:
        return float("nan")
    # Whole numbers: however they are added up, the sum is the same.
    lengths = microseconds(np.diff(np.append(cut, end)))
    return int((lengths * held.astype(np.int64)).sum()) / 1_000_000


def time_where(times: Floats, holds: Bools, start: float, end: float) -> float:
    """Return for how many seconds of [start, end] the condition (a step function of truth values) holds."""
    return step_integral(times, holds.astype(np.float64), start, end)


def longest_where(times: Floats, holds: Bools, start: float, end: float) -> float:
    """Return the seconds of the longest uninterrupted part of [start, end] where the condition holds."""
    cut, held = step_cut(times, holds.astype(np.float64), start, end)
    if cut.size == 0:
        return float("nan")
    padded = np.concatenate(([0.0], held, [0.0]))
    edges = np.append(cut, end)
    begins, ends = edges[np.flatnonzero(np.diff(padded) > 0)], edges[np.flatnonzero(np.diff(padded) < 0)]
    return float((ends - begins).max()) if begins.size else 0.0


def first_where(times: Floats, holds: Bools, start: float) -> float:
    """Return the first moment >= ``start`` at which the condition holds; inf when there is none."""
    cut, held = step_cut(times, holds.astype(np.float64), start, float("inf"))
    hits = np.flatnonzero(held > 0) if cut.size else np.empty(0, dtype=np.intp)
    return float(cut[hits[0]]) if hits.size else float("inf")


def common_times(*functions: Steps) -> Floats:
    """Return every moment at which at least one of the functions may change, in order."""
    return np.unique(np.concatenate([times for times, _ in functions]))
