"""Fields that Kubernetes does not know, in the kinds that are read: refused as kubectl does, or told.

kubectl has the API server decode strictly unless --validate says another word (fieldValidation in
apimachinery's pkg/apis/meta/v1): "strict decoding error: unknown field". Fields of other kinds are not
judged: their types are not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from sim.spec.field_names import TYPES
from sim.spec.fields import Fields
from sim.spec.places import Path

Validate = Literal["strict", "warn", "ignore"]
"""What becomes of an unknown field: it is refused, told, or left out without a word."""

UNKNOWN_FIELD = "W203"
"""The code of an unknown field that is told; one that is refused has E123."""

_ROOTS = {
    ("Deployment", "apps/v1"): "Deployment",
    ("Service", "v1"): "Service",
    ("HorizontalPodAutoscaler", "autoscaling/v1"): "v1.HorizontalPodAutoscaler",
    ("HorizontalPodAutoscaler", "autoscaling/v2"): "HorizontalPodAutoscaler",
}
_HOMES = {
    "replicas": "spec",
    "minReadySeconds": "spec",
    "progressDeadlineSeconds": "spec",
    "revisionHistoryLimit": "spec",
    "strategy": "spec",
    "selector": "spec",
    "template": "spec",
    "maxSurge": "spec.strategy.rollingUpdate",
    "maxUnavailable": "spec.strategy.rollingUpdate",
    "rollingUpdate": "spec.strategy",
    "terminationGracePeriodSeconds": "spec.template.spec",
    "containers": "spec.template.spec",
    "image": "spec.template.spec.containers[]",
    "readinessProbe": "spec.template.spec.containers[]",
    "livenessProbe": "spec.template.spec.containers[]",
    "startupProbe": "spec.template.spec.containers[]",
    "preStop": "spec.template.spec.containers[].lifecycle",
    "labels": "metadata",
    "annotations": "metadata",
    "periodSeconds": "a probe",
    "failureThreshold": "a probe",
    "initialDelaySeconds": "a probe",
}
# Not a field, but how kustomize marks what is to be done with an object or a part of it.
_EXPECTED = {"$patch": "whole objects, such as `kubectl kustomize DIR` prints"}


def check_unknown(fields: Fields, validate: Validate) -> None:
    """Note every unknown field of an object (E123, W203), with the nearest one, or where it belongs."""
    root = _ROOTS.get((str(fields.raw("kind")), str(fields.raw("apiVersion"))))
    if root is None or validate == "ignore":
        return
    code, message = UNKNOWN_FIELD, "Kubernetes does not know this field, and it has no effect"
    if validate == "strict":
        code = "E123"
        message = "Kubernetes does not know this field, and kubectl refuses it (--validate=warn takes it)"
    for path, names in _unknown(root, fields.data, ()):
        key = str(path[-1])
        near = fields.notes.hints.nearest(key, names)
        home = _HOMES.get(key) if near is None else None
        expected = f"it in {home}" if home else _EXPECTED.get(key)
        fields.notes.once(code, message, (*fields.path, *path), expected=expected, nearest=near)


def _unknown(go: str, value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, str]]]:
    """Yield the path of each field that its type does not have, and the fields that the type has."""
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _unknown(go, item, (*path, at))
    elif isinstance(value, Mapping):
        fields = TYPES[go]
        for key, item in value.items():
            if key not in fields:
                yield (*path, key), fields
            elif fields[key]:
                yield from _unknown(fields[key], item, (*path, key))
