"""Benchmarks of sweeps: what a second worker brings, and what a million runs need of memory."""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sim.metrics import MEASURES
from sim.spec.scenario import Scenario
from sim.sweep import rounds
from sim.sweep.axes import grid, parse_axis
from sim.sweep.block import Outcome, Task, run_block
from sim.sweep.plan import Plan, plan_sweep

STRATEGIES = 100
RUNS = 1_000_000


def plan_of(scenario: Scenario) -> Plan:
    """A grid of 19 strategies."""
    axes = ("maxSurge=0,1,25%,50%,100%", "maxUnavailable=0,1,25%,50%")
    return plan_sweep(scenario, grid([parse_axis(axis) for axis in axes]))


def million(scenario: Scenario, runs: int = RUNS) -> None:
    """Collect so many runs in a folder, each block a copy of a simulated one; print the peak of memory."""
    plan = plan_sweep(scenario, grid([parse_axis(f"maxSurge=1..{STRATEGIES}")]))
    block = run_block(plan, Task(0, 0, 64))

    class Copies:
        def map(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            for task in tasks:
                columns = {name: np.resize(block.columns[name], task.runs) for name in MEASURES}
                yield Outcome(task, columns, block.bands if task.start == 0 else None)

    @contextmanager
    def copies(*_: object) -> Iterator[Copies]:
        yield Copies()

    rounds.executor = copies  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as out:
        sample = rounds.sweep(plan, runs // STRATEGIES, out=Path(out) / "sweep")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    print(f"{len(sample.runs):,} runs collected in a folder: {megabytes:,.0f} MiB of memory at the most")


if __name__ == "__main__":
    from sim.spec.scenario import load

    million(load(Path(__file__).resolve().parents[2] / "scenarios" / "manifests" / "testqc.yaml"))
