"""Equality is the test: the kernel's trace is the model's, row by row, its times compared with ==."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from sim.engine.kernel.question import cannot
from sim.spec.manifest import Deployment
from sim.spec.scenario import Scenario, load
from sim.spec.steps import KubectlStep
from tests.kernel.twins import difference
from tests.properties.questions import questions
from tests.properties.rollouts import scenarios

ROOT = Path(__file__).resolve().parents[2]
GALLERY = sorted((ROOT / "scenarios").glob("*.yaml"))
RECORDINGS = sorted((ROOT / "tests" / "recorded").glob("*.json"))
LEFT = "left to the model"


def play_many(strategy: st.SearchStrategy[Scenario], number: int, examples: int) -> Counter[str | None]:
    """Compare many random scenarios; fail with the smallest one that differs."""
    found: Counter[str | None] = Counter()

    @seed(number)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(strategy)
    def play(scenario: Scenario) -> None:
        assert cannot(scenario) is None
        told = difference(scenario)
        found[told] += 1
        assert told in (None, LEFT), told

    play()
    return found


@pytest.mark.slow
@pytest.mark.property
@pytest.mark.parametrize("number", range(8))
def test_random_questions(number: int) -> None:
    found = play_many(questions(), number, 300)
    # The model does not do the kernel's work: steps that are left out are few.
    assert found[LEFT] < found.total() / 3


@pytest.mark.slow
@pytest.mark.property
@pytest.mark.parametrize("healthy", [True, False])
def test_random_rollouts(healthy: bool) -> None:
    assert set(play_many(scenarios(healthy=healthy), 100, 400)) == {None}


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_the_gallery(path: Path) -> None:
    scenario = load(path)
    if cannot(scenario) is None:
        assert difference(scenario, (0, 1, 64)) is None


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_recordings(path: Path) -> None:
    # They begin with kubectl create, and watch or undo, which is the model's: what the Deployment goes
    # through after that is played with the recorded delays of every pod.
    whole = load(path)
    create, *steps = (step for step in whole.steps if isinstance(step, KubectlStep))
    assert create.command.verb == "create"
    there = [one.model for one in create.objects if isinstance(one.model, Deployment)]
    changes = tuple(step for step in steps if step.command.verb not in ("rollout status", "rollout undo"))
    scenario = replace(whole, deployments=tuple(there), steps=changes)
    assert cannot(scenario) is None
    assert difference(scenario, range(4)) is None


def test_it_plays_what_sweeps_ask_for() -> None:
    able = {path.stem for path in GALLERY if cannot(load(path)) is None}
    assert able == {
        "01-first-rollout",
        "13-scaling-mid-rollout",
        "16-three-hundred-replicas",
        "17-three-hundred-replicas-managed",
        "19-which-strategy",
    }


@pytest.mark.slow
def test_without_the_compiler() -> None:
    # What NumPy and Numba do differently (negative indices, overflow, rounding) would show here.
    done = in_python("play")
    assert (done.returncode, done.stderr) == (0, "")


MUTANTS = (
    "none",
    "tie-break",
    "victim",
    "stage",
    "bucket",
    "order",
    "probe",
    "slow-start",
    "deadline",
    "serial",
    "undo",
    "gap",
    "window",
    "stamp",
)


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_caught(mutant: str) -> None:
    done = in_python(mutant)
    assert done.stderr == ""
    assert (done.returncode == 0) == (mutant == "none"), done.stdout


def in_python(what: str) -> subprocess.CompletedProcess[str]:
    """Run the kernel without Numba's compiler, whole or with one change, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.kernel.mutants", what],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "ignore::RuntimeWarning"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
