"""The outcomes of real rollouts are read off where those of simulated ones are, and are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.engine import simulate
from sim.metrics import Measured, measured
from sim.recorded import load_recording, scenario_from_recording, trace_from_recording
from sim.trace import Trace

FOLDER = Path(__file__).parent
FILES = sorted(path.name for path in FOLDER.glob("*.json"))


def told(rows: list[Measured]) -> list[tuple[str, str, bool, bool, int | None]]:
    return [(row.version, row.outcome, row.creation, row.undo, row.rollout.revision) for row in rows]


def every(trace: Trace) -> list[Measured]:
    return [row for name in trace.deployments() for row in measured(trace, name)]


@pytest.mark.parametrize("name", FILES)
def test_a_real_session_and_a_simulated_one_have_the_same_outcomes(name: str) -> None:
    recording = load_recording(str(FOLDER / name))
    real = every(trace_from_recording(recording, name))
    simulated = every(simulate(scenario_from_recording(recording, name)))
    assert told(real) == told(simulated)
    for was, found in zip(real, simulated, strict=True):
        # The hundred pods' real runs differ from each other by as much.
        assert found.measures.duration_s == pytest.approx(was.measures.duration_s, abs=1.0)


@pytest.mark.parametrize(
    ("name", "outcomes"),
    [
        ("seed-3-defaults", [("v1", "complete"), ("v2", "complete")]),
        ("seed-3-bad-version", [("v1", "complete"), ("v2", "rolled_back"), ("v1", "complete")]),
        ("rollover-ten", [("v1", "complete"), ("v2", "superseded"), ("v3", "complete")]),
        ("old-version-partly-unready", [("v1", "superseded"), ("v2", "complete")]),
    ],
)
def test_what_became_of_real_rollouts(name: str, outcomes: list[tuple[str, str]]) -> None:
    trace = trace_from_recording(load_recording(str(FOLDER / f"{name}.json")), name)
    assert [(row.version, row.outcome) for row in every(trace)] == outcomes
