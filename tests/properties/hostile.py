"""Random hostile inputs: good documents of every kind in which a value or two has become another."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

RECORDING = Path(__file__).parent.parent / "recorded" / "seed-3-pause-resume.json"
HOSTILE = "a\x1b[31m\u202eb"
# Endless, vanishing, of another kind, or hostile: values that stand where others should.
VALUES: tuple[Any, ...] = (
    "text", "", None, [], {}, [1, 2], {"a": 1}, True, "7", "1e9", "9" * 60, HOSTILE, "x" * 5000,
    "{{ .Values.x }}", float("inf"), float("nan"), 1e308, 5e-324, 1e-16, 1e13, -1, -1.5, 0, 1, 3.7,
    2**31 - 1, 2**31, 2**62, 2**63, 2**70, 10**400,
)  # fmt: skip
PROBE = {
    "httpGet": {"path": "/", "port": 80},
    "periodSeconds": 1,
    "initialDelaySeconds": 0,
    "failureThreshold": 3,
}


def manifest() -> dict[str, Any]:
    """Return a Deployment with a bit of everything."""
    container = {
        "name": "web",
        "image": "shop:v1",
        "readinessProbe": PROBE,
        "livenessProbe": PROBE,
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
        "resources": {"requests": {"cpu": "250m"}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "annotations": {"a": "b"}},
        "spec": {
            "replicas": 2,
            "minReadySeconds": 1,
            "progressDeadlineSeconds": 60,
            "revisionHistoryLimit": 3,
            "strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}},
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {
                "metadata": {"labels": {"app": "shop"}},
                "spec": {"terminationGracePeriodSeconds": 30, "containers": [container]},
            },
        },
    }


def scenario() -> dict[str, Any]:
    """Return a scenario with a profile and steps of many kinds."""
    patch = '{"spec": {"minReadySeconds": 2}}'
    return {
        "name": "hostile",
        "horizon": 120,
        "seed": 3,
        "manifests": [manifest()],
        "profile": {
            "base": "fast",
            "nodes": 3,
            "pods": {
                "pull": {"lognormal": {"median": 1, "p95": 2}},
                "start": {"uniform": [1, 2]},
                "ready": {"gamma": {"mean": 1, "sd": 1}},
                "stop": {"empirical": [1, 2]},
                "faults": {"never_ready": 0.1},
            },
            "control_plane": {"qps": 20, "burst": 30, "write": 0.01, "watch": {"exponential": {"mean": 0.1}}},
            "kubelet": {"relist_s": 1, "status": 0.01},
        },
        "steps": [
            {"at": 1, "kubectl": "set image deployment/shop web=shop:v2"},
            {"settle": 5, "kubectl": "scale deployment/shop --replicas=3"},
            {"when": "updated == 1", "limit": 5, "kubectl": ["patch", "deployment", "shop", "-p", patch]},
            {"kubectl": "rollout status deployment/shop --timeout=5s"},
        ],
        "expect": "complete",
    }


def recording() -> dict[str, Any]:
    """Return a recording of a real control plane."""
    found: dict[str, Any] = json.loads(RECORDING.read_text(encoding="utf-8"))
    return found


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


def harmed(random: Random, document: dict[str, Any]) -> str:
    """Return a document as JSON text in which one to three places are harmed."""
    found = copy.deepcopy(document)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        *path, last = random.choice(list(_places(found)))
        inner: Any = found
        for key in path:
            inner = inner[key]
        what = random.random()
        if what < 0.15:
            del inner[last]
        elif what < 0.2 and isinstance(inner, list):
            inner.append(copy.deepcopy(inner[last]))
        elif what < 0.25 and isinstance(inner, dict):
            inner[random.choice((HOSTILE, f"{last}s", ""))] = inner.pop(last)
        else:
            inner[last] = copy.deepcopy(random.choice(VALUES))
        if not found:
            break
    return json.dumps(found)


def damaged(random: Random, content: bytes) -> bytes:
    """Return the bytes of a file that was cut, overwritten, or in which a bit has turned."""
    place = random.randrange(len(content))
    what = random.random()
    if what < 0.2:
        return content[:place]
    if what < 0.3:
        return random.randbytes(64)
    return content[:place] + bytes([content[place] ^ 1 << random.randrange(8)]) + content[place + 1 :]
