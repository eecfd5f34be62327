"""The arena of a question: how much room everything has, where it stands, and what is in it at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engine import clock
from sim.engine.clock import to_us
from sim.engine.kernel import layout as at
from sim.engine.node import LONGEST
from sim.engine.record import STATUSES
from sim.engine.templates import Probe, Template
from sim.rules.endpoints import endpoint_is_ready
from sim.spec.steps import Condition, KubectlStep, Step, TemplateStep, WaitStep

if TYPE_CHECKING:
    from sim.engine.kernel.question import Change, Question

Ints = NDArray[np.int64]

FIELDS = {
    "desired": at.OF_DESIRED,
    "replicas": at.OF_REPLICAS,
    "updated": at.OF_UPDATED,
    "ready": at.OF_READY,
    "available": at.OF_AVAILABLE,
    "unavailable": at.OF_UNAVAILABLE,
    "revision": at.OF_REVISION,
    "progressing": at.OF_PROGRESSING,
    "complete": at.OF_COMPLETE,
    "paused": at.OF_PAUSED,
}
OPERATORS = {
    "==": at.EQUAL,
    "!=": at.UNEQUAL,
    "<": at.LESS,
    "<=": at.AT_MOST,
    ">": at.MORE,
    ">=": at.AT_LEAST,
}
NUMBERS = {"True": 1, "False": 0}
PROGRESSING = {text: number for number, text in STATUSES.items()}
NO_SUCH = -2  # a text that is the value of nothing


@dataclass
class Room:
    """How much of everything there is room for; of what turns out to be too little there is half as much
    more.

    ``luck``: pods of one template. ``stages``: whether the first template has draws for new pods, too.
    """

    events: int
    pods: int
    luck: int
    writes: int
    watches: int
    dice: int
    stages: bool = False
    attempts: int = 1
    sets: int = 0
    log: int = 0
    course: int = 0

    @property
    def ring(self) -> int:
        """Places of a ring, a power of two."""
        return 1 << (self.events - 1).bit_length()

    @property
    def flights(self) -> int:
        """Changes of one kind that are on their way to the informers."""
        return 64 + 4 * self.sets

    def grow(self, status: int) -> None:
        """Make more of what ``status`` says there was too little of."""
        if status == at.MORE_STAGES:
            self.stages = True
            return
        for name in LACKING[status]:
            number = getattr(self, name)
            setattr(self, name, number + (number + 1) // 2)


LACKING = {
    at.MORE_EVENTS: ("events",),
    at.MORE_PODS: ("pods",),
    at.MORE_LUCK: ("luck",),
    at.MORE_WRITES: ("writes",),
    at.MORE_WATCHES: ("watches",),
    at.MORE_DICE: ("dice",),
    at.MORE_ATTEMPTS: ("attempts",),
    at.MORE_SETS: ("sets",),
    at.MORE_LOG: ("log", "course"),
}


def build_arena(question: Question, *, logs: bool = False, courses: bool = False) -> Ints:
    """Return an arena in which replications can be played, one after the other."""
    room = question.room
    if logs and not room.log:
        room.log = 64 * room.pods
    if courses and not room.course:
        room.course = 16 * room.pods
    begins, end = {}, at.WORLD
    for word, size in _regions(question, logs, courses).items():
        begins[word] = end
        end += size
    m = np.zeros(end, dtype=np.int64)
    for words in (begins, _cluster_words(question), _room_words(question)):
        for word, value in words.items():
            m[word] = value
    m[at.A_END] = end
    m[at.W_LOGS], m[at.W_COURSES] = logs, courses
    _fill_records(question, m)
    return m


def _regions(question: Question, logs: bool, courses: bool) -> dict[int, int]:
    """Return how many words each region has."""
    room, number, sets = question.room, len(question.templates), question.room.sets
    return {
        at.A_EVENTS: 2 * room.events,
        at.A_SOON: room.ring,
        at.A_URGENT: room.ring,
        at.A_TURNS: 8,
        at.A_R_QUEUE: room.ring,
        at.A_E_QUEUE: room.ring,
        at.A_DEPLOYMENT: 5 * at.DEPLOYMENT,
        at.A_D_FLIGHTS: room.flights * at.DEPLOYMENT,
        at.A_SPEC: len(question.specs) * at.SPEC,
        at.A_STORED: sets * at.REPLICASET,
        at.A_SEEN: sets * at.REPLICASET,
        at.A_R_FLIGHTS: room.flights * at.REPLICASET,
        at.A_WORK: (sets + 1) * at.REPLICASET,
        at.A_HELD: sets * at.REPLICASET,
        at.A_OWNED: sets * at.OWNED,
        at.A_WAITING: sets * room.pods,
        at.A_NOTED: sets * room.pods,
        at.A_TEMPLATE: number * at.TEMPLATE,
        at.A_PROBE: number * 3 * question.probes * at.PROBE,
        at.A_RUNS_ON: number * question.nodes,
        at.A_POD: room.pods * at.POD,
        at.A_SERVICE: len(question.services) * at.SERVICE,
        at.A_SELECTS: len(question.services) * number,
        at.A_STEP: len(question.changes) * at.STEP,
        at.A_MERGED: question.merged.size,
        at.A_COVERED: question.covered.size,
        at.A_LUCK: number * at.STAGES * room.luck,
        at.A_EXTRA: number * at.EXTRAS * question.attempts * room.luck,
        at.A_WRITES: room.writes,
        at.A_WATCHES: room.watches,
        at.A_DICE: room.dice,
        at.A_KUBECTLS: question.lines,
        at.A_TYPINGS: question.lines,
        at.A_PHASES: question.nodes,
        at.A_ON_NODE: question.nodes,
        at.A_SPREAD: question.spread,
        at.A_PULLING: question.nodes,
        at.A_PRESENT: len(question.images) * question.nodes,
        at.A_CHOSEN: room.pods,
        at.A_SCRATCH: 3 * room.pods,
        at.A_SHARES: 12 * (sets + 2),
        at.A_MEAN: 4 * len(question.specs),
        at.A_COURSE: at.COURSE_WIDTH * room.course if courses else 0,
        at.A_LOG: at.LOG_WIDTH * room.log if logs else 0,
    }


def _cluster_words(question: Question) -> dict[int, int]:
    """Return what the cluster is like: its control plane, its kubelets, how many there are of everything."""
    plane, features = question.profile.control_plane, question.profile.features
    horizon = to_us(question.scenario.horizon_s)

    def interval_of(rate: float) -> int:
        # A token that takes longer never comes.
        return min(round(at.SECOND / rate), horizon) if rate > 0 else 0

    interval, collector, scheduler = map(interval_of, (plane.qps, 2 * plane.qps, plane.scheduler_qps))
    return {
        at.W_HORIZON: horizon,
        at.W_INTERVAL: interval,
        at.W_SLACK: interval * plane.burst,
        at.W_GC_INTERVAL: collector,
        at.W_GC_SLACK: collector * 2 * plane.burst,
        at.W_SCHEDULER_INTERVAL: scheduler,
        at.W_SCHEDULER_SLACK: scheduler * plane.scheduler_burst,
        at.W_POSTS: plane.events,
        at.W_STAMP: to_us(plane.stamp_s),
        at.W_PRECISE: features.precise_min_ready,
        at.W_LOG2: features.log2_deletion,
        at.W_TRIGGER: features.readiness_trigger,
        at.W_TICKER_RESET: features.probe_ticker_reset,
        at.W_RELIST: to_us(question.profile.kubelet.relist_s),
        at.W_PLAYED: question.profile.readiness == "application",
        at.W_NODES: question.nodes,
        at.W_DEPLOYMENT_WORKERS: plane.deployment_workers,
        at.W_REPLICASET_WORKERS: plane.replicaset_workers,
        at.W_SERVICES: len(question.services),
        at.W_TEMPLATES: len(question.templates),
        at.W_SPECS: len(question.specs),
        at.W_STEPS: len(question.changes),
        at.W_ANNOTATIONS: question.merged.shape[1],
        at.W_IMAGES: len(question.images),
        at.W_LONGEST: LONGEST,
        at.W_INSTANT_MOST: clock.MOST_IN_INSTANT,
        at.W_PROBES: question.probes,
        at.W_ROLLOUTS: any(d.template != question.first.template for d in question.specs),
    }


def _room_words(question: Question) -> dict[int, int]:
    """Return how much room there is."""
    room = question.room
    return {
        at.W_ATTEMPTS: question.attempts,
        at.W_EVENT_ROOM: room.events,
        at.W_POD_ROOM: room.pods,
        at.W_SET_ROOM: room.sets,
        at.W_RING: room.ring - 1,
        at.W_WRITE_ROOM: room.writes,
        at.W_WATCH_ROOM: room.watches,
        at.W_DICE_ROOM: room.dice,
        at.W_KUBECTL_ROOM: question.lines,
        at.W_TYPING_ROOM: question.lines,
        at.W_LUCK_ROOM: room.luck,
        at.W_FIRST_DRAWN: room.stages,
        at.W_FLIGHT_ROOM: room.flights,
        at.W_SPREAD_ROOM: question.spread,
        at.W_LOG_ROOM: room.log,
        at.W_COURSE_ROOM: room.course,
    }


def _fill_records(question: Question, m: Ints) -> None:
    for number, d in enumerate(question.specs):
        m[m[at.A_SPEC] + number * at.SPEC :][: at.SPEC] = (
            d.template - 1,
            d.desired,
            d.rolling,
            d.max_surge,
            d.max_unavailable,
            d.min_ready,
            d.deadline,
            d.history_limit,
            d.paused,
            question.annotations[number],
            d.desired - d.max_unavailable if d.rolling else 0,
        )
    m[m[at.A_MERGED] :][: question.merged.size] = question.merged.reshape(-1)
    m[m[at.A_COVERED] :][: question.covered.size] = question.covered.reshape(-1)
    ranks = {hash_: rank for rank, hash_ in enumerate(sorted(t.hash for t in question.templates))}
    for number, template in enumerate(question.templates):
        _fill_template(question, m, number, template, ranks[template.hash])
    for number, service in enumerate(question.services):
        publishes = service.publish_not_ready_addresses
        v = m[at.A_SERVICE] + number * at.SERVICE
        m[v + at.V_UNREADY] = endpoint_is_ready(False, False, publishes)
        m[v + at.V_WORTH] = endpoint_is_ready(True, False, publishes)
        for template in question.templates:
            place = m[at.A_SELECTS] + number * len(question.templates) + template.number - 1
            m[place] = question.selects(service.name, template.number)
    for number, (step, change) in enumerate(zip(question.scenario.steps, question.changes, strict=True)):
        scales = question.specs[number].desired != question.specs[number + 1].desired
        m[m[at.A_STEP] + number * at.STEP :][: at.STEP] = _step_words(step, change, number + 1, scales)


def _fill_template(question: Question, m: Ints, number: int, template: Template, rank: int) -> None:
    t = m[at.A_TEMPLATE] + number * at.TEMPLATE
    faults = template.faults
    words: dict[int, int] = {
        at.T_IMAGE: question.images.index(template.image),
        at.T_PULLS: template.pulls,
        at.T_PROBED: template.probed,
        at.T_GRACE: to_us(template.grace_s),
        at.T_HOOK: to_us(template.pre_stop_s),
        at.T_FAULTS: bool(faults.never_ready or faults.crash or faults.unready),
        at.T_NEVER_READY: _threshold(faults.never_ready),
        at.T_CRASH: _threshold(faults.crash.probability) if faults.crash else 0,
        at.T_UNREADY: _threshold(faults.unready.probability) if faults.unready else 0,
        at.T_NAME_RANK: rank,
        at.T_STARTUP: len(template.startup),
        at.T_LIVENESS: len(template.liveness),
        at.T_READINESS: len(template.readiness),
    }
    for word, value in words.items():
        m[t + word] = value
    for kind, probes in enumerate((template.startup, template.liveness, template.readiness)):
        for i, probe in enumerate(probes):
            place = m[at.A_PROBE] + ((number * 3 + kind) * question.probes + i) * at.PROBE
            m[place:][:4] = _probe_words(probe)
    for node in range(question.nodes):
        fits = template.built_for is None or question.profile.architecture_of(node) in template.built_for
        m[m[at.A_RUNS_ON] + number * question.nodes + node] = fits


def _threshold(probability: float) -> int:
    """Return how many of the millionths 0, 1, 2 … are less than ``probability``, as fractions compare."""
    guess = round(probability * at.SECOND)
    while guess > 0 and not (guess - 1) / at.SECOND < probability:
        guess -= 1
    while guess < at.SECOND and guess / at.SECOND < probability:
        guess += 1
    return guess


def _probe_words(probe: Probe) -> tuple[int, int, int, int]:
    return probe.initial_delay, probe.period, probe.success_threshold, probe.failure_threshold


def _step_words(step: Step, change: Change, spec: int, scales: bool) -> tuple[int, ...]:
    timing = step.timing
    kind = at.STEP_WAIT
    if isinstance(step, TemplateStep):
        kind = at.STEP_TEMPLATE
    elif isinstance(step, KubectlStep):
        kind = at.STEP_CHANGE if change.changed else at.STEP_LOOK
    assert isinstance(step, TemplateStep | KubectlStep | WaitStep)
    field_, operator, value = _condition_words(timing.when)
    return (
        kind,
        _moment(timing.at_s),
        field_,
        operator,
        value,
        _moment(timing.limit_s),
        _moment(timing.settle_s),
        spec,
        change.changed,
        change.generation,
        change.is_step,
        change.asks,
        scales,
    )


def _moment(seconds: float | None) -> int:
    return at.NEVER if seconds is None else to_us(seconds)


def _condition_words(condition: Condition | None) -> tuple[int, int, int]:
    if condition is None:
        return at.NEVER, 0, 0
    value = condition.value
    if isinstance(value, str):
        known: Mapping[str, int] = PROGRESSING if condition.field == "progressing" else NUMBERS
        value = known.get(value, NO_SUCH)
    return FIELDS[condition.field], OPERATORS[condition.operator], value
