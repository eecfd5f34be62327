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


_FEWER = "expected at most 10,000, or a Latin hypercube of fewer points"
_WORDS = {
    "run": f"run {DEMO}",
    "check": f"check {DEMO}",
    "completion": "completion bash",
    "validate": "validate tests/recorded/seed-3-recreate.json --replications 1",
    "sweep": f"sweep {DEMO} --axis maxSurge=1,2 --replications 2 --workers 2",
    "compare": f"compare {DEMO} --set maxSurge=1 --replications 2 --workers 1",
    "recommend": f"recommend {DEMO} --axis maxSurge=1,2 --replications 2 --workers 1",
    "report": "report --help",
    "timeouts": "timeouts --help",
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
        (
            ["sweep", DEMO, "--seed", "1", "--set", "seed=2"],
            "rollsim sweep: --seed 1 contradicts --set seed=2. Try rollsim sweep --help.",
        ),
        (["sweep"], "a scenario, or - for standard input. Try rollsim sweep --help."),
        (["sweep", DEMO, "--axis", "maxSurg=1"], "key, or spec.…; did you mean maxSurge?"),
        (["sweep", DEMO, "--zip", "maxSurg=1"], "key, or spec.…; did you mean maxSurge?"),
        (["sweep", DEMO, "--axis", "profile=fsat"], "or a file (.yaml); did you mean fast?"),
        (
            ["sweep", DEMO, "--axis", "maxSurge=0..9999999999"],
            f"sweep carries; found 'maxSurge=0..9999999999'; {_FEWER}",
        ),
        (
            ["sweep", DEMO, *(f"--axis={key}=0..999" for key in ("maxSurge", "maxUnavailable", "replicas"))],
            f"--axis: E503 1,000,000,000 combinations are more than a sweep carries; {_FEWER}",
        ),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1,,2"],
            "found 'maxSurge=1,,2'; expected maxSurge=VALUE,VALUE,…",
        ),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1", "--axis", "maxSurge=2"],
            "expected all its values in one --axis",
        ),
        (
            ["sweep", DEMO, "--axis", "replicas=1", "--axis", "spec.replicas=2"],
            "E501 an axis is given twice; found 'spec.replicas'; expected all its values in one --axis",
        ),
        (["sweep", DEMO, "--axis", "seed=1,2"], "replications differ by chance already; found 'seed=1,2'"),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1", "--points", "x"],
            "no say beside it. Try rollsim sweep --help.",
        ),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1", "--deployment", "testq"],
            "one of testqc; did you mean testqc?",
        ),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1", "--workers", "0"],
            "number from 1 to 1024. Try rollsim sweep --help.",
        ),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1", "--replications", "0"],
            "to 1000000. Try rollsim sweep --help.",
        ),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1", "--most", "9"],
            "which is not given. Try rollsim sweep --help.",
        ),
        (["sweep", DEMO, "--axis", "maxSurge=1", "--resume"], "name it by --out. Try rollsim sweep --help."),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1", "--out", ""],
            "the name is empty. Try rollsim sweep --help.",
        ),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1", "--format", "jsno"],
            "Did you mean json? Try rollsim sweep --help.",
        ),
        (
            ["sweep", DEMO, "--axis", "maxSurge=1", "--lhs", "2", "--zip", "maxUnavailable=1"],
            "Try rollsim sweep --help.",
        ),
        (["compare"], "'A': a manifest, a folder or a scenario. Try rollsim compare --help."),
        (
            ["compare", DEMO],
            "E504 there is nothing to compare with; expected another manifest, or --set KEY=VALUE",
        ),
        (["compare", DEMO, f"./{DEMO}"], "The same candidate is named twice. Try rollsim compare --help."),
        (
            ["compare", DEMO, "--set", "maxSurge"],
            "--set: E504 this is no setting; found 'maxSurge'; expected KEY=VALUE,…",
        ),
        (
            ["compare", DEMO, "--set", "seed=3"],
            "all candidates have one seed; found 'seed=3'; expected --seed N",
        ),
        (
            ["compare", DEMO, "--set", "maxSurge=1", "--set", "maxSurge=1"],
            "--set: E504 a candidate comes twice; found 'maxSurge=1'; expected each of them once",
        ),
        (["compare", DEMO, "--set", "maxSurge=1,maxSurge=2"], "expected one value each"),
        (
            ["recommend", DEMO, "--minimize", "peak_pods", "--maximize", "peak_pods"],
            "rollsim recommend: mean(peak_pods) is an aim twice. Try rollsim recommend --help.",
        ),
    ],
)
def test_wrong_use_is_told_in_one_line(arguments: list[str], line: str, capsys: Output) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    # The demo has warnings of its own.
    assert len([text for text in err.splitlines() if " W" not in text]) == 1
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
    assert lines[1:3] == ["    duraton_s<=10", "    ^"]
    assert lines[3].startswith(f"{start}'min_ready>>1' at character 10: '>>' is not one of")
    assert lines[4:6] == ["    min_ready>>1", "             ^"]
    assert lines[6] == f"{start}'min_ready>=٣' at character 12: the digits of a number are 0 to 9"
    assert lines[8] == "               ^"
    assert lines[9].startswith(f"{start}'xxx")
    assert len(lines) == 10
    assert max(map(len, lines)) < 300


