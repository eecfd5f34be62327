"""Random scenarios: Deployments, profiles and seeds within what Kubernetes accepts."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from sim.spec.manifest import parse_manifests
from sim.spec.scenario import Scenario, scenario_from_manifests

VERSIONS = ("1.20", "1.21", "1.24", "1.28", "1.29", "1.33", "1.34", "newest")


def document(
    replicas: int, strategy: dict[str, Any], min_ready: int, probe: dict[str, int] | None, history: int
) -> list[dict[str, Any]]:
    """Return a Deployment and its Service as plain data."""
    container: dict[str, Any] = {"name": "app", "image": "shop:v2"}
    if probe is not None:
        container["readinessProbe"] = {"httpGet": {"path": "/", "port": 80}, **probe}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop"},
        "spec": {
            "replicas": replicas,
            "minReadySeconds": min_ready,
            "revisionHistoryLimit": history,
            "strategy": strategy,
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": [container]}},
        },
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "shop"},
        "spec": {"selector": {"app": "shop"}, "ports": [{"port": 80}]},
    }
    return [deployment, service]


@st.composite
def strategies(draw: st.DrawFn) -> dict[str, Any]:
    """A rollout strategy that the API server accepts."""
    if draw(st.integers(0, 9)) == 0:
        return {"type": "Recreate"}
    share = st.one_of(st.integers(0, 6), st.integers(0, 100).map(lambda n: f"{n}%"))
    surge, unavailable = draw(share), draw(share)
    if surge in (0, "0%") and unavailable in (0, "0%"):
        surge = 1
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}


def delays(most: float) -> st.SearchStrategy[Any]:
    """A distribution of up to about ``most`` seconds; whole seconds often, so that ties happen."""
    return st.one_of(
        st.integers(0, int(most)),
        st.lists(st.integers(0, int(most)), min_size=1, max_size=6).map(lambda steps: {"cycle": steps}),
        st.floats(0.01, most).map(lambda m: {"lognormal": {"median": m, "sigma": 0.5}}),
        st.floats(0.01, most).map(lambda m: {"exponential": {"mean": m}}),
        st.floats(0.01, most).map(lambda m: {"uniform": [0, m]}),
    )


def faults() -> st.SearchStrategy[dict[str, Any]]:
    """Whatever can go wrong with pods, each with some probability."""
    time = st.integers(0, 20) | st.floats(0.01, 20).map(lambda m: {"exponential": {"mean": m}})
    chance = st.sampled_from((0.1, 0.5, 1))
    return st.fixed_dictionaries(
        {},
        optional={
            "never_ready": chance,
            "crash": st.fixed_dictionaries({"probability": chance, "after": time}),
            "unready": st.fixed_dictionaries({"probability": chance, "after": time, "for": time}),
        },
    )


@st.composite
def scenarios(draw: st.DrawFn, most_replicas: int = 30, healthy: bool = True) -> Scenario:
    """One rollout; a healthy one has no faults: every pod becomes ready sooner or later and stays so."""
    probe = st.fixed_dictionaries(
        {
            "initialDelaySeconds": st.integers(0, 12),
            "periodSeconds": st.integers(1, 10),
            "successThreshold": st.integers(1, 3),
            "failureThreshold": st.integers(1, 3),
        }
    )
    text = json.dumps(
        {
            "apiVersion": "v1",
            "kind": "List",
            "items": document(
                draw(st.integers(0, most_replicas)),
                draw(strategies()),
                draw(st.sampled_from((0, 0, 1, 5, 20))),
                draw(st.none() | probe),
                draw(st.integers(0, 2)),
            ),
        }
    )
    profile = {
        "kubernetes": draw(st.sampled_from(VERSIONS)),
        "control_plane": draw(st.sampled_from(("default", "managed", "instant"))),
        "readiness": draw(st.sampled_from(("probe", "application"))),
        "nodes": draw(st.none() | st.integers(1, 8)),
        "pods": {
            "schedule": draw(delays(1)),
            "pull": draw(delays(3)),
            "start": draw(delays(2)),
            "ready": draw(delays(8)),
            "stop": draw(delays(8)),
            "faults": {} if healthy else draw(faults()),
        },
    }
    manifests = parse_manifests(text, "random")
    seed, horizon_s = draw(st.integers(0, 1000)), 86_400 if healthy else 300
    return scenario_from_manifests(manifests, profile=profile, seed=seed, horizon_s=horizon_s)
