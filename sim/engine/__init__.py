"""The engine: `simulate` turns a scenario into a trace. The only place with a clock."""

from __future__ import annotations

from collections.abc import Callable

from sim.engine.choice import ENGINES, LEFT_OVER, Engine, check_engine, why_model
from sim.spec.scenario import Scenario
from sim.trace import Trace

__all__ = ["ENGINES", "LEFT_OVER", "Engine", "check_engine", "simulate", "why_model"]


def simulate(
    scenario: Scenario,
    seed: int | None = None,
    replication: int = 0,
    engine: Engine = "auto",
    note: Callable[[str], object] | None = None,
) -> Trace:
    """Play ``scenario`` once and return its trace.

    ``seed`` (0 to 2^63 - 1, by default the scenario's own) and ``replication`` (0 to 2^24 - 1) name the run's
    luck: the same two give the same bytes on every machine. ``engine``: one run is the "model"'s, which is
    there at once, unless the "kernel" is asked for; their traces are the same, except that the kernel does
    not print what `get`, `describe` and `rollout history` do; ``note`` is told when the kernel has to be
    compiled first, and when it has left the run to the model all the same. Raises ValueError when an argument
    is out of range, InputError when the kernel cannot play this (see `why_model`).
    """
    from sim.engine.model import Model

    seed = scenario.seed if seed is None else seed
    if engine == "kernel" and why_model(scenario, engine) is None:
        from sim.engine.kernel import compiled
        from sim.engine.kernel.player import Player
        from sim.engine.kernel.question import Question

        compiled.prepare(note)
        trace = Player(Question(scenario), seed).trace(replication)
        if trace is not None:
            return trace
        if note is not None:
            note(f"the kernel could not play this run {LEFT_OVER}; the model does")
    check_engine(engine)
    return Model(scenario, seed, replication).run()
