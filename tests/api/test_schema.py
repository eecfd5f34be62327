"""What `--format json` prints is what its schema says, whoever simulates it, and nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sim.api.schema import KINDS, schema
from sim.cli import main
from tests.cli.place import FEW, settle, strict

Output = pytest.CaptureFixture[str]
AXES = ("--axis", "maxSurge=0,1,3", "--axis", "maxUnavailable=0,1")
ASKED: dict[str, tuple[tuple[str, ...], ...]] = {
    "sweep": (
        AXES,
        ("--axis", "maxSurge=1,2", "--set", "pods.faults.never_ready=0.9", "--set", "horizon=10m"),
        ("--axis", "profile=fast,jvm", "--precision", "mean(duration_s)=0.1%", "--most", "5"),
    ),
    "compare": (
        ("--set", "maxSurge=2", "--set", "strategy=Recreate"),
        ("--set", "maxSurge=2", "--require", "min_availability>=95%", "--require", "p95(duration_s)<=1ms"),
        ("--set", "pods.faults.never_ready=0.9"),
    ),
    "recommend": (
        AXES,
        (*AXES, "--require", "p95(duration_s)<=1ms", "--minimize", "extra_pod_s"),
        ("--axis", "maxSurge=1,2", "--set", "pods.faults.never_ready=0.9", "--require", "stuck==false"),
        ("--axis", "maxSurge=1,2", "--axis", "replicas=3,6", "--set", "minReadySeconds=5"),
    ),
    "timeouts": (
        ("--share", "90%", "--replications", "64", "--replicas", "1,6"),
        ("--share", "90%", "--replications", "64", "--set", "progressDeadlineSeconds=2147483647"),
    ),
}
CHOICES = ("sweep", "compare", "recommend")
CASES = [(verb, options) for verb, several in ASKED.items() for options in several]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(tmp_path, monkeypatch)


def printed(capsys: Output, verb: str, *options: str) -> str:
    few = FEW if verb in CHOICES and "--precision" not in options else FEW[2:]
    main([verb, "shop.yaml", *few, *options])
    return capsys.readouterr().out


def check(kind: str, document: Any) -> None:
    jsonschema.Draft202012Validator(schema(kind)).validate(document)


@pytest.mark.parametrize(("verb", "options"), CASES)
def test_a_document_keeps_its_schema(verb: str, options: tuple[str, ...], capsys: Output) -> None:
    document = strict(printed(capsys, verb, *options, "--format", "json"))
    check(verb, document)
    kinds = dict(zip(CHOICES, ("Sweep", "Comparison", "Recommendation"), strict=True)) | {
        "timeouts": "Timeouts"
    }
    assert (document["kind"], document["schemaVersion"]) == (kinds[verb], 1)
    assert document["answer"]
    # Infinite or undefined: no number, and no word that stands for one.
    assert '"inf"' not in json.dumps(document)
    assert '"nan"' not in json.dumps(document)


@pytest.mark.parametrize("verb", CHOICES)
def test_every_candidate_stands_alone(verb: str, capsys: Output) -> None:
    document = strict(printed(capsys, verb, *ASKED[verb][0], "--format", "json"))
    rows = document["candidates"] if verb == "recommend" else document["strategies"]
    assert all(row["name"] and row["label"] for row in rows)
    # What is compared as it is has no settings.
    own = [row["settings"] for row in rows if verb != "compare" or row["label"] != "shop.yaml"]
    assert all(own)


@pytest.mark.parametrize("kind", ASKED)
def test_a_schema_is_strict(kind: str, capsys: Output) -> None:
    document = strict(printed(capsys, kind, *ASKED[kind][0], "--format", "json"))
    for change in ({"kind": "Run"}, {"schemaVersion": 2}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            check(kind, {**document, **change})
    for key in document:
        with pytest.raises(jsonschema.ValidationError):
            check(kind, {name: value for name, value in document.items() if name != key})


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_printed_and_current(kind: str, root: Path, capsys: Output) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(kind))
    assert main(["schema", kind]) == 0
    text = capsys.readouterr().out
    path = root / "schemas" / f"{kind}.json"
    if os.environ.get("ROLLSIM_REGENERATE") == "1":
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == text


def test_there_is_no_schema_of_anything_else(capsys: Output) -> None:
    there = "run, sweep, compare, recommend, timeouts"
    with pytest.raises(ValueError, match=f"no schema of 'scenario'; there are {there}"):
        schema("scenario")
    assert main(["schema", "recomend"]) == 2
    assert "Did you mean recommend?" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ASKED)
def test_both_engines_print_the_same_bytes(verb: str, capsys: Output) -> None:
    pytest.importorskip("numba")
    for form in ("json", "csv"):
        if form == "csv" and verb in ("recommend", "timeouts"):
            continue
        few = (*ASKED[verb][0], "--format", form)
        told = [printed(capsys, verb, *few, "--engine", engine) for engine in ("model", "kernel")]
        assert told[0] == told[1] != ""


RUNS: dict[str, tuple[str, ...]] = {
    "complete": ("--require", "duration_s<=inf", "--require", "complete", "--require", "shop: peak_pods<=9"),
    "stuck": ("--set", "pods.faults.never_ready=1", "--require", "outcome==complete"),
    "no deadline": ("--set", "progressDeadlineSeconds=2147483647", "--set", "replicas=0"),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_document_of_a_run_keeps_its_schema(name: str, capsys: Output) -> None:
    main(["run", "shop.yaml", *RUNS[name], "--format", "json"])
    check("run", strict(capsys.readouterr().out))


@pytest.mark.parametrize(
    "name", ["07-canary-by-two-deployments", "10-deadline-and-undo", "12-deleted-replicaset"]
)
def test_the_document_of_a_session_keeps_its_schema(name: str, root: Path, capsys: Output) -> None:
    main(["run", str(root / "scenarios" / f"{name}.yaml"), "--format", "json"])
    document = strict(capsys.readouterr().out)
    check("run", document)
    assert (document["kind"], document["schemaVersion"]) == ("Run", 1)
    for change in ({"kind": "Sweep"}, {"schemaVersion": 2}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            check("run", {**document, **change})


def test_both_engines_run_to_the_same_bytes(capsys: Output) -> None:
    pytest.importorskip("numba")
    for form in ("json", "csv"):
        told = []
        for engine in ("model", "kernel"):
            main(["run", "shop.yaml", "--engine", engine, "--format", form])
            told.append(capsys.readouterr().out.replace(f'"engine": "{engine}"', '"engine": ""'))
        assert told[0] == told[1] != ""
