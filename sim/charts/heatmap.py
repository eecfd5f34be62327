"""Heat maps: one number over two axes of the grid, alone or as small multiples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PolyCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.charts.captions import (
    CHARACTER_IN,
    Quantity,
    Style,
    fitting,
    headline,
    in_order,
    make_room,
    quantity,
    rows,
    shown_of,
    titled,
)
from sim.charts.scale import Scale, scale_of
from sim.charts.style import BELOW_FLOOR, FAINT, INK, OLDER, SIZE, new_axes, settings, short

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_PANELS = 12
# Dark is worse, whichever way is better, in grey print, too.
_BETTER_TO_WORSE = ["#F3F8FC", "#8CBFE0", "#0072B2", "#002B49"]
_BEST = OLDER[0]
_MISSING, _UNDEFINED = "not simulated", "not defined"
_MOST_TICKS = 40  # more labels on an axis overlap
_ACROSS = 3
_PANEL_IN, _GAP_IN, _BELOW_IN, _SIDE_IN = 2.6, 0.35, 0.7, 2.3
_ABOVE_IN, _LINE_IN = 0.5, 0.18  # the finding, and each line below it


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table as a matrix: `values[row, column]`; `there` says which cells have a row in the table."""

    x: str
    y: str
    columns: list[str]
    rows: list[str]
    values: np.ndarray
    there: np.ndarray

    def where(self, row: int, column: int) -> str:
        """Return "maxSurge=25% maxUnavailable=0" of a cell."""
        x, y = short(self.columns[column], 16), short(self.rows[row], 16)
        return f"{short(self.x, 24)}={x} {short(self.y, 24)}={y}"

    def kinds(self) -> dict[str, np.ndarray]:
        """Return the cells without a colour of their own as (row, column) pairs: not simulated, not
        defined, infinite.
        """
        return {
            _MISSING: np.argwhere(~self.there),
            _UNDEFINED: np.argwhere(self.there & np.isnan(self.values)),
            "never": np.argwhere(np.isinf(self.values)),
        }


def heatmap(table: DataFrame, x: str, y: str, value: str, ax: Axes | None = None) -> Axes:
    """Draw a number over two axes of the grid and return the Axes (new ones when ``ax`` is None).

    ``table`` has a row a cell: the columns ``x`` and ``y`` are texts, in the order of their categories where
    the column is categorical, else as they appear; ``value`` is the number, named as a measure ("duration_s")
    or a statistic of one ("p95(duration_s)"). Cells without a row are hatched as not simulated; inf and nan
    have looks of their own. The best cells are framed. Where the largest value is many times the smallest one
    the colours are logarithmic (`scale.WIDE`), and the colour bar says so. Raises
    ValueError for a table without rows, a missing column, or two rows for one cell.
    """
    grid = _grid(rows(table, x, y, value), table, x, y, value)
    what = quantity(value)
    with settings():
        axes = new_axes(min(max(SIZE[1], 1.6 + 0.3 * len(grid.rows)), 11.0)) if ax is None else ax
        if ax is None:
            make_room(axes, max(len(short(text, 16)) for text in grid.rows))
        norm = _norm([grid], what)
        _panel(axes, grid, what, norm)
        headline(axes, *_words({"": grid}, what))
        axes.legend(
            handles=_entries([grid], what), loc="upper left", bbox_to_anchor=(1.03, 1.02), borderaxespad=0.0
        )
        if norm is not None:
            _colour_bar(axes.inset_axes((1.035, 0.0, 0.035, 0.55)), what, norm)
    return axes


