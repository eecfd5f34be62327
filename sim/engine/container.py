"""One container's run, told in advance: when its pod turns ready, and when and why it ends.

The application answers every probe from the moment it is up, so the outcome of each probe is known when the
container starts, and the rules' closed forms replace the ticking. A pod's containers start together; the pod
is ready when all of them are.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.engine.clock import SECOND
from sim.engine.state import NEVER
from sim.engine.templates import Probe, Template
from sim.rules import kubelet as rules
from sim.spec.profile import Features

FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Start:
    """A container that has started, in microseconds.

    ``up`` and ``crash``: when the application answers and when it ends by itself (FOREVER: never).
    ``started``: as its stamp has it. ``known``: when the kubelet knows of it, and probes begin. ``seen``:
    when the API shows it running. ``origin``: a tick of the probe workers, which began with the pod.
    ``tick``: the kubelet's first look at its containers after ``seen``; it looks again every ``relist``.
    ``startup_up``: when it answers the startup probe, NEVER for ``up``.
    """

    up: int
    crash: int
    started: int
    known: int
    seen: int
    origin: int
    tick: int
    relist: int
    startup_up: int = NEVER


@dataclass(frozen=True, slots=True)
class Run:
    """How it goes: when the kubelet finds the pod ``ready``, and when the container ``dies``.

    NEVER stands for not at all. ``probe`` is the readiness probe that decided, ``grid`` a later tick of it.
    """

    ready: int
    dies: int = NEVER
    cause: str = ""
    probe: Probe | None = None
    grid: int = NEVER


def foresee(template: Template, features: Features, start: Start) -> Run:
    """Tell how a container goes."""
    dies, cause = start.crash, "Error" if start.crash < FOREVER else ""
    begin = start.known  # of readiness and liveness probes: after the startup probe has passed
    answers = start.up if start.startup_up == NEVER else start.startup_up
    poked = False
    for probe in template.startup:
        rule = (answers, start.started, start.origin, probe.period, probe.initial_delay)
        killed = rules.grid_failure(*rule, probe.failure_threshold, start.known)
        if killed != -1 and killed < dies:
            dies, cause = killed, "startup probe failed"
        passed = rules.grid_ready(*rule, 1, start.known) if answers < FOREVER else FOREVER
        if passed > begin:
            # A startup probe that passes pokes the readiness probe. At its very first try the result and the
            # one before it come at once, and the poke finds a container that has not started yet.
            begin, poked = passed, passed > rules.grid_ready(start.known, *rule[1:], 1, start.known)
    # A probe in the very instant of the startup probe's success comes too early: its result is not known yet.
    after = begin + 1 if template.startup and start.relist else begin
    if begin < FOREVER:
        for probe in template.liveness:
            rule = (start.up, start.started, start.origin, probe.period, probe.initial_delay)
            killed = rules.grid_failure(*rule, probe.failure_threshold, after)
            if killed != -1 and killed < dies:
                dies, cause = killed, "liveness probe failed"
    run = Run(max(start.seen, begin))
    for probe in template.readiness:
        ready, grid = _ready(probe, template, features, start, begin, poked)
        if ready >= run.ready or run.probe is None:
            run = Run(max(ready, run.ready), probe=probe, grid=grid)
    ready = run.ready if run.ready < dies else NEVER
    return Run(ready, dies if dies < FOREVER else NEVER, cause, run.probe, run.grid)


def _ready(
    probe: Probe, template: Template, features: Features, start: Start, begin: int, poked: bool
) -> tuple[int, int]:
    # When the readiness probe succeeds, and a moment of the grid on which it goes on.
    up = max(start.up, begin)
    # A tick in the very instant of the startup probe's success comes before its result is known.
    after = begin + 1 if template.startup and start.relist else begin
    if up >= FOREVER:
        return FOREVER, start.origin
    threshold = probe.success_threshold
    if not features.readiness_trigger:
        at = rules.grid_ready(
            up, start.started, start.origin, probe.period, probe.initial_delay, threshold, after
        )
        return at, start.origin
    # The kubelet's looks at the pod are what triggers a probe: after its start, or after the startup probe.
    tick, relist = start.tick, start.relist
    second = tick + (relist or SECOND)
    if template.startup and begin > tick:
        look = tick - (tick - begin) // relist * relist if relist else begin
        tick, second = look, look + (relist or SECOND)
        if poked and look > begin + 1:
            tick, second = begin + 1, look  # after the result is known
    if not features.probe_ticker_reset:
        at = rules.triggered_grid_ready(
            up, start.started, start.origin, tick, second, probe.period, probe.initial_delay, threshold, after
        )
        return at, start.origin
    at = rules.triggered_ready(up, start.started, tick, second, probe.period, probe.initial_delay, threshold)
    return at, tick if at == tick else second
