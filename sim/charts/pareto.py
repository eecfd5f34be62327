"""The choice between two aims: all strategies, which of them are on the front, which one is recommended."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.charts.captions import CHARACTER_IN, Quantity, Style, entry, headline, quantity, rows
from sim.charts.frame import legend, wrapped
from sim.charts.style import FAINT, INK, NEWEST, OLDER, new_axes, settings, short

if TYPE_CHECKING:
    from pandas import DataFrame

NAMED = 10  # points of the front that the legend names at most
_LINE_IN = 0.135  # the height of a line of the legend
_ROLES = ("recommended", "runner-up")
_LOOKS: dict[str, Style] = {
    "infeasible": {"marker": "x", "color": "#A8A8A8", "markersize": 5, "zorder": 2},
    "feasible": {"marker": "o", "color": NEWEST, "markerfacecolor": "white", "markersize": 5, "zorder": 3},
    "front": {"marker": "o", "color": NEWEST, "markersize": 6.5, "zorder": 5},
    "runner-up": {"marker": "D", "color": INK, "markerfacecolor": OLDER[0], "markersize": 8, "zorder": 6},
    "recommended": {"marker": "*", "color": INK, "markerfacecolor": OLDER[0], "markersize": 17, "zorder": 7},
}
_WORDS = {
    "infeasible": "breaks a limit",
    "front": "on the front (no better in both)",
    "feasible": "keeps limits, off the front",
}
# Where a text may stand beside its point: to the right above first, then around.
_OFFSETS = ((1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1))


def pareto(
    table: DataFrame,
    x: str,
    y: str,
    ax: Axes | None = None,
    x_limit: float | None = None,
    y_limit: float | None = None,
    x_title: str | None = None,
    y_title: str | None = None,
) -> Axes:
    """Draw the strategies over two aims and return the Axes (new ones when ``ax`` is None).

    ``table`` has a row a strategy: strategy, label, the columns ``x`` and ``y`` with the aims' values (named
    as measures or statistics of them), feasible, front (bool), role ("recommended", "runner-up" or "").
    ``x_limit``, ``y_limit``: limits on the aims, in their units, drawn as lines. ``x_title``, ``y_title``:
    the axes' texts instead of what the columns say. Strategies with an infinite or undefined aim have no
    place; they are counted. Raises ValueError for a table without rows or a missing column.
    """
    rows(table, "strategy", "label", x, y, "feasible", "front", "role")
    aims = quantity(x), quantity(y)
    points = table[[x, y]].to_numpy(float)
    place = np.isfinite(points).all(axis=1)
    kinds = _kinds(table)
    with settings():
        axes = new_axes() if ax is None else ax
        entries = _draw(axes, table, points, kinds, place)
        front = np.flatnonzero(table["front"].to_numpy(bool) & table["feasible"].to_numpy(bool) & place)
        front = front[np.lexsort((points[front, 1], points[front, 0]))]
        corners = _corners(points[front], aims[0])
        axes.plot(*corners.T, color=NEWEST, linewidth=1.2, zorder=4, gid="front-line")
        for aim, axis, title in ((aims[0], axes.xaxis, x_title), (aims[1], axes.yaxis, y_title)):
            aim.on(axis)
            if title is not None:
                axis.set_label_text(short(title, 60))
        axes.margins(0.12)
        _limits(axes, aims, (x_limit, y_limit))
        axes.grid(color="#E4E4E4", linewidth=0.6)
        axes.autoscale_view()  # otherwise the points get their places only when the figure is drawn
        taken = _Taken(axes)
        taken.add(points[place])
        taken.add_lines(corners)
        if x_limit is not None:
            taken.add_lines(np.array([[x_limit, end] for end in axes.get_ylim()]))
        if y_limit is not None:
            taken.add_lines(np.array([[end, y_limit] for end in axes.get_xlim()]))
        labels = [short(str(text), 100) for text in table["label"]]
        if not place.all():
            missing = f"not drawn: {int((~place).sum())}, without a finite value"
            entries.append(Line2D([], [], linestyle="none", label=missing))
        names = _names(axes, labels, front, entries)
        _number(axes, points, front[: len(names)], taken)
        entries += [Line2D([], [], linestyle="none", label=name) for name in names]
        if front.size > len(names):
            more = f"… {len(names)} of {front.size} on the front shown"
            entries.append(Line2D([], [], linestyle="none", label=more))
        _call_out(axes, labels, points, kinds, place, taken)
        headline(axes, _finding(table, aims, points, kinds), *_details(table, aims))
        legend(axes, entries)
    return axes


def _kinds(table: DataFrame) -> np.ndarray:
    """Return what each strategy is, the most telling of the words of _LOOKS."""
    feasible, front = table["feasible"].to_numpy(bool), table["front"].to_numpy(bool)
    kinds = np.where(feasible, np.where(front, "front", "feasible"), "infeasible").astype(object)
    for role in _ROLES:
        kinds[(table["role"] == role).to_numpy(bool)] = role
    return kinds


def _draw(
    axes: Axes, table: DataFrame, points: np.ndarray, kinds: np.ndarray, place: np.ndarray
) -> list[Artist]:
    entries: list[Artist] = []
    for kind, look in reversed(_LOOKS.items()):
        mine = kinds == kind
        if (mine & place).any():
            axes.plot(*points[mine & place].T, linestyle="none", gid=kind, **look)
        if mine.any():
            label = _WORDS.get(kind, kind)
            if kind in ("feasible", "infeasible"):
                label += f" ({int(mine.sum())})"
            if kind in _ROLES:
                label += f": {table['label'][mine].iloc[0]}"
            entries.append(Line2D([], [], linestyle="none", label=entry(label), **{**look, "markersize": 6}))
    return entries


def _limits(axes: Axes, aims: tuple[Quantity, Quantity], limits: tuple[float | None, float | None]) -> None:
    """Draw the limits, each with its text at the end, and make room for them on the axes."""
    style: Style = {"color": INK, "linewidth": 1.0, "linestyle": (0, (4, 2)), "zorder": 1.8}
    words: Style = {
        "fontsize": 8.0,
        "color": INK,
        "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    }
    x_limit, y_limit = limits
    if x_limit is not None:
        axes.axvline(x_limit, gid="x-limit", **style)
        axes.text(
            x_limit,
            0.99,
            f"limit {aims[0].text(x_limit)}",
            transform=axes.get_xaxis_transform(),
            ha="right",
            va="top",
            rotation=90,
            **words,
        )
    if y_limit is not None:
        axes.axhline(y_limit, gid="y-limit", **style)
        axes.text(
            0.995,
            y_limit,
            f"limit {aims[1].text(y_limit)}",
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="bottom",
            **words,
        )


class _Taken:
    """Where there is something on the Axes already, in inches; finds free places for texts."""

    def __init__(self, axes: Axes) -> None:
        figure = axes.get_figure(root=True)
        self.dpi = figure.dpi if figure is not None else 100.0
        self.axes = axes
        self.points = np.empty((0, 2))
        self.boxes: list[tuple[float, float, float, float]] = []

    def add(self, points: np.ndarray) -> None:
        """Take the places of points (in the data's units)."""
        if len(points):
            self.points = np.concatenate([self.points, self._inches(points)])

    def add_lines(self, corners: np.ndarray) -> None:
        """Take the places of straight lines from corner to corner."""
        along = np.linspace(0, 1, 60)[:, None]
        for one, other in pairwise(corners):
            self.add(one + along * (other - one))

    def _inches(self, points: np.ndarray) -> np.ndarray:
        inches: np.ndarray = self.axes.transData.transform(points) / self.dpi
        return inches

    def beside(self, point: np.ndarray, wide: float, high: float, away: float) -> tuple[float, float] | None:
        """Return the offset in points of the centre of a box of text beside a point, None where it has no
        free place.
        """
        at = self._inches(point[None])[0]
        low, right = (np.array(corner) / self.dpi for corner in (self.axes.bbox.min, self.axes.bbox.max))
        for x, y in _OFFSETS:
            centre = at + np.array([x * (away + wide / 2), y * (away + high / 2)])
            box = (centre[0] - wide / 2, centre[1] - high / 2, centre[0] + wide / 2, centre[1] + high / 2)
            inside = box[0] >= low[0] and box[1] >= low[1] and box[2] <= right[0] and box[3] <= right[1]
            if inside and self._free(box):
                self.boxes.append(box)
                offset = 72 * (centre - at)
                return float(offset[0]), float(offset[1])
        return None

    def _free(self, box: tuple[float, float, float, float]) -> bool:
        x, y = self.points.T
        near = (x > box[0] - 0.04) & (x < box[2] + 0.04) & (y > box[1] - 0.04) & (y < box[3] + 0.04)
        crossed = any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
            for other in self.boxes
        )
        return not near.any() and not crossed


