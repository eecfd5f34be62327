"""Confidence that limits hold together, against a plain bootstrap and against theory."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.stats import Limit, bootstrap, confidence, parse_limit
from sim.stats.intervals import share_interval
from tests.stats.runs import table

INF, NAN = math.inf, math.nan


def limits(*texts: str) -> list[Limit]:
    """Return the limits of the texts."""
    return [parse_limit(text) for text in texts]


def some(n: int, seed: int = 5) -> dict[str, object]:
    """Return n runs, some of which never end."""
    generator = np.random.default_rng(seed)
    times = generator.lognormal(3, 0.5, n).round(1)
    stuck = generator.random(n) < 0.02
    return {
        "complete": ~stuck,
        "duration_s": np.where(stuck, INF, times),
        "drained_s": times + generator.exponential(5, n),
        "min_ready": generator.integers(3, 9, n),
    }


@pytest.mark.parametrize("n", [1, 2, 30, 200, 300])
def test_it_is_the_plain_bootstrap(n: int) -> None:
    asked = limits(
        "p95(duration_s)<=45", "median(drained_s)<=25.5", "mean(min_ready)>=5.4", "max(duration_s)<inf",
        "p1(min_ready)>=3",
    )  # fmt: skip
    runs = table({0: some(n), 1: some(n, 6)})
    drawn = np.random.Generator(np.random.Philox(9)).integers(n, size=(300, n))
    expected = []
    for s in (0, 1):
        one = runs[runs["strategy"] == s]
        times, drained = (np.sort(one[m].to_numpy()[drawn], axis=1) for m in ("duration_s", "drained_s"))
        ready = np.sort(one["min_ready"].to_numpy()[drawn], axis=1)
        # The quantile lies between two values by definition 8; that of inf by numpy would be nan.
        p95 = np.quantile(np.minimum(times, 1e9), 0.95, axis=1, method="median_unbiased")
        held = (
            (p95 <= 45)
            & (np.quantile(drained, 0.5, axis=1) <= 25.5)
            & (np.quantile(ready, 0.01, axis=1, method="median_unbiased") >= 3)
            & (ready.mean(axis=1).round(9) >= 5.4)
            & (times[:, -1] < INF)
        )
        expected.append(held.mean())
    found = confidence(runs, asked, resamples=300, seed=9)
    assert found["confidence"].tolist() == pytest.approx(expected, abs=1e-9)


def test_shares_are_drawn_as_the_binomial_says() -> None:
    runs = table({0: {"stuck": np.arange(200) < 4}})
    found = confidence(runs, limits("mean(stuck)<=2%"), resamples=20_000)
    assert found["confidence"][0] == pytest.approx(stats.binom.cdf(4, 200, 0.02), abs=0.01)


def test_a_median_is_drawn_as_the_binomial_says() -> None:
    # The median of 101 is at most the 53rd value when at least 51 of 101 are drawn from the first 53.
    runs = table({0: {"duration_s": np.arange(1.0, 102.0)}})
    found = confidence(runs, limits("median(duration_s)<=53"), resamples=20_000)
    assert found["confidence"][0] == pytest.approx(stats.binom.sf(50, 101, 53 / 101), abs=0.01)


def test_a_run_is_drawn_with_all_its_measures() -> None:
    values = np.arange(100.0)
    both = limits("mean(duration_s)<=49.5", "mean(drained_s)<=49.5")
    same = table({0: {"duration_s": values, "drained_s": values}})
    opposite = table({0: {"duration_s": values, "drained_s": values[::-1]}})
    once = confidence(same, both[:1])["confidence"][0]
    assert once == pytest.approx(0.5, abs=0.05)
    assert confidence(same, both)["confidence"][0] == once
    # The sum of both is the same in every run: both means are low only where both are 49.5.
    assert confidence(opposite, both)["confidence"][0] < 0.02


def test_limits_on_every_run_are_counted() -> None:
    runs = table(
        {
            0: {"duration_s": [1.0, 2.0, 3.0, INF], "min_ready": [1, 2, 3, 4]},
            3: {"duration_s": [1.0, 1.0], "min_ready": [2, 2]},
        }
    )
    found = confidence(runs, limits("duration_s<=3", "min_ready>=2"))
    assert list(found.columns) == ["strategy", "n", "confidence", "kept", "kept_low", "kept_high"]
    assert found["strategy"].tolist() == [0, 3]
    assert found["n"].tolist() == [4, 2]
    assert found["confidence"].tolist() == [1.0, 1.0]
    assert found["kept"].tolist() == [0.5, 1.0]
    wilson = share_interval([2, 2], [4, 2])
    assert found["kept_low"].tolist() == pytest.approx(wilson.low.tolist(), rel=1e-8)
    assert found["kept_high"].tolist() == pytest.approx(wilson.high.tolist(), rel=1e-8)


def test_without_limits_on_every_run_they_are_kept_for_certain() -> None:
    found = confidence(table({0: {"duration_s": [1.0, 2.0]}}), limits("mean(duration_s)<=9"))
    assert found.loc[0].tolist() == [0, 2, 1, 1, 1, 1]
    assert confidence(table({0: {"duration_s": [1.0]}}), []).loc[0].tolist() == [0, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("values", "text", "expected"),
    [
        ([5.0] * 9, "p95(duration_s)<=5", 1.0),
        ([5.0] * 9, "p95(duration_s)<5", 0.0),
        ([0.1] * 9, "mean(duration_s)<=0.1", 1.0),
        ([INF] * 9, "mean(duration_s)<=5", 0.0),
        ([1.0, NAN, 1.0], "median(duration_s)<=5", 0.0),
        # Kept when the run that never ends, or is not defined, is not drawn: (2/3)^3.
        ([1.0, INF, 1.0], "mean(duration_s)<=5", 8 / 27),
        ([1.0, NAN, 1.0], "mean(duration_s)<=5", 8 / 27),
        ([1.0, INF, 1.0], "max(duration_s)<=5", 8 / 27),
    ],
)
def test_runs_that_are_all_the_same_or_never_end(values: list[float], text: str, expected: float) -> None:
    found = confidence(table({0: {"duration_s": values}}), limits(text), resamples=5000)
    assert found["confidence"][0] == pytest.approx(expected, abs=0.02 if 0 < expected < 1 else 0)


def test_a_strategys_confidence_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = limits("p95(duration_s)<=45", "mean(min_ready)>=5.4")
    runs = table({s: some(40 + 20 * (s % 2), s) for s in range(6)})
    together = confidence(runs, asked, resamples=500)
    assert len(set(together["confidence"])) > 2
    pd.testing.assert_frame_equal(
        confidence(runs.sample(frac=1, random_state=1), asked, resamples=500), together
    )
    monkeypatch.setattr(bootstrap, "_BATCH", 37 * 60)  # in many batches instead of one
    for s in range(6):
        alone = confidence(runs[runs["strategy"] == s], asked, resamples=500)
        assert alone.loc[0].tolist() == together.loc[s].tolist()
    assert (
        confidence(runs, asked, resamples=500, seed=2)["confidence"].tolist()
        != together["confidence"].tolist()
    )
