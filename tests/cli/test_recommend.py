"""`rollsim recommend`: the choice, its reasons, its patch, and what is asked of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.cli import main
from sim.spec.override import override_document
from sim.spec.patch import strategic_merge
from tests.cli.place import FEW, SHOP, settle, strict

Golden = Callable[[str, str], None]
Output = pytest.CaptureFixture[str]
AXES = ("--axis", "maxSurge=0,1,3", "--axis", "maxUnavailable=0,1")
KEPT = ("--require", "min_availability>=95%")
NEVER = ("--require", "p95(duration_s)<=1ms", "--require", "min_availability>=50%")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(tmp_path, monkeypatch)


def recommend(*arguments: str) -> int:
    """Run `rollsim recommend shop.yaml` with few replications."""
    return main(["recommend", "shop.yaml", *FEW, *arguments])


def in_json(capsys: Output, *arguments: str) -> Any:
    recommend(*arguments, "--format", "json")
    return strict(capsys.readouterr().out)


def test_a_recommendation_for_people(capsys: Output, golden: Golden) -> None:
    assert recommend(*AXES, *KEPT) == 0
    golden("recommend-table.txt", capsys.readouterr().out)


def test_the_patch_makes_the_recommended_deployment(capsys: Output) -> None:
    settings = in_json(capsys, *AXES, *KEPT)
    assert recommend(*AXES, *KEPT, "--format", "yaml") == 0
    patch = yaml.safe_load(capsys.readouterr().out)
    assert patch == settings["patch"]
    before = yaml.safe_load(SHOP)
    chosen = ["maxSurge=3", "maxUnavailable=0"]  # all at once: the fastest of those that lack no pod
    wanted = override_document(before, chosen)["spec"]["strategy"]["rollingUpdate"]
    assert strategic_merge(before, patch)["spec"]["strategy"]["rollingUpdate"] == wanted
    assert settings["command"].startswith("kubectl patch deployment shop -n default --patch '{")


def test_our_own_kubectl_takes_the_command(capsys: Output) -> None:
    command = in_json(capsys, *AXES, *KEPT)["command"]
    step = {"kubectl": command.removeprefix("kubectl ")}
    describe = {"kubectl": "describe deploy shop"}
    Path("s.yaml").write_text(yaml.safe_dump({"manifests": "shop.yaml", "steps": [step, describe]}))
    assert main(["run", "s.yaml", "--transcript", "--format", "json"]) == 0
    patched, shown = strict(capsys.readouterr().out)["commands"]
    assert (patched["exit"], patched["output"]) == (0, "deployment.apps/shop patched\n")
    assert "0 max unavailable, 3 max surge" in shown["output"]


def test_none_keeps_the_limits(capsys: Output) -> None:
    assert recommend(*AXES, *NEVER) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert "Nothing keeps every limit: none keeps p95(duration_s) <= 0.001 s" in text
    assert "kubectl patch" not in text
    assert recommend(*AXES, *NEVER, "--format", "yaml") == 1
    out, err = capsys.readouterr()
    # What is piped into a file is a patch that changes nothing; why is told beside it.
    assert out == "{}\n"
    assert err.splitlines()[-1].startswith("Nothing keeps every limit")
    document = in_json(capsys, *AXES, *NEVER)
    assert (document["recommended"], document["patch"], document["command"]) == (None, None, "")


def test_without_axes_the_usual_ones_are_tried(capsys: Output) -> None:
    assert recommend("--replications", "1") == 0
    out = capsys.readouterr().out
    assert out.startswith("shop: 19 strategies × 1 replication = 19 runs\n")
    assert recommend("--replications", "1", "--lhs", "5") == 0
    assert " × 1 replication = " in capsys.readouterr().out.splitlines()[0]


def test_a_latin_hypercube_of_the_usual_axes_is_smaller(capsys: Output) -> None:
    assert recommend("--replications", "1", "--lhs", "5") == 0
    count = int(capsys.readouterr().out.split()[1])
    assert 1 < count <= 5


def test_aims_replace_the_usual_ones(capsys: Output) -> None:
    document = in_json(capsys, *AXES, "--minimize", "max(peak_pods)", "--maximize", "min_availability")
    assert document["aims"] == ["minimize max(peak_pods)", "maximize mean(min_availability)"]


def test_limits_hold_under_every_circumstance(capsys: Output) -> None:
    # Of 3 pods one may be missing in both clusters, but only the fast one is done within 20 s.
    axes = ("--axis", "maxSurge=0,1", "--axis", "maxUnavailable=0,1")
    alone = in_json(capsys, *axes, "--profile", "fast", "--require", "max(duration_s)<=20s")
    both = in_json(capsys, *axes, "--axis", "profile=fast,jvm", "--require", "max(duration_s)<=20s")
    assert alone["recommended"] is not None
    assert both["recommended"] is None
    assert recommend(*axes, "--axis", "profile=fast,jvm") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "judged by the worst of their circumstances (profile)" in text


def test_nothing_but_circumstances_is_no_choice(capsys: Output) -> None:
    assert recommend("--axis", "profile=fast,jvm") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Choose the scenario as it is" in text
    assert "as it is recommended" in text
    assert "That is what the manifest says already." in text


def test_results_are_judged_without_simulating(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    assert main(["sweep", "shop.yaml", *AXES, *FEW, "--out", "results"]) == 0
    wanted = in_json(capsys, *AXES, *KEPT) if capsys.readouterr() else None
    monkeypatch.setattr("sim.sweep.rounds.sweep", None)
    monkeypatch.setattr("sim.engine.simulate", None)
    assert main(["recommend", "results", *KEPT, "--format", "json"]) == 0
    assert strict(capsys.readouterr().out) == wanted


@pytest.mark.parametrize(
    "options",
    [
        ("--axis", "maxSurge=1"),
        ("--seed", "0"),
        ("--replications", "9"),
        ("--deployment", ""),
        ("--set", "replicas=1"),
        ("--resume", "--out", "results"),
        ("--workers", "2"),
    ],
)
def test_results_cannot_be_asked_for_other_runs(options: tuple[str, ...], capsys: Output) -> None:
    Path("results").mkdir()
    Path("results/plan.json").write_text("{}", encoding="utf-8")
    assert main(["recommend", "results", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "rollsim recommend: results holds results already: only limits and aims can change."
        " Try rollsim recommend --help.\n"
    )


def test_the_choice_is_kept_with_the_results(capsys: Output) -> None:
    assert recommend(*AXES, *KEPT, "--out", "out") == 0
    assert {"choice.json", "patch.yaml", "breaches.csv", "runs.parquet"} < {
        p.name for p in Path("out").iterdir()
    }
    choice = strict(Path("out/choice.json").read_text(encoding="utf-8"))
    assert choice["limits"] == ["min_availability>=0.95", "mean(stuck)<=0.05"]
    capsys.readouterr()
    assert main(["recommend", "out", "--require", "peak_pods<=4", "--out", "out", "--format", "json"]) == 0
    again = strict(capsys.readouterr().out)
    assert strict(Path("out/choice.json").read_text(encoding="utf-8"))["recommended"] == again["recommended"]
    assert main(["recommend", "out", "--out", "elsewhere"]) == 2
    assert not Path("elsewhere").exists()


def test_markdown_for_a_pull_request(capsys: Output) -> None:
    assert recommend(*AXES, *KEPT, "--format", "markdown") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("**Choose ")
    assert lines[0].endswith("**")
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
    assert [line for line in lines if line.startswith("```")] == ["```sh", "```"]
    assert lines[lines.index("```") - 1].startswith("kubectl patch deployment shop")
    table = next(place for place, line in enumerate(lines) if line.startswith("| "))
    # GitHub takes a table right after a list for a part of it.
    assert lines[table - 1] == lines[lines.index("```sh") - 1] == ""
    assert lines[-2] == ""
    assert lines[-1].startswith("shop: 5 strategies × 6 replications = 30 runs, 1 combination left out · ")
    assert " · digest " in lines[-1]
    assert " · seed 1 · " in lines[-1]


def test_how_likely_each_limit_breaks_is_told(capsys: Output) -> None:
    limits = ("--require", "mean(min_availability)>=60%", "--require", "p50(duration_s)<=25s")
    document = in_json(capsys, *AXES, *limits)
    sweep = {row["strategy"] for row in document["breaches"]}
    assert len(document["breaches"]) == 2 * len(sweep) == 2 * len(document["candidates"])
    assert all(row["broken"] == round(row["probability"] * row["n"]) for row in document["breaches"])
    assert max(row["probability"] for row in document["breaches"]) > 0
    assert document["capped"] == []
    recommend(*AXES, *limits, "--format", "markdown")
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    place = next(i for i, head in enumerate(rows[0]) if head.startswith("breaks p50(duration"))
    role = rows[0].index("role")
    found = {row[role]: row[place] for row in rows[2:]}
    shares = {
        row["strategy"]: row["probability"] for row in document["breaches"] if "duration" in row["limit"]
    }
    assert found["recommended"].split()[0] == f"{shares[document['recommended']] * 100:.3g}"


def test_the_patch_has_what_set_says(capsys: Output) -> None:
    axes = ("--axis", "maxSurge=1", "--axis", "maxUnavailable=0")
    changed = ("--set", "minReadySeconds=10", "--set", "replicas=2")
    document = in_json(capsys, *axes, *changed, "--out", "out")
    assert document["patch"]["spec"]["minReadySeconds"] == 10
    before = yaml.safe_load(SHOP)
    wanted = override_document(before, ["minReadySeconds=10", "replicas=2", "maxSurge=1", "maxUnavailable=0"])
    assert strategic_merge(before, document["patch"]) == wanted
    # What is read again says the same, whoever reads it.
    assert main(["recommend", "out", "--format", "json"]) == 0
    assert strict(capsys.readouterr().out)["patch"] == document["patch"]
    assert main(["report", "out"]) == 0
    assert "minReadySeconds: 10" in Path("out/report.html").read_text(encoding="utf-8")
    Path("out/manifest.json").write_text("[]", encoding="utf-8")
    assert main(["report", "out"]) == 2
    assert capsys.readouterr().err.startswith("out/manifest.json: E523 this is no manifest of ours: ")


def test_what_set_changes_is_not_in_force(capsys: Output) -> None:
    settings = ("maxSurge=25%", "maxUnavailable=25%", "minReadySeconds=10")
    point = ("--axis", settings[0], "--axis", settings[1])
    assert recommend(*point) == 0
    assert "in force now" in " ".join(capsys.readouterr().out.split())
    assert recommend(*point, "--set", settings[2]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "in force now" not in text
    assert "says already" not in text
    # Nor does a cluster change the manifest.
    assert recommend(*point, "--set", "pods.pull=1s") == 0
    assert "in force now" in " ".join(capsys.readouterr().out.split())


def test_nothing_stale_is_left_beside_a_choice(capsys: Output) -> None:
    assert recommend(*AXES, *KEPT, "--out", "out") == 0
    before = {path.name for path in Path("out").iterdir()}
    assert {"patch.yaml", "pareto.png", "choice.json"} < before
    Path("out/map-of-mine.png").write_text("mine")
    one_aim = ("--minimize", "p95(peak_pods)")
    assert main(["recommend", "out", *NEVER, *one_aim, "--out", "out"]) == 1
    after = {path.name for path in Path("out").iterdir()}
    assert not {"patch.yaml", "pareto.png"} & after
    assert {"choice.json", "map-of-mine.png", "runs.parquet", "plan.json"} < after
    told = strict(Path("out/provenance.json").read_text(encoding="utf-8"))
    assert {*told["files"]} < after
    # A list that was tampered with reaches nothing else.
    Path("shop.png").write_text("mine")
    files = ["../shop.png", "plan.json", "runs.parquet", "", ".."]
    Path("out/provenance.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    assert main(["recommend", "out", *KEPT, "--out", "out"]) == 0
    assert Path("shop.png").exists()
    assert {"plan.json", "runs.parquet"} < {path.name for path in Path("out").iterdir()}


def test_a_limit_on_pods_does_not_let_rollouts_get_stuck(capsys: Output) -> None:
    fragile = ("--set", "pods.faults.never_ready=0.9", "--set", "horizon=20m", "--replications", "4")
    few = ("--axis", "maxSurge=1", "--require", "peak_pods<=9", "--minimize", "peak_pods")
    assert recommend(*few, *fragile) == 1
    assert "none keeps" in " ".join(capsys.readouterr().out.split())
    assert recommend(*few, *fragile, "--require", "mean(stuck)<=100%") == 0


def test_a_recreated_deployment_is_told_how_it_could_roll(capsys: Output) -> None:
    Path("shop.yaml").write_text(SHOP.replace("replicas: 3", "replicas: 3\n  strategy: {type: Recreate}"))
    assert recommend() == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("; expected --set strategy=RollingUpdate")
    assert recommend("--set", "strategy=RollingUpdate", "--replications", "1") == 0


def test_a_hundred_equal_strategies_are_no_flood(capsys: Output) -> None:
    assert recommend("--axis", "maxSurge=1..100", "--replications", "1", "--profile", "textbook") == 0
    out = capsys.readouterr().out
    assert "more rows" in out
    assert len(out.splitlines()) < 120
