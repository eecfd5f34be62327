"""Every recording played as a scenario: the simulated kubectl answers what the real one answered."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from sim.cli import main
from sim.engine import simulate
from sim.spec.scenario import load
from tests.recorded.normal import normal

FOLDER = Path(__file__).parent
RECORDINGS = sorted(path.name for path in FOLDER.glob("*.json"))
STATUS = "rollout status"


def recording(name: str) -> dict[str, Any]:
    """Return a recording."""
    read: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return read


def played(name: str, seed: int) -> list[dict[str, Any]]:
    """Return the commands of a simulated run of a recording."""
    table = simulate(load(FOLDER / name), seed).tables["commands"]
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_command_is_answered_as_it_really_was(name: str) -> None:
    real = recording(name)["commands"]
    found = played(name, seed=1)
    assert [row["command"] for row in found] == [row["command"] for row in real]
    assert [row["exit"] for row in found] == [row["exit"] for row in real]
    for row, was in zip(found, real, strict=True):
        if not row["command"].startswith(STATUS):
            assert normal(row["output"]) == normal(was["output"])
        else:
            # How many lines a status prints, and between which counts, differs between real runs too; its
            # end does not.
            assert row["output"].splitlines()[-1] == was["output"].rstrip().splitlines()[-1]


@pytest.mark.parametrize("name", [name for name in RECORDINGS if name.startswith("seed-3-")])
def test_a_status_goes_through_the_counts_of_one_of_the_real_runs(name: str) -> None:
    # Equal pods, one after the other: there is one order of counts, or two.
    family = [other for other in RECORDINGS if other.split(".")[0] == name.split(".")[0]]
    real = {
        _counts(row["output"]) for other in family for row in recording(other)["commands"] if _is_status(row)
    }
    found = {_counts(row["output"]) for seed in range(3) for row in played(name, seed) if _is_status(row)}
    assert not real or found & real


def _is_status(row: dict[str, Any]) -> bool:
    return bool(row["command"].startswith(STATUS))


def _counts(output: str) -> tuple[str, ...]:
    return tuple(line for line, _ in groupby(output.splitlines()))


def test_a_recording_is_a_scenario_for_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    name = "seed-3-history-undo.json"
    # What was asked for is undone in it, and nobody says that this is expected.
    assert main(["run", str(FOLDER / name), "--transcript", "--format", "json"]) == 1
    commands = json.loads(capsys.readouterr().out)["commands"]
    real = recording(name)["commands"]
    assert {tuple(row) for row in commands} == {("started", "finished", "command", "exit", "output")}
    for row, was in zip(commands, real, strict=True):
        assert normal(row["output"]) == normal(was["output"])
        assert row["started"] == pytest.approx(was["started"], abs=1)
        assert row["finished"] - row["started"] == pytest.approx(was["finished"] - was["started"], abs=0.1)


def test_what_is_normalised() -> None:
    assert normal("testqc-6fd65fb77b-2hf5l   1/1   2m5s") == "testqc-6fd65fb77b-POD 1/1 AGE"
    assert normal("2 out of 3 new replicas") == "2 out of 3 new replicas"
    assert normal("testqc-6fd65fb77b   3   3   29s") != normal("testqc-7ccd96d697   3   3   29s")
