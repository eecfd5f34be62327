"""What a user wants most: statistics to be made as small, or as great, as the limits allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.metrics import MEASURES
from sim.stats import Statistic, parse_statistic

DEFAULT_AIMS = ("p95(duration_s)", "p95(peak_physical)", "p5(min_availability)")
"""What is wanted when nobody says: a short rollout, room for few pods, many of them available."""

DEFAULT_LIMITS = ("mean(complete)>=95%",)
"""What is required when nobody says: rollouts that complete, nearly always."""

Sense = Literal["minimize", "maximize"]


@dataclass(frozen=True, slots=True)
class Aim:
    """One aim: a statistic of a measure, and which way."""

    statistic: Statistic
    sense: Sense

    @property
    def better(self) -> str:
        """Which values are better, as `sim.metrics.Meaning` has it: "lower" or "higher"."""
        return "lower" if self.sense == "minimize" else "higher"

    def __str__(self) -> str:
        return f"{self.sense} {self.statistic}"


def parse_aim(text: str, sense: Sense | None = None) -> Aim:
    """Return the aim for a statistic such as "p95(duration_s)", or a measure, whose mean is meant.

    `sense` None is the way that is better by MEASURES. Raises RequirementError (a ValueError) as
    `parse_statistic` does.
    """
    statistic = parse_statistic(text)
    better: Sense = "maximize" if MEASURES[statistic.measure].better == "higher" else "minimize"
    return Aim(statistic, sense or better)
