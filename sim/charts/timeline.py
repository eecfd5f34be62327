"""The timeline: how many pods of which version are in which state, against what was desired and what the
strategy allows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.charts.frame import (
    Extent,
    colours,
    count,
    fate,
    frame,
    legend,
    on_axes,
    on_axis,
    pod_axis,
    version,
)
from sim.charts.style import INK, TERMINATING, new_axes, settings, tint
from sim.metrics import GROUPS, Rollout, Steps, least_available, state_counts, step_max
from sim.trace import Trace

_WORDS = {
    "available": "available",
    "ready": "ready, not yet available",
    "unready": "not ready",
    "terminating": "terminating (not counted)",
}
# A group that fills less than this share of the picture is a hair's breadth: it is drawn, but needs no
# legend.
_VISIBLE = 0.0008


def timeline(trace: Trace, ax: Axes | None = None, deployment: str | None = None) -> Axes:
    """Draw the pods by version and state, stacked over time, and return the Axes (new ones when ``ax`` is
    None).

    From the ground up: available pods, ready but not yet available ones, not ready ones, terminating ones;
    within each the newest version first. So the top of the solid colours is what the lines "desired" and
    "floor" are about, the top of everything coloured what "ceiling" limits. Raises ValueError when the trace
    has no such Deployment.
    """
    rollout, shown = on_axes(trace, deployment)
    with settings():
        axes = new_axes() if ax is None else ax
        entries = _stack(axes, rollout, shown)
        entries += _lines(axes, rollout, shown)
        entries += frame(axes, rollout, shown, *_words(rollout))
        tops = [
            step_max(*rollout.series(name), shown.left_s, shown.right_s) for name in ("physical", "ceiling")
        ]
        pod_axis(axes, max(top for top in tops if not math.isnan(top)), "pods")
        legend(axes, entries)
    return axes


def _words(rollout: Rollout) -> tuple[str, str]:
    desired = rollout.series("desired")[1][-1]
    most = step_max(*rollout.series("physical"), rollout.record.began_s, rollout.trace.ended_s)
    finding = fate(rollout)
    _, available, wanted = least_available(rollout)
    alone = len(rollout.record.asked) < 2
    if alone and math.isfinite(rollout.completed_s) and wanted > 0 and not rollout.is_creation:
        least = f"never fewer than {available:.0f} of" if available else "at times none of"
        finding += f", {least} {wanted:.0f} available"
    return finding, f"at most {count(most)} at once, terminating ones included ({desired:.0f} desired)"


def _stack(axes: Axes, rollout: Rollout, shown: Extent) -> list[Artist]:
    times, groups = state_counts(rollout)
    if times.size == 0:
        return []
    colour_of = colours(rollout)
    newest_first = list(reversed(rollout.generations))
    ground: np.ndarray | None = None
    entries: list[Artist] = []
    drawn: list[tuple[str, str, Steps]] = []
    for group in GROUPS[:-1]:
        for generation in newest_first:
            if (generation.replicaset, group) in groups:
                name = f"{version(generation)}: {_WORDS[group]}"
                drawn.append((generation.replicaset, group, (times, groups[generation.replicaset, group])))
                entries.append(_swatch(group, colour_of[generation.replicaset], name))
    leaving = [values for (_, group), values in groups.items() if group == "terminating"]
    if leaving:
        drawn.append(("", "terminating", (times, np.sum(leaving, axis=0))))
        entries.append(_swatch("terminating", TERMINATING, _WORDS["terminating"]))
    kept: list[Artist] = []
    whole = 0.0
    areas: list[float] = []
    for (owner, group, steps), _entry in zip(drawn, entries, strict=True):
        at, values = on_axis(steps, shown)
        ground = np.zeros_like(values) if ground is None else ground
        style = _style(group, colour_of.get(owner, TERMINATING))
        axes.fill_between(at, ground, ground + values, step="post", gid=f"{owner}:{group}", zorder=2, **style)
        ground = ground + values
        areas.append(float((np.diff(at) * values[:-1]).sum()))
        whole += areas[-1]
    kept = [entry for entry, area in zip(entries, areas, strict=True) if area > _VISIBLE * whole]
    # The legend reads like the stack: top to bottom.
    return kept[::-1]


def _style(group: str, colour: str) -> dict[str, Any]:
    if group == "available":
        return {"facecolor": colour, "edgecolor": "none", "linewidth": 0.0}
    if group == "ready":
        return {"facecolor": tint(colour, 0.33), "edgecolor": "none", "linewidth": 0.0}
    if group == "unready":
        return {"facecolor": tint(colour, 0.12), "edgecolor": colour, "hatch": "////", "linewidth": 0.0}
    return {"facecolor": "#D9D9D9", "edgecolor": colour, "hatch": "...", "linewidth": 0.0}


def _swatch(group: str, colour: str, label: str) -> Patch:
    return Patch(label=label, **_style(group, colour))


def _lines(axes: Axes, rollout: Rollout, shown: Extent) -> list[Artist]:
    """Draw ceiling, desired and floor; a bound that equals the desired number all the time would only hide
    it.
    """
    entries: list[Artist] = []
    styles: dict[str, tuple[Any, float, str]] = {
        "ceiling": ((0, (5, 2)), 1.2, "ceiling (desired + maxSurge)"),
        "desired": ("-", 1.8, "desired"),
        "floor": ((0, (1, 1)), 1.6, "floor (desired − maxUnavailable)"),
    }
    desired = on_axis(rollout.series("desired"), shown)
    for name, (dashes, width, label) in styles.items():
        at, values = on_axis(rollout.series(name), shown)
        if at.size == 0:
            continue
        same = name != "desired" and np.array_equal(np.unique(values), np.unique(desired[1]))
        if same:
            label = f"{name} = desired"
            entries.append(Line2D([], [], linestyle="none", label=label))
            continue
        # White below, so that the line shows on every colour.
        axes.step(at, values, where="post", color="white", linewidth=width + 1.6, zorder=4.5)
        axes.step(at, values, where="post", color=INK, linewidth=width, linestyle=dashes, zorder=5, gid=name)
        entries.append(Line2D([], [], color=INK, linewidth=width, linestyle=dashes, label=label))
    return entries
