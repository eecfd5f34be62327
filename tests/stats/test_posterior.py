"""The probability that limits are met together, limit by limit by hand, and together."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.stats import confidence, parse_limit
from tests.stats.runs import table

INF, NAN = math.inf, math.nan


def probability(columns: dict[str, object], *texts: str) -> float:
    """Return the probability that one strategy with these runs meets the limits."""
    found = confidence(table({0: columns}), [parse_limit(text) for text in texts])
    return float(found["probability"][0])


def times(*values: float) -> dict[str, object]:
    """Return runs of these durations."""
    return {"duration_s": list(values)}


TEN = times(*map(float, range(1, 11)))


@pytest.mark.parametrize(
    ("text", "kept", "least"),
    [
        ("p95(duration_s)<=8", 8, 0.95),
        ("p95(duration_s)<8", 7, 0.95),
        ("p95(duration_s)>=8", 3, 0.05),
        ("p95(duration_s)>8", 2, 0.05),
        ("p5(duration_s)>=2", 9, 0.95),
        ("median(duration_s)<=6.5", 6, 0.5),
    ],
)
def test_a_limit_on_a_quantile_is_one_on_the_share_of_runs_that_keep_it(
    text: str, kept: int, least: float
) -> None:
    expected = stats.beta.sf(least, kept + 0.5, 10 - kept + 0.5)
    assert probability(TEN, text) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("stuck", "n", "text", "expected"),
    [
        (0, 4, "mean(stuck)<=5%", stats.beta.cdf(0.05, 0.5, 4.5)),
        (0, 200, "mean(stuck)<=5%", stats.beta.cdf(0.05, 0.5, 200.5)),
        (4, 200, "mean(stuck)<2%", stats.beta.cdf(0.02, 4.5, 196.5)),
        (4, 200, "mean(stuck)>=1%", stats.beta.sf(0.01, 4.5, 196.5)),
        # None and all of the runs cannot be proved: a further one is what is asked.
        (0, 4, "mean(stuck)<=0", 4.5 / 5),
        (0, 4, "mean(stuck)==0", 4.5 / 5),
        (4, 4, "mean(stuck)>=1", 4.5 / 5),
        (3, 4, "mean(stuck)>=1", 3.5 / 5),
        (4, 4, "mean(stuck)<=1", 1.0),
        (1, 4, "mean(stuck)>0", 1.0),
        (0, 4, "mean(stuck)>0", 0.0),
    ],
)
def test_a_share_by_the_binomial(stuck: int, n: int, text: str, expected: float) -> None:
    assert probability({"stuck": np.arange(n) < stuck}, text) == pytest.approx(expected, rel=1e-8)


def test_few_runs_are_not_sure_of_a_share() -> None:
    assert probability({"stuck": [False] * 4}, "mean(stuck)<=5%") < 0.6
    assert probability({"stuck": [False] * 400}, "mean(stuck)<=5%") > 0.999


@pytest.mark.parametrize(("text", "sign"), [("mean(duration_s)<=6", 1), ("mean(duration_s)>6", -1)])
def test_a_mean_by_student(text: str, sign: int) -> None:
    error = np.std(range(1, 11), ddof=1) / math.sqrt(10)
    assert probability(TEN, text) == pytest.approx(stats.t.cdf(sign * 0.5 / error, 9), rel=1e-8)


@pytest.mark.parametrize(
    ("runs", "text", "expected"),
    [
        # Every run has to keep it: (k + 1/2) / (n + 1).
        (TEN, "duration_s<=10", 10.5 / 11),
        (TEN, "duration_s<=8", 8.5 / 11),
        (TEN, "max(duration_s)<=8", 8.5 / 11),
        (TEN, "min(duration_s)>1", 9.5 / 11),
        (TEN, "duration_s==3", 1.5 / 11),
        (times(1.0, INF, NAN), "duration_s<inf", 1.5 / 4),
        # One run decides.
        (TEN, "max(duration_s)>=10", 1.0),
        (TEN, "min(duration_s)<1", 0.0),
        # No spread to go by.
        (times(5.0), "mean(duration_s)<=6", 1.5 / 2),
        (times(5.0), "mean(duration_s)<=4", 0.5 / 2),
        (times(0.1, 0.1, 0.1), "mean(duration_s)<=0.1", 3.5 / 4),
        (times(INF, INF, INF), "mean(duration_s)<=9", 0.5 / 4),
        # What is infinite, or no value.
        (times(1.0, 2.0, INF), "mean(duration_s)<=9", 0.0),
        (times(1.0, 2.0, INF), "mean(duration_s)>=9", 1.0),
        (times(1.0, 2.0, 3.0), "mean(duration_s)<inf", 3.5 / 4),
        (times(1.0, 2.0, INF), "mean(duration_s)<inf", 2.5 / 4),
        (times(1.0, 2.0, NAN), "mean(duration_s)<=9", 0.0),
        (times(1.0, 2.0, NAN), "median(duration_s)<=9", 0.0),
        # Equal is at most and at least, and no share or mean of numbers is known exactly.
        (TEN, "mean(duration_s)==5.5", 0.0),
        ({"stuck": [True, False]}, "mean(stuck)==0.5", 0.0),
        (
            {"min_ready": [3, 3, 3, 4]},
            "median(min_ready)==3",
            stats.beta.sf(0.5, 3.5, 1.5) + stats.beta.sf(0.5, 4.5, 0.5) - 1,
        ),
    ],
)
def test_limits_at_the_edge(runs: dict[str, object], text: str, expected: float) -> None:
    assert probability(runs, text) == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_estimates_and_their_limits_are_rounded_alike() -> None:
    a_bit_more = {"extra_pod_s": [30.000000000000004] * 9}
    assert probability(a_bit_more, "p50(extra_pod_s)<=30") > 0.99


def test_limits_together_are_at_least_as_sure_as_bonferroni_says() -> None:
    texts = ("p95(duration_s)<=12", "mean(duration_s)<=7")
    doubts = [1 - probability(TEN, text) for text in texts]
    assert probability(TEN, *texts) == pytest.approx(1 - sum(doubts))
    assert min(doubts) > 0.01
    assert probability(TEN, "median(duration_s)<=3", "median(duration_s)>=8") == 0.0


def test_what_every_run_has_to_keep_is_counted_once_for_all_limits() -> None:
    runs = {"duration_s": [1.0, 2.0, 3.0, 9.0], "min_ready": [4, 4, 4, 1]}
    both = ("duration_s<=3", "min(min_ready)>=2")
    assert probability(runs, *both) == probability(runs, both[0]) == 3.5 / 5
    other = ("duration_s>=2", "min(min_ready)>=2")
    assert probability(runs, *other) == 2.5 / 5
    mean = "mean(duration_s)<=5"
    assert probability(runs, mean, *both) == pytest.approx(probability(runs, mean) - 1.5 / 5)


def test_every_cell_of_the_table() -> None:
    runs = table({0: times(1.0, 2.0, 3.0, INF), 3: times(1.0, 1.0)})
    found = confidence(runs, [parse_limit("duration_s<=3")])
    assert list(found.columns) == ["strategy", "n", "probability"]
    assert found["strategy"].tolist() == [0, 3]
    assert found["n"].tolist() == [4, 2]
    assert found["probability"].tolist() == pytest.approx([3.5 / 5, 2.5 / 3])
    assert confidence(runs, [])["probability"].tolist() == [1, 1]
    with pytest.raises(ValueError, match="no measure 'stuck'"):
        confidence(runs, [parse_limit("stuck==false")])


def test_a_strategys_probability_is_its_own() -> None:
    generator = np.random.default_rng(3)
    limits = [parse_limit(text) for text in ("p95(duration_s)<=45", "mean(duration_s)<=24", "duration_s<=90")]
    runs = table({s: {"duration_s": generator.lognormal(3, 0.4, 40 + 20 * (s % 2))} for s in range(6)})
    together = confidence(runs, limits)
    assert together["probability"].nunique() > 3
    pd.testing.assert_frame_equal(
        confidence(runs.sample(frac=1, random_state=1), limits), together, check_exact=True
    )
    for s in range(6):
        alone = confidence(runs[runs["strategy"] == s], limits)
        assert alone.loc[0].tolist() == together.loc[s].tolist()
