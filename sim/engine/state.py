"""The cluster as data: API objects, what the informers have seen of them, and the invariants of both.

Times are whole microseconds on the simulated clock; NEVER (-1) is a moment that has not come. Pods are rows
of flat columns, numbered in order of creation.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Self

from sim.rules.replicaset import status_counts
from sim.spec.manifest import Deployment

NEVER = -1
PENDING, UNKNOWN, RUNNING = 0, 1, 2


class _Versioned:
    """An API object: never changed once stored, but copied, changed and written back."""

    version: int

    def copy(self) -> Self:
        """Return a copy whose fields may be changed before it is written."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        return new


class DeploymentObject(_Versioned):
    """A Deployment as the API server holds it: what decides of its spec, and its status."""

    name: str
    uid: int  # tells it from another of its name, before or after it
    manifest: Deployment  # its spec as text; what decides of it is in the fields below
    annotations: Mapping[str, str]  # without the revision
    created: int
    desired: int
    rolling: bool
    max_surge: int  # resolved: pods above desired
    max_unavailable: int  # resolved: pods below desired
    min_ready: int
    deadline: int  # NEVER: none
    history_limit: int  # NEVER: none
    paused: bool
    template: int
    generation: int
    observed: int
    replicas: int
    updated: int
    ready: int
    available: int
    unavailable: int
    available_condition: int  # a status of rules.progress, NEVER when it is absent
    revision: int  # 0: none yet
    status: int  # of the Progressing condition: a number of rules.progress, NEVER when it is absent
    reason: int
    last_update: int
    last_transition: int


class ReplicaSetObject(_Versioned):
    """A ReplicaSet as the API server holds it."""

    key: int  # its number, in order of creation
    name: str
    deployment: str
    owner: int  # the uid of its Deployment
    annotations: Mapping[str, str]  # without revisions and sizes
    history: str  # the revision-history annotation: revisions that it had before
    template: int
    created: int
    spec: int
    min_ready: int
    generation: int
    desired_annotation: int
    max_annotation: int
    revision: int
    observed: int
    replicas: int
    ready: int
    available: int


COUNTERS = {"phase", "ready", "ready_at_end", "counted", "restarts", "attempt", "slot"}
ZEROS, NEVERS = array("q", [0] * 128), array("q", [NEVER] * 128)  # rows are laid out so many at a time


class PodTable:
    """Every pod ever created: one row each, in flat columns that NumPy reads without copying."""

    __slots__ = (
        "_length",
        "attempt",
        "available",
        "counted",
        "created",
        "created_stamp",
        "deleted",
        "died",
        "gone",
        "node",
        "ordinal",
        "phase",
        "pull_begin",
        "pull_end",
        "ready",
        "ready_at_end",
        "ready_first",
        "ready_stamp",
        "replicaset",
        "restarts",
        "running",
        "scheduled",
        "slot",
        "started",
        "up",
        "waits",
    )

    def __init__(self) -> None:
        self._length = 0
        for column in self._columns():
            setattr(self, column, array("q"))

    def _columns(self) -> Iterator[str]:
        return (name for name in self.__slots__ if name != "_length")

    replicaset: array[int]
    ordinal: array[int]  # among the pods of the same template
    node: array[int]
    phase: array[int]
    ready: array[int]  # 1 while the informers see it Ready
    ready_at_end: array[int]  # 1 if it was when it was told to stop
    slot: array[int]  # how many pods its node had had before it
    ready_stamp: array[int]  # the Ready condition's whole-second transition time
    waits: array[int]  # the stamp with which it waits to be counted as available, NEVER when it does not
    counted: array[int]  # 1 while its ReplicaSet counts it as available
    restarts: array[int]
    attempt: array[int]  # the kubelet's number of the current container
    created: array[int]
    created_stamp: array[int]
    scheduled: array[int]
    pull_begin: array[int]
    pull_end: array[int]
    started: array[int]  # when its current container started, or will
    running: array[int]
    died: array[int]  # when its last container ended by itself
    up: array[int]  # from when on the application in the current container answers
    ready_first: array[int]
    available: array[int]
    deleted: array[int]
    gone: array[int]

    def __len__(self) -> int:
        return self._length

    def add(self, replicaset: int, ordinal: int, now: int, stamp: int) -> int:
        """Append a pod created at ``now`` (and stamped so) that no node has yet; return its number."""
        pod = self._length
        if pod == len(self.created):
            self._grow()
        self._length = pod + 1
        self.replicaset[pod] = replicaset
        self.ordinal[pod] = ordinal
        self.created[pod] = now
        self.created_stamp[pod] = stamp
        return pod

    def _grow(self) -> None:
        for column in self._columns():
            getattr(self, column).extend(ZEROS if column in COUNTERS else NEVERS)


