"""What a scenario is expected to end in: one outcome, or one for each Deployment or version that is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sim.errors import Diagnostic, shown
from sim.kubectl.command import Command
from sim.spec.actions import KubectlStep, TemplateStep
from sim.spec.explain import Place, custom
from sim.spec.steps import Scenario
from sim.spec.syntax import version_of
from sim.units import nearest

OUTCOMES = ("complete", "rolled_back", "superseded", "stuck", "paused", "running", "scaled", "unchanged")
"""What may become of a rollout; scaled and unchanged are Deployments without one."""
REVISION = re.compile(r"revision [1-9][0-9]*")
"""What a version is called that no image tells from the others."""

Expected = tuple[tuple[str | None, str], ...]
"""Pairs of a Deployment's name, a tag or an image, and its outcome; None stands for the whole scenario."""


def checked_outcomes(value: Any) -> Expected:
    """Return what a file says under `expect`, names as they stand; for a validator, which explains errors."""
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        return ((None, _outcome(value, ())),)
    if not value:
        raise custom("value", "the mapping is empty", expected="a Deployment or a version, and its outcome")
    return tuple((str(name), _outcome(outcome, (str(name),))) for name, outcome in value.items())


def _outcome(value: Any, path: tuple[str, ...]) -> str:
    if isinstance(value, str) and value in OUTCOMES:
        return value
    near = nearest(value, OUTCOMES) if isinstance(value, str) else None
    expected = "one of " + ", ".join(OUTCOMES)
    raise custom("value", "not an outcome", path=path, found=shown(value), expected=expected, nearest=near)


def named_in(expected: Expected, scenario: Scenario, place: Place) -> tuple[Expected, list[Diagnostic]]:
    """Return the expectations by names that the scenario has, and an error (E404) for each it has not.

    A version is named by an image's tag or by the whole image. YAML reads the tag 1.30 as the number 1.3: a
    number that is no tag as it stands means the tag of that value.
    """
    deployments, tags, images = names_of(scenario)
    known = dict.fromkeys([*deployments, *tags, *images])
    numbers = {number: tag for tag in reversed(tags) if (number := _number(tag)) is not None}
    found: list[tuple[str | None, str]] = []
    problems = []
    for name, outcome in expected:
        number = _number(name) if name is not None and name not in known else None
        meant = numbers.get(number, name) if number is not None else name
        if meant is not None and meant not in known and not REVISION.fullmatch(meant):
            problems.append(
                place.problem(
                    "E404",
                    "neither a Deployment nor a version of this scenario",
                    (name or "",),
                    found=shown(name),
                    expected="one of " + ", ".join(dict.fromkeys([*deployments, *tags])),
                    nearest=nearest(meant, known),
                )
            )
        found.append((meant, outcome))
    return tuple(found), problems


def names_of(scenario: Scenario) -> tuple[list[str], list[str], list[str]]:
    """Return the names of a scenario's Deployments, and the tags and images of all versions that its
    manifests and steps mention.
    """
    images = list(dict.fromkeys(_images(scenario)))
    tags = [tag for tag in dict.fromkeys(map(version_of, images)) if tag]
    return [deployment.name for deployment in scenario.all_deployments], tags, images


def _number(text: str) -> float | None:
    try:
        return float(text) if text[:1].isdecimal() else None
    except ValueError:
        return None


def _images(scenario: Scenario) -> Iterator[str]:
    """Yield every image that manifests and steps mention."""
    for deployment in scenario.deployments:
        yield from _images_in(deployment.document)
    for step in scenario.steps:
        if isinstance(step, TemplateStep):
            yield from _images_in(step.template.document)
        elif isinstance(step, KubectlStep):
            for made in step.objects:
                yield from _images_in(made.document)
            yield from _images_in(step.patch)
            if isinstance(step.command, Command) and step.command.verb == "set image":
                yield from (arg.partition("=")[2] for arg in step.command.args)


def _images_in(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "image" and isinstance(value, str) and value:
                yield value
            else:
                yield from _images_in(value)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _images_in(item)
