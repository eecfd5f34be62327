"""What is written to a folder: which files, which bytes, and never a half of them."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.errors import InputError
from sim.metrics import measure
from sim.store import FILES, cell, write
from sim.trace import COLUMNS
from tests.traces import PROVENANCE, rolling

TRACE = rolling(3)
MEASURES = measure(TRACE).as_dict()


def test_exactly_these_files_are_written(tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    paths = write(TRACE, MEASURES, out)
    assert sorted(p.name for p in out.iterdir()) == sorted(FILES)
    assert [p.name for p in paths] == [
        "replicasets.csv",
        "deployments.csv",
        "pods.csv",
        "endpoints.csv",
        "events.csv",
        "measures.json",
        "provenance.json",
    ]
    assert all(path.parent == out for path in paths)


@pytest.mark.parametrize("name", ["replicasets", "deployments", "pods", "endpoints", "events"])
def test_tables_come_back_cell_by_cell(name: str, tmp_path: Path) -> None:
    write(TRACE, MEASURES, tmp_path)
    text = (tmp_path / f"{name}.csv").read_bytes()
    assert b"\r" not in text
    header, *rows = csv.reader(text.decode().splitlines())
    assert tuple(header) == COLUMNS[name]
    table = TRACE.tables[name]
    assert len(rows) == len(table[header[0]])
    for i, column in enumerate(header):
        for row, value in zip(rows, table[column], strict=True):
            if isinstance(value, float) and math.isnan(value):
                assert row[i] == ""
            elif isinstance(value, str):
                assert row[i] == value
            else:
                assert float(row[i]) == pytest.approx(value, abs=5e-7)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.1, "5.1"),
        (15.0, "15"),
        (100.0, "100"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.333333"),
        (1e-7, "0"),
        (-1e-9, "0"),
        (-0.25, "-0.25"),
        (1234567.0, "1234567"),
        (math.nan, ""),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (3, "3"),
        (100, "100"),
        (True, "true"),
        (None, ""),
        ("=1+1", "=1+1"),
    ],
)
def test_cells(value: Any, text: str) -> None:
    assert cell(value) == text


def test_user_text_survives_as_it_is(tmp_path: Path) -> None:
    trace = rolling(1, steps=((0.0, 'a "b", c\nd'), (0.0, "=cmd|' /C calc'!A0"), (0.0, "\udce4 ü")))
    write(trace, MEASURES, tmp_path)
    with (tmp_path / "events.csv").open(encoding="utf-8", newline="") as file:
        messages = [row["message"] for row in csv.DictReader(file)]
    assert messages == ['a "b", c\nd', "=cmd|' /C calc'!A0", "\\udce4 ü"]


def test_measures_carry_the_provenance(tmp_path: Path) -> None:
    write(TRACE, MEASURES, tmp_path)
    text = (tmp_path / "measures.json").read_text()
    assert text.endswith("}\n")
    found = json.loads(text)
    assert list(found) == [*MEASURES, "provenance"]
    assert found == {**MEASURES, "provenance": PROVENANCE.as_dict()}


def test_the_provenance_reproduces_the_run(tmp_path: Path) -> None:
    write(replace(TRACE, horizon_s=99.5, quiet=False), MEASURES, tmp_path)
    found = json.loads((tmp_path / "provenance.json").read_text())
    ends = {"started_s": 0.0, "ended_s": TRACE.ended_s, "horizon_s": 99.5, "quiet": False}
    assert found == {**PROVENANCE.as_dict(), **ends}
    assert list(found)[:3] == ["version", "scenario", "digest"]


def test_equal_traces_give_equal_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write(rolling(3), MEASURES, tmp_path / name)
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_charts_are_moved_with_the_rest(tmp_path: Path) -> None:
    def charts(folder: Path) -> None:
        assert not (tmp_path / "timeline.png").exists()
        (folder / "timeline.png").write_bytes(b"png")

    paths = write(TRACE, MEASURES, tmp_path, charts)
    assert paths[-1] == tmp_path / "timeline.png"
    assert (tmp_path / "timeline.png").read_bytes() == b"png"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*FILES, "timeline.png"])


def test_older_results_are_replaced_and_unrelated_files_kept(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "pods.csv").write_text("old")
    write(TRACE, MEASURES, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "pods.csv").read_text().startswith("pod,replicaset")


def _fail(folder: Path) -> None:
    (folder / "timeline.png").write_bytes(b"half")
    raise RuntimeError("drawing failed")


def _interrupt(folder: Path) -> None:
    raise KeyboardInterrupt


def _no_room(folder: Path) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("charts", "error"), [(_fail, RuntimeError), (_interrupt, KeyboardInterrupt), (_no_room, InputError)]
)
def test_a_failure_leaves_nothing(
    charts: Callable[[Path], None], error: type[BaseException], tmp_path: Path
) -> None:
    with pytest.raises(error):
        write(TRACE, MEASURES, tmp_path / "a" / "b", charts)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "pods.csv").write_text("old")
    with pytest.raises(error):
        write(TRACE, MEASURES, tmp_path, charts)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("pods.csv", "old")]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match=r"out: E901 cannot write output: there is a file of that name"):
        write(TRACE, MEASURES, tmp_path / "out")
    with pytest.raises(InputError, match=r"E901 cannot write output: .*not a directory"):
        write(TRACE, MEASURES, tmp_path / "out" / "deeper")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("loop", "the symbolic link leads back to itself"),
        ("loop/deeper", "the symbolic link leads back to itself"),
        ("dangling", "the symbolic link points to nothing"),
        ("dangling/deeper", "the symbolic link points to nothing"),
        ("n" * 300, "the name is too long"),
    ],
    ids=["loop", "in-loop", "dangling", "in-dangling", "long"],
)
def test_a_name_that_leads_nowhere_is_refused_in_its_own_words(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match=f"E901 cannot write output: {words}"):
        write(TRACE, MEASURES, tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dangling", "loop"]


def test_a_folder_in_the_way_of_a_file_is_refused_before_anything_moves(tmp_path: Path) -> None:
    (tmp_path / "provenance.json").mkdir()
    with pytest.raises(InputError, match="a folder is in the way"):
        write(TRACE, MEASURES, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["provenance.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="E901 cannot write output: permission denied"):
        write(TRACE, MEASURES, tmp_path)


def test_measures_unfit_for_json_are_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write(TRACE, {"x": math.inf}, tmp_path / "out")
    with pytest.raises(ValueError, match="provenance"):
        write(TRACE, {"provenance": 1}, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
