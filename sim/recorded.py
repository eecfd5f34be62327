"""A recording of a real control plane as a trace: reality and simulation are measured by the same code.

The clock is the recorder's: seconds since a moment before the first create. A recording has no moments of
availability of single pods, and no nodes' pulls; what it has is as exact as its watch, a millisecond or so
after the fact.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from sim._version import __version__
from sim.errors import Diagnostic, InputError
from sim.rules import deployment as rules
from sim.spec.document import Document
from sim.spec.explain import Place
from sim.spec.intake import Intake
from sim.spec.manifest import Deployment, manifests_from
from sim.spec.recorded_rows import strangers
from sim.spec.recording import Recording, checked, read_recording, scenario_from_recording
from sim.spec.sources import read_source
from sim.trace import COLUMNS, Provenance, Table, Trace

__all__ = ["Recording", "load_recording", "scenario_from_recording", "trace_from_recording"]


def load_recording(path: str) -> dict[str, Any]:
    """Return the recording in a file; raises InputError (E001, E415) when it is none."""
    recording = read_recording(read_source(path), path)
    if recording is None:
        message = "this is not a recording"
        expected = "a JSON document with scenario and update_started"
        raise InputError(Diagnostic(code="E415", message=message, file=path, expected=expected))
    checked(recording, path)
    return recording


def trace_from_recording(recording: Mapping[str, Any], source: str) -> Trace:
    """Return what was recorded as a trace; raises InputError (E415) with every row that cannot be used."""
    keys = checked(recording, source)
    manifests = [
        manifests_from([Document(manifest)], intake=Intake("ignore")).deployments
        for manifest in keys.scenario.manifests
    ]
    deployments = {d.name: d for found in manifests for d in found}
    if wrong := strangers(keys, list(deployments), Place(Document({}, source))):
        raise InputError(wrong)
    tables = _tables(recording, deployments)
    ended_s = max(
        (float(t) for name in ("replicasets", "deployments") for t in tables[name]["time_s"]), default=0.0
    )
    text = json.dumps(recording, sort_keys=True)
    return Trace(
        provenance=Provenance(
            version=__version__,
            scenario=Path(source).stem,
            digest=hashlib.sha256(text.encode()).hexdigest()[:16],
            seed=0,
            replication=0,
            engine="recorded",
            kubernetes="1.20",
            profile="recorded",
        ),
        tables=tables,
        started_s=keys.update_started,
        ended_s=max(ended_s, float(recording.get("ended") or 0.0)),
        horizon_s=max(ended_s, float(recording.get("ended") or 0.0)),
        quiet=True,
    )


def _tables(recording: Mapping[str, Any], deployments: Mapping[str, Deployment]) -> dict[str, Table]:
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
    owners = _owners(recording, list(deployments))
    for row in recording["replicasets"]:
        gone = row.get("gone")
        counts = (0, 0, 0, 0) if gone else (row["spec"], row["replicas"], row["ready"], row["available"])
        head = (row["t"], owners[row["rs"]], row["rs"], int(row["revision"] or 0), row["image"])
        rows["replicasets"].append((*head, *counts))
    for row in recording["deployments"]:
        progressing = row.get("conditions", {}).get("Progressing") or ["", ""]
        counts = tuple(
            row[key] for key in ("spec", "replicas", "updated", "ready", "available", "unavailable")
        )
        rows["deployments"].append((row["t"], row["deployment"], *counts, *progressing, math.nan))
        rows["limits"].append(
            (row["t"], row["deployment"], *_limits(deployments[row["deployment"]], row["spec"]))
        )
    revisions = {row["rs"]: int(row["revision"] or 0) for row in recording["replicasets"]}
    for pod in recording.get("pods", ()):
        moments = [
            pod.get(key) for key in ("created", "scheduled", "running", "ready", None, "deleted", "gone")
        ]
        seconds = [math.nan if moment is None else float(moment) for moment in moments]
        head = (pod["pod"], pod["rs"], revisions[pod["rs"]], pod["image"], pod.get("node") or "")
        rows["pods"].append((*head, *seconds))
    rows["states"] = sorted(row for pod in recording.get("pods", ()) for row in _states(pod))
    for row in recording.get("endpoints", ()):
        counted = row.get("ready_count")
        ready = len(row["ready"]) if counted is None else counted
        rows["endpoints"].append((row["t"], row["endpoints"], ready))
    for command in recording.get("commands", ()):
        rows["commands"].append(
            tuple(command[key] for key in ("started", "finished", "command", "exit", "output"))
        )
        rows["events"].append((command["started"], "command", "", "Typed", command["command"]))
    rows["specs"] = [row for d in deployments.values() for row in _specs(recording, d, owners)]
    rows["specs"].sort(key=lambda row: row[0])
    rows["events"] += _steps(recording)
    rows["events"].sort(key=lambda row: row[0])
    return {
        name: dict(zip(columns, map(list, zip(*rows[name], strict=True)), strict=True))
        if rows[name]
        else {column: [] for column in columns}
        for name, columns in COLUMNS.items()
    }


def _owners(recording: Mapping[str, Any], deployments: list[str]) -> dict[str, str]:
    """Return the Deployment of every ReplicaSet: the one whose name it begins with."""
    names = dict.fromkeys(row["rs"] for row in recording["replicasets"])
    return {name: max((d for d in deployments if name.startswith(f"{d}-")), key=len) for name in names}


def _limits(d: Deployment, desired: int) -> tuple[int, int, int]:
    """Return desired, ceiling and floor of a Deployment at a size."""
    strategy, rolling = d.strategy, d.strategy.type == "RollingUpdate"
    surge, unavailable = rules.resolve_fenceposts(
        strategy.max_surge.value,
        strategy.max_surge.is_percent,
        strategy.max_unavailable.value,
        strategy.max_unavailable.is_percent,
        desired,
    )
    floor = desired - rules.max_unavailable(rolling, unavailable, desired) if rolling else 0
    return desired, desired + rules.max_surge(rolling, surge), floor


def _states(pod: Mapping[str, Any]) -> list[tuple[float, str, str]]:
    """Return (time_s, pod, state) for every state that a pod's moments tell."""
    keys = (
        ("created", "pending"),
        ("scheduled", "starting"),
        ("running", "unready"),
        ("ready", "ready"),
        ("unready", "unready"),
        ("deleted", "terminating"),
        ("gone", "gone"),
    )
    told = [(float(pod[key]), pod["pod"], state) for key, state in keys if pod.get(key) is not None]
    end = min((at for at, _, state in told if state == "terminating"), default=math.inf)
    return [row for row in told if row[0] < end or row[2] in ("terminating", "gone")]


