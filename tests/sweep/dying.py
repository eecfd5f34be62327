"""Plans whose strategies go wrong while they are simulated: what workers meet in real life."""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sim.spec.scenario import Scenario
from sim.sweep.plan import Plan


@dataclass(frozen=True)
class Deadly(Plan):
    """The process that simulates strategy ``victim`` is killed, ``lives`` times in all."""

    victim: int = 0
    lives: int = 1
    marks: str = ""

    def scenario(self, number: int) -> Scenario:
        """Return the scenario of a strategy, or die."""
        if number == self.victim:
            for life in range(self.lives):
                mark = Path(self.marks, str(life))
                if not mark.exists():
                    mark.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
        return super().scenario(number)


@dataclass(frozen=True)
class Broken(Plan):
    """Strategy ``victim`` raises what nobody expects."""

    victim: int = 0

    def scenario(self, number: int) -> Scenario:
        """Return the scenario of a strategy, or raise."""
        if number == self.victim:
            raise RuntimeError("no such luck")
        return super().scenario(number)


@dataclass(frozen=True)
class Cut(Plan):
    """A worker that is ended in the middle of handing on its outcome: it says how long it is, and no more."""

    mark: str = ""

    def scenario(self, number: int) -> Scenario:
        """Write the head of an outcome into the pool's pipe, touch the mark, and wait to be ended."""
        frame = sys._getframe()
        while "result_queue" not in frame.f_locals:
            assert frame.f_back is not None
            frame = frame.f_back
        os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1000))
        Path(self.mark).touch()
        time.sleep(600)
        return super().scenario(number)
