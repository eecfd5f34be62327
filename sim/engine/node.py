"""The life of a pod on its node: image pulled, container started, probed, serving, stopped.

Follows pkg/kubelet. What a probe will find is known in advance (container.py), so a pod costs one event for
each change that the API sees, whatever its probes' periods. Images are pulled one at a time on each node, and
once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from sim.engine.clock import SECOND, Call, Clock, to_us
from sim.engine.container import FOREVER, Run, Start, foresee
from sim.engine.draws import (
    CRASH,
    CRASH_AFTER,
    JITTER,
    NEVER_READY,
    READY,
    START,
    UNREADY,
    UNREADY_AFTER,
    UNREADY_FOR,
)
from sim.engine.record import Recorder
from sim.engine.stamps import Stamps
from sim.engine.state import NEVER, RUNNING, PodTable
from sim.engine.templates import Luck
from sim.rules import kubelet as rules
from sim.spec.distributions import LONGEST_S
from sim.spec.profile import Features

LONGEST = to_us(LONGEST_S)  # what takes the longest time there is never comes


class PodWatcher(Protocol):
    """Who is told what the API shows of a pod."""

    def running(self, pod: int) -> None:
        """The pod's container runs for the first time: the pod has an address."""

    def updated(self, pod: int) -> None:
        """The pod changed, its readiness did not."""

    def became_ready(self, pod: int) -> None:
        """The pod is Ready."""

    def lost_ready(self, pod: int) -> None:
        """The pod is Ready no longer."""

    def gone(self, pod: int) -> None:
        """The pod's object is no more."""


