"""Which charts are drawn for which sample."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from sim.choose import choose, parse_aim
from sim.report.candidates import roles
from sim.report.grid import grid_of, in_order
from sim.report.pictures import curves, pictures
from sim.stats import estimate, parse_limit
from tests.report.samples import grid, made, usual

AIMS = [parse_aim("p95(duration_s)"), parse_aim("p95(peak_pods)")]
TWO_AXES = grid(maxSurge=["0", "1", "25%"], maxUnavailable=["0", "1"])[1:]


def names(sample, *args, **more):
    return [picture.name for picture in pictures(sample, *args, **more)]


def chosen(sample, limits=(), aims=AIMS):
    return choose(sample.strategies, sample.runs, limits, aims, sample.about["circumstances"])


def test_two_axes_are_maps_and_the_rest_of_the_story():
    sample = made(TWO_AXES, usual)
    assert names(sample, chosen(sample), (), AIMS) == [
        "pareto",
        "map-p95-duration_s",
        "map-p95-peak_pods",
        "map-p5-min_availability",
        "map-p95-peak_physical",
        "availability",
        "durations",
        "differences-duration_s",
        "differences-peak_pods",
    ]


def test_one_axis_is_a_trend_and_circumstances_are_its_lines():
    one = made(grid(maxSurge=["1", "2", "3"]), usual)
    assert "trend-p95-duration_s" in names(one)
    two = made(grid(maxSurge=["1", "2"], profile=["fast", "jvm"]), usual, ["profile"])
    found = grid_of(two)
    assert found is not None
    assert (found.x, found.y, found.facet) == ("maxSurge", None, "profile")


def test_a_third_axis_makes_panels_and_a_fourth_is_told_with_it():
    points = grid(replicas=["5", "9"], maxSurge=["0", "1"], maxUnavailable=["1", "2"])
    found = grid_of(made(points, usual))
    assert found is not None
    assert (found.x, found.y, found.facet) == ("maxSurge", "maxUnavailable", "replicas")
    points = grid(replicas=["5", "9"], maxSurge=["0", "1"], maxUnavailable=["1", "2"], paused=["a", "b"])
    found = grid_of(made(points, usual))
    assert found is not None
    assert found.facet == "replicas, paused"
    assert sorted(set(found.table[found.facet])) == ["5, a", "5, b", "9, a", "9, b"]


def test_an_axis_of_which_one_value_is_left_on_the_map_makes_no_panels():
    points = [{**point, "strategy": "RollingUpdate"} for point in TWO_AXES]
    found = grid_of(made([*points, {"strategy": "Recreate"}], usual))
    assert found is not None
    assert (found.x, found.y, found.facet) == ("maxSurge", "maxUnavailable", None)
    assert found.outside == ("strategy=Recreate",)


def test_an_axis_is_in_its_order_whatever_is_left_out():
    found = grid_of(made(TWO_AXES, usual))
    assert found is not None
    assert list(found.table["maxUnavailable"].cat.categories) == ["0", "1"]
    assert in_order(["25%", "1", "100%", "10", "5%", "0"]) == ["0", "1", "10", "5%", "25%", "100%"]
    assert in_order(["jvm", "1", "fast"]) == ["jvm", "1", "fast"]


def test_points_that_make_no_grid_are_not_mapped():
    points = [{"maxSurge": str(n), "maxUnavailable": str(9 - n)} for n in range(6)]
    assert grid_of(made(points, usual)) is None
    assert not [name for name in names(made(points, usual)) if name.startswith("map")]


def test_a_strategy_to_which_an_axis_means_nothing_is_named_beside_the_map():
    points = [*TWO_AXES, {"strategy": "Recreate"}]
    sample = made(points, usual)
    first = next(one for one in pictures(sample) if one.name.startswith("map"))
    assert "Not on the map: strategy=Recreate" in first.caption


def test_what_says_nothing_is_not_drawn():
    assert names(made([{"maxSurge": "1"}], usual)) == ["availability", "durations"]
    equal = made(grid(maxSurge=["1", "2"], maxUnavailable=["0", "1"]), lambda s, r: {"duration_s": 9.0})
    assert names(equal) == ["availability"]
    never = made(grid(maxSurge=["1", "2"]), lambda s, r: {"duration_s": float("inf"), "stuck": True})
    assert names(never) == ["availability"]


def test_one_aim_has_no_trade():
    sample = made(TWO_AXES, usual)
    assert "pareto" not in names(sample, chosen(sample, aims=AIMS[:1]), (), AIMS[:1])
    # Nobody asked: the front is drawn by what is usual.
    assert "pareto" in names(sample)


def test_the_few_are_those_with_a_role_and_the_extremes_with_their_circumstances():
    points = grid(maxSurge=["1", "9"], maxUnavailable=["0", "1"], profile=["fast", "jvm"])
    sample = made(points, usual, ["profile"])
    choice = chosen(sample, [parse_limit("min_availability>=1")])
    found = roles(sample, choice, 0)
    assert list(found.values()).count("recommended") == 2
    recommended = [number for number, role in found.items() if role == "recommended"]
    assert {points[number]["profile"] for number in recommended} == {"fast", "jvm"}
    assert curves(sample, choice, 0)[:2] == recommended
    assert len(curves(sample, choice, 0)) <= 5


def test_extremes_ask_for_as_many_pods_as_the_baseline():
    def measured(settings, replication):
        return {"duration_s": float(settings["replicas"]) + replication}

    sample = made(grid(maxSurge=["1", "2"], replicas=["9", "5", "50"]), measured)
    assert {sample.about["strategies"][one]["settings"]["replicas"] for one in curves(sample, None, 0)} == {
        "9"
    }


def measured_for(takes):
    """Return what measures runs that take so long by maxSurge, and dip less the more surge there is."""

    def measured(settings, replication):
        surge = int(settings["maxSurge"])
        return {"duration_s": takes[surge] + replication / 100, "min_availability": surge / 9}

    return measured


def drawn(sample, name, *args):
    picture = next(one for one in pictures(sample, *args) if one.name == name)
    return picture.caption, picture.draw().axes[0]


def lines(axes, kind):
    return {line.get_gid() for line in axes.lines if str(line.get_gid()).startswith(kind)}


def test_pods_over_time_leave_out_an_extreme_that_would_squeeze_the_others():
    sample = made(grid(maxSurge=["1", "2", "3"]), measured_for({1: 100.0, 2: 60.0, 3: 399.0}))
    caption, axes = drawn(sample, "availability")
    assert lines(axes, "median:") == {"median:0", "median:1", "median:2"}
    assert "Left out" not in caption
    sample = made(grid(maxSurge=["1", "2", "3"]), measured_for({1: 100.0, 2: 60.0, 3: 401.0}))
    caption, axes = drawn(sample, "availability")
    assert lines(axes, "median:") == {"median:0", "median:1"}
    assert caption.endswith("Left out, as it takes more than 4 times as long: maxSurge=3.")
    # How long it takes is a question of its own.
    _, axes = drawn(sample, "durations")
    assert lines(axes, "curve:") == {"curve:0", "curve:1", "curve:2"}


def test_what_has_a_role_is_shown_however_slow_and_its_role_is_in_the_legend():
    sample = made(grid(maxSurge=["1", "2", "3"]), measured_for({1: 1000.0, 2: 60.0, 3: 70.0}))
    choice = chosen(sample, aims=AIMS[:1])
    assert (choice.recommended, choice.runner_up) == (1, 2)
    for name in ("availability", "durations"):
        _, axes = drawn(sample, name, choice, (), AIMS[:1])
        said = {" ".join(text.get_text().split()) for text in axes.get_legend().get_texts()}
        assert {"recommended: maxSurge=2", "runner-up: maxSurge=3", "baseline: maxSurge=1"} <= said


def test_what_never_completes_takes_as_long_as_its_pods_change():
    """A stuck rollout is a straight line: it squeezes nothing."""
    sample = made(grid(maxSurge=["1", "2", "3"]), measured_for({1: 10.0, 2: 6.0, 3: float("inf")}))
    _, axes = drawn(sample, "availability")
    assert "median:2" in lines(axes, "median:")


def test_the_front_is_told_all_aims_and_their_senses():
    texts = (("p95(duration_s)", "maximize"), ("p95(peak_pods)", "maximize"), ("below_desired_s", None))
    aims = [parse_aim(text, sense) for text, sense in texts]
    sample = made(grid(maxSurge=["1", "2", "3"], maxUnavailable=["0", "1"]), usual)
    _, axes = drawn(sample, "pareto", chosen(sample, aims=aims), (), aims)
    assert axes.get_xlabel() == "p95(duration_s) (s, higher is better)"
    assert axes.get_ylabel() == "p95(peak_pods) (pods, higher is better)"
    assert "on the front of all 3 aims" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_why_cells_are_hatched():
    refused = {"label": "maxSurge=0 maxUnavailable=0", "reason": "both 0", "refused": True}
    reason = "the same as maxSurge=1 maxUnavailable=1"
    alike = {"label": "maxSurge=25% maxUnavailable=1", "reason": reason, "refused": False}

    def caption(points, *left_out):
        found = pictures(made(points, usual, left_out=list(left_out)))
        return next(one for one in found if one.name.startswith("map")).caption

    start = "Hatched combinations were not simulated: "
    assert caption(TWO_AXES, refused).endswith(start + "Kubernetes refuses them.")
    assert caption(TWO_AXES).endswith(start + "the plan does not have them.")
    assert caption(TWO_AXES[:-1], refused, alike).endswith(
        start + "Kubernetes refuses them, or they mean the same as another one."
    )
    assert "Hatched" not in caption(grid(maxSurge=["1", "2"], maxUnavailable=["0", "1"]), alike)


def test_a_trend_has_the_interval_of_any_statistic():
    sample = made(grid(maxSurge=["1", "2", "3"]), usual)
    aims = [parse_aim("p75(duration_s)")]
    _, axes = drawn(sample, "trend-p75-duration_s", None, (), aims)
    found = estimate(aims[0].statistic, sample.runs)
    (bars,) = (one for one in axes.collections if len(one.get_segments()) == 3)
    ends = sorted(tuple(segment[:, 1]) for segment in bars.get_segments())
    assert ends == sorted(zip(found["low"], found["high"], strict=True))


def test_bands_are_said_to_be_of_the_first_runs():
    caption, _ = drawn(made(grid(maxSurge=["1", "2"]), usual), "availability")
    assert caption.startswith("Of each strategy's first 64 runs: ")


def test_a_baseline_that_is_no_strategy_is_refused():
    with pytest.raises(ValueError, match="no strategy 99"):
        pictures(made(TWO_AXES, usual), baseline=99)


def test_names_are_fit_for_files_and_every_picture_can_be_drawn():
    aims = [parse_aim("p99.9(duration_s)"), parse_aim("max(peak_pods)")]
    sample = made(TWO_AXES, usual)
    found = pictures(sample, chosen(sample, aims=aims), (), aims)
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert all(c.isalnum() or c in "-_" for c in one.name)
        assert isinstance(one.draw(), Figure)


def test_what_is_in_force_leaves_no_gaps_on_a_map():
    points = [*TWO_AXES, {"maxSurge": "10", "maxUnavailable": "3"}]
    beside = grid_of(made(points, usual, now=5, added=1))
    assert beside is not None
    assert len(beside.table) == 5
    # Among the points it has its place; on a line it has one anyway.
    within = grid_of(made(points, usual, now=5))
    assert within is None or len(within.table) == 6
    line = grid_of(made(grid(maxSurge=["0", "1", "2"]), usual, now=2, added=1))
    assert line is not None
    assert len(line.table) == 3
