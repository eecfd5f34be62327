"""`rollsim timeouts`: what is advised, for whom, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.cli import main
from sim.engine.kernel import is_installed
from tests.cli.place import SHOP, settle, strict

Golden = Callable[[str, str], None]
Output = pytest.CaptureFixture[str]
ALONE = ("--workers", "1", "--replicas", "3")
CRASHING = "{base: fast, pods: {faults: {crash: {probability: 1, after: 1s}}}}"
NEVER = ["--profile", "crashing.yaml", "--set", "minReadySeconds=10"]
QUICK = ("--share", "90%", "--replications", "64", *ALONE)


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(tmp_path, monkeypatch)
    Path("crashing.yaml").write_text(CRASHING, encoding="utf-8")


def timeouts(*arguments: str) -> int:
    return main(["timeouts", "shop.yaml", *arguments])


def in_json(capsys: Output, *arguments: str) -> Any:
    assert timeouts(*arguments, "--format", "json") == 0
    return strict(capsys.readouterr().out)


def release(*changes: dict[str, Any]) -> None:
    """Write release.yaml: shop under the names shop, shop-1 … with changes of its spec."""
    documents = []
    for number, change in enumerate(changes):
        document = yaml.safe_load(SHOP)
        document["metadata"]["name"] = f"shop-{number}" if number else "shop"
        document["spec"]["selector"]["matchLabels"] = {"app": f"shop-{number}"}
        document["spec"]["template"]["metadata"]["labels"] = {"app": f"shop-{number}"}
        document["spec"] |= change
        documents.append(document)
    Path("release.yaml").write_text(yaml.safe_dump_all(documents))


def test_advice_for_people(capsys: Output, golden: Golden) -> None:
    assert timeouts("--share", "95%", "--workers", "1", "--set", "minReadySeconds=5") == 0
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines() if not line.startswith("kubectl")) <= 80
    golden("timeouts-table.txt", out)


def test_the_document(capsys: Output) -> None:
    document = in_json(capsys, "--share", "95%", "--replicas", "1,6", "--workers", "1")
    assert (document["kind"], document["schemaVersion"], document["share"]) == ("Timeouts", 1, 0.95)
    rows = document["rows"]
    assert [row["what"] for row in rows] == ["deadline", "rollout status", "Helm 3 --wait", "Helm 4 --wait"]
    assert [row["deployment"] for row in rows] == ["shop", "shop", None, None]
    assert [row["now_s"] for row in rows] == [600, None, 300, 300]
    assert [row["now_breaks"] for row in rows] == [0.0, None, 0.0, 0.0]
    for row in rows:
        assert row["rollouts"] >= 128
        assert row["median_s"] < row["quantile_s"] <= row["upper_s"] <= row["advised_s"]
    gap, complete, ready, helm4 = (row["advised_s"] for row in rows)
    assert gap < ready <= complete == helm4, "of 3 pods one after the other"
    assert [row["replicas"] for row in document["other_replicas"]] == [1, 6]
    assert document["other_replicas"][0]["rollout status"] < complete
    patch = json.dumps({"spec": {"progressDeadlineSeconds": gap}}, separators=(",", ":"))
    assert document["commands"] == [
        f"kubectl patch deployment shop -n default --patch '{patch}'",
        f"kubectl rollout status deployment/shop -n default --timeout={complete}s",
        f"helm upgrade RELEASE CHART --wait --timeout {ready}s"
        + ("" if ready == complete else f"  # Helm 4: {complete}s"),
    ]


def test_the_deadline_that_is_advised_is_kept_as_it_is_told(capsys: Output) -> None:
    # What 90 % keep one in ten breaks, or fewer; what is in force is told by the very runs.
    advised_s = in_json(capsys, *QUICK)["rows"][0]["advised_s"]
    long, short = (
        in_json(capsys, *QUICK, "--seed", "5", "--set", f"progressDeadlineSeconds={seconds}")["rows"][0]
        for seconds in (advised_s, 5)
    )
    assert (long["now_s"], short["now_s"]) == (advised_s, 5)
    assert long["now_breaks"] < 0.1 < 0.5 < short["now_breaks"]
    assert long["upper_s"] == pytest.approx(short["upper_s"], abs=0.01), (
        "a rollout goes on after its deadline"
    )


def test_a_deadline_is_longer_than_min_ready_seconds(capsys: Output) -> None:
    settings = ("--profile", "fast", "--set", "minReadySeconds=30")
    document = in_json(capsys, *QUICK, *settings)
    assert document["rows"][0]["advised_s"] > 30


def test_where_no_deadline_counts_one_is_advised(capsys: Output) -> None:
    same = in_json(capsys, *QUICK)
    none = in_json(capsys, *QUICK, "--set", "progressDeadlineSeconds=2147483647")
    assert (none["rows"][0]["now_s"], none["rows"][0]["now_breaks"]) == (None, None)
    assert none["rows"][0]["advised_s"] == same["rows"][0]["advised_s"]
    assert any("no deadline counts today" in sentence.lower() for sentence in none["reasons"])


def test_a_release_waits_for_the_last_of_it(capsys: Output) -> None:
    release({}, {"replicas": 6, "minReadySeconds": 3, "progressDeadlineSeconds": 30})
    assert main(["timeouts", "release.yaml", "--share", "90%", "--replications", "64", "--workers", "1",
                 "--format", "json"]) == 0  # fmt: skip
    document = strict(capsys.readouterr().out)
    rows = {(row["what"], row["deployment"]): row for row in document["rows"]}
    assert len(rows) == 6
    slowest = max(rows["rollout status", name]["upper_s"] for name in ("shop", "shop-1"))
    assert rows["Helm 4 --wait", None]["upper_s"] >= slowest
    assert rows["Helm 3 --wait", None]["waits_for"] == "ready: 8 of 9"
    assert rows["deadline", "shop-1"]["now_s"] == 30
    assert document["other_replicas"] == []
    assert sum("kubectl patch" in line for line in document["commands"]) == 2


@pytest.mark.skipif(not is_installed(), reason="the kernel needs Numba")
def test_whoever_simulates_advises_the_same(capsys: Output) -> None:
    found = []
    for engine in ("model", "kernel"):
        assert timeouts(*QUICK, "--engine", engine) == 0
        found.append(capsys.readouterr().out)
    assert found[0] == found[1]
    assert timeouts(*QUICK, "--seed", "2") == 0
    assert capsys.readouterr().out != found[0]


def test_markdown(capsys: Output) -> None:
    assert timeouts(*QUICK, "--format", "markdown") == 0
    out = capsys.readouterr().out
    assert out.startswith("**Each kept by 90 % of the rollouts: progressDeadlineSeconds ")
    assert "| time-out | waits for | now, broken | advised |\n" in out
    assert "\n```sh\nkubectl patch deployment shop " in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--share", "100%"], "--share: E506 no number of runs proves that nothing ever breaks a time-out"),
        (["--share", "0"], "--share: E506 a share is above 0 % and below 100 %; found '0'"),
        (["--share", "often"], "--share: E506 this is no share; found 'often'"),
        (["--set", "paused=true"], "shop.yaml: E507 Deployment shop is paused"),
        (["--set", "replicas=0"], "shop.yaml: E507 Deployment shop has no replicas to wait for"),
        (
            ["--replications", "3000"],
            "3,000 rollouts are too few to say what 99.9 % of them keep; expected at",
        ),
        (NEVER, "shop.yaml: E508 none of 64 rollouts of Deployment shop are ever complete: crash loop: "),
        (
            ["--set", "pods.faults.never_ready=0.02"],
            " of 64 rollouts of Deployment shop are ever complete: 1 pod never ready, progress deadline",
        ),
        (["--replicas", "10,some"], "'10,some' is no list of numbers such as 10,20,50."),
        (["--replicas", "0"], "--replicas: E507 these are no numbers of replicas; found 0"),
    ],
)
def test_one_line_for_what_cannot_be_advised(arguments: list[str], told: str, capsys: Output) -> None:
    assert timeouts("--workers", "1", *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert told in line


def test_a_release_has_one_number_of_replicas_and_one_beginning(capsys: Output) -> None:
    release({}, {})
    assert main(["timeouts", "release.yaml", "--replicas", "5"]) == 2
    assert "--replicas is for one Deployment, and here are several." in capsys.readouterr().err
    step = {"at": "30s", "kubectl": "set image deployment/shop web=shop:v3"}
    other = {"at": "0s", "kubectl": "set image deployment/shop-1 web=shop:v3"}
    Path("s.yaml").write_text(yaml.safe_dump({"manifests": "release.yaml", "steps": [other, step]}))
    assert main(["timeouts", "s.yaml"]) == 2
    assert "E507 the Deployments of a release are changed together" in capsys.readouterr().err
