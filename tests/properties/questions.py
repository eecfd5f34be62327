"""Random scenarios that the kernel can play: every feature that it has, alone and together.

Latencies are continuous, or whole multiples of a coarse grid, on which events of different kinds fall into
one instant again and again: their order is what tells a twin from a likeness.
"""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import strategies as st

from sim.spec.scenario import Scenario, load
from tests.properties.rollouts import VERSIONS, strategies

IMAGES = ("web:v1", "web:v2", "web:v3", "web:bad")
GRID_S = 0.5
Draw = st.DrawFn


def times(coarse: bool, most: float, law: str = "cycle") -> st.SearchStrategy[Any]:
    """A latency of up to about ``most`` seconds; ``law``: what a list of them is."""
    steps = st.integers(0, max(1, round(most / GRID_S))).map(lambda n: n * GRID_S)
    grid = st.one_of(steps, st.lists(steps, min_size=1, max_size=5).map(lambda every: {law: every}))
    if coarse:
        return grid
    return st.one_of(
        grid,
        st.floats(0.01, most).map(lambda m: {"lognormal": {"median": m, "sigma": 0.6}}),
        st.floats(0.01, most).map(lambda m: {"exponential": {"mean": m}}),
        st.floats(0.01, most).map(lambda m: {"uniform": [0, m]}),
    )


