"""`rollsim report`: results as one page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.cli import main
from tests.cli.place import FEW, rollsim, settle

Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of results, made once."""
    place = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        settle(place, patch)
        limits = ("--require", "min_availability>=95%", "--minimize", "p95(duration_s)")
        assert (
            main(["recommend", "shop.yaml", "--axis", "maxSurge=1,2", *FEW, *limits, "--out", "results"]) == 0
        )
    return place / "results"


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _made: Path, capsys: Output) -> None:
    settle(tmp_path, monkeypatch)
    shutil.copytree(_made, "results")
    capsys.readouterr()


def report(*arguments: str) -> int:
    return main(["report", "results", *arguments])


def test_the_page_is_written_into_the_folder(capsys: Output) -> None:
    assert report() == 0
    assert capsys.readouterr().out == "wrote results/report.html\n"
    page = Path("results/report.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    # The limits of `recommend --out` hold.
    assert "min_availability&gt;=95%" in page
    assert "kubectl patch deployment shop" in page
    assert report() == 0
    assert Path("results/report.html").read_text(encoding="utf-8") == page


def test_other_limits_and_another_place(capsys: Output) -> None:
    assert report("--require", "p95(peak_pods)<=3", "--output", "deep/page.html", "--baseline", "1") == 0
    assert capsys.readouterr().out == "wrote deep/page.html\n"
    page = Path("deep/page.html").read_text(encoding="utf-8")
    assert "p95(peak_pods)&lt;=3" in page
    assert "Difference to maxSurge=2 under the same luck" in page
    assert not Path("results/report.html").exists()


def test_a_comparison_without_limits_has_none_on_its_page() -> None:
    # Nine in ten rollouts of the second never end, and nobody asked that they do.
    sets = ("--set", "maxSurge=2", "--set", "pods.faults.never_ready=0.9")
    assert main(["compare", "shop.yaml", *sets, *FEW, "--out", "side"]) == 0
    assert json.loads(Path("side/choice.json").read_text(encoding="utf-8"))["limits"] == []
    assert main(["report", "side"]) == 0
    page = Path("side/report.html").read_text(encoding="utf-8")
    assert "mean(complete)&gt;=" not in page
    assert "Nothing keeps" not in page
    # A sweep asked nothing: what is usual holds.
    assert main(["sweep", "shop.yaml", "--axis", "maxSurge=1", *FEW, "--out", "swept"]) == 0
    assert main(["report", "swept"]) == 0
    assert "mean(complete)&gt;=95%" in Path("swept/report.html").read_text(encoding="utf-8")


def test_a_page_without_a_choice() -> None:
    assert report("--require", "p95(duration_s)<=1ms") == 0
    page = Path("results/report.html").read_text(encoding="utf-8")
    assert "Nothing keeps every limit" in page
    assert "kubectl patch" not in page


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["report"], "rollsim report: Missing argument 'DIR'"),
        (["report", "nowhere"], "nowhere: E523 there are no results of a sweep; expected "),
        (["report", "shop.yaml"], "shop.yaml: E523 there are no results of a sweep; expected "),
        (
            ["report", "results", "--baseline", "3"],
            "rollsim report: --baseline 3: the strategies are numbered 0 to 2.",
        ),
        (["report", "results", "--baseline", "x"], "rollsim report: Invalid value for '--baseline'"),
        (["report", "results", "--output", "results"], "results: E901 cannot write output: "),
        (["report", "results", "--output", "shop.yaml/page"], "shop.yaml: E901 cannot write output: "),
    ],
)
def test_what_cannot_be_is_one_line_and_2(arguments: list[str], line: str, capsys: Output) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(line)
    assert err.count("\n") == 1


def changed(**values: object) -> None:
    path = Path("results/plan.json")
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def without_some_runs() -> None:
    table = pd.read_parquet("results/runs.parquet")
    table.iloc[1:].to_parquet("results/runs.parquet", index=False)


