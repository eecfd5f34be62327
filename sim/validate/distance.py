"""How far two runs are apart: the area between their step functions, by desired pods and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.trace import Trace

Floats = NDArray[np.float64]
Steps = tuple[Floats, Floats]
"""Times in s after the update, and the value from each of them on."""
Change = tuple[float, int, int]
"""Seconds after the update, revision, desired: a ReplicaSet was given a new size."""
KINDS = ("available", "counted", "physical")


@dataclass(frozen=True, slots=True)
class Course:
    """What is compared of one run: pods over time, and the steps, from the update on.

    `until_s`: when a ReplicaSet changed last, in seconds after the update.
    """

    available: Steps
    counted: Steps
    physical: Steps
    changes: tuple[Change, ...]
    until_s: float
    created: Floats  # when each pod was created, of those after the update


def course(trace: Trace, origin_s: float) -> Course:
    """Return what is compared of a trace whose update came at ``origin_s``."""
    table, pods = trace.tables["replicasets"], trace.tables["pods"]
    times = np.asarray(table["time_s"], np.float64) - origin_s
    created = np.asarray(pods["created_s"], np.float64) - origin_s
    gone = np.asarray(pods["gone_s"], np.float64) - origin_s
    return Course(
        available=_summed(table, "available", times),
        counted=_summed(table, "current", times),
        physical=_counted(created, gone[~np.isnan(gone)]),
        changes=tuple(_changes(table, times)),
        until_s=float(times.max(initial=0.0)),
        created=np.sort(created[created > 0]),
    )


def _summed(table: dict[str, list[Any]], column: str, times: Floats) -> Steps:
    """Return the sum of a column over the ReplicaSets: each row replaces the one before of its ReplicaSet."""
    last: dict[str, int] = {}
    deltas = []
    for name, value in zip(table["replicaset"], table[column], strict=True):
        deltas.append(value - last.get(name, 0))
        last[name] = value
    return times, np.cumsum(np.asarray(deltas, np.float64))


def _counted(came: Floats, went: Floats) -> Steps:
    times = np.concatenate([came, went])
    order = np.argsort(times, kind="stable")
    deltas = np.concatenate([np.ones(came.size), -np.ones(went.size)])
    return times[order], np.cumsum(deltas[order])


def _changes(table: dict[str, list[Any]], times: Floats) -> list[Change]:
    last: dict[str, int] = {}
    changes = []
    rows = zip(times.tolist(), table["replicaset"], table["revision"], table["desired"], strict=True)
    for time_s, name, revision, desired in rows:
        if last.get(name) != desired and time_s > 0:
            changes.append((time_s, int(revision), int(desired)))
        last[name] = desired
    return changes


def distance(one: Steps, other: Steps, until_s: float, desired: int) -> float:
    """Return the integral of |one - other| over 0 to ``until_s`` by ``desired`` times ``until_s``.

    One pod more for half of the time, of 10 desired, is 0.05. A step function keeps its last value.
    """
    if until_s <= 0 or desired <= 0:
        return 0.0
    inner = np.concatenate([one[0], other[0]])
    grid = np.unique(np.concatenate([[0.0], inner[(inner > 0) & (inner < until_s)]]))
    widths = np.diff(np.append(grid, until_s))
    apart = np.abs(_at(one, grid) - _at(other, grid))
    return float((apart * widths).sum() / (desired * until_s))


def apart(one: Course, other: Course, kind: str, desired: int) -> float:
    """Return the distance of two runs in one of KINDS, up to the end of the longer one."""
    return distance(getattr(one, kind), getattr(other, kind), max(one.until_s, other.until_s), desired)


def _at(steps: Steps, grid: Floats) -> Floats:
    times, values = steps
    before = np.searchsorted(times, grid, side="right") - 1
    return np.where(before >= 0, values[np.maximum(before, 0)], 0.0)
