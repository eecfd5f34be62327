"""The choice between two aims: all strategies, which of them are on the front, which one is recommended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.charts.captions import CHARACTER_IN, Quantity, Style, entry, headline, quantity, rows
from sim.charts.frame import legend, wrapped
from sim.charts.places import Taken
from sim.charts.scale import scale_of
from sim.charts.style import FAINT, INK, NEWEST, OLDER, new_axes, settings, short

if TYPE_CHECKING:
    from pandas import DataFrame

NAMED = 10  # points of the front that the legend names at most
_LINE_IN = 0.135  # the height of a line of the legend
_ROLES = ("recommended", "runner-up")
# The size of a mark in the legend.
_IN_LEGEND = {"recommended": 10, "runner-up": 6, "front": 6, "feasible": 6, "infeasible": 6}
_LOOKS: dict[str, Style] = {
    "infeasible": {"marker": "x", "color": "#A8A8A8", "markersize": 5, "zorder": 2},
    "feasible": {"marker": "o", "color": NEWEST, "markerfacecolor": "white", "markersize": 5, "zorder": 3},
    "front": {"marker": "o", "color": NEWEST, "markersize": 6.5, "zorder": 5},
    "recommended": {"marker": "*", "color": INK, "markerfacecolor": OLDER[0], "markersize": 17, "zorder": 6},
    # Above the larger mark, which may lie at the same place.
    "runner-up": {"marker": "D", "color": INK, "markerfacecolor": "white", "markersize": 6.5, "zorder": 7},
}


def pareto(
    table: DataFrame,
    x: str,
    y: str,
    ax: Axes | None = None,
    x_limit: float | None = None,
    y_limit: float | None = None,
    better: Mapping[str, str] | None = None,
    x_title: str | None = None,
    y_title: str | None = None,
    now: int | None = None,
) -> Axes:
    """Draw the strategies over two aims and return the Axes (new ones when ``ax`` is None).

    ``table`` has a row a strategy: strategy, label, the columns ``x`` and ``y`` with the aims' values (named
    as measures or statistics of them), feasible, front (bool), role ("recommended", "runner-up" or "").
    ``x_limit``, ``y_limit``: limits on the aims, in their units, drawn as lines. ``better``: "lower" or
    "higher" by column, for all the aims that the front is of (None: ``x`` and ``y`` as their measures say).
    ``x_title``, ``y_title``: the axes' texts in place of the columns'. ``now``: who is in force, ringed.

    The front is joined by a line where it is one of these two aims. An axis on which the largest value is
    many times the smallest one is logarithmic (`scale.WIDE`), and says so. Strategies with an infinite or
    undefined aim have no place; they are counted. Raises ValueError for a table without rows or a
    missing column.
    """
    rows(table, "strategy", "label", x, y, "feasible", "front", "role")
    aims = _aim(x, better), _aim(y, better)
    points = table[[x, y]].to_numpy(float)
    place = np.isfinite(points).all(axis=1)
    kinds = _kinds(table)
    with settings():
        axes = new_axes() if ax is None else ax
        front = _front(table, points, place, aims)
        corners = _corners(points[front], aims)
        axes.plot(*corners.T, color=NEWEST, linewidth=1.2, zorder=4, gid="front-line")
        words = _words(table, _front_words(points[front], corners, aims, better))
        entries = _draw(axes, table, points, kinds, place, words)
        entries += _ring(axes, table, points, place & (table["strategy"] == now).to_numpy(bool))
        _scales(axes, aims, points[place], (x_limit, y_limit), (x_title, y_title))
        axes.margins(0.12)
        _limits(axes, aims, (x_limit, y_limit))
        axes.grid(color="#E4E4E4", linewidth=0.6)
        axes.autoscale_view()  # otherwise the points get their places only when the figure is drawn
        taken = _taken(axes, points[place], corners, (x_limit, y_limit))
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
        finding, counts = _finding(table, aims, points, kinds), _on_front(table)
        meanings = dict.fromkeys(aim.meaning for aim in aims)
        headline(axes, finding, *meanings, counts if counts != finding else "")
        legend(axes, entries)
    return axes


def _aim(column: str, better: Mapping[str, str] | None) -> Quantity:
    what = quantity(column)
    return replace(what, better=better[column]) if better is not None and column in better else what


def _kinds(table: DataFrame) -> np.ndarray:
    """Return what each strategy is, the most telling of the words of _LOOKS."""
    feasible, front = table["feasible"].to_numpy(bool), table["front"].to_numpy(bool)
    kinds = np.where(feasible, np.where(front, "front", "feasible"), "infeasible").astype(object)
    for role in _ROLES:
        kinds[(table["role"] == role).to_numpy(bool)] = role
    return kinds


def _draw(
    axes: Axes,
    table: DataFrame,
    points: np.ndarray,
    kinds: np.ndarray,
    place: np.ndarray,
    words: Mapping[str, str],
) -> list[Artist]:
    entries: list[Artist] = []
    for kind, size in _IN_LEGEND.items():
        look, mine = _LOOKS[kind], kinds == kind
        if (mine & place).any():
            axes.plot(*points[mine & place].T, linestyle="none", gid=kind, **look)
        if mine.any():
            label = words.get(kind, kind)
            if kind in ("feasible", "infeasible"):
                label += f" ({int(mine.sum())})"
            if kind in _ROLES:
                label += f": {table['label'][mine].iloc[0]}"
            entries.append(
                Line2D([], [], linestyle="none", label=entry(label), **{**look, "markersize": size})
            )
    return entries


def _ring(axes: Axes, table: DataFrame, points: np.ndarray, there: np.ndarray) -> list[Artist]:
    """Draw a ring around what is in force now, and return its entry in the legend."""
    if not there.any():
        return []
    look: Style = {"marker": "o", "color": INK, "markerfacecolor": "none", "linestyle": "none"}
    axes.plot(*points[there].T, gid="now", markersize=13, zorder=8, **look)
    label = entry(f"in force now: {table['label'][there].iloc[0] or 'as it is'}")
    return [Line2D([], [], label=label, markersize=10, **look)]


def _words(table: DataFrame, front: str) -> dict[str, str]:
    """Return the legend's texts of the kinds; of limits they speak where one is broken."""
    kept = "off the front" if table["feasible"].all() else "keeps every limit, off the front"
    return {"infeasible": "breaks a limit", "front": front, "feasible": kept}


