"""Each strategy by itself: its statistics with their intervals, and whether they are known well enough."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.metrics import MEASURES
from sim.stats.expressions import Precision, Statistic
from sim.stats.intervals import (
    LEVEL,
    Floats,
    Interval,
    mean_interval,
    quantile,
    quantile_interval,
    rounded,
    share_interval,
)
from sim.stats.samples import column, groups, numeric, strategies_of

# What the table of statistics tells of every measure with numbers.
_TABLE = ("mean", "p5", "median", "p95", "p99")


def summarize(
    runs: pd.DataFrame, measures: Sequence[str] | None = None, level: float = LEVEL
) -> pd.DataFrame:
    """Return one row per (strategy, measure): strategy, measure, n, censored (runs with inf), and mean, p5,
    median, p95, p99, each with its _low and _high end, in the measure's unit and to 9 significant digits.

    The mean of a yes/no measure is the share of yes, with Wilson's interval; its quantiles are nan. What is
    infinite or nan, and from which n on, say `mean_interval` and `quantile_interval`. Raises ValueError for a
    measure that the runs do not have.
    """
    names = numeric(runs, measures)
    strategies = strategies_of(runs)
    shape = (strategies.size, len(names))
    n, censored = np.zeros((2, *shape), dtype=np.int64)
    table = np.full((*shape, 3 * len(_TABLE)), math.nan)
    columns = [column(runs, name) for name in names]
    for group in groups(runs):
        n[group.places] = group.n
        for j, name in enumerate(names):
            ordered = np.sort(columns[j][group.rows], axis=-1)
            censored[group.places, j] = np.isinf(ordered).sum(axis=-1)
            told = _TABLE if MEASURES[name].unit != "yes/no" else ("mean",)
            for k, statistic in enumerate(told):
                ends = _interval(Statistic(statistic, name), ordered, level)
                table[group.places, j, 3 * k : 3 * k + 3] = np.stack(ends, axis=-1)
    flat = rounded(table.reshape(-1, table.shape[-1]))
    heads = [f"{name}{end}" for name in _TABLE for end in ("", "_low", "_high")]
    return pd.DataFrame(
        {
            "strategy": np.repeat(strategies, len(names)),
            "measure": pd.Series(names, dtype="str")
            .take(np.tile(np.arange(len(names)), strategies.size))
            .array,
            "n": n.ravel(),
            "censored": censored.ravel(),
            **{head: flat[:, i] for i, head in enumerate(heads)},
        }
    )


def value(statistic: Statistic, runs: pd.DataFrame) -> pd.Series[float]:
    """Return the statistic of every strategy, a Series by strategy number named like the statistic, to 9
    significant digits. Raises ValueError where the runs lack its measure.
    """
    return _by_strategy(statistic, runs, _estimate(statistic, runs, LEVEL).estimate)


def estimate(statistic: Statistic, runs: pd.DataFrame, level: float = LEVEL) -> pd.DataFrame:
    """Return one row per strategy: strategy, value, low, high; the statistic with its interval, in its unit
    and to 9 significant digits, as `summarize` has it for its five.

    An end is nan where the runs are too few to bound it, and always for min and max. Raises ValueError where
    the runs lack the measure.
    """
    found = _estimate(statistic, runs, level)
    return pd.DataFrame(
        {
            "strategy": strategies_of(runs),
            "value": found.estimate,
            "low": found.low,
            "high": found.high,
        }
    )


def reached(precision: Precision, runs: pd.DataFrame, level: float = LEVEL) -> pd.Series[bool]:
    """Return whether the statistic is known to the precision, a Series by strategy number; never where an end
    of its interval is unknown.
    """
    ends = _estimate(precision.statistic, runs, level)
    half = _half(ends)
    allowed = precision.amount * (np.abs(ends.estimate) if precision.relative else np.ones_like(half))
    # An infinite half would be within a share of an infinite estimate.
    return pd.Series(
        np.isfinite(half) & (half <= allowed),
        index=pd.Index(strategies_of(runs), name="strategy"),
        name=str(precision),
    )


def _estimate(statistic: Statistic, runs: pd.DataFrame, level: float) -> Interval:
    """Return the statistic of every strategy, in ascending order, to 9 significant digits."""
    values = column(runs, statistic.measure)
    ends = np.full((3, strategies_of(runs).size), math.nan)
    for group in groups(runs):
        ordered = np.sort(values[group.rows], axis=-1)
        ends[:, group.places] = np.stack(_interval(statistic, ordered, level))
    return Interval(*rounded(ends))


def _interval(statistic: Statistic, ordered: Floats, level: float) -> Interval:
    """Return the statistic of [..., n] sorted values with its interval; see `intervals`."""
    if MEASURES[statistic.measure].unit == "yes/no":
        return share_interval(ordered.sum(axis=-1), ordered.shape[-1], level)
    p = statistic.quantile
    if p is None:
        return mean_interval(ordered, level)
    if p in (0.0, 1.0):
        estimate = quantile(ordered, p)
        unknown = np.full_like(estimate, math.nan)
        return Interval(estimate, unknown, unknown)
    return quantile_interval(ordered, p, level)


def _half(ends: Interval) -> Floats:
    known = ends.low != ends.high
    half: Floats = np.zeros_like(ends.low)
    np.subtract(ends.high, ends.low, out=half, where=known)
    return half / 2


def _by_strategy(statistic: Statistic, runs: pd.DataFrame, numbers: NDArray[np.float64]) -> pd.Series[float]:
    return pd.Series(
        rounded(numbers), index=pd.Index(strategies_of(runs), name="strategy"), name=str(statistic)
    )
