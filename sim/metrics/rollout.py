"""When a rollout began, was complete, and left nothing of the old versions behind."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from sim.metrics.record import Generation, Record
from sim.metrics.steps import Steps, common_times, first_where, step_at
from sim.trace import Trace


class Rollout(Record):
    """The moments of one Deployment's rollout, read out of its record."""

    @cached_property
    def steps(self) -> tuple[tuple[float, str], ...]:
        """Return (time_s, message) of every change that the scenario made to this Deployment."""
        events = self.trace.tables["events"]
        rows = zip(events["time_s"], events["kind"], events["object"], events["message"], strict=True)
        return tuple(
            (float(time_s), str(message))
            for time_s, kind, name, message in rows
            if kind == "step" and str(name).rsplit("/", 1)[-1] == self.deployment
        )

    @cached_property
    def commands(self) -> tuple[tuple[float, str], ...]:
        """Return (time_s, line) of everything that was typed, in order of time."""
        table = self.trace.tables.get("commands") or {"started_s": [], "command": []}
        return tuple(zip(map(float, table["started_s"]), map(str, table["command"]), strict=True))

    @cached_property
    def started_s(self) -> float:
        """Return when this Deployment's template first changed: its first step, the trace's without one."""
        return min((time_s for time_s, _ in self.steps), default=self.trace.started_s)

    @cached_property
    def is_creation(self) -> bool:
        """Whether the Deployment was created in the run and not changed afterwards."""
        events = self.trace.tables["events"]
        created = zip(events["kind"], events["object"], strict=True)
        return not self.steps and ("created", self.deployment) in created

    @cached_property
    def changed_s(self) -> float:
        """Return when the template last changed: the last step, ``started_s`` without one."""
        return max([self.started_s, *(time_s for time_s, _ in self.steps)])

    @cached_property
    def newest(self) -> Generation | None:
        """Return the ReplicaSet of the last template.

        None when it was never created: the Deployment is paused, or Recreate still waits.
        """
        if not self.generations:
            return None
        last = self.generations[-1]
        wanted = self.trace.newest.get(self.deployment)
        if wanted is not None:
            return last if last.replicaset == wanted else None
        rows = self._deployment_rows
        waiting = int(rows["updated"][-1]) == 0 and int(rows["desired"][-1]) > 0
        return None if waiting and not self._revised_by(last) else last

    def _revised_by(self, generation: Generation) -> bool:
        """Whether the last change is what created this ReplicaSet, or gave it its revision."""
        # With instant latencies the change at 0 and the initial state share a moment: then the count of
        # ReplicaSets tells.
        initial = generation.revised_s == self._replicaset_rows["time_s"][0] and len(self.generations) == 1
        return generation.revised_s >= self.changed_s and not initial

    @cached_property
    def completed_s(self) -> float:
        """Return when the Deployment is complete after its last change (scenario's clock, s); inf if never.

        Both its status and the ReplicaSets' own counts must say so: the status of before the change lags,
        and would call the old version complete.
        """
        if self.newest is None:
            return float("inf")
        name = self.newest.replicaset
        status = [self._status(column) for column in ("updated", "current", "available")]
        counted = [self.counts("current", name), self.counts("available", name), self.series("counted")]
        desired = self.series("desired")
        grid = common_times(desired, *status, *counted)
        wanted = step_at(*desired, grid)
        done = np.ones(grid.shape, dtype=np.bool_)
        for times, values in (*status, *counted):
            done &= step_at(times, values, grid) == wanted
        began = max(self.changed_s, self.newest.revised_s)
        return first_where(grid, done, began)

    @cached_property
    def first_available_s(self) -> float:
        """Return when the newest ReplicaSet first has a pod available (scenario's clock, s); inf if never."""
        if self.newest is None:
            return float("inf")
        times, values = self.counts("available", self.newest.replicaset)
        return first_where(times, values > 0, max(self.changed_s, self.newest.revised_s))

    @cached_property
    def drained_s(self) -> float:
        """Return when the last pod of an older ReplicaSet is gone (scenario's clock, s); inf if never."""
        if self.newest is None:
            return float("inf")
        owners = self.pods["replicaset"]
        name = self.newest.replicaset
        old = np.fromiter(map(name.__ne__, owners), dtype=np.bool_, count=len(owners))
        gone = self.column("gone_s")[old]
        if np.isnan(gone).any():
            return float("inf")
        return max(self.started_s, float(gone.max())) if gone.size else self.started_s

    @cached_property
    def deadline_exceeded_s(self) -> float:
        """Return when the progress deadline is first exceeded (scenario's clock, s); inf if never."""
        rows = self._deployment_rows
        if "ProgressDeadlineExceeded" not in rows["progressing_reason"]:
            return float("inf")
        moments = zip(rows["time_s"], rows["progressing_reason"], strict=True)
        start = self.started_s
        return next(
            (float(t) for t, why in moments if why == "ProgressDeadlineExceeded" and t >= start), float("inf")
        )

    @property
    def last_reason(self) -> str:
        """Return the reason of the Progressing condition at the end of the record, "" without one."""
        return str(self._deployment_rows["progressing_reason"][-1])


def series(trace: Trace, deployment: str | None, name: str) -> Steps:
    """Return (times in s, values in pods) of a right-continuous step function.

    The last value holds to ``ended_s``. ``name``: "available", "counted" (not terminating: the sum of
    `current`), "ready", "physical" (created and not gone, Terminating ones included), "desired", "ceiling"
    (desired + maxSurge), "floor" (desired - maxUnavailable), "updated". Of several rows at one moment the
    last one counts. Empty arrays when the record has no such rows. ValueError for an unknown name.
    """
    return Rollout(trace, deployment).series(name)
