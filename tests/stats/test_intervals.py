"""Intervals against values worked out by hand or by slower means; how often they cover is in tests/theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from sim.stats.intervals import (
    fewest_below,
    mean_interval,
    quantile,
    quantile_interval,
    rounded,
    share_interval,
)

INF, NAN = math.inf, math.nan
TO_SIX = np.arange(1.0, 7.0)


def test_the_mean_has_students_interval() -> None:
    # s^2 = 2.5; t(0.975; 4) = 2.776445, t(0.95; 4) = 2.131847 from any table.
    half = 2.776445 * math.sqrt(2.5 / 5)
    assert mean_interval(np.arange(1.0, 6.0)) == pytest.approx((3, 3 - half, 3 + half), rel=1e-6)
    half = 2.131847 * math.sqrt(2.5 / 5)
    assert mean_interval(np.arange(1.0, 6.0), 0.9) == pytest.approx((3, 3 - half, 3 + half), rel=1e-6)


@pytest.mark.parametrize(
    ("values", "interval"),
    [
        ([5.0], (5.0, NAN, NAN)),
        ([5.0, 5.0], (5.0, 5.0, 5.0)),
        ([1.0, INF, 2.0], (INF, NAN, INF)),
        ([INF, INF], (INF, NAN, INF)),
        ([1.0, NAN, INF], (NAN, NAN, NAN)),
    ],
)
def test_the_mean_of_few_or_censored_values(
    values: list[float], interval: tuple[float, float, float]
) -> None:
    assert mean_interval(np.array(values)) == pytest.approx(interval, nan_ok=True)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
@pytest.mark.parametrize(("count", "n"), [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (17, 1000)])
def test_shares_have_wilsons_interval(count: int, n: int, level: float) -> None:
    found = share_interval(count, n, level)
    oracle = stats.binomtest(count, n).proportion_ci(level, method="wilson")
    assert found == pytest.approx((count / n, oracle.low, oracle.high), abs=1e-12)
    assert (found.low == 0) == (count == 0)
    assert (found.high == 1) == (count == n)


def test_wilsons_own_example() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
    counts, n = np.array([81, 15, 0, 1]), np.array([263, 148, 20, 29])
    found = share_interval(counts, n)
    assert found.low == pytest.approx([0.2553, 0.0624, 0.0, 0.0061], abs=5e-5)
    assert found.high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


def test_the_median_has_hettmansperger_and_sheathers_interval() -> None:
    # n = 6: [1, 6] is sure to 1 - 2/64 and [2, 5] to 1 - 14/64. I = (31/32 - 0.95) / (31/32 - 25/32) = 0.1,
    # and the weight of the inner value is 5 I / (1 + 4 I) = 5/14.
    assert quantile_interval(TO_SIX, 0.5) == pytest.approx((3.5, 1 + 5 / 14, 6 - 5 / 14))


def nyblom(n: int, p: float, level: float) -> float | None:
    """Return the place of the lower end among 1..n, by the formula as published, in exact binomials."""

    def sure(r: int) -> float:
        return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(r, n + 1))

    wanted = (1 + level) / 2
    ranks = [r for r in range(1, n + 1) if sure(r) >= wanted]
    if not ranks:
        return None
    r = ranks[-1]
    if r == n:
        return r
    share = (wanted - sure(r + 1)) / (sure(r) - wanted) if sure(r) > wanted else INF
    return r + 1 / (1 + r * (1 - p) / ((n - r) * p) * share)


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("p", [0.05, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("n", [1, 2, 5, 6, 30, 71, 72, 150])
def test_quantiles_have_nybloms_interval(n: int, p: float, level: float) -> None:
    found = quantile_interval(np.arange(1.0, n + 1), p, level)
    low, high = nyblom(n, p, level), nyblom(n, 1 - p, level)
    assert found.low == pytest.approx(NAN if low is None else low, nan_ok=True)
    assert found.high == pytest.approx(NAN if high is None else n + 1 - high, nan_ok=True)


@pytest.mark.parametrize(("p", "least"), [(0.5, 6), (0.95, 72), (0.99, 368)])
def test_an_upper_end_needs_enough_values(p: float, least: int) -> None:
    assert math.isnan(quantile_interval(np.arange(float(least - 1)), p).high)
    assert math.isfinite(quantile_interval(np.arange(float(least)), p).high)
    assert math.isnan(quantile_interval(np.arange(float(least - 1)), 1 - p).low)
    assert math.isfinite(quantile_interval(np.arange(float(least)), 1 - p).low)


@pytest.mark.parametrize(
    ("values", "p", "expected"),
    [
        ([1.0, 2.0, INF], 0.5, 2.0),
        ([1.0, INF], 0.5, INF),
        ([1.0, 2.0, 3.0, INF], 0.5, 2.5),
        ([1.0, 2.0, INF, INF], 0.5, INF),
        ([INF, INF, INF], 0.5, INF),
        ([1.0, 2.0, INF], 0.0, 1.0),
        ([1.0, 2.0, INF], 1.0, INF),
        ([1.0, 2.0, 3.0], 1.0, 3.0),
        ([7.0], 0.99, 7.0),
        ([1.0, 2.0, NAN], 0.5, NAN),
        # (12 + 1/3) 0.95 + 1/3 = 12.05: beyond the last value.
        (list(range(1, 13)), 0.95, 12.0),
        # (8 + 1/3) 0.2 + 1/3 = 2 exactly, though not in floating point.
        ([1.0, 2.0, *[INF] * 6], 0.2, 2.0),
        # (6 + 1/3) 0.3 + 1/3 = 2.2333
        (list(TO_SIX), 0.3, 2 + 0.7 / 3),
    ],
)
def test_quantiles(values: list[float], p: float, expected: float) -> None:
    assert quantile(np.array(values, dtype=float), p) == pytest.approx(expected, nan_ok=True)


def test_censored_values_widen_the_interval_of_a_quantile() -> None:
    assert quantile_interval(np.array([*range(1, 6), INF]), 0.5) == pytest.approx((3.5, 1 + 5 / 14, INF))
    # The lower end lies between a number and an inf: no more than the number is known.
    assert quantile_interval(np.array([1.0, *[INF] * 5]), 0.5) == (INF, 1.0, INF)
    assert quantile_interval(np.full(6, INF), 0.5) == (INF, INF, INF)


def test_many_samples_at_once_are_as_one_by_one() -> None:
    values = np.sort(np.random.default_rng(1).normal(size=(3, 4, 80)), axis=-1)
    many = [*mean_interval(values), *quantile_interval(values, 0.95)]
    for i in np.ndindex(3, 4):
        one = [*mean_interval(values[i]), *quantile_interval(values[i], 0.95)]
        assert [float(end[i]) for end in many] == pytest.approx([float(end) for end in one], rel=1e-13)


def test_numbers_are_rounded_to_nine_digits() -> None:
    generator = np.random.default_rng(1)
    values = generator.normal(size=2000) * 10.0 ** generator.integers(-9, 15, 2000)
    assert rounded(values).tolist() == [float(f"{v:.9g}") for v in values]
    assert rounded([0.1 + 0.2, INF, -INF, 0.0, 999999999.9]).tolist() == [0.3, INF, -INF, 0.0, 1e9]
    assert math.isnan(rounded(NAN))
    assert math.copysign(1, rounded(-0.0)) == 1


FINITE = st.floats(-1e6, 1e6).map(lambda v: round(v, 3))
SAMPLES = st.integers(2, 120).flatmap(lambda n: arrays.arrays(float, n, elements=FINITE)).map(np.sort)
LEVELS = st.floats(0.5, 0.999)


@pytest.mark.property
@given(SAMPLES, st.floats(0.01, 0.99), LEVELS)
def test_an_interval_is_around_its_estimate(values: np.ndarray, p: float, level: float) -> None:
    for found in (mean_interval(values, level), quantile_interval(values, p, level)):
        tolerance = 1e-9 * max(1.0, float(np.abs(values).max()))
        assert not found.low > found.estimate + tolerance
        assert not found.high < found.estimate - tolerance
    assert float(quantile(values, p)) == pytest.approx(
        float(np.quantile(values, p, method="median_unbiased")), rel=1e-6, abs=1e-6
    )


@pytest.mark.property
@given(SAMPLES, st.floats(0.01, 0.99), LEVELS, LEVELS)
def test_a_higher_level_is_wider(values: np.ndarray, p: float, one: float, other: float) -> None:
    narrow, wide = sorted((one, other))
    tolerance = 1e-9 * max(1.0, float(np.abs(values).max()))
    shares = share_interval(3, 10, narrow), share_interval(3, 10, wide)
    quantiles = quantile_interval(values, p, narrow), quantile_interval(values, p, wide)
    means = mean_interval(values, narrow), mean_interval(values, wide)
    for inner, outer in (shares, quantiles, means):
        assert not outer.low > inner.low + tolerance
        assert not outer.high < inner.high - tolerance
    # What is too few for a low level is too few for a higher one.
    assert not (math.isnan(quantiles[0].low) and not math.isnan(quantiles[1].low))


@pytest.mark.property
@given(SAMPLES, st.floats(0.01, 0.99), st.data())
def test_to_censor_never_lowers_an_upper_end_or_an_estimate(
    values: np.ndarray, p: float, data: st.DataObject
) -> None:
    censored = values.copy()
    censored[data.draw(st.integers(0, values.size - 1)) :] = INF
    for before, after in (
        (quantile_interval(values, p), quantile_interval(censored, p)),
        (mean_interval(values), mean_interval(censored)),
    ):
        assert after.estimate >= before.estimate
        assert not after.high < before.high
        assert math.isnan(after.high) == math.isnan(before.high) or after.estimate == INF
        assert not after.low > after.estimate


@pytest.mark.parametrize("p", [0.001, 0.5, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_fewest_values_with_an_upper_end(p: float, level: float) -> None:
    n = fewest_below(p, level)
    assert 1 - p**n >= (1 + level) / 2
    assert np.isfinite(quantile_interval(np.arange(float(n)), p, level).high)
    if n > 1:
        assert 1 - p ** (n - 1) < (1 + level) / 2
        assert np.isnan(quantile_interval(np.arange(float(n - 1)), p, level).high)