def _steps(recording: Mapping[str, Any]) -> list[tuple[float, str, str, str, str]]:
    """Return an event for every time that a Deployment's spec changed after its creation."""
    events = []
    generations: dict[str, int] = {}
    for row in recording["deployments"]:
        name, generation = row["deployment"], row["generation"]
        if name in generations and generation > generations[name]:
            events.append((row["t"], "step", name, "SpecChanged", f"generation {generation}"))
        generations[name] = generation
    return events


# What changes a pod template, of all that is typed.
_TEMPLATE_VERBS = ("set ", "apply ", "patch ", "replace ", "edit ", "rollout restart", "rollout undo")


def _specs(recording: Mapping[str, Any], d: Deployment, owners: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """Return what was asked of a Deployment: (time_s, name, reason, ReplicaSet, image, desired,
    max_unavailable, paused).

    A recording has no templates: another one was asked for when a ReplicaSet got the highest revision, at the
    last change of the spec before that, or, where commands are on record, by the last of them that changes
    templates.
    """
    rows = [row for row in recording["deployments"] if row["deployment"] == d.name]
    if not rows:
        return []
    bumps = _bumps(rows)
    news = _newest(recording, d.name, owners)
    changes: list[tuple[float, str, str, str]] = []
    for number, (at, name, image) in enumerate(news):
        if number == 0:
            continue
        typed = _typed_before(recording, at)
        since = typed[0] if typed is not None else -math.inf
        begun = [t for t in bumps if since <= t <= at]
        moment = (begun[0] if typed is not None else begun[-1]) if begun else at
        undone = typed is not None and "rollout undo" in typed[1]
        changes.append((moment, "Undone" if undone else "", name, image))
    _, first, image = news[0] if news else (0.0, "", "")
    found: list[tuple[Any, ...]] = []
    # The recorder was there before the first create.
    state = ("Created", first, image)
    for row in rows:
        while changes and changes[0][0] <= row["t"]:
            state = changes.pop(0)[1:]
        desired, _, floor = _limits(d, row["spec"])
        rolling = d.strategy.type == "RollingUpdate"
        paused = (row.get("conditions", {}).get("Progressing") or ["", ""])[1] == "DeploymentPaused"
        line = (row["t"], d.name, *state, desired, desired - floor if rolling else 0, paused)
        if not found or found[-1][3:] != line[3:]:
            found.append(line)
    return found


def _bumps(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return when a Deployment's spec changed: the moments at which its generation grew."""
    pairs = pairwise(rows)
    return [float(row["t"]) for before, row in pairs if row["generation"] > before["generation"]]


def _newest(
    recording: Mapping[str, Any], deployment: str, owners: Mapping[str, str]
) -> list[tuple[float, str, str]]:
    """Return (time_s, name, image) of every time that a ReplicaSet got the highest revision."""
    found: list[tuple[float, str, str]] = []
    highest = 0
    for row in recording["replicasets"]:
        revision = int(row["revision"] or 0)
        if owners[row["rs"]] == deployment and revision > highest:
            highest = revision
            found.append((float(row["t"]), row["rs"], row["image"]))
    return found


def _typed_before(recording: Mapping[str, Any], at_s: float) -> tuple[float, str] | None:
    """Return (started_s, line) of the last command before a moment that changes a template, if any did."""
    lines = [
        (float(command["started"]), str(command["command"]))
        for command in recording.get("commands", ())
        if command["started"] <= at_s
        and any(f"{verb}" in f"{command['command']} " for verb in _TEMPLATE_VERBS)
    ]
    return lines[-1] if lines else None
