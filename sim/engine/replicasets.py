"""The ReplicaSet controller: creating and deleting pods until there are as many as asked for, and counting
them.

Follows pkg/controller/replicaset/replica_set.go: expectations, slow-start batches, the deletion order, the
status of the pods as listed before it acted, and the re-checks for minReadySeconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from sim.engine.api import ApiServer, Writing
from sim.engine.clock import SECOND, Call, Clock
from sim.engine.queues import Client, EventRecorder, WorkQueue
from sim.engine.ranking import Ranking
from sim.engine.record import Recorder
from sim.engine.state import NEVER, Cluster, OwnedPods, ReplicaSetObject
from sim.rules import replicaset as rules


class PodStore(Protocol):
    """Where pods are created and marked for deletion."""

    def create(self, key: int) -> None:
        """A pod of the ReplicaSet ``key`` exists."""

    def deleted(self, pod: int) -> None:
        """The pod is marked for deletion."""


@dataclass(slots=True)
class ReplicaSetController:
    """Syncs ReplicaSets, by their number; see `sync`."""

    env: Clock
    cluster: Cluster
    api: ApiServer
    client: Client
    events: EventRecorder
    recorder: Recorder
    ranking: Ranking
    precise: bool  # minReadySeconds is re-checked when the next pod is due (1.34 and later)
    queue: WorkQueue
    pods: PodStore = field(init=False)

    def sync(self, key: int) -> Writing:
        """Compare the ReplicaSet ``key`` with its pods, create or delete some, and write its status."""
        rs = self.cluster.seen_replicasets.get(key)
        if rs is None:
            return True
        owned = self.cluster.owned[key]
        for pod in owned.count_available(self.cluster.pods, rs.min_ready, self.env.now):
            self.recorder.state(pod, "available")
        active, ready, available = len(owned.active), owned.ready, owned.available
        if active != rs.spec and owned.creates_expected == 0 == owned.deletes_expected:
            waiting = owned.still_waiting(self.cluster.pods) if available < ready else []
            if active < rs.spec:
                yield from self._create(rs, owned, rules.creates(active, rs.spec))
            else:
                yield from self._delete(rs, owned, rules.deletes(active, rs.spec))
            # Counts are of the pods as listed at the start; whether one was ready long enough is asked now.
            available += sum(stamp + rs.min_ready <= self.env.now for stamp in waiting)
        if (rs.replicas, rs.ready, rs.available, rs.observed) == (active, ready, available, rs.generation):
            self._look_again(rs, self.env.now)
            return True
        return (yield from self._write_status(rs, active, ready, available))

    def pod_became_ready(self, key: int) -> None:
        """Look again at the ReplicaSet ``key`` when a pod that has just become ready may be available."""
        self.queue.add(key)
        rs = self.cluster.seen_replicasets.get(key)
        if rs is not None and rs.min_ready > 0:
            self.queue.add_after(key, int(rules.recheck_on_ready(rs.min_ready, SECOND, self.precise)))

    def _create(self, rs: ReplicaSetObject, owned: OwnedPods, number: int) -> Any:
        owned.creates_expected += number
        batch = rules.slow_start_next(0, number)
        while batch > 0:
            number -= batch
            last = 0
            for _ in range(batch):
                delay = self.client.request()
                last = max(last, delay)
                Call(self.env, delay + self.api.watch_hop(), self._pod_created, rs.key)
            yield self.env.timeout(last)
            batch = rules.slow_start_next(batch, number)

    def _pod_created(self, event: Any) -> None:
        key: int = event.value
        self.cluster.owned[key].creates_expected -= 1
        self.pods.create(key)
        self.queue.add(key)
        self.events.post(key)

    def _delete(self, rs: ReplicaSetObject, owned: OwnedPods, number: int) -> Any:
        owned.deletes_expected += number
        last = 0
        for pod in self.ranking.first_to_go(rs, owned, number):
            delay = self.client.request()
            last = max(last, delay)
            Call(self.env, delay + self.api.watch_hop(), self._pod_deleted, (rs.key, pod))
        yield self.env.timeout(last)

    def _pod_deleted(self, event: Any) -> None:
        key, pod = event.value
        self.cluster.owned[key].deletes_expected -= 1
        self.queue.add(key)
        self.events.post(key)
        # Somebody else may have been faster.
        if self.cluster.pods.deleted[pod] == NEVER:
            self.pods.deleted(pod)

    def _write_status(self, rs: ReplicaSetObject, replicas: int, ready: int, available: int) -> Writing:
        observed, counted_at = rs.generation, self.env.now
        for last_try in (False, True):
            new = rs.copy()
            new.replicas, new.ready, new.available, new.observed = replicas, ready, available, observed
            if (yield from self.api.write_replicaset(self.client, new)):
                self._look_again(new, counted_at)
                return True
            if last_try:
                break
            yield self.env.timeout(self.client.request())
            stored = self.cluster.replicasets.get(rs.key)
            if stored is None:
                return True
            rs = stored
        return False

    def _look_again(self, rs: ReplicaSetObject, counted_at: int) -> None:
        if rs.min_ready <= 0:
            return
        owned = self.cluster.owned[rs.key]
        due_in = 0
        if self.precise and rs.ready != rs.available:
            dues = (stamp + rs.min_ready for stamp in owned.still_waiting(self.cluster.pods))
            # What was due when the pods were counted is in the status, or kept out by a stale object: to look
            # again at once would find the same until the informers know better.
            due = min((one for one in dues if one > counted_at), default=NEVER)
            due_in = max(0, due - self.env.now) if due != NEVER else NEVER
        wait = int(
            rules.recheck_after_sync(rs.min_ready, rs.ready, rs.available, rs.spec, due_in, self.precise)
        )
        if wait >= 0:
            self.queue.add_after(rs.key, wait)
