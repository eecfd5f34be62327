"""`rollsim compare`: candidates side by side, replication by replication."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.cli import main
from sim.metrics import MEASURES
from sim.stats import differences
from sim.sweep.folder import read_sample
from sim.sweep.planning import parse_variant, plan_comparison
from sim.sweep.rounds import sweep
from tests.cli.place import FEW, SHOP, settle, strict

Golden = Callable[[str, str], None]
Output = pytest.CaptureFixture[str]
VARIANTS = ("maxSurge=1,maxUnavailable=0", "strategy=Recreate")
SETS = tuple(word for variant in VARIANTS for word in ("--set", variant))


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(tmp_path, monkeypatch)


def compare(*arguments: str) -> int:
    """Run `rollsim compare` with few replications."""
    return main(["compare", *arguments, *FEW])


def labels(document: Any) -> list[str]:
    return [one["label"] for one in document["strategies"]]


def by_python(*variants: str) -> pd.DataFrame:
    """Return the differences of all measures between shop.yaml and its variants as Python finds them."""
    from sim import load

    plan = plan_comparison([("shop.yaml", load("shop.yaml"))], list(map(parse_variant, variants)))
    measures = [name for name, what in MEASURES.items() if what.unit not in ("text", "yes/no")]
    return differences(sweep(plan, 6).runs, 0, measures)


def test_a_comparison_for_people(capsys: Output, golden: Golden) -> None:
    assert compare("shop.yaml", *SETS, "--require", "min_availability>=95%") == 0
    golden("compare-table.txt", capsys.readouterr().out)


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_one_replication_has_no_intervals_and_says_so(form: str, capsys: Output) -> None:
    variant = "maxSurge=0,maxUnavailable=1"
    assert main(["compare", "shop.yaml", "--set", variant, "--replications", "1", "--format", form]) == 0
    out = capsys.readouterr().out
    assert "one replication: no intervals" in " ".join(out.split())
    assert re.search(r"min\\?_availability\W+-33.3 points", out)
    assert compare("shop.yaml", "--set", variant, "--format", form) == 0
    assert "no intervals" not in capsys.readouterr().out


def test_the_differences_are_those_of_python(capsys: Output) -> None:
    assert compare("shop.yaml", *SETS, "--format", "json") == 0
    document = strict(capsys.readouterr().out)
    assert labels(document) == ["shop.yaml", "maxSurge=1 maxUnavailable=0", "strategy=Recreate"]
    assert document["baseline"] == 0
    wanted = by_python(*VARIANTS).set_index(["strategy", "measure"])
    for row in document["differences"]:
        expected = wanted.loc[(row.pop("strategy"), row.pop("measure"))].to_dict()
        assert row == {name: None if value != value else value for name, value in expected.items()}
    assert compare("shop.yaml", *SETS, "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(document["differences"])


def test_what_changes_nothing_differs_in_nothing(capsys: Output) -> None:
    # 25 % of 3 pods are 1 above and 0 below.
    assert compare("shop.yaml", "--set", "maxSurge=1,maxUnavailable=0", "--format", "json") == 0
    rows = strict(capsys.readouterr().out)["differences"]
    assert {(row["mean"], row["low"], row["high"], row["equal"]) for row in rows} == {(0.0, 0.0, 0.0, 1.0)}


@pytest.mark.parametrize(
    ("limit", "code"),
    [("min_availability>=95%", 0), ("min_availability>=0%", 0), ("p95(duration_s)<=1ms", 1)],
)
def test_the_exit_code_is_1_when_none_keeps_the_limits(limit: str, code: int, capsys: Output) -> None:
    # The first keeps the first limit, both the second, none the third.
    assert compare("shop.yaml", "--set", "strategy=Recreate", "--require", limit) == code
    assert ("Nothing keeps every limit" in capsys.readouterr().out) is bool(code)


def test_names_cannot_break_a_comment_on_a_pull_request(capsys: Output) -> None:
    names = [f"{letter}|b`<i>*_.yaml" for letter in "ac"]
    for name in names:
        Path(name).write_text(SHOP, encoding="utf-8")
    assert compare(*names, "--require", "min_availability>=95%", "--format", "markdown") == 0
    text = capsys.readouterr().out
    assert " · seed 1 · " in text.splitlines()[-1]
    lines = text.splitlines()
    assert lines[0] == r"- c\|b\`\<i\>\*\_.yaml: the same as a\|b\`\<i\>\*\_.yaml"
    assert len([line for line in lines if line.startswith("| c\\|b\\`\\<i\\>\\*\\_.yaml |")]) == 1 + 5
    heads = [place for place, line in enumerate(lines) if line.startswith("| ---")]
    for place in heads:
        # A table begins after an empty line, and each of its lines has as many cells.
        assert lines[place - 2] == ""
        end = lines.index("", place)
        assert len({line.replace("\\|", "").count("|") for line in lines[place - 1 : end]}) == 1
    assert len(heads) == 3
    # They are named in the sentences below, too.
    assert "**Keep a\\|b" in text
    assert not re.search(r"(?<!\\)[`<>]|b`", text)


def test_files_of_one_name_are_told_apart(capsys: Output) -> None:
    for folder in ("old", "new"):
        Path(folder).mkdir()
        Path(folder, "d.yaml").write_text(SHOP, encoding="utf-8")
    assert compare("old/d.yaml", "new/d.yaml", "--format", "json") == 0
    assert labels(strict(capsys.readouterr().out)) == ["old/d.yaml", "new/d.yaml"]
    assert compare("old", "new/", "--format", "json") == 0
    assert labels(strict(capsys.readouterr().out)) == ["old", "new/"]


def test_all_candidates_have_the_seed_of_the_first(capsys: Output) -> None:
    Path("s.yaml").write_text("manifests: shop.yaml\nseed: 5\n", encoding="utf-8")
    assert compare("shop.yaml", "s.yaml", "--format", "json") == 0
    document = strict(capsys.readouterr().out)
    assert document["provenance"]["seed"] == 1
    assert {row["equal"] for row in document["differences"]} == {1.0}


def test_candidates_are_watched_equally_long_and_name_their_clusters(capsys: Output) -> None:
    Path("long.yaml").write_text("manifests: shop.yaml\nhorizon: 2h\n", encoding="utf-8")
    assert compare("shop.yaml", "long.yaml") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == (
        "E504 the candidates are not watched equally long: shop.yaml until 1 h, long.yaml until 2 h; "
        "expected one horizon"
    )
    # What nobody said is as long as the slowest candidate needs.
    slow = "base: textbook, pods: {start: 4000}"
    Path("slow.yaml").write_text(f"manifests: shop.yaml\nprofile: {{{slow}}}\n", encoding="utf-8")
    assert compare("shop.yaml", "slow.yaml", "--format", "json") == 0
    capsys.readouterr()
    Path("slow.yaml").write_text("manifests: shop.yaml\nprofile: jvm\n", encoding="utf-8")
    assert compare("shop.yaml", "slow.yaml", "--format", "json") == 0
    wanted = ["shop.yaml (profile node)", "slow.yaml (profile jvm)"]
    assert labels(strict(capsys.readouterr().out)) == wanted


def test_how_likely_each_limit_breaks_is_told(capsys: Output) -> None:
    limits = ("--require", "duration_s<=22s")
    compare("shop.yaml", *SETS, *limits, "--format", "json")
    document = strict(capsys.readouterr().out)
    shares = [row["probability"] for row in document["breaches"] if row["limit"] == "duration_s<=22s"]
    assert len(shares) == 3
    assert shares[0] > shares[2]
    fails = [row["fails"] for row in document["choice"]["candidates"]]
    assert fails[0].startswith("takes +")
    compare("shop.yaml", *SETS, *limits, "--format", "markdown")
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert told[0].startswith("| strategy | limits | ")
    # What is the same as the first fails as much.
    assert [row.split(" | ")[1] for row in told[2:5]] == [fails[0], fails[0], fails[1] or "kept"]


def test_every_candidate_has_a_sentence_first(capsys: Output) -> None:
    assert compare("shop.yaml", *SETS, "--set", "maxSurge=3") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 / 0       the same as shop.yaml (25 % of 3 = 1 and 0)"
    assert re.match(
        r"Recreate    [0-9.]+ s faster \(-\d+ %\), \d pods fewer, but nobody serves for", lines[1]
    )
    text = " ".join(" ".join(lines).split())
    assert re.search(r"maxSurge 3 [0-9.]+ s faster \(-\d+ %\), as many pods, as available; faster in", text)
    # As data, too.
    compare("shop.yaml", *SETS, "--format", "json")
    document = strict(capsys.readouterr().out)
    assert document["sentences"][0] == "1 / 0: the same as shop.yaml (25 % of 3 = 1 and 0)"
    assert document["answer"].startswith(document["sentences"][0])


def test_out_keeps_runs_and_limits(capsys: Output) -> None:
    limits = ("--require", "min_availability>=95%")
    assert compare("shop.yaml", *SETS, *limits, "--out", "out") == 0
    assert {"plan.json", "runs.parquet", "statistics.csv", "breaches.csv"} < {
        path.name for path in Path("out").iterdir()
    }
    assert len(read_sample(Path("out")).runs) == 18
    assert compare("shop.yaml", *SETS, *limits, "--out", "out") == 2
    assert "E521" in capsys.readouterr().err
