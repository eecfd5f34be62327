"""What the charts of strategies have in common: titles, axis labels and values in words, and the looks of a
few lines among many.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from sim.charts.frame import wrapped
from sim.charts.scale import LINEAR, LogTicks, Scale
from sim.charts.style import BELOW_FLOOR, FAINT, NEWEST, OLDER, SIZE, short
from sim.metrics import MEASURES
from sim.units import format_value

if TYPE_CHECKING:
    from pandas import DataFrame

_COLUMN = re.compile(r"[^()]+\((?P<measure>[^()]+)\)")
_UNITS = {"ratio": "%", "yes/no": "% of runs"}
_LOG = "log scale"
_NEVER = {
    "duration_s": "never complete",
    "drained_s": "never drained",
    "first_available_s": "never available",
    "deadline_exceeded_s": "never exceeded",
}

Style = dict[str, Any]  # of an artist of matplotlib


class Look(NamedTuple):
    """How one line among several is told from the others, in colour and in grey print."""

    colour: str
    dashes: Any
    marker: str

    @property
    def line(self) -> Style:
        """The style of its line."""
        return {"color": self.colour, "linestyle": self.dashes, "linewidth": 2.0}


# More than these nobody tells apart.
LOOKS = (
    Look(NEWEST, "-", "o"),
    Look(OLDER[0], (0, (5, 1.2)), "s"),
    Look(OLDER[1], (0, (4, 1, 1, 1)), "^"),
    Look(OLDER[2], (0, (1.2, 0.8)), "D"),
    Look(BELOW_FLOOR, (0, (8, 1.5)), "v"),
    Look("#56B4E9", (0, (3, 1, 1, 1, 1, 1)), "P"),
)
OTHERS: Style = {"color": "#C4C4C4", "linewidth": 0.7, "zorder": 1.5}
# A character of small print is at most about this wide, in inches.
CHARACTER_IN = 0.075


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column of numbers: its name, the unit of its measure ("" when unknown), its meaning, which way is
    better (None: unknown) and what infinity means in it.
    """

    column: str
    unit: str
    meaning: str
    better: str | None
    never: str

    def number(self, value: float) -> str:
        """Return a value without its unit, in about three digits; ratios and shares in percent."""
        if math.isnan(value):
            return "–"
        if math.isinf(value):
            return "never"
        if self.unit in _UNITS:
            percent = 100 * value
            # Cut off, not rounded: 999 of 1000 are not 100 %, and 1 of 2000 is not none.
            return f"{math.floor(round(10 * percent, 6)) / 10:g}" if percent >= 1 else f"{percent:.2g}"
        if value == round(value) or abs(value) >= 1000:
            return f"{value:,.0f}"
        return f"{round(value, 6):.3g}"

    def text(self, value: float) -> str:
        """Return a value with its unit: "15.2 s", "97.5 %", "13 pods", or what infinity means."""
        if math.isinf(value):
            return self.never
        return f"{self.number(value)} % of runs" if self.unit == "yes/no" else format_value(value, self.unit)

    @property
    def sense(self) -> str:
        """Which way is better, in words, or ""."""
        return f"{self.better} is better" if self.better else ""

    def label(self, scale: Scale = LINEAR) -> str:
        """Return the text of an axis: the column's name, its unit, which way is better, an unusual scale."""
        unit = _UNITS.get(self.unit, self.unit)
        inner = ", ".join(part for part in (unit, self.sense, _LOG if scale.log else "") if part)
        return f"{short(self.column, 40)} ({inner})" if inner else short(self.column, 40)

    def bar(self, scale: Scale = LINEAR) -> str:
        """Return the text of a colour bar, whose chart names the column: "s (lower is better)"."""
        unit = _UNITS.get(self.unit, self.unit) or short(self.column, 24)
        inner = ",\n".join(part for part in (self.sense, _LOG if scale.log else "") if part)
        return f"{unit} ({inner})" if inner else unit

    def on(self, axis: Axis, scale: Scale = LINEAR) -> None:
        """Label an axis with the quantity and scale it; its data stay in the measure's unit, percent is in
        the ticks.
        """
        axis.set_label_text(self.label(scale))
        scale.on(axis)
        self.ticks(axis, scale)

    def ticks(self, axis: Axis, scale: Scale = LINEAR) -> None:
        """Write an axis' ticks as the quantity's numbers."""
        if scale.log:
            axis.set_major_locator(LogTicks(self.unit))
            axis.set_minor_locator(NullLocator())
        else:
            whole = self.unit == "pods"
            axis.set_major_locator(MaxNLocator(nbins=7, integer=whole, steps=[1, 2, 2.5, 5, 10]))
        if self.unit in _UNITS:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(100 * value, 6):g}"))
        else:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value, 9):,.10g}"))


def quantity(column: str) -> Quantity:
    """Return what is known of a column, a measure ("duration_s") or a statistic of one ("p95(duration_s)").

    Any other name has no unit.
    """
    match = _COLUMN.fullmatch(column.strip())
    measure = match["measure"].strip() if match else column.strip()
    if measure not in MEASURES:
        return Quantity(column, "", "", None, "never")
    unit, meaning, better = MEASURES[measure]
    never = _NEVER.get(measure, "never")
    return Quantity(column, unit, f"{measure}: {meaning}", better, never)


