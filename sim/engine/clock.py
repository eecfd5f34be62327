"""The simulated clock: whole microseconds, and calls at a moment of it.

Integers make equal moments equal on every machine. Within one instant updates come first, in the order in
which they were scheduled, and reconciling comes last: a controller is level-triggered and sees all of an
instant's changes at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import simpy
from simpy.core import StopSimulation

SECOND = 1_000_000
FIRST = 0
UPDATE = 1
RECONCILE = 2
MOST_IN_INSTANT, MOST_A_POD = 1_000_000, 100  # events: what happens in no time at all happens for ever
_AT_ONCE = 10_000  # events from one look at the time to the next


def to_us(seconds: float) -> int:
    """Return ``seconds`` as whole microseconds."""
    return round(seconds * SECOND)


class StandstillError(Exception):
    """Simulated time stands still: events without end at `now`."""

    def __init__(self, now: int) -> None:
        super().__init__(now)
        self.now = now


class Clock(simpy.Environment):
    """A SimPy environment whose time is whole microseconds."""

    @property
    def now(self) -> int:
        """The current moment."""
        return self._now  # type: ignore[return-value]  # only whole delays are ever scheduled

    @property
    def scheduled(self) -> int:
        """How many events were scheduled so far; asking counts as one. For benchmarks."""
        return next(self._eid)

    def play(
        self,
        until: int,
        look: Callable[[Any], object] | None = None,
        pods: Callable[[], int] = lambda: 0,
    ) -> bool:
        """Let everything happen that is due before ``until``; return whether nothing is left for later, but
        for calls of ``look``, which move nothing by themselves.

        Raises StandstillError when more happens in one instant than so many ``pods`` can explain.
        """
        end = Call(self, until - self.now, _stop, None, FIRST)
        with suppress(StopSimulation):
            self._play(pods)
        # Some versions of SimPy put the event back that stopped them.
        return all(event is end or event.callbacks == [look] for *_, event in self._queue)

    def _play(self, pods: Callable[[], int]) -> None:
        step, before, spent = self.step, -1, 0
        while True:
            for _ in range(_AT_ONCE):
                step()
            spent = spent + _AT_ONCE if self._now == before else 0
            before = self.now
            if spent > MOST_IN_INSTANT and spent > MOST_IN_INSTANT + MOST_A_POD * pods():
                raise StandstillError(before)


def _stop(_event: Any) -> None:
    raise StopSimulation(None)


class Call(simpy.Event):
    """A SimPy event that calls ``function(event)`` after ``delay`` microseconds; ``event.value`` is
    ``value``."""

    def __init__(
        self,
        env: Clock,
        delay: int,
        function: Callable[[Any], object],
        value: Any = None,
        priority: int = UPDATE,
    ) -> None:
        # Like simpy.Timeout, which cannot take a callback or a priority: no call to Event.__init__, for
        # speed.
        self.env = env
        self.callbacks: list[Callable[[Any], object]] = [function]  # type: ignore[assignment]
        self._value = value
        self._ok = True
        env.schedule(self, priority, delay)  # type: ignore[arg-type]  # any number orders, as SimPy's own two do
