"""Statistics as a user writes them: "p95(duration_s)", "mean(stuck)<=1%", "p95(duration_s)=2%"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.metrics import MEASURES, OTHER_WORDS, Requirement, RequirementError, parse_requirement
from sim.metrics.requirement import OPERATORS, parse_value
from sim.units import nearest

_NAMES = ("mean", "median", "min", "max")
_EXAMPLES = (*_NAMES, "p5", "p95", "p99")
_PERCENTILE = re.compile(r"p(?P<percent>[0-9]{1,9}(\.[0-9]{1,9})?)")
_CALL = re.compile(r"\s*(?P<name>[^()<>=!\s]*)\s*\(\s*(?P<measure>[^()<>=!\s]*)\s*(?P<close>\)?)")
_BARE = re.compile(r"\s*(?P<measure>[^()<>=!\s]*)")
_PRECISION = re.compile(r"\s*(?P<op>[<>=!]*)\s*(?P<amount>.*?)\s*")
# Shares of replications are written like the measures that are ratios; one of them is read in their place.
_A_RATIO = "mean_availability"


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number of a strategy's runs: `name` is mean, median, min, max or p<N> with 0 < N < 100, `measure`
    a key of MEASURES with numbers, or one with yes and no, whose mean is the share of yes.

    Raises ValueError for anything else.
    """

    name: str
    measure: str

    def __post_init__(self) -> None:
        match = _PERCENTILE.fullmatch(self.name)
        if self.name not in _NAMES and match is None:
            raise ValueError(
                f"no statistic is called {self.name[:60]!r}; there are mean, median, min, max, p95"
            )
        if match is not None and not 0 < Fraction(match["percent"]) < 100:
            raise ValueError("a percentile lies between p0 and p100, both excluded")
        if self.measure not in MEASURES or MEASURES[self.measure].unit == "text":
            raise ValueError(f"{self.measure[:60]!r} is no measure with numbers")
        if MEASURES[self.measure].unit == "yes/no" and self.name != "mean":
            raise ValueError(f"{self.measure} is yes or no and has only a mean, the share of yes")

    @property
    def unit(self) -> str:
        """Return the unit of the statistic: its measure's, "ratio" for the share of yes."""
        unit = MEASURES[self.measure].unit
        return "ratio" if unit == "yes/no" else unit

    @property
    def quantile(self) -> float | None:
        """Return the share of runs below, in (0, 1), for median and percentiles, 0 for min, 1 for max; None
        for the mean.
        """
        if self.name.startswith("p"):
            return float(Fraction(self.name[1:]) / 100)
        return {"min": 0.0, "median": 0.5, "max": 1.0}.get(self.name)

    def __str__(self) -> str:
        return f"{self.name}({self.measure})"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a strategy has to keep: `requirement` for its `statistic`, or in every replication when that is
    None. `text` is how somebody wrote it, who gets it back like that ("": nobody did).
    """

    statistic: Statistic | None
    requirement: Requirement
    text: str = field(default="", compare=False)

    def holds(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Return where values (any shape, in the measure's unit; yes is 1) keep the requirement; nan never
        does.
        """
        kept: NDArray[np.bool_] = OPERATORS[self.requirement.op](values, self.requirement.value)
        return kept

    def __str__(self) -> str:
        if self.text:
            return self.text
        if self.statistic is None:
            return str(self.requirement)
        return f"{self.statistic}{self.requirement.op}{self.requirement.value:.12g}"


@dataclass(frozen=True, slots=True)
class Precision:
    """How well a statistic is to be known: half the width of its interval is at most `amount`, > 0; of the
    estimate's size when `relative`, else in the statistic's unit.
    """

    statistic: Statistic
    amount: float
    relative: bool

    def __str__(self) -> str:
        if self.relative:
            return f"{self.statistic}={self.amount * 100:.12g}%"
        return f"{self.statistic}={self.amount:.12g}{'s' if self.statistic.unit == 's' else ''}"


def parse_statistic(text: str) -> Statistic:
    """Return the statistic that ``text`` names: "p99.9(duration_s)", "mean(stuck)"; a measure alone means
    its mean.

    Raises RequirementError, whose position counts in ``text``.
    """
    statistic, end = _statistic(text)
    if text[end:].strip():
        place = end + len(text[end:]) - len(text[end:].lstrip())
        raise RequirementError(f"nothing may follow {statistic}", text, place)
    return statistic


