"""The simulated clock: whole microseconds, and calls at a moment of it.

Integers make equal moments equal on every machine. Within one instant updates come first, in the order in
which they were scheduled, and reconciling comes last: a controller is level-triggered and sees all of an
instant's changes at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy
from simpy.core import StopSimulation

SECOND = 1_000_000
FIRST = 0
UPDATE = 1
RECONCILE = 2


def to_us(seconds: float) -> int:
    """Return ``seconds`` as whole microseconds."""
    return round(seconds * SECOND)


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

    def play(self, until: int, look: Callable[[Any], object] | None = None) -> bool:
        """Let everything happen that is due before ``until``; return whether nothing is left for later, but
        for calls of ``look``, which move nothing by themselves.
        """
        end = Call(self, until - self.now, _stop, None, FIRST)
        self.run()
        # Some versions of SimPy put the event back that stopped them.
        return all(event is end or event.callbacks == [look] for *_, event in self._queue)


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
