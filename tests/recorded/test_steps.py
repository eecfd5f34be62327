"""The simulator against recordings of a real control plane: the same steps, at the same times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.engine import simulate
from sim.spec.manifest import parse_manifests
from sim.spec.scenario import Scenario, override, scenario_from_manifests

FOLDER = Path(__file__).parent
Step = tuple[float, int, int]  # seconds since the update, revision, desired


def replay(recording: dict[str, Any]) -> Scenario:
    """The recording's manifests and per-pod delays; the kubelets were played by a script, without probes."""
    played = recording["scenario"]["pods"]

    def delay(value: Any) -> Any:
        return {"cycle": value} if isinstance(value, list) else value

    images = {
        image: {
            "start": delay(times["start_s"]),
            "ready": delay(times["ready_s"]),
            "stop": delay(times["stop_s"]),
            "cached": True,
        }
        for image, times in played.items()
    }
    profile = {
        "kubernetes": "1.20",
        "readiness": "application",
        "kubelet": {"relist_s": 0, "status": 0},
        "pods": {"schedule": {"lognormal": {"median": 0.0057, "p95": 0.0157}}},
        "images": images | {"qinchaowhut/allen:previous": images["qinchaowhut/allen:v1"]},
    }
    text = "\n---\n".join(json.dumps(manifest) for manifest in recording["scenario"]["manifests"])
    applied = text.replace("allen:v1", "allen:v2")
    return scenario_from_manifests(parse_manifests(applied, "recording"), profile=profile, horizon_s=600)


def recorded_steps(recording: dict[str, Any]) -> list[Step]:
    """Every change of a ReplicaSet's desired number after the update began."""
    began, last, steps = recording["update_started"], {}, []
    for row in recording["replicasets"]:
        if last.get(row["rs"]) != row["spec"] and row["t"] > began:
            steps.append((row["t"] - began, int(row["revision"]), row["spec"]))
        last[row["rs"]] = row["spec"]
    return steps


def simulated_steps(scenario: Scenario, seed: int) -> list[Step]:
    """The same of a simulated run."""
    table = simulate(scenario, seed).tables["replicasets"]
    last: dict[str, int] = {}
    steps = []
    for time_s, name, revision, desired in zip(
        *(table[column] for column in ("time_s", "replicaset", "revision", "desired")), strict=True
    ):
        if last.get(name) != desired and time_s > 0:
            steps.append((time_s, revision, desired))
        last[name] = desired
    return steps


@pytest.mark.parametrize("name", ["seed-3-defaults", "seed-3-surge1-unavailable1", "seed-3-min-ready-5"])
def test_a_small_rollout_takes_the_recorded_steps_at_the_recorded_times(name: str) -> None:
    recording = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    scenario = replay(recording)
    real = recorded_steps(recording)
    for seed in range(5):
        found = simulated_steps(scenario, seed)
        assert [step[1:] for step in found] == [step[1:] for step in real]
        # kubectl's own start-up, 67 ms in the middle, is in the recorded times only.
        times = [step[0] - 0.067 for step in real]
        assert [step[0] for step in found] == pytest.approx(times, abs=0.1)


def test_the_first_scenario_replaces_pod_after_pod(root: Path) -> None:
    scenario = scenario_from_manifests(
        parse_manifests((root / "scenarios/manifests/testqc.yaml").read_text(encoding="utf-8"), "testqc")
    )
    steps = [step[1:] for step in simulated_steps(scenario, 1)]
    assert steps == [(2, 1), (1, 2), (2, 2), (1, 1), (2, 3), (1, 0)]
    both = override(scenario, ["maxSurge=1", "maxUnavailable=1"])
    steps_of_both = simulated_steps(both, 1)
    assert [step[1:] for step in steps_of_both[:2]] == [(2, 1), (1, 2)]
    assert steps_of_both[1][0] < 0.1  # in the first sync, a few writes after the update
