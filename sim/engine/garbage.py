"""The garbage collector: what a deleted Deployment or ReplicaSet owned is deleted too, in the background.

Follows pkg/controller/garbagecollector: for every dependent it asks the API server whether the owner is
really gone,
and then deletes it, through a client of its own with twice the controllers' rate.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

from sim.engine.api import ApiServer
from sim.engine.clock import Clock
from sim.engine.queues import Client
from sim.engine.state import NEVER, Cluster, DeploymentObject, ReplicaSetObject


@dataclass(slots=True)
class GarbageCollector:
    """``delete_pod``: marks a pod for deletion, as everybody sees it."""

    env: Clock
    cluster: Cluster
    api: ApiServer
    client: Client
    delete_pod: Callable[[int], object] = field(init=False)
    _gone: set[int] = field(default_factory=set)  # uids of deleted Deployments

    def deployment_gone(self, d: DeploymentObject) -> None:
        """Delete the ReplicaSets of ``d``."""
        self._gone.add(d.uid)
        for rs in self.cluster.seen_replicasets.values():
            self.replicaset_seen(rs)

    def replicaset_seen(self, rs: ReplicaSetObject) -> None:
        """Delete ``rs`` if its Deployment is gone."""
        if rs.owner in self._gone:
            self.env.process(self._collect(self.api.remove_replicaset, rs.key))

    def replicaset_gone(self, rs: ReplicaSetObject) -> None:
        """Delete the pods of ``rs``."""
        for pod in self.cluster.owned[rs.key].active:
            self.pod_seen(pod)

    def pod_seen(self, pod: int) -> None:
        """Delete ``pod`` if its ReplicaSet is gone."""
        if self.cluster.pods.replicaset[pod] not in self.cluster.replicasets:
            self.env.process(self._collect(self._delete, pod))

    def _collect(self, delete: Callable[[int], object], number: int) -> Generator[simpy.Event, Any, None]:
        yield self.env.timeout(self.client.request())
        yield self.env.timeout(self.client.request())
        delete(number)

    def _delete(self, pod: int) -> None:
        if self.cluster.pods.deleted[pod] == NEVER:
            self.delete_pod(pod)
