"""`rollsim recommend`: the choice, its reasons, its patch, and what is asked of it."""

from __future__ import annotations

import json
import re
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
    assert "Nothing keeps every limit: none keeps p95(duration_s)<=1ms; the nearest is" in text
    # What comes nearest, by each limit as it was typed; and what is in force, whatever it reaches.
    assert re.search(r"p95\(duration_s\)<=1ms +min_availability>=50%", text)
    assert re.search(r"[0-9.]+ s \(\+[0-9.]+ s\) 66.7 %", text)
    assert "now nearest" in text
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
    assert "\nshop: 19 strategies × 1 replication = 19 runs\n" in out
    # Nobody asked for both limits 0.
    assert "left out" not in out


def test_a_latin_hypercube_of_the_usual_axes_is_smaller(capsys: Output) -> None:
    assert recommend("--replications", "1", "--lhs", "5") == 0
    count = int(re.search(r"shop: (\d+) strategies", capsys.readouterr().out)[1])  # type: ignore[index]
    assert 1 < count <= 5 + 1  # and what is in force


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
    assert "Every number is that of the worst circumstance (profile)." in text


def test_nothing_but_circumstances_is_no_choice(capsys: Output) -> None:
    assert recommend("--axis", "profile=fast,jvm") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("Keep it as it is.")
    assert "as it is keep" in text
    assert "kubectl" not in text


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
    assert choice["limits"] == ["min_availability>=95%", "mean(complete)>=95%"]
    capsys.readouterr()
    assert main(["recommend", "out", "--require", "peak_pods<=4", "--out", "out", "--format", "json"]) == 0
    again = strict(capsys.readouterr().out)
    assert strict(Path("out/choice.json").read_text(encoding="utf-8"))["recommended"] == again["recommended"]
    assert main(["recommend", "out", "--out", "elsewhere"]) == 2
    assert not Path("elsewhere").exists()


def test_markdown_for_a_pull_request(capsys: Output) -> None:
    assert recommend(*AXES, *KEPT, "--format", "markdown") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("**Set maxSurge 3, maxUnavailable 0 (now 25 % / 25 %)")
    assert lines[0].endswith("**")
    numbers = lines.index("|  | now | then | change |")
    assert lines[numbers + 2].startswith("| takes (p95) | ")
    assert [line for line in lines if line.startswith("```")] == ["```sh", "```"]
    assert lines[lines.index("```") - 1].startswith("kubectl patch deployment shop")
    table = next(place for place, line in enumerate(lines) if line.startswith("| strategy |"))
    # GitHub takes a table right after a list for a part of it.
    assert lines[table - 1] == lines[lines.index("```sh") - 1] == ""
    assert lines[-2] == ""
    assert lines[-1].startswith("shop: 6 strategies × 6 replications = 36 runs, 1 combination left out · ")
    assert " · digest " in lines[-1]
    assert " · seed 1 · " in lines[-1]


def test_how_likely_each_limit_breaks_is_told(capsys: Output) -> None:
    limits = ("--require", "mean(min_availability)>=60%", "--require", "p50(duration_s)<=25s")
    document = in_json(capsys, *AXES, *limits)
    sweep = {row["strategy"] for row in document["breaches"]}
    assert len(document["breaches"]) == 3 * len(sweep)  # and how many complete: p50 says it of half of them
    assert all(row["broken"] == round(row["probability"] * row["n"]) for row in document["breaches"])
    assert max(row["probability"] for row in document["breaches"]) > 0
    assert document["capped"] == []


ORDERS = SHOP.replace("shop", "orders").replace("replicas: 3", "replicas: 40")


def test_the_patch_has_nothing_of_what_set_assumed(capsys: Output) -> None:
    Path("orders.yaml").write_text(ORDERS, encoding="utf-8")
    what = ("orders.yaml", *FEW, "--set", "replicas=10", "--axis", "maxSurge=4,100%", "--out", "out")
    assert main(["recommend", *what]) == 0
    text = capsys.readouterr().out
    patch = '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":"100%"}}}}'
    assert f"kubectl patch deployment orders -n default --patch '{patch}'\n" in text
    # Production has 40 replicas, and keeps them.
    assumed = "Judged with replicas 10 (--set), which is not part of the patch."
    assert text.index(assumed) < text.index("kubectl patch")
    # What is read again says the same, whoever reads it.
    assert main(["recommend", "out", "--format", "json"]) == 0
    document = strict(capsys.readouterr().out)
    assert (document["patch"], document["assumed"]) == (json.loads(patch), ["replicas=10"])
    assert main(["report", "out"]) == 0
    assert "replicas" not in Path("out/patch.yaml").read_text(encoding="utf-8")


def test_a_load_is_a_circumstance(capsys: Output) -> None:
    axes = ("--axis", "replicas=3,6", "--axis", "maxSurge=1,3")
    document = in_json(capsys, *axes)
    assert "replicas" not in json.dumps(document["patch"])
    # 25 % of 3 pods are 1, but 25 % of 6 are 2: only under both is anything the same.
    assert [one["name"] for one in document["candidates"]] == ["maxSurge 1", "maxSurge 3", "maxSurge 25 %"]
    sizes = {one["label"] for one in document["left_out"]}
    assert sizes == set()
    # The smallest load is no choice.
    assert recommend("--axis", "replicas=3,6,12") == 0
    assert capsys.readouterr().out.startswith("Keep it as it is.\n")


