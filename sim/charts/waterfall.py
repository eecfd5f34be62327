"""The waterfall: one bar a pod, from its creation to its end, coloured by what it was doing."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from sim.charts.frame import Extent, colours, count, fate, frame, legend, on_axes, seconds, version
from sim.charts.style import FAINT, SIZE, new_axes, settings, short, tint
from sim.metrics import Rollout, segments
from sim.trace import Trace

# More rows than this are too thin for names.
NAMED = 60
_ROW_IN = 0.155

_STATES: dict[str, dict[str, Any]] = {
    "pending": {"facecolor": "#FFFFFF", "edgecolor": "#777777", "hatch": "...."},
    "pulling": {"facecolor": "#CC79A7", "edgecolor": "#5A2E48", "hatch": "\\\\\\\\"},
    "starting": {"facecolor": "#F0E442", "edgecolor": "#7A7200", "hatch": "////"},
    "unready": {"facecolor": "#D55E00", "edgecolor": "#FFFFFF", "hatch": "xxxx"},
    "crashed": {"facecolor": "#111111", "edgecolor": "#111111"},
    "terminating": {"facecolor": "#D9D9D9", "edgecolor": "#9A9A9A", "hatch": "..."},
}
_WORDS = {
    "pending": "pending",
    "pulling": "pulling the image",
    "starting": "container starting",
    "unready": "running, not ready",
    "ready": "ready, not yet available",
    "available": "available",
    "crashed": "crashed, waiting to restart",
    "terminating": "terminating",
}
# A state that fills less than this share of the picture is drawn, but needs no legend.
_VISIBLE = 0.002


def waterfall(trace: Trace, ax: Axes | None = None, deployment: str | None = None) -> Axes:
    """Draw every pod's life as a bar and return the Axes (new ones when ``ax`` is None).

    Versions lie below each other, the newest at the bottom, and in each the pods in order of creation. Up to
    NAMED pods have a row with their name; more merge into thin rows. Raises ValueError when the trace has no
    such Deployment.
    """
    rollout, shown = on_axes(trace, deployment)
    rows, headers, height = _places(rollout)
    with settings():
        axes = new_axes(_height(height)) if ax is None else ax
        entries = _bars(axes, rollout, shown, rows)
        entries += frame(axes, rollout, shown, *_words(rollout))
        _pod_axis(axes, rollout, rows, headers, height, shown)
        legend(axes, entries)
    return axes


def _height(rows: float) -> float:
    return max(SIZE[1], min(1.5 + _ROW_IN * rows, 11.0)) if rows <= NAMED + 10 else 6.4


def _places(rollout: Rollout) -> tuple[np.ndarray, list[tuple[float, str]], float]:
    """Return each pod's row from the top, (row, text) of each version's header, and the number of rows."""
    owners = np.array(rollout.pods["replicaset"])
    rows = np.zeros(owners.size)
    headers: list[tuple[float, str]] = []
    # A header is as high as a row with a name, however many thin rows there are.
    header = max(1.0, owners.size / 26)
    top = 0.0
    for generation in rollout.generations:
        mine = np.flatnonzero(owners == generation.replicaset)
        if mine.size == 0:
            continue
        headers.append((top + header / 2, f"{version(generation)}: {count(mine.size)}"))
        rows[mine] = top + header + np.arange(mine.size)
        top += header + mine.size
    return rows, headers, max(top, 1.0)


def _bars(axes: Axes, rollout: Rollout, shown: Extent, rows: np.ndarray) -> list[Artist]:
    found = segments(rollout)
    begin = np.clip(found.from_s, shown.left_s, shown.right_s)
    end = np.clip(found.to_s, shown.left_s, shown.right_s)
    owners = np.array(rollout.pods["replicaset"])[found.pod]
    colour_of = colours(rollout)
    thick = 0.78 if rows.size <= NAMED else 1.0
    whole = float((end - begin).sum()) or 1.0
    entries: dict[str, list[Artist]] = {}
    for code, state in enumerate(found.states):
        groups = [generation.replicaset for generation in rollout.generations] if _of_version(state) else [""]
        for owner in groups:
            mine = (found.state == code) & (end > begin)
            mine &= (owners == owner) if owner else True
            if not mine.any():
                continue
            style = _style(state, colour_of.get(owner, ""))
            path = _boxes(begin[mine], end[mine], rows[found.pod[mine]], thick)
            # Not add_patch: that walks every box in Python for limits which are set by hand anyway.
            axes.add_artist(PathPatch(path, linewidth=0.0, zorder=3, gid=f"{state}:{owner}", **style))
            if float((end[mine] - begin[mine]).sum()) > _VISIBLE * whole:
                names = {
                    generation.replicaset: f"rev {generation.revision}: "
                    for generation in rollout.generations
                }
                label = names.get(owner, "") + _WORDS[state]
                entries.setdefault(state, []).append(Patch(linewidth=0.0, label=label, **style))
    return [entry for state in _WORDS for entry in entries.get(state, [])]


def _of_version(state: str) -> bool:
    return state in ("ready", "available")


def _style(state: str, colour: str) -> dict[str, Any]:
    if state == "available":
        return {"facecolor": colour, "edgecolor": "none"}
    if state == "ready":
        return {"facecolor": tint(colour, 0.33), "edgecolor": "none"}
    return _STATES[state]


def _boxes(begin: np.ndarray, end: np.ndarray, row: np.ndarray, thick: float) -> Path:
    """Return all boxes of one look as a single path: one artist draws 2,000 pods in the time of a few."""
    top, bottom = row + (1 - thick) / 2, row + (1 + thick) / 2
    corners = np.stack([begin, top, end, top, end, bottom, begin, bottom, begin, top], axis=1)
    codes = np.tile([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], begin.size)
    return Path(corners.reshape(-1, 2), codes)


def _pod_axis(
    axes: Axes,
    rollout: Rollout,
    rows: np.ndarray,
    headers: list[tuple[float, str]],
    height: float,
    shown: Extent,
) -> None:
    axes.set_ylim(height + 0.2, 0)
    for row, text in headers:
        axes.text(
            0.004,
            row,
            text,
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=8.5,
            fontweight="bold",
            zorder=6,
        )
    if rows.size <= NAMED:
        names = [
            _name(pod, owner)
            for pod, owner in zip(rollout.pods["pod"], rollout.pods["replicaset"], strict=True)
        ]
        axes.set_yticks(rows + 0.5, names, fontsize=7.0)
        axes.tick_params(axis="y", length=0)
        axes.set_ylabel("pod (end of its name)")
    else:
        axes.set_yticks([])
        axes.set_ylabel("pods, one row each, in order of creation")
    axes.spines["left"].set_color(FAINT)


def _name(pod: str, replicaset: str) -> str:
    """Return the end of a pod's name, which tells it from the others of its ReplicaSet."""
    return short(pod.removeprefix(f"{replicaset}-"), 12)


def _words(rollout: Rollout) -> tuple[str, str]:
    pods = rollout.pods
    newest = rollout.target.replicaset if rollout.target else ""
    mine = np.array(pods["replicaset"]) == newest
    created, available, ready = (
        rollout.record.column(name)[mine] for name in ("created_s", "available_s", "ready_s")
    )
    took = available - created
    # A pod that was there at the start has all its moments then.
    start = rollout.record.began_s
    fresh = (created > start) | ((created == start) & (took != 0))
    took = took[fresh]
    took = took[~np.isnan(took)]
    made = int(fresh.sum())
    if made == 0:
        return "no new pod was created", fate(rollout)
    if took.size == 0:
        never = int(np.isnan(ready[fresh]).sum())
        what = "ready" if never == made else "available"
        return f"{count(made, 'new pod')}, {'' if made == 1 else 'all '}never {what}", fate(rollout)
    detail = f"fastest {seconds(float(took.min()))}, slowest {seconds(float(took.max()))}"
    if took.size < made:
        detail += f"; {made - took.size} of {made} new pods never available"
    detail += f"; {fate(rollout)}"
    middle = seconds(float(np.median(took)))
    return f"a new pod takes {middle} from creation to available (median of {took.size})", detail
