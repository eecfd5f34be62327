"""Axes as they are typed, and what several of them span: "maxSurge=0,1,25%", "maxUnavailable=0..3"."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from sim.errors import Diagnostic, InputError, shown
from sim.spec.assignments import PROFILE_KEYS, parsed
from sim.spec.sources import read_source

SOURCE = "--axis"
MOST_STRATEGIES = 10_000
_RANGE = re.compile(r"([0-9]{1,18})(%?)\.\.([0-9]{1,18})(%?)(?:\.\.([0-9]{1,18})(%?))?")
_OPENING, _CLOSING = "[{", "]}"
# What is given with the cluster or its load, not chosen with the strategy.
_GIVEN = frozenset((*PROFILE_KEYS, "profile", "horizon", "replicas", "paused"))

USUAL = ("maxSurge=0,1,25%,50%,100%", "maxUnavailable=0,1,25%,50%")
"""What is tried when nobody says what may vary."""

Point = tuple[tuple[str, str], ...]
"""The settings of one combination, in the order of the axes: ((key, value), …)."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A setting and the values it takes, as text: any key that `--set` takes, but for the seed."""

    key: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.key}={','.join(self.values)}"


def is_circumstance(key: str) -> bool:
    """Whether a setting is given (a profile's key, replicas, paused) and no choice of the strategy's."""
    return re.split(r"[.\[]", key.removeprefix("spec."), maxsplit=1)[0] in _GIVEN


def parse_axis(text: str, *, distinct: bool = True) -> Axis:
    """Return the axis that ``text`` states; raises InputError (E501, E407).

    Values are separated by commas outside of brackets and quotes; ``0..3`` is 0,1,2,3, ``0%..100%..25%``
    goes up in steps. A value that comes again is left out when they are to be ``distinct``.

    >>> parse_axis("maxSurge=0,1,25%").values, parse_axis("maxUnavailable=0..3").values
    (('0', '1', '25%'), ('0', '1', '2', '3'))
    """
    problems: list[Diagnostic] = []
    found = parsed([text], problems)
    if problems:
        raise InputError(_typed(problem) for problem in problems)
    key = found[0].key
    if key == "seed":
        raise InputError(_problem(text, "the seed is no axis: replications differ by chance already"))
    values = [value for part in split(found[0].text) for value in _expanded(part, text)]
    if not values or not all(values):
        raise InputError(_problem(text, "an axis needs values", expected=f"{key}=VALUE,VALUE,…"))
    return Axis(key, tuple(dict.fromkeys(values) if distinct else values))


def split(text: str) -> list[str]:
    """Return the parts of ``text`` between its commas, but for those inside brackets and quotes."""
    parts, depth, quote, begin = [], 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[begin:at])
            begin = at + 1
    return [part.strip() for part in (*parts, text[begin:])]


def _expanded(part: str, text: str) -> Iterable[str]:
    match = _RANGE.fullmatch(part)
    if match is None:
        return (part,)
    first, last, step = int(match[1]), int(match[3]), int(match[5] or 1)
    if len({match[2], match[4], *([match[6]] if match[5] else [])}) > 1 or first > last or step == 0:
        expected = "FIRST..LAST or FIRST..LAST..STEP, upwards, as in 0%..100%..25%"
        raise InputError(_problem(text, f"{part} is no range", expected=expected))
    count = (last - first) // step + 1
    if count > MOST_STRATEGIES:
        raise InputError(_absurd(count, text))
    return (f"{value}{match[2]}" for value in range(first, last + 1, step))


def _problem(text: str, message: str, *, code: str = "E501", expected: str | None = None) -> Diagnostic:
    return Diagnostic(code=code, message=message, file=SOURCE, found=shown(text), expected=expected)


def _typed(problem: Diagnostic) -> Diagnostic:
    return replace(problem, file=SOURCE)


def _absurd(count: int, text: str | None = None) -> Diagnostic:
    return Diagnostic(
        code="E503",
        message=f"{count:,} combinations are more than a sweep carries",
        file=SOURCE,
        found=shown(text) if text else None,
        expected=f"at most {MOST_STRATEGIES:,}, or a Latin hypercube of fewer points",
    )


