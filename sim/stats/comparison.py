"""Strategies against limits, run by run, and against each other, replication by replication."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.metrics import MEASURES
from sim.stats.expressions import Limit
from sim.stats.intervals import LEVEL, Floats, mean_interval, rounded, share_interval
from sim.stats.samples import Integers, column, groups, numeric, strategies_of

# What the table of differences tells of every measure.
_DIFFERENCE = ("mean", "low", "high", "better", "better_low", "better_high", "equal")


def breaches(runs: pd.DataFrame, limits: Sequence[Limit], level: float = LEVEL) -> pd.DataFrame:
    """Return one row per (strategy, limit): strategy, limit (its text), n, broken (number of runs that break
    it), probability (their share), low, high (Wilson's interval); nan breaks every limit.

    A run breaks a limit on a statistic when it breaks the same limit by itself: for "p95(duration_s)<=60"
    when it takes longer than 60 s, for "mean(stuck)<=1%" when it is stuck. Raises ValueError where the runs
    lack a measure.
    """
    strategies = strategies_of(runs)
    n, broken = np.zeros((2, strategies.size, len(limits)), dtype=np.int64)
    kept = [limit.holds(column(runs, limit.requirement.measure)) for limit in limits]
    for group in groups(runs):
        n[group.places] = group.n
        for j, held in enumerate(kept):
            broken[group.places, j] = group.n - np.count_nonzero(held[group.rows], axis=1)
    share = share_interval(broken.ravel(), n.ravel(), level)
    return pd.DataFrame(
        {
            "strategy": np.repeat(strategies, len(limits)),
            "limit": [str(limit) for limit in limits] * strategies.size,
            "n": n.ravel(),
            "broken": broken.ravel(),
            "probability": rounded(share.estimate),
            "low": rounded(share.low),
            "high": rounded(share.high),
        }
    )


def differences(
    runs: pd.DataFrame, baseline: int, measures: Sequence[str] | None = None, level: float = LEVEL
) -> pd.DataFrame:
    """Return one row per (other strategy, measure): strategy, measure, n (pairs: replications that both
    have), censored (pairs whose difference is infinite), mean of strategy - baseline with low and high
    (Student's t on the differences, since a replication has the same luck in both), better, better_low,
    better_high (share of pairs in which the strategy was better, Wilson), equal (share of ties).

    Two runs that never came to the moment are a tie. Where a difference is infinite the mean and its interval
    are nan, but better and equal count the pair: inf is the greatest of values. nan on either side makes all
    nan. Raises ValueError for a baseline or a measure that the runs do not have.
    """
    names = numeric(runs, measures)
    all_of_them = strategies_of(runs)
    if baseline not in all_of_them:
        raise ValueError(f"the runs have no strategy {baseline} to be the baseline")
    columns = [column(runs, name) for name in names]
    base_rows = next(g.rows[g.strategies == baseline][0] for g in groups(runs) if baseline in g.strategies)
    n, censored = np.zeros((2, all_of_them.size, len(names)), dtype=np.int64)
    table = np.full((all_of_them.size, len(names), len(_DIFFERENCE)), math.nan)
    for group in groups(runs):
        pairs = min(group.n, base_rows.size)
        n[group.places] = pairs
        for j, name in enumerate(names):
            ours, theirs = columns[j][group.rows[:, :pairs]], columns[j][base_rows[:pairs]]
            told, infinite = _difference(ours, theirs, MEASURES[name].better == "higher", level)
            table[group.places, j], censored[group.places, j] = told, infinite
    others = all_of_them != baseline
    flat = rounded(table[others].reshape(-1, len(_DIFFERENCE)))
    return pd.DataFrame(
        {
            "strategy": np.repeat(all_of_them[others], len(names)),
            "measure": names * int(others.sum()),
            "n": n[others].ravel(),
            "censored": censored[others].ravel(),
            **{head: flat[:, i] for i, head in enumerate(_DIFFERENCE)},
        }
    )


def _difference(ours: Floats, theirs: Floats, higher: bool, level: float) -> tuple[Floats, Integers]:
    """Return the columns _DIFFERENCE [m, 7] of pairs ours [m, n] and theirs [n], and how many differences are
    infinite [m].
    """
    tie: NDArray[np.bool_] = ours == theirs
    gap = np.zeros_like(ours)
    np.subtract(ours, theirs, out=gap, where=~tie)
    infinite = np.isinf(gap)
    unknown = np.isnan(gap).any(axis=1)
    gap[infinite] = math.nan
    # Sorted: the last bit of a sum must not depend on the order.
    mean = mean_interval(np.sort(gap, axis=1), level)
    won: NDArray[Any] = (ours > theirs) if higher else (ours < theirs)
    better = share_interval(won.sum(axis=1), ours.shape[1], level)
    told = np.stack([*mean, *better, tie.mean(axis=1)], axis=1)
    told[unknown] = math.nan
    return told, infinite.sum(axis=1)
