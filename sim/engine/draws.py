"""All chance, from streams that depend on nothing but what they decide.

A stream is named by (block of replications, template, stage, attempt, chunk of pods) and filled as one array
[replication in the block, pod in the chunk]. So the n-th pod of a template has the same luck whatever the
strategy (common random numbers), the number of workers or the number of other pods, and changing one stage
leaves the others' luck alone. `BlockDraws` has the luck of a whole block; `Draws` is one replication's part.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.clock import SECOND
from sim.spec.distributions import Distribution

BLOCK = 64
CHUNK = 32  # pods in the first one; each later one adds half of what is known
# What a stream decides. The numbers are part of the streams' names: changing one changes results.
SCHEDULE, PULL, START, READY, STOP, STATUS = range(6)
NEVER_READY, CRASH, CRASH_AFTER, UNREADY, UNREADY_AFTER, UNREADY_FOR, JITTER = range(6, 13)
PHASES, WRITE, WATCH, KUBECTL, CURL, DICE, SALT, TYPING = range(13, 21)
CLUSTER = 0  # the template index of streams that belong to no template

_KEPT_BYTES = 1 << 28  # of a block's tables; what is dropped is drawn again
_SHARED_BYTES = 1 << 26  # of all blocks together, beyond the last one

Ints = NDArray[np.int64]
Fill = Callable[[np.random.Generator, tuple[int, int]], Ints]


def uniform(rng: np.random.Generator, shape: tuple[int, int]) -> Ints:
    """Fill ``shape`` with uniform whole numbers of millionths, 0 to 999,999."""
    return np.minimum(_whole(rng.random(shape)), SECOND - 1)


def salts(rng: np.random.Generator, shape: tuple[int, int]) -> Ints:
    """Fill ``shape`` with whole numbers of 32 bits."""
    return rng.integers(1 << 32, size=shape)


def block_of(seed: int, replication: int) -> tuple[BlockDraws, int]:
    """Return the draws of the block that a replication belongs to, and its row there.

    Raises ValueError when ``seed`` (0 to 2^63 - 1) or ``replication`` (0 to 2^24 - 1) is out of range.
    """
    if not 0 <= seed < 1 << 63 or not 0 <= replication < 1 << 24:
        raise ValueError(
            f"seed {seed} or replication {replication} is out of range: 0 to 2^63 - 1, 0 to 2^24 - 1"
        )
    key = seed, replication // BLOCK
    with _lock:
        found = _blocks.pop(key, None) or BlockDraws(*key)
        _blocks[key] = found  # what was used last goes last
        while len(_blocks) > 1 and sum(block.bytes for block in _blocks.values()) > _SHARED_BYTES:
            del _blocks[next(iter(_blocks))]
    return found, replication % BLOCK


class _Philox(threading.local):
    """A thread's own generator, which is given one key after the other: to make one takes much longer."""

    def __init__(self) -> None:
        self._philox = np.random.Philox(key=0)
        self._generator = np.random.Generator(self._philox)
        self._begin: Any = self._philox.state

    def generator(self, low: int, high: int) -> np.random.Generator:
        """Return the generator of a key of two times 64 bits, at its beginning."""
        self._begin["state"]["key"][:] = low, high
        self._philox.state = self._begin
        return self._generator


_own = _Philox()


