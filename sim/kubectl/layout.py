"""How kubectl writes ages, times and columns.

apimachinery/pkg/util/duration/duration.go, cli-runtime/pkg/printers/terminal.go, Go's text/tabwriter.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 365 * 86400
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def age(seconds: float) -> str:
    """A duration of two or three figures, as duration.HumanDuration of k8s.io/apimachinery has it.

    119 is "119s", 125 is "2m5s", 600 is "10m", 12000 is "3h20m"; a clock up to two seconds late is "0s".
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 2 * _MINUTE:
        return f"{max(whole, 0)}s"
    if whole < 10 * _MINUTE:
        return _two(whole, _MINUTE, "m", 1, "s")
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _two(whole, _HOUR, "h", _MINUTE, "m")
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    if whole < 8 * _DAY:
        return _two(whole, _DAY, "d", _HOUR, "h")
    if whole < 2 * _YEAR:
        return f"{whole // _DAY}d"
    if whole < 8 * _YEAR:
        return _two(whole, _YEAR, "y", _DAY, "d")
    return f"{whole // _YEAR}y"


def _two(seconds: int, unit: int, unit_name: str, part: int, part_name: str) -> str:
    parts = seconds % unit // part
    return f"{seconds // unit}{unit_name}" + (f"{parts}{part_name}" if parts else "")


def rfc1123z(time: datetime) -> str:
    """Go's time.RFC1123Z: "Fri, 01 Jan 2021 00:00:00 +0000"; a time without a zone is UTC."""
    day, month = _DAYS[time.weekday()], _MONTHS[time.month - 1]
    zone = time.strftime("%z") or "+0000"
    return f"{day}, {time.day:02} {month} {time.year} {time:%H:%M:%S} {zone}"


def escaped(text: str) -> str:
    """Text that cannot steer a terminal, as printers.WriteEscaped writes it: ESC is "^[", CR is "\\r"."""
    return text.replace("\x1b", "^[").replace("\r", "\\r")


def aligned(text: str, *, min_width: int, padding: int) -> str:
    """Tab-separated lines in columns of blanks, as Go's text/tabwriter makes them.

    A column is a run of lines that have a tab after their cell, so the last cell of a line widens nothing:
    "a\\tb\\nlong\\tc\\n" with padding 2 is "a     b\\nlong  c\\n".
    """
    lines = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[] for _ in lines]
    column = 0
    while starts := [i for i, cells in enumerate(lines) if len(cells) > column + 1]:
        breaks = [0, *(k for k, (i, j) in enumerate(pairwise(starts), 1) if j != i + 1), len(starts)]
        for begin, end in pairwise(breaks):
            run = starts[begin:end]
            width = max(min_width, *(len(lines[i][column]) + padding for i in run))
            for i in run:
                widths[i].append(width)
        column += 1
    padded = (
        "".join(cell.ljust(width) for cell, width in zip(cells, [*row_widths, 0], strict=True))
        for cells, row_widths in zip(lines, widths, strict=True)
    )
    return "\n".join(padded)
