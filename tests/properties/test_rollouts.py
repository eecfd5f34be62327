"""What holds in every healthy rollout, whatever the strategy, the latencies and the version of Kubernetes."""

from __future__ import annotations

import os
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings

from sim.engine import simulate
from sim.engine.model import Model
from sim.metrics import measure
from sim.spec.scenario import Scenario
from sim.trace import Trace
from tests.properties.rollouts import scenarios

ROLLOUTS = int(os.environ.get("ROLLSIM_ROLLOUTS", "2000"))
thorough = settings(
    max_examples=ROLLOUTS,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)
pytestmark = pytest.mark.property


def sums(trace: Trace, column: str) -> list[tuple[float, int]]:
    """The sum of ``column`` over the ReplicaSets at the end of every instant at which one changed."""
    table = trace.tables["replicasets"]
    rows = zip(table["time_s"], table["replicaset"], table[column], strict=True)
    current: dict[str, int] = {}
    out = []
    for time_s, instant in groupby(rows, key=lambda row: row[0]):
        current |= {name: value for _, name, value in instant}
        out.append((time_s, sum(current.values())))
    return out


@thorough
@given(scenarios())
def test_a_healthy_rollout_keeps_its_bounds_and_completes(scenario: Scenario) -> None:
    model = Model(scenario, scenario.seed, 0)
    trace = model.run()
    model.cluster.check()
    limits = trace.tables["limits"]
    desired, ceiling, floor = limits["desired"][0], limits["ceiling"][0], limits["floor"][0]
    rolling = scenario.deployments[0].strategy.type == "RollingUpdate"
    instant = scenario.profile.control_plane.preset == "instant"

    assert all(total <= ceiling for _, total in sums(trace, "desired"))
    if instant:
        # With latency the status lags the spec, and the sum overshoots for a moment: in recordings too.
        assert all(total <= ceiling for _, total in sums(trace, "current"))
    if rolling:
        assert all(total >= floor for _, total in sums(trace, "available"))

    table = trace.tables["replicasets"]
    for counts in zip(table["current"], table["ready"], table["available"], strict=True):
        assert counts[0] >= counts[1] >= counts[2] >= 0
    last = {name: i for i, name in enumerate(table["replicaset"])}
    new = [i for name, i in last.items() if table["revision"][i] == max(table["revision"])]
    assert [table[c][new[0]] for c in ("desired", "current", "ready", "available")] == [desired] * 4
    assert all(table["current"][i] == 0 for i in last.values() if i not in new)

    measures = measure(trace)
    assert trace.quiet
    assert measures.complete
    assert not measures.stuck
    pods = trace.tables["pods"]
    alive = [gone != gone for gone in pods["gone_s"]]
    assert sum(alive) == desired
    assert {pods["revision"][i] for i, lives in enumerate(alive) if lives} <= {max(table["revision"])}
    ready = trace.tables["endpoints"]
    assert ready["ready"][-1] == desired
    for moments in zip(*(pods[c] for c in list(pods)[5:]), strict=True):
        known = [t for t in moments[:5] if t == t]
        assert known == sorted(known)


@settings(parent=thorough, max_examples=max(20, ROLLOUTS // 5))
@given(scenarios(most_replicas=10, healthy=False))
def test_whatever_goes_wrong_the_counts_agree_at_every_moment(scenario: Scenario) -> None:
    model = Model(scenario, scenario.seed, 0)
    check, step = model.cluster.check, model.env.step

    def checked() -> None:
        step()
        check()

    model.env.step = checked  # type: ignore[method-assign]
    trace = model.run()
    limits = trace.tables["limits"]
    assert all(total <= limits["ceiling"][0] for _, total in sums(trace, "desired"))
    table = trace.tables["replicasets"]
    for counts in zip(table["current"], table["ready"], table["available"], strict=True):
        assert counts[0] >= counts[1] >= counts[2] >= 0
    assert all(
        0 <= ready <= limits["ceiling"][0] + limits["desired"][0]
        for ready in trace.tables["endpoints"]["ready"]
    )
    found = measure(trace)
    assert found.complete == (found.outcome == "complete")
    assert found.stuck == (found.outcome == "stuck")
    assert found.outcome in ("complete", "stuck", "running")


@settings(parent=thorough, max_examples=max(20, ROLLOUTS // 20))
@given(scenarios(most_replicas=12))
def test_the_same_seed_gives_the_same_trace(scenario: Scenario) -> None:
    assert simulate(scenario).canonical() == simulate(scenario).canonical()
