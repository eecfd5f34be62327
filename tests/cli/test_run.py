"""`rollsim run` and `rollsim check`: what they print, what they write, when they fail."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main

Golden = Callable[[str, str], None]
Output = pytest.CaptureFixture[str]

# Everything by hand: an instant control plane, pods that start in 10 s. So the numbers below are arithmetic.
SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: shop}}
spec:
  replicas: 4
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: web
          image: "shop:v2"
          readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}
"""
BROKEN = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: three
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers: []
"""
RECREATE = """\
manifests: shop.yaml
profile: textbook
steps:
  - {at: 5s, image: "shop:v3"}
"""


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    Path("shop.yaml").write_text(SHOP, encoding="utf-8")
    Path("broken.yaml").write_text(BROKEN, encoding="utf-8")


def run(*arguments: str) -> int:
    """Run `rollsim run shop.yaml --profile textbook` with further arguments."""
    return main(["run", "shop.yaml", "--profile", "textbook", *arguments])


def answer(capsys: Output) -> dict[str, Any]:
    """Return the JSON document on standard output."""
    document: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    return document


def test_a_run_for_people(capsys: Output, golden: Golden) -> None:
    assert run("--require", "min_availability>=95%", "--require", "duration_s<=5m") == 1
    golden("run-table.txt", capsys.readouterr().out)


def test_a_wide_run_says_what_measures_mean(
    capsys: Output, monkeypatch: pytest.MonkeyPatch, golden: Golden
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert run() == 0
    golden("run-table-wide.txt", capsys.readouterr().out)


def test_a_stuck_run_says_why(capsys: Output, golden: Golden) -> None:
    never_ready = [
        "--set",
        "pods.faults.never_ready=1",
        "--set",
        "progressDeadlineSeconds=60",
        "--set",
        "horizon=300",
    ]
    assert run(*never_ready) == 1
    golden("run-table-stuck.txt", capsys.readouterr().out)


def test_the_numbers_are_those_worked_out_by_hand(capsys: Output) -> None:
    # 4 replicas, surge 1, unavailable 1: at 0 s one old pod goes and two new ones start; at 10 s they are
    # ready, at once seen by the probe; two more old pods go and the last two new ones start, ready at 20 s.
    assert run("--format", "json") == 0
    measures = answer(capsys)["deployments"]["shop"]["measures"]
    assert measures["min_availability"] == 0.75
    assert measures["peak_pods"] == 5
    assert measures["duration_s"] == 20
    assert measures["first_available_s"] == 10
    assert measures["complete"] is True


def test_a_rollout_of_more_than_an_hour_is_watched_to_its_end(capsys: Output) -> None:
    Path("forty.yaml").write_text(SHOP.replace("replicas: 4", "replicas: 40"), encoding="utf-8")
    slow = ("--set", "pods.ready=90s", "--set", "maxSurge=1", "--set", "maxUnavailable=0")
    assert main(["run", "forty.yaml", "--profile", "jvm", *slow, "--format", "json"]) == 0
    measures = answer(capsys)["deployments"]["shop"]["measures"]
    assert measures["complete"] is True
    assert 61 * 60 < measures["duration_s"] < 66 * 60
    assert main(["run", "forty.yaml", "--profile", "jvm", *slow, "--set", "horizon=1h"]) == 1
    assert "not complete when the simulation ends at 1 h (horizon: sets that)" in " ".join(
        capsys.readouterr().out.split()
    )


def test_json_is_one_document(capsys: Output) -> None:
    assert run("--format", "json", "--require", "min_availability>=95%", "--seed", "7") == 1
    document = answer(capsys)
    assert list(document) == [
        *("kind", "schemaVersion", "answer", "passed", "provenance", "deployments", "rollouts", "diagnostics")
    ]
    assert (document["kind"], document["schemaVersion"], document["passed"]) == ("Run", 1, False)
    assert document["answer"] == "shop: complete after 20 s, never fewer than 3 of 4 available"
    assert document["provenance"]["seed"] == 7
    assert document["provenance"]["profile"] == "textbook"
    (requirement,) = document["deployments"]["shop"]["requirements"]
    assert requirement == {
        "requirement": "min_availability>=95%",
        "measure": "min_availability",
        "op": ">=",
        "limit": 0.95,
        "name": None,
        "value": 0.75,
        "passed": False,
    }


def test_json_has_strict_numbers_only(capsys: Output) -> None:
    assert run("--format", "json", "--require", "deadline_exceeded_s>=inf") == 0
    shop = answer(capsys)["deployments"]["shop"]
    assert shop["measures"]["deadline_exceeded_s"] is None
    assert shop["requirements"][0]["limit"] is None
    assert shop["requirements"][0]["passed"] is True


def test_csv_has_a_row_a_measure(capsys: Output) -> None:
    from sim.metrics import MEASURES

    assert run("--format", "csv", "--require", "duration_s<1s") == 1
    out, err = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["measure"] for row in rows] == list(MEASURES)
    assert {row["deployment"] for row in rows} == {"shop"}
    units = {row["measure"]: row["unit"] for row in rows}
    assert units == {name: meaning.unit for name, meaning in MEASURES.items()}
    assert {row["measure"]: row["value"] for row in rows}["complete"] == "true"
    assert err.splitlines()[-1].startswith("shop: FAIL duration_s<1s (it is 2")


@pytest.mark.parametrize(
    ("limit", "code"), [("min_availability>=75%", 0), ("min_availability>75%", 1), ("stuck==false", 0)]
)
def test_exit_code_of_a_requirement(limit: str, code: int) -> None:
    assert run("--require", limit) == code


def test_out_writes_exactly_these_files(capsys: Output) -> None:
    assert run("--out", "deep/out", "--format", "json", "--require", "min_availability>=95%") == 1
    document = answer(capsys)
    written = {path.name for path in Path("deep/out").iterdir()}
    assert written == {
        "replicasets.csv",
        "deployments.csv",
        "pods.csv",
        "endpoints.csv",
        "events.csv",
        "measures.json",
        "provenance.json",
        "timeline.png",
        "availability.png",
        "waterfall.png",
    }
    measures = json.loads(Path("deep/out/measures.json").read_text(encoding="utf-8"))
    assert measures == {name: document[name] for name in ("deployments", "rollouts", "provenance")}


def test_equal_runs_write_equal_bytes() -> None:
    for name in ("one", "two"):
        assert run("--out", name, "--seed", "3") == 0
    for path in sorted(Path("one").iterdir()):
        assert path.read_bytes() == Path("two", path.name).read_bytes(), path.name


def test_what_cannot_be_written_prints_nothing(capsys: Output) -> None:
    Path("file").write_text("in the way", encoding="utf-8")
    assert run("--out", "file") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("file: E901 ")
    assert Path("file").read_text(encoding="utf-8") == "in the way"


def test_two_deployments_have_a_line_and_charts_each(capsys: Output) -> None:
    second = SHOP.replace("shop", "cart")
    Path("both.yaml").write_text(f"{SHOP}---\n{second}", encoding="utf-8")
    assert main(["run", "both.yaml", "--profile", "textbook", "--out", "out"]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0] == "! 2 Deployments complete; 2 with fewer pods than desired on the way"
    assert lines[1].split() == ["NAME", "OUTCOME", "TAKES", "(s)", "LEAST", "AVAILABLE", "PODS", "AT", "ONCE"]
    assert sorted(line.split()[1:5] for line in lines[2:4]) == [
        [name, "v2", "complete", "20.0"] for name in ("cart", "shop")
    ]
    pictures = {path.name for path in Path("out").glob("*.png")}
    kinds = {"timeline.png", "availability.png", "waterfall.png"}
    assert pictures == kinds | {f"cart-{kind}" for kind in kinds}


def test_settings_change_the_answer(capsys: Output) -> None:
    assert (
        run("--format", "json", "--replicas", "8", "--set", "maxUnavailable=0", "--set", "maxSurge=100%") == 0
    )
    measures = answer(capsys)["deployments"]["shop"]["measures"]
    assert (measures["min_availability"], measures["peak_pods"]) == (1.0, 16)


def test_another_replication_is_other_luck_of_the_same_seed(capsys: Output) -> None:
    from sim import load
    from sim.engine import simulate
    from sim.metrics import Rollout, measure_rollout

    found = []
    for number in ("0", "1", "7"):
        assert main(["run", "shop.yaml", "--replication", number, "--format", "json"]) == 0
        document = answer(capsys)
        assert document["provenance"]["seed"] == 1
        assert document["provenance"]["replication"] == int(number)
        found.append(document["deployments"]["shop"]["measures"]["duration_s"])
    wanted = [measure_rollout(Rollout(simulate(load("shop.yaml"), 1, n))).duration_s for n in (0, 1, 7)]
    assert found == pytest.approx(wanted)
    assert len(set(found)) == 3
    for wrong in ("-1", "x", str(2**24)):
        assert main(["run", "shop.yaml", "--replication", wrong]) == 2
        assert "Invalid value for '--replication'" in capsys.readouterr().err


def test_a_setting_that_is_none_names_the_nearest(capsys: Output) -> None:
    assert run("--set", "maxSurg=1") == 2
    assert "did you mean maxSurge?" in capsys.readouterr().err


def test_a_scenario_file_is_recognised_and_named(capsys: Output) -> None:
    Path("question.yaml").write_text(RECREATE, encoding="utf-8")
    assert main(["run", "question.yaml", "--format", "json"]) == 0
    recognised = answer(capsys)
    assert main(["run", "-f", "question.yaml", "--format", "json"]) == 0
    assert answer(capsys) == recognised
    assert recognised["provenance"]["scenario"] == "question"


def test_a_profile_on_the_command_line_wins(capsys: Output) -> None:
    Path("question.yaml").write_text(RECREATE, encoding="utf-8")
    assert main(["run", "question.yaml", "--profile", "fast", "--format", "json"]) == 0
    assert answer(capsys)["provenance"]["profile"] == "fast"


def test_standard_input_is_a_manifest(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SHOP.encode())))
    assert main(["run", "-", "--profile", "textbook", "--format", "json"]) == 0
    piped = answer(capsys)["deployments"]
    assert run("--format", "json") == 0
    assert answer(capsys)["deployments"] == piped


def test_warnings_go_to_standard_error(capsys: Output) -> None:
    text = SHOP.replace("          readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1}\n", "")
    Path("bare.yaml").write_text(text, encoding="utf-8")
    assert main(["run", "bare.yaml", "--profile", "textbook", "--format", "json"]) == 0
    out, err = capsys.readouterr()
    codes = [line.split()[1] for line in err.splitlines()]
    assert "W210" in codes
    assert [d["code"] for d in json.loads(out)["diagnostics"]] == codes


def test_all_problems_are_told_at_once(capsys: Output) -> None:
    assert main(["run", "broken.yaml"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) >= 2
    assert all(line.startswith("broken.yaml:") for line in err.splitlines())
    assert "spec.replicas" in err
    assert "found 'three'" in err


def test_check_counts_and_fails_on_errors_only(capsys: Output) -> None:
    assert main(["check", "shop.yaml"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 errors, ")
    assert main(["check", "broken.yaml"]) == 2
    assert not capsys.readouterr().out.splitlines()[-1].startswith("0 errors")


def test_check_in_json(capsys: Output) -> None:
    assert main(["check", "broken.yaml", "--format", "json"]) == 2
    document = answer(capsys)
    assert document["errors"] == sum(d["code"].startswith("E") for d in document["diagnostics"]) > 0
    assert document["warnings"] == len(document["diagnostics"]) - document["errors"]
    assert all(d["file"] == "broken.yaml" for d in document["diagnostics"])


def test_check_takes_scenarios_and_manifests_of_a_folder(capsys: Output) -> None:
    Path("broken.yaml").unlink()
    Path("question.yaml").write_text(RECREATE, encoding="utf-8")
    Path("wrong.yaml").write_text(RECREATE.replace("textbook", "textbok"), encoding="utf-8")
    assert main(["check", "."]) == 2
    *lines, count = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if ": E" in line] == ["E301"]
    assert count.startswith("1 error, ")


def test_schemas_are_printed(capsys: Output) -> None:
    for kind in ("scenario", "profile"):
        assert main(["schema", kind]) == 0
        assert answer(capsys)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_profiles_are_listed_with_their_sources(capsys: Output) -> None:
    from sim.spec.profile import BUILT_IN

    assert main(["profiles"]) == 0
    out = capsys.readouterr().out
    assert out.count("(the default)") == 1
    joined = " ".join(out.split())
    for name, profile in BUILT_IN.items():
        assert f"\n{name}" in f"\n{out}"
        assert " ".join(profile.source.split()) in joined


def test_a_profile_in_full_can_be_loaded_again(capsys: Output) -> None:
    from sim.spec.profile import BUILT_IN, load_profile

    assert main(["profiles", "jvm"]) == 0
    assert load_profile(answer(capsys)).document() == BUILT_IN["jvm"].document()


def test_ascii_where_the_encoding_is_poor(root: Path) -> None:
    env = {
        **os.environ,
        "PYTHONPATH": str(root),
        "PYTHONIOENCODING": "ascii",
        "PYTHONUTF8": "0",
        "COLUMNS": "80",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "sim", "run", "shop.yaml", "--profile", "textbook"],
        env=env,
        capture_output=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.isascii()
    assert b"shop:previous -> v2" in b" ".join(ended.stdout.split())


@pytest.mark.parametrize("no_color", [False, True])
def test_colours_only_where_they_are_wanted(root: Path, no_color: bool) -> None:
    master, slave = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8", "TERM": "xterm-256color"}
    if no_color:
        env["NO_COLOR"] = "1"
    command = [
        sys.executable,
        "-m",
        "sim",
        "run",
        "shop.yaml",
        "--profile",
        "textbook",
        "--require",
        "complete==true",
    ]
    with (
        Path("stderr.txt").open("w", encoding="utf-8") as stderr,
        subprocess.Popen(command, env=env, stdout=slave, stderr=stderr) as process,
    ):
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not part:
                break
            shown += part
        code = process.wait(timeout=120)
    os.close(master)
    assert (code, Path("stderr.txt").read_text(encoding="utf-8")) == (0, "")
    assert (b"\x1b[32mPASS" in shown) is not no_color
    assert max(len(line) for line in shown.decode().splitlines() if "\x1b" not in line) <= 80


def test_of_several_the_worst_comes_first(capsys: Output) -> None:
    bad = SHOP.replace("shop", "api").replace("replicas: 4", "replicas: 2")
    slow = SHOP.replace("shop", "cart").replace("replicas: 4", "replicas: 9")
    profile = "{base: textbook, images: {'api:v2': {faults: {never_ready: 1}}}}"
    Path("profile.yaml").write_text(profile, encoding="utf-8")
    Path("three.yaml").write_text("---\n".join((SHOP, bad, slow)), encoding="utf-8")
    assert main(["run", "three.yaml", "--profile", "profile.yaml", "--require", "duration_s<=5s"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "✗ 3 Deployments: 1 stuck, 2 complete"
    assert lines[2].split()[1] == "api"
    assert len(lines) <= 3 + 6
    assert lines[6].startswith("FAIL  3 of 3 limits  api: duration_s<=5s  (it is never")


def test_of_what_completes_the_least_available_comes_first(capsys: Output) -> None:
    quick = SHOP.replace("shop", "api").replace("spec:\n  r", "spec:\n  strategy: {type: Recreate}\n  r", 1)
    slow = SHOP.replace("shop", "cart").replace("spec:\n  r", "spec:\n  minReadySeconds: 60\n  r", 1)
    Path("two.yaml").write_text(f"{slow}---\n{quick}", encoding="utf-8")
    assert main(["run", "two.yaml", "--profile", "textbook"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[2:4]]
    assert [row[1] for row in rows] == ["api", "cart"]
    assert float(rows[0][4]) < float(rows[1][4])


def test_measures_are_printed_when_asked_for(capsys: Output, golden: Golden) -> None:
    assert run("--measures") == 0
    told = capsys.readouterr().out
    assert "  duration_s " in told
    assert "  longest_gap_s " in told
    assert run() == 0
    assert "longest_gap_s" not in capsys.readouterr().out


def test_what_is_missing_is_red_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from sim.cli import answer as shown
    from sim.cli.result import run_once
    from sim.spec.scenario import load

    text = io.StringIO()
    console = Console(file=text, width=80, force_terminal=True, color_system="standard", highlight=False)
    shown.print_one(console, run_once(load("shop.yaml", profile="textbook"), ()).outcomes[0], "four pods")
    assert "\x1b[33m! shop: complete after 20 s" in text.getvalue()  # yellow: pods are missing on the way
    assert "\x1b[31m" in text.getvalue()
