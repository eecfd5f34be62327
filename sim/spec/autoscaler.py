"""Replicas that a HorizontalPodAutoscaler owns: a Deployment that says none begins with its minReplicas.

Kubernetes creates such a Deployment with one replica, and the autoscaler brings it to minReplicas at least
(kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale, "Migrating Deployments"). What it adds
under load is not modelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.errors import shown
from sim.spec.document import Document
from sim.spec.fields import Fields, whole_number
from sim.spec.objects import below, is_custom, namespace_of, objects_of
from sim.spec.patch import with_value
from sim.spec.workload import REPLICAS_LIMIT

Key = tuple[str, str]
"""A Deployment's namespace and name."""
Least = Mapping[Key, int]
"""The replicas of Deployments that say none, by the autoscalers beside them."""


def least_replicas(documents: Iterable[Document]) -> Least:
    """Return the minReplicas (by default 1) of each Deployment among `documents` that says no replicas and
    that a HorizontalPodAutoscaler among them scales. Where two do, the first counts.
    """
    every = (one for document in documents for one in objects_of(document.data))
    objects = [one for one in every if not is_custom(one.get("apiVersion"))]
    says: dict[Key, bool] = {}
    for one in objects:
        if one.get("kind") == "Deployment":
            key = _key(one, below(one, "metadata").get("name"))
            # One without a name, which is a mistake of its own, is nobody's target.
            says[key] = says.get(key, not key[1]) or below(one, "spec").get("replicas") is not None
    found: dict[Key, int] = {}
    for one in objects:
        if one.get("kind") == "HorizontalPodAutoscaler":
            spec = below(one, "spec")
            key = _target(one, below(spec, "scaleTargetRef"))
            if not says.get(key, True):
                least = whole_number(spec.get("minReplicas"))
                is_right = least is not None and 0 <= least <= REPLICAS_LIMIT
                found.setdefault(key, least if least is not None and is_right else 1)
    return found


def with_least(data: dict[str, Any], least: Least) -> dict[str, Any]:
    """Return a Deployment's document with the replicas that its autoscaler gives it, if it does."""
    number = least.get(_key(data, below(data, "metadata").get("name")))
    if number is None or not isinstance(data.get("spec"), dict) or data["spec"].get("replicas") is not None:
        return data
    changed: dict[str, Any] = with_value(data, ("spec", "replicas"), number)
    return changed


def check_autoscaler(fields: Fields, least: Least) -> None:
    """Note what an autoscaler does not do here: W208 where it says how many replicas there are, else W205."""
    spec = fields.mapping("spec")
    target = spec.mapping("scaleTargetRef")
    name = shown(fields.mapping("metadata").text("name"))
    what = f"{target.text('kind') or 'its target'} {shown(target.text('name'))}"
    number = least.get(_target(fields.data, target.data))
    if number is None:
        message = (
            f"HorizontalPodAutoscaler {name} is not modelled: {what} keeps the replicas it is written"
            " with, so the result may be optimistic"
        )
        fields.problem("W205", message, "kind")
        return
    spec.whole("minReplicas", 1, most=REPLICAS_LIMIT)
    message = (
        f"HorizontalPodAutoscaler {name} is not modelled: {what} says no replicas and is played with its"
        f" minReplicas, {number}, unless they are set"
    )
    fields.problem("W208", message, "kind")


def _target(scaler: Mapping[str, Any], reference: Mapping[str, Any]) -> Key:
    """Return whom an autoscaler scales; a key that no Deployment has when it is none."""
    is_deployment = reference.get("kind") == "Deployment"
    is_known = str(reference.get("apiVersion")).startswith("apps/")
    return _key(scaler, reference.get("name") if is_deployment and is_known else None)


def _key(data: Mapping[str, Any], name: Any) -> Key:
    return namespace_of(data), name if isinstance(name, str) else ""
