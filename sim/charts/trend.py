"""How a statistic changes along one axis of the grid, with its intervals."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.charts.captions import (
    CHARACTER_IN,
    LOOKS,
    OTHERS,
    Look,
    Quantity,
    Style,
    entry,
    headline,
    in_colour,
    in_order,
    quantity,
    rows,
)
from sim.charts.frame import legend
from sim.charts.scale import scale_of
from sim.charts.style import FAINT, new_axes, settings, short

if TYPE_CHECKING:
    from pandas import DataFrame

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_MOST_TICKS = 20  # more texts below the axis overlap
_CLOSE = 1 / 30  # of the axis: the least distance at which two numbers below it are told apart
_Numbers = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def trend(
    table: DataFrame,
    x: str,
    value: str,
    low: str,
    high: str,
    ax: Axes | None = None,
    line: str | None = None,
) -> Axes:
    """Draw a statistic along one axis, a line for each value of the column ``line`` (None: one line), and
    return the Axes (new ones when ``ax`` is None).

    ``table``: the column ``x`` has texts: plain numbers lie where they belong (evenly spaced where they would
    be too close together), anything else in the order of appearance; ``value`` is the statistic, named as a
    measure or a statistic of one ("p95(duration_s)"); ``low`` and ``high`` are the ends of its interval. A
    value of inf is marked at the upper edge, an end that is inf or nan is open. Where the largest number is
    many times the smallest one the axis is logarithmic (`scale.WIDE`), and says so. As many lines as can be
    told apart are in colour, the others faint. Raises ValueError for a table without rows, a missing column,
    or two rows for one point.
    """
    rows(table, x, value, low, high, *([line] if line else []))
    places = _places(in_order(table, x, [line] if line else []))
    parts = {"": table}
    if line is not None:
        parts = {str(name): part for name, part in table.groupby(line, sort=False, observed=True)}
        parts = {name: parts[name] for name in in_order(table, line, [x]) if name in parts}
    names, others = in_colour(parts, None)
    found = {name: _numbers(part, places, (x, value, low, high)) for name, part in parts.items()}
    what = quantity(value)
    with settings():
        axes = new_axes() if ax is None else ax
        for name in others:
            axes.plot(*_finite(found[name])[:2], gid=f"other:{name}", **OTHERS)
        apart = _apart(places) / (len(names) + 2)
        entries: list[Artist] = []
        _value_axis(axes, what, [found[name] for name in (*names, *others)])
        for number, (look, name) in enumerate(zip(LOOKS, names, strict=False)):
            shift = (number - (len(names) - 1) / 2) * apart
            _draw(axes, found[name], look, shift, name)
            label = f"{line}={name}" if line else value
            entries.append(
                Line2D([], [], label=entry(label), marker=look.marker, markersize=5.5, **look.line)
            )
        entries += _explained([found[name] for name in names], what)
        if others:
            entries.append(Line2D([], [], label=f"{len(others)} others, without intervals", **OTHERS))
        _ticks(axes, places, x)
        count = f"; {len(names)} of {len(found)} lines in colour" if others else ""
        finding = _finding(found, places, x, line, what)
        headline(axes, finding, what.meaning, f"upright bars: the intervals of the estimates{count}")
        legend(axes, entries)
    return axes


def _places(texts: Sequence[str]) -> dict[str, float]:
    """Return where each text lies on the axis: numbers where they belong, unless some few of them lie too
    close together to be read.
    """
    if all(_NUMBER.fullmatch(text) for text in texts):
        texts = sorted(texts, key=float)
        at = np.unique([float(text) for text in texts])
        if not 1 < at.size <= _MOST_TICKS or np.diff(at).min() >= _CLOSE * (at[-1] - at[0]):
            return {text: float(text) for text in texts}
    return {text: float(place) for place, text in enumerate(texts)}


def _apart(places: Mapping[str, float]) -> float:
    """Return the room between points: a small share of the least distance, so that bars of several lines do
    not cover each other.
    """
    at = np.unique(list(places.values()))
    return 0.3 * float(np.diff(at).min()) if at.size > 1 else 0.3


def _numbers(part: DataFrame, places: Mapping[str, float], columns: tuple[str, str, str, str]) -> _Numbers:
    """Return places, values and interval ends, by place."""
    x, *rest = columns
    at = np.array([places[str(text)] for text in part[x]])
    order = np.argsort(at, kind="stable")
    if (np.diff(at[order]) == 0).any():
        raise ValueError(f"two rows for one point: {x} has a text twice")
    value, low, high = (part[column].to_numpy(float)[order] for column in rest)
    return at[order], value, low, high


def _finite(numbers: _Numbers) -> _Numbers:
    """Return the points with a place; between others the line is broken."""
    at, value, low, high = numbers
    return at, np.where(np.isfinite(value), value, np.nan), low, high


def _draw(axes: Axes, numbers: _Numbers, look: Look, shift: float, name: str) -> None:
    at, value, low, high = _finite(numbers)
    at = at + shift
    style = {"marker": look.marker, "markersize": 5.5, **look.line}
    axes.plot(at, value, zorder=4, gid=f"line:{name}", **style)
    bottom, top = axes.get_ylim()
    there = np.isfinite(value)
    # An open end reaches to the edge, where an arrow marks it.
    ends = np.where(np.isfinite(low), low, bottom), np.where(np.isfinite(high), high, top)
    axes.vlines(
        at[there],
        ends[0][there],
        ends[1][there],
        color=look.colour,
        linewidth=1.2,
        zorder=3,
        gid=f"interval:{name}",
    )
    mark: Style = {"color": look.colour, "linestyle": "none", "zorder": 3}
    for marker, edge, open_ in (("^", top, ~np.isfinite(high)), ("v", bottom, ~np.isfinite(low))):
        if (open_ & there).any():
            mine = at[open_ & there]
            axes.plot(
                mine, np.full(mine.size, edge), marker=marker, clip_on=False, gid=f"open:{name}", **mark
            )
    for end, closed in ((low, np.isfinite(low)), (high, np.isfinite(high))):
        axes.plot(at[closed & there], end[closed & there], marker="_", gid=f"cap:{name}", **mark)
    never = np.isinf(numbers[1])
    if never.any():
        places = np.full(int(never.sum()), top)
        axes.plot(at[never], places, marker="X", markersize=8, clip_on=False, gid=f"never:{name}", **mark)


def _value_axis(axes: Axes, what: Quantity, lines: Sequence[_Numbers]) -> None:
    everything = np.concatenate([np.concatenate(numbers[1:]) for numbers in lines])
    scale = scale_of(everything, what.unit)
    what.on(axes.yaxis, scale)
    finite = everything[np.isfinite(everything)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low == high:
        low, high = low - 0.05 * max(abs(low), 1.0), high + 0.05 * max(abs(high), 1.0)
    bottom = 0.0 if not scale.log and 0 <= low < 0.5 * high else scale.between(low, high, -0.06)
    axes.set_ylim(bottom, scale.between(low, high, 1.08))
    axes.grid(axis="y", color="#E4E4E4", linewidth=0.6)


def _ticks(axes: Axes, places: Mapping[str, float], x: str) -> None:
    at = np.array(list(places.values()))
    span = float(at.max() - at.min()) or 1.0
    axes.set_xlim(at.min() - 0.06 * span, at.max() + 0.06 * span)
    order = sorted(places, key=lambda text: places[text])
    kept = order[:: math.ceil(len(order) / _MOST_TICKS)]
    figure = axes.get_figure(root=True)
    wide = axes.bbox.width / figure.dpi if figure is not None else 6.0
    # Numbers that lie close together: the first one is written.
    shown: list[str] = []
    for text in kept:
        room = CHARACTER_IN * (min(len(text), 14) + 1) / wide * 1.12 * span
        if not shown or len(kept) == len(order) != len(at) or places[text] - places[shown[-1]] >= room:
            shown.append(text)
    axes.set_xticks([places[text] for text in shown], [short(text, 14) for text in shown])
    even = all(_NUMBER.fullmatch(text) for text in places) and any(
        float(text) != place for text, place in places.items()
    )
    axes.set_xlabel(f"{short(x, 60)} (evenly spaced, not to scale)" if even else short(x, 60))


def _explained(lines: Sequence[_Numbers], what: Quantity) -> list[Artist]:
    """Return the legend's entries of the marks at the edges, where there are any."""
    entries: list[Artist] = []
    style: Style = {"color": FAINT, "linestyle": "none"}
    there = [np.isfinite(value) for _, value, _, _ in lines]
    if any((~np.isfinite(numbers[3]) & mine).any() for numbers, mine in zip(lines, there, strict=True)):
        entries.append(Line2D([], [], marker="^", label="the interval has no known upper end", **style))
    if any((~np.isfinite(numbers[2]) & mine).any() for numbers, mine in zip(lines, there, strict=True)):
        entries.append(Line2D([], [], marker="v", label="the interval has no known lower end", **style))
    if any(np.isinf(value).any() for _, value, _, _ in lines):
        entries.append(Line2D([], [], marker="X", markersize=8, label=what.never, **style))
    return entries


def _finding(
    found: Mapping[str, _Numbers], places: Mapping[str, float], x: str, line: str | None, what: Quantity
) -> str:
    """Return where the statistic is best and what it is there."""
    points = [
        (float(value), place, name)
        for name, numbers in found.items()
        for place, value in zip(numbers[0], numbers[1], strict=True)
        if not math.isnan(value)
    ]
    column = short(what.column, 40)
    if not points:
        return f"{column}: not defined anywhere"
    values = [value for value, _, _ in points]
    if min(values) == max(values):
        return f"{column}: {what.text(values[0])} everywhere"
    if what.better is None:
        return f"{column}: from {what.text(min(values))} to {what.text(max(values))}"
    best = max(values) if what.better == "higher" else min(values)
    mine = [(place, name) for value, place, name in points if value == best]
    text = next(text for text, place in places.items() if place == mine[0][0])
    where = f"{short(x, 24)}={short(text, 16)}"
    if line:
        where += f" {short(line, 24)}={short(mine[0][1], 16)}"
    more = f" and {len(mine) - 1} more" if len(mine) > 1 else ""
    return f"{column}: best at {where}{more}, {what.text(best)}"
