"""One block: some replications of one strategy, simulated and measured. What workers do."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine import simulate
from sim.errors import InputError
from sim.metrics import MEASURES, Rollout, Steps, counted_measures, last_change_s, measure_rollout, step_at
from sim.sweep.plan import Plan

if TYPE_CHECKING:
    from sim.engine.kernel.player import Played, Player
    from sim.spec.scenario import Scenario

BLOCK = 64
"""The replications of a block. Bands are taken over a strategy's first one."""

BANDS = ("available", "pods", "physical")
BAND_COLUMNS = ("series", "time_s", "p5", "median", "p95")
SECOND = 1_000_000
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
    """What became of a task: a column a measure, and the bands of a first block; or the run that failed.

    ``left_over``: how many of its runs the kernel left to the model.
    """

    task: Task
    columns: dict[str, NDArray[Any]]
    bands: dict[str, NDArray[Any]] | None = None
    failure: Failure | None = None
    left_over: int = 0


class Course(NamedTuple):
    """One rollout over time: when the template first changed, how long its pods moved after that (both in s),
    and the step functions BANDS.
    """

    started_s: float
    span_s: float
    series: tuple[Steps, ...]


def run_block(plan: Plan, task: Task) -> Outcome:
    """Simulate and measure the runs of ``task``."""
    runs = _Runs(plan, task)
    try:
        runs.run()
        bands = bands_of(runs.courses) if task.start == 0 else None
    except Exception as error:
        told = isinstance(error, InputError)
        what = str(error) if told else f"{type(error).__name__}: {error}"
        failure = Failure(task.strategy, runs.replication, what, traceback.format_exc())
        return Outcome(task, {}, failure=failure)
    return Outcome(task, runs.columns, bands, left_over=runs.left_over)


class _Runs:
    """The runs of a task: those that the kernel can play, and the others."""

    def __init__(self, plan: Plan, task: Task) -> None:
        self._plan, self._task = plan, task
        self.replication = task.start  # the one at which it failed, if it did
        self.columns: dict[str, NDArray[Any]] = {}
        self.courses: list[Course] = []
        self.left_over = 0

    def run(self) -> None:
        found = _player(self._plan, self._task.strategy)
        start, stop = self._task.start, self._task.stop
        if found.player is None:
            self._add([self._measured(found.scenario, number) for number in range(start, stop)])
            return
        # Bands are over the first block alone: the course of the others is not kept.
        first = min(stop, BLOCK) if start == 0 else start
        for begin, end in ((start, first), (first, stop)):
            if begin < end:
                self._play(found.scenario, found.player, begin, end)
        # A sweep has many strategies, each with an arena of a megabyte or so.
        found.player.forget()

    def _measured(self, scenario: Scenario, replication: int) -> dict[str, Any]:
        self.replication = replication
        name = self._plan.measured(self._plan.strategies[self._task.strategy].base)
        rollout = Rollout(simulate(scenario, replication=replication, engine="model"), name)
        if self._task.start == 0 and replication < BLOCK:
            span_s = last_change_s(rollout) - rollout.started_s
            self.courses.append(Course(rollout.started_s, span_s, tuple(map(rollout.series, BANDS))))
        measures = measure_rollout(rollout)
        return {name: getattr(measures, name) for name in MEASURES}

    def _add(self, rows: Sequence[dict[str, Any]]) -> None:
        for name, meaning in MEASURES.items():
            dtype = _DTYPES.get(meaning.unit, np.float64)
            self._append(name, np.array([row[name] for row in rows], dtype=dtype))

    def _append(self, name: str, column: NDArray[Any]) -> None:
        known = self.columns.get(name)
        self.columns[name] = column if known is None else np.concatenate((known, column))

    def _play(self, scenario: Scenario, player: Player, start: int, stop: int) -> None:
        played = player.play(start, stop, courses=start == 0)
        columns = counted_measures(played.rows, played.means, scenario.horizon_s, player.pod_name)
        courses = [_course(played, i) for i in range(len(played.courses))]
        left_over = played.left_over()
        self.left_over += len(left_over)
        for i in left_over:
            row = self._measured(scenario, start + i)
            for name, value in row.items():
                columns[name][i] = value
            if courses:
                courses[i] = self.courses.pop()
        for name, column in columns.items():
            self._append(name, column)
        self.courses += courses


def _course(played: Played, i: int) -> Course:
    started, moved = played.span(i)
    course = played.courses[i]
    times = course[:, 0] / SECOND
    series = tuple((times, course[:, 1 + j].astype(np.float64)) for j in range(len(BANDS)))
    return Course(started / SECOND, moved / SECOND - started / SECOND, series)


class _Found(NamedTuple):
    scenario: Scenario
    player: Player | None


# A worker has its players from one task to the next; threads of one process do not share them.
_mine = threading.local()


def _player(plan: Plan, strategy: int) -> _Found:
    if getattr(_mine, "plan", None) is not plan:
        _mine.plan, _mine.players = plan, {}
    players: dict[int, _Found] = _mine.players
    if strategy not in players:
        players[strategy] = _found(plan, strategy)
    return players[strategy]


def _found(plan: Plan, strategy: int) -> _Found:
    scenario = plan.scenario(strategy)
    if strategy in plan.left_to_model:
        return _Found(scenario, None)
    from sim.engine.kernel.player import Player
    from sim.engine.kernel.question import Question

    return _Found(scenario, Player(Question(scenario), scenario.seed))


def bands_of(courses: Sequence[Course]) -> dict[str, NDArray[Any]]:
    """Return p5, median and p95 of the pods at 241 moments from the first template change to a little after
    the last pod of any of ``courses`` moved: columns series, time_s, p5, median, p95.

    A quantile of counts is a count: the least one that so large a share of the runs does not exceed.
    """
    span = max(max(course.span_s for course in courses), 1.0)
    moments = np.linspace(0.0, 1.04 * span, _MOMENTS).round(3)
    columns: dict[str, list[NDArray[Any]]] = {name: [] for name in BAND_COLUMNS}
    for place, series in enumerate(BANDS):
        values = np.array([step_at(*course.series[place], moments + course.started_s) for course in courses])
        low, middle, high = np.quantile(values, _QUANTILES, axis=0, method="inverted_cdf")
        added = (np.full(moments.size, series, dtype=object), moments, low, middle, high)
        for column, part in zip(columns.values(), added, strict=True):
            column.append(part)
    return {name: np.concatenate(parts) for name, parts in columns.items()}
