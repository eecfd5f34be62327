"""What `kubectl describe` prints of Deployments and ReplicaSets (kubectl/pkg/describe/describe.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sim.kubectl.layout import age, aligned, escaped, rfc1123z
from sim.kubectl.tables import NONE, format_selector
from sim.kubectl.template_text import annotation_lines, label_lines, pod_template_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event; `age` and `first_age` are the seconds since it was last and first seen."""

    type: str
    reason: str
    age: float
    source: str
    message: str
    first_age: float | None = None
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a status."""

    type: str
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSetRef:
    """A ReplicaSet of a Deployment: `created` is its status' replicas, `desired` its spec's."""

    name: str
    created: int
    desired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentView:
    """A Deployment as `describe` needs it; no `max_unavailable`, no rolling update (strategy Recreate).

    `old_replica_sets` are all but the new one, also those scaled to 0, by creation timestamp and then name.
    `selector` is the LabelSelector as in YAML, `template` the pod template.
    """

    name: str
    namespace: str
    creation_timestamp: datetime
    selector: Mapping[str, Any]
    template: Mapping[str, Any]
    desired: int
    updated: int
    replicas: int
    available: int
    unavailable: int
    strategy: str = "RollingUpdate"
    max_unavailable: str | None = None
    max_surge: str | None = None
    min_ready_seconds: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    old_replica_sets: tuple[ReplicaSetRef, ...] = ()
    new_replica_set: ReplicaSetRef | None = None


def describe_deployment(view: DeploymentView, events: Sequence[Event]) -> str:
    """The whole text of `kubectl describe deployment`, final newline included."""
    selector = format_selector(view.selector)
    lines = [
        f"Name:\t{view.name}",
        f"Namespace:\t{view.namespace}",
        f"CreationTimestamp:\t{rfc1123z(view.creation_timestamp)}",
        *label_lines("Labels", view.labels),
        *annotation_lines("Annotations", view.annotations),
        f"Selector:\t{'' if selector == NONE else selector}",
        f"Replicas:\t{view.desired} desired | {view.updated} updated | {view.replicas} total | "
        f"{view.available} available | {view.unavailable} unavailable",
        f"StrategyType:\t{view.strategy}",
        f"MinReadySeconds:\t{view.min_ready_seconds}",
    ]
    if view.max_unavailable is not None:
        rolling = f"{view.max_unavailable} max unavailable, {view.max_surge} max surge"
        lines.append(f"RollingUpdateStrategy:\t{rolling}")
    lines += pod_template_lines(view.template)
    lines += _condition_lines(view.conditions)
    new = () if view.new_replica_set is None else (view.new_replica_set,)
    if view.old_replica_sets or new:
        lines.append(f"OldReplicaSets:\t{_replica_sets(view.old_replica_sets)}")
        lines.append(f"NewReplicaSet:\t{_replica_sets(new)}")
    return _text(lines + _event_lines(events))


def _text(lines: Sequence[str]) -> str:
    return aligned(escaped("".join(f"{line}\n" for line in lines)), min_width=0, padding=2)


def _condition_lines(conditions: Sequence[Condition]) -> list[str]:
    if not conditions:
        return []
    rows = [f"  {condition.type} \t{condition.status}\t{condition.reason}" for condition in conditions]
    return ["Conditions:", "  Type\tStatus\tReason", "  ----\t------\t------", *rows]


def _replica_sets(replica_sets: Sequence[ReplicaSetRef]) -> str:
    return ", ".join(f"{rs.name} ({rs.created}/{rs.desired} replicas created)" for rs in replica_sets) or NONE


def _event_lines(events: Sequence[Event]) -> list[str]:
    if not events:
        return [f"Events:\t{NONE}"]
    lines = ["Events:", "  Type\tReason\tAge\tFrom\tMessage", "  ----\t------\t----\t----\t-------"]
    for event in sorted(events, key=lambda event: -event.age):
        first = age(event.age if event.first_age is None else event.first_age)
        seen = f"{age(event.age)} (x{event.count} over {first})" if event.count > 1 else first
        lines.append(f"  {event.type}\t{event.reason}\t{seen}\t{event.source}\t{event.message.strip()}")
    return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSetView:
    """A ReplicaSet as `describe` needs it; `running` to `failed` count its pods by phase."""

    name: str
    namespace: str
    selector: Mapping[str, Any]
    template: Mapping[str, Any]
    current: int
    desired: int
    running: int
    waiting: int
    succeeded: int = 0
    failed: int = 0
    controlled_by: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()


def describe_replicaset(view: ReplicaSetView, events: Sequence[Event]) -> str:
    """The whole text of `kubectl describe replicaset`; `controlled_by` is such as "Deployment/web"."""
    return _text(
        [
            f"Name:\t{view.name}",
            f"Namespace:\t{view.namespace}",
            f"Selector:\t{format_selector(view.selector)}",
            *label_lines("Labels", view.labels),
            *annotation_lines("Annotations", view.annotations),
            *([f"Controlled By:\t{view.controlled_by}"] if view.controlled_by else []),
            f"Replicas:\t{view.current} current / {view.desired} desired",
            f"Pods Status:\t{view.running} Running / {view.waiting} Waiting / {view.succeeded} Succeeded / "
            f"{view.failed} Failed",
            *pod_template_lines(view.template),
            *_condition_lines(view.conditions),
            *_event_lines(events),
        ]
    )


def described(texts: Sequence[str]) -> str:
    """Several objects in one answer: two empty lines between them (kubectl/pkg/cmd/describe/describe.go)."""
    return "\n\n".join(texts)