def grid(axes: Sequence[Axis], zipped: Sequence[Axis] = ()) -> list[Point]:
    """Return every combination of the axes' values, the last axis fastest; ``zipped`` ones advance together.

    Raises InputError for a key that comes twice, zipped axes of unequal length, and more than
    MOST_STRATEGIES combinations (E501, E503).
    """
    _check_keys([*axes, *zipped])
    lengths = {len(axis.values) for axis in zipped}
    if len(lengths) > 1:
        message = "axes that advance together need equally many values"
        raise InputError(replace(_problem("; ".join(map(str, zipped)), message), file="--zip"))
    columns: list[list[Point]] = [[((axis.key, value),) for value in axis.values] for axis in axes]
    if zipped:
        rows = zip(*(axis.values for axis in zipped), strict=True)
        columns.append([tuple(zip((a.key for a in zipped), row, strict=True)) for row in rows])
    count = math.prod(map(len, columns))
    if count > MOST_STRATEGIES:
        raise InputError(_absurd(count))
    return [tuple(setting for part in parts for setting in part) for parts in product(*columns)]


def latin_hypercube(axes: Sequence[Axis], points: int, seed: int) -> list[Point]:
    """Return ``points`` combinations such that each axis is covered evenly (McKay, Beckman & Conover 1979).

    Each axis is cut into ``points`` strata of equal length, each of which is met exactly once; a stratum's
    value is the one of the axis that it falls on. Equal combinations come once. Raises InputError (E501,
    E503).
    """
    _check_keys(axes)
    if not 1 <= points <= MOST_STRATEGIES:
        raise InputError(_absurd(points))
    rng = np.random.Generator(np.random.Philox(seed))
    strata = rng.permuted(np.tile(np.arange(points), (len(axes), 1)), axis=1)
    rows = [strata[i] * len(axis.values) // points for i, axis in enumerate(axes)]
    pairs = list(zip(axes, rows, strict=True))
    found = (tuple((axis.key, axis.values[row[n]]) for axis, row in pairs) for n in range(points))
    return list(dict.fromkeys(found))


def usual_points(points: int | None, seed: int) -> list[Point]:
    """Return the grid of USUAL, or ``points`` of it (a Latin hypercube), but for both limits 0, which no
    Deployment can have: nobody asked for it.
    """
    axes = [parse_axis(text) for text in USUAL]
    found = grid(axes) if points is None else latin_hypercube(axes, points, seed)
    return [point for point in found if any(value != "0" for _, value in point)]


def read_points(path: str) -> list[Point]:
    """Return the combinations in a CSV file: its header names settings, an empty cell leaves one as it is.

    Raises InputError (E501, E503, E407) with file and line.
    """
    try:
        text = read_source(path).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(Diagnostic(code="E501", message=f"this is not CSV: {error}", file=path)) from None
    if len(rows) < 2:
        message, expected = "there are no points in it", "a header of settings, and a row a point"
        raise InputError(Diagnostic(code="E501", message=message, file=path, expected=expected))
    if len(rows) - 1 > MOST_STRATEGIES:
        raise InputError(replace(_absurd(len(rows) - 1), file=path))
    problems: list[Diagnostic] = []
    keys = [key.strip() for key in rows[0]]
    # Read as assignments, so that a wrong name is answered with the nearest right one.
    parsed([f"{key}=1" for key in keys if key], problems)
    problems = [replace(problem, file=path, line=1) for problem in problems]
    if not all(keys):
        problems.append(Diagnostic(code="E501", message="a column has no name", file=path, line=1))
    twice = "seed" if "seed" in keys else named_twice(keys) if not problems else None
    if twice is not None:
        message = "the seed is no axis" if twice == "seed" else "this setting comes twice"
        problems.append(Diagnostic(code="E501", message=message, file=path, line=1, found=shown(twice)))
    points = []
    for line, row in enumerate(rows[1:], start=2):
        if row and len(row) != len(keys):
            message = f"{len(row)} cells under a header of {len(keys)}"
            problems.append(Diagnostic(code="E501", message=message, file=path, line=line))
        elif row:
            cells = zip(keys, row, strict=True)
            points.append(tuple((key, cell.strip()) for key, cell in cells if cell.strip()))
    if problems:
        raise InputError(problems)
    return list(dict.fromkeys(points))


def _check_keys(axes: Sequence[Axis]) -> None:
    twice = named_twice([axis.key for axis in axes])
    if twice is not None:
        raise InputError(_problem(twice, "an axis is given twice", expected="all its values in one --axis"))


def named_twice(keys: Sequence[str]) -> str | None:
    """Return the first key that names the setting of an earlier one, as spec.replicas does replicas."""
    paths = {assignment.key: assignment.path for assignment in parsed([f"{key}=1" for key in keys], [])}
    named = [paths.get(key, key) for key in keys]
    return next((key for number, key in enumerate(keys) if named[number] in named[:number]), None)
