"""Limits that a user sets on measures: "min_availability>=95%", "duration_s<=5m", "complete"."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sim.metrics.measures import MEASURES, OTHER_WORDS, Measures
from sim.spec.expectations import OUTCOMES
from sim.units import nearest, parse_duration

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
_NAMED = re.compile(r"\s*(?P<name>[^<>=!()]*[^<>=!()\s])\s*:(?P<limit>[^:]*)")
_STATISTIC = re.compile(r"\s*[^<>=!():\s]*\s*\([^<>=!()]*\)?")
# A limit on one of these says itself what becomes of rollouts that do not complete.
OF_COMPLETION = ("outcome", "complete", "stuck")
_SHAPE = re.compile(r"\s*(?P<measure>[^<>=!\s]*)\s*(?P<op>[<>=!]*)\s*(?P<value>.*?)\s*")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}


class RequirementError(ValueError):
    """A requirement that cannot be read: `text`, `position` (0-based) of what is wrong, `nearest` right name
    or None.

    `str()` is one line.
    """

    def __init__(self, message: str, text: str, position: int, near: str | None = None) -> None:
        hint = f"; did you mean {near}?" if near else ""
        super().__init__(f"{message}{hint}")
        self.text, self.position, self.nearest = text, position, near


@dataclass(frozen=True, slots=True)
class Requirement:
    """One limit: `measure` (a key of MEASURES), `op` (>= <= > < ==), `value` (in the measure's unit; true
    is 1, an outcome its place in OUTCOMES). `name`: the Deployment or version whose rollouts it is for (None:
    of every rollout); `typed`: as it was written.
    """

    measure: str
    op: str
    value: float
    name: str | None = None
    typed: str = field(default="", compare=False)

    def check(self, measures: Measures | Mapping[str, Any]) -> bool:
        """Whether the measures, or what `Measures.as_dict` made of them, keep the limit; nan and None never
        do.
        """
        found = measures[self.measure] if isinstance(measures, Mapping) else getattr(measures, self.measure)
        if self.measure == "outcome":
            found = OUTCOMES.index(found)
        number = float("nan") if found is None else float(found)
        return not math.isnan(number) and OPERATORS[self.op](number, self.value)

    def __str__(self) -> str:
        return f"{f'{self.name}: ' if self.name else ''}{self.measure}{self.op}{self.limit}"

    @property
    def limit(self) -> str:
        """The value as text."""
        if self.measure == "outcome":
            return OUTCOMES[int(self.value)]
        if MEASURES[self.measure].unit == "yes/no":
            return "true" if self.value else "false"
        return f"{self.value:.12g}"


def parse_requirement(text: str) -> Requirement:
    """Return the requirement that ``text`` states, such as "min_availability>=0.95" or "duration_s<=5m".

    Ratios may be percentages, seconds durations ("5m", "inf"), yes/no measures true or false: "complete" by
    itself is "complete==true". "web: duration_s<=5m" is for the rollouts of the Deployment, or version, web
    alone. Raises RequirementError (a ValueError).
    """
    named = _NAMED.fullmatch(text)
    if named is None:
        return replace(_parsed(text), typed=text.strip())
    try:
        return replace(_parsed(named["limit"]), name=named["name"], typed=text.strip())
    except RequirementError as error:
        message = str(error).removesuffix(f"; did you mean {error.nearest}?")
        place = error.position + named.start("limit")
        raise RequirementError(message, text, place, error.nearest) from None


def _parsed(text: str) -> Requirement:
    match = _SHAPE.fullmatch(text)
    if match is None:  # a line break inside
        raise RequirementError("a requirement is one line", text, 0)
    name, op, value = match["measure"], match["op"], match["value"]
    name = OTHER_WORDS.get(name, name)
    known = MEASURES.get(name)
    statistic = _STATISTIC.match(text)
    if statistic is not None:
        problem = (
            f"{statistic[0].strip()} is a statistic of many runs, for compare and recommend; this is one run"
        )
        raise RequirementError(problem, text, 0)
    if known is None:
        near = nearest(name, MEASURES) if name else None
        problem = (
            f"no measure is called {name[:60]!r}" if name else "a requirement begins with a measure's name"
        )
        raise RequirementError(problem, text, match.start("measure"), near)
    if known.unit == "text" and name != "outcome":
        raise RequirementError(f"{name} is text and cannot be required", text, match.start("measure"))
    if known.unit == "yes/no" and not op and not value:
        return Requirement(name, "==", 1.0)
    if name == "outcome":
        return _outcome(op, value, text, match)
    if op not in OPERATORS:
        problem = (
            f"{op!r} is not one of >= <= > < ==" if op else "a measure is followed by one of >= <= > < =="
        )
        raise RequirementError(problem, text, match.start("op"), "==" if op == "=" else None)
    try:
        return Requirement(name, op, parse_value(value, known.unit))
    except ValueError as error:
        raise RequirementError(str(error), text, match.start("value")) from None


def _outcome(op: str, value: str, text: str, match: re.Match[str]) -> Requirement:
    if op != "==":
        raise RequirementError("an outcome is compared by ==", text, match.start("op"))
    if value not in OUTCOMES:
        problem = f"an outcome is one of {', '.join(OUTCOMES)}"
        raise RequirementError(problem, text, match.start("value"), nearest(value, OUTCOMES))
    return Requirement("outcome", "==", float(OUTCOMES.index(value)))


def parse_value(text: str, unit: str) -> float:
    """Return a number in a measure's unit: "5m" of "s", "95%" of "ratio", "true" of "yes/no".

    Raises ValueError with one clause.
    """
    if unit == "yes/no":
        if text.lower() not in _WORDS:
            raise ValueError("expected true or false")
        return _WORDS[text.lower()]
    if unit == "s":
        return math.inf if text.lower() == "inf" else parse_duration(text)
    percent = text.endswith("%")
    digits = text[:-1].rstrip() if percent else text
    if percent and unit != "ratio":
        raise ValueError(f"a percentage makes no sense here, expected a number of {unit}")
    if not _NUMBER.fullmatch(digits):
        raise ValueError(
            "expected a number" + (", such as 0.95 or 95%" if unit == "ratio" else f" of {unit}")
        )
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("expected a finite number")
    if unit == "ratio" and percent and number > 100:
        raise ValueError("a share is between 0 and 1, or 0 % and 100 %")
    if unit == "ratio" and not percent and number > 1:
        raise ValueError(f"a share is at most 1; did you mean {text}%?")
    return number / 100 if percent else number
