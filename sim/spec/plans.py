"""Steps as a scenario file writes them, to patches of a Deployment's pod template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.errors import Diagnostic, shown
from sim.spec.explain import Place
from sim.spec.manifest import Container, Deployment
from sim.spec.patch import strategic_merge
from sim.spec.scenario_file import StepKeys
from sim.spec.steps import Plan
from sim.units import format_duration, nearest


def image_patch(images: Mapping[str, str]) -> dict[str, Any]:
    """Return the patch of a pod template that gives containers, by name, new images."""
    return {"spec": {"containers": [{"name": name, "image": image} for name, image in images.items()]}}


def plans_from(
    steps: Sequence[StepKeys], deployments: Sequence[Deployment], place: Place, horizon_s: float
) -> tuple[list[Plan], list[Diagnostic]]:
    """Return the plan of every step, and what is wrong with the others (E402, E404, E406, E410)."""
    plans: list[Plan] = []
    problems: list[Diagnostic] = []
    for i, step in enumerate(steps):
        at = place.below(i)
        deployment = _deployment(step, deployments, at)
        if isinstance(deployment, Diagnostic):
            problems.append(deployment)
            continue
        if step.at > horizon_s:
            expected = f"at most the horizon, {format_duration(horizon_s)}"
            message = "the step comes after the end of the simulation"
            problems.append(
                at.problem("E406", message, ("at",), found=format_duration(step.at), expected=expected)
            )
            continue
        images = _images(step, deployment, at)
        if isinstance(images, Diagnostic):
            problems.append(images)
            continue
        if step.image is None and step.template is None and step.annotations is None:
            problems.append(
                at.problem("E402", "the step says nothing to do", expected="image, template or annotations")
            )
            continue
        patch: dict[str, Any] = dict(step.template or {})
        if images:
            patch = strategic_merge(patch, image_patch(images))
        if step.annotations is not None:
            patch = strategic_merge(patch, {"metadata": {"annotations": step.annotations}})
        plans.append(Plan(step.at, deployment.name, patch, _text(step, images), at))
    return plans, problems


def _deployment(step: StepKeys, deployments: Sequence[Deployment], place: Place) -> Deployment | Diagnostic:
    names = [deployment.name for deployment in deployments]
    if step.deployment is None:
        if len(deployments) == 1:
            return deployments[0]
        expected = "deployment: one of " + ", ".join(names)
        return place.problem("E404", "the step does not say which Deployment it changes", expected=expected)
    for deployment in deployments:
        if step.deployment == deployment.name:
            return deployment
    return place.problem(
        "E404",
        "no such Deployment",
        ("deployment",),
        found=shown(step.deployment),
        expected="one of " + ", ".join(names),
        nearest=nearest(step.deployment, names),
    )


def _images(step: StepKeys, deployment: Deployment, place: Place) -> dict[str, str] | Diagnostic:
    if step.image is None:
        return {}
    containers = deployment.template.containers
    names = [container.name for container in containers]
    if isinstance(step.image, str):
        target = _container_of(step.image, containers)
        if target is not None:
            return {target: step.image}
        expected = "a mapping of containers to images, with one of " + ", ".join(names)
        message = "the Deployment has several containers, and which one is meant is not clear"
        return place.problem("E410", message, ("image",), found=shown(step.image), expected=expected)
    for name in step.image:
        if name not in names:
            return place.problem(
                "E410",
                "no such container",
                ("image", name),
                found=shown(name),
                expected="one of " + ", ".join(names),
                nearest=nearest(name, names),
            )
    return dict(step.image)


def _container_of(image: str, containers: Sequence[Container]) -> str | None:
    """Return the only container, else the only one that runs another version of this image."""
    if len(containers) == 1:
        return containers[0].name
    same = [c.name for c in containers if repository(c.image) == repository(image)]
    return same[0] if len(same) == 1 else None


def repository(image: str) -> str:
    """Return an image's name without tag and digest: "host:5000/shop:v2" is "host:5000/shop"."""
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def _text(step: StepKeys, images: Mapping[str, str]) -> str:
    parts = []
    if images:
        parts.append("image " + ", ".join(images.values()))
    if step.template is not None:
        parts.append("template changed")
    if step.annotations is not None:
        parts.append("annotations " + ", ".join(step.annotations))
    return "; ".join(parts)
