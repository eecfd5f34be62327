"""Kinds and versions that are not simulated: which are refused, and what the others are told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from sim.errors import shown
from sim.spec.autoscaler import Least, check_autoscaler
from sim.spec.fields import Fields, Hints, Notes
from sim.spec.objects import group_of, is_custom
from sim.spec.unrendered import kustomize_pipe, unrendered_file

_VERSIONS = {"Deployment": "apps/v1", "Service": "v1"}
# What is near to a kind that is read without being a misspelling of it.
_NO_MISTAKES = ("ServiceAccount", "DeploymentConfig")
_REMOVED = ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2")
_PODS = ("Pod", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "CronJob")
# Not its name and description, which the files of many other programs have, too.
_SCENARIO_KEYS = ("manifests", "steps", "horizon", "profile", "seed")
_RENDER_FIRST = ("Kustomization", "Component")


def is_read(kind: str, version: object) -> bool:
    """Return whether objects of the kind are simulated: a Service of another group is another object."""
    return kind in _VERSIONS and not is_custom(version)


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
    problem = unrendered_file(fields.notes.document.file or "")
    if problem is not None:
        fields.problem(problem.code, problem.message, expected=problem.expected)
    return problem is not None


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
    group, custom = group_of(version), is_custom(version)
    if kind in _RENDER_FIRST and version.startswith("kustomize.config.k8s.io/"):
        message = "a kustomization, which is not rendered"
        folder = os.path.dirname(fields.notes.document.file or "") or "."
        fields.problem("E109", message, "kind", found=shown(kind), expected=kustomize_pipe(folder))
    elif kind == "HorizontalPodAutoscaler" and not custom:
        check_autoscaler(fields, least)
    elif kind == "PodDisruptionBudget" and not custom:
        message = (
            f"PodDisruptionBudget {_name(fields)} is not modelled: rollouts do not ask it, but the drains it"
            " limits are not simulated, so the result may be optimistic"
        )
        fields.problem("W206", message, "kind")
    elif (name := f"{kind} of {group}" if custom else kind) not in told:
        told.add(name)
        if kind in _PODS and not custom:
            message = f"the kind {kind} is not simulated, only Deployments are: the result may be optimistic"
            fields.problem("W207", message, "kind")
        else:
            is_other = custom or kind in _NO_MISTAKES
            near = None if is_other else fields.notes.hints.nearest(kind, _VERSIONS)
            what = f"{shown(kind)} of {shown(group)}" if custom else shown(kind)
            fields.problem("W204", f"the kind {what} is not modelled", "kind", nearest=near)


def _name(fields: Fields) -> str:
    return shown(fields.mapping("metadata").text("name"))
