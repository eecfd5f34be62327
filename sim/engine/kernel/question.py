"""A scenario as the kernel takes it: what it cannot play, and everything else as an arena of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engine import draws
from sim.engine.draws import CLUSTER, BlockDraws, salts, uniform
from sim.engine.kernel import layout as at
from sim.engine.kernel.arena import Ints, Room
from sim.engine.model import Model
from sim.engine.shell import changing
from sim.engine.shell.access import FailedError
from sim.engine.state import DeploymentObject
from sim.engine.templates import Template
from sim.kubectl import failures
from sim.kubectl.command import Command
from sim.spec.scenario import Scenario
from sim.spec.steps import CurlStep, KubectlStep, Step, TemplateStep

CHANGES = frozenset(
    ("set image", "set env", "set resources", "scale", "patch", "annotate", "rollout pause", "rollout resume")
)
LOOKS = frozenset(("get", "describe", "rollout history"))
MOST_ANNOTATED = 8  # steps: what a ReplicaSet has of them may be any part
MOST_BYTES = 1 << 30


def cannot(scenario: Scenario) -> str | None:
    """Return why the kernel cannot play ``scenario``, in a clause, or None when it can."""
    if len(scenario.deployments) != 1 or len(scenario.all_deployments) != 1:
        return "there is not exactly one Deployment, from the beginning"
    if scenario.deployments[0].paused:
        return "the Deployment is paused when time begins"
    if not any(isinstance(step, TemplateStep | KubectlStep) for step in scenario.steps):
        return "nothing changes"
    if sum(map(_annotates, scenario.steps)) > MOST_ANNOTATED:
        return f"more than {MOST_ANNOTATED} steps change annotations"
    return next((why for step in scenario.steps if (why := _cannot_take(step, scenario)) is not None), None)


def _cannot_take(step: Step, scenario: Scenario) -> str | None:
    condition = step.timing.when
    if condition is not None:
        if condition.deployment not in (None, scenario.deployments[0].name):
            return f"a step waits for the Deployment {condition.deployment}"
        if isinstance(condition.value, str) and condition.operator not in ("==", "!="):
            return "a step compares texts by their order"
    if isinstance(step, CurlStep):
        return "a step asks a Service (curl)"
    if isinstance(step, KubectlStep):
        if step.background:
            return "a step is typed in the background"
        if not isinstance(step.command, Command):
            return "kubectl refuses a step"
        if step.command.verb not in CHANGES | LOOKS:
            return f"a step is kubectl {step.command.verb}"
        if step.command.verb in CHANGES and any(t.kind != "deployments" for t in step.command.targets):
            return "a step changes something else than a Deployment"
    return None


@dataclass
class Change:
    """What a step did to the Deployment: the result, and what was printed.

    ``asks``: whether it asks for a change at all; ``is_step``: whether it is one that rollouts begin with.
    """

    after: DeploymentObject
    changed: bool
    is_step: bool
    asks: bool
    generation: int
    reason: str = ""
    text: str = ""
    output: str = ""
    exit: int = 0


class Question:
    """A scenario that the kernel can play, as arenas; raises ValueError for another."""

    def __init__(self, scenario: Scenario) -> None:
        why = cannot(scenario)
        if why is not None:
            raise ValueError(why)
        self.scenario = scenario
        self.profile = profile = scenario.profile
        # A model that is never run works out what the steps make of the Deployment, and numbers the
        # templates.
        self._model = model = Model(scenario, 0, 0)
        for service in scenario.services:
            model.endpoints.add(service)
        (self.name,) = (d.name for d in scenario.deployments)
        self.first = model.admin.begin(scenario.deployments[0])
        self.changes = [self._change(step) for step in scenario.steps]
        self.templates: list[Template] = list(model.templates.by_number.values())
        self.image_names = dict(model.templates.images)
        self.nodes = profile.node_count(scenario.replicas)
        self.specs = [self.first, *(change.after for change in self.changes)]
        self.annotations, self.merged, self.covered = _annotations([d.annotations for d in self.specs])
        self.needs_extra = self._needs_extra()
        self._takes = tuple((t.number, *t.takes.items(), t.faults) for t in self.templates)
        most = max(d.desired + max(d.max_surge, 0) for d in self.specs)
        pods = self.first.desired + most * max(1, len(self.templates) - 1) + 32
        self.room = Room(
            events=4 * pods + 4096,
            pods=pods,
            luck=max(1, most),
            writes=4 * most + 128,
            watches=3 * most + 128,
            dice=self.nodes + self.first.desired + 2 * most,
            sets=len(self.specs) + 4,
        )

    def _change(self, step: Step) -> Change:
        model = self._model
        cluster, desk = model.cluster, model.desk
        before = cluster.deployments[self.name]
        events = len(model.recorder.rows("events"))
        output, exit_code = "", 0
        if isinstance(step, TemplateStep):
            model.session.change(step)
        elif isinstance(step, KubectlStep) and isinstance(step.command, Command):
            if step.command.verb in CHANGES:
                try:
                    output, exit_code = changing.change(desk, step.command, step.patch)
                except FailedError as error:
                    output, exit_code = failures.printed([error.failure]), failures.EXIT
            output = step.command.warnings + output
        after = cluster.deployments[self.name]
        told = [row for row in model.recorder.rows("events")[events:] if row[1] == "step"]
        return Change(
            after=after,
            changed=after is not before,
            is_step=bool(told),
            asks=_asks(step),
            generation=after.generation - before.generation,
            reason=told[0][3] if told else "",
            text=told[0][4] if told else "",
            output=output,
            exit=exit_code,
        )

    def _needs_extra(self) -> bool:
        jitters = not self.profile.features.readiness_trigger
        return any(
            (t.faults.never_ready or t.faults.crash or t.faults.unready)
            or t.liveness
            or t.startup
            or t.built_for is not None
            or (jitters and t.readiness)
            for t in self.templates
        )

    @property
    def services(self) -> list[Any]:
        """The Services, in their order."""
        return list(self.scenario.services)

    @property
    def images(self) -> list[str]:
        """The images of all templates, each once."""
        return list(dict.fromkeys(template.image for template in self.templates))

    @property
    def probes(self) -> int:
        """Probes of one kind that a pod has at most, at least 1."""
        kinds = ((len(t.startup), len(t.liveness), len(t.readiness)) for t in self.templates)
        return max(1, *map(max, kinds))

    @property
    def is_too_large(self) -> bool:
        """Whether a block's chance would take more than a gigabyte: the model draws what it needs."""
        stages = at.STAGES + at.EXTRAS * self.attempts
        return 8 * draws.BLOCK * len(self.templates) * stages * self.room.luck > MOST_BYTES

    @property
    def attempts(self) -> int:
        """Tries of a container for which there are draws of their own."""
        return self.room.attempts if self.needs_extra else 0

    @property
    def spread(self) -> int:
        """Entries of nodes in the heap that spreads pods."""
        return self.nodes + self.room.pods + 2048

    def selects(self, service: str, template: int) -> bool:
        """Whether a Service selects the pods of a template, by its number."""
        return service in self._model.endpoints.selecting(template)

    @property
    def lines(self) -> int:
        """How many lines are typed at most."""
        return max(1, len(self.changes))

    def chance(self, block: BlockDraws) -> tuple[Ints, ...]:
        """Return a block's chance as `loop.play_rows` takes it; what strategies have in common is made
        once.
        """
        room, plane = self.room, self.profile.control_plane
        return (
            block.derived(("luck", room.luck, room.stages, self._takes), lambda: self._luck(block)),
            block.derived(("extra", room.luck, self.attempts, self._takes), lambda: self._extra(block)),
            block.table(plane.write, draws.WRITE, CLUSTER, room.writes),
            block.table(plane.watch, draws.WATCH, CLUSTER, room.watches),
            block.table(uniform, draws.DICE, CLUSTER, room.dice),
            block.table(plane.kubectl, draws.KUBECTL, CLUSTER, self.lines),
            block.table(plane.write, draws.TYPING, CLUSTER, self.lines),
            block.table(uniform, draws.PHASES, CLUSTER, 1 + self.nodes),
            block.table(salts, draws.SALT, CLUSTER, 1),
        )

    def _luck(self, block: BlockDraws) -> Ints:
        pods = self.room.luck
        luck = np.zeros((len(self.templates) * at.STAGES, draws.BLOCK, pods), dtype=np.int64)
        for i, template in enumerate(self.templates):
            # The pods that are there when time begins only have to stop.
            stages = template.takes if i or self.room.stages else (draws.STOP,)
            for stage in stages:
                table = block.table(template.takes[stage], stage, template.number, pods)
                luck[i * at.STAGES + stage] = table[:, :pods]
        return luck

    def _extra(self, block: BlockDraws) -> Ints:
        if not self.needs_extra:
            return np.empty((0, draws.BLOCK, 0), dtype=np.int64)
        pods, attempts = self.room.luck, self.room.attempts
        extra = np.zeros((len(self.templates), at.EXTRAS, attempts, draws.BLOCK, pods), dtype=np.int64)
        for i, template in enumerate(self.templates):
            for what, stage, source, first, every in _extras(template):
                for attempt in range(first, attempts if every else 1):
                    table = block.table(source, stage, template.number, pods, attempt)
                    extra[i, what, attempt] = table[:, :pods]
        return extra.reshape(-1, draws.BLOCK, pods)


