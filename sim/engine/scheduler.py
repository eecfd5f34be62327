"""The scheduler: a node for every pod. For now there is room for everyone, so it spreads a Deployment's pods
evenly."""

from __future__ import annotations

import heapq


class Spread:
    """Places pods on the node that has the fewest active pods of the same Deployment; the lowest number among
    equals.

    ``counts``: the active pods of each Deployment on each node; the caller reports every one that leaves.
    """

    def __init__(self, counts: dict[str, list[int]]) -> None:
        self._counts = counts
        self._heaps = {name: [(n, node) for node, n in enumerate(on)] for name, on in counts.items()}

    def place(self, deployment: str) -> int:
        """Return a node for one more pod of ``deployment`` and count it there."""
        heap, counts = self._heaps[deployment], self._counts[deployment]
        while True:
            n, node = heap[0]
            if counts[node] == n:
                counts[node] += 1
                heapq.heapreplace(heap, (n + 1, node))
                return node
            heapq.heappop(heap)

    def leave(self, deployment: str, node: int) -> None:
        """Count one pod of ``deployment`` on ``node`` less."""
        counts = self._counts[deployment]
        counts[node] -= 1
        heapq.heappush(self._heaps[deployment], (counts[node], node))