def heatmaps(table: DataFrame, x: str, y: str, value: str, facet: str | None = None) -> Figure:
    """Draw a heat map for each value of the column ``facet`` (None: one), all with the same axes and colours,
    and return the figure.

    The first MOST_PANELS values are drawn, and a note says how many there are. Raises ValueError as `heatmap`
    does.
    """
    rows(table, x, y, value, *([facet] if facet else []))
    parts = {"": table}
    if facet is not None:
        parts = {str(name): part for name, part in table.groupby(facet, sort=False, observed=True)}
    names = list(parts)[:MOST_PANELS]
    grids = {
        f"{short(facet, 24)}={short(name, 16)}" if facet else "": _grid(table, parts[name], x, y, value)
        for name in names
    }
    what = quantity(value)
    norm = _norm(list(grids.values()), what)
    with settings():
        notes = [*_words(grids, what), shown_of(len(grids), len(parts), "panels")]
        notes = [note for note in notes if note]
        # The panels' own titles are a line, too.
        above = _ABOVE_IN + _LINE_IN * (len(notes) if facet is None else len(notes) + 1)
        longest = max(len(short(text, 16)) for text in in_order(table, y, [x]))
        panels = _places(len(grids), longest, above)
        for axes, (name, grid) in zip(panels, grids.items(), strict=True):
            _panel(axes, grid, what, norm)
            axes.set_title(name, loc="left", fontsize=9.0, pad=4)
        for place, axes in enumerate(panels):
            if place % _ACROSS:
                axes.set_ylabel("")
                axes.tick_params(labelleft=False)
            if place + _ACROSS < len(panels):
                axes.set_xlabel("")
                axes.tick_params(labelbottom=False)
        figure = panels[0].figure
        assert isinstance(figure, Figure)
        _around(figure, panels, _entries(list(grids.values()), what), what, norm)
        _heading(figure, panels[0].get_position().x0, notes)
    return figure


def _grid(whole: DataFrame, part: DataFrame, x: str, y: str, value: str) -> _Grid:
    columns = {text: place for place, text in enumerate(in_order(whole, x, [y]))}
    lines = {text: place for place, text in enumerate(in_order(whole, y, [x]))}
    values = np.full((len(lines), len(columns)), np.nan)
    there = np.zeros(values.shape, bool)
    for column, line, number in zip(part[x], part[y], part[value].to_numpy(float), strict=True):
        place = lines[str(line)], columns[str(column)]
        if there[place]:
            raise ValueError(f"two rows for the cell {x}={column} {y}={line}")
        there[place], values[place] = True, number
    return _Grid(x, y, list(columns), list(lines), values, there)


def _norm(grids: Sequence[_Grid], what: Quantity) -> Normalize | None:
    """Return the scale of the colours, None when no cell has a finite value."""
    values = np.concatenate([grid.values.ravel() for grid in grids])
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    if scale_of(values, what.unit).log:
        return LogNorm(low, high)
    # A single value is an even colour, not a scale of rounding errors around it.
    return Normalize(low, high) if high > low else Normalize(low - 0.5, low + 0.5)


def _colours(what: Quantity) -> Colormap:
    colours = _BETTER_TO_WORSE[::-1] if what.better == "higher" else _BETTER_TO_WORSE
    return LinearSegmentedColormap.from_list("better to worse", colours)


def _look(kind: str, what: Quantity) -> Style:
    """Return the look of the cells without a number."""
    if kind == _MISSING:
        return {"facecolor": "#FFFFFF", "edgecolor": "#9A9A9A", "hatch": "////", "linewidth": 0.0}
    if kind == _UNDEFINED:
        return {"facecolor": "#E4E4E4", "edgecolor": "#E4E4E4", "linewidth": 0.0}
    good = what.better == "higher"
    return {"facecolor": OLDER[1] if good else BELOW_FLOOR, "edgecolor": "#FFFFFF", "linewidth": 0.0}


def _best(grid: _Grid, what: Quantity) -> np.ndarray:
    """Return the (row, column) pairs of the best cells; none where that says nothing: all are equal."""
    found = grid.values[~np.isnan(grid.values)]
    if what.better is None or not found.size or (found == found[0]).all():
        return np.empty((0, 2), int)
    return np.argwhere(grid.values == (found.max() if what.better == "higher" else found.min()))