def test_what_is_in_force_is_always_told(capsys: Output) -> None:
    document = in_json(capsys, "--axis", "maxSurge=2,3", "--axis", "maxUnavailable=0")
    now = next(one for one in document["candidates"] if one["now"])
    assert now["settings"] == {"maxSurge": "25%", "maxUnavailable": "25%"}
    assert document["now"] == now["strategy"] == 2
    for number in document["numbers"]:
        assert number["now"] == now[number["statistic"]]
    # As it is in the manifest, whatever kind of plan it is.
    rolling = "  strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 0}}\n  selector"
    Path("shop.yaml").write_text(SHOP.replace("  selector", rolling), encoding="utf-8")
    Path("points.csv").write_text("maxSurge,maxUnavailable\n1,0\n3,0\n", encoding="utf-8")
    zipped = ("--zip", "maxSurge=1,3", "--zip", "maxUnavailable=0,0")
    for plan in (("--points", "points.csv"), zipped, ("--axis", "maxSurge=1,3", "--lhs", "2")):
        document = in_json(capsys, *plan)
        now = next(one for one in document["candidates"] if one["now"])
        assert now["settings"] | {"maxUnavailable": "0"} == {"maxSurge": "2", "maxUnavailable": "0"}


def test_recreate_is_not_offered_unless_it_is_asked_for(capsys: Output) -> None:
    axes = ("--axis", "strategy=Recreate,RollingUpdate", "--minimize", "p95(duration_s)")
    document = in_json(capsys, *axes)
    assert document["candidates"][document["recommended"]]["settings"]["strategy"] == "RollingUpdate"
    fails = {one["name"]: one["fails"] for one in document["candidates"]}
    assert fails == {"Recreate": "no pod for a moment", "RollingUpdate": ""}
    asked = in_json(capsys, *axes, "--require", "min_availability>=0%")
    assert asked["candidates"][asked["recommended"]]["settings"]["strategy"] == "Recreate"
    alone = "  strategy: {type: Recreate}\n  selector"
    Path("shop.yaml").write_text(SHOP.replace("  selector", alone), encoding="utf-8")
    assert recommend("--axis", "minReadySeconds=0,5") == 0
    assert "Not offered" not in capsys.readouterr().out


def test_many_strategies_are_few_lines(capsys: Output) -> None:
    axes = ("--axis", "readinessProbe.periodSeconds=1..11", "--axis", "minReadySeconds=0..9")
    for verb in ("recommend", "sweep"):
        assert main([verb, "shop.yaml", "--replications", "2", "--workers", "1", *axes]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) <= 40
        assert max(len(line) for line in lines if not line.startswith("kubectl")) <= 80
        assert any("now" in line.split() for line in lines)


def test_an_older_folder_is_one_line(capsys: Output) -> None:
    Path("old").mkdir()
    Path("old/plan.json").write_text('{"format": "rollsim sweep 1", "version": "0.1.0"}', encoding="utf-8")
    again = ["sweep", "shop.yaml", "--axis", "maxSurge=1", "--out", "old", "--resume"]
    for arguments in (["recommend", "old"], ["report", "old"], again):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        (line,) = [text for text in err.splitlines() if " W" not in text]
        assert line == (
            "old/plan.json: E522 these results were written by an older version of rollsim; found rollsim "
            "sweep 1; expected 'rollsim sweep 2': simulate again, into another folder"
        )
    assert [path.name for path in Path("old").iterdir()] == ["plan.json"]


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
    found = in_json(capsys, "--replications", "1")
    now = next(row for row in found["candidates"] if row["strategy"] == found["now"])
    assert now["settings"] == {"strategy": "Recreate"}
    strategy = found["patch"]["spec"]["strategy"]
    assert strategy["type"] == "RollingUpdate"
    assert set(strategy["rollingUpdate"]) == {"maxSurge", "maxUnavailable"}
    assert (
        in_json(capsys, "--set", "strategy=RollingUpdate", "--replications", "1")["patch"] == found["patch"]
    )


def test_a_hundred_equal_strategies_are_no_flood(capsys: Output) -> None:
    assert recommend("--axis", "maxSurge=1..100", "--replications", "1", "--profile", "textbook") == 0
    out = capsys.readouterr().out
    # All pods at once, whoever says it: one row.
    assert "maxSurge 3 to 100" in out
    assert len(out.splitlines()) < 30


def test_of_a_setting_that_varies_the_manifests_value_is_in_force(capsys: Output) -> None:
    axis = ("--axis", "maxSurge=1,3")
    plain = in_json(capsys, *axis)
    set_too = in_json(capsys, *axis, "--set", "maxSurge=2")
    assert set_too["candidates"] == plain["candidates"]
    assert (set_too["now"], set_too["patch"]) == (plain["now"], plain["patch"])
    recommend(*axis, "--set", "maxSurge=2")
    assert "--set maxSurge=2 has no say: maxSurge is an axis" in capsys.readouterr().err
