"""Time-outs out of runs: what is advised, how many runs that takes, and what shares mean."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from sim.choose.timeouts import (
    MEASURED,
    STEPS_S,
    advise,
    advise_each,
    enough,
    fewest_runs,
    latest,
    never_keeps,
    parse_share,
    round_up,
    waits,
)
from sim.errors import InputError


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.0, 1), (0.2, 1), (1.0, 1), (1.000001, 2), (12.2, 13), (29.9, 30), (30.0, 30),
        (30.1, 32), (60, 60), (61, 65),
        (120, 120), (120.5, 130), (299, 300), (301, 330), (600, 600), (601, 660), (3599, 3600), (3601, 3900),
        (86_400, 86_400),
    ],
)  # fmt: skip
def test_times_people_write(seconds: float, written: int) -> None:
    assert round_up(seconds) == written


def test_rounding_adds_less_than_a_second_or_a_tenth() -> None:
    for seconds in np.exp(np.linspace(0, math.log(100_000), 20_000)):
        added = round_up(seconds) - seconds
        assert 0 <= added < max(1.0, 0.1 * seconds)


def test_a_written_time_is_rounded_to_itself_and_the_steps_fit() -> None:
    times = sorted({round_up(seconds) for seconds in np.linspace(1, 9000, 20_000)})
    assert [round_up(time) for time in times] == times
    for (limit, step), (_, coarser) in pairwise(STEPS_S):
        assert coarser > step
        assert limit % coarser == limit % step == 0


@pytest.mark.parametrize(
    ("text", "share"), [("99.9%", 0.999), ("95 %", 0.95), ("0.999", 0.999), (" .5 ", 0.5), (0.99, 0.99)]
)
def test_shares(text: str | float, share: float) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("100%", "no number of runs proves that nothing ever breaks a time-out"),
        ("1", "no number of runs proves"),
        (1.0, "no number of runs proves"),
        ("0", "a share is above 0 % and below 100 %"),
        ("-3%", "a share is above 0 %"),
        ("120%", "a share is above 0 %"),
        ("99.9", "did you mean 99.9%?"),
        ("99.99999%", "more than 1,000,000 rollouts"),
        ("", "this is no share"),
        ("nan", "this is no share"),
        ("most", "this is no share"),
        ("٩٩%", "this is no share"),
        ("9" * 50, "this is no share"),
    ],
)
def test_what_is_no_share(text: str | float, told: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_share(text)
    (problem,) = raised.value.diagnostics
    assert str(problem).startswith("--share: E506 ")
    assert told in str(problem)


def test_the_fewest_runs_are_those_that_bound_the_quantile() -> None:
    assert [fewest_runs(share) for share in (0.9, 0.95, 0.99, 0.999)] == [36, 72, 368, 3688]
    for share in (0.5, 0.9, 0.95, 0.99):
        n = fewest_runs(share)
        taken = np.arange(1.0, n + 1)
        assert n - 2 < advise(taken, share).upper_s <= n, "of so few it is about the longest one"
        assert advise(taken[1:], share).advised_s is None


def test_advice_is_the_rounded_upper_end() -> None:
    taken = np.random.default_rng(1).permutation(np.linspace(0.1, 100.0, 1000))
    found = advise(taken, 0.95)
    assert (found.n, round(found.median_s)) == (1000, 50)
    # Of 1000 runs 950 are expected below p95, and at most 963 in 975 of 1000 samples.
    assert found.quantile_s == pytest.approx(95.0, abs=0.1)
    assert found.upper_s == pytest.approx(96.35, abs=0.15)
    assert found.advised_s == 100
    assert advise(taken, 0.95, least_s=131).advised_s == 140


def test_no_time_out_keeps_a_share_that_is_never_complete() -> None:
    complete = np.arange(1000) >= 100
    runs = pd.DataFrame({"complete": complete, **dict.fromkeys(MEASURED, np.full(1000, 4.5))})
    assert [one.advised_s for one in advise_each(runs, 0.95, 0)] == [None] * 3
    # Helm 3 looks every other second; a deadline is longer than minReadySeconds.
    assert [one.advised_s for one in advise_each(runs, 0.8, 0)] == [5, 5, 6]
    assert [one.advised_s for one in advise_each(runs, 0.8, 9)] == [10, 5, 6]


def test_what_is_never_complete_takes_for_ever() -> None:
    runs = pd.DataFrame({"complete": [True, False, True], "longest_gap_s": [3.0, 600.0, 5.0]})
    assert waits(runs, "longest_gap_s").tolist() == [3.0, math.inf, 5.0]
    endless = advise(np.array([1.0] * 900 + [math.inf] * 100), 0.95)
    assert endless.advised_s is None
    assert math.isinf(endless.upper_s)


def test_helm_3_looks_every_two_seconds() -> None:
    # What is ready after 12.1 s it sees at 14 s: 13 s would be as short as 12 s.
    found = [advise(np.full(100, taken), 0.9, looks_s=2).advised_s for taken in (11.9, 12.0, 12.1)]
    assert found == [12, 12, 14]
    assert advise(np.full(100, 12.1), 0.9).advised_s == 13


def test_a_release_takes_as_long_as_the_last_of_it() -> None:
    several = [np.array([1.0, 5.0, math.inf]), np.array([2.0, 4.0, 1.0])]
    assert latest(several).tolist() == [2.0, 5.0, math.inf]


def runs_of(*strategies: np.ndarray) -> pd.DataFrame:
    """Return runs that took so long by every measure; infinity: never complete."""
    parts = [
        pd.DataFrame({"strategy": number, "complete": np.isfinite(taken), **dict.fromkeys(MEASURED, taken)})
        for number, taken in enumerate(strategies)
    ]
    return pd.concat(parts, ignore_index=True)


def test_more_runs_are_made_while_they_shorten_the_advice() -> None:
    # The longest of as few runs as bound p95 lies far above it where the tail is heavy.
    chance = np.random.default_rng(3)
    steady, heavy = chance.normal(60, 0.5, 128), np.exp(4 + chance.normal(0, 1, 128))
    few = chance.normal(60, 0.5, 64)
    assert enough(runs_of(steady, heavy, few), 0.95).tolist() == [True, False, False]


def test_what_is_plainly_never_complete_is_not_simulated_on() -> None:
    stuck = np.array([1.0] * 40 + [math.inf] * 24)
    once = np.array([1.0] * 63 + [math.inf])
    assert enough(runs_of(stuck, once), 0.999).tolist() == [True, False]


def test_one_failure_in_a_block_is_no_proof() -> None:
    # Of 64 runs one fails in 6 of 100 blocks where 99.9 % complete.
    shares = [never_keeps(runs_of(np.array([1.0] * (64 - n) + [math.inf] * n)), 0.999) for n in range(5)]
    assert shares == [False, False, False, True, True]
