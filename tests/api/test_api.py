"""The product's face for Python: every verb against what it is made of, and against the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
import sim.spec.scenario as spec
from sim import InputError, RequirementError
from sim.api import Comparison, Recommendation, Run, Scenario, Sweep, Validation, load
from sim.cli import main
from sim.metrics import MEASURES
from sim.spec.override import override_document
from sim.spec.patch import strategic_merge
from sim.stats import differences, estimate, parse_statistic, summarize
from sim.sweep.axes import USUAL, parse_axis
from sim.validate import validate

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFEST = ROOT / "scenarios" / "manifests" / "testqc.yaml"
RECORDING = ROOT / "tests" / "recorded" / "hundred-25-25.json"
AXES = {"maxSurge": [0, 1, "50%"], "maxUnavailable": [0, 1]}
RUNS = 8


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(MANIFEST)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("face") / "sweep"


@pytest.fixture(scope="module")
def sweep(scenario: Scenario, folder: Path) -> Sweep:
    return scenario.sweep(AXES, replications=RUNS, out=folder)


@pytest.fixture(scope="module")
def comparison(scenario: Scenario) -> Comparison:
    return scenario.compare({"maxSurge": 0, "maxUnavailable": 1}, MANIFEST, replications=RUNS)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what the command line prints."""
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_the_face_is_one() -> None:
    assert sim.load is load
    assert (sim.Scenario, sim.Run, sim.Sweep) == (Scenario, Run, Sweep)
    assert (sim.Comparison, sim.Recommendation, sim.Validation) == (Comparison, Recommendation, Validation)


def test_the_two_halves_of_a_run_take_a_loaded_scenario(scenario: Scenario) -> None:
    found = sim.measure(sim.simulate(scenario, seed=7, replication=2))
    assert scenario.run(seed=7, replication=2).measures == found
    assert scenario.run().measures != found


