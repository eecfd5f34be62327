"""From runs to time-outs: how long to wait for something that a given share of the rollouts must not outlast.

What is advised is the upper end of the 95 % interval of the quantile ``share`` (see
`sim.stats.intervals.quantile_interval`), rounded up to a time that people write. A rollout that never is
complete takes for ever by every measure: none of its waits ends well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import pandas as pd

from sim.errors import Diagnostic, InputError, shown
from sim.stats.intervals import Floats, fewest_below, quantile, quantile_interval

MEASURED = ("longest_gap_s", "duration_s", "enough_ready_s")
"""What the deadline, `kubectl rollout status` with Helm 4, and Helm 3 wait for."""

STEPS_S = ((30, 1), (60, 2), (120, 5), (300, 10), (600, 30), (3600, 60), (math.inf, 300))
"""Times people write, in s: (up to this one, multiples of that). Rounding adds less than a second up to 30 s,
and less than 10 % from there on.
"""

HELM3_LOOKS_S = 2
"""Helm 3 looks so often, the others watch (helm v3.18, pkg/kube/wait.go, waitForResources)."""

MOST_RUNS = 1_000_000
_WIDE = 1.05  # an upper end so many times the estimate is worth more runs
_PLAIN = 0.9999  # many who ask look at the runs some ten times
_WRITTEN = "a share such as 99.9%, 95 % or 0.999"


@dataclass(frozen=True, slots=True)
class Advice:
    """A time-out in whole seconds, and what it was taken from: n runs, their median and quantile, and the
    upper end of that one's interval, all in s. Infinite where too many rollouts never are complete; nan where
    the runs are too few, or nothing is measured: then there is no time-out (None).
    """

    n: int
    median_s: float
    quantile_s: float
    upper_s: float
    advised_s: int | None


def parse_share(given: str | float) -> float:
    """Return the share, 0 < share < 1, that "99.9%", "95 %", "0.999" or a number state; raises InputError
    (E506).
    """
    text = str(given).strip()
    percent = text.endswith("%")
    try:
        number = Decimal(text.removesuffix("%").strip()) if text.isascii() and len(text) < 40 else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise InputError(_no_share("this is no share", given))
    share = float(number / 100 if percent else number)
    if share == 1:
        raise InputError(_no_share("no number of runs proves that nothing ever breaks a time-out", given))
    if not percent and 1 < share < 100:
        raise InputError(_no_share("a share is below 1", given, nearest=f"{text}%"))
    if not 0 < share < 1:
        raise InputError(_no_share("a share is above 0 % and below 100 %", given))
    if math.log(share) > math.log(0.025) / MOST_RUNS:
        message = f"to know it takes more than {MOST_RUNS:,} rollouts"
        raise InputError(_no_share(message, given, expected="a smaller share, such as 99.99%"))
    return share


def _no_share(
    message: str, given: object, expected: str = _WRITTEN, nearest: str | None = None
) -> Diagnostic:
    found = shown(given)
    return Diagnostic(
        code="E506", message=message, file="--share", found=found, expected=expected, nearest=nearest
    )


def share_text(share: float) -> str:
    """Return a share with all its digits: "99.9 %"."""
    return f"{share * 100:.10g} %"


def fewest_runs(share: float) -> int:
    """Return the fewest runs that bound the quantile from above: 72 for 95 %, 3688 for 99.9 %."""
    return fewest_below(share)


def round_up(seconds: float) -> int:
    """Return the least time of STEPS_S that is not below ``seconds`` >= 0, in s, at least 1.

    >>> round_up(12.2), round_up(31), round_up(126), round_up(301), round_up(3601)
    (13, 32, 130, 330, 3900)
    """
    for limit, step in STEPS_S:
        found = max(1, math.ceil(round(seconds / step, 9))) * step
        if found <= limit:
            return found
    raise ValueError("no time-out is endless")


def waits(runs: pd.DataFrame, measure: str) -> Floats:
    """Return how long each run took by a measure of MEASURED, in s: inf where it never was complete."""
    taken = runs[measure].to_numpy(dtype=np.float64)
    return np.where(runs["complete"].to_numpy(dtype=bool), taken, math.inf)


def latest(several: Sequence[Floats]) -> Floats:
    """Return how long the last of several Deployments took, replication by replication, in s."""
    found: Floats = np.maximum.reduce(list(several))
    return found


def advise(taken: Floats, share: float, *, least_s: int = 1, looks_s: int = 1) -> Advice:
    """Return the time-out that ``share`` of what took so long keeps, at least ``least_s``; for whoever looks
    every ``looks_s`` only, at the look after that.
    """
    ordered = np.sort(taken)
    found = quantile_interval(ordered, share)
    upper_s = float(found.high)
    advised_s = None
    if math.isfinite(upper_s):
        seen_s = math.ceil(upper_s / looks_s) * looks_s
        advised_s = round_up(max(seen_s, least_s))
    middle_s = float(quantile(ordered, 0.5))
    return Advice(ordered.size, middle_s, float(found.estimate), upper_s, advised_s)


def advise_each(runs: pd.DataFrame, share: float, min_ready_s: int) -> tuple[Advice, Advice, Advice]:
    """Return the time-outs for MEASURED of one Deployment: Kubernetes refuses a deadline that is not longer
    than its minReadySeconds.
    """
    gap, complete, ready = (waits(runs, measure) for measure in MEASURED)
    return (
        advise(gap, share, least_s=min_ready_s + 1),
        advise(complete, share),
        advise(ready, share, looks_s=HELM3_LOOKS_S),
    )


def enough(runs: pd.DataFrame, share: float) -> pd.Series[bool]:
    """Return whether each strategy has runs enough, by its number: more of them would hardly shorten what is
    advised, or it is plain that too many never are complete.
    """
    groups = runs.groupby("strategy")
    found = [_is_enough(own, share) for _, own in groups]
    return pd.Series(found, index=pd.Index(list(groups.groups), name="strategy"), dtype="bool")


def _is_enough(runs: pd.DataFrame, share: float) -> bool:
    if never_keeps(runs, share):
        return True
    return all(map(_is_narrow, advise_each(runs, share, 0)))


def never_keeps(runs: pd.DataFrame, share: float) -> bool:
    """Whether the runs show that fewer than ``share`` of the rollouts are complete at some time: were it that
    many, fewer would be missing in all but one of 20,000 samples.
    """
    never = np.sort(~runs["complete"].to_numpy(dtype=bool)).astype(np.float64)
    return bool(quantile_interval(never, share, _PLAIN).low == 1)


def _is_narrow(found: Advice) -> bool:
    if found.advised_s is None:
        return math.isnan(found.quantile_s)
    return found.advised_s <= max(round_up(found.quantile_s), _WIDE * found.quantile_s)
