"""One rollout of a Deployment: when it began, was complete, and left nothing of the old versions behind."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from sim.metrics.asked import Asked
from sim.metrics.progress import exceeded_s, longest_gap_s
from sim.metrics.record import Generation, Record
from sim.metrics.steps import Floats, Steps, common_times, first_where, last_of_each_time, step_at
from sim.trace import Table, Trace


class Rollout:
    """A rollout of a Deployment, read out of its record.

    ``number`` (from 1) is which of the Deployment's; None is the last one that was asked for and takes
    nothing back. A Deployment without any has one row, from its first change on. Everything is computed on
    first use and kept. Raises ValueError when the trace has no such Deployment.
    """

    def __init__(
        self,
        trace: Trace,
        deployment: str | None = None,
        number: int | None = None,
        record: Record | None = None,
    ) -> None:
        self.record = Record(trace, deployment) if record is None else record
        asked = self.record.asked
        chosen = [one for one in asked if one.number == number]
        if number is None:
            chosen = [one for one in asked if not one.undo] or list(asked)
        self.asked: Asked | None = chosen[-1] if chosen else None

    @property
    def trace(self) -> Trace:
        """The trace."""
        return self.record.trace

    @property
    def deployment(self) -> str:
        """The Deployment's name."""
        return self.record.deployment

    @property
    def pods(self) -> Table:
        """The Deployment's pods (see `Record.pods`)."""
        return self.record.pods

    @property
    def generations(self) -> tuple[Generation, ...]:
        """The Deployment's versions (see `Record.generations`)."""
        return self.record.generations

    def series(self, name: str) -> Steps:
        """Return a step function of the Deployment (see `Record.series`)."""
        return self.record.series(name)

    def sampled(self, *names: str) -> tuple[Floats, list[Floats]]:
        """Return several series on the moments they have in common."""
        return self.record.sampled(*names)

    @property
    def is_creation(self) -> bool:
        """Whether the Deployment is created by it."""
        return self.asked is not None and self.asked.creation

    @property
    def version(self) -> str:
        """What the version is called that it rolls out (see `asked.version_names`)."""
        if self.asked is not None:
            return self.record.names[self.asked.replicaset]
        return self.target.version if self.target is not None else ""

    @property
    def revision(self) -> int | None:
        """The revision that its ReplicaSet carries; None when that was never created."""
        if self.target is None:
            return None
        return [number for at, number in self.target.revisions if at < self.ends_s][-1]

    @cached_property
    def was_scaled(self) -> bool:
        """Whether the number of replicas that is asked for ever changed."""
        rows = zip(self.record.specs["desired"], self.record.specs["reason"], strict=True)
        return len({desired for desired, reason in rows if reason != "Deleted"}) > 1

    @cached_property
    def is_paused(self) -> bool:
        """Whether the Deployment is paused when the rollout ends."""
        rows = zip(self.record.specs["time_s"], self.record.specs["paused"], strict=True)
        paused = False
        for time_s, value in rows:
            if time_s < self.ends_s:
                paused = bool(value)
        return paused

    @cached_property
    def was_paused_later(self) -> bool:
        """Whether it is a step after its beginning that paused it."""
        rows = zip(self.record.specs["time_s"], self.record.specs["paused"], strict=True)
        before = [bool(paused) for time_s, paused in rows if time_s <= self.started_s]
        return self.is_paused and not (before and before[-1])

    @cached_property
    def started_s(self) -> float:
        """When its template was asked for; without a rollout, when the Deployment was first changed."""
        return self.record.began_s if self.asked is None else self.asked.began_s

    @property
    def ends_s(self) -> float:
        """When the next rollout begins (what happens then is not its own any more); inf: the record's end."""
        return math.inf if self.asked is None else self.asked.ends_s

    @property
    def changed_s(self) -> float:
        """When what is asked for last changed, for it to become complete after that."""
        if self.asked is not None:
            return self.asked.began_s
        return max([self.started_s, *(time_s for time_s, _ in self.record.steps)])

    @cached_property
    def _last_s(self) -> float:
        """The last moment that is its own."""
        end = self.trace.ended_s
        return end if self.ends_s > end else max(self.started_s, float(np.nextafter(self.ends_s, -math.inf)))

    @cached_property
    def until_s(self) -> float:
        """The end of the window in which it is measured: when it is complete, else its last moment."""
        if self.asked is None:
            return self._last_s
        return min(self.completed_s, self._last_s)

    @cached_property
    def drained_until_s(self) -> float:
        """When the last old pod is gone, else its last moment."""
        return min(self.drained_s, self._last_s)

    @cached_property
    def target(self) -> Generation | None:
        """The ReplicaSet that it rolls out; None when that was never created: the Deployment is paused, or
        Recreate still waits.
        """
        wanted = self.asked.replicaset if self.asked is not None else self._wanted_throughout()
        for generation in self.generations:
            if generation.replicaset == wanted and generation.revisions[0][0] < self.ends_s:
                return generation
        return None

    def _wanted_throughout(self) -> str | None:
        rows = self.record.specs["replicaset"]
        if rows:
            return str(rows[-1])
        return self.generations[-1].replicaset if self.generations else None

    @cached_property
    def _sought_s(self) -> float:
        """From when on it may be complete.

        Not before the controller gave its ReplicaSet the revision: the status of before the change lags, and
        would call an old version complete that comes back.
        """
        if self.target is None:
            return math.inf
        began = self.changed_s
        revised = [at for at, _ in self.target.revisions if began <= at < self.ends_s]
        return max(began, revised[0]) if revised else began

    def _in_window(self, moment_s: float) -> float:
        """Return the moment, inf where it lies beyond the window."""
        return moment_s if moment_s <= self.until_s else math.inf

    def _ours(self, moment_s: float) -> float:
        """Return the moment, inf where it is not the rollout's own any more."""
        return moment_s if moment_s < self.ends_s else math.inf

    @cached_property
    def completed_s(self) -> float:
        """When its version is complete (scenario's clock, s); inf if never.

        Both the Deployment's status and the ReplicaSets' own counts must say so.
        """
        if self.target is None:
            return math.inf
        record, name = self.record, self.target.replicaset
        status = [record.status(column) for column in ("updated", "current", "available")]
        counted = [record.counts("current", name), record.counts("available", name), self.series("counted")]
        desired = self.series("desired")
        grid = common_times(desired, *status, *counted)
        wanted = step_at(*desired, grid)
        done = np.ones(grid.shape, dtype=np.bool_)
        for times, values in (*status, *counted):
            done &= step_at(times, values, grid) == wanted
        return self._ours(first_where(grid, done, self._sought_s))

    @cached_property
    def first_available_s(self) -> float:
        """When its version first has a pod available (scenario's clock, s); inf if never."""
        if self.target is None:
            return math.inf
        times, values = self.record.counts("available", self.target.replicaset)
        return self._in_window(first_where(times, values > 0, self._sought_s))

    @cached_property
    def enough_ready_s(self) -> float:
        """When its version first has as many pods ready as maxUnavailable asks for (scenario's clock, s)."""
        if self.target is None:
            return math.inf
        specs = self.record.specs
        needed = np.array(specs["desired"], dtype=np.float64) - np.array(specs["max_unavailable"])
        asked = last_of_each_time(np.array(specs["time_s"], dtype=np.float64), needed)
        ready = self.record.counts("ready", self.target.replicaset)
        grid = common_times(asked, ready)
        there = max(self.started_s, self.target.revisions[0][0])
        return self._in_window(first_where(grid, step_at(*ready, grid) >= step_at(*asked, grid), there))

    @cached_property
    def drained_s(self) -> float:
        """When the last pod of another ReplicaSet is gone (scenario's clock, s); inf if never."""
        if self.target is None:
            return math.inf
        owners = self.pods["replicaset"]
        name = self.target.replicaset
        old = np.fromiter(map(name.__ne__, owners), dtype=np.bool_, count=len(owners))
        old &= self.record.column("created_s") < self.ends_s
        gone = self.record.column("gone_s")[old]
        # A moment that never came is not earlier than anything, either.
        if not (gone < self.ends_s).all():
            return math.inf
        return max(self.started_s, float(gone.max())) if gone.size else self.started_s

    @cached_property
    def deadline_exceeded_s(self) -> float:
        """When the progress deadline is first exceeded (scenario's clock, s); inf if never."""
        return exceeded_s(self.record.conditions, self.started_s, self.until_s)

    @cached_property
    def longest_gap_s(self) -> float:
        """The longest time without progress as the progress deadline counts it, in s, >= 0 (see
        `progress.longest_gap_s`); nan where no deadline counts.
        """
        return longest_gap_s(self.record.conditions, self.started_s, self.until_s)


def rollouts(trace: Trace, deployment: str | None = None) -> tuple[Rollout, ...]:
    """Return every rollout of a Deployment in order of time; one row for a Deployment without any."""
    record = Record(trace, deployment)
    if not record.asked:
        return (Rollout(trace, record=record),)
    return tuple(Rollout(trace, number=asked.number, record=record) for asked in record.asked)


def series(trace: Trace, deployment: str | None, name: str) -> Steps:
    """Return (times in s, values in pods) of a right-continuous step function.

    The last value holds to ``ended_s``. ``name``: "available", "counted" (the sum of the ReplicaSets'
    `current`), "ready", "pods" (created and not stopping), "physical" (created and not gone, Terminating ones
    included), "desired", "ceiling" (desired + maxSurge), "floor" (desired - maxUnavailable), "updated". Of
    several rows at one moment the last one counts. Empty arrays when the record has no such rows. ValueError
    for an unknown name.
    """
    return Record(trace, deployment).series(name)
