"""Writes the trace: what a watcher of the API would have seen, when it saw it."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from sim.engine.clock import SECOND, Clock
from sim.engine.state import NEVER, Cluster, DeploymentObject, ReplicaSetObject
from sim.rules import progress
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
STATES = (
    "pending",
    "starting",
    "pulling",
    "starting",
    "unready",
    "ready",
    "available",
    "terminating",
    "gone",
)
DELETED = STATES.index("terminating")
LATER = 1 << 62
NAN = float("nan")
# What Kubernetes makes random names of: no vowels, and nothing that looks like one.
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
SUFFIXES = len(ALPHABET) ** 5
PLACES = tuple(len(ALPHABET) ** i for i in range(5))


class Recorder:
    """Collects rows as tuples; `tables` turns them into columns. ``images``: the images of every template, by
    its number."""

    def __init__(
        self, env: Clock, cluster: Cluster, images: dict[int, str], nodes: list[str], salt: int
    ) -> None:
        self._salt = salt
        self._env = env
        self._cluster = cluster
        self._images = images
        self._nodes = nodes
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
        self._last: dict[tuple[str, str], tuple[Any, ...]] = {}
        self._replicasets: dict[int, ReplicaSetObject] = {}
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
        row = (d.name, *counts, STATUSES[d.status], REASONS[d.reason])
        before = self._last.get(("deployments", d.name))
        self._if_changed("deployments", d.name, row)
        if before is not None and before[-1] != row[-1]:
            self.event("condition", d.name, row[-1], f"Progressing is {row[-2] or 'unset'}")
        limits = (
            d.name,
            d.desired,
            d.desired + d.max_surge,
            d.desired - d.max_unavailable if d.rolling else 0,
        )
        self._if_changed("limits", d.name, limits)

    def endpoints(self, service: str, ready: int) -> None:
        """Record the number of ready addresses of ``service`` if it has changed."""
        self._if_changed("endpoints", service, (service, ready))

    def event(self, kind: str, about: str, reason: str, message: str) -> None:
        """Record in words what happened to the object ``about``."""
        self._add("events", (kind, about, reason, message))

    def pod_event(self, pod: int, reason: str, message: str) -> None:
        """Record in words what went wrong with ``pod``."""
        self.event("fault", self._name(pod), reason, message)

    def state(self, pod: int, state: str) -> None:
        """Record a state of ``pod`` that its moments do not tell."""
        self._add("states", (self._name(pod), state))

    def _name(self, pod: int) -> str:
        # A different suffix for every pod: the multiplier is prime to the number of suffixes, a power of 3.
        number = (pod * 5_000_011 + self._salt) % SUFFIXES
        letters = "".join([ALPHABET[number // place % 27] for place in PLACES])
        return f"{self._replicasets[self._cluster.pods.replicaset[pod]].name}-{letters}"

    def _if_changed(self, table: str, key: str, row: tuple[Any, ...]) -> None:
        if self._last.get((table, key)) != row:
            self._last[table, key] = row
            self._add(table, row)

    def _add(self, table: str, row: tuple[Any, ...]) -> None:
        self.changed = now = self._env.now
        self._rows[table].append((now / SECOND, *row))

    def tables(self) -> dict[str, Table]:
        """Return every table of the trace, its rows in order of time."""
        names = [self._name(pod) for pod in range(len(self._cluster.pods))]
        self._rows["pods"] = list(self._pod_rows(names))
        self._rows["states"] += self._state_rows(names)
        self._rows["states"].sort(key=itemgetter(0))
        return {
            name: dict(zip(columns, map(list, zip(*self._rows[name], strict=True)), strict=True))
            if self._rows[name]
            else {column: [] for column in columns}
            for name, columns in COLUMNS.items()
        }

    def _pod_rows(self, names: list[str]) -> Iterator[tuple[Any, ...]]:
        pods = self._cluster.pods
        about = {
            key: (rs.name, rs.revision, self._images[rs.template]) for key, rs in self._replicasets.items()
        }
        columns = (
            pods.created,
            pods.scheduled,
            pods.running,
            pods.ready_first,
            pods.available,
            pods.deleted,
            pods.gone,
        )
        moments = zip(
            *([t / SECOND if t >= 0 else NAN for t in column[: len(names)]] for column in columns),
            strict=True,
        )
        for name, key, node, times in zip(names, pods.replicaset, pods.node, moments, strict=False):
            yield (name, *about[key], self._nodes[node] if node >= 0 else "", *times)

    def _state_rows(self, names: list[str]) -> list[tuple[float, str, str]]:
        # Of several states in one instant only the last is one, and what the deletion overtook never was.
        pods = self._cluster.pods
        columns = (
            pods.created,
            pods.scheduled,
            pods.pull_begin,
            pods.pull_end,
            pods.running,
            pods.ready_first,
            pods.available,
            pods.deleted,
            pods.gone,
        )
        rows: list[tuple[float, str, str]] = []
        for name, *moments in zip(names, *columns, strict=False):
            end = moments[DELETED] if moments[DELETED] != NEVER else LATER
            after = LATER
            for i in range(len(STATES) - 1, -1, -1):
                at = moments[i]
                if at != NEVER and (i >= DELETED or (at < end and at < after)):
                    rows.append((at / SECOND, name, STATES[i]))
                    after = at
        # Latest first within a pod, so turned round: equal moments of different pods keep the pods' order.
        rows.reverse()
        return rows
