"""rollsim: a discrete-event simulator of Kubernetes rollouts.

>>> from sim import load
>>> scenario = load("scenarios/01-first-rollout.yaml")
>>> scenario.run().measures.duration_s
>>> scenario.compare({"maxSurge": 1, "maxUnavailable": 0}).differences()
>>> scenario.recommend(require="min_availability>=95%").patch_yaml

`Sweep.read` takes what a sweep kept in a folder. `simulate` and `measure` are the two halves of a run: a
trace, and its numbers.

The names below are loaded on first touch (PEP 562): importing `sim` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim._version import __version__

if TYPE_CHECKING:
    from sim.api import Comparison as Comparison
    from sim.api import Recommendation as Recommendation
    from sim.api import Run as Run
    from sim.api import Scenario as Scenario
    from sim.api import Sweep as Sweep
    from sim.api import Validation as Validation
    from sim.api import load as load
    from sim.engine import simulate as simulate
    from sim.errors import InputError as InputError
    from sim.metrics import RequirementError as RequirementError
    from sim.metrics import measure as measure
    from sim.spec.profile import Profile as Profile
    from sim.trace import Trace as Trace

_HOMES = {
    "Comparison": "sim.api",
    "InputError": "sim.errors",
    "Profile": "sim.spec.profile",
    "Recommendation": "sim.api",
    "RequirementError": "sim.metrics",
    "Run": "sim.api",
    "Scenario": "sim.api",
    "Sweep": "sim.api",
    "Trace": "sim.trace",
    "Validation": "sim.api",
    "load": "sim.api",
    "measure": "sim.metrics",
    "simulate": "sim.engine",
}

__all__ = [
    "Comparison",
    "InputError",
    "Profile",
    "Recommendation",
    "RequirementError",
    "Run",
    "Scenario",
    "Sweep",
    "Trace",
    "Validation",
    "__version__",
    "load",
    "measure",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
