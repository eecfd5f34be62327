"""Warnings of substance about manifests that are valid: things that probably were not meant (W21x)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.errors import Diagnostic, shown
from sim.spec.document import Document, Path, dotted
from sim.spec.models import Container, Deployment, Service
from sim.spec.syntax import image_tag

_CONTAINERS: Path = ("spec", "template", "spec", "containers")


def _warning(document: Document, code: str, message: str, path: Path, **more: str | None) -> Diagnostic:
    line = document.line_of(path)
    return Diagnostic(code=code, message=message, file=document.file, line=line, path=dotted(path), **more)


def check_deployment(deployment: Deployment, document: Document) -> list[Diagnostic]:
    """What is doubtful about one Deployment by itself."""
    found = _check_strategy(deployment, document)
    if deployment.revision_history_limit == 0:
        message = "no old ReplicaSet is kept, so a rollout cannot be undone"
        found.append(_warning(document, "W217", message, ("spec", "revisionHistoryLimit"), found="0"))
    for at, container in enumerate(deployment.template.containers):
        found += _check_container(container, deployment, document, (*_CONTAINERS, at))
    if all(container.readiness_probe is None for container in deployment.template.containers):
        message = "no readinessProbe: pods count as ready as soon as their containers run"
        found.append(_warning(document, "W210", message, _CONTAINERS))
    return found


def _check_strategy(deployment: Deployment, document: Document) -> list[Diagnostic]:
    strategy, replicas = deployment.strategy, deployment.replicas
    if strategy.type != "RollingUpdate" or replicas == 0:
        return []
    surge = strategy.max_surge.of(replicas, round_up=True)
    unavailable = strategy.max_unavailable.of(replicas, round_up=False)
    path = ("spec", "strategy", "rollingUpdate", "maxUnavailable")
    written = f"{strategy.max_unavailable} of {replicas}"
    if surge == 0 and unavailable == 0:
        message = "maxSurge and maxUnavailable both round to 0 pods; Kubernetes then takes maxUnavailable 1"
        return [_warning(document, "W216", message, path, found=written)]
    if unavailable >= replicas:
        message = "maxUnavailable lets every replica be unavailable at once during a rollout"
        return [_warning(document, "W214", message, path, found=written)]
    return []


def _check_container(
    container: Container, deployment: Deployment, document: Document, path: Path
) -> list[Diagnostic]:
    found = []
    if image_tag(container.image) == "latest":
        message = "the tag latest names no version: what runs depends on when the image is pulled"
        image = shown(container.image)
        found.append(_warning(document, "W213", message, (*path, "image"), found=image))
    grace_s = deployment.template.termination_grace_period_seconds
    if container.pre_stop_seconds and container.pre_stop_seconds >= grace_s:
        message = "the preStop hook uses up the whole grace period: the container is killed, not stopped"
        hook, expected = f"{container.pre_stop_seconds:g} s", f"less than {grace_s} s"
        where = (*path, "lifecycle", "preStop")
        found.append(_warning(document, "W215", message, where, found=hook, expected=expected))
    return found


def check_service(
    service: Service,
    document: Document,
    deployments: Iterable[Deployment],
    others: Iterable[tuple[str, Mapping[str, Any]]] = (),
) -> list[Diagnostic]:
    """Whether a Service has pods behind it; several Deployments may share one.

    `others`: namespaces and labels of pods that other kinds make, such as a StatefulSet.
    """
    if service.type == "ExternalName":
        return []
    if not service.selector:
        message = "the Service has no selector, so no pod is behind it"
        return [_warning(document, "W211", message, ("spec",))]
    pods = [*others, *((d.namespace, d.template.labels) for d in deployments)]
    if any(namespace == service.namespace and service.selects(labels) for namespace, labels in pods):
        return []
    message = "the Service selects the pods of no Deployment here"
    labels = shown(", ".join(f"{k}={v}" for k, v in sorted(service.selector.items())))
    return [_warning(document, "W211", message, ("spec", "selector"), found=labels)]


def check_overlaps(deployments: list[tuple[Deployment, Document]]) -> list[Diagnostic]:
    """Two Deployments of one namespace whose selectors take each other's pods; each is told once."""
    found = []
    for at, (later, document) in enumerate(deployments):
        for earlier, _ in deployments[:at]:
            if later.namespace == earlier.namespace and (
                later.selects(earlier.template.labels) or earlier.selects(later.template.labels)
            ):
                message = f"the selector overlaps with that of Deployment {earlier.name!r}: they share pods"
                found.append(_warning(document, "W212", message, ("spec", "selector")))
                break
    return found


def immutable_changes(old: Deployment, new: Deployment) -> tuple[Diagnostic, ...]:
    """What cannot change in a living Deployment: its name, its namespace, its selector (E121)."""
    found = []
    for path, before, after in (
        ("metadata.name", old.name, new.name),
        ("metadata.namespace", old.namespace, new.namespace),
    ):
        if before != after:
            message = "this cannot change: it would be another object"
            found.append(
                Diagnostic(
                    code="E121", message=message, path=path, found=shown(after), expected=shown(before)
                )
            )
    if old.selector != new.selector or old.match_expressions != new.match_expressions:
        message = "the selector of a Deployment cannot be changed; delete and create it instead"
        found.append(Diagnostic(code="E121", message=message, path="spec.selector"))
    return tuple(found)
