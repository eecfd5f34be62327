"""What the tabulator offers for values: profiles, measures, fields. Imported only when it is pressed."""

from __future__ import annotations

import click

# The fields that people try out; `--set` takes any other by its path in the Deployment, too.
SETTINGS = (
    "maxSurge",
    "maxUnavailable",
    "minReadySeconds",
    "progressDeadlineSeconds",
    "replicas",
    "revisionHistoryLimit",
    "strategy",
    "terminationGracePeriodSeconds",
    "readinessProbe.initialDelaySeconds",
    "readinessProbe.periodSeconds",
    "readinessProbe.failureThreshold",
    "readinessProbe.successThreshold",
    "kubernetes",
    "horizon",
)


def complete_profile(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the built-in profiles that begin so."""
    from sim.spec.builtin import PROFILES

    return [name for name in PROFILES if name.startswith(incomplete)]


def complete_measure(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the beginnings of requirements: a measure and the operator that a limit on it would have."""
    from sim.metrics import MEASURES

    limits = {"higher": ">=", "lower": "<="}
    offers = [f"{n}{limits[m.better]}" for n, m in MEASURES.items() if m.better is not None]
    return [offer for offer in offers if offer.startswith(incomplete)]


def complete_setting(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the beginnings of assignments."""
    return [f"{name}=" for name in SETTINGS if name.startswith(incomplete)]
