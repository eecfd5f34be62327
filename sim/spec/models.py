"""Deployments and Services as frozen values, with Kubernetes' defaults filled in.

Building one of these directly checks types only; `sim.spec.manifest` validates as the API server does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sim.errors import Diagnostic
from sim.spec.template_hash import pod_template_hash
from sim.units import IntOrPercent

_HASH_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_HASH_LENGTH = 10


class Value(BaseModel):
    """A frozen value: Kubernetes' camelCase names are accepted, attributes are in snake_case."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Probe(Value):
    """When and how often the kubelet asks a container; all times in s."""

    initial_delay_seconds: int = 0
    timeout_seconds: int = 1
    period_seconds: int = 10
    success_threshold: int = 1
    failure_threshold: int = 3


class Container(Value):
    """One container; `requests` are {"cpu": cores, "memory": bytes}; no hook is `pre_stop_seconds` 0."""

    name: str
    image: str
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    requests: dict[str, float] = Field(default_factory=dict)
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    pre_stop_seconds: float = 0.0


class PodTemplate(Value):
    """What the pods of a ReplicaSet are made from; `document` is `spec.template` as it was written."""

    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    containers: tuple[Container, ...]
    termination_grace_period_seconds: int = 30
    document: dict[str, Any] = Field(default_factory=dict, repr=False)

    @property
    def image(self) -> str:
        """The images of all containers, joined by commas."""
        return ",".join(container.image for container in self.containers)

    @cached_property
    def hash(self) -> str:
        """The pod-template-hash; it differs when anything written in the template differs, modelled or not.

        As Kubernetes 1.20 computes it; of a template with fields whose form in memory is not known, 10
        characters of our own.
        """
        real = pod_template_hash(self.document) if self.document else None
        if real is not None:
            return real
        content = self.document or self.model_dump(exclude={"document"})
        text = json.dumps(_without_nulls(content), sort_keys=True, separators=(",", ":"))
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
        letters = []
        for _ in range(_HASH_LENGTH):
            number, letter = divmod(number, len(_HASH_ALPHABET))
            letters.append(_HASH_ALPHABET[letter])
        return "".join(letters)


class Strategy(Value):
    """How old pods are replaced; for Recreate both bounds are 0 and mean nothing."""

    type: Literal["RollingUpdate", "Recreate"] = "RollingUpdate"
    max_surge: IntOrPercent = IntOrPercent(25, True)
    max_unavailable: IntOrPercent = IntOrPercent(25, True)


class LabelRequirement(Value):
    """One of a selector's `matchExpressions`."""

    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: tuple[str, ...] = ()

    def matches(self, labels: dict[str, str]) -> bool:
        """Whether labels fulfil it; NotIn is fulfilled by an absent label too."""
        value = labels.get(self.key)
        if self.operator == "In":
            return value in self.values
        if self.operator == "NotIn":
            return value not in self.values
        return (value is not None) == (self.operator == "Exists")


def selects(
    match_labels: dict[str, str], expressions: tuple[LabelRequirement, ...], labels: dict[str, str]
) -> bool:
    """Whether a selector takes a pod with these labels; an empty selector takes none."""
    if not match_labels and not expressions:
        return False
    return match_labels.items() <= labels.items() and all(e.matches(labels) for e in expressions)


class Deployment(Value):
    """A Deployment; `progress_deadline_seconds` and `revision_history_limit` are None without a limit.

    `selector` is `matchLabels`; `document` is the object as it was written, to be patched and read again.
    """

    name: str
    namespace: str = "default"
    annotations: dict[str, str] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    replicas: int = 1
    paused: bool = False
    strategy: Strategy = Strategy()
    min_ready_seconds: int = 0
    progress_deadline_seconds: int | None = 600
    revision_history_limit: int | None = 10
    selector: dict[str, str] = Field(default_factory=dict)
    match_expressions: tuple[LabelRequirement, ...] = ()
    template: PodTemplate
    document: dict[str, Any] = Field(default_factory=dict, repr=False)

    def selects(self, labels: dict[str, str]) -> bool:
        """Whether a pod with these labels belongs to it; an empty selector selects nothing."""
        return selects(self.selector, self.match_expressions, labels)


class ServicePort(Value):
    """One port of a Service; `target_port` is a number or the name of a container's port."""

    name: str = ""
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    port: int
    target_port: int | str
    node_port: int | None = None


class Service(Value):
    """A Service; without a selector it selects nothing (its endpoints are somebody else's).

    `document` is the object as it was written, to be patched and read again.
    """

    name: str
    namespace: str = "default"
    type: Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] = "ClusterIP"
    selector: dict[str, str] = Field(default_factory=dict)
    ports: tuple[ServicePort, ...] = ()
    publish_not_ready_addresses: bool = False
    document: dict[str, Any] = Field(default_factory=dict, repr=False)

    def selects(self, labels: Mapping[str, Any]) -> bool:
        """Whether a pod with these labels is behind it."""
        return bool(self.selector) and self.selector.items() <= labels.items()


class Manifests(Value):
    """Everything that was read, in the order of the files, with the warnings about it."""

    deployments: tuple[Deployment, ...] = ()
    services: tuple[Service, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def _without_nulls(value: Any) -> Any:
    """A null field is an absent one: `creationTimestamp: null` makes no new version."""
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return [_without_nulls(v) for v in value] if isinstance(value, list | tuple) else value
