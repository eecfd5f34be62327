"""A rollout as rows of text: a column is a stretch of time, the height of a block a number of pods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

Steps = Sequence[tuple[float, int]]  # (moment in s, value from then on), by time

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*%#"
LABEL_WIDTH = 11
_LEFT = LABEL_WIDTH + 2
_LEAST_COLUMNS = 16
# Ticks people count in: seconds, then minutes, then hours.
_TICKS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200)
_TICK_WIDTH = 12  # columns between two ticks at least, so that their labels stand apart


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its label, its step function, the value before the start, and what a column shows of it.

    A row with ``wanted``, the number of pods that are desired as a step function, is painted where it lacks
    some.
    """

    label: str
    steps: Steps
    before: int
    least: bool  # the least value in a column, else the greatest
    path: tuple[int, ...] = ()  # values on the way, to be told
    wanted: Steps = ()


class Drawn(NamedTuple):
    """A line, and the columns of it that lack pods."""

    text: str
    lacking: tuple[int, ...] = ()


def bins(steps: Steps, start_s: float, end_s: float, columns: int, *, least: bool) -> list[int]:
    """Return the least (or greatest) value of a step function within each of `columns` equal stretches.

    The value that holds when a stretch begins belongs to it, so a dip is never lost, however short. Before
    its first moment a step function is 0. Steps 3 at 0 s and 2 at 1.5 s over 4 s in 4 columns, least:
    [3, 2, 2, 2].
    """
    pick = min if least else max
    borders = [start_s + column * (end_s - start_s) / columns for column in range(columns)] + [end_s]
    found: list[int] = []
    value, index = 0, 0
    for column in range(columns):
        while index < len(steps) and steps[index][0] <= borders[column]:
            value = steps[index][1]
            index += 1
        # The last stretch includes its end: what is true when it is all over must be seen.
        last = column == columns - 1
        until = borders[column + 1]
        seen = value
        while index < len(steps) and (steps[index][0] < until or (last and steps[index][0] <= until)):
            value = steps[index][1]
            seen = pick(seen, value)
            index += 1
        found.append(seen)
    return found


def block(value: int, full: int, ramp: str = _BLOCKS) -> str:
    """Return the character for `value` of `full` pods: blank only for 0, full only for `full` or more."""
    top = len(ramp) - 1
    if value <= 0:
        return ramp[0]
    if value >= full:
        return ramp[top]
    return ramp[max(1, min(top - 1, value * top // full))]


def draw(
    rows: Sequence[Row], full: int, start_s: float, end_s: float, *, width: int, unicode: bool
) -> list[Drawn]:
    """Return the lines of a timeline, at most `width` characters each: one a row, and a time axis that counts
    from `start_s`.

    `full`: the number of pods that fills a column; more look the same. `end_s` must be after `start_s`.
    """
    ramp, arrow = (_BLOCKS, "→") if unicode else (_ASCII, "->")
    notes = [_note(row, start_s, end_s, arrow) for row in rows]
    columns = max(_LEAST_COLUMNS, width - _LEFT - 2 - max(map(len, notes)))
    lines = []
    for row, note in zip(rows, notes, strict=True):
        values = bins(row.steps, start_s, end_s, columns, least=row.least)
        wanted = bins(row.wanted, start_s, end_s, columns, least=True) if row.wanted else [0] * columns
        lacking = tuple(_LEFT + i for i in range(columns) if values[i] < wanted[i])
        text = "".join(block(value, full, ramp) for value in values)
        lines.append(Drawn(f"  {row.label:<{LABEL_WIDTH}}{text}  {note}"[:width].rstrip(), lacking))
    lines.append(Drawn((" " * _LEFT + axis(end_s - start_s, columns))[:width].rstrip()))
    return lines


def axis(span_s: float, columns: int) -> str:
    """Return an axis of time from 0 to ``span_s``: round numbers at the columns where they lie, as many as
    have room, all in one unit.

    Example: 25 s on 60 columns have ticks at 0, 5, 10, 15, 20 and 25 s.
    """
    room = max(1, columns // _TICK_WIDTH)
    step = next((tick for tick in _TICKS_S if span_s / tick <= room), _TICKS_S[-1])
    while span_s / step > room:
        step *= 2
    unit, name = (1, "s") if step < 60 else (60, "min") if step < 3600 else (3600, "h")
    line = ""
    for number in range(math.floor(span_s / step + 1e-9) + 1):
        label = f"{number * step / unit:g} {name}"
        place = round(number * step / span_s * columns)
        # The last one ends where the axis does.
        place = min(place, columns - len(label))
        if place >= len(line) + (2 if line else 0):
            line = line.ljust(place) + label
    return line


def _note(row: Row, start_s: float, end_s: float, arrow: str) -> str:
    last = _at(row.steps, end_s)
    told = [row.before, *row.path, last]
    kept = [value for i, value in enumerate(told) if i in (0, len(told) - 1) or value != told[i - 1]]
    if len(kept) > 2 and kept[-1] == kept[-2]:
        del kept[-1]
    if row.wanted:
        least = bins(row.steps, start_s, end_s, 1, least=True)[0]
        of = f"{last} of {_at(row.wanted, end_s)}"
        return f"{of}, least {least}" if least < min(row.before, last) else of
    return f" {arrow} ".join(map(str, kept))


def _at(steps: Steps, moment_s: float) -> int:
    """Return the value in force at a moment, 0 before the first one."""
    value = 0
    for time_s, then in steps:
        if time_s > moment_s:
            break
        value = then
    return value
