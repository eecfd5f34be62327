"""The frame that the three charts share: the extent of time, marks of steps and completion, titles,
legends.
"""

from __future__ import annotations

import math
import re
import textwrap
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from sim.charts.style import FAINT, INK, family, short
from sim.metrics import (
    Generation,
    Rollout,
    Steps,
    finding,
    last_change_s,
    rollouts,
    step_at,
    step_cut,
    why_not_complete,
)
from sim.trace import Trace

# Lines that change nothing: what they find out is in the transcript.
_ASKING = ("get ", "describe ", "rollout status", "rollout history", "wait ", "curl ", "for ")
# From here on minutes and seconds are easier to read than seconds.
_MINUTES_FROM_S = 300.0
_MINUTE_TICKS_S = (60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400)


@dataclass(frozen=True, slots=True)
class Extent:
    """The stretch of time on the x axis, in seconds on the scenario's clock; `note` says what was cut off
    at its end, or "".
    """

    left_s: float
    right_s: float
    note: str


def extent(rollout: Rollout) -> Extent:
    """Return the part of the record in which something happens: a long wait at its end is cut off, and the
    note says so.
    """
    trace = rollout.trace
    began = rollout.record.began_s
    first = min(began, float(rollout.series("desired")[0][0]))
    last = last_change_s(rollout)
    span = max(last - began, 0.0)
    left = max(first, began - 0.05 * span)
    # Something that never ends must be seen to last.
    right = last + ((0.04 if math.isfinite(rollout.completed_s) else 0.25) * span or 1.0)
    if not trace.quiet:
        right = min(right, max(trace.ended_s, left + 1e-3))
    cut = trace.ended_s - right
    if cut <= 0.25 * (right - left):
        return Extent(left, right, "")
    note = f"cut off here: no pod changes after {seconds(last)}, the record ends at {seconds(trace.ended_s)}"
    if rollout.deadline_exceeded_s > right and math.isfinite(rollout.deadline_exceeded_s):
        note += f" (progress deadline exceeded at {seconds(rollout.deadline_exceeded_s)})"
    return Extent(left, right, note)


def seconds(value: float) -> str:
    """Return a time for people: "0.05 s", "15.2 s", "601 s", "12 min 30 s"."""
    if abs(value) >= 999.5:
        minutes, rest = divmod(round(value), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if abs(value) >= 99.95:
        return f"{value:.0f} s"
    return f"{value:.1f} s" if abs(value) >= 1 else f"{value:.2g} s"


def count(number: float, noun: str = "pod") -> str:
    """Return "1 pod", "3 pods"."""
    return f"{number:.0f} {noun}" if number == 1 else f"{number:.0f} {noun}s"


def wrapped(text: str, width: int = 34, lines: int = 3) -> list[str]:
    """Return text for the legend: at most ``lines`` lines of at most ``width`` characters."""
    return [
        short(line, width)
        for line in textwrap.wrap(short(text, width * lines), width, break_on_hyphens=False)
    ][:lines]


def version(generation: Generation) -> str:
    """Return a version's name for people, with the revisions that it carried: "v1 (rev 1, later 3)"."""
    numbers = [number for _, number in generation.revisions]
    carried = f"rev {numbers[0]}" + (f", later {numbers[-1]}" if len(numbers) > 1 else "")
    if generation.version == f"revision {numbers[0]}":
        return carried
    return f"{short(generation.version, 20)} ({carried})"


def colours(rollout: Rollout) -> dict[str, str]:
    """Return each version's colour, which it keeps: blue for the last one that appeared, unless what was
    asked for last was never created, when nothing is blue.
    """
    backwards = list(reversed(rollout.generations))
    shift = 1 if rollout.target is None else 0
    return {generation.replicaset: family(rank + shift) for rank, generation in enumerate(backwards)}


def on_axis(steps: Steps, shown: Extent) -> Steps:
    """Return a step function as points to draw with "steps-post": from the left edge to the right one."""
    times, values = step_cut(*steps, shown.left_s, shown.right_s)
    if times.size == 0:
        return times, values
    return np.append(times, shown.right_s), np.append(values, values[-1])


def resampled(steps: Steps, at: np.ndarray) -> np.ndarray:
    """Return a step function's values at the moments ``at``, 0 for an empty one."""
    return np.nan_to_num(step_at(*steps, at))


def fate(rollout: Rollout) -> str:
    """Return "complete after 15.2 s", "not complete: " and why, or what became of each of several."""
    every = rollouts(rollout.trace, rollout.deployment)
    if len(every) > 1:
        return finding(every)
    if math.isfinite(rollout.completed_s):
        return f"complete after {seconds(rollout.completed_s - rollout.started_s)}"
    return f"not complete: {why_not_complete(rollout)}"


def frame(axes: Axes, rollout: Rollout, shown: Extent, found: str, detail: str) -> list[Artist]:
    """Set title, x axis and marks of steps and completion; return the marks' legend entries (drawn outside
    the data).
    """
    name = short(rollout.deployment, 30)
    title = short(f"{name}: {found}", 110)
    axes.set_title(title, loc="left", fontweight="bold", pad=34, fontsize=11.0 if len(title) <= 85 else 8.8)
    if detail:
        _above(axes, short(detail, 150), 20)
    _time_axis(axes, shown)
    return [*_step_marks(axes, rollout, shown), *_completion(axes, rollout)]


def _above(axes: Axes, text: str, points: float) -> None:
    axes.annotate(
        text,
        (0, 1),
        (0, points),
        xycoords="axes fraction",
        textcoords="offset points",
        color=FAINT,
        fontsize=8.5,
    )


def _time_axis(axes: Axes, shown: Extent) -> None:
    label = f"time ({clock(axes, shown.left_s, shown.right_s)})"
    axes.set_xlabel(f"{label}\n{shown.note}" if shown.note else label)


def clock(axes: Axes, left_s: float, right_s: float) -> str:
    """Let the x axis show the time from ``left_s`` to ``right_s``, and return the unit of its ticks: "s", of
    a long time "min:s".
    """
    axes.set_xlim(left_s, right_s)
    axes.grid(axis="x", color="#E4E4E4", linewidth=0.6)
    span = right_s - left_s
    if span < _MINUTES_FROM_S:
        return "s"
    tick = next((tick for tick in _MINUTE_TICKS_S if span / tick <= 9), _MINUTE_TICKS_S[-1])
    if span / tick <= 1000:
        axes.xaxis.set_major_locator(MultipleLocator(tick))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value // 60:.0f}:{value % 60:02.0f}"))
    return "min:s"


def pod_axis(axes: Axes, top: float, label: str) -> None:
    """Set the y axis of a chart that counts pods: whole numbers from 0 to a little above ``top``."""
    axes.set_ylim(0, max(top, 1) * 1.06)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True, steps=[1, 2, 5, 10]))
    axes.set_ylabel(label)