def headline(axes: Axes, finding: str, *details: str) -> None:
    """Set the title, what the chart shows, and up to three fainter lines below it, as long as the figure
    has room for.
    """
    figure = axes.get_figure(root=True)
    room = (figure.bbox.width - axes.bbox.x0) / figure.dpi if figure is not None else SIZE[0]
    lines = [short(line, fitting(room)) for line in details if line]
    title, size = titled(finding, room)
    axes.set_title(title, loc="left", fontweight="bold", pad=8 + 11.5 * len(lines), fontsize=size)
    for place, line in enumerate(reversed(lines)):
        axes.annotate(
            line,
            (0, 1),
            (0, 7 + 11.5 * place),
            xycoords="axes fraction",
            textcoords="offset points",
            color=FAINT,
            fontsize=8.5,
        )


def titled(text: str, room_in: float) -> tuple[str, float]:
    """Return a title that fits into ``room_in`` inches, and its size: smaller, and then shorter, where it is
    long.
    """
    if len(text) * 0.097 <= room_in:
        return short(text, 200), 11.0
    return short(text, max(int(room_in / 0.08), 12)), 8.8


def fitting(room_in: float) -> int:
    """Return how many characters of a line below the title fit into ``room_in`` inches."""
    return max(int(room_in / 0.07), 12)


def label_of(labels: Mapping[Any, str], strategy: Any, limit: int = 48) -> str:
    """Return a strategy's label in one line of at most ``limit`` characters, its number when it has none."""
    return short(str(labels.get(strategy, "")).strip() or f"strategy {strategy}", limit)


def entry(label: str, *notes: str) -> str:
    """Return the legend's text of a line: its label in up to three lines, notes below."""
    return "\n".join([*wrapped(label, 34), *notes])


def named(labels: Mapping[Any, str], strategy: Any, roles: Mapping[Any, str] | None) -> str:
    """Return a strategy's label for the legend, after its role where it has one."""
    label = label_of(labels, strategy, 100)
    return f"{roles[strategy]}: {label}" if roles is not None and strategy in roles else label


def among(names: Sequence[str], number: int) -> str:
    """Return whose a finding is among ``number`` strategies: "A", "A and 2 others", "all 3 strategies"."""
    if len(names) == number > 1:
        return f"all {number} strategies"
    others = len(names) - 1
    return names[0] if not others else f"{names[0]} and {others} other{'s' if others > 1 else ''}"


def in_colour(found: Iterable[Any], wanted: Sequence[Any] | None) -> tuple[list[Any], list[Any]]:
    """Return (drawn in colour, drawn faintly): of ``wanted``, or of all that were found, as many as there are
    looks, and the rest. Raises ValueError for a wanted one that was not found.
    """
    everything = list(dict.fromkeys(found))
    unknown = [one for one in wanted or () if one not in everything]
    if unknown:
        raise ValueError(f"the table has no rows of {unknown[0]!r}")
    first = list(dict.fromkeys(everything if wanted is None else wanted))[: len(LOOKS)]
    return first, [one for one in everything if one not in first]


def in_order(table: DataFrame, axis: str, others: Sequence[str]) -> list[str]:
    """Return an axis' texts in their order: that of the categories of a categorical column, else that of
    appearance in the fullest of the groups that are equal in the columns ``others``, since a group that lacks
    a text (refused, say) does not tell where it belongs.
    """
    if table[axis].dtype == "category":
        return [str(text) for text in table[axis].cat.categories]
    groups = [table]
    if others:
        groups = [part for _, part in table.groupby(list(others), sort=False, observed=True)]
    groups.sort(key=lambda part: -int(part[axis].nunique()))
    return list(dict.fromkeys(str(text) for part in groups for text in part[axis]))


def shown_of(drawn: int, total: int, what: str = "strategies") -> str:
    """Return "12 of 60 strategies shown", "" when nothing is left out."""
    return "" if drawn >= total else f"{drawn} of {total} {what} shown"


def rows(table: DataFrame, *columns: str) -> DataFrame:
    """Return the table. Raises ValueError when it has no rows or lacks one of the columns."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(f"the table has no column {missing[0]!r}")
    if not len(table):
        raise ValueError("the table has no rows")
    return table


def make_room(
    axes: Axes, left_characters: int, right_in: float | None = None, below_in: float | None = None
) -> None:
    """Give the tick labels at the left of a figure of our own the room that their text needs, and what
    stands at its right and below, in inches (None: as it is).
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        return
    left = min(0.5 + CHARACTER_IN * left_characters, 0.38 * SIZE[0]) / SIZE[0]
    figure.subplots_adjust(left=max(left, 0.075))
    if right_in is not None:
        figure.subplots_adjust(right=1 - right_in / SIZE[0])
    if below_in is not None:
        figure.subplots_adjust(bottom=below_in / figure.get_figheight())
