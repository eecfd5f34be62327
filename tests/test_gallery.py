"""The scenarios of scenarios/ show what their comments say: one claim each, named after the file.

A claim is about what a reader is told to look for, so it fails when that does not happen: when the answer at
the terminal, its exit code, or the course of the pods is another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from sim import load
from sim.cli import main
from sim.cli.transcript import transcript_lines
from sim.engine import simulate
from sim.metrics import Measures, Rollout, measure, outcome, rollouts, step_max, step_min, time_where
from sim.spec.override import override
from sim.spec.steps import Scenario
from sim.trace import Trace

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))
WARNED = {"01-first-rollout": {"W210", "W408"}, "09-bad-version-outage": {"W210", "W408"}}
"""The scenarios that are warned of, because a pod without a readiness probe is their point or their start."""
REFUSED = "Connection refused"
HANDOVER = 0.1
"""Seconds for which two ReplicaSets may count a pod too many together: each has its controller."""
LONGEST = 60  # lines of a transcript


class Typed(NamedTuple):
    """A line at the terminal and its answer; ``exit`` None: it had not ended."""

    started_s: float
    finished_s: float
    line: str
    exit: int | None
    output: str


class Run:
    """A scenario's trace, and what is asked of it again and again."""

    def __init__(self, trace: Trace, deployment: str | None = None) -> None:
        self.trace = trace
        self.rollout = Rollout(trace, deployment)
        self.measures: Measures = measure(trace, deployment)

    def typed(self, start: str = "") -> list[Typed]:
        """Return what was typed, in order, as far as it begins with ``start``."""
        rows = zip(*self.trace.tables["commands"].values(), strict=True)
        made = [
            Typed(at, end, line, None if code == "" else code, text) for at, end, line, code, text in rows
        ]
        return [one for one in made if one.line.startswith(start)]

    def exits(self, start: str = "") -> list[int | None]:
        """Return the exit codes of what was typed."""
        return [one.exit for one in self.typed(start)]

    def curls(self) -> list[dict[str, int]]:
        """Return how often each version, or REFUSED, answered: one mapping for each time somebody asked."""
        asked = [one for one in self.typed() if "curl" in one.line]
        return [dict(_counted(one.output)) for one in asked]

    def least(self, name: str, start: float = 0.0) -> float:
        """Return the least value of a series from ``start`` on."""
        return step_min(*self.rollout.series(name), start, self.trace.ended_s)

    def most(self, name: str) -> float:
        """Return the greatest value of a series."""
        return step_max(*self.rollout.series(name), 0.0, self.trace.ended_s)

    def beyond(self, pods: int) -> float:
        """Return for how many seconds more pods than ``pods`` were counted, by the ReplicaSets' status."""
        times, counted = self.rollout.series("counted")
        return time_where(times, counted > pods, 0.0, self.trace.ended_s)

    def pods(self, image: str) -> list[dict[str, Any]]:
        """Return the rows of the pods of a version, in order of creation."""
        table = self.trace.tables["pods"]
        rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
        return [row for row in rows if str(row["image"]).endswith(f":{image}")]

    def moments(self, image: str, column: str) -> np.ndarray:
        """Return a moment of every pod of a version, nan where it never came."""
        return np.array([row[column] for row in self.pods(image)], dtype=np.float64)


def _counted(output: str) -> Iterator[tuple[str, int]]:
    for line in output.splitlines():
        number = re.match(r" *(\d+) (.*)", line)
        text = number.group(2) if number else line
        version = REFUSED if REFUSED in text else text.rpartition(":")[2]
        yield version, int(number.group(1)) if number else 1


def replicasets(output: str) -> dict[str, tuple[int, int, int]]:
    """Return (desired, current, ready) by name of the ReplicaSets that `get` listed."""
    rows = re.findall(r"^(?:replicaset.apps/)?(\S+) +(\d+) +(\d+) +(\d+) +\w+$", output, re.MULTILINE)
    return {name: (int(desired), int(current), int(ready)) for name, desired, current, ready in rows}


