"""The numbers of an answer: how long it takes, how many pods serve, how many hold room; now and then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sim.choose.aims import Aim, parse_aim
from sim.choose.candidates import Candidates, aim_values
from sim.choose.front import Bools, Floats
from sim.choose.words import PHRASES, difference, statement, than_other, told
from sim.units import format_seconds

FOUR = {
    "p95(duration_s)": ("takes (p95)", "takes {}"),
    "p5(min_availability)": ("available, least (p5)", "{} available at least"),
    "p95(peak_physical)": ("pods at once (p95)", "{} pods at once"),
    "p95(peak_pods)": ("  of them not stopping", "{} of them not stopping"),
}
"""What is told of every candidate, whatever the aims are: statistics, their names in words, and how a
sentence says them.
"""

# A difference below this share of a time is nothing to choose by.
_SAME = 0.02


@dataclass(frozen=True, slots=True)
class Number:
    """One line of the answer: a statistic, its name in words, how a sentence says it ("": it does not), its
    values now and then (None: there is no such strategy), and how then differs from now, in words.
    """

    statistic: str
    name: str
    says: str
    now: float | None
    then: float
    now_text: str
    then_text: str
    change: str


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """The worst values of every candidate, [n] a statistic: those of FOUR that were measured, then the other
    aims; `replicas` is how many pods all ask for (None: not one number).
    """

    values: dict[Aim, Floats]
    replicas: int | None

    @property
    def whole(self) -> Bools | None:
        """At which candidates hardly ever a pod is missing; None when nobody measured it."""
        found = self.values.get(parse_aim("p5(min_availability)"))
        return None if found is None else found >= 1

    def numbers(self, then: int, now: int | None) -> tuple[Number, ...]:
        """Return a line a statistic for one candidate beside the one in force."""
        return tuple(self._number(aim, then, now) for aim in self.values)

    def _number(self, aim: Aim, then: int, now: int | None) -> Number:
        statistic, values = str(aim.statistic), self.values[aim]
        value, was = float(values[then]), None if now is None else float(values[now])
        before, after = "" if was is None else self.text(aim, was), self.text(aim, value)
        change = "" if was is None or now == then else self._change(aim, was, value, before, after)
        name, says = FOUR.get(statistic, (statistic, ""))
        return Number(statistic, name, says, was, value, before, after, change)

    def text(self, aim: Aim, value: float) -> str:
        """Return a value in words: "81 s", "15 of 20", "26"."""
        if aim.statistic.measure == "min_availability" and (pods := self._pods(value)) is not None:
            return f"{pods} of {self.replicas}"
        text = told(aim.statistic, value)
        return text.removesuffix(" pods").removesuffix(" pod") if str(aim.statistic) in FOUR else text

    def _pods(self, share: float) -> int | None:
        if not self.replicas or math.isnan(share):
            return None
        pods = share * self.replicas
        return round(pods) if abs(pods - round(pods)) < 1e-6 else None

    def _change(self, aim: Aim, was: float, value: float, before: str, after: str) -> str:
        if before == after:
            return "the same"
        if not math.isfinite(value - was):
            return ""
        unit, sign = aim.statistic.unit, "+" if value > was else "-"
        if unit == "s":
            if abs(value - was) < _SAME * max(was, value):
                return "about the same"
            return f"{format_seconds(abs(value - was))} {'more' if value > was else 'less'}"
        counts = self._pods(was), self._pods(value)
        if aim.statistic.measure == "min_availability" and None not in counts:
            return f"{sign}{abs(counts[0] - counts[1])}"  # type: ignore[operator]
        if unit == "pods":
            return f"{sign}{abs(math.ceil(value) - math.ceil(was))}"
        return f"{sign}{difference(value, was, unit)}"

    def trade(self, one: int, other: int) -> str:
        """Return how one candidate differs from another: "2.8 s faster, 1 pod less, 19 of 20 available"."""
        said = [self._differs(aim, float(values[one]), float(values[other])) for aim, values in self._told()]
        return ", ".join(text for text in said if text) or "the same in all that was asked"

    def _told(self) -> list[tuple[Aim, Floats]]:
        """Return what is told of a difference: of one measure one statistic is enough."""
        measures = [aim.statistic.measure for aim in self.values]
        firsts = {name: measures.index(name) for name in measures if name != "peak_pods"}
        return [pair for i, pair in enumerate(self.values.items()) if i in firsts.values()]

    def _differs(self, aim: Aim, value: float, other: float) -> str:
        statistic, more = str(aim.statistic), value > other
        if value == other or self.text(aim, value) == self.text(aim, other):
            return ""
        if statistic == "p5(min_availability)":
            return f"{self.text(aim, value)} available at least" if value else "nobody serves for a while"
        if not math.isfinite(value - other):
            return PHRASES[aim.statistic.measure].never or "" if more else ""
        if statistic == "p95(duration_s)":
            if abs(value - other) < _SAME * max(value, other):
                return ""
            return f"{format_seconds(abs(value - other))} {'slower' if more else 'faster'}"
        if statistic == "p95(peak_physical)":
            pods = abs(math.ceil(value) - math.ceil(other))
            return f"{pods} pod{'s' * (pods != 1)} {'more' if more else 'fewer'}"
        return f"{statement(aim, value)}{than_other(aim, value, other)}"


def facts_of(who: Candidates, runs: pd.DataFrame, aims: Sequence[Aim], replicas: int | None) -> Facts:
    """Return the numbers of every candidate, by their runs."""
    four = [parse_aim(text) for text in FOUR]
    usual = [aim for aim in four if aim.statistic.measure in runs]
    known = {aim.statistic for aim in usual}
    wanted = [*usual, *(aim for aim in aims if aim.statistic not in known)]
    return Facts({aim: aim_values(who, runs, aim) for aim in wanted}, replicas)
