"""Real runs and simulated ones over each other: pods over time, from the update on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.charts.frame import legend, pod_axis
from sim.charts.style import INK, NEWEST, family, new_axes, settings
from sim.metrics.steps import Steps

REAL_STYLES = ("-", (0, (4, 1.5)), (0, (1.5, 1)), (0, (4, 1, 1, 1)), (0, (6, 2)))
MOST_DRAWN = 20  # simulated runs: more are one cloud


def comparison(
    name: str,
    curves: Mapping[str, tuple[Sequence[Steps], Sequence[Steps]]],
    until_s: float,
    ax: Axes | None = None,
) -> Axes:
    """Draw curves by their label, real runs and simulated ones of each, and return the Axes.

    ``curves``: {"available": (real, simulated)}, each run as (times in s after the update, values). Real runs
    are dark lines, each dashed its own way; simulated ones a cloud of thin coloured lines below them.
    """
    with settings():
        axes = new_axes() if ax is None else ax
        entries: list[Line2D] = []
        top = 1.0
        for number, (label, (real, simulated)) in enumerate(curves.items()):
            colour = NEWEST if number == 0 else family(number)
            for run in simulated[:MOST_DRAWN]:
                axes.plot(
                    *_points(run, until_s), drawstyle="steps-post", color=colour, alpha=0.35, linewidth=1.6
                )
            for style, run in zip(REAL_STYLES, real, strict=False):
                axes.plot(
                    *_points(run, until_s), drawstyle="steps-post", color=INK, linewidth=0.9, linestyle=style
                )
            top = max(top, *(float(run[1].max(initial=0.0)) for run in (*real, *simulated)))
            entries.append(Line2D([], [], color=colour, alpha=0.6, linewidth=3, label=f"{label}, simulated"))
        entries.append(Line2D([], [], color=INK, linewidth=0.9, label="real runs"))
        axes.set_title(f"{name}: simulated and real", loc="left", fontweight="bold", pad=12, fontsize=11.0)
        axes.set_xlabel("time since the update (s)")
        axes.set_xlim(0, until_s)
        pod_axis(axes, top, "pods")
        legend(axes, list(entries))
    return axes


def _points(run: Steps, until_s: float) -> tuple[np.ndarray, np.ndarray]:
    times, values = run
    before = values[times <= 0]
    inner = (times > 0) & (times < until_s)
    start = before[-1] if before.size else 0.0
    last = values[times < until_s][-1] if (times < until_s).any() else start
    return np.concatenate([[0.0], times[inner], [until_s]]), np.concatenate([[start], values[inner], [last]])
