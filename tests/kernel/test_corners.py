"""What random scenarios seldom meet: where the kernel has to give more room, or to keep two things apart."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest

from sim.engine import clock, simulate
from sim.engine.kernel import question
from sim.engine.kernel.player import Player
from sim.engine.kernel.question import Question, cannot
from sim.errors import InputError
from sim.spec.scenario import Scenario, load
from sim.sweep.axes import grid, parse_axis
from sim.sweep.planning import plan_sweep
from sim.sweep.rounds import sweep
from tests.kernel.twins import difference

PROBE = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1}


def asked(
    *steps: dict[str, Any], replicas: int = 10, min_ready: int = 0, horizon: int = 900, **profile: Any
) -> Scenario:
    """A Deployment with a readiness probe, and what is typed."""
    container = {"name": "app", "image": "web:v1", "readinessProbe": PROBE}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop"},
        "spec": {
            "replicas": replicas,
            "minReadySeconds": min_ready,
            "progressDeadlineSeconds": min_ready + 600,
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": [container]}},
        },
    }
    document = {
        "name": "corner",
        "manifests": [deployment],
        "profile": profile,
        "horizon": horizon,
        "steps": list(steps),
    }
    return load("-", stdin=io.BytesIO(json.dumps(document).encode()))


def typed(at: float, line: str | list[str]) -> dict[str, Any]:
    return {"at": at, "kubectl": line}


def image(at: float, version: int) -> dict[str, Any]:
    return typed(at, f"set image deployment shop app=web:v{version}")


@pytest.mark.parametrize(("replicas", "size"), [(200, 80), (300, 100)])
def test_sizes_are_shared_out_while_pods_are_ranked(replicas: int, size: int) -> None:
    # Slow writes: between those of one sync the ReplicaSets choose pods to delete.
    plane = {"write": 0.5, "watch": 0.01}
    scale = typed(30, f"scale deployment shop --replicas={size}")
    steps = image(0, 2), image(4, 3), scale
    pods = {"ready": {"uniform": [5, 20]}}
    assert difference(asked(*steps, replicas=replicas, control_plane=plane, pods=pods)) is None


@pytest.mark.parametrize("replicas", [3, 10])
def test_pods_that_flap_wait_again_and_again(replicas: int) -> None:
    crash = {"probability": 1, "after": 3}
    pods = {"ready": 0, "faults": {"crash": crash}}
    scenario = asked(image(1, 2), replicas=replicas, min_ready=7200, horizon=14_400, pods=pods)
    assert difference(scenario, (0,)) is None


@pytest.mark.parametrize("kind", ["readinessProbe", "livenessProbe", "startupProbe"])
def test_a_patch_may_bring_many_probes(kind: str) -> None:
    containers = [{"name": f"side-{i}", "image": "web:v1", kind: PROBE} for i in range(8)]
    patch = json.dumps({"spec": {"template": {"spec": {"containers": containers}}}})
    assert difference(asked(typed(1, ["patch", "deployment", "shop", "-p", patch]), replicas=5)) is None


def test_what_was_answered_is_there_when_time_is_up() -> None:
    plane = {"write": {"uniform": [0, 1]}}
    scale = typed(59, "scale deployment shop --replicas=12")
    assert difference(asked(image(0, 2), scale, horizon=60, control_plane=plane), range(8)) is None


@pytest.mark.parametrize(
    "plane",
    [
        {"qps": 1e-9, "burst": 1_000_000},
        {"qps": 1e-13, "burst": 1},
        {"scheduler_qps": 3e-13, "scheduler_burst": 1},
        {"scheduler_qps": 1e-7, "scheduler_burst": 1_000_000},
    ],
)
def test_tokens_may_never_come(plane: dict[str, Any]) -> None:
    assert difference(asked(image(0, 2), control_plane=plane)) is None


def test_many_versions_and_a_history_of_none() -> None:
    undoing = typed(0, ["patch", "deployment", "shop", "-p", '{"spec":{"revisionHistoryLimit":0}}'])
    assert difference(asked(undoing, *(image(7 * i, i % 9) for i in range(1, 30)))) is None


@pytest.mark.parametrize("number", [8, 9])
def test_annotations_double_what_a_replicaset_may_have(number: int) -> None:
    lines = [typed(i, f"annotate deployment shop k{i}=v k{i - 1}-") for i in range(1, number + 1)]
    scenario = asked(image(0, 2), *lines)
    if number > 8:
        assert cannot(scenario) == "more than 8 steps change annotations"
    else:
        assert difference(scenario) is None


def test_what_takes_too_much_memory_is_the_models(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = asked(image(0, 2), replicas=3)
    whole = sweep(plan_sweep(scenario, grid([parse_axis("maxSurge=1,2")])), 3)
    monkeypatch.setattr(question, "MOST_BYTES", 0)
    assert difference(scenario) == "left to the model"
    again = sweep(plan_sweep(scenario, grid([parse_axis("maxSurge=1,2")])), 3)
    assert again.checksum == whole.checksum


PAUSE = "rollout pause deployment shop"
SETTLED = {"settle": 2, "kubectl": "scale deployment shop --replicas=4"}


@pytest.mark.parametrize(
    ("steps", "profile", "typed_lines", "left_out"),
    [
        ((typed(0, PAUSE), image(0, 2), SETTLED), {}, 3, []),
        ((image(0, 2), typed(5, PAUSE), SETTLED, SETTLED), {}, 4, []),
        (
            (image(0, 2), typed(5, PAUSE), SETTLED, SETTLED),
            {"never_ready": 1},
            2,
            ["is not complete", "not rea"],
        ),
        ((image(0, 2), SETTLED, SETTLED), {"never_ready": 1}, 1, ["is not complete", "not reached"]),
        ((image(0, 2), SETTLED | {"settle": 890}), {}, 1, ["it was not quiet for 14m50s"]),
    ],
)
def test_what_settles_while_paused_and_what_never_does(
    steps: tuple[dict[str, Any], ...], profile: dict[str, Any], typed_lines: int, left_out: list[str]
) -> None:
    faults = {"pods": {"faults": profile}} if profile else {}
    scenario = asked(*steps, replicas=6, **faults)
    assert difference(scenario) is None
    tables = simulate(scenario, engine="kernel").tables
    events = zip(tables["events"]["kind"], tables["events"]["message"], strict=True)
    told = [message for kind, message in events if kind == "skipped"]
    assert len(tables["commands"]["command"]) == typed_lines
    assert len(told) == len(left_out)
    assert all(words in message for words, message in zip(left_out, told, strict=True))


def test_steps_that_are_left_out_mix_engines_within_a_block() -> None:
    late = image(1, 3) | {"when": "complete == True", "limit": 27}
    pods = {"start": {"exponential": {"mean": 5}}}
    scenario = asked(image(0, 2), late, image(90, 4), replicas=2, pods=pods)
    left = {difference(scenario, (replication,)) for replication in range(20)}
    assert left == {None, "left to the model"}
    plan = plan_sweep(scenario, grid([parse_axis("maxSurge=1,2")]))
    mixed, model = sweep(plan, 70), sweep(plan, 70, engine="model")
    assert mixed.checksum == model.checksum
    pd.testing.assert_frame_equal(mixed.bands, model.bands, check_exact=True)


def test_who_insists_on_the_kernel_is_told_what_it_left_to_the_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = image(1, 3) | {"when": "complete == True", "limit": 27}
    pods = {"start": {"exponential": {"mean": 5}}}
    scenario = asked(image(0, 2), late, image(90, 4), replicas=2, pods=pods)
    left = [n for n in range(20) if Player(Question(scenario), scenario.seed).trace(n) is None]
    plan = plan_sweep(scenario, grid([parse_axis("maxSurge=25%")]))
    told: list[str] = []
    sweep(plan, 20, engine="kernel", note=told.append)
    assert told == [
        f"the kernel could not play {len(left)} of 20 runs"
        " (a step is left out, nothing changes, or two moments tie); the model did"
    ]
    told.clear()
    sweep(plan, 20, note=told.append)
    simulate(scenario, replication=left[0], note=told.append)
    assert told == []
    simulate(scenario, replication=left[0], engine="kernel", note=told.append)
    assert len(told) == 1
    monkeypatch.setattr(question, "MOST_BYTES", 0)
    with pytest.raises(InputError, match=r"E541.*more than a gigabyte"):
        sweep(plan, 2, engine="kernel")
    with pytest.raises(InputError, match="E541"):
        simulate(scenario, engine="kernel")


def test_a_container_that_ends_as_it_starts_is_seen_to_have_crashed() -> None:
    # The kubelet sees it begin and end at one look: the last row of that instant is what holds.
    crash = {"probability": 1, "after": 0}
    pods = {"start": 0.1, "ready": 0, "pull": 0, "faults": {"crash": crash}}
    kubelet = {"relist_s": 0, "status": 0}
    scenario = asked(image(1, 2), replicas=2, horizon=120, pods=pods, kubelet=kubelet)
    assert difference(scenario, (0,)) is None
    states = simulate(scenario, engine="model").tables["states"]
    rows = list(zip(states["time_s"], states["pod"], states["state"], strict=True))
    crashed = {(time_s, pod) for time_s, pod, state in rows if state == "crashed"}
    last = {(time_s, pod): state for time_s, pod, state in rows}
    assert len(crashed) > 2
    assert {last[place] for place in crashed} <= {"crashed", "terminating"}


LOWERED = 'patch deployment shop -p \'{"spec": {"minReadySeconds": 1}}\''
AT_ONCE = {"qps": 0, "write": 0, "watch": 1}


def test_min_ready_seconds_lowered_while_informers_lag() -> None:
    # The ReplicaSet is written over a stale copy, which keeps the pod from being counted: what is due already
    # is no reason to look again at once (controller_utils.go, nextPodAvailabilityCheck).
    pods = {"pull": 0, "start": 1, "ready": 0}
    scenario = asked(
        {"kubectl": "set image deployment shop app=web:v2"},
        {"kubectl": LOWERED},
        replicas=1,
        min_ready=10,
        pods=pods,
        control_plane=AT_ONCE,
    )
    assert difference(scenario) is None
    assert simulate(scenario, engine="model").tables["deployments"]["available"][-1] == 1


def test_an_instant_without_end_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is known that takes no time for ever: here a hundred events do.
    monkeypatch.setattr(clock, "MOST_IN_INSTANT", -1_000_000)
    monkeypatch.setattr(clock, "_AT_ONCE", 10)
    scenario = asked(image(1, 2), replicas=100)
    assert Player(Question(scenario), 1).trace(0) is None
    with pytest.raises(InputError, match=r"E531 simulated time stands still at [0-9.]+ s"):
        simulate(scenario)
