"""Reading observed durations from a column of a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from sim.errors import shown
from sim.spec.distributions import LONGEST_S
from sim.units import nearest, parse_duration

MOST_VALUES = 1_000_000
MOST_CSV_BYTES = 64 * 2**20


class FormError(ValueError):
    """A distribution that cannot be read: `path` leads to the place inside it."""

    def __init__(
        self,
        message: str,
        *,
        path: tuple[str | int, ...] = (),
        found: object = None,
        expected: str | None = None,
        nearest: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.found = None if found is None else shown(found)
        self.expected = expected
        self.nearest = nearest


def read_column(path: Path, column: str | None, label: str) -> list[float]:
    """Read one column of a CSV file with a header: seconds or durations, at most 1,000,000; raises FormError.

    `label` is the file as the user named it. `column` may be left out when there is only one.
    """
    try:
        if not path.is_file():
            message = "not a regular file" if path.exists() else "no such file"
            raise FormError(message, path=("file",), found=label)
        if path.stat().st_size > MOST_CSV_BYTES:
            raise FormError("the file is larger than 64 MiB", path=("file",), found=label)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _column_values(csv.reader(lines), column, label)
    except OSError as error:
        raise FormError(f"the file cannot be read ({error.strerror})", path=("file",), found=label) from None
    except (UnicodeDecodeError, csv.Error) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise FormError(f"the file is not a CSV table: {reason}", path=("file",), found=label) from None


def _column_values(rows: Any, column: str | None, label: str) -> list[float]:
    header = [name.strip() for name in next(rows, [])]
    if column is None:
        if len(header) != 1:
            raise FormError(
                f"{label} has {len(header)} columns", path=("column",), expected="the name of one"
            )
        index = 0
    elif column in header:
        index = header.index(column)
    else:
        raise FormError(
            f"{label} has no such column",
            path=("column",),
            found=column,
            expected=("one of " + ", ".join(header)) if header else "a file with a header",
            nearest=nearest(column, header),
        )
    values: list[float] = []
    for row in rows:
        cell = row[index] if index < len(row) else ""
        # A million cells are nearly always plain numbers: those must not cost more than they have to.
        try:
            seconds = float(cell)
        except ValueError:
            if not any(map(str.strip, row)):
                continue
            seconds = -1.0
        if not 0 <= seconds <= LONGEST_S:
            try:
                seconds = bounded(parse_duration(cell))
            except ValueError as error:
                where, expected = f"{label}, line {rows.line_num}: {error}", "a duration in seconds"
                raise FormError(where, path=("column",), found=cell, expected=expected) from None
        if len(values) == MOST_VALUES:
            raise FormError(f"{label} has more than {MOST_VALUES:,} values", path=("file",))
        values.append(seconds)
    if not values:
        raise FormError(f"{label} has no values", path=("file",))
    return values


def bounded(seconds: float) -> float:
    """Return `seconds`, or raise ValueError when no stage may last that long."""
    if seconds > LONGEST_S:
        raise ValueError(f"longer than {LONGEST_S:,.0f} s")
    return seconds
