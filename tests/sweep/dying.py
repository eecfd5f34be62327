"""Plans whose strategies go wrong while they are simulated: what workers meet in real life."""

from __future__ import annotations

import os
import signal
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
