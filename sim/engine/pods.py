"""What a pod's change sets off: its ReplicaSet's counts and controller, its Services, its node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sim.engine.clock import Call, Clock
from sim.engine.endpoints import ABSENT, READY, UNREADY, EndpointsController
from sim.engine.garbage import GarbageCollector
from sim.engine.node import Kubelets
from sim.engine.queues import Client, WorkQueue
from sim.engine.replicasets import ReplicaSetController
from sim.engine.scheduler import Spread
from sim.engine.stamps import Stamps
from sim.engine.state import NEVER, RUNNING, Cluster, PodTable
from sim.engine.templates import Luck, Template
from sim.rules.deployment import recreate_enqueues


@dataclass(slots=True)
class Pods:
    """Applies what the informers see of pods to the counts, and wakes whoever cares. ``luck``: of each
    ReplicaSet, by its number. ``had``: how many pods each node ever had."""

    env: Clock
    cluster: Cluster
    table: PodTable
    stamps: Stamps
    spread: Spread
    scheduler: Client
    luck: dict[int, Luck]
    replicasets: ReplicaSetController
    deployments: WorkQueue
    endpoints: EndpointsController
    kubelets: Kubelets
    garbage: GarbageCollector
    had: list[int]
    changed: Callable[[], object] = field(default=lambda: None)  # told when a pod turns ready or goes

    def add(self, key: int) -> int:
        """Add a pod of the ReplicaSet ``key``, which no node has yet, and return its number."""
        owned = self.cluster.owned[key]
        luck = self.luck[key]
        ordinal = luck.pods
        luck.pods = ordinal + 1
        owned.present += 1
        now = self.env.now
        pod = self.table.add(key, ordinal, now, self.stamps.at(now))
        owned.active[pod] = None
        return pod

    def template(self, pod: int) -> Template:
        """Return the template of a pod."""
        return self.luck[self.table.replicaset[pod]].template

    def create(self, key: int) -> None:
        """Add a pod of the ReplicaSet ``key`` and look for a node."""
        pod = self.add(key)
        self.garbage.pod_seen(pod)
        luck, ordinal = self.luck[key], self.table.ordinal[pod]
        luck.foresee(ordinal)
        takes = luck.schedule[ordinal]
        Call(self.env, self.scheduler.request() + takes, self._bound, pod)

    def _bound(self, event: Any) -> None:
        pod: int = event.value
        table = self.table
        if table.deleted[pod] != NEVER:
            return
        self.place(pod)
        table.scheduled[pod] = self.env.now
        self.updated(pod)
        self.kubelets.bound(pod)

    def place(self, pod: int) -> None:
        """Choose a node for the pod."""
        node = self.spread.place(self.cluster.owner[self.table.replicaset[pod]])
        self.table.node[pod], self.table.slot[pod] = node, self.had[node]
        self.had[node] += 1

    def running(self, pod: int) -> None:
        """Show the pod's address to the Services that publish it before it is ready."""
        self.endpoints.pod_changed(self.template(pod).number, ABSENT, UNREADY)

    def updated(self, pod: int) -> None:
        """Wake the ReplicaSet when only time can have made a difference: with minReadySeconds."""
        rs = self.cluster.replicasets.get(self.table.replicaset[pod])
        if rs is not None and rs.min_ready > 0:
            self.replicasets.queue.add(rs.key)

    def became_ready(self, pod: int) -> None:
        """Count the pod as ready."""
        key = self.table.replicaset[pod]
        self.cluster.owned[key].became_ready(self.table, pod)
        self.replicasets.pod_became_ready(key)
        self.endpoints.pod_changed(self.luck[key].template.number, UNREADY, READY)
        self.changed()

    def lost_ready(self, pod: int) -> None:
        """Count the pod as ready no longer."""
        key = self.table.replicaset[pod]
        self.cluster.owned[key].lost(self.table, pod)
        self.replicasets.queue.add(key)
        self.endpoints.pod_changed(self.luck[key].template.number, READY, UNREADY)

    def deleted(self, pod: int) -> None:
        """Count the pod as terminating and stop it."""
        table = self.table
        key = table.replicaset[pod]
        before = READY if table.ready[pod] else UNREADY
        owned = self.cluster.owned[key]
        del owned.active[pod]
        table.ready_at_end[pod] = table.ready[pod]
        owned.lost(table, pod)
        table.deleted[pod] = self.env.now
        if table.node[pod] >= 0:
            self.spread.leave(self.cluster.owner[key], table.node[pod])
        if table.phase[pod] == RUNNING:
            self.endpoints.pod_changed(self.luck[key].template.number, before, ABSENT)
        self.kubelets.stop(pod)

    def gone(self, pod: int) -> None:
        """Forget the pod: its object no longer exists."""
        key = self.table.replicaset[pod]
        self.table.gone[pod] = self.env.now
        self.cluster.owned[key].present -= 1
        self.changed()
        # deployment_controller.go, deletePod: found through the ReplicaSet, if that is still there.
        rs = self.cluster.seen_replicasets.get(key)
        d = self.cluster.seen_deployments.get(rs.deployment) if rs is not None else None
        if rs is None or d is None or d.rolling or rs.owner != d.uid:
            return
        left = sum(self.cluster.owned[other.key].present for other in self.cluster.seen_of(d))
        if recreate_enqueues(not d.rolling, left):
            self.deployments.add(d.name)
