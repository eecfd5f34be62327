"""Whole scenarios side by side: whether they can be compared, and under which names."""

from __future__ import annotations

from collections.abc import Sequence

from sim.errors import Diagnostic, InputError
from sim.spec.scenario import Scenario
from sim.sweep.axes import Point
from sim.sweep.plan import Plan
from sim.sweep.planning import plan_comparison
from sim.units import format_seconds

Named = Sequence[tuple[str, Scenario]]


def side_by_side(scenarios: Named, variants: Sequence[Point] = (), deployment: str | None = None) -> Plan:
    """Return the plan that compares scenarios, and variants of the first one, in clusters that may differ:
    then their names say how.

    Raises InputError as `plan_comparison` does, and for candidates that are not watched equally long (E504):
    a rollout that is cut off early would look like one that never completes.
    """
    plan = plan_comparison(_with_clusters(_told_apart(scenarios)), variants, deployment)
    horizons = {strategy.label: plan.scenario(strategy.number).horizon_s for strategy in plan.strategies}
    first, *others = horizons.items()
    other = next((one for one in others if one[1] != first[1]), None)
    if other is not None:
        told = (f"{label} until {format_seconds(horizon_s)}" for label, horizon_s in (first, other))
        message = f"the candidates are not watched equally long: {', '.join(told)}"
        raise InputError(Diagnostic(code="E504", message=message, expected="one horizon"))
    return plan


def _told_apart(scenarios: Named) -> Named:
    """Return scenarios of one name as "web", "web (2)", …"""
    names = [name for name, _ in scenarios]
    counts = [names[:place].count(name) for place, name in enumerate(names)]
    return [
        (f"{name} ({count + 1})" if count else name, scenario)
        for (name, scenario), count in zip(scenarios, counts, strict=True)
    ]


def _with_clusters(scenarios: Named) -> Named:
    """Return scenarios as "web (profile jvm, Kubernetes 1.30)" where that is not the same for all of them."""
    clusters = [
        (f"profile {one.profile.name}", f"Kubernetes {one.profile.kubernetes}") for _, one in scenarios
    ]
    differing = [place for place in (0, 1) if len({cluster[place] for cluster in clusters}) > 1]
    if not differing:
        return scenarios
    return [
        (f"{name} ({', '.join(cluster[place] for place in differing)})", scenario)
        for (name, scenario), cluster in zip(scenarios, clusters, strict=True)
    ]