def with_other_durations() -> None:
    table = pq.read_table("results/runs.parquet")
    runs = table.to_pandas()
    runs["duration_s"] *= 3
    pq.write_table(pa.Table.from_pandas(runs, table.schema), "results/runs.parquet")


def of_other_strategies() -> None:
    table = pd.read_parquet("results/runs.parquet")
    table.assign(strategy=table["strategy"] + 1).to_parquet("results/runs.parquet", index=False)


def with_texts(name: str, column: str) -> None:
    table = pq.read_table(f"results/{name}")
    texts = pa.array(["many"] * table.num_rows)
    told = table.set_column(table.column_names.index(column), column, texts)
    pq.write_table(told.replace_schema_metadata(table.schema.metadata), f"results/{name}")


def with_lengths_of_time(name: str, column: str) -> None:
    table = pq.read_table(f"results/{name}")
    times = table[column].cast(pa.int64()).cast(pa.duration("s"))
    told = table.set_column(table.column_names.index(column), column, times)
    pq.write_table(told.replace_schema_metadata(table.schema.metadata), f"results/{name}")


def without_some_bands() -> None:
    table = pq.read_table("results/bands.parquet")
    pq.write_table(table.slice(100), "results/bands.parquet")


def with_an_aim_twice() -> None:
    path = Path("results/choice.json")
    found = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(found | {"aims": found["aims"] * 2}), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        (lambda: Path("results/plan.json").write_text("{"), "results/plan.json: E523 "),
        (lambda: Path("results/plan.json").write_text("[" * 100_000), "results/plan.json: E523 "),
        (lambda: changed(strategies=[]), "results/plan.json: E523 it was changed"),
        (lambda: changed(documents=3), "results/plan.json: E523 it was changed"),
        (lambda: changed(version="9.9"), "results: E522 the results are those of rollsim 9.9"),
        (lambda: Path("results/runs.parquet").write_bytes(b""), "results/runs.parquet: E523 "),
        (with_other_durations, "results/runs.parquet: E523 it was changed after"),
        (lambda: Path("results/runs.parquet").unlink(), "results: E524 "),
        (lambda: Path("results/bands.parquet").unlink(), "results/bands.parquet: E523 a table"),
        (lambda: shutil.copy("results/bands.parquet", "results/runs.parquet"), "results/runs.parquet: E523 "),
        (without_some_runs, "results/runs.parquet: E523 "),
        (of_other_strategies, "results/runs.parquet: E523 "),
        (lambda: Path("results/choice.json").write_text("{}"), "results/choice.json: E523 "),
        (with_an_aim_twice, "results/choice.json: E523 this is no choice of ours: an aim comes twice"),
        (lambda: with_texts("runs.parquet", "duration_s"), "results/runs.parquet: E523 it was changed after"),
        (lambda: with_texts("bands.parquet", "p95"), "results/bands.parquet: E523 it was changed after"),
        (
            lambda: with_lengths_of_time("runs.parquet", "deepest_dip"),
            "results/runs.parquet: E523 it was changed after",
        ),
        (without_some_bands, "results/bands.parquet: E523 it was changed after"),
    ],
)
def test_damaged_results_are_one_line_and_2(harm: Callable[[], object], line: str, capsys: Output) -> None:
    harm()
    assert report() == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(line)
    assert err.count("\n") == 1
    assert not Path("results/report.html").exists()


def test_lost_runs_are_run_again(capsys: Output) -> None:
    before = Path("results/runs.parquet").read_bytes()
    Path("results/runs.parquet").unlink()
    assert main(["sweep", "shop.yaml", "--axis", "maxSurge=1,2", *FEW, "--out", "results", "--resume"]) == 0
    assert Path("results/runs.parquet").read_bytes() == before


def test_charts_need_no_backend() -> None:
    sweep = ("sweep", "shop.yaml", "--axis", "maxSurge=1,2", *FEW, "--out", "new")
    for words in (sweep, ("report", "new")):
        ended = rollsim(*words, MPLBACKEND="foo")
        assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended.stderr
    assert Path("new/report.html").is_file()
