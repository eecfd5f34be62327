"""The engine: `simulate` turns a scenario into a trace. The only place with a clock."""

from __future__ import annotations

from typing import Literal

from sim.spec.scenario import Scenario
from sim.trace import Trace


def simulate(
    scenario: Scenario,
    seed: int | None = None,
    replication: int = 0,
    engine: Literal["auto", "model"] = "auto",
) -> Trace:
    """Play ``scenario`` once and return its trace.

    ``seed``: any whole number from 0, by default the scenario's own; with it ``replication`` (0, 1, …) names
    the run's luck, so that the same two give the same bytes on every machine. Raises ValueError when either
    is negative.
    """
    from sim.engine.model import Model

    seed = scenario.seed if seed is None else seed
    if seed < 0 or replication < 0:
        raise ValueError("seed and replication must not be negative")
    return Model(scenario, seed, replication).run()