def faults(coarse: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What goes wrong with the pods of an image, if anything."""
    chance = st.sampled_from((0.1, 0.5, 1))
    return st.fixed_dictionaries(
        {},
        optional={
            "never_ready": chance,
            "crash": st.fixed_dictionaries({"probability": chance, "after": times(coarse, 12, "empirical")}),
            "unready": st.fixed_dictionaries(
                {"probability": chance, "after": times(coarse, 12), "for": times(coarse, 6)}
            ),
        },
    )


@st.composite
def containers(draw: Draw, grace_s: int) -> list[dict[str, Any]]:
    """The containers of a pod, with probes of every kind."""
    made = []
    for i in range(draw(st.sampled_from((1, 1, 1, 2)))):
        container: dict[str, Any] = {"name": "app" if i == 0 else f"side-{i}", "image": IMAGES[0]}
        for kind in ("readinessProbe", "livenessProbe", "startupProbe"):
            if not draw(st.integers(0, 1 if kind == "readinessProbe" else 4)):
                container[kind] = {
                    "httpGet": {"path": "/", "port": 80},
                    "initialDelaySeconds": draw(st.sampled_from((0, 0, 1, 7))),
                    "periodSeconds": draw(st.sampled_from((1, 2, 5, 10))),
                    "failureThreshold": draw(st.integers(1, 4)),
                    "successThreshold": draw(st.integers(1, 3)) if kind == "readinessProbe" else 1,
                }
        if not draw(st.integers(0, 4)):
            container["lifecycle"] = {
                "preStop": {"sleep": {"seconds": draw(st.integers(0, min(8, grace_s)))}}
            }
        made.append(container)
    return made


@st.composite
def manifests(draw: Draw, most_replicas: int) -> list[dict[str, Any]]:
    """A Deployment, and none, one or two Services in front of it."""
    labels = {"app": "shop", "tier": "web"}
    min_ready = draw(st.sampled_from((0, 0, 1, 5, 20)))
    patience = min_ready + 1, min_ready + 5
    grace_s = draw(st.sampled_from((0, 1, 5, 30)))
    pod = {"containers": draw(containers(grace_s)), "terminationGracePeriodSeconds": grace_s}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "annotations": draw(st.sampled_from(({}, {"team": "red"})))},
        "spec": {
            "replicas": draw(st.sampled_from((0, *range(1, most_replicas), *range(1, most_replicas)))),
            "minReadySeconds": min_ready,
            "revisionHistoryLimit": draw(st.sampled_from((0, 1, 2, 10))),
            "progressDeadlineSeconds": draw(st.sampled_from((*patience, *patience, 60, 2_147_483_647))),
            "strategy": draw(strategies()),
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    services = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {
                "selector": labels,
                "ports": [{"port": 80}],
                "publishNotReadyAddresses": draw(st.booleans()),
            },
        }
        for name in ("front", "back")[: draw(st.integers(0, 2))]
    ]
    return [deployment, *services]


@st.composite
def profiles(draw: Draw, coarse: bool) -> dict[str, Any]:
    """A cluster: its control plane, its kubelets, its pods' latencies and faults."""
    plane = {
        "preset": draw(st.sampled_from(("default", "managed", "instant"))),
        "stamp_s": draw(st.sampled_from((0.0, 1.0))),
        "events": draw(st.booleans()),
        "qps": draw(st.sampled_from((0, 1, 20, 50))),
        "burst": draw(st.sampled_from((1, 5, 30))),
        "scheduler_qps": draw(st.sampled_from((0, 2, 50))),
        "scheduler_burst": draw(st.sampled_from((1, 10))),
        "deployment_workers": draw(st.sampled_from((1, 5))),
        "replicaset_workers": draw(st.sampled_from((1, 2, 5))),
    }
    if not coarse and not draw(st.integers(0, 3)):
        plane["write"] = {"uniform": [0, 1]}
    if coarse:
        plane |= {name: draw(st.sampled_from((0.0, GRID_S))) for name in ("write", "watch", "kubectl")}
    stages = {
        name: draw(times(coarse, most))
        for name, most in (("schedule", 1), ("pull", 3), ("start", 2), ("ready", 8), ("stop", 12))
    }
    images: dict[str, Any] = {}
    for image in IMAGES:
        if draw(st.integers(0, 2)):
            continue
        images[image] = {"cached": draw(st.booleans()), "start": draw(times(coarse, 3))}
        images[image] |= {"faults": draw(faults(coarse))} if draw(st.booleans()) else {}
    profile: dict[str, Any] = {
        "kubernetes": draw(st.sampled_from(VERSIONS)),
        "control_plane": plane,
        "kubelet": {
            "relist_s": draw(st.sampled_from((0.0, 0.5, 1.0))),
            "status": draw(times(coarse, 1, "empirical")),
        },
        "readiness": draw(st.sampled_from(("probe", "probe", "application"))),
        "pods": {**stages, "faults": draw(faults(coarse)) if draw(st.booleans()) else {}},
        "images": images,
    }
    if draw(st.integers(0, 4)):
        profile["nodes"] = draw(st.sampled_from((1, 2, 3, 8)))
    else:
        profile["architectures"] = {"amd64": 2, "arm64": 1}
        images.setdefault(IMAGES[3], {})["architectures"] = ["amd64"]
    return profile


@st.composite
def steps(draw: Draw, coarse: bool, horizon_s: int) -> list[dict[str, Any]]:
    """What is typed, and when."""
    at = "deployment shop"
    patches = (
        {"strategy": {"rollingUpdate": {"maxSurge": "100%", "maxUnavailable": 1}, "type": "RollingUpdate"}},
        {"strategy": {"type": "Recreate", "rollingUpdate": None}},
        {"minReadySeconds": 3},
        {"revisionHistoryLimit": 0},
        {"progressDeadlineSeconds": 25},
        {"replicas": 3, "paused": True},
        {"paused": False},
    )
    lines = (
        *(f"set image {at} app={image}" for image in IMAGES),
        *(f"set image {at} app={image}" for image in IMAGES),
        *(f"scale {at} --replicas={n}" for n in (0, 1, 4, 9)),
        *(f"rollout {verb} {at}" for verb in ("pause", "resume")),
        *(f"set env {at} COLOUR={value}" for value in ("red", "blue")),
        f"annotate {at} kubernetes.io/change-cause=why --overwrite",
        "get pods",
        f"rollout history {at}",
        *(["patch", *at.split(), "-p", json.dumps({"spec": patch})] for patch in patches),
    )
    gaps = st.sampled_from((0.0, GRID_S, 3.0)) if coarse else st.sampled_from((0.0, 0.02)) | st.floats(0, 30)
    conditions = (
        *("updated == 1", "updated >= 3", "available < 4", "unavailable > 0", "replicas == 0", "ready != 2"),
        *("progressing == False", "complete == True", "paused == True", "revision >= 3", "desired <= 4"),
    )
    made: list[dict[str, Any]] = [{"at": 0.0, "kubectl": f"set image {at} app={IMAGES[1]}"}]
    moment = 0.0
    for _ in range(draw(st.integers(0, 6))):
        moment = min(round(moment + draw(gaps), 6), horizon_s - 1)
        step: dict[str, Any] = {"at": moment, "kubectl": draw(st.sampled_from(lines))}
        if not draw(st.integers(0, 3)):
            step |= {"when": draw(st.sampled_from(conditions)), "limit": draw(st.sampled_from((0, 1, 30)))}
        if not draw(st.integers(0, 5)):
            step |= {"settle": draw(st.sampled_from((0, 1, 5)))}
        if not draw(st.integers(0, 9)):
            del step["kubectl"]
            step |= {"when": "desired > 20", "limit": 2}
        made.append(step)
    return made


@st.composite
def questions(draw: Draw, most_replicas: int = 14) -> Scenario:
    """A scenario that the kernel can play."""
    coarse, horizon_s = draw(st.booleans()), draw(st.sampled_from((20, 120, 900, 900)))
    document = {
        "name": "question",
        "manifests": draw(manifests(most_replicas)),
        "profile": draw(profiles(coarse)),
        "seed": draw(st.integers(0, 1000)),
        "horizon": horizon_s,
        "steps": draw(steps(coarse, horizon_s)),
    }
    return load("-", stdin=io.BytesIO(json.dumps(document).encode()))