def _questions(rollout: Rollout) -> list[float]:
    """Return when something was typed that only asks."""
    return [time_s for time_s, line in rollout.record.commands if line.startswith(_ASKING)]


def _is_about(line: str, rollout: Rollout) -> bool:
    """Whether a line is about this Deployment: it names it, or names no Deployment that is on record."""
    words = set(re.split(r"[\s/,]+", line))
    others = set(rollout.trace.deployments()) - {rollout.deployment}
    return rollout.deployment in words or not words & others


def _changes(rollout: Rollout) -> list[tuple[float, str]]:
    """Return (time_s, text) of what was done: the lines that were typed, without any the scenario's steps."""
    typed = [
        (time_s, line)
        for time_s, line in rollout.record.commands
        if not line.startswith(_ASKING) and _is_about(line, rollout)
    ]
    return typed if rollout.record.commands else list(rollout.record.steps)


def _step_marks(axes: Axes, rollout: Rollout, shown: Extent) -> list[Artist]:
    """Mark every change by a line and its number above the axes, which the legend explains; questions by a
    tick."""
    marks: list[Artist] = []
    taken = -math.inf
    apart = 0.03 * (shown.right_s - shown.left_s)
    steps = [(at, text) for at, text in _changes(rollout) if shown.left_s <= at <= shown.right_s]
    for number, (time_s, message) in enumerate(steps, start=1):
        axes.axvline(
            time_s, color=INK, linewidth=0.9, linestyle=(0, (1, 1.5)), zorder=4, gid=f"step-{number}"
        )
        # Steps closer than their numbers are wide share the first one's place.
        if time_s - taken >= apart:
            _mark(axes, time_s, f"▾{number}", "center")
            taken = time_s
        if number <= 6:
            label = "\n".join([f"▾{number} at {seconds(time_s)}:", *wrapped(message)])
            marks.append(Line2D([], [], color=INK, linewidth=0.9, linestyle=(0, (1, 1.5)), label=label))
    if len(steps) > 6:
        marks.append(Line2D([], [], linestyle="none", label=f"… and {count(len(steps) - 6, 'more step')}"))
    asked = [at for at in _questions(rollout) if shown.left_s <= at <= shown.right_s]
    for at in asked:
        axes.axvline(at, ymin=0.97, color=INK, linewidth=0.9, zorder=4, gid="question")
    if asked:
        label = f"{count(len(asked), 'question')} (get, status, curl …)"
        marks.append(Line2D([], [], color=INK, linestyle="none", marker="|", markersize=7, label=label))
    return marks


def _completion(axes: Axes, rollout: Rollout) -> list[Artist]:
    at = rollout.completed_s
    if not math.isfinite(at):
        return []
    axes.axvline(at, color=INK, linewidth=1.6, zorder=4, gid="complete")
    left, right = axes.get_xlim()
    _mark(axes, at, "complete", "left" if at - left < 0.12 * (right - left) else "right")
    return [Line2D([], [], color=INK, linewidth=1.6, label=f"complete at {seconds(at)}")]


def _mark(axes: Axes, time_s: float, text: str, align: str) -> None:
    axes.annotate(
        text,
        (time_s, 1),
        (0, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha=align,
        fontsize=8.0,
        annotation_clip=False,
    )


def legend(axes: Axes, entries: list[Artist]) -> None:
    """Put the legend beside the data."""
    axes.legend(handles=entries, loc="upper left", bbox_to_anchor=(1.015, 1.03), borderaxespad=0.0)


def on_axes(trace: Trace, deployment: str | None) -> tuple[Rollout, Extent]:
    """Return the rollout to draw and the stretch of time to show."""
    rollout = Rollout(trace, deployment)
    return rollout, extent(rollout)
