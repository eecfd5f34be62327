"""`rollsim sweep`: what varies, what is printed and kept, and how it ends when it is interrupted."""

from __future__ import annotations

import csv
import io
import math
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.cli import main
from sim.metrics import MEASURES
from sim.stats import summarize
from sim.sweep.axes import grid, parse_axis
from sim.sweep.folder import read_sample
from sim.sweep.plan import Plan
from sim.sweep.planning import plan_sweep
from sim.sweep.rounds import sweep
from sim.sweep.sample import Sample
from tests.cli.place import FEW, ROOT, environment, rollsim, settle, strict

Output = pytest.CaptureFixture[str]
AXES = ("--axis", "maxSurge=0,1", "--axis", "maxUnavailable=0,1")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(tmp_path, monkeypatch)


def shop(*arguments: str) -> int:
    """Run `rollsim sweep shop.yaml` with few replications in this process."""
    return main(["sweep", "shop.yaml", *FEW, *arguments])


def in_json(capsys: Output, *arguments: str) -> Any:
    """Return what `--format json` prints."""
    assert shop(*arguments, "--format", "json") == 0
    return strict(capsys.readouterr().out)


def settings(document: Any) -> list[dict[str, str]]:
    return [one["settings"] for one in document["strategies"]]


def by_python() -> Sample:
    """Return the sample of AXES and FEW as Python makes it."""
    return sweep(plan_of_shop(*AXES[1::2]), 6)


def plan_of_shop(*axes: str) -> Plan:
    from sim import load

    scenario = load("shop.yaml")
    return plan_sweep(scenario, grid([parse_axis(text) for text in axes]), in_force=scenario)


# --- what is printed


def test_json_has_the_numbers_of_python_and_says_what_they_are_of(capsys: Output) -> None:
    document = in_json(capsys, *AXES)
    sample = by_python()
    assert document["provenance"] == sample.provenance
    assert settings(document) == [
        {"maxSurge": "0", "maxUnavailable": "1"},
        {"maxSurge": "1", "maxUnavailable": "0"},
        {"maxSurge": "1", "maxUnavailable": "1"},
        # What the manifest has today, which says nothing: Kubernetes' defaults.
        {"maxSurge": "25%", "maxUnavailable": "25%"},
    ]
    assert document["now"] == 3
    (left,) = document["left_out"]
    assert left["label"] == "maxSurge=0 maxUnavailable=0"
    assert "must not both be 0" in left["reason"]
    assert document["capped"] == []
    rows = summarize(sample.runs).to_dict("records")
    assert len(rows) == sum(len(one["statistics"]) for one in document["strategies"])
    for row in rows:
        found = document["strategies"][row.pop("strategy")]["statistics"][row.pop("measure")]
        assert list(found) == list(row)
        for name, value in row.items():
            assert found[name] == (value if math.isfinite(value) else None)


def test_csv_is_a_row_a_strategy_and_measure(capsys: Output) -> None:
    assert shop(*AXES, "--format", "csv") == 0
    out = capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(out)))
    sample = by_python()
    wanted = summarize(sample.runs)
    own = ["label", "name", "maxSurge", "maxUnavailable", "now"]
    assert list(rows[0]) == ["strategy", *own, *wanted.columns[1:]]
    for row in rows:
        settings = sample.about["strategies"][int(row["strategy"])]["settings"]
        assert {key: row[key] for key in settings} == settings
        assert row["label"] == " ".join(f"{key}={text}" for key, text in settings.items())
        assert row["now"] == str(row["maxSurge"] == "25%")
    assert {row["measure"] for row in rows} == {
        name for name, what in MEASURES.items() if what.unit != "text"
    }
    read = pd.read_csv(io.StringIO(out)).drop(columns=own)
    pd.testing.assert_frame_equal(read, wanted, check_dtype=False, rtol=1e-12)


def test_the_table_has_a_column_an_axis_and_fits(capsys: Output) -> None:
    assert shop(*AXES) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "shop: 4 strategies × 6 replications = 24 runs"
    # Who looks for numbers finds them first.
    assert out.index("left out: maxSurge=0 maxUnavailable=0:") > out.index("───")
    heads = next(line for line in lines if "maxUnavailable  " in line)
    assert heads.split()[:2] == ["maxSurge", "maxUnavailable"]
    rule = next(place for place, line in enumerate(lines) if line.startswith("───"))
    assert [line.split()[:3] for line in lines[rule + 1 : rule + 5]] == [
        ["0", "1", lines[rule + 1].split()[2]],
        ["1", "0", lines[rule + 2].split()[2]],
        ["1", "1", lines[rule + 3].split()[2]],
        ["25%", "25%", "now"],
    ]
    assert "checksum " in out
    assert "\x1b" not in out + err


