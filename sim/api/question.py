"""What is asked of a choice: limits and aims, and those that hold when nobody says."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim.choose import DEFAULT_AIMS, DEFAULT_LIMITS, Aim, parse_aim
from sim.metrics import OF_COMPLETION
from sim.stats import Limit, Statistic, parse_limit

_SHARE = 0.95


def limits_of(given: Iterable[Limit] = ()) -> tuple[Limit, ...]:
    """Return the limits, and DEFAULT_LIMITS unless one of them says what becomes of rollouts that do not
    complete: who asks for few pods, or for half of the rollouts to be fast, does not ask for rollouts that
    never end.
    """
    found = tuple(given)
    if any(map(_says_what_completes, found)):
        return found
    return (*found, *map(parse_limit, DEFAULT_LIMITS))


def _says_what_completes(limit: Limit) -> bool:
    """Whether a limit is on completion, or on a finite duration of so many runs as have to complete."""
    required, statistic = limit.requirement, limit.statistic
    if required.measure in OF_COMPLETION:
        return True
    if required.measure != "duration_s" or required.op not in ("<=", "<") or math.isinf(required.value):
        return False
    share = 1.0 if statistic is None else statistic.quantile
    return share is None or share >= _SHARE  # a mean is finite when every run is


def aims_of(minimize: Iterable[Statistic] = (), maximize: Iterable[Statistic] = ()) -> tuple[Aim, ...]:
    """Return the aims, or DEFAULT_AIMS without any; raises ValueError for a statistic that comes twice."""
    aims = [Aim(one, "minimize") for one in minimize] + [Aim(one, "maximize") for one in maximize]
    statistics = [aim.statistic for aim in aims]
    twice = next((one for one in statistics if statistics.count(one) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is an aim twice")
    return tuple(aims) or tuple(map(parse_aim, DEFAULT_AIMS))
