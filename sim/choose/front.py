"""Choosing between several costs: the Pareto front, and how much each point loses against the best.

Costs are arrays [point, aim] in which less is better; -inf and inf are allowed, nan is not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def pareto_front(costs: Floats) -> Bools:
    """Return which points no other one dominates: is as good in every aim and better in one; equals stay.

    Points [n, k] in, truth values [n] out. Example: (1, 3), (2, 2), (2, 3), (1, 3) are on, on, off, on.
    """
    on_front = np.zeros(len(costs), dtype=bool)
    # In lexicographic order, by whichever aim first, what dominates a point comes before it; and what is
    # dominated itself has been dominated by one on the front.
    for point in np.lexsort(costs.T):
        best = costs[on_front]
        dominating = (best <= costs[point]).all(axis=1) & (best < costs[point]).any(axis=1)
        on_front[point] = not dominating.any()
    return on_front


def losses(costs: Floats) -> Floats:
    """Return by how much each point is worse than the best of them, aim by aim: an array [n, k], >= 0.

    Relative to the best; where that is 0, to the range of the finite ones. An infinite cost loses inf, unless
    all of them are infinite and none loses. Where more is better costs are negative, and half as much loses
    what twice as much loses otherwise, all of it; nothing at all loses inf: no saving makes up for an outage.
    """
    out = np.zeros_like(costs)
    for aim, cost in enumerate(costs.T):
        best = cost.min(initial=np.inf)
        if np.isinf(best):
            out[cost != best, aim] = np.inf
            continue
        scale = abs(best) or cost[np.isfinite(cost)].max() or 1.0
        out[:, aim] = (cost - best) / scale
        if best < 0 and (cost <= 0).all():
            times = np.full(cost.shape, np.inf)
            out[:, aim] = np.divide(best, cost, out=times, where=cost < 0) - 1.0
    return out


def ranking(costs: Floats) -> Ints:
    """Return the points by their summed losses, the least first; equal ones by the aims in turn, then as
    given.
    """
    lost = losses(costs)
    # Sums that differ in the last bits only are equal.
    total = np.array([float(f"{value:.9g}") for value in lost.sum(axis=1)])
    return np.lexsort([*lost.T[::-1], total])
