"""The plan of a sweep as a value: which strategies, in which cluster, with which luck.

A *strategy* is one point of the grid, a scenario changed by settings. The same replication has the same luck
in every strategy (`sim.engine.draws`), so that what differs between two strategies is what they do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sim._version import __version__
from sim.engine.choice import Engine, why_model
from sim.errors import one_line
from sim.spec.override import override
from sim.spec.profile import Profile
from sim.spec.scenario import Scenario
from sim.sweep.axes import Point

MOST_RUNS = 10_000_000
REPLICATIONS = 200
MOST_REPLICATIONS = 4096
_MOST_KEPT = 256  # scenarios of strategies: each is made in milliseconds, and takes some tens of kilobytes

Progress = Callable[[int, int], object]
"""Called with the runs that are done, and those that are known to be needed."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """One point of the grid: a scenario of the plan (by its number), and the settings that change it;
    `digest` is that of the scenario that comes of it.
    """

    number: int
    base: int
    settings: Point
    label: str
    digest: str

    @property
    def assignments(self) -> list[str]:
        """The settings as `--set` takes them."""
        return [f"{key}={value}" for key, value in self.settings]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A combination that is not simulated, and why: Kubernetes refuses it, or it is the same as another."""

    label: str
    reason: str
    refused: bool


@dataclass(frozen=True)  # no slots: the digest is kept
class Plan:
    """Strategies to simulate, in their order, and the combinations that were left out.

    `bases` are the scenarios that they change, all under the same seed; `axes` are the keys of the settings;
    `circumstances` are those of them that are given, and no choice (cluster, load); `profiles` are the
    profiles that settings name, as they were read when the plan was made. `deployment` is the one that is
    measured (None: each scenario's first); `now` is the strategy that is in force today (None: it is not
    among them, for which `not_now` may be the reason), `in_force` its manifest (None: the scenario's own);
    the last `added` strategies are there for no other reason than being in force; `assumed` are the settings
    that hold for all strategies and are no part of it.
    `repeat` is the command line that means the same plan, `origin` its words for the scenario, where there
    are any. `engine` is who simulates: it makes no difference to the results.
    """

    bases: tuple[Scenario, ...]
    axes: tuple[str, ...]
    strategies: tuple[Strategy, ...]
    left_out: tuple[LeftOut, ...] = ()
    deployment: str | None = None
    now: int | None = None
    not_now: str = ""
    added: int = 0
    in_force: Mapping[str, Any] | None = None
    assumed: tuple[str, ...] = ()
    circumstances: tuple[str, ...] = ()
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    repeat: str = ""
    origin: str = ""
    engine: Engine = "auto"

    @property
    def seed(self) -> int:
        """The seed of every run."""
        return self.bases[0].seed

    def scenario(self, number: int) -> Scenario:
        """Return the scenario of a strategy."""
        return self._scenario(number)

    def _scenario(self, number: int) -> Scenario:
        if number not in self._scenarios:
            strategy = self.strategies[number]
            made = changed(self.bases[strategy.base], strategy.settings, self.profiles)
            if len(self._scenarios) >= _MOST_KEPT:
                return made
            self._scenarios[number] = made
        return self._scenarios[number]

    @cached_property
    def _scenarios(self) -> dict[int, Scenario]:
        return {}

    @cached_property
    def left_to_model(self) -> dict[int, str]:
        """Return the strategies that the model simulates, each with why (see `engine.why_model`); the kernel
        does the others. Raises InputError when the kernel is asked for and cannot (E540, E541).
        """
        found = {}
        for s in self.strategies:
            if (why := why_model(self._scenario(s.number), self.engine)) is not None:
                found[s.number] = why
        return found

    @property
    def engines(self) -> str:
        """Who simulates: "kernel", "model: why", or how many strategies each."""
        reasons = self.left_to_model
        if not reasons:
            return "kernel"
        why = next(iter(reasons.values()))
        if len(reasons) == len(self.strategies):
            return f"model: {why}"
        return f"kernel; model for {len(reasons)} of {len(self.strategies)} strategies: {why}"

    def measured(self, base: int = 0) -> str:
        """Return the name of the Deployment that is measured in a scenario of the plan."""
        return self.deployment or self.bases[base].all_deployments[0].name

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal characters that differ when a result may: version, scenarios, settings."""
        strategies = [[s.base, s.settings, s.digest] for s in self.strategies]
        content = [__version__, [base.digest for base in self.bases], strategies, self.deployment]
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def label_of(settings: Point) -> str:
    """Return "maxSurge=1 maxUnavailable=0", one line of at most 300 characters."""
    return one_line(" ".join(f"{key}={value}" for key, value in settings)) or "as it is"


def changed(scenario: Scenario, settings: Point, profiles: Mapping[str, Profile]) -> Scenario:
    """Return ``scenario`` changed by settings. A profile is not read again: its file may have changed, or be
    on another machine.
    """
    if not settings:
        return scenario
    for key, value in settings:
        if key == "profile":
            scenario = replace(scenario, profile=profiles[value])
    return override(scenario, [f"{key}={value}" for key, value in settings if key != "profile"])
