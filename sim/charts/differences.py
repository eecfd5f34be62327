"""How strategies differ from a baseline under the same luck: one row each, with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.charts.captions import Quantity, Style, headline, label_of, make_room, quantity, rows, shown_of
from sim.charts.style import BELOW_FLOOR, FAINT, INK, NEWEST, new_axes, settings, short

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_ROWS = 40
_ROW_IN = 0.2
_LONGEST = 52  # characters of a label
_MEAN_PT, _SHARE_PT = 46, 60  # where the texts at the right end and begin, from the axes
_SHARES = ("ratio", "yes/no")
_LOOKS = {
    "better": (NEWEST, "o"),
    "worse": (BELOW_FLOOR, "s"),
    "undecided": ("#8A8A8A", "D"),
    "the same": (INK, "D"),
}
_NO_MEAN = "without a mean"
_COLUMNS = ("strategy", "measure", "n", "mean", "low", "high", "better", "better_low", "better_high", "equal")


def differences(
    table: DataFrame,
    labels: Mapping[Any, str],
    measure: str,
    ax: Axes | None = None,
    baseline_label: str = "",
) -> Axes:
    """Draw the mean paired difference of each strategy from the baseline with its interval, at the right the
    mean in numbers and the share of replications in which the strategy was better, and return the Axes (new
    ones when ``ax`` is None).

    ``table``: strategy, measure, n, mean, low, high (in the measure's unit), better, better_low, better_high,
    equal (0..1); only rows of ``measure`` are drawn, from best to worst, those without a mean last. Of more
    than MOST_ROWS the best and the worst are drawn, and a note says so. ``labels``: text by strategy. Raises
    ValueError when there is no row of the measure, or a column is missing.
    """
    mine = rows(table, *_COLUMNS)
    mine = mine[mine["measure"] == measure]
    if not len(mine):
        raise ValueError(f"the table has no rows of the measure {measure!r}")
    what = quantity(measure)
    ordered = mine.iloc[_order(mine["mean"].to_numpy(float), what)]
    total = len(ordered)
    columns = ordered[["mean", "low", "high", "equal"]].to_numpy(float)
    verdicts = [_verdict(mean, low, high, equal, what) for mean, low, high, equal in columns]
    if total > MOST_ROWS:
        kept = [*range(MOST_ROWS // 2), *range(total - MOST_ROWS // 2, total)]
        ordered, drawn = ordered.iloc[kept], [verdicts[place] for place in kept]
    else:
        drawn = verdicts
    names = [label_of(labels, strategy, _LONGEST) for strategy in ordered["strategy"]]
    with settings():
        axes = new_axes(2.2 + _ROW_IN * len(names)) if ax is None else ax
        if ax is None:
            make_room(axes, max(map(len, names)), 3.15, 1.0)
        axes.axvline(0, color=INK, linewidth=1.1, zorder=2, gid="zero")
        _draw(axes, ordered, drawn, what)
        _told(axes, ordered, what)
        # The row above the first one has the heading of what stands at the right.
        axes.set_ylim(len(names) - 0.4, -1.6)
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(axis="y", length=0, labelsize=9.0 if max(map(len, names)) <= 40 else 7.5)
        _value_axis(axes, what)
        if total > MOST_ROWS:
            axes.axhline(MOST_ROWS / 2 - 0.5, color=FAINT, linewidth=0.8, linestyle=(0, (1, 1.5)), gid="cut")
        note = shown_of(len(names), total)
        note = f"{note}: the best and the worst {MOST_ROWS // 2}" if note else ""
        base = f"the baseline: {short(baseline_label, _LONGEST)}" if baseline_label else ""
        headline(axes, _finding(verdicts, what), what.meaning, base, note)
        _legend(axes, drawn)
    return axes


def _order(means: np.ndarray, what: Quantity) -> np.ndarray:
    """Return the rows from best to worst; nan is last."""
    return np.argsort(-means if what.better == "higher" else means, kind="stable")


def _verdict(mean: float, low: float, high: float, equal: float, what: Quantity) -> str:
    """Return "better" or "worse" when the interval lies on one side of zero, "the same" when every
    replication is, else "undecided"; _NO_MEAN where there is none.
    """
    if not math.isfinite(mean):
        return _NO_MEAN
    if equal == 1:
        return "the same"
    if what.better is None or not (low > 0 or high < 0):
        return "undecided"
    return "better" if (low > 0) == (what.better == "higher") else "worse"


def _draw(axes: Axes, table: DataFrame, verdicts: list[str], what: Quantity) -> None:
    numbers = table[["mean", "low", "high"]].to_numpy(float)
    places = np.arange(len(numbers))
    for verdict, (colour, marker) in _LOOKS.items():
        mine = np.array([found == verdict for found in verdicts])
        if not mine.any():
            continue
        style: Style = {"color": colour, "zorder": 3}
        # An unknown end has no line: the marker stands alone.
        axes.hlines(places[mine], *numbers[mine, 1:].T, linewidth=1.8, gid=f"interval:{verdict}", **style)
        axes.plot(
            numbers[mine, 0],
            places[mine],
            linestyle="none",
            marker=marker,
            markersize=5.5,
            gid=f"mean:{verdict}",
            **style,
        )
    for place in places[~np.isfinite(numbers[:, 0])]:
        axes.text(
            0.5,
            place,
            f"no mean: {what.never} in some runs",
            va="center",
            ha="center",
            fontsize=8.0,
            color=FAINT,
            transform=axes.get_yaxis_transform(),
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            zorder=4,
            gid="no-mean",
        )
    finite = numbers[np.isfinite(numbers)]
    reach = float(np.abs(finite).max(initial=0.0)) or 1.0
    low, high = min(float(finite.min(initial=0.0)), 0.0), max(float(finite.max(initial=0.0)), 0.0)
    axes.set_xlim(low - 0.08 * reach, high + 0.08 * reach)


def _told(axes: Axes, table: DataFrame, what: Quantity) -> None:
    """Write each strategy's mean difference, and how often it was better, beside its row."""
    columns = table[["mean", "better", "better_low", "better_high", "equal"]].to_numpy(float)
    style: Style = {
        "xycoords": axes.get_yaxis_transform(),
        "textcoords": "offset points",
        "annotation_clip": False,
    }
    faint: Style = {"va": "center", "fontsize": 8.0, "color": FAINT, "gid": "head", **style}
    axes.annotate("mean", (1, -1), (_MEAN_PT, 0), ha="right", **faint)
    axes.annotate("better in … of runs (interval)", (1, -1), (_SHARE_PT, 0), **faint)
    for place, (mean, share, low, high, equal) in enumerate(columns):
        number = _signed(mean, what)
        axes.annotate(
            number, (1, place), (_MEAN_PT, 0), va="center", ha="right", fontsize=8.0, gid="number", **style
        )
        text = f"{_percent(share)}  ({_percent(low)} to {_percent(high)})"
        if equal > 0:
            text += f", equal in {_percent(equal)}"
        axes.annotate(text, (1, place), (_SHARE_PT, 0), va="center", fontsize=8.0, gid="share", **style)


def _signed(mean: float, what: Quantity) -> str:
    """Return a difference with its sign, in at most two decimals; of shares in percentage points."""
    if not math.isfinite(mean):
        return "–"
    value = 100 * mean if what.unit in _SHARES else mean
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:+,.{digits}f}"
    return text if text.strip("+-0.") else "0"


