"""Estimates and their confidence intervals, for many samples of one size at once.

Samples are the last axis of an array, so every function takes [..., n] and returns [...]. Infinity stands for
a moment that never came before the horizon (the run is censored there): nothing is dropped, an estimate that
cannot be finite is inf. nan anywhere in a sample makes its estimate and interval nan; an end that does not
exist is nan.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

LEVEL = 0.95
_DIGITS = 9
_LEAST, _MOST = -300, 300
_POWERS = np.array([float(f"1e{power}") for power in range(_LEAST, _MOST + 1)])


class Interval(NamedTuple):
    """An estimate and the ends of its confidence interval, three arrays of one shape."""

    estimate: Floats
    low: Floats
    high: Floats


def mean_interval(values: Floats, level: float = LEVEL) -> Interval:
    """Return the mean of [..., n] and Student's t interval: mean +- t s / sqrt(n), s with n - 1 (Student
    1908).

    Exact for normal values; by the central limit theorem near the level for others, below it where few values
    are very skewed: 30 lognormal values of sigma 1 are covered 88 times in 100. n = 1 has no interval. Where
    a value is inf the mean is inf, its lower end nan, its upper inf: how long a censored run would have taken
    is not known.
    """
    n = values.shape[-1]
    finite = np.isfinite(values)
    whole = finite.all(axis=-1)
    known = values if whole.all() else np.where(finite, values, 0.0)
    mean = known.mean(axis=-1)
    if n > 1:
        half = _student(n, level) * known.std(axis=-1, ddof=1) / math.sqrt(n)
    else:
        half = np.full_like(mean, math.nan)
    never = np.where(np.isnan(values).any(axis=-1), math.nan, math.inf)
    return Interval(
        np.where(whole, mean, never),
        np.where(whole, mean - half, math.nan),
        np.where(whole, mean + half, never),
    )


def share_interval(count: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Interval:
    """Return count / n, 0 <= count <= n, n >= 1, and Wilson's score interval, within [0, 1].

    Wilson, "Probable inference, the law of succession, and statistical inference" (1927): it has a width even
    where count is 0 or n, unlike the interval of Wald.
    """
    counted, of = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(n, dtype=float))
    z = float(special.ndtri((1 + level) / 2))
    share = counted / of
    centre = (counted + z * z / 2) / (of + z * z)
    half = z / (of + z * z) * np.sqrt(counted * (1 - share) + z * z / 4)
    # Exact where the square root leaves noise.
    low = np.where(counted == 0, 0.0, centre - half)
    high = np.where(counted == of, 1.0, centre + half)
    return Interval(share, low, high)


def quantile(ordered: Floats, p: float) -> Floats:
    """Return the quantile p of [..., n] sorted values: least for p = 0, greatest for p = 1.

    Between, definition 8 of Hyndman and Fan, "Sample quantiles in statistical packages" (1996), numpy's
    "median_unbiased", which they recommend: as often too low as too high, whatever the distribution. numpy's
    own default is too low in the upper tail (a p95 of 20 runs is on average their p93), which
    would flatter a strategy. Where one of the two values that it lies between is inf, so is the quantile.
    """
    n = ordered.shape[-1]
    rank, weight = quantile_place(n, p)
    found = between(ordered[..., rank - 1], ordered[..., min(rank, n - 1)], weight)
    # Sorting puts nan last.
    return np.where(np.isnan(ordered[..., -1]), math.nan, found)


def quantile_place(n: int, p: float) -> tuple[int, float]:
    """Return (rank, weight): the quantile p of n values is 1 - weight of the value of that rank, 1..n, and
    weight of the next; see `quantile`.
    """
    # Rounded: where it is a rank exactly, the next value, perhaps inf, must not weigh 1e-16.
    place = min(max(round((n + 1 / 3) * p + 1 / 3, 9), 1.0), float(n))
    rank = int(place)
    return rank, place - rank


def between(lower: Floats, upper: Floats, weight: float) -> Floats:
    """Return (1 - weight) lower + weight upper, for 0 <= weight < 1 and values that may be inf."""
    return (1 - weight) * lower + weight * upper if weight else lower


def quantile_interval(ordered: Floats, p: float, level: float = LEVEL) -> Interval:
    """Return the quantile p, 0 < p < 1, of [..., n] sorted values and an interval made of order statistics.

    The number of values below the true quantile is binomial (n, p) whatever the distribution, so an order
    statistic is a one-sided bound with a known probability; the end lies between the two whose probabilities
    enclose (1 + level) / 2, interpolated as by Hettmansperger and Sheather, "Confidence intervals based on
    interpolated order statistics" (1986), for the median, and by Nyblom, "Note on interpolated order
    statistics" (1992), for any p. The coverage is near the level instead of above it, but above where values
    are tied.

    The lower end exists from 1 - (1 - p)^n >= (1 + level) / 2 on, the upper from 1 - p^n: at 95 % the median
    has both from n = 6, p5 its lower and p95 its upper from 72, p99 its upper from 368; below, the end is
    nan. Where the value above a lower end is inf, the end is the finite one below it: wider, never too
    narrow.
    """
    n = ordered.shape[-1]
    low, high = np.full((2, *ordered.shape[:-1]), math.nan)
    place = _bound(n, p, level)
    if place is not None:
        rank, weight = place
        lower, upper = ordered[..., rank - 1], ordered[..., min(rank, n - 1)]
        low = np.where(np.isinf(upper), lower, between(lower, upper, weight))
    place = _bound(n, 1 - p, level)
    if place is not None:
        rank, weight = place  # the same from the other end
        high = between(ordered[..., n - rank], ordered[..., max(n - rank - 1, 0)], weight)
    undefined = np.isnan(ordered[..., -1])
    return Interval(
        quantile(ordered, p),
        np.where(undefined, math.nan, low),
        np.where(undefined, math.nan, high),
    )


def fewest_below(p: float, level: float = LEVEL) -> int:
    """Return the fewest values from which on the quantile p, 0 < p < 1, has an upper end: the least n with
    1 - p^n >= (1 + level) / 2. At 95 %: 72 for p95, 368 for p99, 3688 for p99.9.
    """
    n = max(1, math.ceil(math.log((1 - level) / 2) / math.log(p)) - 1)
    while _bound(n, 1 - p, level) is None:
        n += 1
    return n


@lru_cache(maxsize=1024)
def _bound(n: int, p: float, level: float) -> tuple[int, float] | None:
    """Return (rank, weight) of the lower end for the quantile p, see `quantile_place`; None where n is too
    small.
    """
    wanted = (1 + level) / 2
    # sure[r - 1]: the probability that at least r of n values lie below the quantile, falling in r.
    sure = special.bdtrc(np.arange(n, dtype=float), n, p)
    rank = int(np.count_nonzero(sure >= wanted))
    if rank == 0:
        return None
    if rank == n:
        return n, 0.0
    excess = float((sure[rank - 1] - wanted) / (sure[rank - 1] - sure[rank]))
    ours, theirs = (n - rank) * p * excess, rank * (1 - p) * (1 - excess)
    return rank, ours / (ours + theirs)


@lru_cache(maxsize=1024)
def _student(n: int, level: float) -> float:
    """Return the quantile (1 + level) / 2 of Student's t with n - 1 degrees of freedom."""
    return float(special.stdtrit(n - 1, (1 + level) / 2))


def rounded(values: ArrayLike) -> Floats:
    """Return values to 9 significant digits: last bits, which differ between machines, do not show."""
    given: NDArray[Any] = np.asarray(values, dtype=float)
    size = np.abs(given)
    ordinary = np.isfinite(size) & (size > 0)
    magnitude = np.floor(np.log10(np.where(ordinary, size, 1.0))).astype(int)
    # Powers of ten are exact up to 10^22, and a division rounds: the result is the float nearest to its
    # digits.
    shift = np.clip(_DIGITS - 1 - magnitude, _LEAST, _MOST)
    up, down = _POWERS[np.maximum(shift, 0) - _LEAST], _POWERS[np.maximum(-shift, 0) - _LEAST]
    return np.where(ordinary, np.rint(given * up / down) / up * down, given) + 0.0
