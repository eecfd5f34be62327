"""Every candidate judged: what it reaches of the aims, which limits it keeps, what it loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.choose.aims import Aim
from sim.choose.candidates import Candidates, aim_values, excess, limit_values
from sim.choose.front import Bools, Floats, Ints, losses, pareto_front, ranking
from sim.stats import Limit


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Candidates 0 … n-1 against k aims and m limits: `reached` [n, k] and `found` [n, m] are the worst
    values under any circumstance, `kept` [n, m] whether the limit is kept, `feasible` [n] whether all are,
    `front` [n] which feasible ones no other dominates, `loss` [n] the summed losses (nan when not feasible),
    `order` the feasible ones from the least loss on.
    """

    aims: tuple[Aim, ...]
    limits: tuple[Limit, ...]
    reached: Floats
    found: Floats
    kept: Bools
    feasible: Bools
    front: Bools
    loss: Floats
    order: Ints


def judged(who: Candidates, runs: pd.DataFrame, limits: Sequence[Limit], aims: Sequence[Aim]) -> Judged:
    """Return the candidates judged by their runs."""
    reached = np.column_stack([aim_values(who, runs, aim) for aim in aims])
    found = np.empty((len(who), len(limits)))
    kept = np.empty(found.shape, dtype=bool)
    for i, limit in enumerate(limits):
        found[:, i] = limit_values(who, runs, limit)
        kept[:, i] = limit.holds(found[:, i])
    feasible: Bools = np.asarray(kept.all(axis=1))
    signs = [1.0 if aim.sense == "minimize" else -1.0 for aim in aims]
    costs = np.where(np.isnan(reached), np.inf, reached * signs)[feasible]
    front, loss = np.zeros(len(who), dtype=bool), np.full(len(who), np.nan)
    front[feasible] = pareto_front(costs)
    loss[feasible] = losses(costs).sum(axis=1)
    order = np.flatnonzero(feasible)[ranking(costs)]
    return Judged(tuple(aims), tuple(limits), reached, found, kept, feasible, front, loss, order)


def chosen(result: Judged) -> tuple[int | None, int | None]:
    """Return the candidate with the least loss on the front and the next one that differs from it in an aim:
    on the front, or else of the other feasible ones; None where there is none.
    """
    ranked = sorted(map(int, result.order), key=lambda i: not result.front[i])
    others = (i for i in ranked[1:] if not same_aims(result, i, ranked[0]))
    return next(iter(ranked), None), next(others, None)


def same_aims(result: Judged, one: int, other: int) -> bool:
    """Whether two candidates reach the same in every aim."""
    return np.array_equal(result.reached[one], result.reached[other], equal_nan=True)


def nearest(result: Judged) -> int:
    """Return the candidate that comes nearest to keeping every limit: the one with the smallest sum of
    relative shortfalls, fewest infinite ones first; then the one that breaks fewest limits.

    A shortfall is relative to the limit; where that is 0, to the greatest finite shortfall of any candidate.
    """
    short = np.zeros_like(result.found)
    for i, limit in enumerate(result.limits):
        gap = np.nan_to_num(excess(result.found[:, i], limit), nan=np.inf, posinf=np.inf, neginf=np.inf)
        gap[result.kept[:, i]] = 0.0
        size = abs(limit.requirement.value)
        finite = gap[np.isfinite(gap)]
        short[:, i] = gap / (size if 0 < size < np.inf else finite.max(initial=0.0) or 1.0)
    endless = np.isinf(short)
    total = np.where(endless, 0.0, short).sum(axis=1)
    return int(np.lexsort([(~result.kept).sum(axis=1), total, endless.sum(axis=1)])[0])


def kept_without(result: Judged) -> Ints:
    """Return per limit how many candidates keep all the others: an array [m]."""
    broken = (~result.kept).sum(axis=1, keepdims=True)
    return np.asarray((broken - ~result.kept == 0).sum(axis=0), np.int64)


def in_the_way(result: Judged) -> list[int]:
    """Return the limits because of which nothing is feasible: those nobody keeps, else those without which
    most candidates keep the others, else all of them.
    """
    alone, without = result.kept.sum(axis=0), kept_without(result)
    chosen_by = alone == 0 if (alone == 0).any() else without == without.max()
    return [int(i) for i in np.flatnonzero(chosen_by)]
