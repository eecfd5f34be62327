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

# Who sets a limit on one of these, or an aim, has said what may become of the pods that serve.
_SERVING = frozenset(
    (
        *("min_availability", "mean_availability", "min_ready", "deepest_dip"),
        *("below_desired_s", "below_floor_s", "longest_dip_s"),
    )
)
# Those two are at their worst when nobody serves: to want more of them allows no such moment.
_LEAST = frozenset(("min_availability", "min_ready"))
# So much of a sum of losses is little: a dip is not worth it.
_LITTLE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Candidates 0 … n-1 against k aims and m limits: `reached` [n, k] and `found` [n, m] are the worst
    values under any circumstance, `kept` [n, m] whether the limit is kept, `gap` [n] whether there is a
    moment without any available pod, `feasible` [n] whether all limits are kept and such a moment was asked
    for where there is one, `front` [n] which feasible ones no other dominates, `loss` [n] the summed losses
    (nan when not feasible), `order` the feasible ones from the least loss on.
    """

    aims: tuple[Aim, ...]
    limits: tuple[Limit, ...]
    reached: Floats
    found: Floats
    kept: Bools
    gap: Bools
    feasible: Bools
    front: Bools
    loss: Floats
    order: Ints

    @property
    def withheld(self) -> Bools:
        """Which candidates keep every limit, and are not offered for a moment without any available pod."""
        return np.asarray(self.kept.all(axis=1) & ~self.feasible)


def judged(who: Candidates, runs: pd.DataFrame, limits: Sequence[Limit], aims: Sequence[Aim]) -> Judged:
    """Return the candidates judged by their runs."""
    reached = np.column_stack([aim_values(who, runs, aim) for aim in aims])
    found = np.empty((len(who), len(limits)))
    kept = np.empty(found.shape, dtype=bool)
    for i, limit in enumerate(limits):
        found[:, i] = limit_values(who, runs, limit)
        kept[:, i] = limit.holds(found[:, i])
    gap = _gaps(who, runs)
    feasible: Bools = np.asarray(kept.all(axis=1))
    if not gap.all() and not _asked_for(limits, aims):
        feasible &= ~gap
    signs = [1.0 if aim.sense == "minimize" else -1.0 for aim in aims]
    costs = np.where(np.isnan(reached), np.inf, reached * signs)[feasible]
    front, loss = np.zeros(len(who), dtype=bool), np.full(len(who), np.nan)
    front[feasible] = pareto_front(costs)
    loss[feasible] = losses(costs).sum(axis=1)
    order = np.flatnonzero(feasible)[ranking(costs)]
    return Judged(tuple(aims), tuple(limits), reached, found, kept, gap, feasible, front, loss, order)


def _gaps(who: Candidates, runs: pd.DataFrame) -> Bools:
    if "min_availability" not in runs:
        return np.zeros(len(who), dtype=bool)
    least = runs.groupby("strategy")["min_availability"].min()
    gap: Bools = (least <= 0).groupby(who.of).any().to_numpy(np.bool_)
    return gap


def _asked_for(limits: Sequence[Limit], aims: Sequence[Aim]) -> bool:
    """Whether limits or aims on availability allow a moment without any available pod."""
    wanted = any(aim.statistic.measure in _SERVING - _LEAST for aim in aims)
    return wanted or any(limit.requirement.measure in _SERVING for limit in limits)


def chosen(result: Judged, now: int | None, whole: Bools | None) -> tuple[int | None, int | None]:
    """Return the candidate with the least loss on the front and the next one that differs from it in an aim:
    on the front, or else of the other feasible ones; None where there is none.

    Of candidates equal in every aim the one in force `now` is it. One that is `whole` [n] (no pod is ever
    missing; None: nobody asked for that) is preferred to one that loses only a little less.
    """
    ranked = sorted(map(int, result.order), key=lambda i: not result.front[i])
    if not ranked:
        return None, None
    best = ranked[0]
    if whole is not None and not whole[best]:
        near = result.loss[best] + _LITTLE
        best = next((i for i in ranked if whole[i] and result.loss[i] <= near), best)
    if now is not None and result.feasible[now] and same_aims(result, now, best):
        best = now
    return best, next((i for i in ranked if not same_aims(result, i, best)), None)


def same_aims(result: Judged, one: int, other: int) -> bool:
    """Whether two candidates reach the same in every aim."""
    return np.array_equal(result.reached[one], result.reached[other], equal_nan=True)


def by_nearness(result: Judged) -> Ints:
    """Return the candidates from the one that comes nearest to keeping every limit on: by the sum of relative
    shortfalls, fewest infinite ones first; then by the number of limits that they break.

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
    # One that would not be offered anyway is no use as the nearest.
    return np.lexsort([(~result.kept).sum(axis=1), total, endless.sum(axis=1), result.withheld])


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
