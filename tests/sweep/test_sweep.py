"""Sweeps: the same table whoever runs it, whatever happens meanwhile."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.engine import simulate
from sim.errors import InputError
from sim.metrics import MEASURES, measure
from sim.spec.override import override
from sim.spec.scenario import Scenario, load
from sim.stats import parse_precision
from sim.sweep.axes import grid, parse_axis
from sim.sweep.block import BLOCK, Task, run_block
from sim.sweep.executors import CONNECT_S, Processes
from sim.sweep.folder import Folder, is_results, read_sample
from sim.sweep.lock import locked
from sim.sweep.plan import Plan
from sim.sweep.planning import parse_variant, plan_comparison, plan_sweep
from sim.sweep.rounds import blocks, sweep
from sim.sweep.sample import RUN_COLUMNS, Sample, runs_table
from tests.sweep.dying import Broken, Cut, Deadly

ROOT = Path(__file__).resolve().parents[2]
REPLICATIONS = BLOCK + 6


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Three replicas of a fast application, of which one in ten never gets ready."""
    base = load(ROOT / "scenarios" / "manifests" / "testqc.yaml", profile="fast")
    return override(base, ["pods.faults.never_ready=0.1", "horizon=10m", "progressDeadlineSeconds=60"])


@pytest.fixture(scope="module")
def plan(scenario: Scenario) -> Plan:
    """Four strategies."""
    return plan_sweep(scenario, grid([parse_axis("maxSurge=1,2"), parse_axis("minReadySeconds=0,2")]))


@pytest.fixture(scope="module")
def serial(plan: Plan) -> Sample:
    """What one process by itself finds."""
    return sweep(plan, REPLICATIONS)


def of(kind: type[Plan], plan: Plan, **more: object) -> Plan:
    """Return ``plan`` as one of ``kind``."""
    return kind(**{field.name: getattr(plan, field.name) for field in fields(Plan)} | more)


def assert_same(sample: Sample, other: Sample) -> None:
    """Two samples are the same in every cell."""
    pd.testing.assert_frame_equal(sample.runs, other.runs)
    pd.testing.assert_frame_equal(sample.bands, other.bands)
    pd.testing.assert_frame_equal(sample.strategies, other.strategies)
    assert sample.checksum == other.checksum


def test_every_run_is_the_one_that_simulate_gives(plan: Plan, serial: Sample) -> None:
    assert list(serial.runs.columns) == list(RUN_COLUMNS)
    keys = list(zip(serial.runs["strategy"], serial.runs["replication"], strict=True))
    assert keys == [(s, r) for s in range(4) for r in range(REPLICATIONS)]
    for row in (0, 5, REPLICATIONS + 3, 4 * REPLICATIONS - 1):
        strategy, replication = keys[row]
        alone = measure(simulate(plan.scenario(strategy), replication=replication))
        found = serial.runs.iloc[row]
        for name in MEASURES:
            assert found[name] == getattr(alone, name) or (np.isnan(found[name]) and name == "below_floor_s")


def test_some_runs_are_censored_and_none_is_dropped(serial: Sample) -> None:
    stuck = serial.runs["stuck"]
    assert 0 < stuck.mean() < 1
    assert (np.isinf(serial.runs["duration_s"]) == stuck).all()


def test_bands_are_quantiles_of_the_first_block(plan: Plan, serial: Sample) -> None:
    from sim.metrics import series, step_at

    bands = serial.bands[(serial.bands["strategy"] == 2) & (serial.bands["series"] == "available")]
    moments = bands["time_s"].to_numpy()
    traces = [simulate(plan.scenario(2), replication=r) for r in range(BLOCK)]
    values = np.array([step_at(*series(t, None, "available"), moments + t.started_s) for t in traces])
    ordered = np.sort(values, axis=0)
    # The least count that 5, 50, 95 % of 64 runs do not exceed: the 4th, 32nd, 61st.
    for name, rank in (("p5", 4), ("median", 32), ("p95", 61)):
        assert (bands[name].to_numpy() == ordered[rank - 1]).all()