def history(output: str) -> dict[int, str]:
    """Return the change causes by revision."""
    return {int(number): cause for number, cause in re.findall(r"^(\d+) +(.*)$", output, re.MULTILINE)}


@cache
def scenario(name: str) -> Scenario:
    """Return a scenario by its file's name without the ending."""
    return load(FOLDER / f"{name}.yaml")


@cache
def run(name: str) -> Run:
    """Return the run of a scenario; each is simulated once."""
    return Run(simulate(scenario(name)))


Claim = Callable[[Run], None]
CLAIMS: dict[str, Claim] = {}


def shows(name: str) -> Callable[[Claim], Claim]:
    """Register the claim about a scenario by its file's name without the ending."""

    def register(claim: Claim) -> Claim:
        assert name not in CLAIMS
        CLAIMS[name] = claim
        return claim

    return register


@shows("01-first-rollout")
def one_pod_after_another(r: Run) -> None:
    assert r.measures.complete
    assert r.least("available") == 3
    assert r.beyond(3) > 10
    assert r.beyond(4) < HANDOVER
    assert len(r.pods("v2")) == 3


@shows("02-create")
def create_is_recorded_and_status_counts_to_three(r: Run) -> None:
    assert set(r.exits()) == {0}
    before, after = r.typed("get deployments")
    assert " 0/3 " in before.output
    assert " 3/3 " in after.output
    (status,) = r.typed("rollout status")
    told = [line.rpartition(": ")[2] for line in status.output.splitlines()]
    assert told[:-1] == [f"{n} of 3 updated replicas are available..." for n in range(3)]
    assert told[-1] == 'deployment "testqc" successfully rolled out'
    (listed,) = r.typed("rollout history")
    cause = "kubectl create --filename=manifests/testqc-probe.yaml --record=true"
    assert history(listed.output) == {1: cause}
    assert r.curls() == [{"v1": 1}]


@shows("03-rolling-update")
def the_service_never_notices(r: Run) -> None:
    assert r.least("available") == 3
    assert r.beyond(4) < HANDOVER
    assert [set(answers) for answers in r.curls()] == [{"v1"}, {"v1", "v2"}, {"v2"}]
    assert set(r.exits()) == {0}


@shows("04-surge-and-unavailable")
def two_at_once_and_earlier(r: Run) -> None:
    assert (r.least("available"), r.measures.complete) == (2, True)
    created = r.moments("v2", "created_s")
    assert (created < np.nanmin(r.moments("v2", "ready_s"))).sum() == 2
    assert r.measures.duration_s < run("03-rolling-update").measures.duration_s
    assert r.exits("rollout status") == [0]


@shows("05-recreate")
def nobody_serves_in_between(r: Run) -> None:
    times, available = r.rollout.series("available")
    assert time_where(times, available == 0, 0.0, r.trace.ended_s) > 5
    assert r.exits("curl") == [0, 7, 7, 0]
    assert r.curls() == [{"v1": 1}, {REFUSED: 1}, {REFUSED: 1}, {"v2": 1}]
    assert r.moments("v1", "gone_s").max() <= r.moments("v2", "created_s").min()
    (status,) = r.typed("rollout status")
    assert (status.exit, status.output.startswith("Waiting")) == (0, True)
    assert "0 out of 3 new replicas have been updated" in status.output


@shows("06-canary-by-pause")
def one_pod_tries_the_new_version(r: Run) -> None:
    (paused,), (resumed,) = r.typed("rollout pause"), r.typed("rollout resume")
    created = r.moments("v2", "created_s")
    assert ((created > paused.finished_s) & (created < resumed.started_s)).sum() == 0
    assert (created < resumed.started_s).sum() == 1
    assert resumed.started_s - paused.finished_s > 30
    canary, after = r.curls()
    assert sum(canary.values()) == 40
    assert 4 <= canary["v2"] <= 16  # a quarter of 40, and two standard deviations
    assert after == {"v2": 40}
    glance, status = r.typed("rollout status")
    assert "1 out of 3 new replicas have been updated" in glance.output
    assert status.output.endswith("successfully rolled out\n")
    assert set(r.exits()) == {0}


