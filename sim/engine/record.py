"""Writes the trace: what a watcher of the API would have seen, when it saw it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

from sim.engine.clock import SECOND
from sim.engine.pod_tables import pod_table, state_rows, suffix
from sim.engine.state import NEVER, Cluster, DeploymentObject, ReplicaSetObject
from sim.rules import progress
from sim.spec.profile import Features
from sim.trace import COLUMNS, Table

STATUSES = {NEVER: "", progress.FALSE: "False", progress.TRUE: "True", progress.UNKNOWN: "Unknown"}
REASONS = {
    progress.REASON_NONE: "",
    progress.NEW_REPLICASET_CREATED: "NewReplicaSetCreated",
    progress.FOUND_NEW_REPLICASET: "FoundNewReplicaSet",
    progress.REPLICASET_UPDATED: "ReplicaSetUpdated",
    progress.NEW_REPLICASET_AVAILABLE: "NewReplicaSetAvailable",
    progress.DEADLINE_EXCEEDED: "ProgressDeadlineExceeded",
    progress.PAUSED: "DeploymentPaused",
    progress.RESUMED: "DeploymentResumed",
}


class Timed(Protocol):
    """What knows the time, in microseconds."""

    @property
    def now(self) -> int:
        """The current moment."""


@dataclass(slots=True)
class Typed:
    """A command, and what it has answered so far."""

    started: int
    line: str
    finished: int = NEVER
    exit: int | str = ""
    output: str = ""

    def row(self) -> tuple[float, float, str, int | str, str]:
        """Return it as a row of the trace."""
        finished_s = self.finished / SECOND if self.finished != NEVER else math.nan
        return self.started / SECOND, finished_s, self.line, self.exit, self.output


class Recorder:
    """Collects rows as tuples; `tables` turns them into columns.

    ``images``: the images of every template, by its number. ``salt``: what makes the pods' names.
    """

    def __init__(
        self, env: Timed, cluster: Cluster, images: dict[int, str], nodes: list[str], salt: int
    ) -> None:
        self._salt = salt
        self._env = env
        self._cluster = cluster
        self._images = images
        self._nodes = nodes
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
        self._last: dict[tuple[str, str], tuple[Any, ...]] = {}
        self._replicasets: dict[int, ReplicaSetObject] = {}
        self._typed: list[Typed] = []
        self._first_step: int | None = None
        self.changed = 0  # the last moment at which anything was recorded

    def replicaset(self, rs: ReplicaSetObject) -> None:
        """Record ``rs`` if what is on record of it has changed."""
        self._replicasets[rs.key] = rs
        image = self._images[rs.template]
        row = (rs.deployment, rs.name, rs.revision, image, rs.spec, rs.replicas, rs.ready, rs.available)
        self._if_changed("replicasets", rs.name, row)

    def deployment(self, d: DeploymentObject) -> None:
        """Record ``d`` if what is on record of it has changed; a new Progressing reason is an event too."""
        counts = (d.desired, d.replicas, d.updated, d.ready, d.available, d.unavailable)
        updated_s = d.last_update / SECOND if d.status != NEVER else math.nan
        row = (d.name, *counts, STATUSES[d.status], REASONS[d.reason], updated_s)
        before = self._last.get(("deployments", d.name))
        self._if_changed("deployments", d.name, row)
        if before is not None and before[-2] != row[-2]:
            self.event("condition", d.name, row[-2], f"Progressing is {row[-3] or 'unset'}")
        limits = (
            d.name,
            d.desired,
            d.desired + d.max_surge,
            d.desired - d.max_unavailable if d.rolling else 0,
        )
        self._if_changed("limits", d.name, limits)

    def replicaset_gone(self, rs: ReplicaSetObject) -> None:
        """Record that ``rs`` is no more: it asks for nothing and counts nothing."""
        self._if_changed(
            "replicasets",
            rs.name,
            (rs.deployment, rs.name, rs.revision, self._images[rs.template], 0, 0, 0, 0),
        )

    def asked(self, d: DeploymentObject, replicaset: str, reason: str = "") -> None:
        """Record what is asked of ``d``, if that has changed; ``replicaset`` is that of its template."""
        row = (d.name, reason, replicaset, self._images[d.template], d.desired, d.max_unavailable, d.paused)
        before = self._last.get(("specs", d.name))
        if reason in ("Created", "Deleted") or before is None or before[2:] != row[2:]:
            self._if_changed("specs", d.name, row)

    def deployment_gone(self, d: DeploymentObject) -> None:
        """Record that ``d`` is no more."""
        self._if_changed("deployments", d.name, (d.name, 0, 0, 0, 0, 0, 0, "", "", math.nan))
        self._if_changed("limits", d.name, (d.name, 0, 0, 0))

    def endpoints(self, service: str, ready: int) -> None:
        """Record the number of ready addresses of ``service`` if it has changed."""
        self._if_changed("endpoints", service, (service, ready))

    def event(self, kind: str, about: str, reason: str, message: str) -> None:
        """Record in words what happened to the object ``about``."""
        self._add("events", (kind, about, reason, message))
        if kind == "step" and self._first_step is None:
            self._first_step = self._env.now

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """Return the rows of a table so far, each with its time in seconds first."""
        return self._rows[table]

    def scalings(self, deployment: str) -> list[tuple[float, str]]:
        """Return (time_s, message) of every time a ReplicaSet of ``deployment`` was scaled."""
        return [
            (time_s, message)
            for time_s, kind, name, _, message in self._rows["events"]
            if kind == "scale" and name == deployment
        ]

    @property
    def started(self) -> int:
        """When the first step came; 0 without one."""
        return self._first_step or 0

    def command(self, line: str) -> Typed:
        """Record that ``line`` is typed now; what is answered is added to the result."""
        typed = Typed(self._env.now, line)
        self._typed.append(typed)
        self._add("events", ("command", "", "Typed", line))
        return typed

    def ended(self, typed: Typed, exit_code: int) -> None:
        """Record that a command ends now."""
        self.changed = typed.finished = self._env.now
        typed.exit = exit_code

    def scaled(
        self, deployment: str, rs: ReplicaSetObject, before: int, size: int, features: Features
    ) -> None:
        """Record that ``rs`` is scaled to ``size``, in the words of the version."""
        text = f"Scaled {'up' if size > before else 'down'} replica set {rs.name} "
        if features.scaled_from_to:
            text += f"from {before} to {size}"
        else:
            # Of a ReplicaSet that was created with its size nothing was said about a size before.
            grew = features.scaled_from and rs.version > 1
            text += f"to {size}" + (f" from {before}" if grew else "")
        self.event("scale", deployment, "ScalingReplicaSet", text)

    def cleaned_up(self, deployment: str, rs: ReplicaSetObject) -> None:
        """Record that ``rs`` is deleted because the history is full."""
        text = f"Deleted replica set {rs.name} of revision {rs.revision}"
        self.event("history", deployment, "ReplicaSetDeleted", text)

    def left_out(self, what: str, why: str) -> None:
        """Record that the step ``what`` is not taken."""
        self.event("skipped", "", "LeftOut", f"{what}: {why}")

    def never_starts(self, pod: int) -> None:
        """Record that the container of ``pod`` cannot be started."""
        self._fault(pod, "Failed", "The container cannot be started")

    def turned_unready(self, pod: int) -> None:
        """Record that ``pod`` is ready no longer."""
        self._fault(pod, "Unready", "Readiness probe failed")

    def crashed(self, pod: int, restarts: int, cause: str) -> None:
        """Record that the container of ``pod`` has ended, and is started anew, ``restarts`` times so far."""
        self._fault(pod, "BackOff", f"Container ended ({cause}), restart {restarts}")

    def _fault(self, pod: int, reason: str, message: str) -> None:
        self.event("fault", self._name(pod), reason, message)

    def state(self, pod: int, state: str) -> None:
        """Record a state of ``pod`` that its moments do not tell."""
        self._add("states", (self._name(pod), state))

    def _name(self, pod: int) -> str:
        return f"{self._replicasets[self._cluster.pods.replicaset[pod]].name}-{suffix(pod, self._salt)}"

    def _if_changed(self, table: str, key: str, row: tuple[Any, ...]) -> None:
        if self._last.get((table, key)) != row:
            self._last[table, key] = row
            self._add(table, row)

    def _add(self, table: str, row: tuple[Any, ...]) -> None:
        self.changed = now = self._env.now
        self._rows[table].append((now / SECOND, *row))

    def tables(self) -> dict[str, Table]:
        """Return every table of the trace, its rows in order of time."""
        pods, replicasets = self._cluster.pods, self._replicasets
        stems = {key: rs.name + "-" for key, rs in replicasets.items()}
        names = [stems[pods.replicaset[pod]] + suffix(pod, self._salt) for pod in range(len(pods))]
        states = self._rows["states"]
        self._rows["states"] = sorted([*states, *state_rows(pods, names)], key=_in_order)
        about = {key: (rs.name, rs.revision, self._images[rs.template]) for key, rs in replicasets.items()}
        self._rows["commands"] = [typed.row() for typed in self._typed]
        tables = {name: self._columns(name) for name in COLUMNS}
        return tables | {"pods": pod_table(pods, names, about, self._nodes)}

    def _columns(self, name: str) -> Table:
        rows = self._rows[name]
        columns = map(list, zip(*rows, strict=True)) if rows else ([] for _ in COLUMNS[name])
        return dict(zip(COLUMNS[name], columns, strict=True))


def _in_order(row: tuple[float, str, str]) -> tuple[float, int]:
    """Return what orders the states of all pods: time, and within an instant that a container crashed after
    it began and before its pod ends.
    """
    return row[0], {"crashed": 1, "terminating": 2, "gone": 2}.get(row[2], 0)
