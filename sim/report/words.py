"""Tables of results as people read them, and as Markdown shows them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sim.choose.words import HEADS, told
from sim.metrics import MEASURES
from sim.stats import Statistic, parse_statistic
from sim.units import format_value


def head_of(column: str) -> str:
    """Return a column's head, for a statistic in two lines: "takes" above "p95" for p95(duration_s)."""
    name, bracket, rest = column.partition("(")
    if not bracket or not rest.endswith(")"):
        return column
    measure = rest.removesuffix(")")
    return f"{HEADS.get(measure, measure.removesuffix('_s').replace('_', ' '))}\n{name}"


def statistic_of(column: str) -> Statistic | None:
    """Return the statistic of which a column is, or on which it is a limit; None for another column."""
    try:
        return parse_statistic(re.split("[<>=]", column, maxsplit=1)[0])
    except ValueError:
        return None


def unit_of(column: str) -> str | None:
    """Return the unit of a column that is named like a measure, a statistic or a limit on one of these; None
    for another.
    """
    name = re.split("[<>=]", column, maxsplit=1)[0].strip()
    if name in MEASURES:
        return MEASURES[name].unit
    statistic = statistic_of(column)
    return None if statistic is None else statistic.unit


def worded(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table as text: "15.2 s", "never", "97.5 %" where `unit_of` knows the column, other cells as
    they are.
    """
    return pd.DataFrame({name: _texts(table[name], str(name)) for name in table.columns}, dtype="str")


def worded_differences(table: pd.DataFrame, labels: Mapping[int, str]) -> pd.DataFrame:
    """Return paired differences (see `sim.stats.differences`) as text: strategy, measure, difference to the
    baseline, its interval ("" where there is none: of one replication), the share of replications in which it
    was better.
    """
    rows = []
    for one in table.to_dict("records"):
        unit = MEASURES[one["measure"]].unit
        difference = signed(one["mean"], unit)
        low, high = (signed(one[end], unit) for end in ("low", "high"))
        interval = "" if "-" in (difference, low, high) else _ends(low, high, difference)
        share = format_value(one["better"], "ratio")
        rows.append((labels[one["strategy"]], one["measure"], difference, interval, share))
    heads = ["strategy", "measure", "difference", "95 % interval", "better"]
    return pd.DataFrame(rows, columns=heads, dtype="str")


def signed(value: float, unit: str) -> str:
    """Return a difference: "+4.1 s", "-2 pods", "+3 points" of a ratio, "0 s"; "-" where undefined."""
    if math.isnan(value):
        return "-"
    sign = "+" if value > 0 else "-" if value < 0 else ""
    if unit == "ratio":
        return f"{sign}{abs(value) * 100:.3g} points"
    if unit == "pods":
        # Nobody has half a pod; what is seldom one is not none.
        return f"{sign}<1 pod" if 0 < abs(value) < 0.5 else sign + format_value(round(abs(value)), unit)
    return sign + format_value(abs(value), unit)


def interval(low: float, high: float, unit: str, estimate: str) -> str:
    """Return "12 s to 14 s" for ends in a unit, of which an unknown one is open; "" where that says no more
    than ``estimate``, the text of what lies between.
    """
    if math.isnan(low) and math.isnan(high):
        return ""
    if math.isnan(low):
        return f"up to {format_value(high, unit)}"
    if math.isnan(high):
        return f"{format_value(low, unit)} or more"
    ends = format_value(low, unit), format_value(high, unit)
    return "" if ends == (estimate, estimate) else f"{ends[0]} to {ends[1]}"


def _ends(low: str, high: str, difference: str) -> str:
    """Return "-3.2 to +0.578" where the unit is that of the difference beside it, else with the units."""
    numbers, units = zip(*(text.split(" ", 1) for text in (low, high, difference)), strict=True)
    # "10 min 1 s" has two numbers: what follows the first one is no unit.
    one_unit = len(set(units)) == 1 and not any(character.isdigit() for character in units[0])
    return f"{numbers[0]} to {numbers[1]}" if one_unit else f"{low} to {high}"


def _texts(column: pd.Series[Any], name: str) -> list[str]:
    unit, statistic = unit_of(name), statistic_of(name)
    if unit is None:
        return [str(cell) for cell in column.tolist()]
    if statistic is not None and unit == "pods":
        texts = [told(statistic, cell) for cell in column.tolist()]
        # The head says of what they are.
        return [text.split(" ")[0] for text in texts] if statistic.measure in HEADS else texts
    return [format_value(cell, unit) for cell in column.tolist()]


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers_from: int = 1) -> str:
    """Return a table in GitHub's Markdown; columns from ``numbers_from`` on are aligned right."""
    align = ["---" if i < numbers_from else "---:" for i in range(len(heads))]
    lines = [heads, align, *rows]
    return "\n".join("| " + " | ".join(escaped(cell) for cell in line) + " |" for line in lines)


def escaped(text: str) -> str:
    """Return one line of text in which Markdown sees no markup and no end of a cell."""
    for character in "\\|`*_<>[]":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())
