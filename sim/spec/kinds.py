"""Kinds and versions that are not simulated: which are refused, and what the others are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.errors import shown
from sim.spec.autoscaler import Least, check_autoscaler
from sim.spec.fields import Fields, Hints, Notes

_VERSIONS = {"Deployment": "apps/v1", "Service": "v1"}
_REMOVED = ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2")
_PODS = ("Pod", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "CronJob")
# Not its name and description, which the files of many other programs have, too.
_SCENARIO_KEYS = ("manifests", "steps", "horizon", "profile", "seed")
_RENDER_FIRST = ("Kustomization", "Component")


def refuse_version(notes: Notes, kind: str, version: object) -> bool:
    """Note an apiVersion that is not the kind's current one; whether it was refused."""
    expected = _VERSIONS[kind]
    if version == expected:
        return False
    message = f"not a version of {kind} that Kubernetes serves"
    if version in _REMOVED:
        # Its defaults differ too (maxSurge 1, no deadline): reading it as apps/v1 would change the result.
        message = "this version was removed in Kubernetes 1.16, its defaults differed; use apps/v1"
    notes.add("E109", message, ("apiVersion",), found=shown(version), expected=expected)
    return True


def refuse_file(fields: Fields) -> bool:
    """Note a file that manifests are made from; whether it was one. Such files need not name a kind."""
    name = (fields.notes.document.file or "").replace("\\", "/").rpartition("/")[2]
    if name.lower() in ("kustomization.yaml", "kustomization.yml"):
        message = "this has not been rendered; run `kubectl kustomize` and read its output"
    elif name in ("Chart.yaml", "values.yaml"):
        message = "this is part of a Helm chart; run `helm template` and read its output"
    else:
        return False
    fields.problem("E109", message, expected="manifests")
    return True


def is_scenario(data: Any, hints: Hints | None = None) -> bool:
    """Whether plain data is a scenario's and not a Kubernetes object's; its keys may be misspelled.

    `hints` bounds how many keys are compared.
    """
    if not isinstance(data, Mapping) or "apiVersion" in data:
        return False
    if "manifests" in data or "steps" in data:
        return True
    if any(key in data for key in ("kind", "metadata", "spec")):
        return False
    near = (hints or Hints()).nearest
    return any(near(str(key), _SCENARIO_KEYS) for key in data)


def refuse_scenario(fields: Fields) -> bool:
    """Note a scenario that stands where manifests do; whether it was one."""
    if not is_scenario(fields.data, fields.notes.hints):
        return False
    fields.problem("E402", "a scenario file among manifests", expected="it alone, or after -f")
    return True


def check_other(fields: Fields, kind: str, told: set[str], least: Least) -> None:
    """Note an object that is not simulated: scalers and budgets by name, all other kinds once each.

    `least`: what the scalers among the manifests say about replicas.
    """
    version = str(fields.raw("apiVersion"))
    if kind in _RENDER_FIRST and version.startswith("kustomize.config.k8s.io/"):
        message = "this has not been rendered; run `kubectl kustomize` and read its output"
        fields.problem("E109", message, "kind", found=shown(kind), expected="manifests")
    elif kind == "HorizontalPodAutoscaler":
        check_autoscaler(fields, least)
    elif kind == "PodDisruptionBudget":
        message = (
            f"PodDisruptionBudget {_name(fields)} is not modelled: rollouts do not ask it, but the drains it"
            " limits are not simulated, so the result may be optimistic"
        )
        fields.problem("W206", message, "kind")
    elif kind not in told:
        told.add(kind)
        if kind in _PODS:
            message = f"the kind {kind} is not simulated, only Deployments are: the result may be optimistic"
            fields.problem("W207", message, "kind")
        else:
            near = fields.notes.hints.nearest(kind, _VERSIONS)
            fields.problem("W204", f"the kind {shown(kind)} is not modelled", "kind", nearest=near)


def _name(fields: Fields) -> str:
    return shown(fields.mapping("metadata").text("name"))
