"""What is asked of a choice: limits and aims, and those that hold when nobody says."""

from __future__ import annotations

from collections.abc import Iterable

from sim.choose import DEFAULT_AIMS, DEFAULT_LIMITS, Aim, parse_aim
from sim.metrics import OF_COMPLETION
from sim.stats import Limit, Statistic, parse_limit


def limits_of(given: Iterable[Limit] = ()) -> tuple[Limit, ...]:
    """Return the limits, and DEFAULT_LIMITS unless one of them is on stuck or complete: who asks for few
    pods, or for half of the rollouts to be fast, does not ask for rollouts that never end.
    """
    found = tuple(given)
    if any(limit.requirement.measure in OF_COMPLETION for limit in found):
        return found
    return (*found, *map(parse_limit, DEFAULT_LIMITS))


def aims_of(minimize: Iterable[Statistic] = (), maximize: Iterable[Statistic] = ()) -> tuple[Aim, ...]:
    """Return the aims, or DEFAULT_AIMS without any; raises ValueError for a statistic that comes twice."""
    aims = [Aim(one, "minimize") for one in minimize] + [Aim(one, "maximize") for one in maximize]
    statistics = [aim.statistic for aim in aims]
    twice = next((one for one in statistics if statistics.count(one) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is an aim twice")
    return tuple(aims) or tuple(map(parse_aim, DEFAULT_AIMS))
