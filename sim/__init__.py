"""rollsim: a discrete-event simulator of Kubernetes rollouts.

>>> from sim import load, simulate, measure
>>> scenario = load("scenarios/01-first-rollout.yaml")
>>> measure(simulate(scenario)).duration_s

The names below are loaded on first touch (PEP 562): importing `sim` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim._version import __version__

if TYPE_CHECKING:
    from sim.engine import simulate as simulate
    from sim.errors import InputError as InputError
    from sim.metrics import measure as measure
    from sim.spec.profile import Profile as Profile
    from sim.spec.scenario import Scenario as Scenario
    from sim.spec.scenario import load as load
    from sim.trace import Trace as Trace

_HOMES = {
    "InputError": "sim.errors",
    "Profile": "sim.spec.profile",
    "Scenario": "sim.spec.scenario",
    "Trace": "sim.trace",
    "load": "sim.spec.scenario",
    "measure": "sim.metrics",
    "simulate": "sim.engine",
}

__all__ = ["InputError", "Profile", "Scenario", "Trace", "__version__", "load", "measure", "simulate"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
