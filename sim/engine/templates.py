"""What the engine needs of each pod template, in whole microseconds, worked out once before time starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.engine.clock import to_us
from sim.engine.draws import CLUSTER, PULL, READY, SCHEDULE, START, STATUS, STOP, Draws
from sim.spec import manifest
from sim.spec.distributions import Distribution
from sim.spec.profile import Faults, Profile


@dataclass(frozen=True, slots=True)
class Probe:
    """A container's probe: delays in microseconds, thresholds in probes."""

    initial_delay: int
    period: int
    success_threshold: int
    failure_threshold: int


@dataclass(frozen=True, slots=True)
class Template:
    """A pod template of one Deployment. ``number`` names its draws; equal templates of a Deployment share
    it."""

    number: int
    deployment: str
    hash: str
    image: str
    containers: tuple[str, ...]
    pulls: bool  # the image is not on the nodes beforehand
    readiness: tuple[Probe, ...]
    liveness: tuple[Probe, ...]
    startup: tuple[Probe, ...]
    grace_s: float
    pre_stop_s: float
    takes: dict[int, Distribution]  # by stage, a number of draws.py
    faults: Faults
    built_for: frozenset[str] | None = None  # architectures; None: all

    @property
    def probed(self) -> bool:
        """Whether any container has a probe."""
        return bool(self.readiness or self.liveness or self.startup)


def compile_template(
    number: int, deployment: str, template: manifest.PodTemplate, profile: Profile
) -> Template:
    """Return what the engine needs of ``template``; a pod's containers start together and are up together."""
    image = profile.for_image(template.image)
    containers = template.containers
    return Template(
        number=number,
        deployment=deployment,
        hash=template.hash,
        image=template.image,
        containers=tuple(c.name for c in containers),
        pulls=not image.cached and any(c.image_pull_policy != "Never" for c in containers),
        readiness=_probes(c.readiness_probe for c in containers),
        liveness=_probes(c.liveness_probe for c in containers),
        startup=_probes(c.startup_probe for c in containers),
        grace_s=template.termination_grace_period_seconds,
        pre_stop_s=max(c.pre_stop_seconds for c in containers),
        takes={
            SCHEDULE: image.stages.schedule,
            PULL: image.stages.pull,
            START: image.stages.start,
            READY: image.stages.ready,
            STOP: image.stages.stop,
            STATUS: profile.kubelet.status,
        },
        faults=image.faults,
        built_for=image.architectures,
    )


def _probes(probes: Iterable[manifest.Probe | None]) -> tuple[Probe, ...]:
    return tuple(
        Probe(
            to_us(probe.initial_delay_seconds),
            to_us(probe.period_seconds),
            probe.success_threshold,
            probe.failure_threshold,
        )
        for probe in probes
        if probe is not None
    )


class Templates:
    """Every pod template that was ever asked for, numbered from 1; equal templates of one Deployment are one.

    By number: ``written`` as it was asked for, its ``images`` joined with commas, its pod-template-hash.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._numbers: dict[tuple[str, str], int] = {}
        self.by_number: dict[int, Template] = {}
        self.images: dict[int, str] = {}
        self.hashes: dict[int, str] = {}
        self.written: dict[int, manifest.PodTemplate] = {}

    def number(self, deployment: str, template: manifest.PodTemplate) -> int:
        """Return the number of ``template`` in ``deployment``, a new one if it is new."""
        name = deployment, template.hash
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = CLUSTER + 1 + len(self._numbers)
            self.by_number[number] = compile_template(number, deployment, template, self._profile)
            self.images[number], self.hashes[number] = template.image, template.hash
            self.written[number] = template
        return number


class Luck:
    """How long each stage takes for the pods of one template, in microseconds, by the pod's ordinal.

    The lists hold first tries and grow as pods are created; `again` is for the containers of later tries.
    """

    __slots__ = (
        "_draws",
        "_known",
        "pods",
        "pull",
        "ready",
        "schedule",
        "start",
        "status",
        "stop",
        "template",
    )

    def __init__(self, template: Template, draws: Draws) -> None:
        self.template = template
        self._draws = draws
        self._known = 0
        self.pods = 0  # created so far: the next one's ordinal

    def foresee(self, ordinal: int) -> None:
        """Make every list long enough for the pod ``ordinal``."""
        if ordinal < self._known:
            return
        columns = {stage: self._column(stage, ordinal) for stage in self.template.takes}
        self.schedule, self.pull = columns[SCHEDULE], columns[PULL]
        self.start, self.ready = columns[START], columns[READY]
        self.stop, self.status = columns[STOP], columns[STATUS]
        self._known = min(len(column) for column in columns.values())

    def foresee_end(self, pods: int) -> None:
        """Make the lists long enough for the ends of so many pods, those that run before time begins."""
        self.stop, self.status = self._column(STOP, pods), self._column(STATUS, pods)

    def _column(self, stage: int, ordinal: int) -> list[int]:
        return self._draws.column(self.template.takes[stage], stage, self.template.number, ordinal)

    def again(self, stage: int, ordinal: int, attempt: int) -> int:
        """Return how long ``stage`` takes in the container's ``attempt``-th restart."""
        return self._draws.column(self.template.takes[stage], stage, self.template.number, ordinal, attempt)[
            ordinal
        ]

    def takes(self, what: Distribution, stage: int, ordinal: int, attempt: int) -> int:
        """Return a draw from ``what`` for a fault."""
        return self._draws.column(what, stage, self.template.number, ordinal, attempt)[ordinal]

    def happens(self, probability: float, stage: int, ordinal: int, attempt: int = 0) -> bool:
        """Return whether something of this probability happens to the pod."""
        return probability > 0 and self.fraction(stage, ordinal, attempt) < probability

    def fraction(self, stage: int, ordinal: int, attempt: int = 0) -> float:
        """Return a uniform draw from [0, 1)."""
        return self._draws.fraction(stage, self.template.number, ordinal, attempt)
