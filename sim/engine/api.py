"""The API server: it stores objects, refuses stale writes, and tells the informers, each kind in order.

An object is written whole and only if nobody wrote it since its writer read it (resourceVersion); what the
informers show lags by a watch hop. Both controllers live in one process and share the informers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import simpy

from sim.engine.clock import Call, Clock
from sim.engine.queues import Client
from sim.engine.state import Cluster, DeploymentObject, ReplicaSetObject

Writing = Generator[simpy.Event, Any, bool]


class ApiServer:
    """Objects in, watch events out. Handlers are called with an object after the informers have it."""

    def __init__(self, env: Clock, cluster: Cluster, watch: Iterator[int]) -> None:
        self.env = env
        self._cluster = cluster
        self.watch_hop: Callable[[], int] = watch.__next__
        self._last_seen = {"deployments": 0, "replicasets": 0, "endpoints": 0}
        self.on_deployment: list[Callable[[DeploymentObject], object]] = []
        self.on_deployment_gone: list[Callable[[DeploymentObject], object]] = []
        self.on_replicaset: list[Callable[[ReplicaSetObject], object]] = []
        self.on_replicaset_gone: list[Callable[[ReplicaSetObject], object]] = []

    @property
    def now(self) -> int:
        """The current moment."""
        return self.env.now

    def write_deployment(self, client: Client, new: DeploymentObject) -> Writing:
        """Write ``new`` through ``client``; the result is False on a conflict or when it exists no more."""
        yield self.env.timeout(client.request())
        stored = self._cluster.deployments.get(new.name)
        if stored is None or (stored.uid, stored.version) != (new.uid, new.version):
            return False
        self.store_deployment(new)
        return True

    def store_deployment(self, new: DeploymentObject) -> None:
        """Store ``new`` now, whatever its version, as a patch and a create do."""
        new.version += 1
        self._cluster.deployments[new.name] = new
        Call(self.env, self.delivery("deployments"), self._deployment_seen, new)

    def delete_deployment(self, name: str) -> None:
        """Delete the Deployment ``name`` now; what it owns is left to the garbage collector."""
        old = self._cluster.deployments.pop(name)
        Call(self.env, self.delivery("deployments"), self._deployment_gone, old)

    def _deployment_seen(self, event: Any) -> None:
        new: DeploymentObject = event.value
        self._cluster.seen_deployments[new.name] = new
        for handle in self.on_deployment:
            handle(new)

    def _deployment_gone(self, event: Any) -> None:
        old: DeploymentObject = event.value
        seen = self._cluster.seen_deployments
        if old.name in seen and seen[old.name].uid == old.uid:
            del seen[old.name]
        for handle in self.on_deployment_gone:
            handle(old)

    def write_replicaset(self, client: Client, new: ReplicaSetObject) -> Writing:
        """Write ``new`` through ``client``; the result is False on a conflict or when it exists no more."""
        yield self.env.timeout(client.request())
        stored = self._cluster.replicasets.get(new.key)
        if stored is None or stored.version != new.version:
            return False
        self._store_replicaset(new)
        return True

    def create_replicaset(self, client: Client, new: ReplicaSetObject) -> Writing:
        """Create ``new``; the result is False when its name is taken."""
        yield self.env.timeout(client.request())
        if any(rs.name == new.name for rs in self._cluster.replicasets.values()):
            return False
        self._cluster.owner[new.key] = new.deployment
        self._store_replicaset(new)
        return True

    def delete_replicaset(self, client: Client, old: ReplicaSetObject) -> Writing:
        """Delete ``old``; the result is False when it is gone already."""
        yield self.env.timeout(client.request())
        return self.remove_replicaset(old.key)

    def remove_replicaset(self, key: int) -> bool:
        """Delete the ReplicaSet ``key`` now; its pods are left to the garbage collector. False: it is
        gone."""
        old = self._cluster.replicasets.pop(key, None)
        if old is None:
            return False
        Call(self.env, self.delivery("replicasets"), self._replicaset_gone, old)
        return True

    def _store_replicaset(self, new: ReplicaSetObject) -> None:
        new.version += 1
        self._cluster.replicasets[new.key] = new
        Call(self.env, self.delivery("replicasets"), self._replicaset_seen, new)

    def _replicaset_seen(self, event: Any) -> None:
        new: ReplicaSetObject = event.value
        self._cluster.seen_replicasets[new.key] = new
        for handle in self.on_replicaset:
            handle(new)

    def _replicaset_gone(self, event: Any) -> None:
        old: ReplicaSetObject = event.value
        self._cluster.seen_replicasets.pop(old.key, None)
        for handle in self.on_replicaset_gone:
            handle(old)

    def delivery(self, kind: str) -> int:
        """Return how long until the informers have what is stored now; changes of one kind keep order."""
        now = self.env.now
        seen = max(now + self.watch_hop(), self._last_seen[kind])
        self._last_seen[kind] = seen
        return seen - now