class OwnedPods:
    """One ReplicaSet's pods as its controller's informer sees them, counted as they change.

    ``active``: neither terminating nor gone; ``present``: not gone. The expectations are the creates and
    deletes that were asked for and not yet seen.
    """

    __slots__ = (
        "active",
        "available",
        "creates_expected",
        "deletes_expected",
        "present",
        "ready",
        "waiting",
    )

    def __init__(self) -> None:
        self.active: dict[int, None] = {}
        self.present = 0
        self.ready = 0
        self.available = 0
        self.creates_expected = 0
        self.deletes_expected = 0
        self.waiting: list[tuple[int, int]] = []  # (ready stamp, pod): ready, not yet counted as available

    def became_ready(self, pods: PodTable, pod: int) -> None:
        """Note that ``pod`` is seen Ready."""
        pods.ready[pod] = 1
        self.ready += 1
        stamp = pods.ready_stamp[pod]
        if pods.waits[pod] != stamp:  # ready again within the second in which it was ready before
            pods.waits[pod] = stamp
            heapq.heappush(self.waiting, (stamp, pod))

    def lost(self, pods: PodTable, pod: int) -> None:
        """Note that ``pod`` is ready no longer, or going away."""
        if pods.ready[pod]:
            pods.ready[pod] = 0
            self.ready -= 1
        if pods.counted[pod]:
            pods.counted[pod] = 0
            self.available -= 1

    def count_available(self, pods: PodTable, min_ready: int, now: int) -> list[int]:
        """Count the pods ready for ``min_ready`` at ``now``; return those that were available once before."""
        waiting, again = self.waiting, []
        while waiting and waiting[0][0] + min_ready <= now:
            stamp, pod = heapq.heappop(waiting)
            if pods.waits[pod] == stamp:
                pods.waits[pod] = NEVER
            if pods.ready[pod] and not pods.counted[pod] and pods.ready_stamp[pod] == stamp:
                pods.counted[pod] = 1
                self.available += 1
                if pods.available[pod] == NEVER:
                    pods.available[pod] = now
                else:
                    again.append(pod)
        return again

    def still_waiting(self, pods: PodTable) -> list[int]:
        """Return the ready stamps of the pods that are ready and not yet counted as available."""
        return [
            s for s, p in self.waiting if pods.ready[p] and not pods.counted[p] and pods.ready_stamp[p] == s
        ]


def _age(rs: ReplicaSetObject) -> tuple[int, str]:
    # controller_utils.go, ReplicaSetsByCreationTimestamp: equal stamps are ordered by name.
    return rs.created, rs.name


class Cluster:
    """The API server's objects, the informers' copies of them, and the pods."""

    def __init__(self) -> None:
        self.deployments: dict[str, DeploymentObject] = {}
        self.replicasets: dict[int, ReplicaSetObject] = {}
        self.seen_deployments: dict[str, DeploymentObject] = {}
        self.seen_replicasets: dict[int, ReplicaSetObject] = {}
        self.owned: dict[int, OwnedPods] = {}
        self.owner: dict[int, str] = {}  # the Deployment of every ReplicaSet there ever was
        self.pods = PodTable()

    def seen_of(self, d: DeploymentObject) -> list[ReplicaSetObject]:
        """Return the ReplicaSets of ``d`` that the informers know, oldest first."""
        owned = [rs for rs in self.seen_replicasets.values() if rs.owner == d.uid]
        return sorted(owned, key=_age) if len(owned) > 1 else owned

    def replicasets_of(self, d: DeploymentObject) -> list[ReplicaSetObject]:
        """Return the ReplicaSets of ``d`` that exist, oldest first."""
        return sorted((rs for rs in self.replicasets.values() if rs.owner == d.uid), key=_age)

    def check(self) -> None:
        """Raise AssertionError unless the counters agree with the pods they count. Slow: for tests."""
        pods = self.pods
        present = Counter(pods.replicaset[p] for p in range(len(pods)) if pods.gone[p] == NEVER)
        for key, owned in self.owned.items():
            # What is counted as it changes has to be what Kubernetes' rule counts afresh.
            ready, stamps = (
                [pods.ready[p] > 0 for p in owned.active],
                [pods.ready_stamp[p] for p in owned.active],
            )
            assert (len(owned.active), owned.ready) == status_counts(ready, stamps, 0, 0)[:2], (key, "ready")
            assert owned.available == sum(pods.counted[p] for p in owned.active), (key, "available")
            assert owned.available <= owned.ready <= len(owned.active), (key, "order")
            assert owned.present == present[key], (key, "present")
            assert owned.creates_expected >= 0 <= owned.deletes_expected, (key, "expectations")
            for pod in owned.active:
                assert pods.replicaset[pod] == key, (key, "owner")
                assert pods.deleted[pod] == NEVER == pods.gone[pod], (key, "active pod was deleted")
        for pod in range(len(pods)):
            came = [
                pods.created[pod],
                pods.scheduled[pod],
                pods.running[pod],
                pods.ready_first[pod],
                pods.available[pod],
            ]
            known = [t for t in came if t != NEVER]
            assert known == sorted(known), (pod, came)
            assert pods.gone[pod] == NEVER or pods.gone[pod] >= pods.deleted[pod] > NEVER, pod
