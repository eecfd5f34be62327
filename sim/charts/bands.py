"""Pods over time of several strategies: the middle run and the band of most runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.charts.captions import LOOKS, OTHERS, among, entry, headline, in_colour, label_of, rows
from sim.charts.frame import legend, pod_axis
from sim.charts.style import INK, new_axes, settings, short

if TYPE_CHECKING:
    from pandas import DataFrame

_COLUMNS = ("p5", "median", "p95")


def bands(
    table: DataFrame,
    labels: Mapping[Any, str],
    ax: Axes | None = None,
    series: str = "available",
    desired: float | None = None,
    strategies: Sequence[Any] | None = None,
) -> Axes:
    """Draw the pods of ``series`` over time by strategy, a line for the median and a band from the 5th to the
    95th percentile, and return the Axes (new ones when ``ax`` is None).

    ``table``: the columns strategy, series, time_s, p5, median, p95 (pods; right-continuous steps).
    ``labels``: text by strategy. ``desired``: pods asked for, a line. ``strategies``: those in colour, in
    their order (None: the first ones); as many as can be told apart, the others are faint medians. Raises
    ValueError when the table has no row of the series or of one of the strategies.
    """
    mine = rows(table, "strategy", "series", "time_s", *_COLUMNS)
    mine = mine[mine["series"] == series]
    if not len(mine):
        raise ValueError(f"the table has no rows of the series {series!r}")
    shown, others = in_colour(mine["strategy"], strategies)
    curves = {strategy: _curve(part) for strategy, part in mine.groupby("strategy", sort=False)}
    left, right = min(float(mine["time_s"].min()), 0.0), _end([curves[one] for one in shown])
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
            entries.append(Line2D([], [], label=entry(label_of(labels, strategy, 100)), **look.line))
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
        axes.set_xlabel("time since the update (s)")
        axes.set_xlim(left, right)
        top = max(float(values[2].max()) for _, values in curves.values())
        pod_axis(axes, max(top, desired or 0.0), f"{short(series, 30)} pods")
        axes.grid(axis="x", color="#E4E4E4", linewidth=0.6)
        legend(axes, entries)
    return axes


def _curve(part: DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return times and, for each, p5, median and p95."""
    order = np.argsort(part["time_s"].to_numpy(float), kind="stable")
    times = part["time_s"].to_numpy(float)[order]
    return times, np.stack([part[column].to_numpy(float)[order] for column in _COLUMNS])


def _end(curves: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return where the axis ends: a little after the last change of any curve."""
    last, first = 0.0, min(float(times[0]) for times, _ in curves)
    for times, values in curves:
        changes = times[1:][(np.diff(values) != 0).any(axis=0)]
        last = max(last, float(changes.max(initial=first)))
    return last + 0.05 * (last - first) if last > first else first + 1.0


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
    verb = "" if len(whose) == len(worst) > 1 else "s"
    who = among(whose, len(worst))
    if not falls:
        return f"{name} pods: {who} reach{'es' if verb else ''} {extreme:g} (95th percentile)"
    if desired is not None and extreme >= desired:
        return f"{name} pods: never fewer than {extreme:g}{of} (5th percentile)"
    return f"{name} pods: {who} fall{verb} lowest, to {extreme:g}{of} (5th percentile)"
