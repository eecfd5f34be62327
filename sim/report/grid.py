"""How the axes of a sweep lie on paper: which one is drawn along which edge."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from sim.sweep.sample import Sample

# The two limits of a rolling update are read against each other by everybody.
_USUAL = ("maxSurge", "maxUnavailable")
_MOST_LINES = 6
# A map of which less than half is known shows its gaps more than anything else.
_FILLED = 0.5
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_SIZE = re.compile(r"[0-9]+(\.[0-9]+)?[%s]?")


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Axes on paper: `x` along the lower edge, `y` along the left one (None: a trend over x), `facet` a panel
    for each of its values (a line, in a trend). `table` has the strategies that have a place; `outside` are
    the labels of those without one.
    """

    table: pd.DataFrame
    x: str
    y: str | None
    facet: str | None
    outside: tuple[str, ...]


def grid_of(sample: Sample) -> Grid | None:
    """Return how to draw numbers over the axes; None where there are none, or where their points make no
    grid, as in a Latin hypercube.
    """
    table = sample.strategies
    given = sample.about["circumstances"]
    varying = _varying(sample, table)
    if len(varying) > 1 and sample.about["added"]:
        # What is in force lies beside the points that were asked for: on a map it would leave gaps.
        table = table.iloc[: len(table) - sample.about["added"]]
        varying = _varying(sample, table)
    if not varying:
        return None
    if len(varying) == 1:
        return _placed(table, varying[0], None, None)
    free = [axis for axis in varying if axis not in given]
    numbered = [axis for axis in free if table[axis].map(lambda text: bool(_NUMBER.fullmatch(text))).all()]
    # One setting under several circumstances is read as lines.
    if len(varying) == 2 and len(free) == 1 and numbered:
        line = next(axis for axis in varying if axis in given)
        if table[line].nunique() <= _MOST_LINES:
            return _placed(table, free[0], None, line)
    ranked = sorted(varying, key=lambda axis: (axis not in _USUAL, axis in given, -table[axis].nunique()))
    x, y = (axis for axis in varying if axis in ranked[:2])
    # Where both have a say another axis may be down to one value, as the type is to RollingUpdate.
    there = table[(table[x] != "") & (table[y] != "")]
    rest = [axis for axis in varying if axis not in (x, y) and there[axis].nunique() > 1]
    if len(rest) < 2:
        return _placed(table, x, y, rest[0] if rest else None)
    together = table[rest].agg(", ".join, axis=1)
    return _placed(table.assign(**{", ".join(rest): together}), x, y, ", ".join(rest))


def _varying(sample: Sample, table: pd.DataFrame) -> list[str]:
    return [axis for axis in sample.axes if table.loc[table[axis] != "", axis].nunique() > 1]


def _placed(table: pd.DataFrame, x: str, y: str | None, facet: str | None) -> Grid | None:
    axes = [axis for axis in (x, y, facet) if axis is not None]
    there = (table[axes] != "").all(axis=1)
    inside = table[there]
    cells = math.prod(inside[axis].nunique() for axis in axes)
    if len(inside) < 2 or len(inside) < _FILLED * cells or inside.duplicated(axes).any():
        return None
    # Which value comes first must not depend on which combinations are left out.
    ordered = {axis: pd.Categorical(inside[axis], in_order(inside[axis].unique())) for axis in (x, y) if axis}
    placed = inside if y is None else inside.assign(**ordered)
    return Grid(placed, x, y, facet, tuple(table["label"][~there]))


def in_order(texts: Iterable[str]) -> list[str]:
    """Return an axis' values in their order: numbers before percentages, each by size; as they came where one
    is neither.
    """
    found = list(texts)
    if not all(_SIZE.fullmatch(text) for text in found):
        return found
    return sorted(found, key=lambda text: (text.endswith("%"), float(text.rstrip("%s"))))
