"""One block: some replications of one strategy, simulated and measured. What workers do."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine import simulate
from sim.metrics import MEASURES, Rollout, last_change_s, measure_rollout, step_at
from sim.sweep.plan import Plan

BLOCK = 64
"""The replications of a block. Bands are taken over a strategy's first one."""

BANDS = ("available", "counted", "physical")
BAND_COLUMNS = ("series", "time_s", "p5", "median", "p95")
_MOMENTS = 241
_QUANTILES = (0.05, 0.5, 0.95)
_DTYPES = {"yes/no": np.bool_, "pods": np.int64, "text": object}


class Task(NamedTuple):
    """Replications ``start`` to ``stop`` - 1 of one strategy."""

    strategy: int
    start: int
    stop: int

    @property
    def runs(self) -> int:
        """How many runs these are."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that raised what is no mistake of the user's."""

    strategy: int
    replication: int
    error: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: a column a measure, and the bands of a first block; or the run that failed."""

    task: Task
    columns: dict[str, NDArray[Any]]
    bands: dict[str, NDArray[Any]] | None = None
    failure: Failure | None = None


def run_block(plan: Plan, task: Task) -> Outcome:
    """Simulate and measure the runs of ``task``."""
    replication = task.start
    rows, rollouts = [], []
    try:
        scenario = plan.scenario(task.strategy)
        name = plan.measured(plan.strategies[task.strategy].base)
        for replication in range(task.start, task.stop):
            rollout = Rollout(simulate(scenario, replication=replication), name)
            rows.append(measure_rollout(rollout))
            if task.start == 0:
                rollouts.append(rollout)
        bands = bands_of(rollouts) if rollouts else None
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        failure = Failure(task.strategy, replication, what, traceback.format_exc())
        return Outcome(task, {}, failure=failure)
    columns: dict[str, NDArray[Any]] = {
        name: np.array([getattr(row, name) for row in rows], dtype=_DTYPES.get(meaning.unit, np.float64))
        for name, meaning in MEASURES.items()
    }
    return Outcome(task, columns, bands)


def bands_of(rollouts: Sequence[Rollout]) -> dict[str, NDArray[Any]]:
    """Return p5, median and p95 of the pods at 241 moments from the first template change to a little after
    the last pod of any of ``rollouts`` moved: columns series, time_s, p5, median, p95.

    A quantile of counts is a count: the least one that so large a share of the runs does not exceed.
    """
    span = max(max(last_change_s(rollout) - rollout.started_s for rollout in rollouts), 1.0)
    moments = np.linspace(0.0, 1.04 * span, _MOMENTS).round(3)
    columns: dict[str, list[NDArray[Any]]] = {name: [] for name in BAND_COLUMNS}
    for series in BANDS:
        values = np.array([step_at(*r.series(series), moments + r.started_s) for r in rollouts])
        low, middle, high = np.quantile(values, _QUANTILES, axis=0, method="inverted_cdf")
        added = (np.full(moments.size, series, dtype=object), moments, low, middle, high)
        for column, part in zip(columns.values(), added, strict=True):
            column.append(part)
    return {name: np.concatenate(parts) for name, parts in columns.items()}
