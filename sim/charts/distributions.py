"""How a measure is spread over the runs of each strategy: the share of runs up to each value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from sim.charts.captions import (
    LOOKS,
    OTHERS,
    Look,
    Quantity,
    among,
    entry,
    headline,
    in_colour,
    label_of,
    named,
    quantity,
    rows,
)
from sim.charts.frame import legend
from sim.charts.scale import Scale, scale_of
from sim.charts.style import FAINT, new_axes, settings

if TYPE_CHECKING:
    from pandas import DataFrame


def distributions(
    runs: DataFrame,
    measure: str,
    labels: Mapping[Any, str],
    ax: Axes | None = None,
    strategies: Sequence[Any] | None = None,
    roles: Mapping[Any, str] | None = None,
) -> Axes:
    """Draw for each strategy the share of its runs whose measure is at most x (the empirical distribution
    function) and return the Axes (new ones when ``ax`` is None).

    ``runs``: a row a run, with the columns strategy and ``measure`` (a number). Where runs are inf the curve
    stays below 100 %, and the gap is labelled; runs that are nan are left out and counted. Where the largest
    value is many times the smallest one the axis is logarithmic (`scale.WIDE`), and says so. ``labels``: text
    by strategy. ``strategies``: those in colour, in their order (None: the first ones); as many as can be
    told apart, the others are faint. ``roles``: what the legend says before a label ("recommended"), by
    strategy. Raises ValueError for a measure that is no number, or a strategy
    without runs.
    """
    rows(runs, "strategy", measure)
    what = quantity(measure)
    if what.unit in ("yes/no", "text"):
        raise ValueError(f"{measure} is no number: it has no distribution to draw")
    shown, others = in_colour(runs["strategy"], strategies)
    values = {one: part.to_numpy(float) for one, part in runs.groupby("strategy", sort=False)[measure]}
    defined = {one: np.sort(found[~np.isnan(found)]) for one, found in values.items()}
    with settings():
        axes = new_axes() if ax is None else ax
        gaps = [one for one in shown if _gap(defined[one]) > 0]
        scale = scale_of(np.concatenate([*defined.values()]), what.unit)
        left, right, edge = _extent(defined, gaps, scale)
        for one in others:
            axes.plot(*_curve(defined[one], left, edge), drawstyle="steps-post", gid=f"other:{one}", **OTHERS)
        entries: list[Artist] = []
        for look, one in zip(LOOKS, shown, strict=False):
            points = _curve(defined[one], left, edge)
            axes.plot(*points, drawstyle="steps-post", zorder=4, gid=f"curve:{one}", **look.line)
            notes = _notes(values[one], what)
            entries.append(Line2D([], [], label=entry(named(labels, one, roles), *notes), **look.line))
            if one in gaps:
                place = scale.between(right, edge, (gaps.index(one) + 0.7) / (len(gaps) + 0.4))
                _mark_gap(axes, place, _gap(defined[one]), look, one)
        if gaps:
            _mark_edge(axes, right, scale.between(right, edge, 0.5), what)
        if others:
            entries.append(Line2D([], [], label=f"{len(others)} others", **OTHERS))
        _axes(axes, what, scale, (left, right if gaps else edge, edge))
        count = f"{len(shown)} of {len(defined)} strategies in colour" if others else ""
        headline(axes, _finding({one: defined[one] for one in shown}, labels, what), what.meaning, count)
        legend(axes, entries)
    return axes


def _gap(values: np.ndarray) -> float:
    """Return the share of sorted values that are infinite."""
    return float(np.isinf(values).mean()) if values.size else 0.0


def _extent(
    defined: Mapping[Any, np.ndarray], gaps: Sequence[Any], scale: Scale
) -> tuple[float, float, float]:
    """Return where the axis begins, where its numbers end, and where it ends: between the last two lie the
    runs that never come.
    """
    finite = np.concatenate([found[np.isfinite(found)] for found in defined.values()])
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low == high:
        low, high = low - 0.05 * max(abs(low), 1.0), high + 0.05 * max(abs(high), 1.0)
    left, right = scale.between(low, high, -0.04), scale.between(low, high, 1.04)
    return left, right, scale.between(left, right, 1.08 + 0.07 * len(gaps)) if gaps else right


def _curve(values: np.ndarray, left: float, edge: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps of the distribution function of sorted values, from edge to edge of the axis."""
    finite = values[np.isfinite(values)]
    at, last = np.unique(finite, return_index=False, return_counts=True)
    share = np.cumsum(last) / max(values.size, 1)
    end = share[-1] if share.size else 0.0
    return np.concatenate([[left], at, [edge]]), np.concatenate([[0.0], share, [end]])