@shows("07-canary-by-two-deployments")
def traffic_goes_with_the_replicas(r: Run) -> None:
    answers = r.curls()
    assert [sum(one.values()) for one in answers] == [40] * 4
    none, quarter, half, everything = (one.get("v2", 0) for one in answers)
    assert (none, everything) == (0, 40)
    assert 4 <= quarter <= 16
    assert 14 <= half <= 26
    assert quarter < half
    shares = [re.findall(r" (\d/\d) ", one.output) for one in r.typed("get deployments")]
    assert shares == [["2/2", "2/2"], ["3/3", "0/0"]]
    assert r.exits("scale") == [0] * 4
    assert REFUSED not in {version for one in answers for version in one}


@shows("08-bad-version-held-back")
def the_service_keeps_answering(r: Run) -> None:
    assert r.least("available") == 3
    assert np.isnan(r.moments("v1", "deleted_s")).all()
    assert len(r.pods("v3")) == 1
    assert np.isnan(r.moments("v3", "available_s")).all()
    (status,) = r.typed("rollout status")
    assert (status.exit, "exceeded its progress deadline" in status.output) == (1, True)
    states = r.trace.tables["states"]
    ready = [at for at, state in zip(states["time_s"], states["state"], strict=True) if state == "ready"]
    before = [at for at in ready if at < status.finished_s]
    assert len(before) > 2
    assert 59 <= status.finished_s - before[-1] <= 62
    first, between, last = r.curls()
    assert first["v3"] > 0
    assert between == last == {"v1": 20}
    assert "CrashLoopBackOff" in r.typed("get pods")[-1].output


@shows("09-bad-version-outage")
def rolled_out_and_down(r: Run) -> None:
    (status,) = r.typed("rollout status")
    assert (status.exit, status.output.endswith("successfully rolled out\n")) == (0, True)
    assert r.least("available", start=status.finished_s) == 0
    # Ready with the container, and not when the application answers, two seconds later.
    assert (r.moments("v3", "ready_s") == r.moments("v3", "running_s")).all()
    assert r.curls() == [{REFUSED: 20}, {"v1": 20}]
    assert r.exits("for ") == [7, 0]
    assert {"W210", "W408"} <= {one.code for one in scenario("09-bad-version-outage").diagnostics}
    assert " 0/3 " in r.typed("get deployments,pods")[0].output


@shows("10-deadline-and-undo")
def only_somebody_undoes_it(r: Run) -> None:
    assert r.exits("rollout status") == [1, 0]
    given_up, back = r.typed("rollout status")
    assert 59 <= given_up.finished_s <= 62
    assert back.finished_s - back.started_s < 1
    assert np.isnan(r.moments("v1", "deleted_s")).all()
    assert np.isnan(r.moments("v3", "ready_s")).all()
    assert [list(history(one.output)) for one in r.typed("rollout history")] == [[1, 2], [2, 3]]
    assert r.curls() == [{"v1": 1}]
    (undone,) = r.typed("rollout undo")
    # Nothing is undone by itself: the bad pod is there until then.
    assert r.moments("v3", "deleted_s") > undone.started_s


@shows("11-history-and-undo")
def revisions_come_back_with_new_numbers(r: Run) -> None:
    first, second, third = "first version", "faster start page", "new log-in"
    assert [history(one.output) for one in r.typed("rollout history")] == [
        {1: first, 2: second, 3: third},
        {1: first, 3: third, 4: second},
        {3: third, 4: second, 5: first},
    ]
    before, after = (replicasets(one.output) for one in r.typed("get replicasets"))
    assert before.keys() == after.keys()
    assert sorted(counts[0] for counts in after.values()) == [0, 0, 3]
    assert before != after
    assert set(r.exits()) == {0}
    told = [(one.version, outcome(one)) for one in rollouts(r.trace)]
    assert told == [
        *(("v1", "complete"), ("v2", "complete"), ("v3", "rolled_back")),
        *(("v2", "rolled_back"), ("v1", "complete")),
    ]


