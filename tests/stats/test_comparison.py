"""Limits broken run by run and paired differences, on runs made by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sim.stats import breaches, differences, parse_limit
from sim.stats.intervals import share_interval
from tests.stats.runs import table

INF, NAN = math.inf, math.nan


def test_every_cell_of_the_breaches() -> None:
    runs = table(
        {
            0: {"duration_s": [10.0, 20.0, INF, 30.0], "stuck": [False, False, True, False]},
            4: {"duration_s": [10.0, NAN], "stuck": [False, False]},
        }
    )
    limits = [
        parse_limit(t) for t in ("duration_s<=20", "p95(duration_s)<30", "mean(stuck)<=1%", "stuck==true")
    ]
    found = breaches(runs, limits)
    assert list(found.columns) == ["strategy", "limit", "n", "broken", "probability", "low", "high"]
    assert found["strategy"].tolist() == [0] * 4 + [4] * 4
    assert found["limit"].tolist() == [str(limit) for limit in limits] * 2
    assert found["n"].tolist() == [4] * 4 + [2] * 4
    assert found["broken"].tolist() == [2, 2, 1, 3, 1, 1, 0, 2]
    assert found["probability"].tolist() == [0.5, 0.5, 0.25, 0.75, 0.5, 0.5, 0.0, 1.0]
    wilson = share_interval(found["broken"], found["n"])
    assert found["low"].tolist() == pytest.approx(wilson.low.tolist(), rel=1e-8)
    assert found["high"].tolist() == pytest.approx(wilson.high.tolist(), rel=1e-8)
    narrow = breaches(runs, limits, level=0.5)
    assert (narrow["low"] >= found["low"]).all()
    assert narrow["low"][0] > found["low"][0]


def test_without_limits_nothing_is_broken() -> None:
    assert breaches(table({0: {"duration_s": [1.0]}}), []).empty


def test_every_cell_of_the_differences() -> None:
    runs = table(
        {
            0: {"duration_s": [1.0, 2.0, 3.0], "min_ready": [5, 6, 6], "stuck": [False, True, False]},
            1: {"duration_s": [2.0, 2.0, 5.0, 9.0], "min_ready": [4, 5, 8, 9], "stuck": [False] * 4},
            2: {"duration_s": [2.0, 2.0, 5.0, 9.0], "min_ready": [4, 5, 8, 9], "stuck": [False] * 4},
        }
    )
    found = differences(runs, baseline=1)
    heads = ["mean", "low", "high", "better", "better_low", "better_high", "equal"]
    assert list(found.columns) == ["strategy", "measure", "n", "censored", *heads]
    assert found["strategy"].tolist() == [0] * 3 + [2] * 3
    assert found["measure"].tolist() == ["duration_s", "min_ready", "stuck"] * 2
    assert found["n"].tolist() == [3] * 3 + [4] * 3
    assert found["censored"].tolist() == [0] * 6
    # Differences -1, 0, -2; 1, 1, -2; 0, 1, 0 and t(0.975; 2) = 4.3026527.
    t = 4.3026527 / math.sqrt(3)
    none3, two3 = ([float(v) for v in share_interval(k, 3)] for k in (0, 2))
    none4 = [float(v) for v in share_interval(0, 4)]
    rows = [
        [-1, -1 - t, -1 + t, *two3, 1 / 3],
        [0, -t * math.sqrt(3), t * math.sqrt(3), *two3, 0],
        [1 / 3, 1 / 3 - t * math.sqrt(1 / 3), 1 / 3 + t * math.sqrt(1 / 3), *none3, 2 / 3],
        *[[0, 0, 0, *none4, 1]] * 3,
    ]
    for i, row in enumerate(rows):
        assert found.loc[i, heads].tolist() == pytest.approx(row, rel=1e-7)


def test_runs_that_never_end_are_compared() -> None:
    runs = table(
        {
            0: {"duration_s": [1.0, INF, INF, 2.0]},
            1: {"duration_s": [INF, INF, 1.0, 3.0]},
            2: {"duration_s": [INF, INF, 2.0, 1.0]},
            3: {"duration_s": [NAN, INF, 2.0, 1.0]},
        }
    )
    found = differences(runs, baseline=1).set_index("strategy")
    # Sooner, a tie, never, sooner.
    assert found.loc[0, ["censored", "better", "equal"]].tolist() == [2, 0.5, 0.25]
    assert found.loc[0, ["mean", "low", "high"]].isna().all()
    # Two ties: 0, 0, 1, -2.
    assert found.loc[2, ["censored", "mean", "better", "equal"]].tolist() == [0, -0.25, 0.25, 0.5]
    assert found.loc[3, ["mean", "low", "high", "better", "better_low", "better_high", "equal"]].isna().all()


def test_pairs_are_narrower_than_strangers() -> None:
    luck = np.random.default_rng(1).lognormal(3, 1, 50)
    found = differences(table({0: {"duration_s": luck}, 1: {"duration_s": luck + 1}}), baseline=0)
    assert found.loc[0, ["mean", "low", "high"]].tolist() == pytest.approx([1, 1, 1])


def test_the_other_way_round_differences_change_their_sign() -> None:
    generator = np.random.default_rng(2)
    runs = table({s: {"min_availability": generator.random(20).round(1)} for s in (0, 1)})
    one, other = differences(runs, 0).loc[0], differences(runs, 1).loc[0]
    assert [one["mean"], one["low"], one["high"]] == [-other["mean"], -other["high"], -other["low"]]
    assert one["equal"] == other["equal"]
    assert one["better"] + other["better"] + one["equal"] == pytest.approx(1)


def test_the_order_of_the_rows_does_not_matter() -> None:
    generator = np.random.default_rng(4)
    runs = table({s: {"duration_s": generator.random(9 - s)} for s in range(4)})
    mixed = runs.sample(frac=1, random_state=1)
    limits = [parse_limit("duration_s<=0.5")]
    pd.testing.assert_frame_equal(differences(mixed, 2), differences(runs, 2), check_exact=True)
    pd.testing.assert_frame_equal(breaches(mixed, limits), breaches(runs, limits), check_exact=True)


def test_a_baseline_is_one_of_the_strategies() -> None:
    with pytest.raises(ValueError, match="no strategy 3 to be the baseline"):
        differences(table({0: {"duration_s": [1.0]}}), 3)
