"""A rollout as three rows of text: a column is a stretch of time, the height of a block a number of pods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.units import format_seconds

Steps = Sequence[tuple[float, int]]  # (moment in s, value from then on), by time

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*%#"
LABEL_WIDTH = 11
_LEFT = LABEL_WIDTH + 2
_LEAST_COLUMNS = 16


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its label, its step function, the value before the start, and what a column shows of it."""

    label: str
    steps: Steps
    before: int
    least: bool  # the least value in a column, else the greatest
    path: tuple[int, ...] = ()  # values on the way, to be told


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
) -> list[str]:
    """Return the lines of a timeline, at most `width` characters each: one a row, a time axis, a legend.

    `full`: the number of pods that fills a column; more look the same. `end_s` must be after `start_s`.
    """
    ramp, arrow, rule = (_BLOCKS, "→", "─") if unicode else (_ASCII, "->", "-")
    notes = [_note(row, start_s, end_s, arrow) for row in rows]
    columns = max(_LEAST_COLUMNS, width - _LEFT - 2 - max(map(len, notes)))
    lines = []
    for row, note in zip(rows, notes, strict=True):
        values = bins(row.steps, start_s, end_s, columns, least=row.least)
        text = "".join(block(value, full, ramp) for value in values)
        lines.append(f"  {row.label:<{LABEL_WIDTH}}{text}  {note}")
    lines.append(" " * _LEFT + rule * columns)
    lines.append(" " * _LEFT + _axis(start_s, end_s, columns))
    pods = "1 pod" if full == 1 else f"{full} pods"
    step = format_seconds((end_s - start_s) / columns)
    least = " and ".join(row.label for row in rows if row.least)
    lines.append(f"  {ramp[-1]} = {pods}, a column = {step}" + (f" ({least}: its least)" if least else ""))
    return [line[:width].rstrip() for line in lines]


def _note(row: Row, start_s: float, end_s: float, arrow: str) -> str:
    last = _at(row.steps, end_s)
    told = [row.before, *row.path, last]
    kept = [value for i, value in enumerate(told) if i in (0, len(told) - 1) or value != told[i - 1]]
    if len(kept) > 2 and kept[-1] == kept[-2]:
        del kept[-1]
    note = f" {arrow} ".join(map(str, kept))
    least = bins(row.steps, start_s, end_s, 1, least=True)[0]
    return f"{note}, least {least}" if row.least and least < min(row.before, last) else note


def _at(steps: Steps, moment_s: float) -> int:
    """Return the value in force at a moment, 0 before the first one."""
    value = 0
    for time_s, then in steps:
        if time_s > moment_s:
            break
        value = then
    return value


def _axis(start_s: float, end_s: float, columns: int) -> str:
    left, middle, right = (
        format_seconds(start_s),
        format_seconds((start_s + end_s) / 2),
        format_seconds(end_s),
    )
    half = columns // 2 - len(middle) // 2
    line = left.ljust(half) + middle
    return line.ljust(columns - len(right)) + right
