"""Warnings about a scenario as a whole: what manifests and cluster together hardly mean (W4xx)."""

from __future__ import annotations

from dataclasses import replace

from sim.errors import Diagnostic, shown
from sim.spec.manifest import Container, Deployment, PodTemplate, Probe
from sim.spec.profile import ResolvedImage
from sim.spec.steps import KubectlStep, Scenario, TemplateStep
from sim.spec.syntax import repository
from sim.units import format_duration, nearest


def with_checks(scenario: Scenario) -> Scenario:
    """Return the scenario with all its warnings in `diagnostics`."""
    return replace(scenario, diagnostics=(*scenario.manifest_diagnostics, *check_scenario(scenario)))


def check_scenario(scenario: Scenario) -> list[Diagnostic]:
    """Return what is doubtful about a scenario; nothing in it is an error."""
    found: list[Diagnostic] = []
    for deployment in scenario.all_deployments:
        found += _check_idle(deployment, scenario)
        # The same container under two versions is worth one line.
        seen: set[tuple[str, str | None]] = set()
        for template in reversed(scenario.templates(deployment.name)):
            for warning in _check_template(template, deployment, scenario):
                if (warning.code, warning.path) not in seen:
                    seen.add((warning.code, warning.path))
                    found.append(warning)
        found += _check_horizon(deployment, scenario)
    return found + _check_images(scenario)


def _warning(
    scenario: Scenario,
    code: str,
    message: str,
    path: str,
    *,
    found: str | None = None,
    expected: str | None = None,
    nearest: str | None = None,
) -> Diagnostic:
    file = scenario.source or None
    return Diagnostic(
        code=code, message=message, file=file, path=path, found=found, expected=expected, nearest=nearest
    )


def _check_idle(deployment: Deployment, scenario: Scenario) -> list[Diagnostic]:
    found = []
    changes = (step for step in scenario.steps if isinstance(step, TemplateStep))
    changed = any(step.deployment == deployment.name for step in changes)
    if deployment.paused and changed:
        message = f"Deployment {deployment.name} is paused, so nothing will be rolled out"
        found.append(_warning(scenario, "W401", message, "spec.paused", found="true"))
    if deployment.replicas == 0:
        message = f"Deployment {deployment.name} has no replicas, so there is no pod to replace"
        found.append(_warning(scenario, "W402", message, "spec.replicas", found="0"))
    return found


def _check_template(template: PodTemplate, deployment: Deployment, scenario: Scenario) -> list[Diagnostic]:
    found = []
    image = scenario.profile.for_image(template.image)
    ready_s = image.stages.ready.mean()
    if scenario.profile.readiness == "probe":
        for i, container in enumerate(template.containers):
            path = f"spec.template.spec.containers[{i}]"
            found += _check_container(container, path, ready_s, scenario)
        if ready_s > 0 and all(container.readiness_probe is None for container in template.containers):
            message = (
                f"without a readinessProbe requests reach pods of {deployment.name} about {_about(ready_s)} "
                "before their application is up"
            )
            found.append(_warning(scenario, "W408", message, "spec.template.spec.containers"))
        if image.faults.unready is not None and image.faults.unready.probability > 0:
            found += _check_unready(template, deployment, scenario)
    if not image.cached:
        found += _check_pulls(template, scenario)
    start_s = start_up_s(image)
    deadline_s = deployment.progress_deadline_seconds
    if deadline_s is not None and deadline_s < start_s:
        needed = f"a pod of {deployment.name} needs about {_about(start_s)} to become ready"
        message = f"{needed}, longer than the progress deadline"
        expected = f"more than {_about(start_s)}"
        path = "spec.progressDeadlineSeconds"
        found.append(_warning(scenario, "W405", message, path, found=str(deadline_s), expected=expected))
    return found


