"""Random sessions: what people type at a terminal, in any order and at any moment, good sense or not.

Whole sequences and not a state machine: all lines of a session are played in one run, whose clock cannot be
stopped between two of them, and a line that makes no sense at its moment (an undo without a history, a second
create) has to be refused, not avoided. A list of independent lines also shrinks to the few that matter.
"""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import strategies as st

from sim.spec.scenario import Scenario, load

NAMES = ("shop", "cart")
SERVICE = "front"
GOOD, BAD = ("web:v1", "web:v2", "web:v3"), ("web:never-ready", "web:crashes")
HORIZON_S = 86_400
Step = dict[str, Any]


def service() -> dict[str, Any]:
    """Return the Service in front of both Deployments."""
    body = {"selector": {"tier": "web"}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": SERVICE}, "spec": body}


def limits() -> st.SearchStrategy[dict[str, Any]]:
    """The limits of a rolling update; two that are both 0 are refused by the API server."""
    share = st.sampled_from((0, 1, 2, 8, "25%", "50%", "100%"))
    return st.fixed_dictionaries({"maxSurge": share, "maxUnavailable": share})


@st.composite
def deployments(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A Deployment that the API server accepts."""
    strategy: dict[str, Any] = {"type": "Recreate"}
    if draw(st.integers(0, 3)):
        chosen = draw(limits())
        if {chosen["maxSurge"], chosen["maxUnavailable"]} == {0}:
            chosen["maxSurge"] = 1
        strategy = {"type": "RollingUpdate", "rollingUpdate": chosen}
    container: dict[str, Any] = {"name": "app", "image": draw(st.sampled_from((*GOOD, BAD[0])))}
    if draw(st.booleans()):
        container["readinessProbe"] = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 2}
    labels = {"app": name, "tier": "web"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": draw(st.integers(0, 8)),
            "minReadySeconds": draw(st.sampled_from((0, 0, 1, 10))),
            "revisionHistoryLimit": draw(st.sampled_from((0, 1, 2, 10, 10, 10))),
            "progressDeadlineSeconds": draw(st.sampled_from((11, 30, 600))),
            "paused": draw(st.integers(0, 7)) == 0,
            "strategy": strategy,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def specs() -> st.SearchStrategy[dict[str, Any]]:
    """Patches of a Deployment's spec; some are refused, for what they meet."""
    rolling = limits().map(lambda chosen: {"strategy": {"type": "RollingUpdate", "rollingUpdate": chosen}})
    return st.one_of(
        rolling,
        limits().map(lambda chosen: {"strategy": {"rollingUpdate": chosen}}),
        st.just({"strategy": {"type": "Recreate", "rollingUpdate": None}}),
        st.sampled_from((0, 1, 10)).map(lambda n: {"minReadySeconds": n}),
        st.integers(0, 3).map(lambda n: {"revisionHistoryLimit": n}),
        st.sampled_from((1, 11, 600, None)).map(lambda n: {"progressDeadlineSeconds": n}),
        st.booleans().map(lambda paused: {"paused": paused}),
        st.tuples(rolling, st.integers(0, 8)).map(lambda two: {**two[0], "replicas": two[1]}),
    )


@st.composite
def lines(draw: st.DrawFn) -> list[Step]:
    """One line at a terminal, or a few that belong together."""
    name = draw(st.sampled_from((*NAMES[:1] * 4, NAMES[1])))
    verb = draw(st.sampled_from(VERBS))
    at = f"deployment {name}"
    if verb == "create":
        made = [draw(deployments(name)), *([service()] if draw(st.booleans()) else ())]
        again = [{"kubectl": f"delete {at}"}] if draw(st.integers(0, 3)) else []
        return [*again, {"kubectl": "create -f -", "input": made}]
    if verb == "patch":
        return [{"kubectl": ["patch", *at.split(), "-p", json.dumps({"spec": draw(specs())})]}]
    if verb == "canary":
        held = {"kubectl": f"rollout pause {at}", "when": "updated >= 1", "limit": 5}
        image, size = draw(st.sampled_from((*GOOD, *BAD))), draw(st.integers(0, 8))
        sized = {"kubectl": f"scale {at} --replicas={size}"}
        return [{"kubectl": f"set image {at} app={image}"}, held, sized, wait(12)]
    if verb == "race":
        size = f"scale {at} --replicas={draw(st.sampled_from((0, 1, 8)))}"
        others = draw(st.lists(st.sampled_from(races(name)), min_size=2, max_size=6))
        return [{"kubectl": line, "background": True} for line in (size, *others)]
    if verb == "heal":
        return [wait(2), *heal(draw(st.sampled_from(GOOD))), {"curl": SERVICE, "requests": 9, "settle": 1}]
    if verb == "curl":
        return [{"curl": SERVICE, "requests": draw(st.sampled_from((1, 20)))}]
    if verb == "rollout status":
        until = draw(st.sampled_from(("", " --timeout=3s", " --timeout=60s", " --watch=false")))
        line: Step = {"kubectl": f"rollout status {at}{until}"}
        return [line if "=" in until and draw(st.booleans()) else line | {"background": True}]
    choices: dict[str, tuple[str, ...]] = {
        "image": tuple(f"set image {at} app={image}" for image in (*GOOD, *BAD)),
        "env": tuple(f"set env {at} COLOUR{value}" for value in ("=red", "=blue", "-")),
        "scale": tuple(f"scale {at} --replicas={n}" for n in range(9)),
        "switch": (f"rollout pause {at}", f"rollout resume {at}"),
        "restart": (f"rollout restart {at}",),
        "undo": (
            *(f"rollout undo {at}",) * 4,
            *(f"rollout undo {at} --to-revision={n}" for n in range(1, 5)),
        ),
        "annotate": tuple(f"annotate {at} kubernetes.io/change-cause={why} --overwrite" for why in "abc"),
        "delete": (
            f"delete pod -l app={name}",
            f"delete rs -l app={name}",
            f"delete {at}",
            f"delete svc {SERVICE}",
        ),
        "look": (
            "get deployments,rs,pods -o wide",
            "get all",
            "get endpoints",
            f"describe {at}",
            f"describe rs -l app={name}",
            f"rollout history {at}",
            f"rollout history {at} --revision=2",
            f"wait --for=condition=Available {at} --timeout=5s",
        ),
    }
    return [{"kubectl": draw(st.sampled_from(choices[verb]))}]


VERBS = (
    *("image",) * 6,
    *("scale", "patch", "undo") * 3,
    *("env", "switch", "delete", "create", "rollout status", "look") * 2,
    *("restart", "annotate", "curl", "heal", "canary", "race", "race"),
)
"""As often as they are to come."""


def races(name: str) -> list[str]:
    """Return the lines that take away what a controller may be about to change."""
    pods = f"delete pod -l app={name} --wait=false"
    return [*(pods,) * 6, f"delete rs -l app={name}", f"delete deployment {name}"]


def wait(seconds: float) -> Step:
    """Return a step that only takes time: its condition never holds."""
    return {"when": "desired > 8", "limit": seconds}


def heal(image: str) -> list[Step]:
    """Return the lines after which every Deployment that exists becomes complete, given time."""
    return [
        step
        for name in NAMES
        for step in (
            {"kubectl": f"rollout resume deployment {name}"},
            {"kubectl": f"set image deployment {name} app={image}"},
        )
    ]


@st.composite
def timings(draw: st.DrawFn) -> dict[str, Any]:
    """How long after the line before it a line is typed at the earliest, and what it waits for."""
    gap = draw(
        st.sampled_from((0.0, 0.0)) | st.floats(0.0, 0.02) | st.floats(0.0, 3.0) | st.floats(0.0, 40.0)
    )
    if draw(st.integers(0, 7)):
        return {"gap": gap}
    condition = draw(
        st.sampled_from(
            (
                *("updated == 1", "updated >= 3", "available < 4", "unavailable > 0", "replicas == 0"),
                *("progressing == False", "complete == True", "paused == True", "revision >= 3"),
            )
        )
    )
    return {"gap": gap, "when": condition, "limit": draw(st.sampled_from((0, 1, 30)))}


@st.composite
def profiles(draw: st.DrawFn) -> dict[str, Any]:
    """A cluster: how late its control plane is, how slowly its pods start and stop."""
    instant = draw(st.booleans())
    start = draw(st.sampled_from((0, 1, 3, {"uniform": [0, 6]}, {"lognormal": {"median": 2, "sigma": 0.6}})))
    stop = draw(st.sampled_from((0, 1, 10, 40, {"uniform": [0, 30]})))
    after = draw(st.sampled_from((0, 0.5, 4)))
    crash = {"cached": True, "faults": {"crash": {"probability": 1, "after": after}}}
    return {
        "base": "textbook" if instant else "fast",
        "kubernetes": draw(st.sampled_from(("1.20", "1.28", "newest"))),
        "nodes": draw(st.sampled_from((1, 3))),
        "pods": {"start": start, "stop": stop},
        "images": {GOOD[2]: {"stop": 1}, BAD[0]: {"faults": {"never_ready": 1}}, BAD[1]: crash},
    }


@st.composite
def sessions(draw: st.DrawFn, most_lines: int = 25) -> Scenario:
    """A session that ends with a healthy template everywhere, time, and a question how it went."""
    there = [draw(deployments(name)) for name in NAMES[: draw(st.integers(0, 2))]]
    if not there:
        first = [{"at": 0.0, "kubectl": "create -f -", "input": [draw(deployments(NAMES[0])), service()]}]
    else:
        there.append(service())
        first = []
    steps: list[Step] = []
    at = 0.0
    for _ in range(draw(st.integers(1, most_lines))):
        timing = draw(timings())
        at += timing.pop("gap")
        head, *rest = draw(lines())
        if not draw(st.integers(0, 3)):
            head = head | {"background": True} if "kubectl" in head else head
        steps += [{"at": round(at, 6), **timing, **head}, *rest]
    done = [{"kubectl": f"rollout status deployment {name}"} for name in NAMES]
    done[0] |= {"settle": 5}
    document = {
        "name": "session",
        "profile": draw(profiles()),
        "seed": draw(st.integers(0, 1000)),
        "horizon": HORIZON_S,
        # What is typed in the background has happened when the healing begins.
        "steps": [
            *first,
            *steps,
            wait(2),
            *heal(draw(st.sampled_from(GOOD))),
            *done,
            {"kubectl": "get pods"},
        ],
    }
    if there:
        document["manifests"] = there
    return read(document)


def read(document: dict[str, Any]) -> Scenario:
    """Return the scenario of a document, as the command line reads it."""
    return load("-", stdin=io.BytesIO(json.dumps(document).encode()))
