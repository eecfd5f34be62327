"""Limits and aims in, one recommended strategy out, with the reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.choose.aims import Aim
from sim.choose.candidates import Candidates, candidates, sureness_of
from sim.choose.judged import Judged, chosen, in_the_way, judged, nearest
from sim.choose.reasons import answer, apart, gains, incomparable, obstacles, reasons, refusal, sureness
from sim.stats import Limit


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What was chosen, and why.

    table: a row a candidate, in the order of `strategy`, its lowest strategy number; `label`; a column per
        aim ("p95(duration_s)") and per limit ("min_availability>=0.95") with its worst value under any
        circumstance, for a limit on every run the worst run's; `feasible`, `front`; `loss`, the sum over
        the aims of what it loses against the best, >= 0, nan when not feasible; `probability` that it meets
        every limit, whatever the circumstance (see `sim.stats.confidence`); `role`: "recommended",
        "runner-up", "nearest" or "".
    recommended, runner_up: strategy numbers; None where there is none.
    nearest: the one that comes nearest to keeping every limit when none does, else None.
    answer: one sentence; reasons: sentences.
    in_the_way: the texts of the limits because of which none keeps all; empty when one does.

    Where no strategy was simulated under every circumstance there is nothing to compare: no row, no number.
    """

    table: pd.DataFrame
    recommended: int | None
    runner_up: int | None
    nearest: int | None
    answer: str
    reasons: tuple[str, ...]
    in_the_way: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it fit for strict JSON: the table as a list of rows, nan as None, infinity as "inf"."""
        rows = self.table.astype(object).to_dict("records")
        return {
            "answer": self.answer,
            "recommended": self.recommended,
            "runner_up": self.runner_up,
            "nearest": self.nearest,
            "reasons": list(self.reasons),
            "in_the_way": list(self.in_the_way),
            "candidates": [{str(key): _plain(cell) for key, cell in row.items()} for row in rows],
        }


def choose(
    strategies: pd.DataFrame,
    runs: pd.DataFrame,
    limits: Sequence[Limit],
    aims: Sequence[Aim],
    circumstances: Sequence[str] = (),
    now: int | None = None,
) -> Choice:
    """Return the strategy that keeps every limit and loses least in the aims.

    `strategies` has a row a strategy (strategy, label, a column of text per axis), `runs` a row a run
    (strategy, replication, the measures). Axes named in `circumstances` are not the user's to choose:
    strategies that are equal in all the others form one candidate, which has to keep every limit under each
    of its circumstances and is judged by its worst values (minimax, as in robust optimization). Candidates
    that were not simulated under every circumstance, as under a Latin hypercube, are left out and named.

    Candidates that keep every limit are feasible; those of them that no other one dominates are the Pareto
    front. On the front the smallest sum of losses against the best in each aim is recommended, relative to
    the best, or to the range of the feasible where the best is 0; equal sums by the aims in turn, then by
    the number. The runner-up is the next that is not equal in every aim: on the front, or else of the other
    feasible ones. A run that never completes makes its duration infinite: beyond every limit, worst as an
    aim. `now` is the number of the strategy in force: the reasons say how it differs from the choice.

    Raises ValueError when there is no strategy or no aim, when two aims are on one statistic, when a
    circumstance is no axis, when a strategy has no runs, or when the runs lack a measure.
    """
    limits = tuple(dict.fromkeys(limits))
    _check(strategies, runs, aims)
    who = candidates(strategies, circumstances)
    runs = runs[runs["strategy"].isin(who.of.index)] if who.apart else runs
    result = judged(who, runs, limits, aims)
    sure = sureness_of(who, runs, limits)
    if not len(who):
        return _incomparable(who, result, sure, circumstances)
    best, runner_up = chosen(result)
    if best is None:
        return _refused(who, result, sure, circumstances)
    return Choice(
        table=_table(who, result, sure, {best: "recommended", runner_up: "runner-up"}),
        recommended=int(who.strategies[best]),
        runner_up=None if runner_up is None else int(who.strategies[runner_up]),
        nearest=None,
        answer=answer(who, result, best),
        reasons=(
            *reasons(who, result, best, runner_up, circumstances),
            *gains(who, result, best, who.of.get(now)),
            *sureness(who, best, limits, sure.iloc[best], circumstances),
        ),
        in_the_way=(),
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


def _refused(who: Candidates, result: Judged, sure: pd.DataFrame, circumstances: Sequence[str]) -> Choice:
    closest = nearest(result)
    return Choice(
        table=_table(who, result, sure, {closest: "nearest"}),
        recommended=None,
        runner_up=None,
        nearest=int(who.strategies[closest]),
        answer=refusal(who, result, closest),
        reasons=tuple(obstacles(who, result, closest, circumstances)),
        in_the_way=tuple(str(result.limits[i]) for i in in_the_way(result)),
    )


def _incomparable(
    who: Candidates, result: Judged, sure: pd.DataFrame, circumstances: Sequence[str]
) -> Choice:
    return Choice(
        table=_table(who, result, sure, {}),
        recommended=None,
        runner_up=None,
        nearest=None,
        answer=incomparable(circumstances),
        reasons=tuple(apart(who)),
        in_the_way=(),
    )


def _table(
    who: Candidates, result: Judged, sure: pd.DataFrame, roles: Mapping[int | None, str]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "strategy": who.strategies,
            "label": pd.Series(who.labels, dtype="str"),
            **{str(aim.statistic): result.reached[:, i] for i, aim in enumerate(result.aims)},
            **{str(limit): result.found[:, i] for i, limit in enumerate(result.limits)},
            "feasible": result.feasible,
            "front": result.front,
            "loss": result.loss,
            "probability": sure["probability"].to_numpy(),
            "role": pd.Series([roles.get(i, "") for i in range(len(who))], dtype="str"),
        }
    )


def _plain(cell: Any) -> Any:
    if isinstance(cell, float) and not math.isfinite(cell):
        return None if math.isnan(cell) else "inf" if cell > 0 else "-inf"
    return cell
