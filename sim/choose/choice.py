"""Limits and aims in, one recommended strategy out, with the reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.choose.aims import Aim
from sim.choose.candidates import Candidates, candidates, sureness_of
from sim.choose.judged import Judged, by_nearness, chosen, in_the_way, judged
from sim.choose.names import Settings
from sim.choose.numbers import Facts, Number, facts_of
from sim.choose.reasons import (
    apart,
    doubt,
    failing,
    headline,
    incomparable,
    obstacles,
    reasons,
    refusal,
    sureness,
)
from sim.stats import Limit


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What was chosen, and why.

    table: a row a candidate: `strategy`, the number of the strategy that stands for it; its `label` and short
        `name`; a column per aim ("p95(duration_s)"), per other number that is told of each (see
        `numbers.FOUR`) and per limit ("min_availability>=95%") with its worst value under any circumstance,
        for a limit on every run the worst run's; `feasible`, `front`; `loss`, the sum over the aims of what
        it loses against the best, >= 0, nan when not feasible; `probability` that it meets every limit,
        whatever the circumstance (see `sim.stats.confidence`); `role`: "recommended", "runner-up", "nearest"
        or ""; `now`: whether it is in force; `rank`: 0 is the best, those that break limits come last;
        `fails`: which limits it breaks, and by how much.
    settings: what each row sets; `of`: the row of every strategy.
    recommended, runner_up, now: strategy numbers; None where there is none.
    nearest: the one that comes nearest to keeping every limit when none does, else None.
    headline: what to do, without numbers; numbers: now and then; sure: how sure the limits are, in words.
    answer: one sentence with the numbers; reasons: sentences.
    in_the_way: the texts of the limits because of which none keeps all; empty when one does.

    Where no strategy was simulated under every circumstance there is nothing to compare: no row, no number.
    """

    table: pd.DataFrame
    settings: tuple[Settings, ...]
    of: pd.Series
    recommended: int | None
    runner_up: int | None
    nearest: int | None
    now: int | None
    headline: str
    numbers: tuple[Number, ...]
    sure: str
    reasons: tuple[str, ...]
    in_the_way: tuple[str, ...]

    @property
    def answer(self) -> str:
        """What to do and what comes of it, in one sentence."""
        said = [
            one.says.format(one.then_text) + (f" (now {one.now_text})" if changes(one) else "")
            for one in self.numbers
            if one.says
        ]
        return f"{self.headline}{': ' if said else ''}{', '.join(said)}."

    def as_dict(self) -> dict[str, Any]:
        """Return it fit for strict JSON: the table as a list of rows, nan and infinity as None."""
        rows = self.table.astype(object).to_dict("records")
        return {
            "answer": self.answer,
            "recommended": self.recommended,
            "runner_up": self.runner_up,
            "nearest": self.nearest,
            "now": self.now,
            "numbers": [
                {"statistic": one.statistic, "now": plain(one.now), "then": plain(one.then)}
                for one in self.numbers
            ],
            "reasons": list(self.reasons),
            "in_the_way": list(self.in_the_way),
            "candidates": [
                {**{str(key): plain(cell) for key, cell in row.items()}, "settings": dict(settings)}
                for row, settings in zip(rows, self.settings, strict=True)
            ],
        }


def changes(one: Number) -> bool:
    """Whether a number is another one then than now, in words."""
    return bool(one.now_text) and one.now_text != one.then_text


def plain(cell: Any) -> Any:
    """Return a cell fit for strict JSON: what is no finite number is None."""
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def choose(
    strategies: pd.DataFrame,
    runs: pd.DataFrame,
    limits: Sequence[Limit],
    aims: Sequence[Aim],
    circumstances: Sequence[str] = (),
    now: int | None = None,
    replicas: int | None = None,
) -> Choice:
    """Return the strategy that keeps every limit and loses least in the aims.

    `strategies` has a row a strategy (strategy, label, a column of text per axis), `runs` a row a run
    (strategy, replication, the measures). Axes named in `circumstances` are not the user's to choose:
    strategies that are equal in all the others form one candidate, which has to keep every limit under each
    of its circumstances and is judged by its worst values (minimax, as in robust optimization); strategies
    whose runs are equal are one candidate, too. Candidates that were not simulated under every circumstance,
    as under a Latin hypercube, are left out and named.

    Candidates that keep every limit are feasible, but for those with a moment without any available pod,
    unless all have one or a limit or aim on availability allows it; those of them that no other one dominates
    are the Pareto front. On the front the smallest sum of losses against the best in each aim is recommended,
    relative to the best, or to the range of the feasible where the best is 0; equal sums by the aims in turn,
    then by the number. Where availability is an aim, one that lacks no pod is preferred to one that loses
    hardly less. The runner-up is the next that is not equal in every aim: on the front, or else of the other
    feasible ones. A run that never completes makes its duration infinite: beyond every limit, worst as an
    aim. `now` is the number of the strategy in force, `replicas` how many pods all ask for (None: it is not
    one number).

    Raises ValueError when there is no strategy or no aim, when two aims are on one statistic, when a
    circumstance is no axis, when a strategy has no runs, or when the runs lack a measure.
    """
    limits = tuple(dict.fromkeys(limits))
    _check(strategies, runs, aims)
    who = candidates(strategies, runs, circumstances, now, replicas)
    runs = runs[runs["strategy"].isin(who.of.index)] if who.apart else runs
    made = _Made(who, judged(who, runs, limits, aims), facts_of(who, runs, aims, replicas))
    return made.choice(
        sureness_of(who, runs, limits), circumstances, None if now is None else who.of.get(now)
    )


