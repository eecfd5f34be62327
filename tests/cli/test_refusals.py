"""Wrong use and hostile surroundings: closed and full streams, contradictions, floods, odd terminals."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli import VERBS, main
from sim.cli.format import plain
from sim.cli.problems import problem_lines
from sim.cli.text import open_console
from sim.errors import Diagnostic

DEMO = "scenarios/manifests/testqc.yaml"
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _plain_place(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "80")


def shell(words: str, root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `rollsim` and what follows by sh, which can close its streams."""
    env = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8", **variables}
    command = f'"{sys.executable}" -m sim {words}'
    return subprocess.run(
        ["sh", "-c", command],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


_WORDS = {
    "run": f"run {DEMO}",
    "check": f"check {DEMO}",
    "completion": "completion bash",
    "validate": "validate tests/recorded/seed-3-recreate.json --replications 1",
}


@pytest.mark.parametrize("words", ["--version", "--help", *(_WORDS.get(verb, verb) for verb in VERBS)])
def test_a_closed_standard_output_is_quiet(words: str, root: Path) -> None:
    ended = shell(f"{words} >&-", root)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "Traceback" not in ended.stderr


def test_closed_standard_error_is_quiet(root: Path) -> None:
    assert shell("run nofile 2>&-", root).returncode == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
@pytest.mark.parametrize("words", ["run nofile", "run --nooption", "run a.yaml --require x", "rnu"])
def test_a_mistake_that_cannot_be_told_still_ends_with_2(words: str, root: Path) -> None:
    assert shell(f"{words} 2>/dev/full", root).returncode == 2


def test_charts_need_no_backend(root: Path, tmp_path: Path) -> None:
    ended = shell(f"run {DEMO} --out {tmp_path / 'out'}", root, MPLBACKEND="foo")
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out" / "timeline.png").is_file()


def test_what_is_printed_cannot_steer_the_terminal() -> None:
    assert plain("a\x1b[31m\x9bb\u202e→", io.StringIO()) == "a\\x1b[31m\\x9bb\\u202e->"


def test_the_name_of_a_file_cannot_steer_the_terminal(tmp_path: Path, root: Path, capsys: Output) -> None:
    file = tmp_path / "a\x1b[31m.yaml"
    file.write_text(f"manifests: {root / DEMO}\n", encoding="utf-8")
    assert main(["run", str(file)]) == 0
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "scenario a\\x1b[31m" in out


# --- floods


def diagnostics(errors: int, warnings: int) -> list[Diagnostic]:
    """Return warnings, and then errors."""
    codes = ["W201"] * warnings + ["E101"] * errors
    return [Diagnostic(code=code, message=f"number {i}") for i, code in enumerate(codes)]


def test_a_hundred_problems_are_shown_and_the_others_counted() -> None:
    assert problem_lines(diagnostics(100, 0)) == [f"E101 number {i}" for i in range(100)]
    lines = problem_lines(diagnostics(1, 5100))
    assert lines[:2] == ["W201 number 0", "W201 number 1"]
    assert lines[-2:] == ["E101 number 5100", "… and 5,001 more problems"]
    assert len(lines) == 101
    assert problem_lines(diagnostics(101, 0))[-1] == "… and 1 more problem"


@pytest.mark.parametrize("verb", ["run", "check"])
def test_a_flood_of_problems_is_cut(verb: str, tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "flood.yaml").write_text("---\na\n" * 3000, encoding="utf-8")
    assert main([verb, str(tmp_path / "flood.yaml")]) == 2
    out, err = capsys.readouterr()
    lines = (out if verb == "check" else err).splitlines()
    assert lines[100] == "… and 2,900 more problems"
    assert lines[101:] == (["3000 errors, 0 warnings"] if verb == "check" else [])


# --- wrong use


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["run", DEMO, "--set"], "rollsim run: Option '--set' requires an argument. Try rollsim run --help."),
        (["schema", "profil"], "Did you mean profile? Try rollsim schema --help."),
        (["completion", "bsh"], "Did you mean bash? Try rollsim completion --help."),
        (["run", DEMO, "--format", "jsn"], "Did you mean json? Try rollsim run --help."),
        (
            ["run", DEMO, "--replicas", "4", "--set", "replicas=5"],
            "rollsim run: --replicas 4 contradicts --set replicas=5. Try rollsim run --help.",
        ),
        (
            ["run", DEMO, "--replicas", "4", "--set", "spec.replicas = 5"],
            "rollsim run: --replicas 4 contradicts --set spec.replicas=5. Try rollsim run --help.",
        ),
        (
            ["run", DEMO, "--seed", "1", "--set", "seed=2"],
            "rollsim run: --seed 1 contradicts --set seed=2. Try rollsim run --help.",
        ),
    ],
)
def test_wrong_use_is_told_in_one_line(arguments: list[str], line: str, capsys: Output) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith(f"{line}\n")


def test_saying_the_same_twice_is_no_contradiction(capsys: Output) -> None:
    assert main(["run", DEMO, "--replicas", "4", "--set", "replicas=4", "--format", "csv"]) == 0


def test_every_wrong_limit_is_a_line(capsys: Output) -> None:
    limits = ["duraton_s<=10", "duration_s<=5m", "min_ready>>1", "min_ready>=٣", "x" * 500]
    assert main(["run", DEMO, *(f"--require={limit}" for limit in limits)]) == 2
    lines = capsys.readouterr().err.splitlines()
    start = "rollsim run: --require: "
    assert lines[0] == (
        f"{start}'duraton_s<=10' at character 1: no measure is called 'duraton_s'; did you mean duration_s?"
    )
    assert lines[1].startswith(f"{start}'min_ready>>1' at character 10: '>>' is not one of")
    assert lines[2] == f"{start}'min_ready>=٣' at character 12: the digits of a number are 0 to 9"
    assert lines[3].startswith(f"{start}'xxx")
    assert len(lines) == 4
    assert max(map(len, lines)) < 300


def test_a_wrong_profile_has_its_place_and_hides_nothing(tmp_path: Path, capsys: Output) -> None:
    assert main(["run", DEMO, "--profile", "jvmm"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("--profile: E301 no such profile; found 'jvmm'; ")
    assert line.endswith("did you mean jvm?")
    assert main(["run", str(tmp_path / "none.yaml"), "--profile", "jvmm"]) == 2
    assert [line.split()[1] for line in capsys.readouterr().err.splitlines()] == ["E301", "E001"]


@pytest.mark.parametrize(("columns", "width"), [("20", 40), ("80", 80), ("100000", 200)])
def test_text_is_40_to_200_columns_wide(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert open_console(io.StringIO()).width == width
