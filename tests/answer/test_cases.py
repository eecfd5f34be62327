"""Inputs that were answered wrongly, with the right answer: see README.md beside the cases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim import load
from sim.cli import main

CASES = Path(__file__).parent / "cases"


def told(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict[str, Any]]:
    code = main(["run", str(CASES / args[0]), *args[1:], "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def rollouts(document: dict[str, Any], deployment: str) -> list[dict[str, Any]]:
    return [row for row in document["rollouts"] if row["deployment"] == deployment]


def test_measures_begin_with_the_rollout_not_with_a_scaling(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = told(capsys, "measures-begin-at-scale.yaml")
    (row,) = rollouts(document, "web")
    assert (code, row["outcome"], row["creation"], row["undo"]) == (0, "complete", False, False)
    assert row["measures"]["duration_s"] == pytest.approx(20, abs=0.1)
    assert 300 <= row["began_s"] <= 301
    # 25 % of four pods is one that may be missing.
    assert row["measures"]["min_availability"] == 0.75


def test_a_strategy_patch_begins_no_rollout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (CASES / "measures-begin-at-scale.yaml").read_text()
    patch = """patch deploy/web -p '{"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":0}}}}'"""
    changed = tmp_path / "patched.yaml"
    changed.write_text(
        text.replace("scale deploy/web --replicas=4", json.dumps(patch)[1:-1])
        .replace("kubectl: patch", 'kubectl: "patch')
        .replace("}}}}'", "}}}}'\"")
    )
    code = main(["run", str(changed), "--format", "json"])
    (row,) = rollouts(json.loads(capsys.readouterr().out), "web")
    assert (code, row["outcome"]) == (0, "complete")
    assert row["measures"]["duration_s"] == pytest.approx(20, abs=0.2)
    assert row["measures"]["min_availability"] == 1.0


@pytest.mark.parametrize("later", ["scaled", "created"])
def test_each_deployment_has_its_own_beginning(
    later: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (CASES / "created-then-other-scaled.yaml").read_text()
    if later == "created":
        text = text.replace(
            "  - kubectl: apply",
            "  - kubectl: scale deployment orders-blue --replicas=0\n  - at: 5m\n    kubectl: apply",
        )
        text = text[: text.rindex("  - at: 5m")]
    for name in ("blue.yaml", "green.yaml", "svc.yaml"):
        (tmp_path / name).write_text((CASES / name).read_text())
    (tmp_path / "scenario.yaml").write_text(text)
    code = main(["run", str(tmp_path / "scenario.yaml"), "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    (green,), (blue,) = rollouts(document, "orders-green"), rollouts(document, "orders-blue")
    assert (code, green["outcome"], green["creation"], blue["outcome"]) == (0, "complete", True, "scaled")
    assert green["measures"]["duration_s"] == pytest.approx(50, abs=5)
    assert green["measures"]["first_available_s"] < 45
    assert (blue["creation"], blue["undo"]) == (False, False)


def test_pods_that_are_not_stopping_keep_what_max_surge_promises(capsys: pytest.CaptureFixture[str]) -> None:
    _, document = told(capsys, "peak-counted-surge-0.yaml")
    assert rollouts(document, "lab")[0]["measures"]["peak_pods"] == 4
    slow = ("--profile", "jvm", "--set", "pods.ready=90s", "--require", "peak_counted<=50")
    code, document = told(capsys, "orders.yaml", *slow)
    assert code == 0
    assert rollouts(document, "orders")[0]["measures"]["peak_pods"] == 50
    assert "peak_counted" not in json.dumps(document["rollouts"])


def test_slow_is_not_stuck(capsys: pytest.CaptureFixture[str]) -> None:
    slow = ("--profile", "jvm", "--set", "pods.ready=90s", "--set", "maxSurge=1")
    code, document = told(capsys, "orders.yaml", *slow)
    row = rollouts(document, "orders")[0]
    assert (code, row["outcome"]) == (0, "complete")
    assert 61 * 60 < row["measures"]["duration_s"] < 64 * 60
    code, document = told(capsys, "orders.yaml", *slow, "--set", "horizon=30m")
    row = rollouts(document, "orders")[0]
    assert (code, row["outcome"], row["measures"]["stuck"]) == (1, "running", False)
    assert "horizon" in row["measures"]["stuck_reason"]


def test_a_rollout_that_never_completes_keeps_no_limit(capsys: pytest.CaptureFixture[str]) -> None:
    bad = ("--set", "pods.faults.never_ready=1", "--require", "min_availability>=95%")
    code, document = told(capsys, "orders.yaml", *bad)
    assert code == 1
    assert not document["deployments"]["orders"]["requirements"][0]["passed"]


def test_settle_comes_true_when_a_pause_is_all_that_holds(capsys: pytest.CaptureFixture[str]) -> None:
    run = load(CASES / "settle-while-paused.yaml").run()
    asked = run.trace.tables["commands"]
    assert asked["command"][-1] == "get rs"
    assert asked["started_s"][-1] < 10
    assert run.measures.outcome == "paused"


def test_an_autoscalers_least_number_of_pods_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = told(capsys, "hpa-no-replicas.yaml")
    assert (code, load(CASES / "hpa-no-replicas.yaml").deployments[0].replicas) == (0, 4)
    assert any("minReplicas, 4" in found["message"] for found in document["diagnostics"])


def test_scaled_between_two_steps_it_is_stuck_for_ever() -> None:
    """kubernetes#102551; where kubectl takes longer (seeds 4 and 5) the controller acts between the two."""
    scenario = load(CASES / "holds-scaled-between-steps.yaml")
    for seed in (1, 2, 3):
        run = scenario.run(seed=seed)
        assert (run.measures.outcome, run.trace.quiet) == ("stuck", True)
        assert run.measures.deadline_exceeded_s == float("inf")
        new = (
            run.rollout.record.counts("current", run.rollout.target.replicaset)[1]
            if run.rollout.target
            else [0]
        )
        assert max(new) == 0


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    run = f"{sys.executable} -m sim run {CASES / 'orders.yaml'} 2>/dev/null"
    line = f"{run} | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    answer, code = done.stdout.splitlines()
    assert answer.startswith("✓ orders: complete after")
    assert code in ("0", "141")
    assert done.stderr == ""


def test_the_patch_does_not_scale_what_runs(capsys: pytest.CaptureFixture[str]) -> None:
    what = ("recommend", str(CASES / "orders.yaml"), "--set", "replicas=10", "--replications", "64")
    axis = ("--axis", "maxSurge=1,2", "--minimize", "p95(peak_physical)", "--format", "json")
    assert main([*what, *axis]) == 0
    document = json.loads(capsys.readouterr().out)
    patch = {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 1}}}}
    assert (document["patch"], document["assumed"]) == (patch, ["replicas=10"])
    found = load(CASES / "orders.yaml").set(replicas=10)
    python = found.recommend(maxSurge=[1, 2], minimize="p95(peak_physical)", replications=64)
    assert (python.patch, python.command, python.answer) == (patch, document["command"], document["answer"])