def _panel(axes: Axes, grid: _Grid, what: Quantity, norm: Normalize | None) -> None:
    high, wide = grid.values.shape
    if norm is not None:
        shown = np.ma.masked_invalid(grid.values)
        axes.pcolormesh(
            shown, cmap=_colours(what), norm=norm, edgecolors="white", linewidth=0.8, gid="values"
        )
    for kind, cells in grid.kinds().items():
        if len(cells):
            axes.add_collection(PolyCollection(_squares(cells), gid=kind, **_look(kind, what)), autolim=False)
    best = _best(grid, what)
    if len(best):
        thick = min(2.4, 6 * min(_cell_in(axes, grid)))
        frames = _squares(best, inset=0.04)
        axes.add_collection(
            PolyCollection(frames, facecolor="none", edgecolor=_BEST, linewidth=thick, zorder=3, gid="best"),
            autolim=False,
        )
    axes.set_xlim(0, wide)
    axes.set_ylim(0, high)
    _ticks(axes, grid)
    _annotate(axes, grid, what, norm)


def _squares(cells: np.ndarray, inset: float = 0.0) -> list[np.ndarray]:
    corners = np.array([[inset, inset], [1 - inset, inset], [1 - inset, 1 - inset], [inset, 1 - inset]])
    return [np.array([column, row]) + corners for row, column in cells]


def _ticks(axes: Axes, grid: _Grid) -> None:
    step = math.ceil(len(grid.columns) / _MOST_TICKS)
    names = [short(text, 16) for text in grid.columns[::step]]
    axes.set_xticks(np.arange(0, len(grid.columns), step) + 0.5, names)
    if max(map(len, names)) * CHARACTER_IN > step * _cell_in(axes, grid)[0]:
        axes.tick_params(axis="x", labelrotation=90, labelsize=8.0)
    step = math.ceil(len(grid.rows) / _MOST_TICKS)
    axes.set_yticks(np.arange(0, len(grid.rows), step) + 0.5, [short(t, 16) for t in grid.rows[::step]])
    axes.tick_params(length=0)
    axes.set_xlabel(short(grid.x, 40))
    axes.set_ylabel(short(grid.y, 40))
    axes.spines[:].set_visible(False)


def _cell_in(axes: Axes, grid: _Grid) -> tuple[float, float]:
    """Return a cell's width and height in inches."""
    figure = axes.get_figure(root=True)
    dpi = figure.dpi if figure is not None else 100.0
    return axes.bbox.width / dpi / len(grid.columns), axes.bbox.height / dpi / len(grid.rows)


def _annotate(axes: Axes, grid: _Grid, what: Quantity, norm: Normalize | None) -> None:
    """Write every cell's number into it, where the widest one fits."""
    texts = {
        (row, column): what.number(float(grid.values[row, column])) for row, column in np.argwhere(grid.there)
    }
    wide, high = _cell_in(axes, grid)
    size = min(9.0, 9.0 * 0.92 * wide / (CHARACTER_IN * max(map(len, texts.values()), default=1)), 60 * high)
    if size < 6.0:
        return
    colours = _colours(what)
    for (row, column), text in texts.items():
        value = grid.values[row, column]
        ground = colours(norm(value))[:3] if norm is not None and np.isfinite(value) else (1.0, 1.0, 1.0)
        dark = float(np.dot([0.299, 0.587, 0.114], ground)) < 0.5 or np.isinf(value)
        axes.text(
            column + 0.5,
            row + 0.5,
            text,
            ha="center",
            va="center",
            fontsize=size,
            color="white" if dark else INK,
            fontweight="bold" if np.isinf(value) else "normal",
            gid="cell",
        )


def _entries(grids: Sequence[_Grid], what: Quantity) -> list[Artist]:
    """Return the legend's entries, of those looks only that are there."""
    entries: list[Artist] = []
    if any(len(_best(grid, what)) for grid in grids):
        label = "best" if len(grids) == 1 else "best of its panel"
        frame: Style = {"marker": "s", "markersize": 8, "markeredgewidth": 2.2, "markerfacecolor": "none"}
        entries.append(Line2D([], [], linestyle="none", color=_BEST, label=label, **frame))
    for kind in (_MISSING, _UNDEFINED, "never"):
        number = sum(len(grid.kinds()[kind]) for grid in grids)
        if number:
            label = what.never if kind == "never" else kind
            entries.append(Patch(label=f"{label} ({number})", **_look(kind, what)))
    return entries