def test_processes_find_the_same(plan: Plan, serial: Sample) -> None:
    assert_same(sweep(plan, REPLICATIONS, workers=2), serial)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # Dask's own, about sockets that it closes late
def test_dask_finds_the_same(plan: Plan, serial: Sample) -> None:
    assert_same(sweep(plan, REPLICATIONS, workers=2, dask="local"), serial)


def test_a_folder_holds_the_same(plan: Plan, serial: Sample, tmp_path: Path) -> None:
    out = tmp_path / "a" / "results"
    assert_same(sweep(plan, REPLICATIONS, out=out), serial)
    assert is_results(out)
    assert_same(read_sample(out), serial)
    assert sorted(path.name for path in out.iterdir()) == ["bands.parquet", "plan.json", "runs.parquet"]
    assert json.loads((out / "plan.json").read_text())["replications"] == REPLICATIONS


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_interrupted_goes_on(plan: Plan, serial: Sample, tmp_path: Path, workers: int) -> None:
    def interrupt(done: int, wanted: int) -> None:
        if done >= 2 * BLOCK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(plan, REPLICATIONS, out=tmp_path, progress=interrupt, workers=workers)
    with pytest.raises(InputError, match=r"E524.*--resume"):
        read_sample(tmp_path)
    seen: list[tuple[int, int]] = []
    again = sweep(plan, REPLICATIONS, out=tmp_path, resume=True, progress=lambda *now: seen.append(now))
    assert seen[0][0] >= 2 * BLOCK
    assert seen[-1] == (4 * REPLICATIONS, 4 * REPLICATIONS)
    assert_same(again, serial)
    whole = tmp_path.parent / f"whole-{workers}"
    sweep(plan, REPLICATIONS, out=whole)
    for name in ("runs.parquet", "bands.parquet", "plan.json"):
        assert (tmp_path / name).read_bytes() == (whole / name).read_bytes()


