"""The table of statistics, single statistics, and the rule of precision, on runs made by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sim.metrics import MEASURES
from sim.stats import (
    estimate,
    parse_precision,
    parse_statistic,
    reached,
    summarize,
    value,
)
from sim.stats.intervals import mean_interval, quantile_interval, share_interval
from tests.stats.runs import table

INF, NAN = math.inf, math.nan
HEADS = [f"{name}{end}" for name in ("mean", "p5", "median", "p95", "p99") for end in ("", "_low", "_high")]


def two() -> pd.DataFrame:
    """Return six runs of strategy 2 and three of strategy 5."""
    return table(
        {
            2: {
                "duration_s": [4.0, 1.0, 6.0, 3.0, 2.0, 5.0],
                "below_floor_s": [0.0, NAN, 0.0, 0.0, 0.0, 0.0],
                "peak_pods": [7] * 6,
                "stuck": [False, False, True, False, False, False],
                "stuck_reason": ["", "", "x", "", "", ""],
            },
            5: {
                "duration_s": [1.0, INF, 2.0],
                "below_floor_s": [1.0, 2.0, 3.0],
                "peak_pods": [1, 2, 3],
                "stuck": [False, True, False],
                "stuck_reason": ["", "y", ""],
            },
        }
    )


def test_every_cell_of_the_statistics() -> None:
    found = summarize(two())
    assert list(found.columns) == ["strategy", "measure", "n", "censored", *HEADS]
    measures = ["duration_s", "below_floor_s", "peak_pods", "stuck"]
    assert found["strategy"].tolist() == [2] * 4 + [5] * 4
    assert found["measure"].tolist() == measures * 2
    assert found["n"].tolist() == [6] * 4 + [3] * 4
    assert found["censored"].tolist() == [0, 0, 0, 0, 1, 0, 0, 0]
    assert {str(found[head].dtype) for head in HEADS} == {"float64"}
    # t(0.975; 5) = 2.5705818, s^2 = 3.5; t(0.975; 2) = 4.3026527, s = 1; Wilson's 1 of 6 and 1 of 3.
    mean6, mean3 = 2.5705818 * math.sqrt(3.5 / 6), 4.3026527 / math.sqrt(3)
    none = [NAN] * 3
    # Low ends of p95 and p99, by the binomial: 4 of 6 and 2 of 3 values are below for sure enough.
    p95_of6, p99_of6, p95_of3, p99_of3 = 4.9653094, 5.9329070, 2.5890848, 2.9961701
    tail6 = [6, p95_of6, NAN, 6, p99_of6, NAN]
    tail3 = [3, p95_of3, NAN, 3, p99_of3, NAN]
    rows = [
        [3.5, 3.5 - mean6, 3.5 + mean6, 1, NAN, 7 - p95_of6, 3.5, 19 / 14, 79 / 14, *tail6],
        [NAN] * 15,
        [7, 7, 7, 7, NAN, 7, 7, 7, 7, 7, 7, NAN, 7, 7, NAN],
        [1 / 6, 0.0300534, 0.5635028, *none, *none, *none, *none],
        [INF, NAN, INF, 1, NAN, 4 - p95_of3, 2, NAN, NAN, INF, 2, NAN, INF, 2, NAN],
        [2, 2 - mean3, 2 + mean3, 1, NAN, 4 - p95_of3, 2, NAN, NAN, *tail3],
        [2, 2 - mean3, 2 + mean3, 1, NAN, 4 - p95_of3, 2, NAN, NAN, *tail3],
        [1 / 3, 0.0614919, 0.7923403, *none, *none, *none, *none],
    ]
    for i, row in enumerate(rows):
        assert found.loc[i, HEADS].tolist() == pytest.approx(row, rel=5e-6, nan_ok=True), found.loc[
            i, "measure"
        ]


def test_the_statistics_of_many_strategies_are_those_of_each() -> None:
    generator = np.random.default_rng(3)
    sizes = {0: 400, 1: 80, 3: 400, 7: 1}
    runs = table(
        {
            s: {"complete": generator.random(n) < 0.9, "duration_s": generator.lognormal(3, 0.5, n)}
            for s, n in sizes.items()
        }
    )
    found = summarize(runs, level=0.9).set_index(["strategy", "measure"])
    for s in sizes:
        one = runs[runs["strategy"] == s]
        times = np.sort(one["duration_s"].to_numpy())
        expected = [*mean_interval(times, 0.9)]
        for p in (0.05, 0.5, 0.95, 0.99):
            expected += quantile_interval(times, p, 0.9)
        assert found.loc[(s, "duration_s"), HEADS].tolist() == pytest.approx(
            list(map(float, expected)), rel=1e-8, nan_ok=True
        )
        share = share_interval(one["complete"].sum(), len(one), 0.9)
        assert found.loc[(s, "complete"), HEADS[:3]].tolist() == pytest.approx(
            list(map(float, share)), rel=1e-8
        )


def test_the_order_of_the_rows_does_not_matter() -> None:
    runs = two()
    mixed = runs.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(summarize(mixed), summarize(runs), check_exact=True)
    p95 = parse_statistic("p95(duration_s)")
    pd.testing.assert_series_equal(value(p95, mixed), value(p95, runs), check_exact=True)


def test_measures_can_be_chosen() -> None:
    assert summarize(two(), ["stuck", "duration_s"])["measure"].tolist() == ["duration_s", "stuck"] * 2
    with pytest.raises(ValueError, match="no measure 'duration' with numbers; did you mean duration_s"):
        summarize(two(), ["duration"])
    with pytest.raises(ValueError, match="no measure 'stuck_reason' with numbers"):
        summarize(two(), ["stuck_reason"])
    with pytest.raises(ValueError, match="no measure 'drained_s'"):
        value(parse_statistic("drained_s"), two())


def test_replications_have_no_gaps() -> None:
    with pytest.raises(ValueError, match="without gaps"):
        summarize(two().drop(index=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mean(duration_s)", [3.5, INF]),
        ("median(duration_s)", [3.5, 2.0]),
        ("min(duration_s)", [1.0, 1.0]),
        ("max(duration_s)", [6.0, INF]),
        # (6 + 1/3) 0.3 + 1/3 = 2.2333, (3 + 1/3) 0.3 + 1/3 = 1.3333
        ("p30(duration_s)", [2.23333333, 1.33333333]),
        ("max(below_floor_s)", [NAN, 3.0]),
        ("mean(stuck)", [0.166666667, 0.333333333]),
    ],
)
def test_one_statistic_of_every_strategy(text: str, expected: list[float]) -> None:
    found = value(parse_statistic(text), two())
    assert found.index.tolist() == [2, 5]
    assert (found.index.name, found.name) == ("strategy", text)
    assert found.tolist() == pytest.approx(expected, rel=1e-15, nan_ok=True)


def precise() -> pd.DataFrame:
    """Return runs whose mean is 100 +- 1 (its interval), runs that never end, and runs all the same."""
    n = 101
    wanted = 1 / (1.98397152 / math.sqrt(n))  # t(0.975; 100)
    around = np.where(np.arange(n) % 2 == 0, -1.0, 1.0)
    around -= around.mean()
    around *= wanted / around.std(ddof=1)
    return table(
        {
            0: {"duration_s": 100 + around, "stuck": [False] * n},
            1: {"duration_s": np.full(n, INF), "stuck": [True] * n},
            2: {"duration_s": np.full(n, 7.0), "stuck": [False] * n},
        }
    )


@pytest.mark.parametrize("name", ["mean", "p5", "median", "p95", "p99"])
def test_an_estimate_is_that_of_the_table(name: str) -> None:
    found = estimate(parse_statistic(f"{name}(duration_s)"), precise(), 0.9)
    assert list(found.columns) == ["strategy", "value", "low", "high"]
    assert found["strategy"].tolist() == [0, 1, 2]
    rows = summarize(precise(), ["duration_s"], 0.9)[[name, f"{name}_low", f"{name}_high"]].to_numpy()
    np.testing.assert_array_equal(found[["value", "low", "high"]].to_numpy(), rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Of 101 values 1 … 101: the quantile by definition 8, the ends by the binomial.
        ("p90(duration_s)", [*map(float, quantile_interval(np.arange(1.0, 102.0), 0.9))]),
        ("p99.9(duration_s)", [101.0, *map(float, quantile_interval(np.arange(1.0, 102.0), 0.999)[1:])]),
        ("max(duration_s)", [101.0, NAN, NAN]),
        ("min(duration_s)", [1.0, NAN, NAN]),
        ("mean(stuck)", [*map(float, share_interval(1, 101))]),
    ],
)
def test_any_statistic_has_its_estimate(text: str, expected: list[float]) -> None:
    runs = table({7: {"duration_s": np.arange(1.0, 102.0), "stuck": np.arange(101) == 3}})
    found = estimate(parse_statistic(text), runs)
    assert found.loc[0].tolist() == pytest.approx([7, *expected], rel=1e-8, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("duration_s=1.01%", [True, False, True]),
        ("duration_s=0.99%", [False, False, True]),
        ("duration_s=1.01s", [True, False, True]),
        ("duration_s=0.99s", [False, False, True]),
        # That a rollout never ends is known, however it is asked.
        ("median(duration_s)=50%", [True, True, True]),
        ("p99(duration_s)=99%", [False, False, False]),
        ("stuck=0.02", [True, True, True]),
        ("stuck=0.01", [False, False, False]),
        ("stuck=5%", [False, True, False]),
    ],
)
def test_a_precision_is_reached(text: str, expected: list[bool]) -> None:
    found = reached(parse_precision(text), precise())
    assert found.tolist() == expected
    assert found.index.tolist() == [0, 1, 2]


def test_half_infinite_intervals_are_not_precise() -> None:
    # The median lies between 3 and inf: an infinite half width would be within a share of an infinite median.
    runs = table({0: {"duration_s": [*map(float, range(9)), *[INF] * 11]}})
    assert value(parse_statistic("median(duration_s)"), runs).tolist() == [INF]
    assert (
        estimate(parse_statistic("median(duration_s)"), runs).loc[0, ["value", "high"]].tolist() == [INF] * 2
    )
    assert reached(parse_precision("median(duration_s)=10%"), runs).tolist() == [False]


def test_every_measure_with_numbers_has_statistics() -> None:
    numbers = {name: [1.0, 2.0] for name, meaning in MEASURES.items() if meaning.unit != "text"}
    yes = {name: [True, False] for name, meaning in MEASURES.items() if meaning.unit == "yes/no"}
    found = summarize(table({0: {**numbers, **yes, "stuck_reason": ["", ""]}}))
    assert found["measure"].tolist() == [name for name in MEASURES if MEASURES[name].unit != "text"]
