"""A trace out of what the kernel has logged: told to the model's own recorder, row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim._version import __version__
from sim.engine.clock import SECOND
from sim.engine.kernel import layout as at
from sim.engine.kernel.arena import Ints
from sim.engine.kernel.question import Question
from sim.engine.record import Recorder, Typed
from sim.engine.session import NOT_REACHED, never_came_true, never_settled, told
from sim.engine.state import Cluster, DeploymentObject, ReplicaSetObject
from sim.spec.steps import KubectlStep, Step
from sim.trace import Provenance, Trace

STATES = {
    at.STATE_UNREADY: "unready",
    at.STATE_READY: "ready",
    at.STATE_AVAILABLE: "available",
    at.STATE_CRASHED: "crashed",
}
CAUSES = {
    at.CAUSE_ERROR: "Error",
    at.CAUSE_STARTUP: "startup probe failed",
    at.CAUSE_LIVENESS: "liveness probe failed",
}
COLUMNS = {
    "replicaset": at.P_REPLICASET,
    "node": at.P_NODE,
    "created": at.P_CREATED,
    "scheduled": at.P_SCHEDULED,
    "pull_begin": at.P_PULL_BEGIN,
    "pull_end": at.P_PULL_END,
    "running": at.P_RUNNING,
    "ready_first": at.P_READY_FIRST,
    "available": at.P_AVAILABLE,
    "deleted": at.P_DELETED,
    "gone": at.P_GONE,
}


@dataclass(slots=True)
class Moment:
    """The time of the row that is being told."""

    now: int = 0


class Replay:
    """Reads the arena ``m`` in which one replication of ``question`` has just been played, with a log."""

    def __init__(self, question: Question, m: Ints) -> None:
        self._question, self._m = question, m
        self._clock, self._cluster = Moment(), Cluster()
        self._fill_pods()
        names = [f"node-{i:03d}" for i in range(question.nodes)]
        self._recorder = Recorder(self._clock, self._cluster, question.image_names, names, int(m[at.W_SALT]))
        self._typed: dict[int, Typed] = {}

    def _fill_pods(self) -> None:
        table, number = self._cluster.pods, int(self._m[at.W_PODS])
        pods = self._records(at.A_POD, number, at.POD)
        for _ in range(number):
            table.add(0, 0, 0, 0)
        for column, word in COLUMNS.items():
            np.frombuffer(getattr(table, column), np.int64)[:number] = pods[:, word]

    def _records(self, region: int, number: int, width: int) -> Ints:
        begin = int(self._m[region])
        return self._m[begin : begin + number * width].reshape(number, width)

    def trace(self, seed: int, replication: int, ended: int, quiet: bool) -> Trace:
        """Return the trace; when it ended is that of the outcome, in microseconds."""
        scenario, recorder = self._question.scenario, self._recorder
        self._asked(0)
        for kind, time, *words in self._records(at.A_LOG, int(self._m[at.W_LOG_ROWS]), at.LOG_WIDTH).tolist():
            self._clock.now = time
            self._tell(kind, words)
        profile = scenario.profile
        return Trace(
            provenance=Provenance(
                version=__version__,
                scenario=scenario.name,
                digest=scenario.digest,
                seed=seed,
                replication=replication,
                engine="kernel",
                kubernetes=profile.kubernetes,
                profile=profile.name,
            ),
            tables=recorder.tables(),
            started_s=recorder.started / SECOND,
            ended_s=ended / SECOND,
            horizon_s=scenario.horizon_s,
            quiet=quiet,
        )

    def _tell(self, kind: int, words: list[int]) -> None:
        recorder, question = self._recorder, self._question
        if kind in (at.LOG_REPLICASET, at.LOG_REPLICASET_GONE):
            rs = self._replicaset(words)
            recorder.replicaset(rs) if kind == at.LOG_REPLICASET else recorder.replicaset_gone(rs)
        elif kind == at.LOG_DEPLOYMENT:
            recorder.deployment(self._deployment(words))
        elif kind == at.LOG_ASKED:
            self._asked(words[0])
        elif kind == at.LOG_ENDPOINTS:
            recorder.endpoints(question.services[words[0]].name, words[1])
        elif kind == at.LOG_SCALED:
            template, before, size, version = words[:4]
            rs = self._blank(template)
            rs.version = version
            recorder.scaled(question.name, rs, before, size, question.profile.features)
        elif kind == at.LOG_HISTORY:
            rs = self._blank(words[0])
            rs.revision = words[1]
            recorder.cleaned_up(question.name, rs)
        elif kind == at.LOG_STATE:
            recorder.state(words[0], STATES[words[1]])
        elif kind == at.LOG_FAULT:
            self._tell_fault(*words[:4])
        else:
            self._tell_step(kind, words[0], words[1])

    def _tell_fault(self, pod: int, fault: int, restarts: int, cause: int) -> None:
        if fault == at.FAULT_NEVER_STARTS:
            self._recorder.never_starts(pod)
        elif fault == at.FAULT_UNREADY:
            self._recorder.turned_unready(pod)
        else:
            self._recorder.crashed(pod, restarts, CAUSES[cause])

    def _tell_step(self, kind: int, number: int, why: int) -> None:
        recorder, question = self._recorder, self._question
        step, change = question.scenario.steps[number], question.changes[number]
        if kind == at.LOG_STEP:
            recorder.event("step", question.name, change.reason, change.text)
        elif kind == at.LOG_SKIPPED:
            recorder.left_out(told(step), self._why_left_out(step, why))
        elif kind == at.LOG_TYPED and isinstance(step, KubectlStep):
            self._typed[number] = recorder.command(step.line)
        elif kind == at.LOG_ANSWERED:
            self._typed[number].output = change.output
        else:
            recorder.ended(self._typed[number], change.exit)

    def _why_left_out(self, step: Step, why: int) -> str:
        if why == at.SKIPPED_CONDITION:
            return never_came_true(step)
        if why in (at.SKIPPED_UNSETTLED, at.SKIPPED_RESTLESS):
            return never_settled(step, [self._question.name] if why == at.SKIPPED_UNSETTLED else [])
        return NOT_REACHED

    def _replicaset_name(self, template: int) -> str:
        return f"{self._question.name}-{self._question.templates[template].hash}"

    def _blank(self, template: int) -> ReplicaSetObject:
        rs = ReplicaSetObject()
        rs.name, rs.deployment = self._replicaset_name(template), self._question.name
        rs.template = self._question.templates[template].number
        return rs

    def _replicaset(self, words: list[int]) -> ReplicaSetObject:
        key, template, revision, size, replicas, ready, available = words[:7]
        rs = self._blank(template)
        rs.key, rs.revision, rs.spec = key, revision, size
        rs.replicas, rs.ready, rs.available = replicas, ready, available
        return rs

    def _deployment(self, words: list[int]) -> DeploymentObject:
        spec, replicas, updated, ready, available, unavailable, status, reason, last_update = words[:9]
        d = self._question.specs[spec].copy()
        d.replicas, d.updated, d.ready, d.available = replicas, updated, ready, available
        d.unavailable, d.status, d.reason, d.last_update = unavailable, status, reason, last_update
        return d

    def _asked(self, spec: int) -> None:
        d = self._question.specs[spec]
        self._recorder.asked(d, self._replicaset_name(d.template - 1))