def _call_out(
    axes: Axes, labels: Sequence[str], points: np.ndarray, kinds: np.ndarray, place: np.ndarray, taken: _Taken
) -> None:
    """Write the settings of the recommendation and of the runner-up beside them, where there is room."""
    for role in _ROLES:
        for number in map(int, np.flatnonzero((kinds == role) & place)):
            lines = wrapped(labels[number], 22)
            wide, high = 0.068 * max(map(len, lines)), 0.14 * len(lines)
            spots = (
                taken.beside(points[number], wide, high, away) for away in (0.14, 0.25, 0.4, 0.6, 0.9, 1.2)
            )
            offset = next((spot for spot in spots if spot), None)
            if offset is None:  # all is taken: the legend names it, too
                continue
            axes.annotate(
                "\n".join(lines),
                points[number],
                offset,
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=8.0,
                fontweight="bold" if role == "recommended" else "normal",
                arrowprops={"arrowstyle": "-", "color": FAINT, "linewidth": 0.6, "shrinkB": 5},
                bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
                zorder=8,
                gid=role,
            )


def _names(axes: Axes, labels: Sequence[str], front: np.ndarray, entries: Sequence[Artist]) -> list[str]:
    """Return the legend's texts of the front's points by rank: the first NAMED, and no more than have room
    below the other entries.
    """
    room = _inches_high(axes) / _LINE_IN - sum(str(one.get_label()).count("\n") + 1.4 for one in entries) - 1
    names: list[str] = []
    for rank, number in enumerate(front[:NAMED], start=1):
        name = entry(f"{rank}  {labels[number]}")
        room -= name.count("\n") + 1.4
        if room < 0:
            break
        names.append(name)
    return names


