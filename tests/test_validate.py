"""As true as a second run: recordings beside simulated runs, and that the comparison can fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.cli import main
from sim.engine import simulate
from sim.errors import InputError
from sim.metrics import Rollout
from sim.recorded import load_recording, trace_from_recording
from sim.spec.scenario import load, override
from sim.validate import distance, families, read_probes, validate, validate_probes
from sim.validate.distance import course
from sim.validate.rollouts import compare
from tests.engine.build import applied, deployment, profile

FOLDER = Path(__file__).parent / "recorded"
FAMILIES = families(str(path) for path in FOLDER.glob("*.json"))
PROBES = sorted(path.name for path in (FOLDER / "probes").glob("*.json"))


def steps(*pairs: tuple[float, float]) -> Any:
    """Return a step function of (time, value) pairs."""
    times, values = zip(*pairs, strict=True)
    return np.asarray(times, float), np.asarray(values, float)


# The distance.


def test_the_distance_is_the_area_between_two_runs() -> None:
    flat = steps((0, 10))
    assert distance(flat, steps((0, 10), (5, 9)), 10, 10) == pytest.approx(0.05)
    assert distance(flat, steps((0, 12), (2, 10)), 10, 10) == pytest.approx(0.04)
    assert distance(flat, flat, 10, 10) == 0
    # What lies before the update or after the end does not count; the last value holds.
    assert distance(steps((-5, 3), (-1, 10)), flat, 10, 10) == 0
    assert distance(flat, steps((0, 10), (10, 0)), 10, 10) == 0
    assert distance(steps((4, 1)), steps((0, 0)), 8, 1) == pytest.approx(0.5)


def test_repeats_are_taken_together() -> None:
    names = families(["b/x.1.json", "b/y.json", "b/x.json", "b/x.10.json", "b/x.2.json"])
    assert names["y"] == ["b/y.json"]
    assert names["x"][0] == "b/x.json"
    assert len(names["x"]) == 4


# A recording as a trace.


def test_a_recording_is_measured_like_a_run() -> None:
    path = str(FOLDER / "seed-3-defaults.json")
    trace = trace_from_recording(load_recording(path), path)
    rollout = Rollout(trace, "testqc")
    assert rollout.started_s == 2.8246
    assert rollout.completed_s == 17.9742
    assert rollout.drained_s == 18.9707
    assert rollout.series("physical")[1].max() == 5
    assert trace.tables["endpoints"]["ready"][:4] == [0, 1, 2, 3]
    assert trace.tables["limits"]["ceiling"][-1] == 4
    simulated = simulate(load(path))
    assert Rollout(simulated, "testqc").completed_s == pytest.approx(rollout.completed_s, abs=0.2)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"scenario": 5}, "scenario"),
        ({"update_started": float("nan")}, "update_started"),
        ({"update_started": True}, "update_started"),
        ({"scenario.actions": {}}, "scenario.actions"),
        ({"scenario.actions": [{"kubectl": "get po"}]}, "scenario.actions[0].kubectl"),
        ({"scenario.actions": [{"at": -1, "settle": 1}]}, "scenario.actions[0].at"),
        ({"scenario.actions": [{"at": 1}]}, "scenario.actions[0]"),
        ({"scenario.nodes": 0}, "scenario.nodes"),
        ({"scenario.actions": [{"kubectl": ["create", "-f", "x"]}]}, "read no files"),
        ({"scenario.actions": [{"kubectl": ["wait", "--for=condition=A", "svc/x"]}]}, "not modelled"),
        ({"ended": "late"}, "ended: not a number; found 'late'"),
        ({"replicasets": [{}]}, "replicasets[0].t: this key is missing"),
        ({"replicasets": []}, "replicasets: the recording has no rows"),
        ({"replicasets.2.available": "many"}, "replicasets[2].available: not a whole number; found 'many'"),
        ({"replicasets.2.spec": None}, "replicasets[2].spec: this count is missing"),
        ({"replicasets.0.revision": "first"}, "replicasets[0].revision: not a revision; found 'first'"),
        ({"replicasets.0.rs": "other-1"}, "replicasets[0].rs: no Deployment has this ReplicaSet"),
        ({"deployments.1.ready": []}, "deployments[1].ready: not a whole number"),
        ({"deployments.1.ready": True}, "deployments[1].ready: not a whole number"),
        ({"deployments.1.t": float("inf")}, "deployments[1].t: not a finite number"),
        ({"deployments.1.t": 1e308}, "deployments[1].t: out of range"),
        ({"deployments.0.deployment": "testq"}, "deployments[0].deployment: no manifest has this Deployment"),
        ({"deployments.0.conditions": {"Progressing": ["True"]}}, "deployments[0].conditions.Progressing"),
        ({"pods.3.rs": "testqc-1"}, "pods[3].rs: no row tells of this ReplicaSet"),
        ({"pods.3.ready": "soon"}, "pods[3].ready: not a number; found 'soon'"),
        ({"pods.3.node": 7}, "pods[3].node: not a text"),
        ({"endpoints.0.ready": 3}, "endpoints[0].ready: not a list"),
        ({"commands.0.exit": "0"}, "commands[0].exit: not a whole number"),
    ],
)
def test_what_is_no_recording_is_told(change: dict[str, Any], part: str, tmp_path: Path) -> None:
    data = json.loads((FOLDER / "seed-3-defaults.json").read_text(encoding="utf-8"))
    for path, value in change.items():
        *parents, last = path.split(".")
        inner = data
        for key in parents:
            inner = inner[int(key) if isinstance(inner, list) else key]
        inner[int(last) if isinstance(inner, list) else last] = value
    file = tmp_path / "r.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InputError) as error:
        validate("r", [str(file)], 1)
    assert part in str(error.value)
    assert {problem.code for problem in error.value.diagnostics} <= {"E413", "E415"}


def test_broken_json_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = '{"update_started": 1, "scenario": '
    for text in (head + '{"manifests": [', head + "[" * 10**5):
        (tmp_path / "r.json").write_text(text, encoding="utf-8")
        assert main(["validate", str(tmp_path / "r.json")]) == 2
        assert "E415" in capsys.readouterr().err
        assert main(["run", str(tmp_path / "r.json")]) == 2
        assert "E415" in capsys.readouterr().err


# The verdicts.


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_a_simulated_run_is_as_close_as_a_second_real_one(name: str) -> None:
    report = validate(name, FAMILIES[name], 60)
    assert report.reasons == []


@pytest.mark.parametrize("name", [name for name in FAMILIES if name.startswith("seed-3-")])
def test_three_pods_take_the_real_steps(name: str) -> None:
    report = validate(name, FAMILIES[name], 5)
    assert report.equal == 5
    assert report.late_s is not None
    # kubectl, every hop and the kubelet's way to the API, added up over as many as 46 s.
    assert report.late_s < 0.06


@pytest.mark.parametrize("setting", ["control_plane.qps=0", "control_plane.events=false"])
def test_without_the_clients_rate_a_hundred_pods_are_not_true(setting: str) -> None:
    report = validate("hundred-25-25", FAMILIES["hundred-25-25"], 5, settings=[setting])
    assert report.reasons


STARTS = [4.8, 4.8, 0.8, 0.9, 4.3, 3.8, 3.5, 1.9, 3.2, 3.2, 3.1, 1.2, 2.4, 2.3, 3.8, 5.0]
READIES = [0.4, 0.4, 2.0, 1.5, 1.7, 3.6, 2.2, 2.4, 1.2, 0.4, 1.5, 0.8, 2.2, 4.0, 2.8, 1.0]


@pytest.mark.parametrize("first", [100, 200, 300])
def test_without_whole_seconds_uneven_pods_are_not_true(first: int) -> None:
    # No open recording has minReadySeconds and uneven pods: simulated runs stand for three real ones.
    cluster = profile(
        kubernetes="1.20",
        plane="default",
        kubelet={"relist_s": 0, "status": 0},
        start={"cycle": STARTS},
        ready={"cycle": READIES},
        stop=1,
    )
    scenario = applied(deployment(16, "25%", "25%", minReadySeconds=3), cluster)

    def runs(begin: int, number: int, *settings: str) -> list[Any]:
        changed = override(scenario, settings) if settings else scenario
        return [course(simulate(changed, replication=begin + k), 0) for k in range(number)]

    real = runs(first, 3)
    assert compare("again", [], 16, real, runs(0, 12)).reasons == []
    assert compare("exact", [], 16, real, runs(0, 12, "control_plane.stamp_s=0")).reasons


@pytest.mark.parametrize("name", PROBES)
def test_a_pod_turns_ready_when_the_recorded_kubelet_found_it_ready(name: str) -> None:
    recording = read_probes(str(FOLDER / "probes" / name))
    assert recording is not None
    report = validate_probes(name, recording)
    assert report.reasons == []
    assert report.pods or report.never[0]


# The command.


def test_the_command_says_and_draws_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [*FAMILIES["four-25-25"], str(FOLDER / "probes" / PROBES[0])]
    assert main(["validate", *files, "--replications", "3", "--out", str(tmp_path / "out")]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[1].split()[:2] == ["four-25-25", "pass"]
    assert (tmp_path / "out" / "four-25-25.png").stat().st_size > 10_000


def test_the_verdicts_as_json_and_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    files = [*FAMILIES["four-25-25"], *FAMILIES["seed-3-recreate"]]
    rates = ["--set", "control_plane.write=0.1", "--replications", "3", "--format", "json"]
    assert main(["validate", *files, *rates]) == 1
    found = json.loads(capsys.readouterr().out)["recordings"]
    assert set(found) == {"four-25-25", "seed-3-recreate"}
    assert found["four-25-25"]["verdict"] == "fail"
    assert found["four-25-25"]["reason"]
    assert set(found["four-25-25"]["distances"]) == {"available", "counted", "physical"}
    assert main(["validate", *FAMILIES["four-25-25"], "--replications", "3", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["recordings"]["four-25-25"]
    assert (found["verdict"], found["reason"], found["replications"]) == ("pass", "", 3)
    assert found["steps"]["real"][0][1:] == [2, 1]


def test_what_is_neither_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(root / "scenarios/01-first-rollout.yaml")]) == 2
    assert "this is not a recording" in capsys.readouterr().err
    assert main(["validate", "nowhere.json"]) == 2


@pytest.mark.slow
def test_the_page_shows_the_table_of_all_open_recordings(
    root: Path, golden: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [*sorted(map(str, FOLDER.glob("*.json"))), *(str(FOLDER / "probes" / name) for name in PROBES)]
    assert main(["validate", *files]) == 0
    table = capsys.readouterr().out
    golden("validate-open.txt", table)
    assert table in (root / "docs/validation.md").read_text(encoding="utf-8")