def _mark_edge(axes: Axes, right: float, place: float, what: Quantity) -> None:
    """Draw where the numbers end, and say what lies beyond."""
    axes.axvline(right, color=FAINT, linewidth=0.8, linestyle=(0, (1, 1.5)), gid="edge")
    axes.text(
        place,
        -0.03,
        what.never.replace(" ", "\n"),
        transform=axes.get_xaxis_transform(),
        ha="center",
        va="top",
        fontsize=8.0,
        gid="never",
    )


def _mark_gap(axes: Axes, place: float, gap: float, look: Look, strategy: Any) -> None:
    """Draw what is missing from 100 % as a bar, and say how much it is."""
    axes.annotate(
        "",
        (place, 1.0),
        (place, 1.0 - gap),
        arrowprops={
            "arrowstyle": "|-|",
            "color": look.colour,
            "mutation_scale": 3.0,
            "shrinkA": 0,
            "shrinkB": 0,
        },
        zorder=5,
        gid=f"gap:{strategy}",
    )
    axes.text(
        place,
        1.0 - gap / 2,
        _percent(gap),
        ha="center",
        va="center",
        fontsize=8.0,
        bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"},
        zorder=6,
        gid=f"share:{strategy}",
    )


def _percent(share: float) -> str:
    """Return a share of runs; not 100 % unless it is all of them, nor 0 % unless it is none."""
    percent = 100 * share
    if 0 < percent < 1:
        return f"{percent:.2g} %"
    return f"{math.floor(round(percent, 6)) if percent > 99 else round(percent):d} %"


def _notes(values: np.ndarray, what: Quantity) -> list[str]:
    undefined = int(np.isnan(values).sum())
    never = _gap(values[~np.isnan(values)])
    notes = [f"{_percent(never)} {what.never}"] if never else []
    return [*notes, f"not defined in {undefined} of {values.size} runs"] if undefined else notes


def _axes(axes: Axes, what: Quantity, scale: Scale, extent: tuple[float, float, float]) -> None:
    left, right, edge = extent
    what.on(axes.xaxis, scale)
    axes.set_xlim(left, edge)
    # No number stands where no number is meant.
    axes.set_xticks([tick for tick in axes.get_xticks() if left <= tick <= right])
    # A curve at 0 or 100 % is seen in its whole width.
    axes.set_ylim(-0.02, 1.04)
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
    axes.set_ylabel("share of the runs with at most this value")
    axes.grid(color="#E4E4E4", linewidth=0.6)


def _finding(shown: Mapping[Any, np.ndarray], labels: Mapping[Any, str], what: Quantity) -> str:
    """Return what half of the runs of the best strategy reach, as its curve shows it at 50 %."""
    name = label_of({0: what.column}, 0, 40)
    # The least value that half of the runs do not exceed; from above where more is better.
    higher = what.better == "higher"
    half = {
        one: float(found[found.size // 2 if higher else (found.size - 1) // 2])
        for one, found in shown.items()
        if found.size
    }
    if not half:
        return f"{name}: not defined in any run"
    best = max(half.values()) if higher else min(half.values())
    if math.isinf(best):
        return (
            f"{name}: {what.never} in half the runs or more of {among(_whose(half, best, labels), len(half))}"
        )
    bound = "at least" if higher else "at most"
    whose = among(_whose(half, best, labels), len(half))
    return f"{name}: {bound} {what.text(best)} in half the runs of {whose}"


def _whose(half: Mapping[Any, float], best: float, labels: Mapping[Any, str]) -> list[str]:
    return [label_of(labels, one) for one, value in half.items() if value == best]