def _inches_high(axes: Axes) -> float:
    figure = axes.get_figure(root=True)
    return float(axes.bbox.y1) / figure.dpi if figure is not None else 4.0


def _number(axes: Axes, points: np.ndarray, front: np.ndarray, taken: _Taken) -> None:
    """Number the points of the front; equal ones share their place."""
    places: dict[tuple[float, float], list[int]] = {}
    for rank, number in enumerate(front, start=1):
        places.setdefault((points[number, 0], points[number, 1]), []).append(rank)
    for point, ranks in places.items():
        text = ", ".join(map(str, ranks))
        spots = (
            taken.beside(np.array(point), CHARACTER_IN * len(text), 0.13, away) for away in (0.08, 0.17, 0.28)
        )
        offset = next((spot for spot in spots if spot), (0.0, 9.0))
        axes.annotate(
            text,
            point,
            offset,
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=8.0,
            color=NEWEST,
            fontweight="bold",
            zorder=8,
            gid="rank",
        )


def _corners(front: np.ndarray, x: Quantity) -> np.ndarray:
    """Return the corners of the steps that bound what the sorted points of the front reach."""
    if len(front) < 2:
        return front
    higher = x.better == "higher"
    between = [(a[0], b[1]) if higher else (b[0], a[1]) for a, b in pairwise(front)]
    corners = np.repeat(front, 2, axis=0)[:-1]
    corners[1::2] = between
    return corners


def _finding(table: DataFrame, aims: tuple[Quantity, Quantity], points: np.ndarray, kinds: np.ndarray) -> str:
    if not table["feasible"].any():
        return f"None of {len(table)} strategies keeps every limit"
    for number in np.flatnonzero(kinds == "recommended"):
        label = short(str(table["label"].iloc[number]), 48)
        values = " and ".join(aim.text(float(value)) for aim, value in zip(aims, points[number], strict=True))
        return f"Recommended: {label}, with {values}"
    return f"{int(table['front'].sum())} strategies are on the front"


def _details(table: DataFrame, aims: tuple[Quantity, Quantity]) -> list[str]:
    feasible = int(table["feasible"].sum())
    front = int((table["front"].to_numpy(bool) & table["feasible"].to_numpy(bool)).sum())
    counts = f"of {len(table)} strategies, {feasible} keep every limit and {front} of those are on the front"
    return [*dict.fromkeys(aim.meaning for aim in aims), counts]