def test_a_run_has_the_numbers_of_the_command_line(
    scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(printed(capsys, "run", str(MANIFEST), "--set", "maxSurge=2", "--format", "json"))
    run = scenario.set(maxSurge=2).run()
    assert run.measures.as_dict() == told["deployments"]["testqc"]["measures"]
    assert run.trace.provenance.digest == told["provenance"]["digest"]


def test_the_table_of_a_run_has_a_row_a_measure(scenario: Scenario) -> None:
    run = scenario.run()
    table = run.table.set_index("measure")
    assert table.index.tolist() == list(MEASURES)
    assert table["value"].to_dict() == {name: getattr(run.measures, name) for name in MEASURES}
    assert table["unit"].tolist() == [measure.unit for measure in MEASURES.values()]
    assert table["meaning"].tolist() == [measure.meaning for measure in MEASURES.values()]
    took = f"{run.measures.duration_s:.1f} s"
    assert run.answer == f"testqc: complete after {took}, never fewer than 3 of 3 available"


def test_set_returns_another_scenario_with_all_verbs(scenario: Scenario) -> None:
    before = scenario.digest
    changed = scenario.set({"pods.pull": "4s"}, maxSurge="50%", replicas=np.int64(6), paused=False)
    assert type(changed) is Scenario
    assert scenario.digest == before != changed.digest
    expected = spec.override(scenario, ["pods.pull=4s", "maxSurge=50%", "replicas=6", "paused=false"])
    assert changed.digest == expected.digest
    assert changed.deployments[0].replicas == 6
    # Null is the default, as for --set.
    assert changed.set(maxSurge=None).deployments[0].strategy == scenario.deployments[0].strategy


def test_a_recording_is_a_scenario(scenario: Scenario) -> None:
    recorded = load(RECORDING)
    assert type(recorded) is Scenario
    assert recorded.run().measures.complete


def test_a_sweep_has_the_numbers_of_the_command_line(
    sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(
        capsys,
        *("sweep", str(MANIFEST), "--axis", "maxSurge=0,1,50%", "--axis", "maxUnavailable=0,1"),
        *("--replications", str(RUNS), "--workers", "1", "--format", "csv"),
    )
    told = pd.read_csv(io.StringIO(text))
    own = told.drop(columns=["label", "name", "maxSurge", "maxUnavailable", "now"])
    pd.testing.assert_frame_equal(sweep.statistics, own, check_dtype=False)
    pd.testing.assert_frame_equal(sweep.statistics, summarize(sweep.runs))


def test_the_table_of_a_sweep_has_a_row_a_strategy(sweep: Sweep) -> None:
    assert sweep.table["label"].tolist() == [
        *("maxSurge=0 maxUnavailable=1", "maxSurge=1 maxUnavailable=0", "maxSurge=1 maxUnavailable=1"),
        *("maxSurge=50% maxUnavailable=0", "maxSurge=50% maxUnavailable=1"),
        # What is in force: the manifest says nothing.
        "maxSurge=25% maxUnavailable=25%",
    ]
    assert sweep.sample.about["now"] == 5
    longest = sweep.runs.groupby("strategy")["duration_s"].median()
    assert sweep.table["median(duration_s)"].tolist() == pytest.approx(longest.tolist())
    assert sweep.answer == f"testqc: 6 strategies, {6 * RUNS} runs"
    assert sweep.differences()["strategy"].unique().tolist() == [0, 1, 2, 3, 4]
    assert sweep.differences(2, ["duration_s"]).equals(differences(sweep.runs, 2, ["duration_s"]))


@pytest.mark.parametrize("values", ["0..2", [0, 1, 2], np.arange(3), iter("012"), ["0", 1, np.int32(2), 1]])
def test_an_axis_takes_values_of_any_kind(scenario: Scenario, values: Any) -> None:
    found = scenario.sweep(maxSurge=values, maxUnavailable=1, replications=1)
    assert found.sample.strategies["maxSurge"].tolist() == ["0", "1", "2", "25%"]
    assert found.sample.strategies["maxUnavailable"].tolist() == ["1", "1", "1", "25%"]


def test_without_axes_the_usual_ones_are_tried(scenario: Scenario) -> None:
    found = scenario.sweep(replications=1)
    assert found.sample.axes == ["maxSurge", "maxUnavailable"]
    tried = set(zip(*(found.sample.strategies[axis] for axis in found.sample.axes), strict=True))
    surges, limits = (parse_axis(text).values for text in USUAL)
    # Of three replicas 100% means what 3 means, but no two values say the same.
    assert tried == {(one, other) for one in surges for other in limits} - {("0", "0")}
    # Nobody asked for what cannot be.
    assert found.sample.left_out == []


def test_a_hypercube_of_the_axes(scenario: Scenario) -> None:
    found = scenario.sweep(maxSurge="1..4", maxUnavailable="0..3", lhs=4, replications=1)
    assert sorted(found.sample.strategies["maxSurge"][:-1]) == ["1", "2", "3", "4"]
    assert sorted(found.sample.strategies["maxUnavailable"][:-1]) == ["0", "1", "2", "3"]


def test_points_are_the_strategies_and_no_others(scenario: Scenario, tmp_path: Path) -> None:
    points = [{"maxSurge": 1, "maxUnavailable": 0}, {"maxSurge": "50%", "maxUnavailable": 1}]
    found = scenario.sweep(points=points, replications=1)
    labels = ["maxSurge=1 maxUnavailable=0", "maxSurge=50% maxUnavailable=1"]
    labels.append("maxSurge=25% maxUnavailable=25%")
    assert list(found.sample.labels.values()) == labels
    path = tmp_path / "points.csv"
    path.write_text("maxSurge,maxUnavailable\n1,0\n50%,1\n", encoding="utf-8")
    read = scenario.sweep(points=path, replications=1)
    assert read.sample.checksum == found.sample.checksum
    for other in ({"maxSurge": [1]}, {"lhs": 2}):
        with pytest.raises(ValueError, match="points name every strategy"):
            scenario.sweep(points=points, **other)


def test_candidates_are_watched_equally_long(scenario: Scenario) -> None:
    with pytest.raises(InputError, match=r"testqc until 1 h, horizon=20m until 20 min.*one horizon"):
        scenario.compare({"horizon": "20m"}, replications=1)
    with pytest.raises(InputError, match=r"testqc \(2\) until 20 min"):
        scenario.compare(scenario.set(horizon="20m"), replications=1)


def test_candidates_in_other_clusters_say_so(scenario: Scenario) -> None:
    found = scenario.compare(scenario.set(profile="jvm"), replications=1)
    assert list(found.sample.labels.values()) == ["testqc (profile node)", "testqc (2) (profile jvm)"]
    older = scenario.set(profile="jvm").compare(scenario.set({"profile": "jvm"}), replications=1)
    assert list(older.sample.labels.values()) == ["testqc", "testqc (2)"]


def test_a_comparison_takes_settings_scenarios_and_files(scenario: Scenario) -> None:
    found = scenario.compare(
        {"maxSurge": 0, "maxUnavailable": 1},
        scenario.set(maxSurge=0, maxUnavailable=1),
        str(MANIFEST),
        replications=4,
    )
    labels = ["testqc", "testqc (2)", "testqc.yaml", "maxSurge=0 maxUnavailable=1"]
    assert list(found.sample.labels.values()) == labels
    durations = found.runs.pivot(index="replication", columns="strategy", values="duration_s")
    # The same luck: equal scenarios take equally long, run by run, and however they were named.
    assert durations[1].tolist() == durations[3].tolist() != durations[0].tolist()
    assert durations[2].tolist() == durations[0].tolist()
    assert found.differences()["strategy"].unique().tolist() == [1, 2, 3]


def test_a_comparison_has_the_numbers_of_the_command_line(
    comparison: Comparison, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(
        capsys,
        *("compare", str(MANIFEST), "--set", "maxSurge=0,maxUnavailable=1"),
        *("--replications", str(RUNS), "--workers", "1", "--format", "csv"),
    )
    told = [row for row in csv.DictReader(io.StringIO(text)) if row["measure"] == "duration_s"]
    found = comparison.differences(measures=["duration_s"]).set_index("strategy")
    # Strategy 1 is the file itself.
    assert found.loc[1, ["mean", "equal"]].tolist() == [0.0, 1.0]
    assert found.loc[2, "mean"] == float(told[0]["mean"]) > 0
    assert found.loc[2, "low"] == float(told[0]["low"])


def test_the_patch_makes_the_recommended_strategy(scenario: Scenario, sweep: Sweep) -> None:
    choice = sweep.recommend(require="min_availability>=60%", minimize="peak_pods")
    settings = sweep.sample.about["strategies"][choice.choice.recommended]["settings"]
    assert settings == {"maxSurge": "0", "maxUnavailable": "1"}
    assert choice.patch == {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}}}
    document = dict(scenario.deployments[0].document)
    patched = strategic_merge(document, choice.patch)
    assert patched == override_document(document, ["maxSurge=0", "maxUnavailable=1"])
    assert patched == scenario.set(settings).deployments[0].document
    assert json.dumps(choice.patch, separators=(",", ":")) in choice.command
    assert choice.command.startswith("kubectl patch deployment testqc -n default --patch ")
    assert "maxUnavailable: 1" in choice.patch_yaml


def test_a_recommendation_is_that_of_the_command_line(
    sweep: Sweep, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(
        printed(capsys, "recommend", str(folder), "--require", "min_availability>=95%", "--format", "json")
    )
    choice = sweep.recommend(require=["min_availability>=95%"])
    assert (choice.answer, choice.patch, choice.command) == (told["answer"], told["patch"], told["command"])
    assert told["aims"] == list(map(str, choice.aims))


def test_a_sweep_is_read_from_its_folder(sweep: Sweep, folder: Path) -> None:
    found = Sweep.read(folder)
    assert found.sample.checksum == sweep.sample.checksum
    assert found.table.equals(sweep.table)
    aims = {"require": "min_availability>=95%", "maximize": "p5(min_availability)"}
    assert found.recommend(**aims).choice.as_dict() == sweep.recommend(**aims).choice.as_dict()


def test_a_comparison_is_read_from_its_folder(scenario: Scenario, tmp_path: Path) -> None:
    made = scenario.compare({"maxSurge": 2}, replications=2, out=tmp_path / "kept")
    found = Comparison.read(tmp_path / "kept")
    assert type(found) is Comparison
    assert found.differences().equals(made.differences())


def test_a_recommendation_without_a_patch(scenario: Scenario, sweep: Sweep, comparison: Comparison) -> None:
    impossible = sweep.recommend(require="p95(duration_s)<=1s")
    assert impossible.choice.recommended is None
    assert (impossible.patch, impossible.command, impossible.patch_yaml) == (None, "", "")
    other = scenario.compare(load(MANIFEST).set(maxSurge=3), replications=4)
    own = other.recommend(minimize="duration_s")
    # A manifest of its own is applied, not patched.
    assert (own.choice.recommended, own.patch) == (1, None)
    as_it_is = scenario.sweep(maxSurge="25%", maxUnavailable=["25%"], replications=2).recommend()
    assert as_it_is.patch == {}
    assert as_it_is.answer.startswith("Keep maxSurge 25 %, maxUnavailable 25 %: ")


def test_rollouts_have_to_complete_unless_a_limit_says_what_becomes_of_them(sweep: Sweep) -> None:
    def limits(require: Any) -> list[str]:
        return list(map(str, sweep.recommend(require=require).limits))

    assert limits(None) == ["mean(complete)>=95%"]
    assert limits("peak_pods<=9") == ["peak_pods<=9", "mean(complete)>=95%"]
    for own in ("p95(duration_s)<=5m", "mean(stuck)<=0.5", "mean(complete)>=0.5"):
        assert limits(own) == [own]
    assert limits(()) == []


def test_what_is_stuck_is_not_recommended_for_its_few_pods(scenario: Scenario) -> None:
    fragile = scenario.set({"pods.faults.never_ready": 0.9}, horizon="20m")
    found = fragile.sweep(maxSurge=[0, 1], maxUnavailable=[1], replications=4)
    assert found.table["mean(complete)"].max() < 0.5
    asked = {"require": "peak_pods<=9", "minimize": "peak_pods"}
    assert found.recommend(**asked).choice.recommended is None
    assert found.recommend(require=(), minimize="peak_pods").choice.recommended is not None


def test_how_likely_a_limit_breaks_is_told_of_the_worst_circumstance(scenario: Scenario) -> None:
    found = scenario.recommend(
        {"pods.pull": ["1s", "9s"]}, maxSurge=[1, 2], require="duration_s<=15", replications=4
    )
    slow = (found.sweep.runs["duration_s"] > 15).groupby(found.sweep.runs["strategy"]).mean()
    assert found.breaches["probability"].tolist() == slow.tolist()
    for one, other in ((0, 2), (1, 3)):
        labels = found.sweep.sample.labels
        assert labels[one].split()[-1] == labels[other].split()[-1]
    assert slow.nunique() > 1
    for number in (0, 1, 2, 3):
        alike = [n for n, label in labels.items() if label.split()[-1] == labels[number].split()[-1]]
        assert found.breaking(number) == {"duration_s<=15": slow.loc[alike].max()}


def test_any_statistic_is_drawn_with_its_interval(scenario: Scenario) -> None:
    found = scenario.sweep(maxSurge=["25%", 2, 3], replications=RUNS)
    axes = found.plot(show="p50.5(duration_s)")
    (bars,) = (one for one in axes.collections if len(one.get_segments()) == 3)
    ends = estimate(parse_statistic("p50.5(duration_s)"), found.runs)
    drawn = sorted(tuple(segment[:, 1]) for segment in bars.get_segments())
    assert drawn == sorted(zip(ends["low"], ends["high"], strict=True))


def test_circumstances_are_no_choice(scenario: Scenario) -> None:
    choice = scenario.recommend(
        {"pods.pull": ["1s", "9s"]},
        maxSurge=[1, 2],
        require="p95(duration_s)<=60s",
        minimize="duration_s",
        replications=4,
    )
    # What is in force has to be seen under each of them, too. Of 3 pods 25 % are 1: that is one row.
    assert len(choice.sweep.sample.strategies) == 6
    assert choice.table["label"].tolist() == ["maxSurge=25%", "maxSurge=2"]
    assert choice.table["name"].tolist() == ["maxSurge 1 = 25 %", "maxSurge 2"]
    means = choice.sweep.runs.groupby("strategy")["duration_s"].mean()
    worst = means.groupby(choice.sweep.sample.strategies["maxSurge"].to_numpy()).max()
    assert choice.table["mean(duration_s)"].tolist() == pytest.approx(worst[["1", "2"]].tolist())
    assert choice.patch == {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 2}}}}


