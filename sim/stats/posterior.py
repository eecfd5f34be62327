"""How sure it is that a strategy keeps its limits together, given its runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from sim.metrics import MEASURES
from sim.stats.expressions import Limit
from sim.stats.intervals import Floats, rounded
from sim.stats.samples import column, groups, strategies_of

_BELOW = ("<=", "<")


def confidence(runs: pd.DataFrame, limits: Sequence[Limit]) -> pd.DataFrame:
    """Return one row per strategy: strategy, n, and the probability, 0..1, that it meets every limit; 1
    without limits.

    A limit on a share or a quantile is one on the share of runs that keep it by themselves: p95(duration_s)
    is at most 60 s when at least 95 % of all runs take at most 60 s. Of n runs k do, and by Jeffreys' prior
    that share has the distribution Beta(k + 1/2, n - k + 1/2); see Brown, Cai & DasGupta, "Interval
    estimation for a binomial proportion" (2001). The mean of numbers has Student's t distribution around its
    estimate. Both are calibrated: where the truth is exactly at the limit, more than 95 % is said in about
    5 % of all sweeps; of counts, which are whole numbers, on an average over n (0 to 15 % for a certain n).

    What every run has to keep, no number of runs can prove: it counts as met when a further run keeps all of
    it, which has the probability (k + 1/2) / (n + 1), the mean of that Beta distribution. So it is with
    limits without a statistic, those on max and min, shares of 0 and 1, and the mean of runs that are all the
    same (or one), which have no spread to go by. Where one run decides, as in max(duration_s)>=60s, the
    probability is 1 or 0.

    The probability that all are met is at least 1 - sum(1 - p) over the limits, whatever they have to do with
    each other (Bonferroni); that is what is returned, exact for one limit. A run without a value (nan) keeps
    no limit, and the mean or a quantile of values of which one is nan meets none. Raises ValueError where the
    runs lack a measure.
    """
    strategies = strategies_of(runs)
    n = np.zeros(strategies.size, dtype=np.int64)
    probability = np.ones(strategies.size)
    sides = [side for limit in limits for side in _one_sided(limit)]
    columns = [column(runs, side.requirement.measure) for side in sides]
    for group in groups(runs):
        n[group.places] = group.n
        samples = [values[group.rows] for values in columns]
        probability[group.places] = _together(sides, samples, group.n) if sides else 1.0
    return pd.DataFrame({"strategy": strategies, "n": n, "probability": rounded(probability)})


def _one_sided(limit: Limit) -> list[Limit]:
    """Return the limit, or the two that say that a statistic equals a value."""
    required = limit.requirement
    if limit.statistic is None or required.op != "==":
        return [limit]
    return [replace(limit, requirement=replace(required, op=op)) for op in ("<=", ">=")]


def _together(limits: Sequence[Limit], samples: Sequence[Floats], n: int) -> Floats:
    """Return for samples [m, n], one array a limit, the probability [m] that all limits are met."""
    doubt = np.zeros(len(samples[0]))
    every = np.ones(samples[0].shape, dtype=bool)
    asked = np.zeros(len(samples[0]), dtype=bool)
    for limit, sample in zip(limits, samples, strict=True):
        # The estimates that are held against limits are rounded, too.
        values = sample if limit.statistic is None else rounded(sample)
        held: NDArray[np.bool_] = limit.holds(values)
        share = _share_wanted(limit)
        kept = np.count_nonzero(held, axis=1)
        # Which strategies have to keep it in every run.
        each = np.full(len(values), share == 1)
        if share is None:
            each = np.asarray((values == values[:, :1]).all(axis=1))
            sure = _mean_within(limit, values)
        elif share == 0:
            sure = np.where(kept > 0, 1.0, 0.0)
        else:
            sure = special.betainc(n - kept + 0.5, kept + 0.5, 1 - share)
        if limit.statistic is not None:
            sure = np.where(np.isnan(values).any(axis=1), 0.0, sure)
        doubt += np.where(each, 0.0, 1 - sure)
        every[each] &= held[each]
        asked |= each
    further = (np.count_nonzero(every, axis=1) + 0.5) / (n + 1)
    return np.maximum(0.0, 1 - doubt - np.where(asked, 1 - further, 0.0))


def _share_wanted(limit: Limit) -> float | None:
    """Return the least share of runs, 0..1, that have to keep the limit by themselves for it to be met; None
    for the mean of numbers, which no share decides.
    """
    if limit.statistic is None:
        return 1.0
    wanted, below = limit.requirement.value, limit.requirement.op in _BELOW
    if MEASURES[limit.statistic.measure].unit == "yes/no":
        return 1 - wanted if below else wanted
    p = limit.statistic.quantile
    if p is None and math.isinf(wanted):
        p = 1.0  # a mean is infinite when the greatest value is
    if p is None:
        return None
    return p if below else 1 - p


def _mean_within(limit: Limit, values: Floats) -> Floats:
    """Return the probability [m] that the mean of which values [m, n] are a sample keeps the finite limit."""
    n = values.shape[1]
    finite = np.asarray(np.isfinite(values).all(axis=1))
    # Sorted: the last bit of a sum must not depend on the order.
    known = np.sort(np.where(finite[:, None], values, 0.0), axis=1)
    gap = limit.requirement.value - known.mean(axis=1)
    error = known.std(axis=1) / math.sqrt(max(1, n - 1))
    distance = np.divide(gap, error, out=np.zeros_like(gap), where=error > 0)
    below = special.stdtr(max(1, n - 1), distance if limit.requirement.op in _BELOW else -distance)
    return np.where(finite, below, limit.holds(np.array(np.inf)))