def _annotates(step: Step) -> bool:
    if not isinstance(step, KubectlStep) or not isinstance(step.command, Command):
        return False
    return step.command.verb == "annotate" or "annotations" in str(step.patch)


def _asks(step: Step) -> bool:
    if isinstance(step, KubectlStep):
        return isinstance(step.command, Command) and step.command.verb in CHANGES
    return isinstance(step, TemplateStep)


def _extras(template: Template) -> list[tuple[int, int, Any, int, bool]]:
    """Return what is drawn beyond the first tries: the row, the stage, whose chance, from which attempt on,
    and
    whether for every one.
    """
    faults, takes = template.faults, template.takes
    found: list[tuple[int, int, Any, int, bool]] = [
        (at.AGAIN_START, draws.START, takes[draws.START], 1, True),
        (at.AGAIN_READY, draws.READY, takes[draws.READY], 1, True),
        (at.IS_NEVER_READY, draws.NEVER_READY, uniform, 0, False),
        (at.JITTERS, draws.JITTER, uniform, 0, False),
    ]
    if faults.crash:
        found.append((at.CRASHES, draws.CRASH, uniform, 0, True))
        found.append((at.CRASHES_AFTER, draws.CRASH_AFTER, faults.crash.after, 0, True))
    if faults.unready:
        found.append((at.FAILS, draws.UNREADY, uniform, 0, True))
        found.append((at.FAILS_AFTER, draws.UNREADY_AFTER, faults.unready.after, 0, True))
        found.append((at.FAILS_FOR, draws.UNREADY_FOR, faults.unready.for_, 0, True))
    return found


def _annotations(every: list[Mapping[str, str]]) -> tuple[list[int], Ints, Ints]:
    """Number the annotations that ReplicaSets may have: return the number of each Deployment's, what a
    ReplicaSet's become when it takes over a Deployment's, and whether it has them already.
    """
    known: dict[frozenset[tuple[str, str]], int] = {}

    def number(annotations: Mapping[str, str]) -> int:
        return known.setdefault(frozenset(annotations.items()), len(known))

    given = [number(one) for one in every]
    rows: list[list[tuple[int, bool]]] = []
    queue: list[Mapping[str, str]] = [dict(one) for one in list(known)]
    for own in queue:
        row = []
        for other in every:
            merged = {**own, **other}
            before = len(known)
            result = number(merged)
            if len(known) > before:
                queue.append(merged)
            row.append((result, own.items() >= other.items()))
        rows.append(row)
    size = len(known)
    merged_table, covered = np.zeros((size, size), dtype=np.int64), np.zeros((size, size), dtype=np.int64)
    for i, row in enumerate(rows):
        for own_number, (result, covers) in zip(given, row, strict=True):
            merged_table[i, own_number], covered[i, own_number] = result, covers
    return given, merged_table, covered