def test_markdown_is_one_table(capsys: Output) -> None:
    assert shop(*AXES, "--format", "markdown") == 0
    head, rule, *rows, empty, provenance = capsys.readouterr().out.splitlines()
    assert head.startswith("| maxSurge | maxUnavailable | ")
    assert set(rule) == set("|-: ")
    assert len(rows) == 4
    assert empty == ""
    sample = by_python()
    size = "shop: 4 strategies × 6 replications = 24 runs, 1 combination left out · rollsim "
    assert provenance.startswith(size)
    assert f"digest {sample.about['digest']} · seed 1" in provenance
    assert provenance.endswith(f"checksum {sample.checksum}")
    assert {row.count("|") for row in rows} == {head.count("|")}


def test_csv_is_a_table_and_what_it_is_of_is_told_beside(capsys: Output) -> None:
    assert shop(*AXES, "--format", "csv") == 0
    out, err = capsys.readouterr()
    assert out.startswith("strategy,label,name,maxSurge,maxUnavailable,now,measure,")
    sample = by_python()
    assert err.splitlines()[-1].endswith(f"checksum {sample.checksum}")
    assert f"digest {sample.about['digest']} · seed 1" in err
    assert shop(*AXES, "--out", "out") == 0
    told = strict(Path("out/provenance.json").read_text(encoding="utf-8"))
    assert {name: told[name] for name in sample.provenance} == sample.provenance
    assert {"statistics.csv", *(path.name for path in Path("out").glob("*.png"))} == {*told["files"]}


def test_without_axes_the_usual_ones_are_tried(capsys: Output) -> None:
    document = in_json(capsys, "--replications", "1")
    assert {key for one in settings(document) for key in one} == {"maxSurge", "maxUnavailable"}
    assert len(settings(document)) == 19


def test_one_replication_is_one(capsys: Output) -> None:
    assert shop("--axis", "maxSurge=25%", "--replications", "1") == 0
    assert capsys.readouterr().out.startswith("shop: 1 strategy × 1 replication = 1 run\n")


def test_no_pods_are_no_trouble(capsys: Output) -> None:
    document = in_json(capsys, "--axis", "maxSurge=1,2", "--set", "replicas=0")
    assert {one["statistics"]["peak_pods"]["mean"] for one in document["strategies"]} == {0.0}


# --- what varies


def test_zipped_axes_advance_together(capsys: Output) -> None:
    zipped = ("--zip", "maxSurge=1,2,3", "--zip", "maxUnavailable=0,1,0")
    found = [tuple(one.values()) for one in settings(in_json(capsys, *zipped))]
    assert found == [("1", "0"), ("2", "1"), ("3", "0"), ("25%", "25%")]


def test_a_latin_hypercube_meets_every_value(capsys: Output) -> None:
    axes = ("--axis", "maxSurge=1..4", "--axis", "minReadySeconds=0..3")
    found = settings(in_json(capsys, *axes, "--lhs", "4"))
    assert sorted(one["maxSurge"] for one in found[:-1]) == list("1234")
    assert sorted(one["minReadySeconds"] for one in found[:-1]) == list("0123")
    assert found[-1] == {"maxSurge": "25%", "minReadySeconds": "0"}


def test_points_come_from_a_file(capsys: Output) -> None:
    Path("points.csv").write_text("maxSurge,maxUnavailable\n1,0\n,2\n", encoding="utf-8")
    found = settings(in_json(capsys, "--points", "points.csv"))
    asked = [{"maxSurge": "1", "maxUnavailable": "0"}, {"maxUnavailable": "2"}]
    assert found == [*asked, {"maxSurge": "25%", "maxUnavailable": "25%"}]


def test_precision_takes_what_it_needs_and_says_when_it_may_not(capsys: Output) -> None:
    goal = ("--precision", "mean(duration_s)=0.1%", "--most", "70", "--workers", "1", "--format", "json")
    assert main(["sweep", "shop.yaml", "--axis", "maxSurge=25%", "--profile", "textbook", *goal]) == 0
    textbook = strict(capsys.readouterr().out)
    assert main(["sweep", "shop.yaml", "--axis", "maxSurge=25%", *goal]) == 0
    node = strict(capsys.readouterr().out)
    # The textbook has no chance: one block is enough. The other one doubles until it may no more.
    counts = [one["strategies"][0]["statistics"]["duration_s"]["n"] for one in (textbook, node)]
    assert counts == [64, 70]
    assert (textbook["capped"], node["capped"]) == ([], [0])


def test_a_most_below_a_block_is_kept(capsys: Output) -> None:
    goal = ("--precision", "duration_s=0.1%", "--most", "5", "--workers", "1")
    assert main(["sweep", "shop.yaml", "--axis", "maxSurge=25%", *goal]) == 0
    out = capsys.readouterr().out
    assert "1 strategy × 5 replications" in out
    assert "not reached with 5 replications: maxSurge=25%" in " ".join(out.split())


