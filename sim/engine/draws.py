"""All chance of one replication, from streams that depend on nothing but what they decide.

A stream is named by (block of replications, template, stage, attempt, chunk of pods) and filled as one array
[replication in the block, pod in the chunk]. So the n-th pod of a template has the same luck whatever the
strategy (common random numbers), the number of workers or the number of other pods, and changing one stage
leaves the others' luck alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, count, cycle

import numpy as np
from numpy.typing import NDArray

from sim.engine.clock import SECOND
from sim.spec.distributions import Distribution

BLOCK = 8
CHUNK = 32  # pods in the first one; each later one doubles what is known
HOPS = 128
# What a stream decides. The numbers are part of the streams' names: changing one changes results.
SCHEDULE, PULL, START, READY, STOP, STATUS = range(6)
NEVER_READY, CRASH, CRASH_AFTER, UNREADY, UNREADY_AFTER, UNREADY_FOR, JITTER = range(6, 13)
NODES, WRITE, WATCH, KUBECTL, CURL = range(13, 18)
CLUSTER = 0  # the template index of streams that belong to no template

Fill = Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]


def uniform(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Fill ``shape`` with uniform draws from [0, 1)."""
    return rng.random(shape)


def _filling(what: Distribution) -> Fill | tuple[int, ...]:
    # What fills a column: the values themselves where they are not left to chance.
    if what.is_constant:
        return (round(what.mean() * SECOND),)
    if what.values is not None:
        return tuple(round(value * SECOND) for value in what.values)
    return what.sample


class Draws:
    """The chance of replication ``replication`` (0, 1, …) under ``seed``."""

    def __init__(self, seed: int, replication: int) -> None:
        if not 0 <= seed < 1 << 63 or not 0 <= replication < 1 << 24:
            raise ValueError(
                f"seed {seed} or replication {replication} is out of range: 0 to 2^63 - 1, 0 to 2^24 - 1"
            )
        self._seed = seed
        self._replication = replication
        self._block, self._row = divmod(replication, BLOCK)
        self.cluster = self._generator(replication, CLUSTER, NODES, 0, 0)
        self.salt = int(self.cluster.integers(1 << 32))
        self._columns: dict[tuple[int, int, int], list[int]] = {}

    def column(
        self, what: Distribution, stage: int, template: int, ordinal: int, attempt: int = 0
    ) -> list[int]:
        """Return how long ``stage`` takes in its ``attempt``-th try, in microseconds, for pods 0 to at least
        ``ordinal``.

        The list is the stream's own: it grows when later pods are asked for.
        """
        return self._column((template, stage, attempt), ordinal, _filling(what))

    def fraction(self, stage: int, template: int, ordinal: int, attempt: int = 0) -> float:
        """Return a uniform draw from [0, 1), a whole number of millionths."""
        return min(self._column((template, stage, attempt), ordinal, uniform)[ordinal], SECOND - 1) / SECOND

    def stream(self, what: Distribution, stage: int) -> Iterator[int]:
        """Return an endless stream of delays in microseconds, for what happens in no pod's name: hops."""
        filling = _filling(what)
        if isinstance(filling, tuple):
            return cycle(filling)
        return self._endless(filling, self._generator(self._replication, CLUSTER, stage, 0, 0))

    def phases(self, number: int, period: int) -> list[int]:
        """Return ``number`` moments of a ``period``, each as likely as any other."""
        phases: list[int] = (self.cluster.random(number) * period).astype(np.int64).tolist()
        return phases

    def choices(self, stage: int) -> Iterator[int]:
        """Return an endless stream of whole numbers from 0 to a million of its own, for ``stage``."""
        return self._endless(uniform, self._generator(self._replication, CLUSTER, stage, 0, 0))

    def dice(self) -> Iterator[int]:
        """Return an endless stream of whole numbers from 0 to a million, for choices between equals."""
        return self._endless(uniform, self.cluster)

    def _endless(self, filling: Fill, rng: np.random.Generator) -> Iterator[int]:
        return chain.from_iterable(_whole(filling(rng, (1, HOPS))[0]) for _ in count())

    def _column(self, name: tuple[int, int, int], ordinal: int, fill: Fill | tuple[int, ...]) -> list[int]:
        column = self._columns.setdefault(name, [])
        while len(column) <= ordinal:
            if isinstance(fill, tuple):
                column += fill * -(-max(CHUNK, len(column)) // len(fill))
            else:
                column += self._chunk(name, len(column), fill)
        return column

    def _chunk(self, name: tuple[int, int, int], known: int, fill: Fill) -> list[int]:
        # Chunks double in size, so that few pods are cheap and many too: 32, 32, 64, 128, …
        size = max(CHUNK, known)
        rng = self._generator(self._block, *name, known // CHUNK)
        return _whole(fill(rng, (BLOCK, size))[self._row])

    def _generator(
        self, block: int, template: int, stage: int, attempt: int, chunk: int
    ) -> np.random.Generator:
        # Philox is made for this: every key is a stream of its own, and a key costs nothing to set up.
        stream = (((block * 1024 + template % 1024) * 32 + stage) * 4096 + attempt % 4096) * 16384 + chunk
        return np.random.Generator(np.random.Philox(key=(stream << 64) | self._seed))


def _whole(seconds: NDArray[np.float64]) -> list[int]:
    # Whole microseconds: exp and log differ in the last bit between machines, a rounded duration does not.
    values: list[int] = np.rint(seconds * SECOND).astype(np.int64).tolist()
    return values
