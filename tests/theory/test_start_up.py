"""Start-up times against published figures, and completion times against what they are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.engine import simulate
from sim.metrics import measure
from sim.spec.manifest import parse_manifests
from sim.spec.scenario import override, scenario_from_manifests


def start_ups(root: Path, profile: object, replicas: int, replications: int) -> np.ndarray:
    """Seconds from creation to Ready of every new pod of the first scenario's Deployment."""
    text = (root / "scenarios/manifests/testqc.yaml").read_text(encoding="utf-8")
    asked = override(
        scenario_from_manifests(parse_manifests(text, "testqc"), profile=profile), [f"replicas={replicas}"]
    )
    seconds: list[float] = []
    for replication in range(replications):
        pods = simulate(asked, 1, replication).tables["pods"]
        rows = zip(pods["revision"], pods["created_s"], pods["ready_s"], strict=True)
        seconds += [ready - created for revision, created, ready in rows if revision == 2]
    return np.array(seconds)


def test_the_kubemark_profile_starts_pods_as_kubemark_did(root: Path) -> None:
    # kubernetes/kubernetes#42000: start-up takes 1.14, 1.74 and 2.06 s at the 50th, 90th and 99th %.
    # Many nodes, because the pods of one share its kubelet's moments of looking.
    seconds = start_ups(root, {"base": "kubemark", "nodes": 60}, 60, 50)
    assert np.percentile(seconds, [50, 90, 99]) == pytest.approx([1.14, 1.74, 2.06], rel=0.05)


def test_pod_start_up_is_within_the_service_level_objective(root: Path) -> None:
    # sig-scalability: 99 % of schedulable, stateless pods without a pull are running within 5 s.
    assert np.percentile(start_ups(root, "fast", 30, 20), 99) <= 5


@pytest.mark.parametrize("replicas", [1, 7, 40])
def test_with_full_surge_a_rollout_takes_as_long_as_its_slowest_pod(root: Path, replicas: int) -> None:
    profile = {"base": "textbook", "pods": {"start": {"exponential": {"mean": 5}}}}
    text = (root / "scenarios/manifests/testqc.yaml").read_text(encoding="utf-8")
    asked = override(
        scenario_from_manifests(parse_manifests(text, "testqc"), profile=profile),
        [f"replicas={replicas}", "maxSurge=100%", "maxUnavailable=0"],
    )
    trace = simulate(asked)
    pods = trace.tables["pods"]
    ready = [r for r, revision in zip(pods["ready_s"], pods["revision"], strict=True) if revision == 2]
    assert measure(trace).duration_s == max(ready)