def _front_words(
    front: np.ndarray, corners: np.ndarray, aims: tuple[Quantity, Quantity], better: Mapping[str, str] | None
) -> str:
    """Return what being on the front means: of how many aims it is."""
    number = 2 if better is None else len(better)
    if number > 2:
        return f"on the front of all {number} aims"
    x, y = np.unique(front * _signs(aims), axis=0).T
    if len(corners) < len(front) or (np.diff(x) == 0).any() or (np.diff(y) == 0).any():
        # These two aims alone would not keep all of them.
        return "on the front of all aims"
    return "on the front (none better in both)"


def _scales(
    axes: Axes,
    aims: tuple[Quantity, Quantity],
    points: np.ndarray,
    limits: tuple[float | None, float | None],
    titles: tuple[str | None, str | None],
) -> None:
    """Scale and label each axis by itself."""
    for aim, axis, values, limit, title in zip(
        aims, (axes.xaxis, axes.yaxis), points.T, limits, titles, strict=True
    ):
        scale = scale_of(values if limit is None else np.append(values, limit), aim.unit)
        aim.on(axis, scale)
        if title is not None:
            axis.set_label_text(f"{short(title, 60)} (log scale)" if scale.log else short(title, 60))


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


def _taken(
    axes: Axes, points: np.ndarray, corners: np.ndarray, limits: tuple[float | None, float | None]
) -> Taken:
    taken = Taken(axes)
    taken.add(points)
    taken.add_lines(corners)
    x_limit, y_limit = limits
    if x_limit is not None:
        taken.add_lines(np.array([[x_limit, end] for end in axes.get_ylim()]))
    if y_limit is not None:
        taken.add_lines(np.array([[end, y_limit] for end in axes.get_xlim()]))
    return taken


def _call_out(
    axes: Axes, labels: Sequence[str], points: np.ndarray, kinds: np.ndarray, place: np.ndarray, taken: Taken
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


def _number(axes: Axes, points: np.ndarray, front: np.ndarray, taken: Taken) -> None:
    """Number the points of the front; equal ones share their place."""
    places: dict[tuple[float, float], list[int]] = {}
    for rank, number in enumerate(front, start=1):
        places.setdefault((points[number, 0], points[number, 1]), []).append(rank)
    for point, ranks in places.items():
        text = ", ".join(map(str, ranks))
        spots = (
            taken.beside(np.array(point), CHARACTER_IN * (len(text) + 1), 0.13, away)
            for away in (0.08, 0.17, 0.28)
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


def _signs(aims: tuple[Quantity, Quantity]) -> np.ndarray:
    """Return what turns the aims into costs: -1 where more is better."""
    return np.array([-1.0 if aim.better == "higher" else 1.0 for aim in aims])


def _front(
    table: DataFrame, points: np.ndarray, place: np.ndarray, aims: tuple[Quantity, Quantity]
) -> np.ndarray:
    """Return the rows of the front's points from left to right."""
    front = np.flatnonzero(table["front"].to_numpy(bool) & table["feasible"].to_numpy(bool) & place)
    x, y = (points[front] * _signs(aims)).T
    order = np.lexsort((-y, x))
    return front[order if aims[0].better != "higher" else order[::-1]]


def _corners(front: np.ndarray, aims: tuple[Quantity, Quantity]) -> np.ndarray:
    """Return the corners of the steps that bound what the sorted points of the front reach; none where they
    are no front of these two aims: then steps would bound nothing.
    """
    higher = aims[0].better == "higher"
    costs = (front * _signs(aims))[:: -1 if higher else 1]
    if (np.diff(costs[:, 1]) > 0).any():
        return np.empty((0, 2))
    if len(front) < 2:
        return front
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
    return _on_front(table)


def _on_front(table: DataFrame) -> str:
    front = int((table["front"].to_numpy(bool) & table["feasible"].to_numpy(bool)).sum())
    feasible = int(table["feasible"].sum())
    if feasible < len(table):
        return (
            f"of {len(table)} strategies, {feasible} keep every limit and {front} of those are on the front"
        )
    return f"{front} of {len(table)} strategies {'is' if front == 1 else 'are'} on the front"
