"""How sure it is that a strategy keeps its limits together: by drawing its runs anew, with replacement."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.stats.expressions import Limit
from sim.stats.intervals import LEVEL, Floats, between, quantile_place, rounded, share_interval
from sim.stats.samples import Integers, column, groups, strategies_of

# Numbers held at a time: resamples are drawn in batches, so that memory does not grow with the runs.
_BATCH = 4_000_000


def confidence(
    runs: pd.DataFrame,
    limits: Sequence[Limit],
    resamples: int = 2000,
    seed: int = 1,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return one row per strategy: strategy, n, confidence, kept, kept_low, kept_high.

    confidence: the share of ``resamples`` (>= 1) bootstrap samples of the strategy's runs in which all limits
        on statistics hold together (Efron and Tibshirani, "An introduction to the bootstrap", 1993); 1 where
        no limit is on a statistic. A run is drawn with all its measures. An extreme quantile of few runs is
        not drawn beyond their greatest value, so its confidence is too high then.
    kept: the share of runs that keep every limit without a statistic, with Wilson's interval; 1, certain,
        where there is none. Resampling could say nothing here: what no run broke, no resample breaks.

    Strategies with equally many runs are drawn alike, so that they differ by their runs and not by the
    drawing; the same seed gives the same numbers. Raises ValueError where the runs lack a measure.
    """
    strategies = strategies_of(runs)
    n, kept = np.zeros((2, strategies.size), dtype=np.int64)
    sure = np.ones(strategies.size)
    bare = np.ones(len(runs), dtype=bool)
    for limit in limits:
        if limit.statistic is None:
            bare &= limit.holds(column(runs, limit.requirement.measure))
    drawn = [limit for limit in limits if limit.statistic is not None]
    columns = [column(runs, limit.requirement.measure) for limit in drawn]
    for group in groups(runs):
        n[group.places] = group.n
        kept[group.places] = np.count_nonzero(bare[group.rows], axis=1)
        if drawn:
            samples = [values[group.rows] for values in columns]
            sure[group.places] = _share_kept(drawn, samples, resamples, seed)
    share = share_interval(kept, n, level)
    certain = len(drawn) == len(limits)
    return pd.DataFrame(
        {
            "strategy": strategies,
            "n": n,
            "confidence": rounded(sure),
            "kept": rounded(share.estimate),
            "kept_low": 1.0 if certain else rounded(share.low),
            "kept_high": 1.0 if certain else rounded(share.high),
        }
    )


def _share_kept(limits: Sequence[Limit], samples: Sequence[Floats], resamples: int, seed: int) -> Floats:
    """Return for samples [m, n], one array a limit, the share [m] of resamples that keep all limits."""
    strategies, n = samples[0].shape
    orders = [np.argsort(values, axis=1, kind="stable") for values in samples]
    held = np.zeros(strategies, dtype=np.int64)
    for counts in _draws(n, resamples, seed, _BATCH // max(n, strategies)):
        together = np.ones((strategies, counts.shape[1]), dtype=bool)
        for limit, values, order in zip(limits, samples, orders, strict=True):
            assert limit.statistic is not None
            p = limit.statistic.quantile
            found = _means(values, counts) if p is None else _quantiles(values, order, counts, p)
            together &= limit.holds(rounded(found))
        held += np.count_nonzero(together, axis=1)
    return held / resamples


def _draws(n: int, resamples: int, seed: int, most: int) -> Iterator[NDArray[np.unsignedinteger]]:
    """Yield how often each of n runs is drawn, [n, at most ``most`` resamples] at a time.

    A resample is n draws with replacement, the same ones whatever ``most`` is.
    """
    generator = np.random.Generator(np.random.Philox(seed))
    size = max(1, most)
    for first in range(0, resamples, size):
        batch = min(size, resamples - first)
        chosen = generator.integers(n, size=(batch, n)) * batch + np.arange(batch)[:, None]
        counts = np.bincount(chosen.ravel(), minlength=n * batch).reshape(n, batch)
        # The smallest type that holds n: sums over all runs end at n.
        yield counts.astype(np.min_scalar_type(n))


def _means(values: Floats, counts: NDArray[np.unsignedinteger]) -> Floats:
    """Return the means [m, b] of the resamples [n, b] of values [m, n]; inf, or nan, where one is drawn."""
    finite = np.isfinite(values)
    drawn = counts.astype(np.float64)
    found: Floats = np.where(finite, values, 0.0) @ drawn / values.shape[1]
    if not finite.all():
        found[np.isposinf(values).astype(np.float64) @ drawn > 0] = np.inf
        found[np.isnan(values).astype(np.float64) @ drawn > 0] = np.nan
    return found


def _quantiles(values: Floats, order: Integers, counts: NDArray[np.unsignedinteger], p: float) -> Floats:
    """Return the quantiles p [m, b] of the resamples [n, b] of values [m, n], whose rows ``order`` sorts; nan
    where a value is nan.
    """
    strategies, n = values.shape
    rank, weight = quantile_place(n, p)
    found = np.full((strategies, counts.shape[1]), np.nan)
    # The rank of a drawn quantile is binomial; further than this it strays less than once in 10^10 draws, so
    # only the ranks between need running sums.
    stray = 20 + math.ceil(7 * math.sqrt(n * p * (1 - p)))
    first, last = max(0, rank - stray), min(n, rank + stray)
    for i in np.flatnonzero(~np.isnan(values).any(axis=1)):
        ordered = values[i, order[i]]
        before = counts[order[i, :first]].sum(axis=0, dtype=counts.dtype)
        up_to = before + np.cumsum(counts[order[i, first:last]], axis=0, dtype=counts.dtype)
        # The resample's value of some rank is the first value up to which that many are drawn.
        lower, upper = (
            ordered[first + (up_to < wanted).sum(axis=0, dtype=np.intp)]
            for wanted in (rank, min(rank + 1, n))
        )
        found[i] = between(lower, upper, weight)
    return found