def _percent(share: float) -> str:
    """Return a share; not 100 % unless it is all, nor 0 % unless it is none."""
    if math.isnan(share):
        return "–"
    percent = 100 * share
    if 0 < percent < 1:
        return "<1 %"
    return ">99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def _value_axis(axes: Axes, what: Quantity) -> None:
    what.on(axes.xaxis)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    percent = what.unit in _SHARES
    scale = 100 if percent else 1
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{round(scale * value, 6):+,.10g}" if round(value, 9) else "0")
    )
    unit = "percentage points" if percent else what.unit
    label = f"mean difference in {short(what.column, 40)}{f' ({unit})' if unit else ''}"
    if what.better:
        sides = ("← better", "worse →") if what.better == "lower" else ("← worse", "better →")
        label += f"\n{sides[0]}      0 = no difference      {sides[1]}"
    axes.set_xlabel(label)
    axes.grid(axis="x", color="#E4E4E4", linewidth=0.6)


def _finding(verdicts: list[str], what: Quantity) -> str:
    counts = {verdict: verdicts.count(verdict) for verdict in (*_LOOKS, _NO_MEAN)}
    said = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)
    return f"{short(what.column, 40)} against the baseline: {said}"


def _legend(axes: Axes, verdicts: list[str]) -> None:
    words = {"undecided": "undecided: the interval reaches over 0, or is unknown"}
    entries = [
        Line2D(
            [],
            [],
            color=colour,
            marker=marker,
            markersize=5.5,
            linewidth=1.8,
            label=words.get(verdict, verdict),
        )
        for verdict, (colour, marker) in _LOOKS.items()
        if verdict in verdicts
    ]
    place = axes.get_figure(root=True)
    # Below the axis' text, in inches from it, however high the figure.
    high = axes.bbox.height / place.dpi if place is not None else 3.0
    axes.legend(
        handles=entries,
        loc="upper left",
        bbox_to_anchor=(0, -0.62 / high),
        ncols=len(entries),
        borderaxespad=0.0,
    )
