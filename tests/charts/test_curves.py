"""Bands, distributions and trends: the lines are the table's numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.charts import bands, distributions, trend
from sim.charts.captions import LOOKS
from tests.charts.tables import (
    INF,
    NAN,
    P95,
    artist,
    artists,
    bands_table,
    points,
    runs_table,
    texts,
    title,
    trend_table,
)

LABELS = {0: "maxSurge=0", 1: "maxSurge=1"}


def heights(area: object) -> set[float]:
    """The levels of a filled area."""
    return {float(y) for path in area.get_paths() for _, y in path.vertices}  # type: ignore[attr-defined]


def test_the_median_is_a_line_and_most_runs_a_band() -> None:
    axes = bands(bands_table(), LABELS, desired=10)
    line = artist(axes, "median:1")
    assert points(line) == [(0, 10), (5, 9), (20, 10), (21, 10)]
    assert line.get_drawstyle() == "steps-post"
    assert heights(artist(axes, "band:0")) == {8, 9, 10}
    assert heights(artist(axes, "band:1")) == {7, 9, 10}
    assert set(artist(axes, "desired").get_ydata()) == {10}
    assert title(axes) == "available pods: maxSurge=1 falls lowest, to 7 of 10 (5th percentile)"
    assert {"maxSurge=0", "maxSurge=1", "desired"} <= set(texts(axes))


def test_another_series_tells_its_peak() -> None:
    axes = bands(bands_table(), LABELS, series="physical")
    assert title(axes) == "physical pods: maxSurge=1 reaches 13 (95th percentile)"
    assert axes.get_ylabel() == "physical pods"
    assert heights(artist(axes, "band:1")) == {10, 12, 13}
    same = bands(bands_table().assign(p95=12), LABELS, series="physical")
    assert title(same) == "physical pods: all 2 strategies reach 12 (95th percentile)"


def test_never_fewer_than_desired() -> None:
    assert title(bands(bands_table(), LABELS, desired=7)) == (
        "available pods: never fewer than 7 of 7 (5th percentile)"
    )


def many_pods(lowest: float, desired: int = 50) -> pd.DataFrame:
    """One strategy that falls to ``lowest`` and is back."""
    rows = [(0, "available", t, v, v, v) for t, v in ((0, desired), (5, lowest), (20, desired))]
    return pd.DataFrame(rows, columns=bands_table().columns)


@pytest.mark.parametrize(
    ("lowest", "desired", "start"), [(49, 50, 25), (26, 50, 25), (25, 50, 0), (9, 10, 0), (24, 25, 12)]
)
def test_the_axis_starts_at_half_of_many_pods_and_says_so(lowest: int, desired: int, start: int) -> None:
    axes = bands(many_pods(lowest, desired), LABELS, desired=desired)
    assert axes.get_ylim()[0] == start
    assert axes.get_ylabel() == f"available pods{f' (axis from {start}, not 0)' if start else ''}"
    assert bands(many_pods(lowest, desired), LABELS).get_ylim()[0] == 0


def test_what_never_comes_back_is_seen_to_last() -> None:
    table = bands_table(1)
    stuck = table[table["time_s"] < 20]
    axes = bands(stuck, LABELS, desired=10)
    assert axes.get_xlim() == (0, 6.25)
    assert axes.get_xlabel() == "time since the update (s)\nnothing changes after 5.0 s"
    assert bands(table, LABELS, desired=10).get_xlabel() == "time since the update (s)"


def test_a_long_time_is_read_in_minutes() -> None:
    table = many_pods(49)
    table["time_s"] *= 60
    axes = bands(table, LABELS)
    assert axes.get_xlabel() == "time since the update (min:s)"
    assert axes.xaxis.get_major_formatter()(630, 0) == "10:30"


def test_several_fall_and_one_falls() -> None:
    axes = bands(pd.concat([bands_table(3), bands_table(3)[-6:].assign(strategy=5)]), {2: "A", 5: "B"})
    assert title(axes) == "available pods: A and 1 other fall lowest, to 6 (5th percentile)"


@pytest.mark.parametrize("chart", ["bands", "distributions"])
def test_the_legend_says_which_role_a_strategy_has(chart: str) -> None:
    roles = {1: "recommended"}
    if chart == "bands":
        axes = bands(bands_table(), LABELS, roles=roles)
    else:
        axes = distributions(runs_table()[:5].assign(duration_s=2.0), "duration_s", LABELS, roles=roles)
    assert {"maxSurge=0", "recommended: maxSurge=1"} <= set(texts(axes))
    assert "recommended" not in title(axes)


@pytest.mark.parametrize("chart", ["bands", "distributions", "trend"])
def test_of_many_lines_a_few_are_in_colour_and_the_rest_is_counted(chart: str) -> None:
    many = 60
    if chart == "bands":
        axes = bands(bands_table(many), {}, strategies=[7, 50])
        gids, said = ("median:7", "median:50"), "2 of 60 strategies in colour"
    elif chart == "distributions":
        runs = pd.concat([runs_table()[:4].assign(strategy=k) for k in range(many)])
        axes = distributions(runs, "duration_s", {}, strategies=[7, 50])
        gids, said = ("curve:7", "curve:50"), "2 of 60 strategies in colour"
    else:
        table = pd.concat(
            [trend_table().assign(profile=str(k)).drop_duplicates("maxSurge") for k in range(many)]
        )
        axes = trend(table, "maxSurge", P95, "low", "high", line="profile")
        gids, said = ("line:0", "line:5"), "6 of 60 lines in colour"
    coloured = 6 if chart == "trend" else 2
    assert {artist(axes, gid).get_color() for gid in gids} <= {look.colour for look in LOOKS}
    others = [line for line in axes.lines if str(line.get_gid()).startswith("other:")]
    assert len(others) == many - coloured
    assert any(said in text for text in texts(axes))
    assert any(
        text.startswith((f"{many - coloured} others", f"medians of {many - coloured}"))
        for text in texts(axes)
    )


def test_without_a_choice_as_many_are_in_colour_as_can_be_told_apart() -> None:
    axes = bands(bands_table(9), {})
    coloured = [line for line in axes.lines if str(line.get_gid()).startswith("median:")]
    assert len({(line.get_color(), str(line.get_linestyle())) for line in coloured}) == len(LOOKS) == 6
    assert "strategy 5" in texts(axes)


def test_unknown_series_and_strategies_are_refused() -> None:
    with pytest.raises(ValueError, match="no rows of the series 'ready'"):
        bands(bands_table(), LABELS, series="ready")
    with pytest.raises(ValueError, match="no rows of 7"):
        bands(bands_table(), LABELS, strategies=[0, 7])


def test_the_curve_is_the_share_of_runs_up_to_each_value() -> None:
    axes = distributions(runs_table(), "duration_s", LABELS, strategies=[0])
    line = artist(axes, "curve:0")
    assert points(line)[1:-1] == [(1, 0.25), (2, 0.75), (5, 1.0)]
    assert points(line)[0][1] == 0
    assert (points(line)[0][0], points(line)[-1]) == (axes.get_xlim()[0], (axes.get_xlim()[1], 1.0))
    assert line.get_drawstyle() == "steps-post"
    assert title(axes) == "duration_s: at most 2 s in half the runs of maxSurge=0"
    assert axes.get_xlabel() == "duration_s (s, lower is better)"


def test_runs_that_never_complete_are_a_labelled_gap() -> None:
    axes = distributions(runs_table(), "duration_s", LABELS)
    assert points(artist(axes, "curve:1"))[-1] == (axes.get_xlim()[1], 0.25)
    gap = artist(axes, "gap:1")
    assert (gap.xy[1], gap.xyann[1]) == (1.0, 0.25)
    assert artist(axes, "share:1").get_text() == "75 %"
    assert "maxSurge=1\n75 % never complete" in texts(axes)
    edge = artist(axes, "edge").get_xdata()[0]
    assert 5 < edge < gap.xy[0] < axes.get_xlim()[1]
    assert max(axes.get_xticks()) <= edge
    assert artist(axes, "never").get_text() == "never\ncomplete"
    assert not artists(axes, "gap:0")
    assert not artists(distributions(runs_table()[:4], "duration_s", LABELS), "edge")


def test_wide_durations_have_a_logarithmic_axis_with_its_gap() -> None:
    runs = runs_table().assign(duration_s=[60.0, 62.0, 70.0, 80.0, 900.0, 1000.0, 1100.0, INF])
    axes = distributions(runs, "duration_s", LABELS)
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "duration_s (s, lower is better, log scale)"
    assert [t.get_text() for t in axes.get_xticklabels()] == ["60", "120", "300", "600", "1,200"]
    left, right = axes.get_xlim()
    edge, gap = artist(axes, "edge").get_xdata()[0], artist(axes, "gap:1").xy[0]
    assert 0 < left < 60 < 1100 < edge < gap < right
    # As wide on paper as on a linear axis.
    shares = np.log(np.array([60, 1100, edge, gap, right]) / left) / np.log(right / left)
    runs["duration_s"] = [60.0, 62.0, 70.0, 80.0, 90.0, 100.0, 110.0, INF]
    linear = distributions(runs, "duration_s", LABELS)
    assert linear.get_xscale() == "linear"
    low, high = linear.get_xlim()
    places = [60, 110, artist(linear, "edge").get_xdata()[0], artist(linear, "gap:1").xy[0], high]
    assert np.allclose(shares, (np.array(places) - low) / (high - low))


def test_shares_are_not_rounded_to_all_or_none() -> None:
    values = [INF, *[1.0] * 299]
    runs = pd.DataFrame({"strategy": 0, "duration_s": values})
    assert artist(distributions(runs, "duration_s", LABELS), "share:0").get_text() == "0.33 %"
    runs["duration_s"] = [1.0, *[INF] * 299]
    assert artist(distributions(runs, "duration_s", LABELS), "share:0").get_text() == "99 %"


def test_nothing_completes_and_nothing_is_defined() -> None:
    runs = runs_table().assign(duration_s=INF)
    axes = distributions(runs, "duration_s", LABELS)
    assert title(axes) == "duration_s: never complete in half the runs or more of all 2 strategies"
    runs = runs_table().rename(columns={"duration_s": "below_floor_s"})
    runs.loc[[0, 1], "below_floor_s"] = NAN
    axes = distributions(runs, "below_floor_s", LABELS, strategies=[0])
    assert points(artist(axes, "curve:0"))[1:-1] == [(1, 0.5), (2, 1.0)]
    assert "maxSurge=0\nnot defined in 2 of 4 runs" in texts(axes)


def test_where_more_is_better_half_the_runs_have_at_least() -> None:
    runs = pd.DataFrame({"strategy": [0] * 4 + [1] * 4, "min_availability": [0.5] * 4 + [0.6, 0.7, 0.8, 0.9]})
    axes = distributions(runs, "min_availability", LABELS)
    assert title(axes) == "min_availability: at least 80 % in half the runs of maxSurge=1"


@pytest.mark.parametrize("measure", ["complete", "stuck_reason"])
def test_what_is_no_number_has_no_distribution(measure: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        distributions(runs_table().assign(**{measure: True}), measure, LABELS)


def test_a_trend_has_a_line_and_intervals_in_the_tables_order() -> None:
    axes = trend(trend_table(), "maxSurge", P95, "low", "high", line="profile")
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0", "1", "25%"]
    assert list(axes.get_xticks()) == [0, 1, 2]
    for name, values in (("node", [30, 25, 20]), ("kind", [31, 26, 21])):
        line = artist(axes, f"line:{name}")
        assert list(line.get_ydata()) == values
        assert np.abs(line.get_xdata() - [0, 1, 2]).max() < 0.1
        segments = artist(axes, f"interval:{name}").get_segments()
        assert [(s[0][1], s[1][1]) for s in segments] == [(v - 2 - (name == "kind"), v + 3) for v in values]
        assert [s[0][0] for s in segments] == list(line.get_xdata())
    assert title(axes) == f"{P95}: best at maxSurge=25% profile=node, 20 s"
    assert {"profile=node", "profile=kind"} <= set(texts(axes))


def test_plain_numbers_lie_where_they_belong() -> None:
    table = trend_table(("100", "2", "10"))
    axes = trend(table[table["profile"] == "node"], "maxSurge", P95, "low", "high")
    assert points(artist(axes, f"line:{''}")) == [(2, 25), (10, 20), (100, 30)]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["2", "10", "100"]


def test_numbers_too_close_together_are_evenly_spaced_and_this_is_said() -> None:
    table = trend_table(("300", "0", "2", "60"))
    table = table.rename(columns={"maxSurge": "minReadySeconds"})
    axes = trend(table[table["profile"] == "node"], "minReadySeconds", P95, "low", "high")
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0", "2", "60", "300"]
    assert points(artist(axes, "line:")) == [(0, 25), (1, 20), (2, 15), (3, 30)]
    assert axes.get_xlabel() == "minReadySeconds (evenly spaced, not to scale)"


def test_a_trend_of_wide_values_is_logarithmic() -> None:
    table = trend_table()
    table = table[table["profile"] == "node"].assign(**{P95: [20.0, 300.0, INF], "low": 18.0, "high": 350.0})
    axes = trend(table, "maxSurge", P95, "low", "high")
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == f"{P95} (s, lower is better, log scale)"
    assert 0 < axes.get_ylim()[0] < 18
    axes.get_figure(root=True).canvas.draw()
    assert [t.get_text() for t in axes.get_yticklabels()] == ["20", "30", "60", "120", "300"]
    # No logarithm reaches down to an interval's end at 0.
    assert trend(table.assign(low=0.0), "maxSurge", P95, "low", "high").get_yscale() == "linear"


def test_open_ends_and_never_are_marked_at_the_edge() -> None:
    table = trend_table()
    table = table[table["profile"] == "node"].reset_index(drop=True)
    table.loc[0, "high"] = NAN
    table.loc[1, "low"] = NAN
    table.loc[2, [P95, "high"]] = INF
    axes = trend(table, "maxSurge", P95, "low", "high")
    bottom, top = axes.get_ylim()
    ends = [(s[0][1], s[1][1]) for s in artist(axes, "interval:").get_segments()]
    assert ends == [(28, top), (bottom, 28)]
    assert {points(mark)[0] for mark in artists(axes, "open:")} == {(0, top), (1, bottom)}
    assert points(artist(axes, "never:")) == [(2, top)]
    assert np.isnan(artist(axes, "line:").get_ydata()[2])
    wanted = {"the interval has no known upper end", "the interval has no known lower end", "never complete"}
    assert wanted <= set(texts(axes))


def test_two_rows_for_one_point_are_refused() -> None:
    with pytest.raises(ValueError, match="two rows for one point"):
        trend(trend_table(), "maxSurge", P95, "low", "high")
