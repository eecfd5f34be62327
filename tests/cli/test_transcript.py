"""`rollsim run --transcript`: what a terminal would have shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.cli import main

SESSION = """\
manifests: {manifest}
profile: textbook
horizon: 5m
steps:
  - kubectl: set image deploy/testqc nodejs=qinchaowhut/allen:v2
  - kubectl: rollout status deploy/testqc
  - kubectl: rollout undo deploy/testqc --to-revision=9
  - {{kubectl: rollout pause deploy/testqc, when: updated == 9, limit: 5s}}
  - {{kubectl: get po, when: updated == 9}}
"""


@pytest.fixture
def session(tmp_path: Path, root: Path) -> str:
    """Return the path of a small session."""
    path = tmp_path / "session.yaml"
    path.write_text(SESSION.format(manifest=root / "scenarios/manifests/testqc.yaml"), encoding="utf-8")
    return str(path)


def test_history_and_undo_read_like_a_terminal(
    root: Path, golden: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(root / "scenarios/11-history-and-undo.yaml"), "--transcript"]) == 0
    golden("transcript-history.txt", capsys.readouterr().out)


def test_exits_ends_and_what_was_left_out(session: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", session, "--transcript"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("[0 s] $ kubectl set image deploy/testqc nodejs=qinchaowhut/allen:v2\n")
    assert "successfully rolled out\n# exit 0 at 30 s\n" in text
    assert "error: unable to find specified revision 9 in history\n# exit 1 at 30 s\n" in text
    assert "[35 s] # left out: kubectl rollout pause deploy/testqc: updated == 9 never came true\n" in text
    assert text.endswith("[5 min] # left out: kubectl get po: not reached before the simulation ends\n")


def test_the_transcript_as_json(session: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", session, "--transcript", "--format", "json"]) == 0
    first, status, undo = json.loads(capsys.readouterr().out)["commands"]
    assert first == {
        "started": 0.0,
        "finished": 0.0,
        "command": "set image deploy/testqc nodejs=qinchaowhut/allen:v2",
        "exit": 0,
        "output": "deployment.apps/testqc image updated\n",
    }
    assert (status["started"], status["finished"], status["exit"]) == (0, 30, 0)
    assert undo["exit"] == 1


def test_a_transcript_is_no_csv(session: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", session, "--transcript", "--format", "csv"]) == 2
    assert "--transcript is printed as a table or as json" in capsys.readouterr().err


def test_nothing_in_a_session_steers_the_terminal(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "s.yaml"
    manifest = root / "scenarios/manifests/testqc.yaml"
    line = json.dumps("annotate deploy/testqc a=\x9b2J\u202e")
    path.write_text(f"manifests: {manifest}\nsteps: [{{kubectl: {line}}}]\n", encoding="utf-8")
    for form in ("table", "json"):
        assert main(["run", str(path), "--transcript", "--format", form]) == 0
        out = capsys.readouterr().out
        assert "annotate deploy/testqc" in out
        assert not set(out) & {"\x9b", "\u202e", "\x1b"}


def test_files_of_a_session(session: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["run", session, "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(["run", session, "--transcript"]) == 0
    assert (out / "transcript.txt").read_text(encoding="utf-8") == capsys.readouterr().out
    header, *rows = (out / "commands.csv").read_text(encoding="utf-8").splitlines()
    assert header == "started_s,finished_s,command,exit,output"
    assert rows[0].startswith("0,0,set image deploy/testqc")
