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

    ``seed`` (0 to 2^63 - 1, by default the scenario's own) and ``replication`` (0 to 2^24 - 1) name the run's
    luck: the same two give the same bytes on every machine. Raises ValueError when one is out of range.
    """
    from sim.engine.model import Model

    return Model(scenario, scenario.seed if seed is None else seed, replication).run()
