"""The clock of the progress deadline: when it counts, from when, until when."""

from __future__ import annotations

import math

import pytest

from sim import load
from sim.engine import simulate
from sim.metrics import measure
from sim.metrics.progress import Condition, conditions, exceeded_s, longest_gap_s
from sim.trace import COLUMNS, Table

NEW, ON, DONE, LATE = (
    "NewReplicaSetCreated",
    "ReplicaSetUpdated",
    "NewReplicaSetAvailable",
    "ProgressDeadlineExceeded",
)
PAUSED, RESUMED = "DeploymentPaused", "DeploymentResumed"

CLOCKS = {
    "counts from the stamp": (
        [(0.2, NEW, 0.0), (5.0, ON, 5.0), (7.0, ON, 7.0), (12.5, DONE, 12.0)],
        12.5,
        5.5,
    ),
    "goes on to the window's end": ([(0.2, NEW, 0.0), (5.0, ON, 5.0)], 30.0, 25.0),
    "goes on when it is exceeded": ([(0.0, NEW, 0.0), (61.0, LATE, 61.0)], 100.0, 100.0),
    "progress after that counts anew": (
        [(0.0, NEW, 0.0), (61.0, LATE, 61.0), (70.0, ON, 70.0), (75.0, DONE, 75.0)],
        75.0,
        70.0,
    ),
    "a pause stops it": ([(0.0, NEW, 0.0), (2.0, PAUSED, 2.0), (50.0, RESUMED, 50.0)], 53.0, 3.0),
    "what came before the window counts if it ends in it": ([(-8.0, ON, -8.0), (1.0, NEW, 1.0)], 3.0, 9.0),
    "what ended before the window is another rollout's": (
        [(-90.0, NEW, -90.0), (-50.0, DONE, -50.0), (0.0, NEW, 0.0), (4.0, DONE, 4.0)],
        4.0,
        4.0,
    ),
    "what is complete does not count": ([(-90.0, DONE, -90.0)], 10.0, math.nan),
    "without a deadline nothing counts": ([(0.0, "", math.nan)], 10.0, math.nan),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_the_longest_time_without_progress(name: str) -> None:
    rows, until, expected = CLOCKS[name]
    found = longest_gap_s([Condition(*row) for row in rows], 0.0, until)
    assert found == pytest.approx(expected, nan_ok=True)


def test_it_is_exceeded_when_the_condition_begins_to_say_so() -> None:
    found = [Condition(-5.0, LATE, -5.0), Condition(1.0, NEW, 1.0), Condition(62.0, LATE, 62.0)]
    assert exceeded_s(found, 0.0, 100.0) == 62.0
    assert exceeded_s(found, 0.0, 61.0) == math.inf
    assert exceeded_s(found[:1], -4.0, 100.0) == math.inf  # that was another rollout's


def test_without_stamps_progress_is_seen_in_the_counts() -> None:
    table: Table = {name: [] for name in COLUMNS["deployments"]}
    for time_s, updated, available, reason in ((0.0, 1, 2, NEW), (3.0, 1, 1, NEW), (4.0, 2, 1, NEW)):
        cells = (time_s, "web", 2, 3, updated, available, available, 0, "True", reason, math.nan)
        for values, cell in zip(table.values(), cells, strict=True):
            values.append(cell)
    assert [one.updated_s for one in conditions(table)] == [0.0, 4.0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_deadline_as_long_as_the_longest_gap_is_never_exceeded(seed: int) -> None:
    """And one that is three seconds shorter is: the controller looks again a second after it has passed."""
    scenario = load("scenarios/manifests/testqc-probe.yaml").set(replicas=6, maxSurge=1, maxUnavailable=0)
    gap = measure(simulate(scenario, seed)).longest_gap_s
    for deadline, exceeded in ((math.ceil(gap), False), (math.ceil(gap) - 3, True)):
        found = measure(simulate(scenario.set(progressDeadlineSeconds=deadline), seed))
        assert found.longest_gap_s == pytest.approx(gap, abs=0.1)
        assert (found.deadline_exceeded_s < math.inf) == exceeded
