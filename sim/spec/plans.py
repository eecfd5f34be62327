"""Steps as a scenario file writes them, to patches of a Deployment's pod template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.errors import Diagnostic, InputError, shown
from sim.spec.explain import Place
from sim.spec.manifest import Container, Deployment
from sim.spec.patch import MERGE_KEYS, strategic_merge
from sim.spec.scenario_file import StepKeys
from sim.spec.session import kubectl_step, timing_of, unknown_deployment
from sim.spec.steps import (
    LONGEST_HORIZON_S,
    CurlStep,
    KubectlStep,
    Plan,
    Step,
    Timing,
    WaitStep,
    resolve_steps,
)
from sim.spec.syntax import repository
from sim.units import format_duration, nearest

MOST_STEPS = 1000
"""Steps of one scenario: each is a whole Deployment to read again."""


def image_patch(images: Mapping[str, str]) -> dict[str, Any]:
    """Return the patch of a pod template that gives containers, by name, new images."""
    return {"spec": {"containers": [{"name": name, "image": image} for name, image in images.items()]}}


def steps_from(
    steps: Sequence[StepKeys],
    deployments: Sequence[Deployment],
    place: Place,
    folder: str,
    horizon_s: float | None,
) -> tuple[tuple[Step, ...], list[Diagnostic]]:
    """Return the steps of a file in the order in which they are taken, and what is wrong or doubtful about
    them.

    Steps that all say `at` are ordered by it; others are taken as they stand. `horizon_s` None: nobody said
    when the simulation ends, so that it lasts until the last of them.
    """
    if len(steps) > MOST_STEPS:
        message, expected = "more steps than this simulator carries", f"at most {MOST_STEPS:,}"
        return (), [place.problem("E411", message, found=f"{len(steps):,} steps", expected=expected)]
    problems = _order(steps, place)
    made: list[tuple[float | None, Step | Plan]] = []
    namespaces = {("deployment.apps", one.name): one.namespace for one in deployments}
    for i, step in enumerate(steps):
        try:
            one, warnings = _step(step, deployments, place.below(i), folder, horizon_s)
        except InputError as error:
            problems += error.diagnostics
        else:
            made.append((one.timing.at_s, one))
            problems += [*warnings, *_namespaces(one, namespaces, place.below(i))]
    problems += _conditions(steps, [name for _, name in namespaces], place)
    if all(at is not None for at, _ in made):
        made.sort(key=lambda pair: pair[0] or 0.0)
    resolved, wrong = resolve_steps(deployments, [one for _, one in made if isinstance(one, Plan)])
    problems += wrong
    if any(problem.is_error for problem in problems):
        return (), problems
    changes = iter(resolved)
    return tuple(next(changes) if isinstance(one, Plan) else one for _, one in made), problems


def _order(steps: Sequence[StepKeys], place: Place) -> list[Diagnostic]:
    """Return what is wrong with steps taken together: kinds that do not mix, times that run backwards."""
    problems = []
    typed = [step.kubectl is not None for step in steps]
    for i, step in enumerate(steps):
        if any(typed) and not typed[i] and _changes_template(step):
            message = "steps that change a template by themselves do not mix with kubectl steps"
            expected = "kubectl: set image, patch or apply"
            problems.append(place.below(i).problem("E414", message, expected=expected))
    if any(step.at is None for step in steps):
        last = 0.0
        for i, step in enumerate(steps):
            if step.at is not None and step.at < last:
                message, expected = "steps are taken in their order", f"at least {format_duration(last)}"
                found = format_duration(step.at)
                problems.append(
                    place.below(i).problem("E412", message, ("at",), found=found, expected=expected)
                )
            last = max(last, step.at or 0.0)
    return problems


def _namespaces(step: Step | Plan, seen: dict[tuple[str, str], str], place: Place) -> list[Diagnostic]:
    """Return what is wrong with names that a step uses in a second namespace; note those that it uses
    first."""
    problems = []
    for made in step.objects if isinstance(step, KubectlStep) else ():
        if made.model is None:
            continue
        own = made.model.namespace
        other = seen.setdefault((made.resource, made.name), own)
        if other != own:
            message = f"{made.resource} {shown(made.name)} is in two namespaces, {other} and {own}"
            expected = "names that differ, or one namespace at a time"
            problems.append(place.problem("E409", message, expected=expected))
    return problems


def _conditions(steps: Sequence[StepKeys], names: Sequence[str], place: Place) -> list[Diagnostic]:
    return [
        unknown_deployment(step.deployment, names, place.below(i))
        for i, step in enumerate(steps)
        if step.when is not None and step.deployment is not None and step.deployment not in names
    ]


def _changes_template(step: StepKeys) -> bool:
    return not (step.image is None and step.template is None and step.annotations is None)


def _step(
    step: StepKeys, deployments: Sequence[Deployment], at: Place, folder: str, horizon_s: float | None
) -> tuple[Step | Plan, list[Diagnostic]]:
    timing = timing_of(step, at)
    end_s = LONGEST_HORIZON_S if horizon_s is None else horizon_s
    if step.at is not None and step.at >= end_s:
        expected = f"less than the {'longest ' if horizon_s is None else ''}horizon, {format_duration(end_s)}"
        message = "the step comes when the simulation has ended"
        raise InputError(
            at.problem("E406", message, ("at",), found=format_duration(step.at), expected=expected)
        )
    kinds = (step.kubectl is not None, step.curl is not None, _changes_template(step))
    if sum(kinds) > 1:
        raise InputError(at.problem("E402", "the step says several things to do", expected="a step for each"))
    if step.kubectl is not None:
        return kubectl_step(step, timing, at, folder)
    if step.curl is not None:
        return CurlStep(timing, step.curl, step.requests), []
    if not _changes_template(step) and (step.settle is not None or step.when is not None):
        return WaitStep(timing), []
    deployment = _deployment(step, deployments, at)
    images = _images(step, deployment, at)
    if not _changes_template(step):
        expected = "kubectl, curl, image, template or annotations"
        raise InputError(at.problem("E402", "the step says nothing to do", expected=expected))
    if timing == Timing():
        timing = Timing(at_s=0.0)
    return Plan(timing, deployment.name, _patch(step, images), _text(step, images), at), []


def _patch(step: StepKeys, images: Mapping[str, str]) -> dict[str, Any]:
    """Return the patch that a step means; of a template that makes no sense, the template alone.

    What stands beside it would replace the nonsense; alone it is refused when the patch is applied.
    """
    written = dict(step.template or {})
    beside: dict[str, Any] = image_patch(images) if images else {}
    if step.annotations is not None:
        beside["metadata"] = {"annotations": step.annotations}
    if _hides_nonsense(written, beside):
        return written
    merged: dict[str, Any] = strategic_merge(written, beside)
    return merged


def _hides_nonsense(under: Mapping[str, Any], over: Mapping[str, Any]) -> bool:
    """Whether `over` replaces something in `under` by another sort of value."""
    for key, value in over.items():
        if key not in under:
            continue
        old = under[key]
        if isinstance(value, str):
            hides = old is not None and not isinstance(old, str)
        elif isinstance(value, Mapping):
            # Annotations may all be deleted and some given anew; without metadata there is no pod.
            deleted = old is None and key == "annotations"
            hides = not deleted and (not isinstance(old, Mapping) or _hides_nonsense(old, value))
        else:
            hides = not isinstance(old, list) or _items_hide_nonsense(old, value, MERGE_KEYS[key])
        if hides:
            return True
    return False


def _items_hide_nonsense(under: Sequence[Any], over: Sequence[Mapping[str, Any]], name: str) -> bool:
    items = {item[name]: item for item in over}
    named = [item for item in under if isinstance(item, Mapping) and isinstance(item.get(name), str)]
    return any(_hides_nonsense(item, items.get(item[name], {})) for item in named)


def _deployment(step: StepKeys, deployments: Sequence[Deployment], place: Place) -> Deployment:
    names = [deployment.name for deployment in deployments]
    if step.deployment is None:
        if len(deployments) == 1:
            return deployments[0]
        expected = "deployment: one of " + ", ".join(names)
        raise InputError(
            place.problem("E404", "the step does not say which Deployment it changes", expected=expected)
        )
    for deployment in deployments:
        if step.deployment == deployment.name:
            return deployment
    raise InputError(unknown_deployment(step.deployment, names, place))


def _images(step: StepKeys, deployment: Deployment, place: Place) -> dict[str, str]:
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
        raise InputError(
            place.problem("E410", message, ("image",), found=shown(step.image), expected=expected)
        )
    for name in step.image:
        if name not in names:
            raise InputError(
                place.problem(
                    "E410",
                    "no such container",
                    ("image", name),
                    found=shown(name),
                    expected="one of " + ", ".join(names),
                    nearest=nearest(name, names),
                )
            )
    return dict(step.image)


def _container_of(image: str, containers: Sequence[Container]) -> str | None:
    """Return the only container, else the only one that runs another version of this image."""
    if len(containers) == 1:
        return containers[0].name
    same = [c.name for c in containers if repository(c.image) == repository(image)]
    return same[0] if len(same) == 1 else None


def _text(step: StepKeys, images: Mapping[str, str]) -> str:
    parts = []
    if images:
        parts.append("image " + ", ".join(images.values()))
    if step.template is not None:
        parts.append("template changed")
    if step.annotations is not None:
        parts.append("annotations " + ", ".join(step.annotations))
    return "; ".join(parts)