def test_what_cannot_be_read_is_told_before_anything_is_simulated(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.sweep.rounds.sweep", lambda *_, **__: pytest.fail("it was simulated"))
    with pytest.raises(RequirementError, match="did you mean min_availability"):
        scenario.recommend(require="min_availabilty>=95%")
    with pytest.raises(RequirementError, match="did you mean mean"):
        scenario.recommend(minimize=["p95(duration_s)", "maen(duration_s)"])
    with pytest.raises(ValueError, match=r"p95\(duration_s\) is an aim twice"):
        scenario.recommend(minimize="p95(duration_s)", maximize="p95(duration_s)")
    with pytest.raises(InputError, match="1 replication or more"):
        scenario.sweep(maxSurge=[1], replications=0)
    with pytest.raises(RequirementError, match="did you mean duration_s"):
        scenario.sweep(maxSurge=[1], precision="p95(durations)=2%")


@pytest.mark.parametrize(
    ("ask", "meant"),
    [
        (lambda one: one.set(maxSurg=1), "maxSurge"),
        (lambda one: one.sweep(maxUnavailabel=[1]), "maxUnavailable"),
        (lambda one: one.compare({"strateg": "Recreate"}), "strategy"),
        (lambda one: one.sweep({"readinessProb.periodSeconds": [1]}), "readinessProbe.periodSeconds"),
    ],
)
def test_a_wrong_setting_is_answered_with_the_nearest(
    scenario: Scenario, ask: Callable[[Scenario], object], meant: str
) -> None:
    with pytest.raises(InputError) as caught:
        ask(scenario)
    assert caught.value.diagnostics[0].nearest == meant


def test_what_is_not_there_is_no_result(scenario: Scenario, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E523"):
        Sweep.read(tmp_path)
    with pytest.raises(InputError, match="E505"):
        scenario.compare({"maxSurge": 1}, deployment="web")
    with pytest.raises(InputError, match="E504"):
        scenario.compare()
    with pytest.raises(InputError, match="E501"):
        scenario.sweep(maxSurge=[])


def test_a_validation_is_that_of_the_recordings() -> None:
    files = [str(RECORDING), str(RECORDING.with_suffix(".1.json"))]
    found = Validation.of(*files, replications=2)
    report = validate("hundred-25-25", files, 2)
    assert found.report.as_dict() == report.as_dict()
    assert found.table["kind"].tolist() == ["available", "counted", "physical"]
    for row, gap in zip(found.table.itertuples(), report.gaps.values(), strict=True):
        assert (row.between_real, row.simulated, row.limit) == (gap.between, gap.simulated, gap.limit)
    assert found.answer == "hundred-25-25: a simulated run is as close to a real one as another real run is"
    # Clients that never wait are another control plane.
    other = Validation(validate("other", files, 2, settings=["control_plane.qps=0"]))
    assert other.answer.startswith("other: too far apart: available pods are ")


def test_aims_point_the_way_that_is_asked(sweep: Sweep) -> None:
    means = sweep.runs.groupby("strategy")["duration_s"].mean()
    assert sweep.recommend(minimize="duration_s").choice.recommended == means.idxmin()
    assert sweep.recommend(maximize="duration_s").choice.recommended == means.idxmax()


def test_differences_are_to_what_is_in_force(scenario: Scenario) -> None:
    found = scenario.sweep(maxSurge=[2, "25%", 3], replications=2)
    assert found.differences()["strategy"].unique().tolist() == [0, 2]
    assert found.differences(0)["strategy"].unique().tolist() == [1, 2]


def test_in_force_is_the_manifest_whatever_is_assumed(
    scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    assumed = scenario.set(replicas=10).set(minReadySeconds=5, maxSurge=3)
    found = assumed.recommend(maxSurge=[1, "100%"], replications=RUNS)
    labels = found.sweep.sample.labels
    assert labels[found.sweep.sample.about["now"]] == "maxSurge=25%"
    # The patch is what was chosen, and nothing that was assumed.
    assert found.patch == {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "100%"}}}}
    assert found.assumed == ["replicas=10", "minReadySeconds=5"]
    assert "Judged with replicas 10, minReadySeconds 5 (--set), which is not part" in found._repr_html_()
    told = json.loads(
        printed(
            capsys,
            *("recommend", str(MANIFEST), "--set", "replicas=10", "--set", "minReadySeconds=5"),
            *("--axis", "maxSurge=1,100%", "--replications", str(RUNS), "--format", "json"),
        )
    )
    assert (told["patch"], told["command"], told["answer"]) == (found.patch, found.command, found.answer)
    assert told["assumed"] == found.assumed


def test_what_is_in_force_may_be_impossible(scenario: Scenario) -> None:
    # The default deadline of 600 s would be over before a pod counts as available.
    long = scenario.set(minReadySeconds=700, progressDeadlineSeconds=800)
    found = long.recommend(progressDeadlineSeconds=[900], replications=2)
    about = found.sweep.sample.about
    assert about["now"] is None
    assert "progressDeadlineSeconds" in about["not_now"]
    assert "What is in force today is refused by Kubernetes" in found._repr_html_()
    assert found.answer.startswith("Set progressDeadlineSeconds 900: ")


def test_a_type_that_is_chosen_is_in_the_patch() -> None:
    recreated = load(MANIFEST.with_name("testqc-recreate.yaml"))
    found = recreated.set(strategy="RollingUpdate").recommend(maxSurge=[1], replications=2)
    assert found.sweep.sample.labels[found.sweep.sample.about["now"]] == "strategy=Recreate"
    assert found.patch == {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
    assert found.assumed == []
    assert found.choice.table["fails"].tolist() == ["", "no pod for a moment"]
