"""Recordings of a real control plane as scenarios: the same objects, delays and lines at the same times.

A recording is a JSON document: `scenario` holds what was asked for, `update_started` when its actions
began, `commands` what was typed and answered. The control plane was a v1.20 with default flags, the
kubelets were played by a script.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from sim.errors import Diagnostic, InputError, shown
from sim.kubectl.command import Command, Unsupported, parse
from sim.spec.distributions import LONGEST_S
from sim.spec.document import Document
from sim.spec.explain import Codes, Place, custom, explain
from sim.spec.profile import Profile, load_profile
from sim.spec.recorded_rows import Model, Moment, Rows
from sim.spec.scenario_checks import with_checks
from sim.spec.session import applied, typed, unmodelled
from sim.spec.steps import Applied, Scenario, Step, Timing, WaitStep

KEYS = ("scenario", "update_started")
FIRST_COMMAND_S = 0.5  # the recorder's own start
NODES = 5  # of the recorder, when a recording does not say
# recordings: from a pod's creation to its binding, scheduler included.
SCHEDULE = {"lognormal": {"median": 0.0057, "p95": 0.0157}}

# recordings: from what the played kubelet does to what the API shows. Between a pod's `ready` and the writes
# that follow from it there are 9 ms more than the controllers need, in both of those that look at it, and a
# pod is gone 10 ms after the end of its `stop_s`: its recorded moments are those of the kubelet's acts.
STATUS = {"lognormal": {"median": 0.009, "p95": 0.012}}


Delay = Moment | None
Delays = Delay | Annotated[list[Delay], Field(min_length=1)]


class _Action(Model):
    at: Moment | None = None
    settle: Moment | None = None
    kubectl: Annotated[list[str], Field(min_length=1)] | None = None
    background: bool = False

    @model_validator(mode="after")
    def _check(self) -> _Action:
        if self.kubectl is None and self.settle is None:
            raise custom("value", "the action says nothing to do", found="", expected="kubectl or settle")
        return self


class _Pods(Model):
    start_s: Delays
    ready_s: Delays
    stop_s: Delays
    unready_after_s: Delays = None


class _Asked(Model):
    name: Annotated[str, Field(min_length=1)]
    manifests: Annotated[list[dict[str, Any]], Field(min_length=1)]
    pods: dict[str, _Pods]
    actions: list[_Action]
    record: bool = False
    nodes: Annotated[int, Field(ge=1, le=100_000)] | None = None


class Recording(Rows):
    """What is read of a recording: what was asked for, to play it again, and what was seen."""

    scenario: _Asked
    update_started: Moment
    ended: Moment | None = None


CODES = Codes(unknown="E415", value="E415", special={})


def is_recording(data: Any) -> bool:
    """Return whether plain data is a recording's."""
    return isinstance(data, Mapping) and all(key in data for key in KEYS)


def read_recording(raw: bytes, file: str) -> dict[str, Any] | None:
    """Return the recording that `raw` is, None when it is something else."""
    # Only JSON is ever a recording, and reading hundreds of kilobytes of it as YAML takes seconds.
    if not raw.lstrip().startswith(b"{") or b'"update_started"' not in raw:
        return None
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        message = f"this recording is not valid JSON: {error}"
        raise InputError(Diagnostic(code="E415", message=message, file=file)) from None
    return data if is_recording(data) else None


def scenario_from_recording(
    recording: Mapping[str, Any], source: str, profile: Profile | None = None
) -> Scenario:
    """Return the scenario that plays what was recorded; raises InputError (E413, E415) when it cannot be
    used."""
    return _scenario(checked(recording, source), source, profile)


def checked(recording: Mapping[str, Any], source: str) -> Recording:
    """Return what is read of a recording, every cell checked; raises InputError (E415) with every problem."""
    place = Place(Document(dict(recording), source))
    try:
        return Recording.model_validate(dict(recording))
    except ValidationError as error:
        raise InputError(explain(error, Recording, place, CODES)) from None


def _scenario(recording: Recording, source: str, profile: Profile | None) -> Scenario:
    asked = recording.scenario
    objects = [
        made
        for i, manifest in enumerate(asked.manifests)
        for made in applied(Document(manifest, f"{source}: scenario.manifests[{i}]"), asked.name)
    ]
    first = ["create", "-f", "-", *(["--record"] if asked.record else [])]
    began = recording.commands[0].started if recording.commands else FIRST_COMMAND_S
    steps: list[Step] = [_line(first, asked.name, Timing(at_s=began), source, objects)]
    for action in asked.actions:
        at_s = recording.update_started + action.at if action.at is not None else None
        timing = Timing(at_s=at_s, settle_s=action.settle)
        if action.kubectl is None:
            steps.append(WaitStep(timing))
        else:
            steps.append(_line(action.kubectl, asked.name, timing, source, background=action.background))
    return with_checks(
        Scenario(
            name=Path(source).stem,
            description=f"recorded: {asked.name}",
            deployments=(),
            services=(),
            profile=profile or load_profile(_profile(recording)),
            steps=tuple(steps),
            source=source,
        )
    )


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
    command = parse([f"--namespace={namespace}", *words])
    line = " ".join(words)
    why = command.message if isinstance(command, Unsupported) else ""
    if isinstance(command, Command) and "filename" in command.flags and not objects:
        why = "the actions of a recording read no files"
    if not isinstance(command, Unsupported) and not why:
        step = typed(command, line, timing, objects, background=background)
        why = unmodelled(step)
        if not why:
            return step
    raise InputError(Diagnostic(code="E413", message=why, file=source, found=shown(f"kubectl {line}")))


def _profile(recording: Recording) -> dict[str, Any]:
    asked = recording.scenario
    played = {
        image: {
            "start": _delays(times.start_s),
            "ready": _delays(times.ready_s),
            "stop": _delays(times.stop_s),
            "cached": True,
            "faults": _faults(times.unready_after_s),
        }
        for image, times in asked.pods.items()
    }
    rest: dict[str, Any] = dict(played.pop("*", {"start": 0, "ready": 0, "stop": 0}))
    rest.pop("cached", None)
    numbers = [(pod.node or "").rpartition("-")[2] for pod in recording.pods]
    seen = [int(number) + 1 for number in numbers if number.isascii() and number.isdigit()]
    return {
        "name": "recorded",
        "kubernetes": "1.20",
        "nodes": asked.nodes or min(max([NODES, *seen]), 100_000),
        "readiness": "application",
        "kubelet": {"relist_s": 0, "status": STATUS},
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
