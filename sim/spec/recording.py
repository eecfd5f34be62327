"""Recordings of a real control plane as scenarios: the same objects, delays and lines at the same times.

A recording is a JSON document: `scenario` holds what was asked for, `update_started` when its actions began,
`commands`
what was typed and answered. The control plane was a v1.20 with default flags, the kubelets were played by a
script.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.errors import Diagnostic, InputError, shown
from sim.kubectl.command import Unsupported, parse
from sim.spec.distributions import LONGEST_S
from sim.spec.document import Document
from sim.spec.profile import Profile, load_profile
from sim.spec.scenario_checks import with_checks
from sim.spec.session import applied, typed
from sim.spec.steps import DEFAULT_HORIZON_S, Applied, Scenario, Step, Timing, WaitStep

KEYS = ("scenario", "update_started")
FIRST_COMMAND_S = 0.5  # the recorder's own start
NODES = 5  # of the recorder, when a recording does not say
# recordings: from a pod's creation to its binding, scheduler included.
SCHEDULE = {"lognormal": {"median": 0.0057, "p95": 0.0157}}


def is_recording(data: Any) -> bool:
    """Return whether plain data is a recording's."""
    return isinstance(data, Mapping) and all(key in data for key in KEYS) and "manifests" in data["scenario"]


def read_recording(raw: bytes, file: str) -> dict[str, Any] | None:
    """Return the recording that `raw` is, None when it is something else."""
    # Only JSON is ever a recording, and reading hundreds of kilobytes of it as YAML takes seconds.
    if not raw.lstrip().startswith(b"{") or b'"update_started"' not in raw:
        return None
    try:
        data = json.loads(raw)
    except ValueError:
        return None
    return data if is_recording(data) else None


def scenario_from_recording(
    recording: Mapping[str, Any], source: str, profile: Profile | None = None
) -> Scenario:
    """Return the scenario that plays what was recorded; raises InputError (E415) when it cannot be used."""
    try:
        return _scenario(recording, source, profile)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        message = f"this recording cannot be used: {type(error).__name__} {shown(str(error))}"
        raise InputError(Diagnostic(code="E415", message=message, file=source)) from None


def _scenario(recording: Mapping[str, Any], source: str, profile: Profile | None) -> Scenario:
    asked = recording["scenario"]
    namespace = str(asked["name"])
    objects = [
        made
        for i, manifest in enumerate(asked["manifests"])
        for made in applied(Document(manifest, f"{source}: scenario.manifests[{i}]"), namespace)
    ]
    commands = recording.get("commands") or [{"started": FIRST_COMMAND_S}]
    first = ["create", "-f", "-", *(["--record"] if asked.get("record") else [])]
    begin = Timing(at_s=float(commands[0]["started"]))
    steps: list[Step] = [_line(first, namespace, begin, source, objects)]
    steps += [
        _step(action, namespace, float(recording["update_started"]), source) for action in asked["actions"]
    ]
    return with_checks(
        Scenario(
            name=Path(source).stem,
            description=f"recorded: {namespace}",
            deployments=(),
            services=(),
            profile=profile or load_profile(_profile(recording)),
            horizon_s=DEFAULT_HORIZON_S,
            steps=tuple(steps),
            source=source,
        )
    )


def _step(action: Mapping[str, Any], namespace: str, origin_s: float, source: str) -> Step:
    at_s = origin_s + float(action["at"]) if "at" in action else None
    if "kubectl" in action:
        background = bool(action.get("background"))
        return _line(action["kubectl"], namespace, Timing(at_s=at_s), source, background=background)
    return WaitStep(Timing(at_s=at_s, settle_s=float(action["settle"])))


def _line(
    words: Sequence[str],
    namespace: str,
    timing: Timing,
    source: str,
    objects: Sequence[Applied] = (),
    *,
    background: bool = False,
) -> Step:
    # The recorder typed the namespace first, and does not show it.
    command = parse([f"--namespace={namespace}", *map(str, words)])
    line = " ".join(map(str, words))
    if isinstance(command, Unsupported):
        raise InputError(
            Diagnostic(code="E413", message=command.message, file=source, found=shown(f"kubectl {line}"))
        )
    return typed(command, line, timing, objects, background=background)


def _profile(recording: Mapping[str, Any]) -> dict[str, Any]:
    asked = recording["scenario"]
    played = {
        image: {
            "start": _delays(times["start_s"]),
            "ready": _delays(times["ready_s"]),
            "stop": _delays(times["stop_s"]),
            "cached": True,
            "faults": _faults(times.get("unready_after_s")),
        }
        for image, times in asked["pods"].items()
    }
    rest: dict[str, Any] = dict(played.pop("*", {}))
    rest.pop("cached", None)
    seen = [pod["node"] for pod in recording.get("pods", ()) if pod.get("node")]
    nodes = max([NODES, *(int(name.rpartition("-")[2]) + 1 for name in seen)])
    return {
        "name": "recorded",
        "kubernetes": "1.20",
        "nodes": int(asked.get("nodes") or nodes),
        "readiness": "application",
        "kubelet": {"relist_s": 0, "status": 0},
        "pods": {"schedule": SCHEDULE, "pull": 0, **rest},
        "images": played,
    }


def _delays(value: Any) -> Any:
    """Return a delay, or one a pod in turn; what never comes takes the longest time there is."""
    if isinstance(value, list):
        return {"cycle": [LONGEST_S if one is None else float(one) for one in value]}
    return LONGEST_S if value is None else float(value)


def _faults(after: Any) -> dict[str, Any]:
    values = after if isinstance(after, list) else [after]
    if not any(values):
        return {}
    after_s = {"cycle": [float(one) if one else LONGEST_S for one in values]}
    return {"unready": {"probability": 1.0, "after": after_s, "for": LONGEST_S}}