@dataclass(slots=True)
class Kubelets:
    """The kubelets of all nodes.

    ``relist``: how often one looks at its containers (0: it sees everything at once), each node at its own
    ``phases``. ``architectures``: of each node. ``played``: readiness follows the application itself,
    without a probe in between. ``luck``: of
    each ReplicaSet, by its number.
    """

    env: Clock
    table: PodTable
    stamps: Stamps
    recorder: Recorder
    features: Features
    relist: int
    phases: list[int]
    played: bool
    luck: dict[int, Luck]
    architectures: list[str]
    pods: PodWatcher = field(init=False)
    _pulling_until: dict[int, int] = field(default_factory=dict)  # by node
    _present_from: dict[tuple[int, str], int] = field(default_factory=dict)  # by node and image
    _failures: dict[int, tuple[int, int]] = field(
        default_factory=dict
    )  # by pod: restarts in a row, last start

    def has_image(self, image: str) -> None:
        """Note that ``image`` is on every node."""
        self._present_from |= {(node, image): NEVER for node in range(len(self.phases))}

    def adopted(self, pod: int) -> None:
        """Foresee what goes wrong with a pod that runs and is ready when time begins; it counts from then."""
        faults = self.luck[self.table.replicaset[pod]].template.faults
        if faults.crash or faults.unready:
            luck, ordinal = self.luck[self.table.replicaset[pod]], self.table.ordinal[pod]
            crash = self._crash(luck, ordinal, 0, 0)
            if crash < FOREVER:
                Call(self.env, crash, self._died, (pod, 0, 0, "Error"))
            probes = luck.template.readiness
            self._foresee_unready(pod, 0, luck, Run(0, probe=probes[0] if probes else None, grid=0))

    def bound(self, pod: int) -> None:
        """Start the pod on the node it has just been bound to."""
        luck = self.luck[self.table.replicaset[pod]]
        ordinal = self.table.ordinal[pod]
        template = luck.template
        # Without a probe a running container is a ready one: what never gets ready never starts.
        unprobed = not template.readiness and not self.played
        if unprobed and luck.happens(template.faults.never_ready, NEVER_READY, ordinal):
            self.recorder.never_starts(pod)
            return
        at = self._pulled(pod, luck, ordinal) if template.pulls else self.env.now
        self._start(pod, at + luck.start[ordinal], 0, luck.status[ordinal])

    def _start(self, pod: int, started: int, attempt: int, status: int) -> None:
        # From 1.29 on the kubelet looks at a container once it has started it, before at the next relist.
        self.table.started[pod] = started
        known = started if self.features.probe_ticker_reset else self._next_look(pod, started)
        Call(self.env, known + status - self.env.now, self._running, (pod, attempt, started, known))

    def _pulled(self, pod: int, luck: Luck, ordinal: int) -> int:
        now, node = self.env.now, self.table.node[pod]
        where = (node, luck.template.image)
        present = self._present_from.get(where)
        if present is None:
            present = max(now, self._pulling_until.get(node, 0)) + luck.pull[ordinal]
            self._pulling_until[node] = self._present_from[where] = present
        if present <= now:
            return now
        self.table.pull_begin[pod] = now
        self.table.pull_end[pod] = present
        return present

    def _running(self, event: Any) -> None:
        pod, attempt, started, known = event.value
        table, now = self.table, self.env.now
        if self._is_stale(pod, attempt):
            return
        table.phase[pod] = RUNNING
        if attempt == 0:
            table.running[pod] = now
            self.pods.running(pod)
        else:
            self.recorder.state(pod, "unready")
        luck = self.luck[table.replicaset[pod]]
        run = self._foresee(pod, luck, attempt, started, known)
        if run.dies != NEVER:
            Call(self.env, max(0, run.dies - now), self._died, (pod, attempt, started, run.cause))
        if run.ready != NEVER:
            delay = run.ready - now
            if delay > 0 or self.played:
                delay += luck.status[table.ordinal[pod]]
            if delay <= 0:
                self._ready(pod, attempt, run)
                return
            Call(self.env, delay, self._turned_ready, (pod, attempt, run))
        self.pods.updated(pod)

    def _foresee(self, pod: int, luck: Luck, attempt: int, started: int, known: int) -> Run:
        template, ordinal, now = luck.template, self.table.ordinal[pod], self.env.now
        never = template.faults.never_ready
        crash, up = self._crash(luck, ordinal, attempt, started), FOREVER
        if (
            template.built_for is not None
            and self.architectures[self.table.node[pod]] not in template.built_for
        ):
            crash = started  # exec format error
        if not (never and luck.happens(never, NEVER_READY, ordinal)):
            up = started
            takes = luck.again(READY, ordinal, attempt) if attempt else luck.ready[ordinal]
            if takes < LONGEST:
                self.table.up[pod] = up = up + takes
            else:
                up = FOREVER
        dies = crash if crash < FOREVER else NEVER
        if self.played:
            return Run(up if up < crash else NEVER, dies, "Error")
        if not template.probed:
            return Run(now if now < crash else NEVER, dies, "Error")
        start = Start(
            up=up,
            crash=crash,
            started=self.stamps.at(started),
            known=known,
            seen=now,
            origin=self._probes_from(pod, luck),
            tick=self._next_look(pod, now + 1) if self.relist else now,
            relist=self.relist,
        )
        return foresee(template, self.features, start)

    def _crash(self, luck: Luck, ordinal: int, attempt: int, started: int) -> int:
        crash = luck.template.faults.crash
        if crash and luck.happens(crash.probability, CRASH, ordinal, attempt):
            return started + luck.takes(crash.after, CRASH_AFTER, ordinal, attempt)
        return FOREVER

    def _probes_from(self, pod: int, luck: Luck) -> int:
        # Before 1.21 every probe worker began at a random point of its period; later only right after the
        # kubelet's own start.
        bound = self.table.scheduled[pod]
        if self.features.readiness_trigger or not luck.template.readiness:
            return bound
        return bound + int(luck.fraction(JITTER, self.table.ordinal[pod]) * luck.template.readiness[0].period)

    def _turned_ready(self, event: Any) -> None:
        pod, attempt, run = event.value
        if not self._is_stale(pod, attempt):
            self._ready(pod, attempt, run)

    def _ready(self, pod: int, attempt: int, run: Run) -> None:
        table = self.table
        if table.ready_first[pod] == NEVER:
            table.ready_first[pod] = self.env.now
        else:
            self.recorder.state(pod, "ready")
        table.ready_stamp[pod] = self.stamps.at(run.ready)
        self.pods.became_ready(pod)
        luck = self.luck[table.replicaset[pod]]
        if luck.template.faults.unready:
            self._foresee_unready(pod, attempt, luck, run)

    def _foresee_unready(self, pod: int, attempt: int, luck: Luck, run: Run) -> None:
        fault, ordinal = luck.template.faults.unready, self.table.ordinal[pod]
        if not fault or not luck.happens(fault.probability, UNREADY, ordinal, attempt):
            return
        after = luck.takes(fault.after, UNREADY_AFTER, ordinal, attempt)
        if after >= LONGEST:
            return
        down = run.ready + after
        lasts = luck.takes(fault.for_, UNREADY_FOR, ordinal, attempt)
        up = down + lasts
        status = 0 if self.played else luck.status[ordinal]
        if not self.played:
            # A pod without a readiness probe stays Ready, whatever its application does.
            probe = run.probe
            if probe is None:
                return
            back = rules.grid_ready(up, 0, run.grid, probe.period, 0, probe.success_threshold)
            down, up = rules.grid_unready(down, up, run.grid, probe.period, probe.failure_threshold), back
            if down == -1:
                return
        now = self.env.now
        Call(self.env, max(0, down + status - now), self._turned_unready, (pod, attempt))
        if lasts < LONGEST:
            Call(self.env, max(0, up + status - now), self._recovered, (pod, attempt, up))

    def _turned_unready(self, event: Any) -> None:
        pod, attempt = event.value
        if not self._is_stale(pod, attempt) and self.table.ready[pod]:
            self.recorder.turned_unready(pod)
            self.recorder.state(pod, "unready")
            self.pods.lost_ready(pod)

    def _recovered(self, event: Any) -> None:
        pod, attempt, since = event.value
        if not self._is_stale(pod, attempt) and not self.table.ready[pod]:
            self.recorder.state(pod, "ready")
            self.table.ready_stamp[pod] = self.stamps.at(since)
            self.pods.became_ready(pod)

    def _died(self, event: Any) -> None:
        pod, attempt, started, cause = event.value
        if self._is_stale(pod, attempt):
            return
        now = end = self.env.now
        self.table.up[pod], self.table.died[pod] = NEVER, now
        luck = self.luck[self.table.replicaset[pod]]
        ordinal = self.table.ordinal[pod]
        row, last_start = self._failures.get(pod, (0, started))
        if rules.backoff_resets((now - last_start) / SECOND):
            row = 0
        if cause != "Error":  # the kubelet stops a container whose probe failed as it stops any other
            end += self._stopping(luck, ordinal)
        known = self._next_look(pod, end)
        again = max(known, end + to_us(rules.crash_backoff(row)))
        self._failures[pod] = row + 1, again
        self.table.attempt[pod] = attempt + 1
        status = luck.status[ordinal]
        Call(self.env, known + status - now, self._crash_seen, (pod, cause))
        self._start(pod, again + luck.again(START, ordinal, attempt + 1), attempt + 1, status)

    def _crash_seen(self, event: Any) -> None:
        pod, cause = event.value
        if self.table.deleted[pod] != NEVER:
            return
        self.table.restarts[pod] += 1
        self.recorder.state(pod, "crashed")
        self.recorder.crashed(pod, self.table.restarts[pod], cause)
        if self.table.ready[pod]:
            self.pods.lost_ready(pod)
        else:
            self.pods.updated(pod)

    def stop(self, pod: int) -> None:
        """Stop the pod, just marked for deletion; its object goes when the kubelet has seen its end."""
        now = end = self.env.now
        if self.table.node[pod] >= 0:
            luck = self.luck[self.table.replicaset[pod]]
            ordinal = self.table.ordinal[pod]
            if luck.template.grace_s == 0 and not self.played:
                Call(self.env, 0, self._gone, pod)  # the API server does not wait for the kubelet
                return
            if self.played:
                end += luck.stop[ordinal]
            elif self.table.started[pod] != NEVER and self.table.started[pod] <= now:
                end += self._stopping(luck, ordinal)
            end = self._next_look(pod, end) + luck.status[ordinal]
        Call(self.env, end - now, self._gone, pod)

    def _stopping(self, luck: Luck, ordinal: int) -> int:
        template = luck.template
        return to_us(rules.term_time(template.pre_stop_s, template.grace_s, luck.stop[ordinal] / SECOND))

    def _gone(self, event: Any) -> None:
        self.pods.gone(event.value)

    def _is_stale(self, pod: int, attempt: int) -> bool:
        # The pod is going away, or its container is not the one that was meant.
        return self.table.deleted[pod] != NEVER or self.table.attempt[pod] != attempt

    def _next_look(self, pod: int, at: int) -> int:
        relist = self.relist
        if relist == 0:
            return at
        return at + (self.phases[self.table.node[pod]] - at) % relist
