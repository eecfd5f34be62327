"""One container's run, told in advance: when its pod turns ready, and when it dies by itself or at a probe's
hand.

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
class Run:
    """``ready``: when the kubelet finds the pod ready. ``dies``: when the container ends. NEVER: not at all.
    ``grid``: a moment of the readiness probe's ticks from then on."""

    ready: int
    dies: int
    cause: str
    grid: int


def foresee(
    template: Template,
    features: Features,
    *,
    up: int,
    crash: int,
    started: int,
    seen: int,
    origin: int,
    tick: int,
    relist: int,
) -> Run:
    """Tell how a container goes that ``started``.

    ``up`` and ``crash``: when the application answers and when it ends by itself (FOREVER: never). ``seen``:
    when the API shows the container running. ``origin``: a tick of the probes that began when the pod came to
    its node. ``tick``: the kubelet's first look at its containers after ``seen``; it looks again every
    ``relist``.
    """
    dies, cause = (crash, "Error") if crash < FOREVER else (FOREVER, "")
    may_probe = started
    for probe in template.startup:
        killed = rules.grid_failure(
            up, started, origin, probe.period, probe.initial_delay, probe.failure_threshold
        )
        if killed != -1 and killed < dies:
            dies, cause = killed, "startup probe failed"
        passed = (
            rules.grid_ready(up, started, origin, probe.period, probe.initial_delay, 1)
            if up < FOREVER
            else FOREVER
        )
        may_probe = max(may_probe, passed)
    if may_probe < FOREVER:
        for probe in template.liveness:
            killed = rules.grid_failure(
                up, started, origin, probe.period, probe.initial_delay, probe.failure_threshold, may_probe
            )
            if killed != -1 and killed < dies:
                dies, cause = killed, "liveness probe failed"
    ready, grid = max(seen, may_probe), origin
    for probe in template.readiness:
        at, grid = _ready(
            probe, features, max(up, may_probe), started, origin, tick, relist, template, may_probe
        )
        ready = max(ready, at)
    if ready >= min(dies, FOREVER):
        ready = NEVER
    return Run(ready, dies if dies < FOREVER else NEVER, cause, grid)


def _ready(
    probe: Probe,
    features: Features,
    up: int,
    started: int,
    origin: int,
    tick: int,
    relist: int,
    template: Template,
    may_probe: int,
) -> tuple[int, int]:
    # When the readiness probe succeeds, and a moment of the grid on which it goes on.
    if up >= FOREVER:
        return FOREVER, origin
    if template.startup and relist:
        # Passing the startup probe makes the kubelet look at the pod: the first readiness probe comes with
        # its next look.
        tick += -((tick - may_probe) // relist) * relist if may_probe > tick else 0
    elif template.startup:
        tick = max(tick, may_probe)
    rule = (up, started, probe.period, probe.initial_delay, probe.success_threshold)
    if not features.readiness_trigger:
        return rules.grid_ready(up, started, origin, *rule[2:]), origin
    second = tick + (relist or SECOND)
    if not features.probe_ticker_reset:
        return rules.triggered_grid_ready(up, started, origin, tick, second, *rule[2:]), origin
    ready = rules.triggered_ready(up, started, tick, second, *rule[2:])
    return ready, tick if ready == tick else second
