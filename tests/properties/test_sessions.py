"""What holds at every moment of every session, and that a healthy template heals whatever was done before."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sim.engine import simulate
from sim.engine.clock import SECOND
from sim.engine.model import Model
from sim.engine.rollout_status import is_complete
from sim.engine.state import NEVER, DeploymentObject, ReplicaSetObject
from sim.metrics import Rollout, measure_rollout, rollouts
from sim.rules import deployment as rules
from sim.spec.expectations import OUTCOMES
from sim.spec.scenario import Scenario
from sim.spec.steps import KubectlStep
from sim.trace import Trace
from tests.engine.build import rows
from tests.properties.sessions import SERVICE, sessions

SESSIONS = int(os.environ.get("ROLLSIM_SESSIONS", "300"))
thorough = settings(
    max_examples=SESSIONS,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)
pytestmark = pytest.mark.property

FIRST, SAMPLE = 300, 11
"""The counters are checked after every one of the first events, and of the others after one in so many."""
REST = 10 * SECOND
"""What lay still for so long waits for nothing but pods: no write takes longer, the wait for a token
included."""
COLLECTED = 10 * SECOND
"""So long the garbage collector may take: two requests for each of some 40 objects, 40 a second."""

LATE_S = 0.1
"""So much later than kubectl the informers hear of it, or kubectl of a change that was just made."""

ANSWERS = (0, 1, 6, 7)
"""Exit codes: kubectl has 0 and 1, curl 6 without a Service and 7 without an endpoint."""

State = tuple[DeploymentObject, list[ReplicaSetObject]]


class Watcher:
    """Holds a cluster against the rules after every event of a run.

    A Deployment is what has one uid: another of the same name, created later, is another one.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.model = Model(scenario, scenario.seed, 0)
        self.cluster = self.model.cluster
        self.instant = scenario.profile.control_plane.preset == "instant"
        self.events = 0
        self.objects: tuple[object, ...] = ()
        self.known: dict[int, Known] = {}
        self.orphans: dict[tuple[str, int], int] = {}  # what has no owner any more, since when
        step = self.model.env.step

        def checked() -> None:
            step()
            self.look()

        self.model.env.step = checked  # type: ignore[method-assign]  # SimPy's run goes step by step

    def look(self) -> None:
        """Check what an event has changed."""
        self.events += 1
        if self.events < FIRST or self.events % SAMPLE == 0:
            self.cluster.check()
            self.collected()
        objects = (*self.cluster.deployments.values(), *self.cluster.replicasets.values())
        if objects == self.objects:  # objects are never changed once they are stored
            return
        self.objects = objects
        now = self.model.env.now
        assert distinct(rs.name for rs in self.cluster.replicasets.values()), "two ReplicaSets with one name"
        for d in self.cluster.deployments.values():
            known = self.known.setdefault(d.uid, Known())
            owned = self.cluster.replicasets_of(d)
            always(d, owned)
            rested = known.changed(d, owned, now, 0 if self.instant else REST)
            if rested is not None:
                self.waits(*rested)

    def collected(self) -> None:
        """Whatever has lost its owner is deleted before long."""
        now, cluster = self.model.env.now, self.cluster
        uids = {d.uid for d in cluster.deployments.values()}
        lost = {("replicaset", key) for key, rs in cluster.replicasets.items() if rs.owner not in uids}
        for key, owned in cluster.owned.items():
            if key not in cluster.replicasets:
                lost |= {("pod", pod) for pod in owned.active}
        self.orphans = {one: self.orphans.get(one, now) for one in lost}
        for one, since in self.orphans.items():
            assert now - since <= (0 if self.instant else COLLECTED), one

    def waits(self, d: DeploymentObject, owned: list[ReplicaSetObject]) -> None:
        """Recreate waits for the old pods of this Deployment, and for nobody else's."""
        if d.rolling or d.paused or newest(d, owned) is not None:
            return
        pods, keys, lately = self.cluster.pods, {rs.key for rs in owned}, self.model.env.now - REST
        old = (pods.gone[pod] for pod in range(len(pods)) if pods.replicaset[pod] in keys)
        assert any(gone == NEVER or gone >= lately for gone in old), "Recreate waits for nothing"

    def is_stuck(self, d: DeploymentObject) -> bool:
        """Return whether Kubernetes, too, does nothing more until somebody changes this Deployment again.

        Either it is taken for one that is just being scaled, by the annotations of ReplicaSets that scaling
        leaves alone (sync.go, scale: the only active one has the size already, or there are several and the
        strategy is Recreate). Or its strategy became Recreate in the middle of a rollout: the end of the last
        old pod wakes it only when there are no new ones.
        """
        owned = self.cluster.replicasets_of(d)
        new, active = newest(d, owned), [rs for rs in owned if rs.spec > 0]
        if any(rules.is_scaling_event(rs.spec, rs.desired_annotation, d.desired) for rs in active):
            return active[0].spec == d.desired if len(active) == 1 else not d.rolling
        short = new is not None and active == [new] and new.spec != d.desired
        return not d.rolling and short and self.left_late(new, owned)

    def left_late(self, new: ReplicaSetObject, owned: list[ReplicaSetObject]) -> bool:
        """Return whether an old pod went when nothing else happened any more.

        Recreate does not clean up while there are old pods (recreate.go), and the last of them wakes the
        Deployment only if it has no new pods either (deletePod): old ReplicaSets stay, in Kubernetes too.
        """
        pods, (_, _, since) = self.cluster.pods, self.known[new.owner].last
        old = {rs.key for rs in owned if rs is not new}
        return any(pods.replicaset[pod] in old and pods.gone[pod] > since for pod in range(len(pods)))