def _check_unready(template: PodTemplate, deployment: Deployment, scenario: Scenario) -> list[Diagnostic]:
    if any(container.readiness_probe is not None for container in template.containers):
        return []
    message = (
        f"the fault unready has no effect on pods of {deployment.name}: without a readinessProbe they"
        " are ready while their containers run"
    )
    return [_warning(scenario, "W410", message, "spec.template.spec.containers")]


def _check_pulls(template: PodTemplate, scenario: Scenario) -> list[Diagnostic]:
    found = []
    for i, container in enumerate(template.containers):
        if container.image_pull_policy == "Never":
            message = f"the image of container {container.name} is taken to be on every node"
            path = f"spec.template.spec.containers[{i}].imagePullPolicy"
            found.append(_warning(scenario, "W409", message, path, found="Never"))
    return found


def _about(seconds: float) -> str:
    return format_duration(round(seconds, 1) if seconds < 10 else round(seconds))


def start_up_s(image: ResolvedImage) -> float:
    """Return the mean time from a pod's creation until its application is up, in seconds."""
    stages = image.stages
    pull_s = 0.0 if image.cached else stages.pull.mean()
    return stages.schedule.mean() + pull_s + stages.start.mean() + stages.ready.mean()


def _check_container(container: Container, path: str, ready_s: float, scenario: Scenario) -> list[Diagnostic]:
    startup, liveness = container.startup_probe, container.liveness_probe
    if startup is not None and kills_after_s(startup) < ready_s:
        message = f"the startup probe kills container {container.name} before its application is up"
        return [_kill(scenario, "W404", message, f"{path}.startupProbe", startup, ready_s)]
    # While a startup probe is unsuccessful there is no liveness probe.
    if startup is None and liveness is not None and kills_after_s(liveness) < ready_s:
        message = f"the liveness probe kills container {container.name} before its application is up"
        return [_kill(scenario, "W403", message, f"{path}.livenessProbe", liveness, ready_s)]
    return []


def kills_after_s(probe: Probe) -> float:
    """Return when a probe that always fails gives up at the earliest, in seconds after the container's start.

    Example: initial delay 5, period 10, failure threshold 3 is 25 s.
    """
    return float(probe.initial_delay_seconds + (probe.failure_threshold - 1) * probe.period_seconds)


def _kill(scenario: Scenario, code: str, message: str, path: str, probe: Probe, ready_s: float) -> Diagnostic:
    found = f"{format_duration(kills_after_s(probe))} until the last failure"
    return _warning(
        scenario, code, message, path, found=found, expected=f"more than {_about(ready_s)} (the mean)"
    )


def _check_horizon(deployment: Deployment, scenario: Scenario) -> list[Diagnostic]:
    deadline_s = deployment.progress_deadline_seconds
    changes = (step for step in scenario.steps if isinstance(step, TemplateStep))
    last = max((step.at_s for step in changes if step.deployment == deployment.name), default=None)
    if deadline_s is None or last is None or scenario.horizon_s >= last + deadline_s:
        return []
    message = f"the simulation ends before {deployment.name} can exceed its progress deadline"
    expected = f"at least {format_duration(last + deadline_s)}"
    return [
        _warning(
            scenario, "W407", message, "horizon", found=format_duration(scenario.horizon_s), expected=expected
        )
    ]


def _check_images(scenario: Scenario) -> list[Diagnostic]:
    used: set[str] = set()
    for step in scenario.steps:
        if isinstance(step, KubectlStep):
            used |= {word.partition("=")[2] for word in step.line.split()}
    for deployment in scenario.all_deployments:
        for template in scenario.templates(deployment.name):
            used |= {template.image, *(container.image for container in template.containers)}
    found = []
    for image in scenario.profile.images:
        if image != "*" and image not in used:
            near = nearest(image, sorted(used)) or next(
                (u for u in sorted(used) if repository(u) == repository(image)), None
            )
            message = "the profile describes an image that no template uses"
            path = f'profile.images["{image}"]'
            found.append(_warning(scenario, "W406", message, path, found=shown(image), nearest=near))
    return found