class BlockDraws:
    """The chance of replications 64 * ``block`` to 64 * ``block`` + 63 under ``seed``.

    Strategies that are simulated one after the other find their common luck drawn already.
    """

    def __init__(self, seed: int, block: int) -> None:
        self._seed, self._block = seed, block
        self._tables: dict[tuple[object, ...], Ints] = {}
        self._derived: dict[tuple[object, ...], Ints] = {}
        self.bytes = 0  # of all that it keeps

    def table(
        self, what: Distribution | Fill, stage: int, template: int, number: int, attempt: int = 0
    ) -> Ints:
        """Return how long ``stage`` takes in its ``attempt``-th try, in microseconds: [replication in the
        block, pod], for at least ``number`` pods. For a Fill, what it fills in.

        The result is shared: it must not be written to.
        """
        name = template, stage, attempt
        table = self._tables.get((*name, what))
        if table is not None and table.shape[1] >= number:
            return table
        parts = [] if table is None else [table]
        known = sum(part.shape[1] for part in parts)
        while known < max(number, 1):
            # Chunks grow, so that few pods are cheap and many too: 32, 32, 32, 32, 64, 96, …
            parts.append(self._chunk(name, what, known, max(CHUNK, known // 2 // CHUNK * CHUNK)))
            known += parts[-1].shape[1]
        table = np.concatenate(parts, axis=1)
        self._keep((*name, what), table)
        return table

    def derived(self, name: tuple[object, ...], make: Callable[[], Ints]) -> Ints:
        """Return what ``make`` makes out of tables; of the same ``name`` it is made once."""
        found = self._derived.get(name)
        if found is None:
            found = make()
            self._note(found)
            self._derived[name] = found
        return found

    def _keep(self, name: tuple[object, ...], table: Ints) -> None:
        self._note(table)
        self._tables[name] = table

    def _note(self, table: Ints) -> None:
        self.bytes += table.nbytes
        if self.bytes > _KEPT_BYTES:
            self._tables.clear()
            self._derived.clear()
            self.bytes = table.nbytes

    def _chunk(self, name: tuple[int, int, int], what: Distribution | Fill, known: int, size: int) -> Ints:
        if not isinstance(what, Distribution):
            return what(self._generator(*name, known // CHUNK), (BLOCK, size))
        # What is not left to chance takes no generator.
        if what.is_constant:
            return np.full((BLOCK, size), round(what.mean() * SECOND), dtype=np.int64)
        if what.values is not None:
            values = np.array([round(value * SECOND) for value in what.values], dtype=np.int64)
            return np.tile(values[np.arange(known, known + size) % values.size], (BLOCK, 1))
        return _whole(what.sample(self._generator(*name, known // CHUNK), (BLOCK, size)))

    def _generator(self, template: int, stage: int, attempt: int, chunk: int) -> np.random.Generator:
        # Philox is made for this: every key is a stream of its own, and a key costs nothing to set up.
        stream = ((self._block * 1024 + template % 1024) * 32 + stage) * 4096 + attempt % 4096
        return _own.generator(self._seed, stream * 16384 + chunk)


_blocks: dict[tuple[int, int], BlockDraws] = {}
_lock = threading.Lock()


class Draws:
    """The chance of replication ``replication`` (0, 1, …) under ``seed``, as the model reads it."""

    def __init__(self, seed: int, replication: int) -> None:
        self._block, self._row = block_of(seed, replication)
        self._columns: dict[tuple[int, int, int], list[int]] = {}
        self.salt = self._column((CLUSTER, SALT, 0), 0, salts)[0]

    def column(
        self, what: Distribution, stage: int, template: int, ordinal: int, attempt: int = 0
    ) -> list[int]:
        """Return how long ``stage`` takes in its ``attempt``-th try, in microseconds, for pods 0 to at least
        ``ordinal``.

        The list is the stream's own: it grows when later pods are asked for.
        """
        return self._column((template, stage, attempt), ordinal, what)

    def fraction(self, stage: int, template: int, ordinal: int, attempt: int = 0) -> float:
        """Return a uniform draw from [0, 1), a whole number of millionths."""
        return self._column((template, stage, attempt), ordinal, uniform)[ordinal] / SECOND

    def stream(self, what: Distribution | Fill, stage: int) -> Iterator[int]:
        """Return an endless stream for what happens in no pod's name, such as hops: of delays in
        microseconds, or of what a Fill fills in.
        """
        return chain.from_iterable(self._parts(what, stage))

    def _parts(self, what: Distribution | Fill, stage: int) -> Iterator[list[int]]:
        known = 0
        while True:
            column = self._column((CLUSTER, stage, 0), known, what)
            yield column[known:]
            known = len(column)

    def phases(self, first: int, number: int, period: int) -> list[int]:
        """Return ``number`` moments of a ``period``, each as likely as any other; ``first`` is the first
        one's number.
        """
        column = self._column((CLUSTER, PHASES, 0), first + number - 1, uniform)
        return [millionths * period // SECOND for millionths in column[first : first + number]]

    def _column(self, name: tuple[int, int, int], ordinal: int, what: Distribution | Fill) -> list[int]:
        column = self._columns.setdefault(name, [])
        if len(column) <= ordinal:
            template, stage, attempt = name
            wanted = max(ordinal + 1, 2 * len(column), CHUNK)
            table = self._block.table(what, stage, template, wanted, attempt)
            column += table[self._row, len(column) : wanted].tolist()
        return column


def _whole(seconds: NDArray[np.float64]) -> Ints:
    # Whole microseconds: exp and log differ in the last bit between machines, a rounded duration does not.
    seconds *= SECOND
    return np.rint(seconds, out=seconds).astype(np.int64)