def always(d: DeploymentObject, owned: list[ReplicaSetObject]) -> None:
    """What holds of a Deployment and its ReplicaSets at every moment, however late the informers are."""
    assert 0 <= d.observed <= d.generation
    for rs in owned:
        assert rs.spec >= 0
        assert rs.observed <= rs.generation
        assert rs.replicas >= rs.ready >= rs.available >= 0
    assert distinct(rs.template for rs in owned), "two ReplicaSets with one template"
    assert distinct(rs.revision for rs in owned), "two ReplicaSets with one revision"
    new = newest(d, owned)
    if d.observed == d.generation and new is not None:
        # Before it is observed, an undo has not yet given the old ReplicaSet a new revision.
        assert new.revision == max(rs.revision for rs in owned)


class Known:
    """What was seen of one Deployment so far."""

    def __init__(self) -> None:
        self.last: tuple[*State, int] | None = None  # and since when
        self.ceilings: list[tuple[int, int]] = []  # (since when, desired + surge)
        self.most: dict[int, int] = {}  # that was ever asked of a ReplicaSet, by its number

    def changed(
        self, d: DeploymentObject, owned: list[ReplicaSetObject], now: int, late: int
    ) -> State | None:
        """Compare with what was before, which is returned if it was at rest.

        ``late``: how old a decision may be when it is carried out.
        """
        for rs in owned:
            self.most[rs.key] = most = max(rs.spec, self.most.get(rs.key, 0))
            assert rs.replicas <= most, "pods that nobody asked for"
        at_rest = None
        ceiling = d.desired + d.max_surge
        if not self.ceilings or self.ceilings[-1][1] != ceiling:
            self.ceilings.append((now, ceiling))
        if self.last is not None:
            before, were, since = self.last
            if before is d and were == owned:
                return None
            assert before.observed <= d.observed
            assert d.generation == before.generation + (asked(before) != asked(d))
            if now - since > REST:
                rested(before, were)
                at_rest = before, were
            total = sum(rs.spec for rs in owned)
            if total > sum(rs.spec for rs in were):
                assert total <= self.highest(now - late), "more pods than a rollout may have"
        self.last = d, owned, now
        return at_rest

    def highest(self, since: int) -> int:
        """Return the highest ceiling that held at any moment since then."""
        ended = [end for end, _ in self.ceilings[1:]]
        return max(
            ceiling for (_, ceiling), end in zip(self.ceilings, [*ended, since], strict=True) if end >= since
        )


def asked(d: DeploymentObject) -> tuple[object, ...]:
    """Return what people ask of a Deployment: whoever changes any of it begins a new generation."""
    m = d.manifest
    limits = (m.min_ready_seconds, m.progress_deadline_seconds, m.revision_history_limit)
    return d.template, m.replicas, m.paused, m.strategy, limits, m.annotations


def rested(d: DeploymentObject, owned: list[ReplicaSetObject]) -> None:
    """What holds once nothing has changed for a while: the controllers have done what they can do."""
    assert d.observed == d.generation
    new, sizes = newest(d, owned), [rs.spec for rs in owned if rs.spec > 0]
    if new is not None:
        assert d.revision == new.revision
        assert new.min_ready == d.min_ready
        assert new.annotations.items() >= d.annotations.items()
    if not d.paused:
        # Recreate waits until the old pods are gone.
        assert new is not None or not d.rolling
    elif len(sizes) == 1:
        assert sizes == [d.desired]
    elif len(sizes) > 1 and d.rolling and not saturated(d, new):
        assert sum(sizes) == (d.desired + d.max_surge if d.desired else 0)


def saturated(d: DeploymentObject, new: ReplicaSetObject | None) -> bool:
    """Return whether the new ReplicaSet alone carries the Deployment, so that a pause scales the others to
    0."""
    counts = (new.spec, new.desired_annotation, new.available) if new else (0, 0, 0)
    return rules.is_saturated(d.desired, new is not None, *counts)


def newest(d: DeploymentObject, owned: list[ReplicaSetObject]) -> ReplicaSetObject | None:
    """Return the ReplicaSet of the Deployment's template."""
    return next((rs for rs in owned if rs.template == d.template), None)


def distinct(values: Iterable[object]) -> bool:
    """Return whether no value comes twice."""
    found = list(values)
    return len(set(found)) == len(found)


