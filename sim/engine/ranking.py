"""Which pods a ReplicaSet deletes first, over flat columns: the order of `rules.replicaset.deletes_before`,
for any number of pods.

Each rule narrows the choice down to those that are equal under it, so that a later rule looks only at the
pods that are still undecided. With log2 age buckets (1.22 and later) Kubernetes' own comparison is not
transitive when two pods turned ready in the same second and two others did not; there the order is (bucket,
UID).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.engine.clock import Clock
from sim.engine.state import Cluster, OwnedPods, ReplicaSetObject
from sim.rules.replicaset import deletion_class, needs_ranking

Array = NDArray[np.int64]
_Rule = Callable[[Array], Array]
CLASSES = np.array(
    [[[deletion_class(a, p, r) for r in (False, True)] for p in range(3)] for a in (False, True)],
    dtype=np.int64,
)
NANOSECONDS = 1000
MOST_PODS = 1 << 40  # more than any node has


@dataclass(slots=True)
class Ranking:
    """``on_node``: the active pods of each Deployment on each node, kept up to date by whoever binds and
    deletes pods."""

    env: Clock
    cluster: Cluster
    log2: bool
    salt: int
    on_node: dict[str, list[int]] = field(default_factory=dict)

    def first_to_go(self, rs: ReplicaSetObject, owned: OwnedPods, number: int) -> list[int]:
        """Return ``number`` of the active pods of ``rs``, those that Kubernetes deletes first."""
        if not needs_ranking(number, len(owned.active)):
            return list(owned.active)
        pods = np.fromiter(owned.active, np.int64, len(owned.active))
        chosen: list[int] = []
        for values in self._rules(rs):
            keys = values(pods)
            limit = np.partition(keys, number - 1)[number - 1]
            first, equal = pods[keys < limit], pods[keys == limit]
            chosen += first.tolist()
            pods, number = equal, number - len(first)
            if len(pods) == number:
                break
        chosen += pods[:number].tolist()
        return chosen

    def _rules(self, rs: ReplicaSetObject) -> Iterator[_Rule]:
        table = self.cluster.pods

        def column(values: array[int]) -> Array:
            return np.frombuffer(values, np.int64)

        node, phase, ready = column(table.node), column(table.phase), column(table.ready)
        related = np.array([*self.on_node[rs.deployment], 0], dtype=np.int64)  # node -1 is the last
        yield lambda p: CLASSES[(node[p] >= 0) * 1, phase[p], ready[p]] * MOST_PODS - related[node[p]]
        # All that are left are ready, or none: readiness was part of the first rule.
        stamps = column(table.ready_stamp)
        yield lambda p: np.where(ready[p] > 0, self._age(stamps[p]), 0)
        if self.log2:
            yield lambda p: self._uid(p) if _differ(stamps[p][ready[p] > 0]) else np.zeros_like(p)
        restarts, created = column(table.restarts), column(table.created_stamp)
        yield lambda p: -restarts[p]
        yield lambda p: self._age(created[p])
        yield lambda p: self._uid(p)
        yield lambda p: p

    def _uid(self, pods: Array) -> Array:
        # A number in place of each pod's random UID (the finaliser of SplitMix64).
        mixed = pods.astype(np.uint64) + np.uint64(self.salt)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        return (mixed >> np.uint64(2)).astype(np.int64)

    def _age(self, stamps: Array) -> Array:
        ages = self.env.now - stamps
        if not self.log2:
            return ages
        # int(log2(age in ns)) by the exponent of the exact float; -1 where there is no age.
        return np.where(ages > 0, np.frexp((ages * NANOSECONDS).astype(np.float64))[1] - 1, -1).astype(
            np.int64
        )


def _differ(values: Array) -> bool:
    return bool(len(values)) and bool((values != values[0]).any())
