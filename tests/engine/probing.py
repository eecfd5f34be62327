"""A container's life probe by probe: workers with tickers and triggers around the rule of one probe."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sim.engine.clock import SECOND
from sim.engine.container import FOREVER
from sim.engine.state import NEVER
from sim.engine.templates import Probe
from sim.rules import kubelet as rules
from sim.spec.profile import Features


class Life(NamedTuple):
    """When the kubelet finds the pod ready, when its container ends, and why."""

    ready: int
    dies: int
    cause: str


class Setting(NamedTuple):
    """The arguments of `sim.engine.container.foresee`, and ``known``: when the kubelet itself sees it run."""

    up: int
    crash: int
    started: int
    known: int
    seen: int
    origin: int
    tick: int
    relist: int


CRASH, STARTUP, LIVENESS, TRIGGER, READINESS = range(5)  # what comes first within an instant
KIND = {STARTUP: rules.STARTUP, LIVENESS: rules.LIVENESS, READINESS: rules.READINESS}
NAMES = {STARTUP: "startup probe failed", LIVENESS: "liveness probe failed"}


@dataclass
class _Worker:
    what: int
    probe: Probe
    tick: int  # the next one
    published: int = rules.PROBE_NONE
    last: int = rules.PROBE_NONE
    run: int = 0
    on_hold: bool = False
    is_new: bool = True
    succeeded: int = FOREVER
    triggers: list[int] = field(default_factory=list)


def live(
    setting: Setting,
    features: Features,
    startup: Probe | None,
    liveness: Probe | None,
    readiness: Probe | None,
    *,
    at_once: bool = False,
) -> Life:
    """Play the container's probes one after the other until it is ready and can only go on, or dead.

    A worker probes when its pod comes to the node and then every period; a kubelet that has triggers probes a
    container that is not ready at its next two looks, too (after a startup probe that had failed before: at
    its success and at the next look), and from 1.29 on a trigger restarts the period
    (the one at the look that finds the container does so without a probe). What a probe does is do_probe's.
    ``at_once``: a tick in the very instant in which the startup probe succeeds finds the container started.
    """
    workers = [
        _Worker(what, probe, setting.origin)
        for what, probe in ((STARTUP, startup), (LIVENESS, liveness), (READINESS, readiness))
        if probe
    ]
    by_what = {worker.what: worker for worker in workers}
    for worker in workers:
        worker.published = rules.initial_result(KIND[worker.what])
        while worker.tick < setting.started:
            worker.tick += worker.probe.period
    reader = by_what.get(READINESS)
    if reader and features.readiness_trigger and not startup:
        _trigger(reader, setting, setting.tick)
        if features.probe_ticker_reset:
            reader.tick = setting.seen + reader.probe.period
    started = FOREVER if startup else NEVER
    longest = [w.probe.initial_delay + 5 * w.probe.period for w in workers]
    end = max(t for t in (setting.up, setting.crash, setting.seen) if t < FOREVER) + sum(longest) + 5 * SECOND
    dies, cause = FOREVER, ""
    while True:
        now, what, worker = _next(setting, workers)
        if now >= end:
            break
        if what == CRASH or worker is None or all(w.succeeded < FOREVER for w in workers):
            dies, cause = setting.crash, "Error" if setting.crash < FOREVER else ""
            break
        if what == TRIGGER:
            worker.triggers.pop(0)
            if worker.published == rules.PROBE_SUCCESS:
                continue
            if features.probe_ticker_reset:
                worker.tick = now + worker.probe.period
        else:
            worker.tick += worker.probe.period
        failed_before = worker.last == rules.PROBE_FAILURE
        is_started = now > started or (now == started and (at_once or what == TRIGGER))
        _probe(worker, setting, features, now, is_started)
        if worker.what in NAMES and worker.on_hold and worker.published == rules.PROBE_FAILURE:
            dies, cause = now, NAMES[worker.what]
            break
        if worker.what == STARTUP and worker.published == rules.PROBE_SUCCESS and started == FOREVER:
            started = now
            if reader and features.readiness_trigger:
                _trigger(reader, setting, _look_from(setting, now))
                if failed_before and reader.triggers[0] > now + 1:
                    reader.triggers = [now + 1, reader.triggers[0]]
    ready = max([setting.seen, started, *(w.succeeded for w in workers if w.what == READINESS)])
    return Life(ready if ready < dies else NEVER, dies if dies < FOREVER else NEVER, cause)


def _next(setting: Setting, workers: list[_Worker]) -> tuple[int, int, _Worker | None]:
    due: list[tuple[int, int, _Worker | None]] = [(setting.crash, CRASH, None)]
    for worker in workers:
        due.append((worker.tick, worker.what, worker))
        due += [(at, TRIGGER, worker) for at in worker.triggers[:1]]
    return min(due, key=lambda one: one[:2])


def _trigger(reader: _Worker, setting: Setting, first: int) -> None:
    reader.triggers = [first, first + (setting.relist or SECOND)]


def _look_from(setting: Setting, at: int) -> int:
    """Return the kubelet's first look at its containers at ``at`` or later, after it has seen this one."""
    if setting.relist == 0:
        return max(at, setting.tick)
    look = setting.tick
    while look < at:
        look += setting.relist
    return look


def _probe(worker: _Worker, setting: Setting, features: Features, now: int, started: bool) -> None:
    known = now >= setting.known
    probe = worker.probe
    _, worker.published, worker.last, worker.run, worker.on_hold = rules.do_probe(
        KIND[worker.what], True, False, known, known and worker.is_new, rules.RUNNING, False, False, started,
        (now - setting.started) / SECOND, probe.initial_delay // SECOND,
        rules.PROBE_SUCCESS if now >= setting.up else rules.PROBE_FAILURE,
        probe.success_threshold, probe.failure_threshold, features.probe_ticker_reset,
        worker.published, worker.last, worker.run, worker.on_hold,
    )  # fmt: skip
    worker.is_new = worker.is_new and not known
    if worker.published == worker.last == rules.PROBE_SUCCESS:
        worker.succeeded = min(worker.succeeded, now)
