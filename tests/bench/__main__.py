"""Benchmarks as ratios: each figure beside a yardstick measured in turn with it, on whatever machine.

`make bench` prints the table; nothing here asserts a time. Rounds: ROLLSIM_BENCH_ROUNDS (default 7).
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import simpy

from sim.engine.model import Model
from sim.spec.manifest import parse_manifests
from sim.spec.scenario import Scenario, scenario_from_manifests
from sim.sweep.rounds import sweep
from tests.bench import sweeps

ROUNDS = int(os.environ.get("ROLLSIM_BENCH_ROUNDS", "7"))
ROOT = Path(__file__).resolve().parents[2]
REPLICAS = (10, 100, 1_000, 5_000)
MANIFEST = (ROOT / "scenarios" / "manifests" / "testqc.yaml").read_text(encoding="utf-8")


def scenario(replicas: int) -> Scenario:
    """The first scenario's manifests with so many replicas, on the `fast` profile, with time to complete."""
    text = MANIFEST.replace("replicas: 3", f"replicas: {replicas}")
    return scenario_from_manifests(parse_manifests(text, "bench"), profile="fast", horizon_s=36_000)


def bare(events: int) -> None:
    """Schedule so many events with nothing in them: processes that wait, 20 times each."""
    env = simpy.Environment()

    def wait() -> simpy.events.ProcessGenerator:
        for _ in range(18):  # and one event each for its start and its end
            yield env.timeout(1)

    for _ in range(events // 20):
        env.process(wait())
    env.run()


def paired(
    one: Callable[[], object], other: Callable[[], object], rounds: int = ROUNDS
) -> tuple[float, float, float]:
    """Median seconds of each, and the median of the ratios of neighbouring runs."""
    times: list[tuple[float, float]] = []
    for round_ in range(rounds + 1):
        started = time.perf_counter()
        one()
        between = time.perf_counter()
        other()
        if round_:  # the first round warms up
            times.append((between - started, time.perf_counter() - between))
    first, second = zip(*times, strict=True)
    return statistics.median(first), statistics.median(second), statistics.median(a / b for a, b in times)


def engine() -> None:
    """New pods a second, beside bare SimPy with the same number of events."""
    print("| replicas | events a pod | new pods/s | µs a pod | bare SimPy, µs | ratio |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    costs: dict[int, float] = {}
    for replicas in REPLICAS:
        asked = scenario(replicas)
        trial = Model(asked, 1, 0)
        trial.run()
        events = trial.env.scheduled
        times = max(1, 2_000 // replicas)

        def play(asked: Scenario = asked, times: int = times) -> None:
            for replication in range(times):
                Model(asked, 1, replication).run()

        def wait(events: int = events, times: int = times) -> None:
            for _ in range(times):
                bare(events)

        ours, theirs, ratio = paired(play, wait)
        costs[replicas] = ours / times / replicas
        cost = costs[replicas]
        cells = (replicas, f"{events / replicas:.1f}", f"{1 / cost:,.0f}", f"{cost * 1e6:.0f}")
        print(
            "| " + str(cells[0]),
            *cells[1:],
            f"{theirs / times / replicas * 1e6:.0f}",
            f"{ratio:.2f}",
            sep=" | ",
            end=" |\n",
        )
    print(f"\nA pod at 5,000 replicas costs {costs[5_000] / costs[100]:.2f} of one at 100.")


def commands() -> None:
    """Whole commands beside the imports that they cannot do without."""

    def command(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run(words, check=True, capture_output=True, cwd=ROOT)

    python = sys.executable
    libraries = "import simpy, numpy, pandas, matplotlib.figure, click"
    with tempfile.TemporaryDirectory() as out:
        first = (python, "-m", "sim", "run", "scenarios/01-first-rollout.yaml")
        rows = [
            ("rollsim --help", (python, "-m", "sim", "--help"), "import click"),
            ("rollsim run, first scenario", first, libraries),
            ("rollsim run, first scenario, with charts", (*first, "--out", out), libraries),
        ]
        print("| command | s | beside `python -c` | s | ratio |")
        print("| --- | ---: | --- | ---: | ---: |")
        for name, words, beside in rows:
            ours, theirs, ratio = paired(command(*words), command(python, "-c", beside))
            print(f"| {name} | {ours:.2f} | {beside} | {theirs:.2f} | {ratio:.2f} |")


def many() -> None:
    """A sweep by one process and by two, and the memory of a million runs."""
    plan = sweeps.plan_of(scenario(10))
    runs = 128 * len(plan.strategies)
    one, two, ratio = paired(lambda: sweep(plan, 128), lambda: sweep(plan, 128, workers=2), rounds=3)
    print(
        f"{runs:,} runs of 10 replicas: {one:.1f} s by one worker, {two:.1f} s by two, {ratio:.2f} x as fast"
    )
    print(f"({runs / two:,.0f} runs/s by two, the start of the workers included)")
    python = (sys.executable, "-m", "tests.bench.sweeps")
    print(subprocess.run(python, check=True, capture_output=True, text=True, cwd=ROOT).stdout, end="")


if __name__ == "__main__":
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    engine()
    print()
    commands()
    print()
    many()