@thorough
@given(sessions())
def test_every_session_keeps_the_rules_and_ends_complete(scenario: Scenario) -> None:
    watcher = Watcher(scenario)
    trace = watcher.model.run()
    watcher.cluster.check()
    watcher.collected()
    assert not watcher.orphans
    assert trace.quiet
    stuck = any(watcher.is_stuck(d) for d in watcher.cluster.deployments.values())
    said(scenario, trace, whole=not stuck)
    fated(trace)
    if not stuck:
        ended(watcher, trace)


def said(scenario: Scenario, trace: Trace, whole: bool) -> None:
    """Every line was typed and answered, unless its condition never held or nobody waits for it.

    ``whole``: and the session came to its end.
    """
    typed = [step for step in scenario.steps if isinstance(step, KubectlStep)]
    background = {step.line for step in typed if step.background}
    skipped = [row for row in rows(trace, "events") if row.kind == "skipped"]
    commands = rows(trace, "commands")
    assert not whole or len(commands) + len(skipped) == len(scenario.steps)
    for row in commands:
        assert row.exit in ANSWERS or (row.exit == "" and row.command in background), row
        assert row.exit == "" or row.finished_s >= row.started_s
        assert row.exit != 1 or row.output, row
    rolled_back = sum("rolled back" in row.output for row in commands)
    undone = [row for row in rows(trace, "events") if row.message.startswith("undo to revision")]
    assert [row.reason for row in undone] == ["TemplateChanged"] * rolled_back


def fated(trace: Trace) -> None:
    """Every template that was asked for has exactly one outcome, and it is what `rollout status` said."""
    for name in trace.deployments():
        every = rollouts(trace, name)
        asked = [row for row in rows(trace, "specs") if row.deployment == name]
        changes = [
            after
            for before, after in zip([None, *asked], asked, strict=False)
            if after.reason == "Created"
            or (before is not None and after.reason != "Deleted" and after.replicaset != before.replicaset)
        ]
        assert len(changes) == sum(one.asked is not None for one in every)
        for one in every:
            found = measure_rollout(one)
            assert found.outcome in OUTCOMES
            assert found.complete == (found.duration_s < float("inf")) == (found.stuck_reason == "")
            assert found.stuck == (found.outcome == "stuck")
            assert found.complete or found.outcome != "complete"
            assert not found.complete or found.outcome in ("complete", "rolled_back", "scaled", "unchanged")
        for row in rows(trace, "commands"):
            begun = [one for one in every if one.started_s <= row.finished_s]
            if begun and row.command == f"rollout status deployment {name}" and row.exit in (0, 1):
                agreed(row, begun)


def agreed(row: Any, begun: list[Rollout]) -> None:
    """What `rollout status` answered is true of the rollout that was under way when it did."""
    if "exceeded its progress deadline" in row.output:
        assert any(one.deadline_exceeded_s <= row.finished_s + LATE_S for one in begun), row
    if "successfully rolled out" not in row.output:
        return
    under_way = [one for one in begun if one.ends_s >= row.finished_s - LATE_S]
    specs = under_way[-1].record.specs
    wanted = [n for at, n in zip(specs["time_s"], specs["desired"], strict=True) if at <= row.finished_s]
    nothing = wanted[-1] == 0  # kubectl is content with no pod before there is a ReplicaSet
    assert nothing or any(one.completed_s <= row.finished_s + LATE_S for one in under_way), row


def ended(watcher: Watcher, trace: Trace) -> None:
    """Every Deployment that exists is complete, and `rollout status` says so."""
    cluster = watcher.cluster
    pods = cluster.pods
    answers = {row.command: row for row in rows(trace, "commands")}
    alive = [pod for pod in range(len(pods)) if pods.gone[pod] == NEVER]
    for d in cluster.deployments.values():
        owned = cluster.replicasets_of(d)
        rested(d, owned)
        new = newest(d, owned)
        assert new is not None
        assert is_complete(d)
        assert [new.spec, new.replicas, new.ready, new.available] == [d.desired] * 4
        assert not any(rs.spec or rs.replicas for rs in owned if rs is not new)
        if d.rolling or not watcher.left_late(new, owned):
            assert d.history_limit == NEVER or len(owned) - 1 <= d.history_limit
        assert sum(pods.replicaset[pod] == new.key for pod in alive) == d.desired
        answer = answers[f"rollout status deployment {d.name}"]
        assert (answer.exit, answer.output) == (0, f'deployment "{d.name}" successfully rolled out\n')
    assert len(alive) == sum(d.desired for d in cluster.deployments.values())
    front = [row for row in rows(trace, "endpoints") if row.service == SERVICE]
    gone = SERVICE not in watcher.model.admin.endpoints.services
    assert not front or front[-1].ready == (0 if gone else sum(pods.ready[pod] for pod in alive))


@settings(parent=thorough, max_examples=max(20, SESSIONS // 10))
@given(sessions(most_lines=15))
def test_the_same_session_gives_the_same_trace(scenario: Scenario) -> None:
    assert simulate(scenario).canonical() == simulate(scenario).canonical()
