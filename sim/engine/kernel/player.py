"""Plays replications of a question: the compiled loop, given chance and room, block after block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.draws import BLOCK, BlockDraws, block_of
from sim.engine.kernel import layout as at
from sim.engine.kernel.arena import Ints, build_arena
from sim.engine.kernel.loop import play_rows
from sim.engine.kernel.question import Question
from sim.engine.kernel.replay import Replay
from sim.engine.pod_tables import suffix
from sim.trace import Trace


@dataclass(frozen=True, slots=True)
class Played:
    """What came of replications: a row each of `layout`'s words X_…, and the mean availability.

    ``courses``: of each, rows of time in microseconds and of pods from then on (available, not stopping,
    physical); none unless they were asked for. Rows whose X_STATUS is BEYOND say nothing: they are the
    model's to play.
    """

    rows: Ints
    means: NDArray[np.float64]
    courses: list[Ints]

    def left_over(self) -> list[int]:
        """Return the rows that only the model can play."""
        found: list[int] = np.flatnonzero(self.rows[:, at.X_STATUS] == at.BEYOND).tolist()
        return found

    def span(self, i: int) -> tuple[int, int]:
        """Return when the template of rollout ``i`` first changed, and when its pods moved last, in us."""
        return int(self.rows[i, at.X_START]), int(self.rows[i, at.X_MOVED])


class Player:
    """Plays one question with one seed; keeps its arena, and the room that it was found to need."""

    def __init__(self, question: Question, seed: int) -> None:
        self.question, self._seed = question, seed
        self._arenas: dict[tuple[bool, bool], Ints] = {}
        self._chance: tuple[BlockDraws, tuple[Ints, ...]] | None = None  # of the block that was played last

    def play(self, start: int, stop: int, *, courses: bool = False) -> Played:
        """Play the replications ``start`` to ``stop`` - 1."""
        rows = np.zeros((stop - start, at.OUTCOME), dtype=np.int64)
        means = np.zeros(stop - start)
        found: list[Ints] = []
        first = start
        while first < stop:
            last = min(stop, first - first % BLOCK + BLOCK)
            if courses:
                for replication in range(first, last):
                    at_row = replication - start
                    m = self._play(replication, replication + 1, rows[at_row:], means[at_row:], courses=True)
                    found.append(_course(m))
            else:
                self._play(first, last, rows[first - start :], means[first - start :])
            first = last
        return Played(rows, means, found)

    def _play(
        self,
        start: int,
        stop: int,
        rows: Ints,
        means: NDArray[np.float64],
        logs: bool = False,
        courses: bool = False,
    ) -> Ints:
        block, first = block_of(self._seed, start)
        last = first + stop - start
        while True:
            if self.question.is_too_large:
                rows[: last - first, [at.X_STATUS, at.X_LEAST_A, at.X_LEAST_D]] = at.BEYOND, 1, 1
                return np.zeros(at.WORLD, dtype=np.int64)
            m = self._arena(logs, courses)
            if self._chance is None or self._chance[0] is not block:
                self._chance = block, self.question.chance(block)
            reached = play_rows(m, first, last, *self._chance[1], rows, means)
            if reached == last:
                return m
            self.question.room.grow(int(rows[reached - first, at.X_STATUS]))
            self.forget()
            rows, means, first = rows[reached - first :], means[reached - first :], reached

    def forget(self) -> None:
        """Drop the arenas; what room they need stays known, and they are soon made again."""
        self._arenas.clear()
        self._chance = None

    def _arena(self, logs: bool, courses: bool) -> Ints:
        if (logs, courses) not in self._arenas:
            self._arenas[logs, courses] = build_arena(self.question, logs=logs, courses=courses)
        return self._arenas[logs, courses]

    def trace(self, replication: int) -> Trace | None:
        """Play one replication and return its trace; None when only the model can play it."""
        rows = np.zeros((1, at.OUTCOME), dtype=np.int64)
        m = self._play(replication, replication + 1, rows, np.zeros(1), logs=True)
        status, quiet, ended = rows[0, [at.X_STATUS, at.X_QUIET, at.X_END]].tolist()
        if status == at.BEYOND:
            return None
        return Replay(self.question, m).trace(self._seed, replication, ended, bool(quiet))

    def pod_name(self, row: Ints) -> str:
        """Return the name of the pod in a crash loop that an outcome tells of."""
        template = self.question.templates[int(row[at.X_TEMPLATE])]
        return (
            f"{self.question.name}-{template.hash}-{suffix(int(row[at.X_LOOPING_POD]), int(row[at.X_SALT]))}"
        )


def _course(m: Ints) -> Ints:
    begin, size = int(m[at.A_COURSE]), int(m[at.W_COURSE_ROWS]) * at.COURSE_WIDTH
    return m[begin : begin + size].reshape(-1, at.COURSE_WIDTH).copy()