def _colour_bar(place: Axes, what: Quantity, norm: Normalize) -> None:
    figure = place.get_figure(root=True)
    if figure is None:
        return
    bar = figure.colorbar(ScalarMappable(norm, _colours(what)), cax=place)
    scale = Scale(log=isinstance(norm, LogNorm))
    what.ticks(bar.ax.yaxis, scale)
    bar.set_label(what.bar(scale))
    bar.outline.set_visible(False)


def _words(grids: dict[str, _Grid], what: Quantity) -> tuple[str, str]:
    """Return the finding and the line below it."""
    cells = [
        (float(grid.values[row, column]), f"{grid.where(row, column)} {name}".rstrip())
        for name, grid in grids.items()
        for row, column in np.argwhere(~np.isnan(grid.values))
    ]
    column = short(what.column, 40)
    if not cells:
        return f"{column}: not defined anywhere", what.meaning
    values = [value for value, _ in cells]
    low, high = min(values), max(values)
    if low == high:
        everywhere = f" in all {len(cells)} cells" if len(cells) > 1 else ""
        return f"{column}: {what.text(low)}{everywhere}", what.meaning
    if what.better is None:
        return f"{column}: from {what.text(low)} to {what.text(high)}", what.meaning
    best, worst = (high, low) if what.better == "higher" else (low, high)
    where = [place for value, place in cells if value == best]
    if len(where) == 1:
        told = f"{what.text(best)} at best, {where[0]}; {what.text(worst)} at worst"
    else:
        framed = ", framed" if len(grids) == 1 else ""
        told = f"{what.text(best)} at best ({len(where)} cells{framed}), {what.text(worst)} at worst"
    return f"{column}: {told}", what.meaning


def _places(number: int, characters: int, above_in: float) -> list[Axes]:
    """Return the Axes of ``number`` panels on a new figure, as large as it needs to be, ``above_in`` inches
    of it for what stands above them.
    """
    across, down = min(number, _ACROSS), math.ceil(number / _ACROSS)
    panel = _PANEL_IN if number > 1 else 2 * _PANEL_IN
    left = 0.55 + CHARACTER_IN * characters
    wide = left + across * panel + (across - 1) * _GAP_IN + _SIDE_IN
    high = above_in + down * _PANEL_IN + (down - 1) * _GAP_IN + _BELOW_IN
    figure = Figure(figsize=(wide, high))
    FigureCanvasAgg(figure)
    return [
        figure.add_axes(
            (
                (left + (place % _ACROSS) * (panel + _GAP_IN)) / wide,
                1 - (above_in + (place // _ACROSS) * (_PANEL_IN + _GAP_IN) + _PANEL_IN) / high,
                panel / wide,
                _PANEL_IN / high,
            )
        )
        for place in range(number)
    ]


def _around(
    figure: Figure, panels: Sequence[Axes], entries: list[Artist], what: Quantity, norm: Normalize | None
) -> None:
    """Put the legend and the one colour bar at the right of all panels."""
    wide, high = figure.get_size_inches()
    side, first = 1 - (_SIDE_IN - 0.2) / wide, panels[0].get_position()
    figure.legend(handles=entries, loc="upper left", bbox_to_anchor=(side, first.y1), borderaxespad=0.0)
    if norm is not None:
        place = figure.add_axes((side, first.y0, 0.2 / wide, 0.55 * _PANEL_IN / high), label="colours")
        _colour_bar(place, what, norm)


def _heading(figure: Figure, left: float, lines: Sequence[str]) -> None:
    high = figure.get_figheight()
    room = figure.get_figwidth() * (1 - left)
    title, size = titled(lines[0], room)
    figure.text(left, 1 - 0.35 / high, title, fontweight="bold", fontsize=size, gid="title")
    for number, line in enumerate(lines[1:], start=1):
        figure.text(
            left, 1 - (0.36 + _LINE_IN * number) / high, short(line, fitting(room)), color=FAINT, fontsize=8.5
        )
