"""Availability over time: how many pods serve, how many were asked for, and where that fell short."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.charts.frame import Extent, fate, frame, legend, on_axes, on_axis, pod_axis, resampled, seconds
from sim.charts.style import BELOW_DESIRED, BELOW_FLOOR, INK, NEWEST, new_axes, settings, tint
from sim.metrics import Rollout, common_times, least_available, longest_where, time_where
from sim.trace import Trace


def availability(trace: Trace, ax: Axes | None = None, deployment: str | None = None) -> Axes:
    """Draw the available pods against the desired number and the floor, and return the Axes (new ones when
    ``ax`` is None).

    Where fewer than desired are available the gap is filled, where fewer than the floor more darkly; the
    least share is labelled with number, percentage and moment. Raises ValueError when the trace has no such
    Deployment.
    """
    rollout, shown = on_axes(trace, deployment)
    with settings():
        axes = new_axes() if ax is None else ax
        at, available, desired, floor = _curves(rollout, shown)
        entries = _draw(axes, at, available, desired, floor)
        moment, least, wanted = least_available(rollout)
        entries += frame(axes, rollout, shown, *_words(rollout, least, wanted))
        pod_axis(axes, max(float(available.max()), float(desired.max())), "available pods")
        if least < wanted:
            _label(axes, shown, moment, least, wanted)
        legend(axes, entries)
    return axes


def _curves(rollout: Rollout, shown: Extent) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    functions = [rollout.series(name) for name in ("available", "desired", "floor")]
    grid = common_times(*functions)
    at, _ = on_axis((grid, grid), shown)
    available, desired, floor = (resampled(function, at) for function in functions)
    return at, available, desired, floor


def _draw(
    axes: Axes, at: np.ndarray, available: np.ndarray, desired: np.ndarray, floor: np.ndarray
) -> list[Artist]:
    axes.fill_between(at, 0, available, step="post", facecolor=tint(NEWEST, 0.25), linewidth=0, gid="served")
    dip: dict[str, Any] = {
        "facecolor": BELOW_DESIRED,
        "edgecolor": INK,
        "hatch": "////",
        "linewidth": 0.0,
        "alpha": 0.8,
    }
    deep: dict[str, Any] = {
        "facecolor": BELOW_FLOOR,
        "edgecolor": INK,
        "hatch": "xxxx",
        "linewidth": 0.0,
        "alpha": 0.9,
    }
    axes.step(at, available, where="post", color=NEWEST, linewidth=3.0, gid="available", zorder=4.8)
    # Thin and on top, so that both lines are seen where they are equal.
    axes.step(at, desired, where="post", color=INK, linewidth=1.0, gid="desired", zorder=5)
    entries: list[Artist] = [
        Line2D([], [], color=INK, linewidth=1.0, label="desired"),
        Line2D([], [], color=NEWEST, linewidth=3.0, label="available"),
    ]
    if not np.array_equal(floor, desired) and floor.any():
        axes.step(
            at, floor, where="post", color=INK, linewidth=1.5, linestyle=(0, (1, 1)), gid="floor", zorder=4.8
        )
        label = "floor (desired − maxUnavailable)"
        entries.append(Line2D([], [], color=INK, linewidth=1.5, linestyle=(0, (1, 1)), label=label))
    if (available < desired).any():
        axes.fill_between(
            at, np.minimum(available, desired), desired, step="post", gid="below-desired", **dip
        )
        entries.append(Patch(label="fewer than desired", **dip))
    if (available < floor).any():
        axes.fill_between(at, np.minimum(available, floor), floor, step="post", gid="below-floor", **deep)
        entries.append(Patch(label="fewer than the floor", **deep))
    return entries


def _words(rollout: Rollout, available: float, desired: float) -> tuple[str, str]:
    if desired == 0:
        return "no pod is desired", fate(rollout)
    if available >= desired:
        return f"never fewer than {desired:.0f} of {desired:.0f} pods available", fate(rollout)
    grid, (served, wanted) = rollout.sampled("available", "desired")
    window = rollout.record.began_s, rollout.trace.ended_s
    finding = f"down to {available:.0f} of {desired:.0f} pods available ({_percent(available, desired)})"
    if available == 0:
        without = time_where(grid, (served <= 0) & (wanted > 0), *window)
        finding = f"none of {desired:.0f} pods available for {seconds(without)}"
    missing = served < wanted
    below, longest = (seconds(of(grid, missing, *window)) for of in (time_where, longest_where))
    return finding, f"fewer than desired for {below} in all, {longest} at a stretch; {fate(rollout)}"


def _percent(available: float, desired: float) -> str:
    # Cut off, not rounded: 999 of 1000 are not 100 %.
    return f"{math.floor(1000 * available / desired) / 10:.4g} %"


def _label(axes: Axes, shown: Extent, at: float, available: float, desired: float) -> None:
    """Point at the least share from inside the picture: to the side where there is more room, above the
    ground.
    """
    text = f"least: {available:.0f} of {desired:.0f} ({_percent(available, desired)}) at {seconds(at)}"
    late = at - shown.left_s > 0.5 * (shown.right_s - shown.left_s)
    # Below the curve there is always free room, unless the curve itself is near the ground.
    low = available < 0.25 * desired
    axes.annotate(
        text,
        (at, available),
        (-14 if late else 14, 16 if low else -26),
        textcoords="offset points",
        ha="right" if late else "left",
        fontsize=9.0,
        fontweight="bold",
        arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.8},
        bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.9},
        zorder=7,
        gid="least",
    )
    axes.plot(
        [at], [available], marker="o", color=INK, markersize=5, linestyle="none", zorder=7, gid="least-point"
    )
