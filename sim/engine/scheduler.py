"""The scheduler: a node for every pod. For now there is room for everyone, so it spreads pods evenly."""

from __future__ import annotations

import heapq
from collections.abc import Iterator


class Spread:
    """Places pods on the node that has the fewest active pods of the same Deployment, any one among equals.

    ``counts``: the active pods of each Deployment on each of so many ``nodes``; the caller reports every
    one that leaves. ``luck``: whole numbers by chance, which decide between equals as the real scheduler's
    dice do.
    """

    def __init__(self, counts: dict[str, list[int]], nodes: int, luck: Iterator[int]) -> None:
        self._counts = counts
        self._nodes = nodes
        self._luck = luck.__next__
        self._heaps: dict[str, list[tuple[int, int, int]]] = {}

    def add(self, deployment: str) -> None:
        """Get ready to place pods of ``deployment``."""
        if deployment not in self._heaps:
            self._counts[deployment] = [0] * self._nodes
            self._heaps[deployment] = sorted((0, self._luck(), node) for node in range(self._nodes))

    def place(self, deployment: str) -> int:
        """Return a node for one more pod of ``deployment`` and count it there."""
        heap, counts = self._heaps[deployment], self._counts[deployment]
        while True:
            n, _, node = heap[0]
            if counts[node] == n:
                counts[node] += 1
                heapq.heapreplace(heap, (n + 1, self._luck(), node))
                return node
            heapq.heappop(heap)

    def leave(self, deployment: str, node: int) -> None:
        """Count one pod of ``deployment`` on ``node`` less."""
        counts = self._counts[deployment]
        counts[node] -= 1
        heapq.heappush(self._heaps[deployment], (counts[node], self._luck(), node))
