"""The API server: stale writes are refused, and what the informers see keeps its order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.engine.api import ApiServer, Writing
from sim.engine.clock import Clock
from sim.engine.queues import Client
from sim.engine.state import Cluster, DeploymentObject, ReplicaSetObject
from tests.engine.build import hops, ms


class Server:
    """An API server without latency but that of ``watch``, and what came of the writes."""

    def __init__(self, watch: Iterator[int]) -> None:
        self.env = Clock()
        self.cluster = Cluster()
        self.api = ApiServer(self.env, self.cluster, watch)
        self.client = Client(self.env, 0, 1, hops())
        self.results: list[bool] = []

    def write(self, writing: Writing) -> None:
        """Begin a write."""

        def process() -> Any:
            self.results.append((yield from writing))

        self.env.process(process())


def replicaset(key: int = 0, name: str = "web-a", spec: int = 3) -> ReplicaSetObject:
    """Return a ReplicaSet that was never written."""
    rs = ReplicaSetObject()
    rs.version, rs.key, rs.name, rs.deployment, rs.spec = 0, key, name, "web", spec
    return rs


def changed(rs: ReplicaSetObject, spec: int) -> ReplicaSetObject:
    """Return a copy of another size."""
    new = rs.copy()
    new.spec = spec
    return new


def test_of_two_writes_from_one_reading_the_second_conflicts() -> None:
    server = Server(hops())
    server.write(server.api.create_replicaset(server.client, replicaset()))
    server.env.play(ms(1))
    seen = server.cluster.seen_replicasets[0]
    server.write(server.api.write_replicaset(server.client, changed(seen, 5)))
    server.write(server.api.write_replicaset(server.client, changed(seen, 7)))
    server.env.play(ms(2))
    assert server.results == [True, True, False]
    assert server.cluster.replicasets[0].spec == server.cluster.seen_replicasets[0].spec == 5
    # Who reads again may write.
    server.write(server.api.write_replicaset(server.client, changed(server.cluster.replicasets[0], 7)))
    server.env.play(ms(3))
    assert server.results[-1] is True
    assert server.cluster.seen_replicasets[0].spec == 7


def test_a_deployments_status_conflicts_with_a_changed_template() -> None:
    server = Server(hops())
    d = DeploymentObject()
    d.version, d.name, d.uid, d.generation, d.template, d.ready = 1, "web", 1, 1, 1, 0
    server.cluster.deployments["web"] = server.cluster.seen_deployments["web"] = d

    patched = d.copy()
    patched.template, patched.generation = 2, 2
    server.api.store_deployment(patched)
    stale = d.copy()
    stale.ready = 3
    server.write(server.api.write_deployment(server.client, stale))
    server.env.play(ms(1))
    assert server.results == [False]
    stored = server.cluster.seen_deployments["web"]
    assert (stored.template, stored.generation, stored.ready) == (2, 2, 0)


def test_a_name_is_given_once_and_free_again_after_its_end() -> None:
    server = Server(hops())
    for key in (0, 1):
        server.write(server.api.create_replicaset(server.client, replicaset(key)))
    server.write(server.api.delete_replicaset(server.client, replicaset(0)))
    server.write(server.api.delete_replicaset(server.client, replicaset(0)))
    server.write(server.api.write_replicaset(server.client, replicaset(0)))
    server.write(server.api.create_replicaset(server.client, replicaset(2)))
    server.env.play(ms(1))
    assert server.results == [True, False, True, False, False, True]
    assert list(server.cluster.seen_replicasets) == [2]


def test_changes_of_one_kind_keep_their_order() -> None:
    # The first change takes 9 ms to the informers and the second 1 ms: it waits for the first.
    server = Server(iter([ms(9), ms(1), ms(1)]))
    seen: list[tuple[int, int]] = []
    server.api.on_replicaset.append(lambda rs: seen.append((server.env.now, rs.key)))
    for key, name in ((0, "web-a"), (1, "web-b")):
        server.write(server.api.create_replicaset(server.client, replicaset(key, name)))
    server.env.play(ms(20))
    assert seen == [(ms(9), 0), (ms(9), 1)]
    assert server.cluster.seen_replicasets.keys() == {0, 1}
