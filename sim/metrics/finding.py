"""A Deployment's answer in one sentence: the fate of what was asked for, then what came after."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.metrics.outcome import outcome, why_not_complete
from sim.metrics.rollout import Rollout
from sim.metrics.steps import step_at, step_max, step_min, time_where
from sim.units import format_seconds

_BRIEF_FROM = 3
_MOST_TOLD, _TOLD = 5, 2  # of more rollouts than that so many are told at both ends


def finding(rollouts: Sequence[Rollout]) -> str:
    """Return the answer of a Deployment whose every rollout is given, in order of time.

    "complete after 15.2 s, never fewer than 3 of 3 available"; of a version that failed what became of it,
    and of what came after it: "v3 never became ready: progress deadline exceeded at 60.5 s; undone, v1 never
    left (3 of 3 all along)".
    """
    if rollouts[0].asked is None:
        return _without(rollouts[0])
    alone, brief = len(rollouts) == 1, len(rollouts) > _BRIEF_FROM
    befores, afters = [None, *rollouts[:-1]], [*rollouts[1:], None]
    clauses = [_fate(*three, alone, brief) for three in zip(rollouts, befores, afters, strict=True)]
    if len(clauses) > _MOST_TOLD:
        left = len(clauses) - 2 * _TOLD
        clauses[_TOLD:-_TOLD] = [f"{left} more rollout{'s' if left > 1 else ''}"]
    if rollouts[-1].ends_s < math.inf:
        clauses.append("deleted in the end")
    return "; ".join(clauses)


def _without(one: Rollout) -> str:
    what = "not changed"
    if "Deleted" in one.record.specs["reason"]:
        return "deleted"
    if outcome(one) == "scaled":
        wanted = one.record.specs["desired"]
        after = one.completed_s - one.started_s
        done = f", complete after {format_seconds(after)}" if math.isfinite(after) else ", not complete"
        what = f"scaled from {wanted[0]} to {wanted[-1]}{done}"
    return f"{what}, {_served(one)}"


def _name(one: Rollout) -> str:
    """Return a version's name as a sentence has it."""
    return f"version {one.version}" if one.version[:1].isdigit() else one.version


def _fate(one: Rollout, before: Rollout | None, after: Rollout | None, alone: bool, brief: bool) -> str:
    if one.asked is not None and one.asked.undo and before is not None:
        return _undone(one, before, brief)
    became = outcome(one)
    name = "" if alone else f"{_name(one)} "
    created = "created, " if one.is_creation else ""
    if math.isfinite(one.completed_s):
        took = f"{created}{name}complete after {format_seconds(one.completed_s - one.started_s)}"
        if became == "rolled_back":
            later = _served_later(one)
            return took if brief and later.startswith("and ") else f"{took}, {later}"
        late = one.deadline_exceeded_s - one.started_s
        took += f" (its progress deadline exceeded at {format_seconds(late)})" if math.isfinite(late) else ""
        return took + (_then(one) or _served_too(one, brief))
    if became == "superseded":
        by = f"by {_name(after)}" if after is not None else "by its deletion"
        late = math.isfinite(one.deadline_exceeded_s)
        when = format_seconds(one.ends_s - one.started_s)
        why = f": {why_not_complete(one)}" if late else ""
        return f"{created}{_name(one)} was superseded {by} after {when}{why}"
    if became == "rolled_back":
        return f"{created}{_how_far(one)}"
    return f"{created}{_not_complete(one)}; {_served(one)}"


def _not_complete(one: Rollout) -> str:
    """Return what becomes of a version that is not complete at the end of the record."""
    became = outcome(one)
    if became == "paused":
        updated, desired = (_at(one, name, one.until_s) for name in ("updated", "desired"))
        return f"{_name(one)} is held by a pause with {updated:.0f} of {desired:.0f} pods"
    verb = {"stuck": "is stuck", "running": "still rolls out"}.get(became, "is not complete")
    return f"{_name(one)} {verb}: {why_not_complete(one)}"


def _how_far(one: Rollout) -> str:
    """Return how far a version came that was taken back before it was complete."""
    if one.target is None:
        return f"{_name(one)} never began"
    why = why_not_complete(one)
    ready = step_max(*one.record.counts("ready", one.target.replicaset), one.started_s, one.until_s)
    if ready > 0 or why.startswith("crash loop"):
        return f"{_name(one)} never became complete: {why}"
    if not math.isfinite(one.deadline_exceeded_s):
        return f"{_name(one)} was not ready after {format_seconds(one.ends_s - one.started_s)}"
    # That its pods were never ready is said already.
    return f"{_name(one)} never became ready: {why.partition(', ')[2] or why}"


def _undone(one: Rollout, before: Rollout, brief: bool) -> str:
    """Return what became of an undo: whether what it brings back had ever left."""
    if one.target is not None and before.asked is not None:
        desired = int(one.series("desired")[1][-1])
        least = step_min(
            *one.record.counts("available", one.target.replicaset), before.started_s, one.until_s
        )
        if math.isfinite(one.completed_s) and least >= desired > 0:
            return f"undone, {_name(one)} never left ({desired} of {desired} all along)"
    after = one.completed_s - one.started_s
    if math.isfinite(after):
        return f"undone, {_name(one)} complete again {format_seconds(after)} later" + _served_too(one, brief)
    return f"undone, but {_not_complete(one)}"


def _served_too(one: Rollout, brief: bool) -> str:
    """Return what is added about available pods; in brief that none was missing is not said."""
    grid, (available, desired) = one.sampled("available", "desired")
    if brief and (one.is_creation or not time_where(grid, available < desired, one.started_s, one.until_s)):
        return ""
    return f", {_served(one)}"


def _served(one: Rollout) -> str:
    """Return the fewest pods that were available in the rollout's window, of those that were desired then."""
    grid, (available, _) = one.sampled("available", "desired")
    start, end = one.started_s, one.until_s
    wanted = _at(one, "desired", end)
    if wanted == 0:
        return "no pod desired"
    least = step_min(grid, available, start, end)
    if one.is_creation:
        return (
            f"{wanted:.0f} of {wanted:.0f} available"
            if math.isfinite(one.completed_s)
            else (f"{_at(one, 'available', end):.0f} of {wanted:.0f} available")
        )
    if least == 0:
        return f"at times none of {wanted:.0f} available"
    return f"never fewer than {least:.0f} of {wanted:.0f} available"


def least_later(one: Rollout) -> tuple[int, int]:
    """Return the fewest pods that were available from completion until anything else was asked for, and how
    many were desired then.
    """
    wanted = _at(one, "desired", one.completed_s)
    changes = [float(at) for at in one.record.specs["time_s"] if at > one.completed_s]
    until = min([one.ends_s, one.trace.ended_s, *changes])
    return int(step_min(*one.series("available"), one.completed_s, until)), int(wanted)


def _served_later(one: Rollout) -> str:
    wanted = least_later(one)[1]
    return _then(one).removeprefix(", ") or f"and {wanted} of {wanted} available since"


def _then(one: Rollout) -> str:
    """Return how many pods were lost after completion, "" when none was."""
    least, wanted = least_later(one)
    if least >= wanted:
        return ""
    return f", then {'only ' if least else ''}{least or 'none'} of {wanted} available"


def _at(one: Rollout, name: str, moment_s: float) -> float:
    times, values = one.series(name)
    return float(step_at(times, values, np.array([moment_s]))[0])