def test_another_deployment_is_measured(capsys: Output) -> None:
    text = Path("shop.yaml").read_text(encoding="utf-8")
    Path("both.yaml").write_text(f"{text}---\n{text.replace('shop', 'cart')}", encoding="utf-8")
    for arguments, name in (((), "shop"), (("--deployment", "cart"), "cart")):
        assert main(["sweep", "both.yaml", "--axis", "maxSurge=1,2", *FEW, *arguments]) == 0
        assert f"Deployment {name} alone, of shop, cart (--deployment chooses):" in capsys.readouterr().out


def test_standard_input_is_swept(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    wanted = in_json(capsys, "--axis", "maxSurge=1,2")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path("shop.yaml").read_bytes())))
    assert main(["sweep", "-", *FEW, "--axis", "maxSurge=1,2", "--format", "json"]) == 0
    assert strict(capsys.readouterr().out)["strategies"] == wanted["strategies"]


# --- workers, folders, interrupts


def test_the_number_of_workers_does_not_show(capsys: Output) -> None:
    shown = []
    for workers in ("1", "2"):
        arguments = ("--replications", "70", "--workers", workers, "--format", "json")
        assert main(["sweep", "shop.yaml", "--axis", "maxSurge=1,2", *arguments]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]


def test_out_keeps_runs_tables_and_charts(capsys: Output) -> None:
    assert shop(*AXES, "--out", "deep/results") == 0
    out = Path("deep/results")
    names = {path.name for path in out.iterdir()}
    assert {"plan.json", "runs.parquet", "bands.parquet", "statistics.csv"} < names
    assert any(name.endswith(".png") for name in names)
    assert not [name for name in names if name.startswith(".") or name == "parts"]
    assert "wrote to deep/results" in " ".join(capsys.readouterr().out.split())
    assert read_sample(out).checksum == by_python().checksum
    before = (out / "runs.parquet").read_bytes()
    assert shop(*AXES, "--out", "deep/results") == 2
    assert capsys.readouterr().err.startswith("deep/results: E521 ")
    assert shop(*AXES, "--out", "deep/results", "--resume") == 0
    assert shop(*AXES, "--out", "deep/results", "--resume", "--seed", "2") == 2
    assert "E522 the folder holds the results of another sweep" in capsys.readouterr().err
    assert (out / "runs.parquet").read_bytes() == before


@pytest.mark.parametrize("foreign", ["parts/photo.jpg", "runs.parquet", "bands.parquet"])
def test_what_is_not_ours_is_neither_taken_nor_removed(foreign: str, capsys: Output) -> None:
    path = Path("out", foreign)
    path.parent.mkdir(parents=True)
    path.write_text("mine", encoding="utf-8")
    assert shop(*AXES, "--out", "out") == 2
    assert capsys.readouterr().err.startswith("out: E521 ")
    assert path.read_text(encoding="utf-8") == "mine"
    assert not Path("out/plan.json").exists()


def test_what_else_lies_in_the_folder_stays() -> None:
    Path("out").mkdir()
    Path("out/notes.txt").write_text("mine", encoding="utf-8")
    assert shop("--axis", "maxSurge=1,2", "--out", "out") == 0
    assert Path("out/notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    import pyarrow.parquet

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(pyarrow.parquet, "write_table", full)
        assert shop("--axis", "maxSurge=1,2", "--out", "out") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].endswith("E901 cannot write output: no space left on device")
    assert shop("--axis", "maxSurge=1,2", "--out", "out", "--resume") == 0


