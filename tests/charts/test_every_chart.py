"""What holds for every chart of strategies: bytes, the user's Axes and settings, hostile text, room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.charts import bands, differences, distributions, heatmap, heatmaps, pareto, save, trend
from sim.charts.captions import LOOKS, Quantity, among, quantity
from sim.charts.style import settings
from tests.charts.tables import (
    HOSTILE,
    INF,
    P95,
    bands_table,
    cells,
    choice_table,
    differences_table,
    runs_table,
    texts,
    trend_table,
)

Draw = Callable[..., Any]


def charts(text: str = "maxSurge=1 maxUnavailable=25%") -> dict[str, Draw]:
    """Every chart of small tables whose labels and names are ``text``."""
    labels = {k: f"{k} {text}" for k in range(9)}
    grid = cells(c1=INF).rename(columns={"maxSurge": text})
    grid["maxUnavailable"] += text
    lines = trend_table().rename(columns={"maxSurge": text})
    lines["profile"] += text
    choice = choice_table()
    choice["label"] += text
    front = [choice[:1].assign(**{P95: 11.0 + k, "max(peak_pods)": 20 - k / 2}) for k in range(8)]
    choice = pd.concat([choice, *front])
    runs = pd.concat([runs_table()[4:].assign(strategy=k) for k in range(8)])
    return {
        "heatmap": lambda ax=None: heatmap(grid, text, "maxUnavailable", P95, ax),
        "heatmaps": lambda: heatmaps(grid.assign(profile=text), text, "maxUnavailable", P95, "profile"),
        "bands": lambda ax=None: bands(bands_table(8), labels, ax, desired=10),
        "distributions": lambda ax=None: distributions(runs, "duration_s", labels, ax),
        "pareto": lambda ax=None: pareto(choice, P95, "max(peak_pods)", ax, x_limit=70.0),
        "differences": lambda ax=None: differences(differences_table(), labels, "duration_s", ax, text),
        "trend": lambda ax=None: trend(lines, text, P95, "low", "high", ax, "profile"),
    }


NAMES = list(charts())


@pytest.mark.parametrize("name", NAMES)
def test_equal_tables_give_equal_bytes(name: str, tmp_path: Path) -> None:
    first = save(charts()[name](), tmp_path / "a.svg").read_bytes()
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "lines.linewidth": 9}):
        second = save(charts()[name], tmp_path / "b.svg").read_bytes()
    assert first == second


def test_the_same_picture_twice_and_another_of_another_table(tmp_path: Path) -> None:
    first = save(charts()["heatmap"], tmp_path / "a.png").read_bytes()
    assert first == save(charts()["heatmap"], tmp_path / "b.png").read_bytes()
    assert first != save(charts("other")["heatmap"], tmp_path / "c.png").read_bytes()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "heatmaps"])
def test_the_users_axes_are_drawn_on_and_their_settings_kept(name: str) -> None:
    before = dict(matplotlib.rcParams)
    axes = Figure().add_subplot()
    assert charts()[name](axes) is axes
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["maxSurge=25% maxUnavailable=25%", HOSTILE], ids=["long", "hostile"])
def test_no_text_leaves_the_picture_or_is_a_formula(name: str, text: str) -> None:
    chart = charts(text)[name]()
    assert max(len(line) for text in texts(chart) for line in text.split("\n")) <= 130
    assert not any("\x00" in text or "\t" in text for text in texts(chart))
    figure = chart if isinstance(chart, Figure) else chart.get_figure(root=True)
    with settings():
        figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    hidden = {
        id(label)
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        for label in (tick.label1, tick.label2)
        if not sorted(axis.get_view_interval())[0] <= tick.get_loc() <= sorted(axis.get_view_interval())[1]
    }
    legends = [one for one in (*(axes.get_legend() for axes in figure.axes), *figure.legends) if one]
    assert all(one.get_window_extent(renderer).y0 >= 0 for one in legends)
    for artist in figure.findobj(Text):
        box = artist.get_window_extent(renderer)
        if not artist.get_text() or not artist.get_visible() or id(artist) in hidden or box.width == 0:
            continue
        assert box.x0 >= 0, artist
        assert box.y0 >= 0, artist
        assert box.x1 <= figure.bbox.x1, artist
        assert box.y1 <= figure.bbox.y1, artist


@pytest.mark.parametrize("draw", [heatmap, heatmaps])
def test_empty_tables_and_missing_columns_are_refused(draw: Draw) -> None:
    with pytest.raises(ValueError, match="no rows"):
        draw(cells()[:0], "maxSurge", "maxUnavailable", P95)
    with pytest.raises(ValueError, match="no column 'p99"):
        draw(cells(), "maxSurge", "maxUnavailable", "p99(duration_s)")
    with pytest.raises(ValueError, match="no rows"):
        pareto(choice_table()[:0], P95, "max(peak_pods)")


@pytest.mark.parametrize(
    ("column", "value", "number", "text"),
    [
        ("duration_s", 41.234, "41.2", "41.2 s"),
        ("p95(duration_s)", 600.0, "600", "10 min"),
        ("p99.9( duration_s )", INF, "never", "never complete"),
        ("mean(min_availability)", 0.9996, "99.9", "99.9 %"),
        ("min_availability", 1.0, "100", "100 %"),
        ("mean(stuck)", 0.0005, "0.05", "0.05 % of runs"),
        ("peak_pods", 1, "1", "1 pod"),
        ("max(peak_pods)", 1300.0, "1,300", "1,300 pods"),
        ("extra_pod_s", 12.5, "12.5", "12.5 pod s"),
        ("cost", 0.1234, "0.123", "0.123"),
        ("p95(cost)", float("nan"), "–", "-"),
    ],
)
def test_values_are_told_in_the_measures_unit(column: str, value: float, number: str, text: str) -> None:
    assert (quantity(column).number(value), quantity(column).text(value)) == (number, text)


def test_what_is_known_of_a_column() -> None:
    assert quantity("p95(below_desired_s)") == Quantity(
        "p95(below_desired_s)",
        "s",
        "below_desired_s: time with fewer pods available than desired",
        "lower",
        "never",
    )
    assert quantity("p95(duration_s)").label() == "p95(duration_s) (s, lower is better)"
    assert (quantity("cost").label(), quantity("cost").bar()) == ("cost", "cost")


def test_ratios_are_told_in_percent_on_the_axis() -> None:
    runs = pd.DataFrame({"strategy": 0, "min_availability": [0.5, 0.75, 1.0]})
    axes: Axes = distributions(runs, "min_availability", {})
    assert axes.get_xlabel() == "min_availability (%, higher is better)"
    assert axes.xaxis.get_major_formatter()(0.75, 0) == "75"


def test_findings_name_one_some_or_all() -> None:
    assert among(["A"], 3) == "A"
    assert among(["A", "B"], 3) == "A and 1 other"
    assert among(["A", "B", "C"], 4) == "A and 2 others"
    assert among(["A", "B"], 2) == "all 2 strategies"
    assert among(["A"], 1) == "A"


def test_lines_differ_without_colour() -> None:
    assert len({str(look.dashes) for look in LOOKS}) == len({look.marker for look in LOOKS}) == len(LOOKS)
    blue, orange = (to_rgb(look.colour) for look in LOOKS[:2])
    assert abs(float(np.dot([0.299, 0.587, 0.114], np.subtract(blue, orange)))) > 0.2
