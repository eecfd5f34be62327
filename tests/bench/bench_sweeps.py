"""Whole sweeps and whole commands: what a person waits for, and how much memory it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bench.questions import HUNDRED, MANIFEST, ROOT

CELLS = (
    "--axis",
    "maxSurge=0,1,25%,50%,100%",
    "--axis",
    "maxUnavailable=1,2,10%,25%",
    "--set",
    "replicas=10",
)
COMMANDS = {
    "rollsim --help": (("--help",), "import click"),
    "rollsim run, first scenario": (
        ("run", "scenarios/01-first-rollout.yaml"),
        "import simpy, numpy, pandas, matplotlib.figure, click",
    ),
    "rollsim sweep, 20 cells × 50": (
        ("sweep", str(MANIFEST), *CELLS, "--replications", "50"),
        "import numba, pandas",
    ),
}


def command(*words: str) -> Callable[[], object]:
    """Return what runs a command."""
    return lambda: subprocess.run(words, check=True, capture_output=True, cwd=ROOT)


@pytest.mark.parametrize("name", COMMANDS)
def bench_command(benchmark: Any, name: str) -> None:
    words, _ = COMMANDS[name]
    benchmark.extra_info |= {"row": name}
    benchmark.pedantic(command(sys.executable, "-m", "sim", *words), rounds=7, warmup_rounds=1)


@pytest.mark.parametrize("name", COMMANDS)
def bench_imports(benchmark: Any, name: str) -> None:
    _, code = COMMANDS[name]
    benchmark.extra_info |= {"row": name, "beside": code}
    benchmark.pedantic(command(sys.executable, "-c", code), rounds=7, warmup_rounds=1)


@pytest.mark.parametrize(("engine", "workers"), [("model", 1), ("model", 2), ("kernel", 1), ("kernel", 2)])
def bench_sweep(benchmark: Any, tmp_path: Path, engine: str, workers: int) -> None:
    """100 strategies of 10 replicas, written to Parquet; the kernel simulates fifty times as many runs."""
    replications = 16 if engine == "model" else 1_000
    asked = [engine, workers, 10, replications]
    sweep = command(sys.executable, "-m", "tests.bench.sweeping", json.dumps(asked))
    benchmark.extra_info |= {"row": f"{engine}, {workers}", "runs": 100 * replications}
    benchmark.pedantic(sweep, rounds=3)


def bench_a_million(benchmark: Any) -> None:
    """1,000,000 rollouts of 50 replicas, 100 strategies, on two cores, with the peak of memory."""
    found: dict[str, Any] = {}

    def sweep() -> None:
        words = (sys.executable, "-m", "tests.bench.sweeping", json.dumps(["kernel", 2, 50, 10_000]))
        done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT)
        found.update(json.loads(done.stdout))

    benchmark.pedantic(sweep, rounds=1)
    benchmark.extra_info |= {"row": "a million", "axes": list(HUNDRED), **found}
