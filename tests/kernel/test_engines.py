"""Who simulates: what is asked for, what can be, and that it makes no difference to a result."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.cli import main
from sim.engine import simulate, why_model
from sim.engine.kernel.question import cannot
from sim.errors import InputError
from sim.spec.scenario import Scenario, load
from sim.sweep.axes import grid, parse_axis
from sim.sweep.plan import Plan
from sim.sweep.planning import plan_sweep
from sim.sweep.rounds import BLOCK, arranged, blocks, sweep
from sim.sweep.sample import Sample
from tests.cli.place import SHOP, settle
from tests.kernel.twins import plain

TEXT = {"at": 0, "kubectl": "set image deployment shop web=shop:v3"}


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(tmp_path, monkeypatch)


def session(*steps: dict[str, Any], manifests: str = "shop.yaml", **more: Any) -> Scenario:
    document = {"name": "session", "manifests": manifests, "steps": list(steps), **more}
    Path("session.yaml").write_text(json.dumps(document), encoding="utf-8")
    return load("session.yaml")


# What the kernel cannot do it says.


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([TEXT], None),
        ([TEXT, {"at": 9, "kubectl": "get pods"}], None),
        ([TEXT, {"at": 9, "kubectl": "rollout pause deployment shop"}], None),
        ([TEXT, {"at": 9, "kubectl": "rollout undo deployment shop"}], "a step is kubectl rollout undo"),
        ([TEXT, {"kubectl": "rollout status deployment shop"}], "a step is kubectl rollout status"),
        ([TEXT, {"at": 9, "kubectl": "delete pod -l app=shop"}], "a step is kubectl delete"),
        ([TEXT | {"background": True}], "a step is typed in the background"),
        ([{"kubectl": "get pods"}, {"when": "desired > 9", "limit": 5}], None),
    ],
)
def test_reasons(steps: list[dict[str, Any]], reason: str | None) -> None:
    scenario = session(*steps)
    assert cannot(scenario) == reason
    assert why_model(scenario, "auto") == reason
    if reason is not None:
        with pytest.raises(InputError) as raised:
            simulate(scenario, engine="kernel")
        (problem,) = raised.value.diagnostics
        assert problem.code == "E541"
        assert f"the kernel cannot simulate session: {reason}" in str(problem)


def test_two_deployments_are_the_models() -> None:
    two = SHOP + "---\n" + SHOP.replace("name: shop}", "name: cart}").replace("app: shop", "app: cart")
    Path("two.yaml").write_text(two, encoding="utf-8")
    scenario = session(TEXT, manifests="two.yaml")
    assert cannot(scenario) == "there is not exactly one Deployment, from the beginning"


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="no engine is called 'fast'"):
        simulate(load("shop.yaml"), engine="fast")  # type: ignore[arg-type]


# One run.


def test_one_run_is_the_same_and_says_who_played_it() -> None:
    scenario = load("shop.yaml")
    model, kernel, auto = (simulate(scenario, 3, 7, engine=who) for who in ("model", "kernel", "auto"))
    assert [trace.provenance.engine for trace in (model, kernel, auto)] == ["model", "kernel", "model"]
    assert plain(model, scenario) == plain(kernel, scenario)


def test_what_was_worked_out_for_a_step_that_is_left_out_is_the_models() -> None:
    # The second step never comes, so that the third is another one than was foreseen.
    later = {"kubectl": "set image deployment shop web=shop:v4", "when": "desired > 9", "limit": 1}
    scenario = session(TEXT, later, later | {"when": "desired == 3"})
    assert simulate(scenario, engine="kernel").provenance.engine == "model"


# Sweeps.


def plan(*axes: str, scenario: Scenario | None = None) -> Plan:
    return plan_sweep(scenario or load("shop.yaml"), grid(list(map(parse_axis, axes))))


def same(one: Sample, other: Sample) -> None:
    assert one.checksum == other.checksum
    pd.testing.assert_frame_equal(one.runs, other.runs, check_exact=True)
    pd.testing.assert_frame_equal(one.bands, other.bands, check_exact=True)


def test_sweeps_are_the_same_whoever_simulates() -> None:
    asked = plan("maxSurge=0,1,100%", "maxUnavailable=0,1,50%", "replicas=2,5", "minReadySeconds=0,4")
    model, kernel = (sweep(asked, 70, engine=engine) for engine in ("model", "kernel"))
    assert (model.about["engine"], kernel.about["engine"]) == ("model: it was asked for", "kernel")
    same(model, kernel)
    # Who simulated changes nothing, so it is no part of what reproduces the sample.
    assert model.provenance == kernel.provenance


def test_faults_and_stuck_rollouts_are_the_same_too() -> None:
    faults = {"never_ready": 0.2, "crash": {"probability": 0.2, "after": {"exponential": {"mean": 5}}}}
    profile = {"base": "fast", "pods": {"faults": faults}}
    scenario = load("shop.yaml", profile=profile)
    asked = plan("maxSurge=0,1", "maxUnavailable=1,2", "progressDeadlineSeconds=30,600", scenario=scenario)
    model, kernel = (sweep(asked, 70, engine=engine) for engine in ("model", "kernel"))
    same(model, kernel)
    reasons = " ".join(kernel.runs["stuck_reason"].unique())
    assert "crash loop" in reasons
    assert "never ready" in reasons
    assert "progress deadline" in reasons


def test_some_strategies_may_be_the_models() -> None:
    asked = plan("maxSurge=1,2", "paused=true,false")
    sample = sweep(asked, 3)
    assert sample.about["engine"] == (
        "kernel; model for 2 of 4 strategies: the Deployment is paused when time begins"
    )
    same(sample, sweep(asked, 3, engine="model"))
    with pytest.raises(InputError, match="E541"):
        sweep(asked, 3, engine="kernel")


def test_workers_and_folders_make_no_difference(tmp_path: Path) -> None:
    asked = plan("maxSurge=0,1,2", "maxUnavailable=1")
    whole = sweep(asked, 200)
    same(whole, sweep(asked, 200, workers=2))
    folder = tmp_path / "results"

    def interrupt(done: int, wanted: int) -> None:
        if done > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(asked, 200, out=folder, progress=interrupt)
    # Gone on with by the other engine: what is there stays.
    same(whole, sweep(asked, 200, out=folder, resume=True, engine="model"))


def test_blocks_are_arranged_so_that_luck_is_shared() -> None:
    tasks = [task for strategy in (0, 1) for task in blocks(strategy, 5 * BLOCK - 1)]
    one = arranged(tasks, lambda _: 1)
    assert [(task.start // BLOCK, task.strategy) for task in one] == [
        (b, s) for b in range(5) for s in (0, 1)
    ]
    two = arranged(tasks, lambda strategy: 2 - strategy)
    assert sorted(run for t in two for run in range(t.start, t.stop) if t.strategy == 0) == list(
        range(5 * BLOCK - 1)
    )
    assert [t.runs for t in two if t.strategy == 0] == [128, 128, 63]
    assert [t.runs for t in two if t.strategy == 1] == [64, 64, 64, 64, 63]
    # What is done already is not run again to fill a task.
    gap = arranged([task for task in tasks if task.start != BLOCK], lambda _: 4)
    assert [(t.start, t.stop) for t in gap if t.strategy == 0] == [(0, 64), (128, 256), (256, 319)]


# The command line.

FEW = ("--axis", "maxSurge=1,2", "--replications", "3")


def test_the_result_says_who_simulated(capsys: pytest.CaptureFixture[str]) -> None:
    found, who = {}, {}
    for engine in ("auto", "kernel", "model"):
        kept = ("--engine", engine, "--format", "json", "--out", engine)
        assert main(["sweep", "shop.yaml", *FEW, *kept]) == 0
        found[engine] = capsys.readouterr().out
        who[engine] = json.loads(Path(engine, "provenance.json").read_text(encoding="utf-8"))["engine"]
    assert who == {"auto": "kernel", "kernel": "kernel", "model": "model: it was asked for"}
    # What is printed is the same to the last byte.
    assert found["auto"] == found["kernel"] == found["model"]


@pytest.mark.parametrize("verb", ["run", "sweep", "recommend"])
def test_the_kernel_refuses_in_a_line(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    session(TEXT, {"kubectl": "rollout undo deployment shop"})
    assert main([verb, "session.yaml", "--engine", "kernel"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "E541 --engine" in said.err.replace(":", "") or "E541" in said.err
    assert "a step is kubectl rollout undo" in said.err


def test_without_numba(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sim.engine.choice.is_installed", lambda: False)
    assert main(["sweep", "shop.yaml", *FEW, "--workers", "1", "--out", "out"]) == 0
    capsys.readouterr()
    who = json.loads(Path("out/provenance.json").read_text(encoding="utf-8"))
    assert who["engine"] == "model: Numba is not installed"
    for verb in (["run"], ["sweep", *FEW]):
        assert main([verb[0], "shop.yaml", *verb[1:], "--engine", "kernel"]) == 2
        said = capsys.readouterr().err
        assert "E540" in said
        assert "pip install 'rollsim[fast]'" in said


def test_who_has_to_wait_for_the_compiler_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sim.engine.kernel.compiled.is_kept", lambda: False)
    for arguments in (["run", "shop.yaml", "--engine", "kernel"], ["sweep", "shop.yaml", *FEW]):
        assert main(arguments) == 0
        assert "rollsim: compiling the kernel (a minute or two" in capsys.readouterr().err


def test_a_misspelt_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "shop.yaml", "--engine", "kernal"]) == 2
    assert "kernel" in capsys.readouterr().err


def test_a_run_by_the_kernel_prints_what_the_models_does(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for engine in ("model", "kernel"):
        assert main(["run", "shop.yaml", "--engine", engine]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_standard_input_works_as_well() -> None:
    assert cannot(load("-", stdin=io.BytesIO(SHOP.encode()))) is None
