"""The steps of a scenario, taken one after the other, as a person at a terminal takes them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from sim.engine.admin import Admin
from sim.engine.clock import Clock, to_us
from sim.engine.record import STATUSES, Recorder
from sim.engine.rollout_status import is_complete
from sim.engine.shell import Shell
from sim.engine.state import Cluster, DeploymentObject
from sim.spec.patch import with_value
from sim.spec.steps import Condition, CurlStep, KubectlStep, Step, TemplateStep, Timing
from sim.units import format_duration

Waiting = Generator[simpy.Event, Any, bool]
Playing = Generator[simpy.Event, Any, None]
NOT_REACHED = "not reached before the simulation ends"
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(slots=True)
class Session:
    """``last_change``: when anything in the cluster changed last. ``horizon``: when the simulation ends."""

    env: Clock
    cluster: Cluster
    admin: Admin
    shell: Shell
    recorder: Recorder
    steps: Sequence[Step]
    last_change: Callable[[], int]
    horizon: int
    taken: int = 0  # steps whose moment has come
    settling: bool = False  # whether the next step waits until all is quiet

    def play(self) -> Playing:
        """Take every step when its moment has come."""
        for step in self.steps:
            is_met = yield from self._await(step.timing)
            self.taken += 1
            if not is_met:
                self._left_out(step, never_came_true(step))
            elif isinstance(step, TemplateStep):
                self.change(step)
            elif isinstance(step, KubectlStep):
                typing = self.shell.type(step)
                if step.background:
                    self.env.process(typing)
                else:
                    yield from typing
            elif isinstance(step, CurlStep):
                yield from self.shell.curl(step)

    def end(self) -> bool:
        """Record the steps whose moment has not come when the simulation ends; return whether all were
        taken."""
        for step in self.steps[self.taken :]:
            self._left_out(step, never_settled(step, self._unsettled()) if self.settling else NOT_REACHED)
            self.settling = False
        return self.taken == len(self.steps)

    def _left_out(self, step: Step, why: str) -> None:
        self.recorder.left_out(told(step), why)

    def _await(self, timing: Timing) -> Waiting:
        if timing.at_s is not None and to_us(timing.at_s) > self.env.now:
            yield self.env.timeout(to_us(timing.at_s) - self.env.now)
        if timing.when is not None and not (yield from self._hold(timing.when, timing.limit_s)):
            return False
        if timing.settle_s is not None:
            yield from self._settle(to_us(timing.settle_s))
        return True

    def _hold(self, condition: Condition, limit_s: float | None) -> Waiting:
        # A limit beyond the horizon is none: an event that is left over would keep the simulation awake.
        end = self.horizon if limit_s is None else self.env.now + to_us(limit_s)
        limit = self.env.timeout(end - self.env.now) if end < self.horizon else None
        while not any(holds(condition, d) for d in self.cluster.deployments.values()):
            if limit is not None and limit.processed:
                return False
            change = self.shell.desk.next_change()
            yield change if limit is None else change | limit
        return True

    def _unsettled(self) -> list[str]:
        return [d.name for d in self.cluster.deployments.values() if not is_settled(d, self.cluster)]

    def _settle(self, quiet: int) -> Playing:
        self.settling = True
        while True:
            if self._unsettled():
                yield self.shell.desk.next_change()
                continue
            left = self.last_change() + quiet - self.env.now
            if left <= 0:
                self.settling = False
                return
            yield self.env.timeout(left)

    def change(self, step: TemplateStep) -> None:
        """Make the step's template that of its Deployment."""
        was = self.cluster.deployments[step.deployment].manifest
        document = with_value(was.document, ("spec", "template"), step.template.document)
        now = was.model_copy(update={"template": step.template, "document": document})
        self.admin.change_deployment(now, step.text)


def never_came_true(step: Step) -> str:
    """Return why a step whose condition did not come in time is left out."""
    return f"{step.timing.when} never came true"


def never_settled(step: Step, unsettled: Sequence[str]) -> str:
    """Return why a step that waits until all is quiet is left out: the Deployments that kept it waiting."""
    if not unsettled:
        return f"it never settled: it was not quiet for {format_duration(step.timing.settle_s or 0.0)}"
    verb = "is" if len(unsettled) == 1 else "are"
    return f"it never settled: {', '.join(unsettled)} {verb} not complete"


def is_settled(d: DeploymentObject, cluster: Cluster) -> bool:
    """Return whether nothing moves any more in ``d``: it is complete, or paused with all pods that its
    ReplicaSets ask for available, and none beyond.
    """
    if is_complete(d):
        return True
    if not d.paused or d.observed < d.generation:
        return False
    asked = sum(rs.spec for rs in cluster.replicasets.values() if rs.owner == d.uid)
    return d.replicas == asked == d.available


def told(step: Step) -> str:
    """Return a step in words."""
    if isinstance(step, KubectlStep):
        return f"kubectl {step.line}"
    if isinstance(step, CurlStep):
        return f"curl {step.service}"
    return step.text if isinstance(step, TemplateStep) else "the wait"


def holds(condition: Condition, d: DeploymentObject) -> bool:
    """Return whether ``condition`` is true of ``d``: not of a status that is older than its spec."""
    if condition.deployment not in (None, d.name) or d.observed < d.generation:
        return False
    status: dict[str, int | str] = {
        "desired": d.desired,
        "replicas": d.replicas,
        "updated": d.updated,
        "ready": d.ready,
        "available": d.available,
        "unavailable": d.unavailable,
        "revision": d.revision,
        "progressing": STATUSES[d.status],
        "complete": str(is_complete(d)),
        "paused": str(d.paused),
    }
    return COMPARE[condition.operator](status[condition.field], condition.value)
