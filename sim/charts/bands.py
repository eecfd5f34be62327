"""Pods over time of several strategies: the middle run and the band of most runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.charts.captions import LOOKS, OTHERS, among, entry, headline, in_colour, label_of, named, rows
from sim.charts.frame import clock, legend, pod_axis, seconds
from sim.charts.style import INK, new_axes, settings, short

if TYPE_CHECKING:
    from pandas import DataFrame

_COLUMNS = ("p5", "median", "p95")
# Of as many pods a single one is less than a twentieth of an axis that starts at 0.
_MANY = 20


def bands(
    table: DataFrame,
    labels: Mapping[Any, str],
    ax: Axes | None = None,
    series: str = "available",
    desired: float | None = None,
    strategies: Sequence[Any] | None = None,
    roles: Mapping[Any, str] | None = None,
) -> Axes:
    """Draw the pods of ``series`` over time by strategy, a line for the median and a band from the 5th to the
    95th percentile, and return the Axes (new ones when ``ax`` is None).

    ``table``: the columns strategy, series, time_s, p5, median, p95 (pods; right-continuous steps).
    ``labels``: text by strategy. ``desired``: pods asked for, a line; where they are many and there are never
    fewer than half of them, the axis starts at that half, and says so. ``strategies``: those in colour, in
    their order (None: the first ones); as many as can be told apart, the others are faint medians.
    ``roles``: what the legend says before a label ("recommended"), by strategy. Raises ValueError when the
    table has no row of the series or of one of the strategies.
    """
    mine = rows(table, "strategy", "series", "time_s", *_COLUMNS)
    mine = mine[mine["series"] == series]
    if not len(mine):
        raise ValueError(f"the table has no rows of the series {series!r}")
    shown, others = in_colour(mine["strategy"], strategies)
    curves = {strategy: _curve(part) for strategy, part in mine.groupby("strategy", sort=False)}
    coloured = [curves[one] for one in shown]
    left, last = min(float(mine["time_s"].min()), 0.0), _last_change(coloured)
    # What stays below the desired number must be seen to last.
    lasting = desired is not None and any(float(values[0, -1]) < desired for _, values in coloured)
    right = last + (0.25 if lasting else 0.05) * (last - left) if last > left else left + 1.0
    with settings():
        axes = new_axes() if ax is None else ax
        for strategy in others:
            at, (_, median, _) = _on_axis(*curves[strategy], right)
            axes.plot(at, median, drawstyle="steps-post", gid=f"other:{strategy}", **OTHERS)
        entries: list[Artist] = []
        for look, strategy in zip(LOOKS, shown, strict=False):
            at, (low, median, high) = _on_axis(*curves[strategy], right)
            axes.fill_between(
                at, low, high, step="post", color=look.colour, alpha=0.16, linewidth=0, gid=f"band:{strategy}"
            )
            axes.plot(at, median, drawstyle="steps-post", zorder=4, gid=f"median:{strategy}", **look.line)
            entries.append(Line2D([], [], label=entry(named(labels, strategy, roles)), **look.line))
        if desired is not None:
            axes.axhline(desired, color=INK, linewidth=1.0, linestyle=(0, (1, 1.5)), gid="desired", zorder=3)
            entries.append(Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (1, 1.5)), label="desired"))
        if others:
            entries.append(Line2D([], [], label=f"medians of {len(others)} others", **OTHERS))
        detail = "lines: median of the runs; bands: from the 5th to the 95th percentile of them"
        if others:
            detail += f"; {len(shown)} of {len(curves)} strategies in colour"
        finding = _finding({one: curves[one][1] for one in shown}, labels, series, desired)
        headline(axes, finding, detail)
        time = f"time since the update ({clock(axes, left, right)})"
        axes.set_xlabel(f"{time}\nnothing changes after {seconds(last)}" if lasting else time)
        _pods(axes, np.concatenate([values.ravel() for _, values in curves.values()]), series, desired)
        legend(axes, entries)
    return axes


def _curve(part: DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return times and, for each, p5, median and p95."""
    order = np.argsort(part["time_s"].to_numpy(float), kind="stable")
    times = part["time_s"].to_numpy(float)[order]
    return times, np.stack([part[column].to_numpy(float)[order] for column in _COLUMNS])


def _last_change(curves: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return when the last one of the curves changes for the last time; their start when none does."""
    last = min(float(times[0]) for times, _ in curves)
    for times, values in curves:
        changes = times[1:][(np.diff(values) != 0).any(axis=0)]
        last = max(last, float(changes.max(initial=last)))
    return last


def _pods(axes: Axes, values: np.ndarray, series: str, desired: float | None) -> None:
    """Set the y axis: from 0, or from half of the desired number, where one pod of many would not be seen.

    Half, whatever happens above it: an axis that starts just below the dip makes an outage of any dip.
    """
    name = f"{short(series, 30)} pods"
    pod_axis(axes, max(float(values.max()), desired or 0.0), name)
    if desired is not None and desired >= _MANY and float(values.min()) > desired / 2:
        start = math.floor(desired / 2)
        axes.set_ylim(bottom=start)
        axes.set_ylabel(f"{name} (axis from {start}, not 0)")


def _on_axis(times: np.ndarray, values: np.ndarray, right: float) -> tuple[np.ndarray, np.ndarray]:
    inside = times < right
    if not inside.any():
        return np.array([right]), values[:, :1]
    return np.append(times[inside], right), np.append(values[:, inside], values[:, inside][:, -1:], axis=1)


def _finding(
    shown: Mapping[Any, np.ndarray], labels: Mapping[Any, str], series: str, desired: float | None
) -> str:
    """Return who has the fewest pods available, or of another series the most pods."""
    name, of = short(series, 30), "" if desired is None else f" of {desired:g}"
    falls = series == "available"
    worst = {one: float(values[0].min() if falls else values[2].max()) for one, values in shown.items()}
    extreme = min(worst.values()) if falls else max(worst.values())
    whose = [label_of(labels, one) for one, value in worst.items() if value == extreme]
    verb = "s" if len(whose) == 1 else ""
    who = among(whose, len(worst))
    if not falls:
        of_pods = name if name == "pods" else f"{name} pods"
        return f"{of_pods}: {who} reach{'es' if verb else ''} {extreme:g} (95th percentile)"
    if desired is not None and extreme >= desired:
        return f"{name} pods: never fewer than {extreme:g}{of} (5th percentile)"
    return f"{name} pods: {who} fall{verb} lowest, to {extreme:g}{of} (5th percentile)"
