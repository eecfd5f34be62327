"""What a heat map shows is what its table says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import LogNorm

from sim.charts import heatmap, heatmaps
from sim.charts.heatmap import MOST_PANELS
from tests.charts.tables import INF, NAN, P95, artist, artists, cells, corners, texts, title


def shown(axes: object) -> dict[tuple[int, int], str]:
    """The text in each cell, by (column, row)."""
    return {
        (int(t.get_position()[0]), int(t.get_position()[1])): t.get_text()
        for t in artists(axes, "cell")  # type: ignore[arg-type]
    }


def test_every_cell_has_its_number_and_the_missing_one_a_hatch() -> None:
    axes = heatmap(cells(), "maxSurge", "maxUnavailable", P95)
    assert shown(axes) == {(0, 1): "39", (1, 0): "30", (1, 1): "29", (2, 0): "20", (2, 1): "19"}
    values = artist(axes, "values").get_array()
    assert np.ma.filled(values, -1).tolist() == [[-1, 30, 20], [39, 29, 19]]
    missing = artist(axes, "not simulated")
    assert (corners(missing), missing.get_hatch()) == ({(0, 0)}, "////")
    assert "not simulated (1)" in texts(axes)
    assert title(axes) == f"{P95}: 19 s at best, maxSurge=25% maxUnavailable=1; 39 s at worst"


def test_the_axes_order_is_that_of_the_fullest_row() -> None:
    """maxUnavailable=0 appears after 1, because with maxSurge=0 it is refused."""
    axes = heatmap(cells(), "maxSurge", "maxUnavailable", P95)
    assert [t.get_text() for t in axes.get_yticklabels()] == ["0", "1"]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0", "1", "25%"]


def test_categories_have_an_order_of_their_own() -> None:
    table = cells().astype({"maxSurge": pd.CategoricalDtype(["25%", "1", "0", "50%"])})
    table["profile"] = pd.Categorical(["node"] * len(table), ["kind", "node"])
    figure = heatmaps(table, "maxSurge", "maxUnavailable", P95, "profile")
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["25%", "1", "0", "50%"]
    assert shown(figure.axes[0])[0, 1] == "19"
    assert len(figure.axes) == 2


def test_never_and_not_defined_have_looks_of_their_own() -> None:
    axes = heatmap(cells(c0=INF, c1=NAN), "maxSurge", "maxUnavailable", P95)
    assert corners(artist(axes, "never")) == {(0, 1)}
    assert corners(artist(axes, "not defined")) == {(1, 0)}
    assert shown(axes)[0, 1] == "never"
    assert {"never complete (1)", "not defined (1)"} <= set(texts(axes))
    assert title(axes).endswith("never complete at worst")


@pytest.mark.parametrize(
    ("value", "best"), [(P95, {(2, 1)}), ("mean(min_availability)", {(0, 1)}), ("cost", set())]
)
def test_the_best_cell_is_framed_and_dark_is_worse(value: str, best: set[tuple[int, int]]) -> None:
    table = cells().rename(columns={P95: value})
    axes = heatmap(table, "maxSurge", "maxUnavailable", value)
    assert {cell for frame in artists(axes, "best") for cell in corners(frame)} == best
    mesh = artist(axes, "values")
    light = [float(np.sum(mesh.cmap(share)[:3])) for share in (0.0, 0.5, 1.0)]
    assert light == sorted(light, reverse=value != "mean(min_availability)")


def test_the_best_of_moments_that_better_never_come_is_never() -> None:
    table = cells(c2=INF).rename(columns={P95: "p5(deadline_exceeded_s)"})
    axes = heatmap(table, "maxSurge", "maxUnavailable", "p5(deadline_exceeded_s)")
    assert corners(artist(axes, "best")) == {(1, 1)}
    assert "never exceeded at best" in title(axes)


def test_the_colour_bar_says_unit_and_sense() -> None:
    assert "s (lower is better)" in texts(heatmap(cells(), "maxSurge", "maxUnavailable", P95))
    ratio = cells().rename(columns={P95: "min_availability"})
    ratio["min_availability"] /= 40
    axes = heatmap(ratio, "maxSurge", "maxUnavailable", "min_availability")
    assert "% (higher is better)" in texts(axes)
    assert shown(axes)[0, 1] == "97.5"


def test_one_value_on_an_axis_and_one_value_at_all() -> None:
    one = cells()
    one = one[one["maxUnavailable"] == "1"]
    assert shown(heatmap(one, "maxSurge", "maxUnavailable", P95)) == {
        (0, 0): "39",
        (1, 0): "29",
        (2, 0): "19",
    }
    same = heatmap(one[:1], "maxSurge", "maxUnavailable", P95)
    assert title(same) == f"{P95}: 39 s"
    assert not artists(same, "best")
    never = heatmap(one.assign(**{P95: INF}), "maxSurge", "maxUnavailable", P95)
    assert title(never) == f"{P95}: never complete in all 3 cells"


def test_several_best_cells_are_counted_and_not_listed() -> None:
    axes = heatmap(cells(c3=19.0), "maxSurge", "maxUnavailable", P95)
    assert title(axes) == f"{P95}: 19 s at best (2 cells, framed), 39 s at worst"
    table = pd.concat([cells().assign(profile=name) for name in ("node", "kind")])
    figure = heatmaps(table, "maxSurge", "maxUnavailable", P95, "profile")
    assert f"{P95}: 19 s at best (2 cells), 39 s at worst" in texts(figure)


def test_wide_values_have_logarithmic_colours_with_plain_ticks() -> None:
    axes = heatmap(cells(c0=1101.0, c1=INF), "maxSurge", "maxUnavailable", P95)
    norm = artist(axes, "values").norm
    assert isinstance(norm, LogNorm)
    assert (norm.vmin, norm.vmax) == (19, 1101)
    figure = axes.get_figure(root=True)
    figure.canvas.draw()
    (bar,) = axes.child_axes
    low, high = bar.get_ylim()
    assert [t.get_text() for t in bar.get_yticklabels()] == ["20", "30", "60", "120", "300", "600"]
    assert all(low <= tick <= high for tick in bar.get_yticks())
    assert not len(bar.get_yticks(minor=True))
    assert bar.get_ylabel() == "s (lower is better,\nlog scale)"
    linear = heatmap(cells(), "maxSurge", "maxUnavailable", P95)
    assert not isinstance(artist(linear, "values").norm, LogNorm)


def test_numbers_are_left_out_where_they_do_not_fit() -> None:
    table = pd.DataFrame(
        [(str(i), str(j), i + j) for i in range(60) for j in range(60)], columns=["a", "b", P95]
    )
    axes = heatmap(table, "a", "b", P95)
    assert not artists(axes, "cell")
    assert len(axes.get_xticklabels()) == 30
    assert [t.get_text() for t in axes.get_xticklabels()][:3] == ["0", "2", "4"]


def test_small_multiples_share_their_colours_and_axes() -> None:
    slow = cells()
    slow[P95] *= 3
    table = pd.concat([cells().assign(profile="node"), slow.assign(profile="kind")])
    figure = heatmaps(table, "maxSurge", "maxUnavailable", P95, "profile")
    panels = [axes for axes in figure.axes if artists(axes, "values")]
    assert [title(axes) for axes in panels] == ["profile=node", "profile=kind"]
    assert {artist(axes, "values").get_clim() for axes in panels} == {(19.0, 117.0)}
    assert [shown(axes)[2, 1] for axes in panels] == ["19", "57"]
    assert len(figure.axes) == 3  # one colour bar
    assert {"best of its panel", "not simulated (2)"} <= set(texts(figure))
    assert f"{P95}: 19 s at best, maxSurge=25% maxUnavailable=1 profile=node; 117 s at worst" in texts(figure)


def test_a_facet_may_lack_cells_that_others_have() -> None:
    table = pd.concat([cells().assign(profile="node"), cells()[:1].assign(profile="kind")])
    figure = heatmaps(table, "maxSurge", "maxUnavailable", P95, "profile")
    assert shown(figure.axes[1]) == {(0, 1): "39"}


def test_many_panels_are_cut_and_counted() -> None:
    table = pd.concat([cells().assign(seed=str(i)) for i in range(MOST_PANELS + 3)])
    figure = heatmaps(table, "maxSurge", "maxUnavailable", P95, "seed")
    assert sum(bool(artists(axes, "values")) for axes in figure.axes) == MOST_PANELS
    assert "12 of 15 panels shown" in texts(figure)
    single = heatmaps(cells(), "maxSurge", "maxUnavailable", P95)
    assert len(single.axes) == 2


def test_two_rows_for_one_cell_are_refused() -> None:
    with pytest.raises(ValueError, match="two rows for the cell maxSurge=0 maxUnavailable=1"):
        heatmap(pd.concat([cells(), cells()]), "maxSurge", "maxUnavailable", P95)
