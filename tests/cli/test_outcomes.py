"""Exit codes and verdicts of `rollsim run`: what was asked for, what was expected, what is required."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 3
  progressDeadlineSeconds: 60
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - {name: web, image: "shop:v1", readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}}
"""
SET = "set image deployment shop web=shop:"
GOOD, BAD = f"kubectl: {SET}v2", f"kubectl: {SET}bad"
UNDO = "kubectl: rollout undo deployment shop"
PAUSE, RESUME = (f"kubectl: rollout {what} deployment shop" for what in ("pause", "resume"))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(SHOP, encoding="utf-8")


def session(*steps: str, expect: str = "", horizon: str = "") -> str:
    """Write a scenario whose steps come a minute and a half after each other; return its name."""
    lines = ["manifests: shop.yaml", "profile:", "  base: fast"]
    lines += ["  images: {'shop:bad': {faults: {never_ready: 1}}}"]
    lines += [f"expect: {expect}"] if expect else []
    lines += [f"horizon: {horizon}"] if horizon else []
    lines += ["steps:"]
    for number, step in enumerate(steps):
        at = "" if step.startswith("at:") else f"at: {90 * number}s\n    "
        lines.append(f"  - {at}{step}")
    Path("session.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return "session.yaml"


def told(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict[str, Any]]:
    code = main(["run", *args, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


SESSIONS: dict[str, tuple[list[str], list[str], int]] = {
    "it is complete": ([GOOD], ["complete"], 0),
    "it is stuck": ([BAD], ["stuck"], 1),
    "it is undone": ([BAD, UNDO], ["rolled_back", "complete"], 1),
    "it is undone after it was complete": ([GOOD, UNDO], ["rolled_back", "complete"], 1),
    "it is undone by hand": ([BAD, f"kubectl: {SET}v1"], ["rolled_back", "complete"], 1),
    "a third came, and is complete": ([BAD, GOOD], ["superseded", "complete"], 0),
    "a third came, and is stuck": ([f"kubectl: {SET}bad2", f"at: 1s\n    {BAD}"], ["superseded", "stuck"], 1),
    "a third came, and is paused": ([BAD, GOOD, f"at: 90500ms\n    {PAUSE}"], ["superseded", "paused"], 1),
    "it was deleted on the way": (
        [GOOD, "at: 500ms\n    kubectl: delete deployment shop"],
        ["superseded"],
        1,
    ),
    "it was paused before": ([PAUSE, GOOD], ["paused"], 1),
    "a later step paused it": ([GOOD, f"at: 500ms\n    {PAUSE}"], ["paused"], 0),
    "it was resumed": ([PAUSE, GOOD, RESUME], ["complete"], 0),
    "it was only scaled": (["kubectl: scale deployment shop --replicas=5"], ["scaled"], 0),
    "its strategy was patched": (
        ['kubectl: \'patch deployment shop -p {"spec":{"minReadySeconds":1}}\''],
        ["unchanged"],
        0,
    ),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_the_outcome_is_the_exit_code(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    steps, outcomes, code = SESSIONS[name]
    done, document = told(capsys, session(*steps))
    assert [row["outcome"] for row in document["rollouts"]] == outcomes
    assert (done, document["passed"]) == (code, code == 0)
    for row in document["rollouts"]:
        complete = row["measures"]["duration_s"] is not None
        assert row["measures"]["complete"] is complete
        assert row["measures"]["stuck"] is (row["outcome"] == "stuck")


def test_what_is_cut_off_is_running_and_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    code, document = told(capsys, session(GOOD, horizon="1s"))
    assert (code, document["rollouts"][0]["outcome"]) == (1, "running")
    assert "horizon: sets that" in document["answer"]


@pytest.mark.parametrize(
    ("steps", "expect", "code"),
    [
        ([BAD], "stuck", 0),
        ([BAD], "complete", 1),
        ([GOOD], "stuck", 1),
        ([BAD, UNDO], "rolled_back", 0),
        ([BAD, GOOD], "complete", 0),
        ([BAD, GOOD], "{bad: superseded, v2: complete}", 0),
        ([BAD, GOOD], "{bad: stuck}", 1),
        ([BAD, UNDO], "{shop: rolled_back}", 0),
        ([BAD, UNDO], "{'shop:bad': rolled_back}", 0),
        ([BAD, UNDO], "{shop: complete}", 1),
        ([GOOD, BAD], "{v2: complete}", 1),
        ([GOOD, BAD], "{v2: complete, bad: stuck}", 0),
        (["kubectl: rollout restart deployment shop"], "{revision 2: complete}", 0),
        ([BAD, f"when: available == 0\n    limit: 1s\n    {GOOD}"], "{bad: stuck, v2: complete}", 1),
    ],
)
def test_what_is_expected_is_right_and_nothing_else(
    steps: list[str], expect: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    done, document = told(capsys, session(*steps, expect=expect))
    assert done == code, document["deployments"]


@pytest.mark.parametrize(
    ("steps", "limit", "code"),
    [
        ([GOOD], "complete", 0),
        ([GOOD], "min_availability>=0", 0),
        ([BAD], "min_availability>=0", 1),
        ([BAD], "outcome==stuck", 0),
        ([BAD], "stuck", 0),  # who requires that gets what was asked for
        ([BAD], "complete==false", 0),
        ([BAD], "shop: outcome==stuck", 0),
        ([BAD], "shop:bad: stuck", 0),
        ([GOOD, BAD], "v2: complete", 1),  # of v2 that is true, and nobody expects that the other is stuck
        (["kubectl: rollout restart deployment shop"], "revision 2: complete", 0),
        ([BAD, UNDO], "outcome==rolled_back", 0),
        ([BAD, UNDO], "outcome==complete", 1),
        ([BAD, GOOD], "duration_s<=5m", 1),
        ([BAD, GOOD], "v2: duration_s<=5m", 0),
        ([BAD, GOOD], "bad: min_availability>=0", 1),
        ([GOOD], "shop: peak_counted<=4", 0),
    ],
)
def test_a_limit_holds_for_every_rollout_that_was_asked_for(
    steps: list[str], limit: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, session(*steps), "--require", limit)[0] == code


def test_undos_keep_no_limit_and_break_none(capsys: pytest.CaptureFixture[str]) -> None:
    """The undo takes a moment, the version that was undone took four seconds."""
    path = session(GOOD, UNDO, expect="rolled_back")
    assert told(capsys, path, "--require", "duration_s<=10s")[0] == 0
    assert told(capsys, path, "--require", "duration_s<=1s")[0] == 1


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("p95(duration_s)<=5m", "p95(duration_s) is a statistic of many runs, for compare and recommend"),
        ("shpo: complete", "found 'shpo'; expected one of shop, v1, v2; did you mean shop?"),
        ("outcome==done", "an outcome is one of complete, rolled_back"),
        ("outcome==rolledback", "did you mean rolled_back?"),
        ("outcome>complete", "an outcome is compared by =="),
        ("v2: p95(duration_s)<=5m", "is a statistic of many runs"),
        ("v2: duration<=5m", "no measure is called 'duration'"),
    ],
)
def test_a_wrong_limit_is_one_clear_mistake(
    limit: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", session(GOOD), "--require", limit]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        ("finished", "not an outcome; found 'finished'"),
        ("{shop: rolledback}", "did you mean rolled_back?"),
        ("{shpo: complete}", "did you mean shop?"),
    ],
)
def test_a_wrong_expectation_is_one_clear_mistake(
    expect: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", session(GOOD, expect=expect)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert words in err
