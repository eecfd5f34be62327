"""The sweep itself: rounds of blocks until every strategy has its replications."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from sim.engine import LEFT_OVER, Engine
from sim.engine.kernel.compiled import prepare
from sim.errors import Diagnostic, InputError, one_line
from sim.stats import Precision, reached
from sim.store import make_folder
from sim.sweep.block import BLOCK, Failure, Outcome, Task
from sim.sweep.executors import Executor, cores, executor
from sim.sweep.folder import Folder, joined
from sim.sweep.lock import locked
from sim.sweep.plan import MOST_REPLICATIONS, MOST_RUNS, REPLICATIONS, Plan, Progress
from sim.sweep.sample import Sample, bands_table, describe, runs_table, strategies_table
from sim.sweep.tables import arrow

Enough = Callable[[pd.DataFrame], "pd.Series[bool]"]
"""Whether each strategy has enough runs, by its number, told by the runs of some strategies."""

_PODS_A_TASK, _MOST_BLOCKS = 32_768, 16
_PODS_ALONE = 1_000_000  # the kernel replaces so many in less time than a process takes to start


def sweep(
    plan: Plan,
    replications: int = REPLICATIONS,
    *,
    precision: Precision | None = None,
    enough: Enough | None = None,
    most: int = MOST_REPLICATIONS,
    workers: int | None = 1,
    dask: str | None = None,
    out: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    engine: Engine = "auto",
    note: Callable[[str], object] | None = None,
) -> Sample:
    """Simulate every strategy of ``plan`` ``replications`` times, and return the sample.

    With ``precision``: 64, 128, 256 … replications of a strategy until its interval is that narrow, or with
    ``enough`` in its place until that is true of its runs, ``most`` at the most. ``workers`` processes
    (None: as many as pay) or ``dask`` (see `executors.executor`) make no difference to the result. ``out``
    is a folder that is filled as results come; with ``resume`` what it holds is not run again. When
    interrupted, what is done is in it. ``engine`` makes no difference either: "auto" is the kernel where it
    can; ``note`` is told when it has to be compiled first, and how many runs it left to the model where the
    kernel was asked for. Raises InputError for an absurd number of runs (E503), a folder that cannot be used
    (E520 to E525, E901), an executor that cannot (E511 to E514), runs that failed (E530), and an engine that
    cannot (E540, E541).
    """
    plan = replace(plan, engine=engine)
    engines = plan.engines
    if precision is not None:
        enough = partial(reached, precision)
    greatest = replications if enough is None else most
    _check_size(plan, greatest)
    asked = {
        "replications": replications if enough is None else None,
        "precision": None if precision is None else str(precision),
        "most": None if enough is None else most,
    }
    about = {**describe(plan), **asked, "engine": engines}
    if engines.startswith("kernel") and (dask is None or dask == "local"):
        prepare(note)
    folder = None
    # The executor first: one that cannot be leaves no folder behind.
    if workers is None:
        workers = 1 if dask is None and _is_small(plan, engines, greatest) else cores()
    with executor(plan, workers, dask) as runner, _own(out):
        if out is not None:
            folder = Folder.resume(out, about) if resume else Folder.create(out, about)
        collector = Collector(plan, folder, progress)
        with collector.kept():
            if enough is None:
                collector.run(runner, {s.number: replications for s in plan.strategies})
            else:
                _until(enough, collector, runner, most)
        sample = collector.sample(about)
        if folder is not None:
            folder.finish(sample)
    if engine == "kernel" and note is not None:
        _tell(note, collector.left_over, len(sample.runs))
    return sample


def _tell(note: Callable[[str], object], left_over: int, runs: int) -> None:
    if left_over:
        note(f"the kernel could not play {left_over:,} of {runs:,} runs {LEFT_OVER}; the model did")


@contextmanager
def _own(out: Path | None) -> Iterator[None]:
    if out is None:
        yield
        return
    arrow()
    make_folder(out)
    with locked(out):
        yield


def _is_small(plan: Plan, engines: str, replications: int) -> bool:
    """Whether the runs take less time than processes for them would take to start."""
    pods = sum(d.replicas for d in plan.bases[0].all_deployments) * len(plan.strategies) * replications
    return engines == "kernel" and pods <= _PODS_ALONE


def _check_size(plan: Plan, replications: int) -> None:
    runs = len(plan.strategies) * replications
    if runs > MOST_RUNS:
        message = f"{len(plan.strategies):,} strategies × {replications:,} replications are {runs:,} runs"
        raise InputError(Diagnostic(code="E503", message=message, expected=f"at most {MOST_RUNS:,}"))


def _until(enough: Enough, collector: Collector, runner: Executor, most: int) -> None:
    """Double the replications of the strategies that do not have enough yet.

    A strategy's replications depend on its own runs alone: on no other strategy, and on nobody's speed. To
    stop when the interval happens to be narrow costs it little: of lognormal durations (sigma 0.2 to 0.5) the
    interval of the mean then covers the truth 94 to 95 times in 100.
    """
    lacking = [strategy.number for strategy in collector.plan.strategies]
    count = min(BLOCK, most)
    while True:
        collector.run(runner, dict.fromkeys(lacking, count))
        done = enough(collector.runs(lacking, count))
        lacking = [number for number in lacking if not done[number]]
        if not lacking or count == most:
            return
        count = min(2 * count, most)


class Collector:
    """Gathers outcomes, in memory and in a folder."""

    def __init__(self, plan: Plan, folder: Folder | None, progress: Progress | None) -> None:
        self.plan, self._folder, self._progress = plan, folder, progress
        self._outcomes: list[Outcome] = []
        found = (runs_table([]), bands_table([])) if folder is None else folder.read()
        self._found_runs, self._found_bands = found
        strategies = self._found_runs["strategy"].tolist()
        starts = (self._found_runs["replication"] // BLOCK * BLOCK).tolist()
        self._done = set(zip(strategies, starts, strict=True))
        self._runs = len(strategies)
        self._wanted = 0
        self.left_over = 0
        self._targets: dict[int, int] = {}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Have what is done on disk, however this ends."""
        try:
            yield
        finally:
            if self._folder is not None:
                self._folder.flush()

    def run(self, runner: Executor, targets: dict[int, int]) -> None:
        """Run what is missing of so many replications of each strategy; InputError (E530) if some failed."""
        self._targets |= targets
        tasks = [task for number, count in targets.items() for task in blocks(number, count)]
        missing = [task for task in tasks if (task.strategy, task.start) not in self._done]
        missing = arranged(missing, self._blocks_of)
        self._wanted = self._runs + sum(task.runs for task in missing)
        self._report()
        failures = []
        for outcome in runner.map(missing):
            if outcome.failure is not None:
                failures.append(outcome.failure)
                continue
            self._outcomes.append(outcome)
            self.left_over += outcome.left_over
            if self._folder is not None:
                self._folder.add(outcome)
            task = outcome.task
            self._done.update((task.strategy, start) for start in range(task.start, task.stop, BLOCK))
            self._runs += outcome.task.runs
            self._report()
        if failures:
            failures.sort(key=lambda failure: (failure.strategy, failure.replication))
            raise InputError(map(self._problem, failures))

    def _blocks_of(self, strategy: int) -> int:
        """Return how many blocks of a strategy make a task of a few milliseconds."""
        if strategy in self.plan.left_to_model:
            return 1
        pods = sum(d.replicas for d in self.plan.bases[self.plan.strategies[strategy].base].all_deployments)
        return max(1, min(_MOST_BLOCKS, _PODS_A_TASK // (BLOCK * max(1, pods))))

    def _report(self) -> None:
        if self._progress is not None:
            self._progress(self._runs, self._wanted)

    def runs(self, strategies: Iterable[int], count: int) -> pd.DataFrame:
        """Return the first ``count`` runs of some strategies: a session before may have done more."""
        numbers = set(strategies)
        found = self._found_runs[self._found_runs["strategy"].isin(numbers)]
        runs = _sorted(found, [one for one in self._outcomes if one.task.strategy in numbers])
        return runs[runs["replication"] < count]

    def sample(self, about: dict[str, object]) -> Sample:
        """Return all that was asked for."""
        new = bands_table(self._outcomes)
        bands = joined([self._found_bands, new], new)
        bands = bands.sort_values("strategy", kind="stable", ignore_index=True)
        runs = _sorted(self._found_runs, self._outcomes)
        if len(runs) > sum(self._targets.values()):
            wanted = runs["replication"] < runs["strategy"].map(self._targets)
            runs = runs[wanted].reset_index(drop=True)
        return Sample(strategies_table(about), runs, bands, about)

    def _problem(self, failure: Failure) -> Diagnostic:
        strategy = self.plan.strategies[failure.strategy]
        origin = self.plan.origin if strategy.base == 0 else ""
        words = shlex.split(origin) if origin else [self.plan.bases[strategy.base].source]
        words += [word for assignment in strategy.assignments for word in ("--set", assignment)]
        words += ["--seed", str(self.plan.seed), "--replication", str(failure.replication)]
        alone = shlex.join(["rollsim", "run", *words])
        message = f"strategy {failure.strategy} ({strategy.label}) failed: {failure.error}"
        return Diagnostic(code="E530", message=one_line(message, 200), expected=f"to see it alone: {alone}")


def _sorted(found: pd.DataFrame, outcomes: Iterable[Outcome]) -> pd.DataFrame:
    new = runs_table(outcomes)
    if found.empty:
        return new
    return joined([found, new], new).sort_values(["strategy", "replication"], ignore_index=True)


def blocks(strategy: int, replications: int) -> list[Task]:
    """Return the tasks that make up so many replications of a strategy."""
    starts = range(0, replications, BLOCK)
    return [Task(strategy, start, min(start + BLOCK, replications)) for start in starts]


def arranged(tasks: Sequence[Task], blocks_of: Callable[[int], int]) -> list[Task]:
    """Return tasks of one block each in the order in which to run them, some of them joined to one.

    The first replications of all strategies come first: a block is drawn once for all of them. Of a strategy
    for which ``blocks_of`` is n, up to n blocks that follow each other make one task.
    """

    def window(task: Task) -> tuple[int, int]:
        return task.start // (BLOCK * blocks_of(task.strategy)), task.strategy

    joined_tasks: list[Task] = []
    for task in sorted(tasks, key=lambda task: (*window(task), task.start)):
        last = joined_tasks[-1] if joined_tasks else None
        if last is not None and window(last) == window(task) and last.stop == task.start:
            joined_tasks[-1] = Task(task.strategy, last.start, task.stop)
        else:
            joined_tasks.append(task)
    return joined_tasks