def parse_limit(text: str) -> Limit:
    """Return the limit that ``text`` states: "p99(duration_s)<=5m", or "min_availability>=95%" for every
    replication.

    Numbers are written as for `parse_requirement`; the mean of a yes/no measure is a ratio from 0 to 1.
    Raises RequirementError, whose position counts in ``text``.
    """
    if _CALL.match(text) is None:
        requirement = parse_requirement(text)
        if requirement.measure == "outcome":
            raise RequirementError("of many runs complete and stuck have limits, outcome has none", text, 0)
        if requirement.name is not None:
            problem = "of many runs one Deployment is measured: --deployment says which"
            raise RequirementError(problem, text, 0)
        return Limit(None, requirement, _typed(text, requirement))
    statistic, end = _statistic(text)
    requirement = _read(statistic, text[end:], text, end)
    if MEASURES[statistic.measure].unit == "yes/no" and not 0 <= requirement.value <= 1:
        place = len(text) - len(text[end:].lstrip("<>= \t"))
        raise RequirementError("a share of runs lies between 0 and 1", text, place)
    return Limit(statistic, requirement, _typed(text, requirement))


def _typed(text: str, requirement: Requirement) -> str:
    """Return what was typed, "" where it has another word for the measure, which is not printed."""
    return text.strip() if requirement.measure in text else ""


def parse_precision(text: str) -> Precision:
    """Return the precision that ``text`` asks for: "p95(duration_s)=2%" of the estimate, or "=0.5s".

    A percentage is always one of the estimate, of ratios too: "mean(min_availability)=0.01" is one point.
    Raises RequirementError, whose position counts in ``text``.
    """
    statistic, end = _statistic(text)
    if statistic.name in ("min", "max"):
        problem = f"{statistic.name} has no interval, so it cannot be known to a precision"
        raise RequirementError(problem, text, len(text) - len(text.lstrip()))
    match = _PRECISION.fullmatch(text, end)
    if match is None:  # a line break inside
        raise RequirementError("a precision is one line", text, 0)
    if match["op"] != "=":
        raise RequirementError("a precision is written like p95(duration_s)=2%", text, match.start("op"))
    amount, place = match["amount"], match.start("amount")
    relative = amount.endswith("%")
    try:
        size = parse_value(amount, "ratio" if relative else statistic.unit)
    except ValueError as error:
        raise RequirementError(str(error), text, place) from None
    if not 0 < size < math.inf:
        raise RequirementError("a precision is more than 0 and finite", text, place)
    return Precision(statistic, size, relative)


def _read(statistic: Statistic, rest: str, text: str, start: int) -> Requirement:
    """Return the requirement of operator and number in ``rest``, which begins at ``start`` of ``text``."""
    stand_in = _A_RATIO if statistic.unit == "ratio" else statistic.measure
    try:
        requirement = parse_requirement(stand_in + rest)
    except RequirementError as error:
        place = max(0, error.position - len(stand_in) + start)
        message = str(error).removesuffix(f"; did you mean {error.nearest}?")
        raise RequirementError(message, text, place, error.nearest) from None
    return replace(requirement, measure=statistic.measure)


def _statistic(text: str) -> tuple[Statistic, int]:
    """Return the statistic at the beginning of ``text`` and where it ends."""
    call = _CALL.match(text)
    if call is None:
        bare = _BARE.match(text)
        assert bare is not None  # the pattern matches nothing, too
        return _made("mean", bare["measure"], text, 0, bare.start("measure")), bare.end()
    name_at, measure_at = call.start("name"), call.start("measure")
    percentile = _PERCENTILE.fullmatch(call["name"])
    name = call["name"]
    if percentile is not None:
        # p5.0 and p05 are p5: equal statistics are equal values.
        whole, _, decimals = percentile["percent"].partition(".")
        decimals = decimals.rstrip("0")
        name = f"p{int(whole)}" + (f".{decimals}" if decimals else "")
    if name not in _NAMES and percentile is None:
        problem = f"no statistic is called {name[:60]!r}" if name else "a statistic's name comes before ("
        raise RequirementError(problem, text, name_at, nearest(name, _EXAMPLES))
    statistic = _made(name, call["measure"], text, name_at, measure_at)
    if not call["close"]:
        raise RequirementError("a statistic ends with )", text, call.end())
    return statistic, call.end()


def _made(name: str, measure: str, text: str, name_at: int, measure_at: int) -> Statistic:
    """Return Statistic(name, measure), or point at what is wrong."""
    measure = OTHER_WORDS.get(measure, measure)
    if measure not in MEASURES:
        near = nearest(measure, MEASURES) if measure else None
        problem = f"no measure is called {measure[:60]!r}" if measure else "a measure's name is missing"
        raise RequirementError(problem, text, measure_at, near)
    if MEASURES[measure].unit == "text":
        raise RequirementError(f"{measure} is text and has no statistics", text, measure_at)
    try:
        return Statistic(name, measure)
    except ValueError as error:
        raise RequirementError(str(error), text, name_at) from None