@shows("12-deleted-replicaset")
def no_replicaset_no_way_back(r: Run) -> None:
    (deleted,) = r.typed("delete replicaset")
    name = deleted.line.split()[-1]
    assert deleted.exit == 0
    assert r.exits("rollout undo") == [1, 1]
    newest, numbered = (one.output for one in r.typed("rollout undo"))
    assert newest == 'error: no rollout history found for deployment "testqc"\n'
    assert numbered == "error: unable to find specified revision 1 in history\n"
    assert [list(history(one.output)) for one in r.typed("rollout history")] == [[2], [2, 3]]
    before, after = (replicasets(one.output) for one in r.typed("get replicasets"))
    assert before[name] == (0, 0, 0)
    assert after[name] == (3, 3, 3)


@shows("13-scaling-mid-rollout")
def shared_out_in_proportion(r: Run) -> None:
    before, scaled, after = (replicasets(one.output) for one in r.typed("get replicasets"))
    old, new = sorted(before, key=lambda name: before[name], reverse=True)
    assert (before[old][0], before[new][0]) == (8, 5)
    assert (scaled[old][0], scaled[new][0]) == (11, 7)
    assert (after[old][0], after[new]) == (0, (15, 15, 15))
    rows = r.trace.tables["replicasets"]
    for name, was, becomes in ((old, 8, 11), (new, 5, 7)):
        owned = [n for n, owner in zip(rows["desired"], rows["replicaset"], strict=True) if owner == name]
        at = owned.index(becomes)
        assert owned[at - 1] == was


@shows("14-roll-over")
def the_second_version_never_serves(r: Run) -> None:
    assert len(r.pods("v2")) == 5
    assert np.isnan(r.moments("v2", "ready_s")).all()
    assert r.moments("v2", "deleted_s").max() < np.nanmin(r.moments("v3", "ready_s"))
    assert r.least("available") == 8
    assert r.curls() == [{"v1": 20}, {"v3": 20}]
    listed = [replicasets(one.output) for one in r.typed("get replicasets")]
    assert [sorted(counts[0] for counts in one.values()) for one in listed] == [[5, 8], [0, 5, 8], [0, 0, 10]]
    assert r.measures.complete


@shows("15-slow-termination")
def more_pods_than_the_strategy_counts(r: Run) -> None:
    grid, (physical, ceiling) = r.rollout.sampled("physical", "ceiling")
    assert (physical - ceiling).max() == 2
    assert time_where(grid, physical > ceiling, 0.0, r.trace.ended_s) > 20
    assert r.beyond(4) < HANDOVER
    assert r.measures.drained_s - r.measures.duration_s > 20
    during, after = (one.output for one in r.typed("get deployments,pods"))
    assert (during.count("pod/"), during.count("Terminating")) == (6, 3)
    assert (after.count("pod/"), after.count("Terminating")) == (3, 0)


def requests(r: Run) -> np.ndarray:
    """Return the moments at which pods were created and deleted, each of them a request."""
    moments = np.concatenate([r.moments("v2", "created_s"), r.moments("v1", "deleted_s")])
    return np.sort(moments[~np.isnan(moments)])


@shows("16-three-hundred-replicas")
def twenty_requests_a_second(r: Run) -> None:
    at = requests(r)
    assert len(at) == 600
    # No faster than the bucket gives; and hardly slower, so that nothing else is what it waits for.
    assert (600 - 30) / 20 <= at[-1] - at[0] < 1.25 * 600 / 20
    for begin in np.arange(5.0, 25.0):
        assert ((at >= begin) & (at < begin + 5)).sum() <= 5 * 20 + 1
    created = np.sort(r.moments("v2", "created_s"))
    assert ((created >= 3) & (created < 6)).sum() >= 3 * 17
    _, midway, end = (replicasets(one.output) for one in r.typed("get deployments,replicasets"))
    assert any(desired - current > 50 for desired, current, _ in midway.values())
    assert sorted(end.values()) == [(0, 0, 0), (300, 300, 300)]


@shows("17-three-hundred-replicas-managed")
def a_hundred_requests_a_second(r: Run) -> None:
    other = run("16-three-hundred-replicas").measures
    assert r.measures.complete
    assert r.measures.duration_s < other.duration_s / 3.5
    assert r.measures.peak_physical > 400 > other.peak_physical
    at = requests(r)
    assert len(at) == 600
    assert at[-1] - at[0] >= (600 - 100) / 100


