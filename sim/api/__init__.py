"""The product's face for Python and Jupyter: a scenario that can be run, swept, compared and decided upon.

>>> from sim import load
>>> load("deployment.yaml").recommend(require=["min_availability>=95%"]).command

Every result shows itself in Jupyter, is a pandas table one attribute away, and draws itself by `plot(ax=…)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api.results import Comparison as Comparison
    from sim.api.results import Recommendation as Recommendation
    from sim.api.results import Sweep as Sweep
    from sim.api.run import Run as Run
    from sim.api.scenario import Scenario as Scenario
    from sim.api.scenario import load as load
    from sim.api.timeouts import Timeouts as Timeouts
    from sim.api.validation import Validation as Validation

# Loaded on first touch: one rollout needs neither tables nor statistics.
_HOMES = {
    "Comparison": "results",
    "Recommendation": "results",
    "Run": "run",
    "Scenario": "scenario",
    "Sweep": "results",
    "Timeouts": "timeouts",
    "Validation": "validation",
    "load": "scenario",
}

__all__ = ["Comparison", "Recommendation", "Run", "Scenario", "Sweep", "Timeouts", "Validation", "load"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"sim.api.{_HOMES[name]}"), name)