def test_resuming_what_is_complete_runs_nothing(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sweep(plan, 2, out=tmp_path)
    monkeypatch.setattr("sim.sweep.executors.run_block", None)
    assert_same(sweep(plan, 2, out=tmp_path, resume=True), first)


def test_a_part_that_lacks_its_runs_does_not_count(plan: Plan, tmp_path: Path) -> None:
    whole = sweep(plan, 2)

    def interrupt(done: int, wanted: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(plan, 2, out=tmp_path, progress=interrupt)
    for path in (tmp_path / "parts").glob("runs-*"):
        path.unlink()  # as if the machine had gone down between the two files
    assert_same(sweep(plan, 2, out=tmp_path, resume=True), whole)


def test_a_lost_worker_is_replaced_and_its_block_run_again(plan: Plan, tmp_path: Path) -> None:
    whole = sweep(plan, 2)
    deadly = of(Deadly, plan, victim=1, lives=1, marks=str(tmp_path))
    assert_same(sweep(deadly, 2, workers=2), whole)
    assert (tmp_path / "0").exists()


def test_a_block_that_kills_its_workers_is_named(plan: Plan, tmp_path: Path) -> None:
    deadly = of(Deadly, plan, victim=1, lives=9, marks=str(tmp_path))
    with pytest.raises(InputError) as raised:
        sweep(deadly, 2, workers=2)
    (problem,) = raised.value.diagnostics
    named = "strategy 1 (maxSurge=1 minReadySeconds=2) failed: the worker process was lost twice"
    assert named in str(problem)


def test_a_run_that_fails_is_named_and_the_others_are_kept(plan: Plan, tmp_path: Path) -> None:
    whole = sweep(plan, 2)
    with pytest.raises(InputError) as raised:
        sweep(of(Broken, plan, victim=2), 2, out=tmp_path)
    (problem,) = raised.value.diagnostics
    assert problem.code == "E530"
    assert "strategy 2 (maxSurge=2 minReadySeconds=0) failed: RuntimeError: no such luck" in str(problem)
    alone = "--set maxSurge=2 --set minReadySeconds=0 --seed 1 --replication 0"
    assert alone in str(problem)
    from_a_line = of(Broken, plan, victim=2, origin="-f 'a b.yaml' --set replicas=9")
    with pytest.raises(InputError) as raised:
        sweep(from_a_line, 2)
    assert f"rollsim run -f 'a b.yaml' --set replicas=9 {alone}" in str(raised.value)
    seen: list[tuple[int, int]] = []
    assert_same(sweep(plan, 2, out=tmp_path, resume=True, progress=lambda *now: seen.append(now)), whole)
    assert seen[0] == (6, 8)


def test_precision_asks_for_more_where_more_is_needed(scenario: Scenario, tmp_path: Path) -> None:
    calm = override(scenario, ["pods.faults.never_ready=0"])
    plan = plan_sweep(calm, grid([parse_axis("minReadySeconds=0,30")]))
    goal = parse_precision("mean(duration_s)=2.5%")
    sample = sweep(plan, precision=goal, most=200)
    counts = sample.runs.groupby("strategy").size()
    # 30 s that are always the same make the relative interval narrow at once.
    assert counts[1] == BLOCK
    assert counts[0] in (2 * BLOCK, 200)
    assert sample.capped == ()
    assert_same(sweep(plan, precision=goal, most=200, workers=2, out=tmp_path), sample)
    assert_same(read_sample(tmp_path), sample)


def test_enough_is_whatever_is_asked_of_the_runs(scenario: Scenario) -> None:
    plan = plan_sweep(scenario, grid([parse_axis("minReadySeconds=0,30")]))
    sample = sweep(plan, enough=lambda runs: runs.groupby("strategy").size() > BLOCK, most=1000)
    assert sample.runs.groupby("strategy").size().tolist() == [2 * BLOCK, 2 * BLOCK]
    assert sample.capped == ()
    assert (sample.about["replications"], sample.about["precision"], sample.about["most"]) == (
        None,
        None,
        1000,
    )


def test_strategies_that_stay_imprecise_are_named(scenario: Scenario) -> None:
    plan = plan_sweep(scenario, grid([parse_axis("minReadySeconds=0,30")]))
    sample = sweep(plan, precision=parse_precision("mean(duration_s)=2.5%"), most=70)
    assert sample.runs.groupby("strategy").size().tolist() == [70, 70]
    assert sample.capped == (0, 1)


def test_blocks_are_of_a_fixed_size() -> None:
    assert blocks(3, 2 * BLOCK + 1) == [Task(3, 0, 64), Task(3, 64, 128), Task(3, 128, 129)]


@pytest.mark.parametrize(
    ("settings", "replications", "words"),
    [
        ([], 3, "its replications differs; found 2; expected 3"),
        (["seed=2"], 2, "its digest differs"),
        (["replicas=4"], 2, "its digest differs"),
    ],
)
def test_results_of_another_sweep_are_not_mixed(
    scenario: Scenario, plan: Plan, tmp_path: Path, settings: list[str], replications: int, words: str
) -> None:
    sweep(plan, 2, out=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    points = [strategy.settings for strategy in plan.strategies]
    other = plan_sweep(override(scenario, settings), points)
    with pytest.raises(InputError, match="E522") as raised:
        sweep(other, replications, out=tmp_path, resume=True)
    assert f"the folder holds the results of another sweep: {words}" in str(raised.value)
    with pytest.raises(InputError, match=r"E521.*--resume"):
        sweep(plan, 2, out=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_results_of_another_version_are_refused(plan: Plan, tmp_path: Path) -> None:
    sweep(plan, 2, out=tmp_path)
    file = tmp_path / "plan.json"
    file.write_text(file.read_text().replace('"version": "', '"version": "9'))
    with pytest.raises(InputError, match="E522"):
        read_sample(tmp_path)
    with pytest.raises(InputError, match=r"E522.*its version differs"):
        sweep(plan, 2, out=tmp_path, resume=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [("plan.json", "{"), ("plan.json", "[]"), ("plan.json", '{"format": "x"}'), ("runs.parquet", "no table")],
)
def test_a_folder_that_is_damaged_says_so(plan: Plan, tmp_path: Path, name: str, content: str) -> None:
    sweep(plan, 2, out=tmp_path)
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match="E523") as raised:
        read_sample(tmp_path)
    assert str(tmp_path / name) in str(raised.value)


def test_a_folder_that_cannot_be_is_refused_before_anything_runs(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.sweep.executors.run_block", None)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="E901"):
        sweep(plan, 2, out=tmp_path / "file" / "out")


def test_a_full_disk_is_one_line_and_what_is_there_stays(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    import pyarrow.parquet

    with monkeypatch.context() as patched:
        patched.setattr(pyarrow.parquet, "write_table", full)
        with pytest.raises(InputError, match=r"E901.*no space left on device"):
            sweep(plan, 2, out=tmp_path)
    assert [path.name for path in (tmp_path / "parts").iterdir()] == []
    assert_same(sweep(plan, 2, out=tmp_path, resume=True), sweep(plan, 2))


def test_an_absurd_number_of_runs_is_refused_with_the_count(plan: Plan) -> None:
    with pytest.raises(InputError, match=r"E503.*are 40,000,000 runs"):
        sweep(plan, 10_000_000)


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_said_within_seconds(plan: Plan) -> None:
    assert CONNECT_S <= 5
    with pytest.raises(InputError, match=r"E512.*no Dask scheduler answers"):
        sweep(plan, 2, dask="tcp://127.0.0.1:9")
    with pytest.raises(InputError, match="E512"):
        sweep(plan, 2, dask="nonsense")


@pytest.mark.parametrize("done", [BLOCK, 2 * BLOCK, 3 * BLOCK, 4 * BLOCK])
def test_a_precision_asks_for_the_same_when_it_was_interrupted(
    scenario: Scenario, tmp_path: Path, done: int
) -> None:
    plan = plan_sweep(override(scenario, ["pods.faults.never_ready=0"]), grid([parse_axis("maxSurge=1")]))
    goal = parse_precision("mean(duration_s)=2.5%")
    whole = sweep(plan, precision=goal, most=256)
    assert len(whole.runs) == 2 * BLOCK

    # A session that was to be more precise had begun, and its third block was done before its second.
    folder = Folder.create(tmp_path, {**whole.about})
    for number in (0, 2, 1, 3)[: done // BLOCK]:
        folder.add(run_block(plan, blocks(0, 4 * BLOCK)[number]))
    folder.flush()
    assert_same(sweep(plan, precision=goal, most=256, out=tmp_path, resume=True), whole)


def test_a_profile_is_read_once(scenario: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "slow.yaml"
    file.write_text("base: textbook\npods: {start: 3s}\n")
    point = ((("profile", str(file)),), (("profile", "textbook"),))
    plan = plan_sweep(scenario, point)
    first = sweep(plan, 1)
    file.write_text("base: textbook\npods: {start: 30s}\n")
    assert_same(sweep(plan, 1), first)
    other = plan_sweep(scenario, point)
    assert other.digest != plan.digest
    assert sweep(other, 1).runs["duration_s"][0] > first.runs["duration_s"][0]
    sweep(plan, 1, out=tmp_path / "out")
    with pytest.raises(InputError, match=r"E522.*its digest differs"):
        sweep(other, 1, out=tmp_path / "out", resume=True)


def test_a_worker_that_is_ended_in_the_middle_of_an_outcome_holds_nobody(plan: Plan, tmp_path: Path) -> None:
    mark = tmp_path / "begun"
    processes = Processes(of(Cut, plan, mark=str(mark)), 1)
    processes._submit(Task(0, 0, 1))
    pool = processes._pool._executor_manager_thread
    assert pool is not None
    while not mark.exists():
        time.sleep(0.01)
    processes.close(quickly=True)
    pool.join(30)
    assert not pool.is_alive()


def test_a_worker_that_is_lost_while_nobody_looks(plan: Plan) -> None:
    whole = sweep(plan, 2 * BLOCK)
    processes = Processes(plan, 1)
    outcomes = []
    try:
        for outcome in processes.map(blocks(0, 2 * BLOCK) + blocks(1, 2 * BLOCK)):
            outcomes.append(outcome)
            if len(outcomes) == 1:
                (worker,) = processes._pool._processes.values()
                worker.kill()
                worker.join()
                while not processes._pool._broken:  # until the pool has noticed
                    time.sleep(0.01)
    finally:
        processes.close(quickly=True)
    assert [outcome.failure for outcome in outcomes] == [None] * 4
    found = runs_table(outcomes)
    pd.testing.assert_frame_equal(found, whole.runs[whole.runs["strategy"] < 2])


def test_a_block_that_two_sessions_did_counts_once(plan: Plan, tmp_path: Path) -> None:
    whole = sweep(plan, 2)
    folder = Folder.create(tmp_path, {**whole.about})
    for task in (Task(0, 0, 2), Task(1, 0, 2), Task(0, 0, 2)):
        folder.add(run_block(plan, task))
        folder.flush()
    assert_same(sweep(plan, 2, out=tmp_path, resume=True), whole)


def test_the_table_of_another_sweep_is_not_taken_for_this_ones(
    scenario: Scenario, plan: Plan, tmp_path: Path
) -> None:
    sweep(plan, 2, out=tmp_path / "mine")
    points = [strategy.settings for strategy in plan.strategies]
    sweep(plan_sweep(override(scenario, ["pods.start=9s"]), points), 2, out=tmp_path / "other")
    shutil.copy(tmp_path / "other" / "runs.parquet", tmp_path / "mine" / "runs.parquet")
    with pytest.raises(InputError, match=r"E523.*it is of another sweep"):
        read_sample(tmp_path / "mine")


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_scheduler_elsewhere_finds_the_same(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    whole = sweep(plan, 2)
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    with cluster:
        assert_same(sweep(plan, 2, dask=cluster.scheduler_address), whole)
        monkeypatch.setattr("sim.sweep.executors.__version__", "0.0.0")
        with pytest.raises(InputError, match=r"E513.*and this is 0\.0\.0"):
            sweep(plan, 2, dask=cluster.scheduler_address)


def test_a_part_in_which_a_bit_has_turned_is_not_taken(plan: Plan, tmp_path: Path) -> None:
    about = sweep(plan, 2).about
    for kind in ("runs", "bands"):
        out = tmp_path / kind
        folder = Folder.create(out, {**about})
        folder.add(run_block(plan, Task(0, 0, 2)))
        folder.flush()
        part = out / "parts" / f"{kind}-000000.parquet"
        content = part.read_bytes()
        seen = 0
        for place in range(8, len(content) - 8, 97):
            seen += 1
            part.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
            with suppress(InputError):
                found, seen = Folder.resume(out, {**about}).read(), seen - 1
                part.write_bytes(content)  # a bit that nobody reads
                whole = Folder.resume(out, {**about}).read()
                for one, other in zip(found, whole, strict=True):
                    pd.testing.assert_frame_equal(one, other)
        assert seen > 10


def test_one_process_at_a_time_fills_a_folder(plan: Plan, tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    out = tmp_path / "out"
    out.mkdir()
    with locked(out), pytest.raises(InputError, match=r"E525 another rollsim fills this folder"):
        sweep(plan, 2, out=out)
    assert list(out.iterdir()) == []
    sweep(plan, 2, out=out)
    with locked(out), pytest.raises(InputError, match="E525"):
        sweep(plan, 2, out=out, resume=True)
    assert_same(sweep(plan, 2, out=out, resume=True), sweep(plan, 2))


def test_workers_that_cannot_be_started_are_one_line(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(**_: object) -> None:
        raise RuntimeError("Nanny failed to start.") from OSError(24, "Too many open files")

    monkeypatch.setattr("distributed.LocalCluster", failing)
    with pytest.raises(InputError, match=r"E514 the workers of Dask cannot be started: Nanny failed"):
        sweep(plan, 2, dask="local", workers=2)


@pytest.mark.parametrize("words", ["get pods", "get deployments"])
def test_what_has_no_deployment_cannot_be_measured(words: str, tmp_path: Path) -> None:
    file = tmp_path / "none.yaml"
    file.write_text(f"steps:\n- kubectl: {words}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"none.yaml: E504 there is no Deployment to measure"):
        plan_sweep(load(file), grid([parse_axis("maxSurge=1,2")]))
    with pytest.raises(InputError, match="E504"):
        plan_comparison([("none", load(file))], [parse_variant("maxSurge=1")])