@shows("18-wrong-architecture")
def only_half_of_the_nodes_run_it(r: Run) -> None:
    amd64, arm64 = {"node-000", "node-001"}, {"node-002", "node-003"}
    states = r.trace.tables["states"]
    crashes = [pod for pod, state in zip(states["pod"], states["state"], strict=True) if state == "crashed"]
    nodes = {row["pod"]: row["node"] for row in r.pods("v2")}
    assert {nodes[pod] for pod in crashes} == arm64 & {*nodes.values()} != set()
    assert all(crashes.count(pod) > 3 for pod in crashes)
    ran = {row["node"] for row in r.pods("v2") if not np.isnan(row["available_s"])}
    assert ran == amd64 & {*nodes.values()} != set()
    assert r.least("available") == 8
    (status,) = r.typed("rollout status")
    assert (status.exit, "exceeded its progress deadline" in status.output) == (1, True)
    assert status.finished_s > 600
    bad, good = (one.output for one in r.typed("get pods"))
    assert set(re.findall(r"CrashLoopBackOff .* (node-\d+) ", bad)) == arm64 & {*nodes.values()}
    assert good.count(" 1/1     Running ") == 10
    assert set(re.findall(r" (node-\d+) ", good)) == amd64 | arm64


@shows("19-which-strategy")
def time_for_pods_or_for_availability(r: Run) -> None:
    def other(surge: str, unavailable: str) -> Measures:
        changes = [f"maxSurge={surge}", f"maxUnavailable={unavailable}"]
        return measure(simulate(override(load(FOLDER / "19-which-strategy.yaml"), changes)))

    careful, surging, sparing = other("1", "0"), other("25%", "0"), other("0", "25%")
    assert careful.duration_s > 15 * 60
    assert surging.duration_s < careful.duration_s / 5
    assert surging.peak_pods - careful.peak_pods >= 10
    assert sparing.peak_pods < surging.peak_pods - 10
    assert sparing.min_availability == 38 / 50 < surging.min_availability == 1
    assert r.measures.duration_s < min(surging.duration_s, sparing.duration_s)
    ready = r.moments("v2", "ready_s") - r.moments("v2", "created_s")
    assert 10 < np.median(ready) < 25
    assert ready.max() > 30


def test_numbers_have_no_gaps() -> None:
    numbers = [path.name.partition("-")[0] for path in FILES]
    assert numbers == [f"{number:02d}" for number in range(1, len(FILES) + 1)]


def test_every_scenario_has_a_claim_and_every_claim_a_scenario() -> None:
    assert set(CLAIMS) == {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_says_what_to_look_for(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    length = next(number for number, line in enumerate(lines) if not line.startswith("# "))
    assert 2 <= length <= 6
    loaded = scenario(path.stem)
    assert loaded.name == path.stem.partition("-")[2]
    assert loaded.description


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_warns_only_where_that_is_the_point(path: Path) -> None:
    assert {one.code for one in scenario(path.stem).diagnostics} == WARNED.get(path.stem, set())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shows_what_it_says(path: Path) -> None:
    CLAIMS[path.stem](run(path.stem))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_is_short_and_whole(path: Path) -> None:
    trace = run(path.stem).trace
    text = list(transcript_lines(trace))
    assert len(text) <= LONGEST
    # Every line was typed and has ended: a condition that never held would leave its step out.
    assert "skipped" not in trace.tables["events"]["kind"]
    assert "" not in trace.tables["commands"]["exit"]


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_the_answer_is_short(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """At most 14 lines for one Deployment, a line each for several and at most six more."""
    monkeypatch.setenv("COLUMNS", "80")
    main(["run", str(FOLDER / f"{name}.yaml")])
    lines = capsys.readouterr().out.splitlines()
    several = len(load(FOLDER / f"{name}.yaml").all_deployments)
    assert len(lines) <= (14 if several == 1 else several + 6)
    assert max(map(len, lines)) <= 80
