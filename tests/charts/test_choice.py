"""The front and the forest: every strategy is where its numbers are, in the role that the table gives it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.charts import differences, pareto
from sim.charts.differences import MOST_ROWS
from tests.charts.tables import (
    INF,
    NAN,
    P95,
    artist,
    artists,
    choice_table,
    differences_table,
    points,
    texts,
    title,
)

PEAK = "max(peak_pods)"
LABELS = {k: f"maxSurge={k}" for k in range(200)}


def test_every_strategy_has_the_look_of_its_role() -> None:
    axes = pareto(choice_table(), P95, PEAK)
    marks = [a for a in artists(axes, "recommended") if hasattr(a, "get_xdata")]
    assert points(marks[0]) == [(20, 13)]
    assert [points(a) for a in artists(axes, "runner-up") if hasattr(a, "get_xdata")] == [[(60, 11)]]
    assert points(artist(axes, "front")) == [(10, 20)]
    assert points(artist(axes, "feasible")) == [(30, 15)]
    assert points(artist(axes, "infeasible")) == [(5, 12)]
    assert "not drawn: 1, without a finite value" in texts(axes)
    assert title(axes) == "Recommended: maxSurge=25%, with 20 s and 13 pods"
    assert "of 6 strategies, 4 keep every limit and 3 of those are on the front" in texts(axes)
    assert {"on the front (none better in both)", "breaks a limit (2)"} <= set(texts(axes))


def test_what_is_in_force_now_has_a_ring() -> None:
    axes = pareto(choice_table(), P95, PEAK, now=4)
    assert points(artist(axes, "now")) == [(5, 12)]
    assert "in force now: breaks" in texts(axes)
    for nowhere in (None, 5):  # not simulated, or never complete
        axes = pareto(choice_table(), P95, PEAK, now=nowhere)
        assert artists(axes, "now") == []


def test_the_front_is_connected_by_the_steps_that_it_reaches() -> None:
    axes = pareto(choice_table(), P95, PEAK)
    assert points(artist(axes, "front-line")) == [(10, 20), (20, 20), (20, 13), (60, 13), (60, 11)]
    higher = choice_table().rename(columns={P95: "mean(min_ready)"})
    higher["mean(min_ready)"] = -higher["mean(min_ready)"]
    axes = pareto(higher, "mean(min_ready)", PEAK)
    assert points(artist(axes, "front-line")) == [(-60, 11), (-60, 13), (-20, 13), (-20, 20), (-10, 20)]


def test_front_and_roles_are_named() -> None:
    axes = pareto(choice_table(), P95, PEAK)
    ranks = {a.get_text(): tuple(map(float, a.xy)) for a in artists(axes, "rank")}
    assert ranks == {"1": (10, 20), "2": (20, 13), "3": (60, 11)}
    assert {"1 fast", "2 maxSurge=25%", "3 small"} <= {" ".join(t.split()) for t in texts(axes)}
    call_outs = {
        a.get_text(): tuple(map(float, a.xy))
        for a in axes.texts
        if a.get_gid() in ("recommended", "runner-up")
    }
    assert call_outs == {"maxSurge=25%": (20, 13), "small": (60, 11)}
    assert {"recommended: maxSurge=25%", "runner-up: small"} <= set(texts(axes))


def test_equal_points_share_their_number() -> None:
    table = pd.concat([choice_table(), choice_table()[:1].assign(strategy=9, label="as fast")])
    axes = pareto(table, P95, PEAK)
    assert "1, 2" in [a.get_text() for a in artists(axes, "rank")]


def test_of_a_long_front_the_first_ones_are_named() -> None:
    rows = [(k, f"s{k}", float(k), float(30 - k), True, True, "") for k in range(25)]
    axes = pareto(pd.DataFrame(rows, columns=choice_table().columns), P95, PEAK)
    assert "… 10 of 25 on the front shown" in texts(axes)
    assert len(artist(axes, "front").get_xdata()) == 25
    assert title(axes) == "25 of 25 strategies are on the front"
    assert not [text for text in texts(axes) if "every limit" in text]


def test_limits_are_lines_and_titles_may_be_given() -> None:
    axes = pareto(choice_table(), P95, PEAK, x_limit=45.0, y_limit=18.0, x_title="time", y_title="pods")
    assert set(artist(axes, "x-limit").get_xdata()) == {45}
    assert set(artist(axes, "y-limit").get_ydata()) == {18}
    assert {"limit 45 s", "limit 18 pods"} <= set(texts(axes))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time (log scale)", "pods")
    bare = pareto(choice_table(), P95, PEAK)
    assert (bare.get_xlabel(), bare.get_ylabel()) == (
        f"{P95} (s, lower is better, log scale)",
        f"{PEAK} (pods, lower is better)",
    )
    assert not artists(bare, "x-limit")


def test_each_axis_is_logarithmic_by_itself_where_its_values_are_wide() -> None:
    wide = choice_table().assign(**{P95: [67.0, 107.0, 1101.0, 112.0, 70.0, INF]})
    axes = pareto(wide, P95, PEAK)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "linear")
    axes.get_figure(root=True).canvas.draw()
    assert [t.get_text() for t in axes.get_xticklabels()] == ["60", "120", "300", "600", "1,200"]
    assert pareto(choice_table()[:4], P95, PEAK).get_xscale() == "linear"
    # A limit has a place on the axis, too.
    assert pareto(choice_table()[:4], P95, PEAK, x_limit=600.0).get_xscale() == "log"
    assert pareto(wide, P95, PEAK, x_limit=0.0).get_xscale() == "linear"


def test_the_front_of_more_aims_is_joined_only_where_it_is_one_of_these_two() -> None:
    table = choice_table()
    better = {P95: "lower", PEAK: "lower", "p5(min_availability)": "higher"}
    straight = pareto(table, P95, PEAK, better=better)
    assert len(points(artist(straight, "front-line"))) == 5
    assert "on the front of all 3 aims" in texts(straight)
    table.loc[3, ["front", PEAK]] = True, 15.0  # behind the second one, which has 13 pods after 20 s
    zigzag = pareto(table, P95, PEAK, better=better)
    assert points(artist(zigzag, "front-line")) == []
    assert len(artists(zigzag, "rank")) == 4
    assert "on the front of all aims" in texts(pareto(table, P95, PEAK))
    table.loc[3, PEAK] = 13.0  # as many pods, but later: a step, though two aims would not keep it
    assert len(points(artist(pareto(table, P95, PEAK), "front-line"))) == 7
    assert "on the front of all aims" in texts(pareto(table, P95, PEAK))


def test_an_aim_against_the_usual_sense_turns_its_axis_round() -> None:
    rows = [(0, "a", 10.0, 11.0, True, True, ""), (1, "b", 60.0, 20.0, True, True, "")]
    table = pd.DataFrame(rows, columns=choice_table().columns)
    axes = pareto(table, P95, PEAK, better={P95: "higher", PEAK: "lower"})
    assert axes.get_xlabel() == f"{P95} (s, higher is better)"
    assert points(artist(axes, "front-line")) == [(10, 11), (10, 20), (60, 20)]
    assert points(artist(pareto(table, P95, PEAK), "front-line")) == []


def test_call_outs_of_close_marks_do_not_cover_each_other() -> None:
    table = choice_table()
    table.loc[2, [P95, PEAK]] = 20.4, 13.0
    table["label"] = "maxSurge=25% maxUnavailable=" + table["strategy"].astype(str)
    axes = pareto(table, P95, PEAK)
    figure = axes.get_figure(root=True)
    figure.canvas.draw()
    notes = [a for a in axes.texts if a.get_gid() in ("recommended", "runner-up")]
    assert len(notes) == 2
    one, other = (a.get_bbox_patch().get_window_extent() for a in notes)
    assert not one.overlaps(other)
    for note, box in zip(notes, (other, one), strict=True):
        start = axes.transData.transform(note.xy)
        end = np.mean(note.get_bbox_patch().get_window_extent().get_points(), axis=0)
        along = start + np.linspace(0, 1, 50)[:, None] * (end - start)
        assert not any(box.contains(*place) for place in along)


def test_nothing_feasible() -> None:
    table = choice_table().assign(feasible=False, front=False, role="")
    axes = pareto(table, P95, PEAK)
    assert title(axes) == "None of 6 strategies keeps every limit"
    assert len(artist(axes, "infeasible").get_xdata()) == 5
    assert not artists(axes, "rank")


def test_differences_are_sorted_from_best_to_worst_and_coloured_by_their_interval() -> None:
    axes = differences(differences_table(), LABELS, "duration_s", baseline_label="maxSurge=0")
    assert [t.get_text() for t in axes.get_yticklabels()] == [f"maxSurge={k}" for k in (1, 5, 3, 2, 4)]
    assert axes.yaxis_inverted()
    for verdict, place, mean, ends in (
        ("better", 0, -5, (-6, -4)),
        ("the same", 1, 0, (0, 0)),
        ("undecided", 2, 1, (-1, 3)),
        ("worse", 3, 3, (2, 4)),
    ):
        assert points(artist(axes, f"mean:{verdict}")) == [(mean, place)]
        (segment,) = artist(axes, f"interval:{verdict}").get_segments()
        assert [tuple(end) for end in segment] == [(ends[0], place), (ends[1], place)]
    assert set(artist(axes, "zero").get_xdata()) == {0}
    missing = artist(axes, "no-mean")
    assert (missing.get_position()[1], missing.get_text()) == (4, "no mean: never complete in some runs")
    assert title(axes) == (
        "duration_s against the baseline: 1 better, 1 worse, 1 undecided, 1 the same, 1 without a mean"
    )
    assert "the baseline: maxSurge=0" in texts(axes)
    assert "← better      0 = no difference      worse →" in axes.get_xlabel()


def test_the_share_better_stands_beside_its_row() -> None:
    axes = differences(differences_table(), LABELS, "duration_s")
    said = {int(a.xy[1]): a.get_text() for a in artists(axes, "share")}
    assert said == {
        0: ">99 %  (80 % to 100 %)",
        1: "0 %  (0 % to 30 %), equal in 100 %",
        2: "50 %  (30 % to 70 %), equal in 25 %",
        3: "25 %  (10 % to 40 %)",
        4: "0 %  (0 % to 30 %)",
    }


def test_what_an_axis_cannot_show_stands_in_numbers() -> None:
    table = differences_table().assign(mean=[-14.68, 959.4, -0.004, NAN, 0.25])
    axes = differences(table, LABELS, "duration_s")
    said = {a.xy[1]: a.get_text() for a in artists(axes, "number")}
    assert said == {0: "-14.7", 1: "0", 2: "+0.25", 3: "+959", 4: "–"}
    share = differences(differences_table("min_availability", 0.01), LABELS, "min_availability")
    assert artists(share, "number")[0].get_text() == "+3.00"


def test_a_row_without_a_mean_says_so_within_the_axes() -> None:
    """Zero may lie at the edge, where the labels are."""
    table = differences_table()[1:4]
    axes = differences(table, LABELS, "duration_s")
    note = artist(axes, "no-mean")
    assert note.get_position()[0] == 0.5
    assert note.get_transform() == axes.get_yaxis_transform()


def test_where_more_is_better_the_sides_change() -> None:
    table = differences_table("min_availability", 0.01)
    axes = differences(table, LABELS, "min_availability")
    assert points(artist(axes, "mean:better")) == [(0.03, 0)]
    assert points(artist(axes, "mean:worse")) == [(-0.05, 3)]
    assert "mean difference in min_availability (percentage points)\n← worse" in axes.get_xlabel()
    assert axes.xaxis.get_major_formatter()(-0.05, 0) == "-5"
    assert axes.xaxis.get_major_formatter()(0.025, 0) == "+2.5"


def test_of_many_strategies_the_best_and_the_worst_are_shown() -> None:
    row = differences_table()[:1]
    table = pd.concat(
        [row.assign(strategy=k, mean=float(k), low=k - 0.5, high=k + 0.5) for k in range(1, 101)]
    )
    axes = differences(table, LABELS, "duration_s")
    names = [t.get_text() for t in axes.get_yticklabels()]
    assert names == [f"maxSurge={k}" for k in [*range(1, 21), *range(81, 101)]]
    assert len(names) == MOST_ROWS
    assert "40 of 100 strategies shown: the best and the worst 20" in texts(axes)
    assert title(axes) == "duration_s against the baseline: 100 worse"


def test_only_rows_of_the_measure_are_drawn() -> None:
    table = pd.concat([differences_table(), differences_table("peak_pods")[:1]])
    axes = differences(table, LABELS, "peak_pods")
    assert len(axes.get_yticklabels()) == 1
    with pytest.raises(ValueError, match="no rows of the measure 'min_ready'"):
        differences(table, LABELS, "min_ready")
