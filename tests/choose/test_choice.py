"""What is chosen: by hand, and against a choice made the long way."""

from __future__ import annotations

import json
import math
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.choose import Aim, choose, parse_aim
from sim.metrics import RequirementError
from sim.stats import Limit, Statistic, parse_limit
from tests.choose.sweeps import surges, sweep

INF, NAN = math.inf, math.nan
FAST, SMALL = parse_aim("max(duration_s)"), parse_aim("max(peak_physical)")


def test_an_aim_goes_the_way_that_is_better_unless_told() -> None:
    assert str(parse_aim("p95(duration_s)")) == "minimize p95(duration_s)"
    assert parse_aim("min_availability") == Aim(Statistic("mean", "min_availability"), "maximize")
    assert parse_aim("extra_pod_s", "maximize").sense == "maximize"
    with pytest.raises(RequirementError) as caught:
        parse_aim("p95(duration)")
    assert (caught.value.position, caught.value.nearest) == (4, "duration_s")


def test_a_choice_worked_out_by_hand() -> None:
    # Losses: 2 + 0, 0.5 + 0.2, 0 + 1, and the dominated 1 + 0.2; the last breaks the limit.
    strategies, runs = surges((60, 10), (30, 12), (20, 20), (40, 12), (5, 30))
    limit = parse_limit("peak_physical<=20")
    choice = choose(strategies, runs, [limit], [FAST, SMALL])
    table = choice.table
    assert list(table.columns) == [
        *("strategy", "label", "name", "max(duration_s)", "max(peak_physical)", "p95(duration_s)"),
        *("p95(peak_physical)", "peak_physical<=20", "feasible", "front", "loss", "probability", "role"),
        *("now", "rank", "fails"),
    ]
    assert table["strategy"].tolist() == [0, 1, 2, 3, 4]
    assert table["label"].tolist() == [f"maxSurge={i}" for i in range(5)]
    assert table["max(duration_s)"].tolist() == [60, 30, 20, 40, 5]
    assert table["peak_physical<=20"].tolist() == [10, 12, 20, 12, 30]
    assert table["feasible"].tolist() == [True, True, True, True, False]
    assert table["front"].tolist() == [True, True, True, False, False]
    assert table["loss"][:4].tolist() == pytest.approx([2, 0.7, 1, 1.2])
    assert math.isnan(table["loss"][4])
    assert table["role"].tolist() == ["", "recommended", "runner-up", "", ""]
    assert table["rank"].tolist() == [3, 0, 1, 2, 4]
    assert table["fails"].tolist() == [""] * 4 + ["pods +10"]
    assert (choice.recommended, choice.runner_up, choice.nearest, choice.in_the_way) == (1, 2, None, ())
    # (2 + 1/2) / (2 + 1), and where both runs break it (0 + 1/2) / (2 + 1).
    assert table["probability"].tolist() == pytest.approx([5 / 6] * 4 + [1 / 6])


def test_strategy_numbers_may_have_gaps_and_rows_any_order() -> None:
    strategies, runs = surges((60, 10), (30, 12), (20, 20))
    strategies["strategy"] *= 10
    runs["strategy"] *= 10
    choice = choose(strategies.iloc[::-1], runs.iloc[::-1], [], [FAST, SMALL])
    assert choice.table["strategy"].tolist() == [0, 10, 20]
    assert (choice.recommended, choice.runner_up) == (10, 20)


def test_what_is_equal_in_every_aim_is_no_runner_up() -> None:
    rows = [(20.0, 5, 0.0), (20.0, 5, 9.0), (30.0, 4, 0.0), (90.0, 9, 0.0)]
    alike = sweep(
        *(
            ({"maxSurge": str(i)}, [{"duration_s": a, "peak_physical": b, "extra_pod_s": c}])
            for i, (a, b, c) in enumerate(rows)
        )
    )
    choice = choose(*alike, [], [FAST, SMALL])
    assert choice.table["front"].tolist() == [True, True, True, False]
    assert (choice.recommended, choice.runner_up) == (0, 2)
    # Of equals it is the one in force.
    assert [choose(*alike, [], [FAST, SMALL], now=now).recommended for now in range(4)] == [0, 1, 0, 0]
    # What is dominated comes after all of the front, however little it loses.
    near = choose(*surges((60, 10), (30, 12), (20, 20), (31, 12)), [], [FAST, SMALL])
    assert (near.recommended, near.runner_up) == (1, 2)
    assert near.table["loss"][3] < near.table["loss"][2]
    # With one point on the front the next of the others is the runner-up; with nothing else, none is.
    assert choose(*surges((20, 5), (40, 6), (30, 6)), [], [FAST, SMALL]).runner_up == 2
    assert choose(*surges((20, 5), (20, 5)), [], [FAST, SMALL]).runner_up is None


