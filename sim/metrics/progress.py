"""The clock of the progress deadline, as the Progressing condition of a record shows it.

deployment_util.go, DeploymentTimedOut: the deadline counts from the last update of the condition, which is
cut to a whole second, while the condition says that the rollout goes on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sim.rules.deployment import is_progressing
from sim.trace import Table

_COUNTED = ("NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetUpdated", "DeploymentResumed")
_EXCEEDED = "ProgressDeadlineExceeded"
_COUNTS = ("current", "updated", "ready", "available")


class Condition(NamedTuple):
    """What the Progressing condition says from a moment on, and its last update (both in s)."""

    time_s: float
    reason: str
    updated_s: float


def conditions(rows: Table) -> list[Condition]:
    """Return the conditions in the rows of a Deployment's status: the last of each moment, without those that
    say what was said before. Where a record has no stamps, as a recording has none, whatever renews one does
    so at the moment of its row.
    """
    counts = list(zip(*(rows[name] for name in _COUNTS), strict=True))
    told = list(zip(rows["time_s"], rows["progressing_reason"], rows["last_update_s"], strict=True))
    found: list[Condition] = []
    stamp, said = math.nan, ""
    for i, (time_s, reason, updated_s) in enumerate(told):
        if not math.isnan(updated_s):
            stamp = updated_s
        elif i == 0 or reason != said or is_progressing(*counts[i - 1], *counts[i]):
            stamp = time_s
        said = reason
        if i + 1 < len(told) and told[i + 1][0] == time_s:
            continue
        if not found or found[-1][1:] != (reason, stamp):
            found.append(Condition(time_s, reason, stamp))
    return found


def exceeded_s(found: Sequence[Condition], start_s: float, until_s: float) -> float:
    """Return when the deadline is first exceeded in [start_s, until_s]; inf if never."""
    before = ""
    for time_s, reason, _ in found:
        if reason == _EXCEEDED != before and start_s <= time_s <= until_s:
            return time_s
        before = reason
    return math.inf


def longest_gap_s(found: Sequence[Condition], start_s: float, until_s: float) -> float:
    """Return the longest time in s, >= 0, from an update of the condition to the next one, or to ``until_s``,
    of those that end in [start_s, until_s]; nan where no deadline counts.

    Example: created at 0.2 s (stamped 0), progress at 5 and 7 s, complete at 12.5 s (stamped 12): 5.5 s, if
    the progress at 7 s is stamped 7.
    """
    longest, since = -math.inf, math.inf
    for time_s, reason, updated_s in found:
        if time_s > until_s:
            break
        if since < math.inf and time_s >= start_s:
            longest = max(longest, time_s - since)
        if reason in _COUNTED:
            since = updated_s
        elif reason != _EXCEEDED:
            since = math.inf
    if since < math.inf:
        longest = max(longest, until_s - since)
    return longest if longest > -math.inf else math.nan
