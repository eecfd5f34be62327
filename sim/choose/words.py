"""Values and statements for people: "41 s", "takes 41 s (p95), 4 s longer"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sim.choose.aims import Aim
from sim.metrics import MEASURES
from sim.stats import Limit, Statistic
from sim.units import format_value


class Phrase(NamedTuple):
    """How a measure is said: the verb with a place for the value, the words for more and for less of it, and
    what is said of infinity (None: it is never infinite).
    """

    says: str
    more: str
    less: str
    never: str | None = None


PHRASES: dict[str, Phrase] = {
    "complete": Phrase("completes in {} of the runs", "more", "less"),
    "duration_s": Phrase("takes {}", "longer", "shorter", "does not always complete"),
    "drained_s": Phrase("is rid of old pods after {}", "later", "earlier", "is not always rid of old pods"),
    "first_available_s": Phrase(
        "has a first new pod available after {}",
        "later",
        "earlier",
        "does not always have a new pod available",
    ),
    "min_availability": Phrase("keeps {} of the pods available at any moment", "more", "less"),
    "mean_availability": Phrase("keeps {} of the pods available over time", "more", "less"),
    "below_desired_s": Phrase("has fewer pods available than desired for {}", "longer", "shorter"),
    "below_floor_s": Phrase("has fewer pods available than its floor for {}", "longer", "shorter"),
    "min_ready": Phrase("has {} ready at any moment", "more", "fewer"),
    "peak_pods": Phrase("has {} that are not stopping", "more", "fewer"),
    "peak_physical": Phrase("needs {}", "more", "fewer"),
    "extra_pod_s": Phrase("costs {} of extra pods", "more", "less"),
    "deepest_dip": Phrase("misses {} of the desired", "more", "fewer"),
    "longest_dip_s": Phrase("has too few pods available for {} at a stretch", "longer", "shorter"),
    "stuck": Phrase("is stuck in {} of the runs", "more", "less"),
    "enough_ready_s": Phrase(
        "has enough new pods ready after {}", "later", "earlier", "does not always have enough new pods ready"
    ),
    "longest_gap_s": Phrase("makes no progress for {} at a stretch", "longer", "shorter"),
    "deadline_exceeded_s": Phrase(
        "exceeds its progress deadline after {}", "later", "earlier", "does not always exceed its deadline"
    ),
}

HEADS = {
    "duration_s": "takes",
    "drained_s": "drained",
    "first_available_s": "first new",
    "min_availability": "available",
    "mean_availability": "available, mean",
    "below_desired_s": "below desired",
    "below_floor_s": "below floor",
    "peak_physical": "pods",
    "peak_pods": "not stopping",
    "extra_pod_s": "extra pods",
}
"""Measures in a word or two, for the heads of tables; others say their own name."""

_OF_RUNS = {"min": " at least", "max": " at most"}


def limit_unit(limit: Limit) -> str:
    """Return the unit of what is limited: "yes/no" only where every run has to say it."""
    return limit.statistic.unit if limit.statistic else MEASURES[limit.requirement.measure].unit


def told(statistic: Statistic, value: float) -> str:
    """Return a value of a statistic for people; pods are whole, and no fewer than they are."""
    if statistic.unit == "pods" and math.isfinite(value):
        higher = MEASURES[statistic.measure].better == "higher"
        # What is left of the last digit is noise.
        value = math.floor(value + 1e-9) if higher else math.ceil(value - 1e-9)
    return format_value(value, statistic.unit)


def exact(limit: float, unit: str) -> str:
    """Return the value of a limit as it was meant, with all its digits: "5 min", "99.95 %", "false"."""
    if unit == "yes/no":
        return "true" if limit else "false"
    if unit == "ratio":
        return f"{limit * 100:.10g} %"
    if unit == "s" and 120 <= limit < 3600 and limit % 60 == 0:
        return f"{limit / 60:.0f} min"
    return f"{limit:.10g} {'pod' if unit == 'pods' and limit == 1 else unit}"


def statement(aim: Aim, value: float) -> str:
    """Return what a candidate does: "takes 41 s (p95)", "needs 13 pods at most"."""
    statistic = aim.statistic
    phrase = PHRASES[statistic.measure]
    if math.isnan(value):
        return f"has no {statistic}"
    if math.isinf(value) and phrase.never:
        return f"{phrase.never} ({statistic.name})"
    yes_no = MEASURES[statistic.measure].unit == "yes/no"
    of_runs = "" if yes_no else _OF_RUNS.get(statistic.name, f" ({statistic.name})")
    return phrase.says.format(told(statistic, value)) + of_runs


def than_other(aim: Aim, value: float, other: float) -> str:
    """Return how a value compares with another one: ", 4 s shorter", ", 5 pods more", ", the same"."""
    if value == other:
        return ", the same"
    if not math.isfinite(value - other):
        return ""
    phrase = PHRASES[aim.statistic.measure]
    word = phrase.more if value > other else phrase.less
    return f", {difference(value, other, aim.statistic.unit)} {word}"


def difference(value: float, other: float, unit: str) -> str:
    """Return how far apart two finite values are: "4 s", "5 pods", "2.5 percentage points"."""
    apart = abs(value - other)
    if unit == "pods":
        return "less than 1 pod" if 0 < apart < 0.5 else format_value(round(apart), unit)
    return f"{apart * 100:.3g} percentage points" if unit == "ratio" else format_value(apart, unit)


def joined(parts: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