AVAILABLE = parse_aim("p5(min_availability)")


def serving(*rows: tuple[float, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a sweep of (seconds, least availability)."""
    return sweep(
        *(
            ({"maxSurge": str(i)}, [{"duration_s": seconds, "min_availability": least}])
            for i, (seconds, least) in enumerate(rows)
        )
    )


def test_what_leaves_a_moment_without_any_pod_is_not_offered() -> None:
    table = serving((10, 0.0), (30, 0.5), (40, 0.5))
    choice = choose(*table, [], [FAST])
    assert (choice.recommended, choice.runner_up) == (1, 2)
    assert choice.table["feasible"].tolist() == [False, True, True]
    assert choice.table["fails"].tolist() == ["no pod for a moment", "", ""]
    assert choice.reasons[-1].startswith("Not offered: maxSurge 0: for a moment nobody serves")
    # Unless a limit on availability allows it, an aim does, or there is nothing else.
    for text in ("min_availability>=0%", "below_desired_s<=1h", "min_ready>=0"):
        limits = [parse_limit(text)]
        runs = table[1].assign(below_desired_s=1.0, min_ready=0)
        assert choose(table[0], runs, limits, [FAST]).recommended == 0
    dips = table[1].assign(below_desired_s=[5.0, 9.0, 9.0])
    assert choose(table[0], dips, [], [parse_aim("below_desired_s")]).recommended == 0
    assert choose(*serving((10, 0.0), (30, 0.0)), [], [FAST]).recommended == 0
    # A limit on anything else, and what the aim on availability wants, do not.
    assert choose(*table, [parse_limit("duration_s<=1h")], [FAST, AVAILABLE]).recommended == 1
    # One such run of many is one too many.
    seldom = sweep(
        *(
            (
                {"a": str(i)},
                [{"duration_s": 9.0 + i, "min_availability": 0.5 * (r > 0 or i)} for r in range(9)],
            )
            for i in range(2)
        )
    )
    assert choose(*seldom, [], [FAST]).recommended == 1


def test_what_would_keep_the_limits_but_is_not_offered_is_told() -> None:
    choice = choose(*serving((10, 0.0), (30, 0.5)), [parse_limit("duration_s<=20s")], [FAST])
    assert (choice.recommended, choice.nearest) == (None, 1)
    assert "maxSurge 0 would keep them, but for a moment nobody serves" in choice.reasons[1]


def test_with_one_replica_it_is_told_what_it_would_take() -> None:
    table = serving((10, 0.0), (30, 0.0))
    told = "it takes maxSurge 1 and maxUnavailable 0 to serve throughout."
    assert choose(*table, [], [FAST], replicas=1).reasons[-1].endswith(told)
    assert not any(told in one for one in choose(*table, [], [FAST], replicas=2).reasons)
    fine = choose(*serving((10, 0.0), (30, 1.0)), [], [FAST], replicas=1)
    assert not any(told in one for one in fine.reasons)


def test_a_dip_for_little_is_not_worth_it_and_else_has_its_price() -> None:
    # Relative to the best the dip loses 1 / 0.97 - 1 = 3.1 %, the slower one 4 %.
    assert choose(*serving((100, 0.97), (104, 1.0)), [], [FAST, AVAILABLE]).recommended == 1
    # 13 % is more than a little.
    dear = choose(
        *serving((100, 0.97), (113, 1.0), (150, 1.0), (99, 0.5)), [], [FAST, AVAILABLE], replicas=100
    )
    assert (dear.recommended, dear.runner_up) == (0, 1)
    assert dear.reasons[0] == "Runner-up: maxSurge 1: 13 s slower, 100 of 100 available at least."
    # Who asks for time alone gets it, and is told the price.
    fast = choose(*serving((100, 0.97), (101, 0.9), (113, 1.0)), [], [FAST], replicas=100)
    assert (fast.recommended, fast.runner_up) == (0, 1)
    assert fast.reasons[1] == (
        "All pods available throughout: maxSurge 2: 13 s slower, 100 of 100 available at least."
    )


def test_strategies_that_come_to_the_same_are_one_candidate() -> None:
    rows = [("10%", 5.0), ("16%", 5.0), ("2", 4.0), ("1", 5.0), ("25%", 4.0)]
    table = sweep(*(({"maxSurge": surge}, [{"duration_s": seconds}] * 2) for surge, seconds in rows))
    choice = choose(*table, [], [FAST], replicas=6)
    assert choice.table["name"].tolist() == ["maxSurge 1 = 10 % to 16 %", "maxSurge 2 = 25 %"]
    assert choice.table["strategy"].tolist() == [0, 2]
    assert choice.of.to_dict() == {0: 0, 1: 0, 2: 1, 3: 0, 4: 1}
    # The one in force stands for its row: there is nothing to change.
    kept = choose(*table, [], [FAST], replicas=6, now=4)
    assert (kept.recommended, kept.now, kept.headline) == (4, 4, "Keep maxSurge 25 %")
    # One run that differs tells them apart; so does one circumstance.
    runs = table[1].copy()
    runs.loc[1, "duration_s"] = 6.0
    assert len(choose(table[0], runs, [], [FAST]).table) == 3
    under_two = under(*(("0", p, 1.0, 5) for p in "ab"), ("1", "a", 1.0, 5), ("1", "b", 2.0, 5))
    assert len(choose(*under_two, [], [FAST], ["profile"]).table) == 2


def test_runs_that_never_complete() -> None:
    strategies, runs = surges((INF, 1), (40, 9), (50, 8))
    by_limit = choose(strategies, runs, [parse_limit("p95(duration_s)<=1h")], [FAST, SMALL])
    assert by_limit.table["feasible"].tolist() == [False, True, True]
    # Without a limit it is on the front for its pods, but loses endlessly much.
    free = choose(strategies, runs, [], [FAST, SMALL])
    assert free.table["front"].tolist() == [True, True, True]
    assert free.table["loss"][0] == INF
    assert choose(*surges((INF, 3), (INF, 2)), [], [FAST, SMALL]).recommended == 1
    # A deadline that is never exceeded is the best that can be.
    late = sweep(
        *[({"maxSurge": str(i)}, [{"deadline_exceeded_s": at}]) for i, at in enumerate((600.0, INF))]
    )
    assert choose(*late, [], [parse_aim("deadline_exceeded_s")]).recommended == 1


def test_no_value_keeps_no_limit_and_is_the_worst_aim() -> None:
    strategies, runs = sweep(
        ({"maxSurge": "0"}, [{"below_floor_s": NAN}]), ({"maxSurge": "1"}, [{"below_floor_s": 900.0}])
    )
    aims = [parse_aim("below_floor_s")]
    assert choose(strategies, runs, [], aims).recommended == 1
    for text in ("below_floor_s<=20m", "below_floor_s>=0", "mean(below_floor_s)<=20m", "below_floor_s<=inf"):
        choice = choose(strategies, runs, [parse_limit(text)], aims)
        assert choice.table["feasible"].tolist() == [False, True], text
    assert choose(strategies, runs, [parse_limit("below_floor_s<=1s")], aims).nearest == 1


def test_no_value_in_one_run_or_circumstance_counts_for_all() -> None:
    runs = [{"below_floor_s": NAN, "duration_s": 1.0}, {"below_floor_s": 5.0, "duration_s": 1.0}]
    choice = choose(*sweep(({"maxSurge": "0"}, runs)), [parse_limit("below_floor_s<=1h")], [FAST])
    assert not choice.table["feasible"][0]
    each = [({"maxSurge": "0", "profile": str(i)}, [run]) for i, run in enumerate(runs)]
    robust = choose(*sweep(*each), [], [parse_aim("below_floor_s")], ["profile"])
    assert math.isnan(robust.table["mean(below_floor_s)"][0])


def under(*cells: tuple[str, str, float, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a sweep of (maxSurge, profile, seconds, pods)."""
    return sweep(
        *(
            ({"maxSurge": surge, "profile": profile}, [{"duration_s": seconds, "peak_physical": pods}])
            for surge, profile, seconds, pods in cells
        )
    )


def test_a_candidate_is_judged_by_its_worst_circumstance() -> None:
    # By its best circumstance, or by the mean of both, maxSurge=1 would win.
    table = under(
        ("0", "node", 40.0, 5), ("0", "java", 50.0, 6), ("1", "node", 10.0, 5), ("1", "java", 60.0, 9)
    )
    choice = choose(*table, [], [FAST], ["profile"])
    assert choice.table["strategy"].tolist() == [0, 2]
    assert choice.table["label"].tolist() == ["maxSurge=0", "maxSurge=1"]
    assert choice.table["max(duration_s)"].tolist() == [50, 60]
    assert choice.recommended == 0
    slow = choose(*table, [], [parse_aim("max(duration_s)", "maximize")], ["profile"])
    assert slow.table["max(duration_s)"].tolist() == [40, 10]
    assert choose(*table, [], [FAST]).recommended == 2


@pytest.mark.parametrize("limit", ["peak_physical<=8", "mean(peak_physical)<=8", "peak_physical<9"])
def test_a_limit_has_to_be_kept_under_each_circumstance(limit: str) -> None:
    table = under(
        ("0", "node", 40.0, 5), ("0", "java", 50.0, 6), ("1", "node", 10.0, 5), ("1", "java", 20.0, 9)
    )
    choice = choose(*table, [parse_limit(limit)], [FAST], ["profile"])
    assert choice.table["feasible"].tolist() == [True, False]
    assert choice.table[str(parse_limit(limit))].tolist() == [6, 9]
    # Of one run each: kept, and broken under one circumstance.
    assert choice.table["probability"].tolist() == [1.5 / 2, 0.5 / 2]


def test_what_lacks_a_circumstance_is_not_compared() -> None:
    # maxSurge=1 was never simulated under java, where it would be slow.
    table = under(("0", "node", 40.0, 5), ("0", "java", 50.0, 6), ("1", "node", 10.0, 5))
    choice = choose(*table, [parse_limit("peak_physical<=5")], [FAST], ["profile"], now=2)
    assert choice.table["strategy"].tolist() == [0]
    assert (choice.recommended, choice.nearest, choice.in_the_way) == (None, 0, ("peak_physical<=5",))
    assert choose(*table, [], [FAST], ["profile"], now=2).recommended == 0
    assert choose(*table, [], [FAST]).recommended == 2
    # As under a Latin hypercube: nothing is comparable.
    apart = under(("0", "node", 40.0, 5), ("1", "java", 50.0, 6))
    none = choose(*apart, [parse_limit("peak_physical<=5")], [FAST], ["profile"])
    assert none.table.empty
    assert list(none.table.columns) == list(choice.table.columns)
    assert (none.recommended, none.runner_up, none.nearest, none.in_the_way) == (None, None, None, ())
    assert json.loads(json.dumps(none.as_dict(), allow_nan=False))["candidates"] == []


def test_all_axes_may_be_circumstances() -> None:
    choice = choose(
        *under(("0", "node", 40.0, 5), ("1", "java", 50.0, 6)), [], [FAST], ["profile", "maxSurge"]
    )
    assert choice.table["label"].tolist() == [""]
    assert choice.table["name"].tolist() == ["as it is"]
    assert choice.answer == "Take it as it is: takes 50 s, 6 pods at once."


def test_the_worst_run_of_a_limit_with_equality_is_the_furthest_away() -> None:
    runs = [{"peak_physical": pods, "duration_s": 1.0} for pods in (5, 4, 8, 5)]
    choice = choose(*sweep(({"maxSurge": "0"}, runs)), [parse_limit("peak_physical==5")], [FAST])
    assert choice.table["peak_physical==5"].tolist() == [8]
    assert not choice.table["feasible"][0]


def test_one_bad_run_breaks_a_bare_limit_but_not_the_limit_of_a_statistic() -> None:
    runs = [{"stuck": i == 3, "duration_s": 10.0} for i in range(100)]
    table = sweep(({"maxSurge": "0"}, runs))
    assert not choose(*table, [parse_limit("stuck==false")], [FAST]).table["feasible"][0]
    assert choose(*table, [parse_limit("mean(stuck)<=1%")], [FAST]).table["feasible"][0]
    assert not choose(*table, [parse_limit("mean(stuck)<1%")], [FAST]).table["feasible"][0]


def test_the_limit_nobody_keeps_is_in_the_way() -> None:
    limits = [parse_limit(text) for text in ("duration_s<=10s", "peak_physical<=12")]
    choice = choose(*surges((60, 10), (30, 12), (20, 20)), limits, [FAST, SMALL])
    assert choice.in_the_way == ("duration_s<=10s",)
    # Of three limits two are kept by nobody: the third is not to blame.
    three = [*limits, parse_limit("peak_physical<=1")]
    assert choose(*surges((60, 10)), three, [FAST]).in_the_way == ("duration_s<=10s", "peak_physical<=1")
    # Shortfalls: 5 + 0; 2 + 0; 1 + 8 / 12.
    assert (choice.recommended, choice.runner_up, choice.nearest) == (None, None, 2)
    assert choice.table["role"].tolist() == ["", "", "nearest"]
    assert not choice.table["front"].any()


def test_else_the_limit_without_which_most_is_left_is_in_the_way() -> None:
    # Every limit is kept by some; without the first two candidates are left, without the second one is.
    limits = [parse_limit(text) for text in ("duration_s<=25s", "peak_physical<=12")]
    choice = choose(*surges((60, 10), (30, 12), (20, 20)), limits, [FAST, SMALL])
    assert choice.in_the_way == ("duration_s<=25s",)
    assert choice.nearest == 1
    # Where the removal of one does not help, all are.
    limits.append(parse_limit("mean(peak_physical)>=15"))
    three = [*limits, parse_limit("mean(duration_s)>=50s")]
    choice = choose(*surges((60, 10), (30, 12), (20, 20)), three, [FAST])
    assert choice.in_the_way == tuple(map(str, three))


def test_of_two_limits_whose_removal_frees_equally_many_both_are_in_the_way() -> None:
    limits = [parse_limit(text) for text in ("duration_s<=25s", "peak_physical<=11")]
    assert choose(*surges((60, 10), (20, 20)), limits, [FAST]).in_the_way == tuple(map(str, limits))


def test_a_zero_limit_and_endless_shortfalls_still_have_a_nearest() -> None:
    rows = [(INF, 0.0), (40.0, 9.0), (50.0, 3.0)]
    table = sweep(
        *(({"maxSurge": str(i)}, [{"duration_s": a, "below_desired_s": b}]) for i, (a, b) in enumerate(rows))
    )
    limits = [parse_limit("duration_s<=20s"), parse_limit("below_desired_s<=0")]
    # Endless; 1 + 9/9; 1.5 + 3/9.
    assert choose(*table, limits, [FAST]).nearest == 2


def test_it_is_fit_for_strict_json() -> None:
    choice = choose(*surges((INF, 1), (40, 9)), [parse_limit("duration_s<=50s")], [FAST, SMALL])
    found = json.loads(json.dumps(choice.as_dict(), allow_nan=False))
    assert found["recommended"] == 1
    assert found["runner_up"] is None
    assert found["reasons"] == list(choice.reasons)
    # What is no number is none.
    assert found["candidates"][0]["max(duration_s)"] is None
    assert found["candidates"][0]["loss"] is None
    assert found["numbers"][0] == {"statistic": "p95(duration_s)", "now": None, "then": 40.0}
    four = {"max(duration_s)": 40.0, "max(peak_physical)": 9.0, "p95(duration_s)": 40.0}
    assert found["candidates"][1] == {
        "strategy": 1,
        "label": "maxSurge=1",
        "name": "maxSurge 1",
        "settings": {"maxSurge": "1"},
        **four,
        "p95(peak_physical)": 9.0,
        "duration_s<=50s": 40.0,
        "feasible": True,
        "front": True,
        "loss": 0.0,
        "probability": 0.833333333,
        "role": "recommended",
        "now": False,
        "rank": 0,
        "fails": "",
    }


def test_what_cannot_be_chosen_from() -> None:
    strategies, runs = surges((1, 1), (2, 2))
    with pytest.raises(ValueError, match="at least one aim"):
        choose(strategies, runs, [], [])
    with pytest.raises(ValueError, match="two aims are on one statistic"):
        choose(strategies, runs, [], [FAST, parse_aim("max(duration_s)", "maximize")])
    with pytest.raises(ValueError, match="no axis is called 'profile'"):
        choose(strategies, runs, [], [FAST], ["profile"])
    with pytest.raises(ValueError, match="no strategy"):
        choose(strategies[:0], runs[:0], [], [FAST])
    with pytest.raises(ValueError, match="not of one sweep"):
        choose(strategies, runs[:2], [], [FAST])


LIMITS = [
    parse_limit(text)
    for text in (
        "duration_s<=3s",
        "max(duration_s)<4s",
        "mean(peak_physical)>=2",
        "peak_physical==2",
        "stuck==false",
    )
]
AIMS = [FAST, parse_aim("mean(peak_physical)"), parse_aim("min(duration_s)", "maximize")]
STATISTICS = {"max": max, "min": min, "mean": lambda values: sum(values) / len(values)}
runs_of_one = st.lists(
    st.fixed_dictionaries(
        {
            "duration_s": st.sampled_from([1.0, 2.0, 3.0, 4.0, INF]),
            "peak_physical": st.integers(1, 3),
            "stuck": st.sampled_from([False, False, False, True]),
        }
    ),
    min_size=2,
    max_size=2,
)


def keeps(runs: list[dict[str, Any]], limit: Limit) -> bool:
    required = limit.requirement
    if limit.statistic is None:
        return all(required.check(run) for run in runs)
    values = [float(run[required.measure]) for run in runs]
    return required.check({required.measure: STATISTICS[limit.statistic.name](values)})


def reached(runs: list[dict[str, Any]], aim: Aim) -> float:
    values = [float(run[aim.statistic.measure]) for run in runs]
    found = STATISTICS[aim.statistic.name](values)
    return found if aim.sense == "minimize" else -found


@pytest.mark.property
@given(
    st.lists(st.lists(runs_of_one, min_size=2, max_size=2), min_size=1, max_size=6),
    st.lists(st.sampled_from(LIMITS), max_size=2, unique=True),
    st.lists(st.sampled_from(AIMS), min_size=1, max_size=3, unique=True),
    st.booleans(),
)
def test_a_choice_is_the_one_made_the_long_way(
    cells: list[list[list[dict[str, Any]]]], limits: list[Limit], aims: list[Aim], robust: bool
) -> None:
    keys = list(product(range(len(cells)), ("node", "java")))
    table = sweep(*(({"maxSurge": str(i), "profile": name}, cells[i][name == "java"]) for i, name in keys))
    choice = choose(*table, limits, aims, ["profile"] if robust else [])
    groups = cells if robust else [[cells[i][name == "java"]] for i, name in keys]
    feasible = [all(keeps(runs, limit) for runs in group for limit in limits) for group in groups]
    costs = [[max(reached(runs, aim) for runs in group) for aim in aims] for group in groups]
    front = [
        feasible[i]
        and not any(
            feasible[j]
            and costs[j] != costs[i]
            and all(a <= b for a, b in zip(costs[j], costs[i], strict=True))
            for j in range(len(groups))
        )
        for i in range(len(groups))
    ]
    # Those that come to the same are one row.
    numbers = [2 * i if robust else i for i in range(len(groups))]
    rows = choice.table.iloc[[choice.of[number] for number in numbers]]
    assert len(choice.table) == len({json.dumps(group, sort_keys=True) for group in groups})
    assert rows["feasible"].tolist() == feasible
    assert rows["front"].tolist() == front
    assert sorted(choice.table["rank"]) == list(range(len(choice.table)))
    if any(feasible):
        assert front[numbers.index(choice.recommended)]
        assert choice.nearest is None
        assert choice.in_the_way == ()
        differing = {tuple(cost) for cost, good in zip(costs, feasible, strict=True) if good}
        assert (choice.runner_up is None) == (len(differing) == 1)
    else:
        assert choice.recommended is choice.runner_up is None
        assert choice.nearest in numbers
        assert choice.in_the_way
        assert set(choice.in_the_way) <= set(map(str, limits))
    assert all(reason.endswith(".") for reason in (choice.answer, *choice.reasons))
    json.dumps(choice.as_dict(), allow_nan=False)