@pytest.mark.parametrize(
    ("limit", "caret"),
    [
        ("p95(duratoin_s)<=5m", "    ^"),
        ("  p95(duratoin_s)<=5m", "      ^"),
        ("p95(duration_s)<=5m 語 x", "                 ^"),
        ("p95(語)<=5m", "    ^"),
        ("duration_s<=語５", "              ^"),  # two columns for a wide character
        ("duration_s<=e\u0301٣", "             ^"),  # none for a combining one
        ("\tp95(duratoin_s)<=5m", None),  # as wide as the terminal likes
        ("", None),
        ("   ", None),
        ("p95(" + "x" * 5000 + ")<=5m", None),
        ("p95(duration_s)<=5m\x1b[31m", None),
        ("\u202ep95(duration_s)<=5m", None),
        ("\ud800", None),
    ],
)
@pytest.mark.parametrize("option", ["--require", "--minimize", "--precision"])
def test_the_caret_stands_under_what_is_wrong(
    option: str, limit: str, caret: str | None, capsys: Output
) -> None:
    assert main(["recommend", DEMO, option, limit]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    first, *rest = err.splitlines()
    assert first.startswith(f"rollsim recommend: {option}: ")
    assert len(first) < 300
    assert not set(err) & {"\x1b", "\u202e", "\ud800", "\t"}
    if option == "--require":
        assert rest == ([] if caret is None else [f"    {limit}", f"    {caret}"])


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


# --- points, results, folders in the way


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "points.csv: E501 there are no points in it"),
        ("maxSurge\n", "points.csv: E501 there are no points in it"),
        ("maxSurg\n1\n", "points.csv:1: E407 no such setting; found 'maxSurg'"),
        ("maxSurge,\n1,2\n", "points.csv:1: E501 a column has no name"),
        (
            "replicas,spec.replicas\n1,2\n",
            "points.csv:1: E501 this setting comes twice; found 'spec.replicas'",
        ),
        ("seed\n1\n", "points.csv:1: E501 the seed is no axis"),
        ("maxSurge\n1\n1,2\n", "points.csv:3: E501 2 cells under a header of 1"),
        ("maxSurge\nx\n", "points.csv: E111 spec.strategy.rollingUpdate.maxSurge: neither a whole number"),
        ("maxSurge\n\n\n", "points.csv: E504 there is nothing to vary"),
        ('maxSurge\n"1\n', "points.csv: E501 this is not CSV: "),
    ],
)
def test_wrong_points_have_their_place(
    text: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("points.csv").write_text(text, encoding="utf-8")
    assert main(["sweep", str(root / DEMO), "--points", "points.csv"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(problem)


@pytest.mark.parametrize("words", [["sweep", "--axis", "maxSurge=1"], ["compare", "--set", "maxSurge=1"]])
def test_results_are_nothing_to_simulate(words: list[str], tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "plan.json").write_text("{}", encoding="utf-8")
    assert main([*words, str(tmp_path)]) == 2
    assert "holds results; rollsim recommend" in capsys.readouterr().err


@pytest.mark.parametrize("verb", [["sweep", "--axis"], ["recommend", "--axis"], ["compare", "--set"]])
def test_a_file_where_a_folder_should_be(verb: list[str], tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for out in ("file", "file/deeper"):
        assert (
            main([verb[0], DEMO, verb[1], "maxSurge=1", "--workers", "1", "--out", str(tmp_path / out)]) == 2
        )
        assert "E901 cannot write output: " in capsys.readouterr().err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
