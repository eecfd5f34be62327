"""-n, -R and --validate on the command line, and what `check` says of several namespaces."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sim import load
from sim.cli import main
from sim.errors import InputError

Output = pytest.CaptureFixture[str]

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web%s}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: "shop:1", readinessProbe: {tcpSocket: {port: 80}}}]}
"""
TWO = SHOP % ", namespace: one" + "---\n" + SHOP % ", namespace: two"
ODD = (SHOP % "").replace("spec:\n", "spec:\n  replica: 3\n", 1)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "shop.yaml").write_text(SHOP % "")
    (tmp_path / "two.yaml").write_text(TWO)
    (tmp_path / "odd.yaml").write_text(ODD)
    monkeypatch.chdir(tmp_path)


def test_check_looks_at_each_namespace_of_a_shared_name(capsys: Output) -> None:
    assert main(["check", "two.yaml"]) == 0
    told = capsys.readouterr().out
    assert (
        "W411 Deployment 'web' is in two namespaces, one and two; expected one namespace at a time: -n one"
        in told
    )
    assert told.endswith("0 errors, 1 warning\n")


def test_check_of_two_namespaces_reads_standard_input_once(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TWO.encode())))
    assert main(["check", "-"]) == 0
    assert "W411" in capsys.readouterr().out


def test_run_asks_for_one_namespace_and_takes_it(capsys: Output) -> None:
    assert main(["run", "two.yaml"]) == 2
    assert capsys.readouterr().err == (
        "two.yaml: E409 Deployment 'web' is in two namespaces, one and two; expected one namespace at a time:"
        " -n one\n"
    )
    assert main(["run", "two.yaml", "-n", "two", "--format", "json"]) == 0
    deployments = json.loads(capsys.readouterr().out)["deployments"]
    assert list(deployments) == ["web"]


def test_folders_in_folders(capsys: Output) -> None:
    assert main(["check", "deep"]) == 2
    assert "without -R" in capsys.readouterr().out
    assert main(["check", "-R", "deep"]) == 0


@pytest.mark.parametrize(
    ("word", "code", "told"),
    [
        (None, 2, "E123 spec.replica"),
        ("strict", 2, "E123 spec.replica"),
        ("true", 2, "E123 spec.replica"),
        ("warn", 0, "W203 spec.replica"),
        ("ignore", 0, ""),
        ("false", 0, ""),
    ],
)
def test_words_of_validate(word: str | None, code: int, told: str, capsys: Output) -> None:
    assert main(["check", "odd.yaml", *(["--validate", word] if word else [])]) == code
    out = capsys.readouterr().out
    assert told in out
    assert told or "replica:" not in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--validate", "wrn"], "'wrn' is not strict, warn or ignore. Did you mean warn?"),
        (["-n", "My_Team"], "'My_Team' is not a namespace"),
        (["-n", "three"], "E403"),
    ],
)
def test_wrong_words_are_one_line(words: list[str], told: str, capsys: Output) -> None:
    assert main(["run", "two.yaml", *words]) == 2
    (*_, last) = capsys.readouterr().err.splitlines()
    assert told in last


@pytest.mark.parametrize("verb", ["sweep", "compare", "recommend"])
def test_command_that_repeats_a_sweep_takes_manifests_alike(
    verb: str, tmp_path: Path, capsys: Output
) -> None:
    words = ["--replications", "2", "--engine", "model", "--format", "json"]
    words += ["--set", "maxSurge=1"] if verb == "compare" else ["--axis", "maxSurge=1,2"]
    taken = ["-n", "one", "--validate", "warn"]
    assert main([verb, "two.yaml", *taken, *words, "--out", "out"]) in (0, 1)
    plan = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert "-n one --validate warn two.yaml" in plan["repeat"]


def test_python_takes_manifests_alike() -> None:
    with pytest.raises(InputError, match="E123"):
        load("odd.yaml")
    assert [d.code for d in load("odd.yaml", validate="ignore").diagnostics] == []
    assert load("two.yaml", namespace="two").deployments[0].namespace == "two"
    assert load("deep", recursive=True).deployments[0].name == "web"


SESSION = "steps:\n- kubectl: apply -f odd.yaml%s\n"


@pytest.mark.parametrize(
    ("flag", "code"), [("", "E123"), (" --validate=warn", "W203"), (" --validate=false", None)]
)
def test_line_of_a_session_says_it_itself(flag: str, code: str | None, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SESSION % flag)
    try:
        found = load("s.yaml").diagnostics
    except InputError as error:
        found = error.diagnostics
    assert [d.code for d in found if d.code in ("E123", "W203")] == ([code] if code else [])