# The first part is on disk after the first block, not after some seconds.
_EAGER = "import sys, sim.sweep.folder as f; f._FLUSH_S = 0; from sim.cli import main; sys.exit(main())"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_who_is_ended_leaves_nobody_behind(name: str) -> None:
    size = ("--replications", "256", "--workers", "2", "--engine", "model")
    process = subprocess.Popen(
        [sys.executable, "-c", _EAGER, "sweep", "shop.yaml", "--axis", "maxSurge=1,2", *size, "--out", "out"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not list(Path("out/parts").glob("runs-*.parquet")) and process.poll() is None:
        time.sleep(0.01)
    # To the parent alone, as a job's manager does. Its pipes end when the workers do.
    os.kill(process.pid, getattr(signal, name))
    out, err = process.communicate(timeout=60)
    assert out == ""
    if name == "SIGKILL":
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 130
        assert "what is done is kept in out" in err
    waited = 0
    while _anybody_in(process.pid) and waited < 500:
        time.sleep(0.01)
        waited += 1
    assert waited < 500


@pytest.mark.slow
def test_control_c_keeps_what_is_done_and_leaves_nobody_behind() -> None:
    # By the model: the kernel would be done before anybody could press a key.
    size = ("--replications", "256", "--workers", "2", "--engine", "model")
    what = ("sweep", "shop.yaml", "--axis", "maxSurge=1,2", *size)
    process = subprocess.Popen(
        [sys.executable, "-c", _EAGER, *what, "--out", "out"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not list(Path("out/parts").glob("runs-*.parquet")) and process.poll() is None:
        time.sleep(0.01)
    # As a terminal does: to everybody in the group.
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-2:] == [
        "rollsim: what is done is kept in out; the same with --resume goes on",
        "rollsim: interrupted",
    ]
    assert "Traceback" not in err
    done = sum(len(pd.read_parquet(path)) for path in Path("out/parts").glob("runs-*.parquet"))
    assert 0 < done < 768
    waited = 0
    while _anybody_in(process.pid) and waited < 500:
        time.sleep(0.01)
        waited += 1
    assert waited < 500
    assert main([*what, "--out", "out", "--resume"]) == 0
    sweep(plan_of_shop("maxSurge=1,2"), 256, out=Path("whole"))
    assert Path("out/runs.parquet").read_bytes() == Path("whole/runs.parquet").read_bytes()


def _anybody_in(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


# A worker that takes its time to start, and says so first.
_SLOW_START = """
import os, sys, time
if any("spawn_main" in word for word in sys.orig_argv):
    open(f"starting-{os.getpid()}", "w").close()
    time.sleep(1)
"""


def test_an_interrupt_is_nothing_to_a_worker_even_while_it_starts() -> None:
    Path("site").mkdir()
    Path("site/sitecustomize.py").write_text(_SLOW_START, encoding="utf-8")
    command = ["sweep", "shop.yaml", "--axis", "maxSurge=1,2", "--replications", "2", "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *command],
        env=environment(PYTHONPATH=f"site{os.pathsep}{ROOT}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (starting := list(Path().glob("starting-*"))) and process.poll() is None:
        time.sleep(0.01)
    os.kill(int(starting[0].name.removeprefix("starting-")), signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "3 strategies × 2 replications" in out
    assert "Traceback" not in err


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_for_terminals(terminal: bool) -> None:
    master, slave = pty.openpty()
    command = ["sweep", "shop.yaml", "--axis", "maxSurge=1,2", *FEW, "--format", "csv"]
    with subprocess.Popen(
        [sys.executable, "-m", "sim", *command],
        env=environment(TERM="xterm"),
        stdout=subprocess.PIPE,
        stderr=slave if terminal else subprocess.PIPE,
    ) as process:
        os.close(slave)
        assert process.stdout is not None
        out = process.stdout.read()
        shown = _read(master) if terminal else process.stderr.read() if process.stderr is not None else b""
    os.close(master)
    assert process.returncode == 0
    assert b"\x1b" not in out
    assert (b"18 of 18 runs" in shown) is terminal
    assert (b"\x1b" in shown) is terminal


def _read(master: int) -> bytes:
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux says so when the other end is closed
            return shown
        if not part:
            return shown
        shown += part


# --- surroundings


def test_narrow_and_poor_terminals(root: Path) -> None:
    ended = rollsim("sweep", "shop.yaml", *FEW, *AXES, COLUMNS="20", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.isascii()
    assert max(map(len, ended.stdout.splitlines())) <= 40


@pytest.mark.parametrize(
    ("missing", "options", "line"),
    [
        (
            "pyarrow",
            ("--out", "out"),
            "E520 results are kept as Parquet, and pyarrow is not installed; expected ",
        ),
        ("distributed", ("--dask", "local", "--out", "out"), "--dask: E511 Dask is not installed; expected "),
    ],
)
def test_an_extra_that_is_not_installed_is_named(
    missing: str, options: tuple[str, ...], line: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert shop("--axis", "maxSurge=1,2", *options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (last,) = [text for text in err.splitlines() if " W" not in text]
    assert last.startswith(f"{line}pip install 'rollsim[")
    assert not Path("out").exists()


def test_a_scheduler_that_cannot_be_is_one_line_and_leaves_no_folder(capsys: Output) -> None:
    pytest.importorskip("distributed")
    what = ("--axis", "maxSurge=1,2", "--dask", "nonsense", "--out", "out")
    assert shop(*what) == 2
    assert "a Dask scheduler has workers of its own" in capsys.readouterr().err
    assert main(["sweep", "shop.yaml", *what]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("--dask: E512 no Dask scheduler answers: ")
    assert last.endswith("; found nonsense; expected tcp://HOST:PORT")
    assert not Path("out").exists()