def _check(strategies: pd.DataFrame, runs: pd.DataFrame, aims: Sequence[Aim]) -> None:
    if not aims:
        raise ValueError("a choice needs at least one aim")
    if len({aim.statistic for aim in aims}) < len(aims):
        raise ValueError("two aims are on one statistic")
    if strategies.empty:
        raise ValueError("there is no strategy to choose")
    if set(strategies["strategy"]) != set(runs["strategy"]):
        raise ValueError("strategies and runs are not of one sweep")


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """What is known of the candidates, and the choice that comes of it."""

    who: Candidates
    result: Judged
    facts: Facts

    def choice(self, sure: pd.DataFrame, circumstances: Sequence[str], now: int | None) -> Choice:
        who, result = self.who, self.result
        if not len(who):
            return self._choice(
                sure, {}, now, headline=incomparable(circumstances), reasons=tuple(apart(who))
            )
        wanted = any(
            aim.statistic.measure == "min_availability" and aim.sense == "maximize" for aim in result.aims
        )
        best, runner_up = chosen(result, now, self.facts.whole if wanted else None)
        if best is None:
            closest = int(by_nearness(result)[0])
            return self._choice(
                sure,
                {closest: "nearest"},
                now,
                headline=refusal(who, result, closest),
                numbers=self.facts.numbers(closest, now),
                reasons=tuple(obstacles(who, result, closest, circumstances)),
                in_the_way=tuple(str(result.limits[i]) for i in in_the_way(result)),
            )
        return self._choice(
            sure,
            {best: "recommended", runner_up: "runner-up"},
            now,
            headline=headline(who, best, now),
            numbers=self.facts.numbers(best, now),
            surely=sureness(result.limits, sure.iloc[best]),
            reasons=(
                *reasons(who, result, self.facts, best, runner_up, now, circumstances),
                *doubt(result.limits, sure.iloc[best]),
            ),
        )

    def _choice(
        self,
        sure: pd.DataFrame,
        roles: Mapping[int | None, str],
        now: int | None,
        *,
        headline: str,
        numbers: tuple[Number, ...] = (),
        surely: str = "",
        reasons: tuple[str, ...] = (),
        in_the_way: tuple[str, ...] = (),
    ) -> Choice:
        number = {role: int(self.who.strategies[i]) for i, role in roles.items() if i is not None}
        return Choice(
            table=self._table(sure, roles, now),
            settings=self.who.settings,
            of=self.who.of,
            recommended=number.get("recommended"),
            runner_up=number.get("runner-up"),
            nearest=number.get("nearest"),
            now=None if now is None else int(self.who.strategies[now]),
            headline=headline,
            numbers=numbers,
            sure=surely,
            reasons=reasons,
            in_the_way=in_the_way,
        )

    def _table(self, sure: pd.DataFrame, roles: Mapping[int | None, str], now: int | None) -> pd.DataFrame:
        who, result = self.who, self.result
        reached = {str(aim.statistic): result.reached[:, i] for i, aim in enumerate(result.aims)}
        others = {str(aim.statistic): values for aim, values in self.facts.values.items()}
        rank = np.empty(len(who), np.int64)
        feasible = list(map(int, result.order))
        rank[[*feasible, *(i for i in by_nearness(result) if i not in feasible)]] = np.arange(len(who))
        fails = [failing(result, i) for i in range(len(who))]
        return pd.DataFrame(
            {
                "strategy": who.strategies,
                "label": pd.Series(who.labels, dtype="str"),
                "name": pd.Series(who.names, dtype="str"),
                **(reached | {key: values for key, values in others.items() if key not in reached}),
                **{str(limit): result.found[:, i] for i, limit in enumerate(result.limits)},
                "feasible": result.feasible,
                "front": result.front,
                "loss": result.loss,
                "probability": sure["probability"].to_numpy(),
                "role": pd.Series([roles.get(i, "") for i in range(len(who))], dtype="str"),
                "now": np.arange(len(who)) == (-1 if now is None else now),
                "rank": rank,
                "fails": pd.Series(fails, dtype="str"),
            }
        )
