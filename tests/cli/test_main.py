"""The command as a whole: exit codes, what goes to which stream, one line for each mistake, quiet ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim import __version__
from sim.cli import VERBS, main
from sim.errors import Diagnostic, InputError

Golden = Callable[[str, str], None]
DEMO = "scenarios/manifests/testqc.yaml"


@pytest.fixture(autouse=True)
def _plain_place(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    for name in ("COLUMNS", "LINES", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def run(*arguments: str, root: Path, **keywords: object) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, 80 columns wide, in UTF-8."""
    env = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "sim", *arguments],
        cwd=root,
        env=env,
        text=True,
        timeout=120,
        encoding="utf-8",
        **keywords,
    )


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"rollsim {__version__}\n"


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_texts(verb: str, capsys: pytest.CaptureFixture[str], golden: Golden) -> None:
    assert main([*([verb] if verb else []), "--help"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    # Releases of click differ in the brackets around choices and in nothing else that these texts use.
    golden(f"help{'-' + verb if verb else ''}.txt", re.sub(r"[\[({](\w+(?:\|\w+)+)[\])}]", r"[\1]", text))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["rnu"], "rollsim: No such command 'rnu'. Did you mean run? Try rollsim --help."),
        ([DEMO], f"rollsim: No such command '{DEMO}'. Did you mean rollsim run {DEMO}? Try rollsim --help."),
        (["run"], "rollsim run: Missing argument 'PATH...'"),
        (["run", "--sed", "1"], "rollsim run: No such option"),
        (
            ["run", DEMO, "--seed", "-1"],
            "rollsim run: Invalid value for '--seed': '-1' is not a whole number from 0",
        ),
        (["run", DEMO, "--seed", str(2**63)], "rollsim run: Invalid value for '--seed'"),
        (["run", DEMO, "--replicas", "many"], "rollsim run: Invalid value for '--replicas': 'many' is not"),
        (["run", DEMO, "--format", "xml"], "rollsim run: Invalid value for '--format'"),
        (["profiles", "jwm"], "rollsim profiles: No such profile 'jwm'. Did you mean jvm?"),
        (["completion", "tcsh"], "rollsim completion: Invalid value for"),
        (["check"], "rollsim check: Missing argument"),
    ],
)
def test_wrong_use_is_one_line_and_2(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(line)
    assert err.count("\n") == 1


def test_the_nearest_option_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--profil", "x"]) == 2
    assert "--profile" in capsys.readouterr().err


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err


def raising(error: BaseException) -> Callable[..., None]:
    def raise_it(*_: object, **__: object) -> None:
        raise error

    return raise_it


def test_every_problem_of_the_input_is_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problems = [
        Diagnostic(code="E101", message="first", file="a.yaml", line=3),
        Diagnostic(code="E102", message="second\nline"),
    ]
    monkeypatch.setattr("sim.cli.inputs.read_scenario", raising(InputError(problems)))
    assert main(["run", DEMO]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "a.yaml:3: E101 first\nE102 second\\nline\n")


def test_an_interrupt_is_one_line_and_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sim.cli.inputs.read_scenario", raising(KeyboardInterrupt()))
    assert main(["run", DEMO]) == 130
    assert capsys.readouterr().err == "rollsim: interrupted\n"


def test_a_full_disk_is_one_line_and_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = OSError(28, "No space left on device", "out/pods.csv")
    monkeypatch.setattr("sim.cli.inputs.read_scenario", raising(error))
    assert main(["run", DEMO]) == 2
    assert capsys.readouterr().err == "rollsim: No space left on device: out/pods.csv\n"


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.cli.inputs.read_scenario", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        main(["run", DEMO])


def test_a_reader_that_goes_away_is_no_news(root: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = run("schema", root=root, stdout=writer, stderr=subprocess.PIPE)
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_standard_output_that_cannot_be_written(root: Path) -> None:
    with open("/dev/full", "w") as full:
        ended = run("schema", root=root, stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode == 2
    assert ended.stderr.startswith("rollsim: No space left on device")
    assert ended.stderr.count("\n") == 1


def test_python_m_sim_is_the_command(root: Path) -> None:
    ended = run("--version", root=root, capture_output=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"rollsim {__version__}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_back(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_ROLLSIM_COMPLETE={shell}_complete" in script


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("rollsim pro", ["profiles"]),
        ("rollsim run --profile j", ["jvm"]),
        ("rollsim run --require min_a", ["min_availability>="]),
        ("rollsim run --set maxS", ["maxSurge="]),
        ("rollsim profiles te", ["textbook"]),
    ],
)
def test_the_tabulator_offers(typed: str, offered: list[str], root: Path) -> None:
    words = typed.split()
    env = {**os.environ, "PYTHONPATH": str(root), "_ROLLSIM_COMPLETE": "zsh_complete"}
    env |= {"COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)}
    ended = subprocess.run(
        [sys.executable, "-c", "from sim.cli import main; main()"],
        env=env,
        text=True,
        capture_output=True,
        timeout=120,
    )
    assert ended.stderr == ""
    # zsh gets three lines an offer: its type, its text, its help.
    assert ended.stdout.splitlines()[1::3] == offered


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("run", "--help")])
def test_who_reads_no_help_is_told_nothing(words: tuple[str, ...], root: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = run(*words, root=root, stdout=writer, stderr=subprocess.PIPE)
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, "")


HOSTILE = "a\x1b[31m\u202eb"


@pytest.mark.parametrize(
    "words",
    [
        (HOSTILE,),
        ("check", HOSTILE),
        ("check", HOSTILE, "--format", "json"),
        ("run", HOSTILE),
        ("run", f"{HOSTILE}.yaml"),
        ("run", f"{HOSTILE}.yaml", "--format", "csv", "--require", "duration_s<=1ms"),
        ("compare", f"{HOSTILE}.yaml", "other.yaml", "--replications", "2", "--workers", "1"),
        (
            "compare",
            f"{HOSTILE}.yaml",
            "other.yaml",
            "--replications",
            "2",
            "--workers",
            "1",
            "--format",
            "csv",
        ),
        ("validate", f"{HOSTILE}.json", "--replications", "1"),
        ("report", HOSTILE),
        ("run", f"{HOSTILE}.yaml", "--out", f"{HOSTILE}-out"),
    ],
)
def test_names_of_files_steer_no_terminal(
    words: tuple[str, ...],
    tmp_path: Path,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    manifest = (root / "scenarios" / "manifests" / "testqc.yaml").read_text(encoding="utf-8")
    for name in (HOSTILE, f"{HOSTILE}.yaml", "other.yaml"):
        Path(name).write_text(manifest, encoding="utf-8")
    recording = root / "tests" / "recorded" / "seed-3-defaults.json"
    Path(f"{HOSTILE}.json").write_bytes(recording.read_bytes())
    assert main(list(words)) in (0, 1, 2)
    printed = "".join(capsys.readouterr())
    assert printed.replace("\n", "").isprintable()
    assert "\\x1b" in printed or "\\u001b" in printed or words[0] in ("compare", "check")
