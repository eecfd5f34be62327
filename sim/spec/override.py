"""Changing a scenario by assignments: maxSurge=50%, readinessProbe.periodSeconds=5, control_plane.qps=50."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sim.errors import Diagnostic, InputError, shown
from sim.spec.assignments import (
    POD,
    PROBE_KEYS,
    PROBES,
    PROFILE_KEYS,
    SCENARIO_KEYS,
    SOURCE,
    Assignment,
    parsed,
    value_of,
)
from sim.spec.document import Document
from sim.spec.explain import Place
from sim.spec.manifest import Deployment, immutable_changes
from sim.spec.patch import with_value
from sim.spec.profile import change_profile, load_profile
from sim.spec.scenario_checks import with_checks
from sim.spec.steps import (
    HORIZON_RANGE,
    LEAST_HORIZON_S,
    LONGEST_HORIZON_S,
    SEED_LIMIT,
    SEED_RANGE,
    Change,
    KubectlStep,
    Plan,
    Scenario,
    Step,
    TemplateStep,
    joined,
    read_again,
    resolve_steps,
    same,
)
from sim.spec.unknown import UNKNOWN_FIELD
from sim.units import format_duration, nearest, parse_duration

Data = dict[str, Any]


def override(scenario: Scenario, assignments: Iterable[str]) -> Scenario:
    """Return `scenario` changed by "key=value" texts, in order; raises InputError with every problem.

    Keys are Kubernetes' own names (see SHORT), a probe's field (readinessProbe.periodSeconds, of every
    container that has the probe), any path into the Deployment (spec.…), `profile`, any key of a profile
    (control_plane.qps), `seed` and `horizon`. Changes of Deployments hold for all of them, and for the
    templates of all steps; the value null means the default.
    """
    problems: list[Diagnostic] = []
    changes: list[Change] = []
    # A profile as a whole comes first, or it would undo the changes of its keys.
    for assignment in sorted(
        parsed(assignments, problems), key=lambda assignment: assignment.key != "profile"
    ):
        try:
            if assignment.key in SCENARIO_KEYS or assignment.path[0] in PROFILE_KEYS:
                scenario = _with_setting(scenario, assignment)
            else:
                changes.append(_change(assignment, scenario.all_deployments))
        except InputError as error:
            problems += error.diagnostics
    if changes:
        try:
            scenario = _with_changes(scenario, changes)
        except InputError as error:
            problems += error.diagnostics
    if problems:
        raise InputError(problems)
    return with_checks(scenario)


def override_document(document: Mapping[str, Any], assignments: Iterable[str]) -> Data:
    """Return a Deployment's document changed by those of the assignments that are about Deployments; raises
    InputError.
    """
    problems: list[Diagnostic] = []
    made, _ = read_again(document)
    changes = [
        _change(assignment, [made])
        for assignment in parsed(assignments, problems)
        if assignment.key not in SCENARIO_KEYS and assignment.path[0] not in PROFILE_KEYS
    ]
    changed = _applied(document, changes, problems)
    if problems:
        raise InputError(problems)
    return changed


def _with_setting(scenario: Scenario, assignment: Assignment) -> Scenario:
    if assignment.key == "seed":
        return replace(scenario, seed=_seed(assignment))
    if assignment.key == "horizon":
        return replace(scenario, horizon=_horizon(assignment, scenario))
    if assignment.key == "profile":
        return replace(
            scenario, profile=load_profile(assignment.text, place=Place(Document(None, SOURCE), ("profile",)))
        )
    if any(isinstance(key, int) for key in assignment.path):
        message, expected = (
            "a profile's keys are names",
            "a key such as control_plane.qps",
        )
        raise InputError(assignment.problem(message, code="E407", found=assignment.key, expected=expected))
    # A version is never a number: 1.30 has to stay what was typed.
    value = assignment.text if assignment.key == "kubernetes" else value_of(assignment)
    over: dict[Any, Any] = {assignment.path[-1]: value}
    for key in reversed(assignment.path[:-1]):
        over = {key: over}
    return replace(
        scenario, profile=change_profile(scenario.profile, over, place=Place(Document(over, SOURCE)))
    )


def _with_changes(scenario: Scenario, changes: list[Change]) -> Scenario:
    deployments: list[Deployment] = []
    problems: list[Diagnostic] = []
    was: set[Any] = set()
    warnings: tuple[Diagnostic, ...] = ()
    for old in scenario.deployments:
        was |= {same(warning) for warning in read_again(old.document)[1]}
        data = _applied(old.document, changes, problems)
        found: tuple[Diagnostic, ...]
        try:
            made, found = read_again(data, SOURCE)
            deployments.append(made)
            problems += [replace(problem, file=SOURCE) for problem in immutable_changes(old, made)]
        except InputError as error:
            found = error.diagnostics
        # What somebody types after --set is meant: a field that does not exist is a mistake, not something to
        # leave out.
        typed = [
            replace(warning, code="E407")
            for warning in found
            if warning.code == UNKNOWN_FIELD and same(warning) not in was
        ]
        problems += [*found, *typed]
        warnings = joined(warnings, found)
    problems = [problem for problem in joined((), problems) if problem.is_error]
    if problems:
        raise InputError(problems)
    plans = [
        Plan(step.timing, step.deployment, step.patch, step.text, Place(Document(None, SOURCE), ("steps", i)))
        for i, step in enumerate(scenario.steps)
        if isinstance(step, TemplateStep)
    ]
    resolved, found_later = resolve_steps(
        deployments, plans, lambda document: _applied(document, changes, problems)
    )
    if any(problem.is_error for problem in found_later):
        raise InputError(found_later)
    later = iter(resolved)
    steps = tuple(
        next(later) if isinstance(step, TemplateStep) else _with_changed_objects(step, changes, problems)
        for step in scenario.steps
    )
    if any(problem.is_error for problem in problems):
        raise InputError(joined((), problems))
    now = {same(warning) for warning in warnings}
    kept = [old for old in scenario.manifest_diagnostics if same(old) not in was or same(old) in now]
    new = [warning for warning in warnings if same(warning) not in was]
    return replace(
        scenario,
        deployments=tuple(deployments),
        steps=steps,
        manifest_diagnostics=joined(kept, [*new, *found_later]),
    )


def _with_changed_objects(step: Step, changes: list[Change], problems: list[Diagnostic]) -> Step:
    """Return a step whose Deployments, if it reads any, are changed as those that run at first are."""
    if not isinstance(step, KubectlStep):
        return step
    objects = []
    for made in step.objects:
        if isinstance(made.model, Deployment):
            try:
                model, _ = read_again(_applied(made.document, changes, problems), SOURCE)
            except InputError as error:
                problems += error.diagnostics
                continue
            model = model.model_copy(update={"namespace": made.model.namespace})
            made = replace(made, model=model, document=model.document)
        objects.append(made)
    return replace(step, objects=tuple(objects))


def _seed(assignment: Assignment) -> int:
    value = value_of(assignment)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < SEED_LIMIT:
        raise InputError(assignment.problem("not a seed", expected=SEED_RANGE))
    return value


def _horizon(assignment: Assignment, scenario: Scenario) -> float:
    try:
        seconds = parse_duration(assignment.text)
    except ValueError as error:
        raise InputError(assignment.problem(str(error), expected="a duration such as 30m")) from None
    if not LEAST_HORIZON_S <= seconds <= LONGEST_HORIZON_S:
        raise InputError(assignment.problem("out of range", expected=HORIZON_RANGE))
    last = max((step.timing.at_s or 0.0 for step in scenario.steps), default=0.0)
    if seconds <= last:
        message, expected = "a step comes when the simulation has ended", f"more than {format_duration(last)}"
        raise InputError(assignment.problem(message, code="E406", expected=expected))
    return seconds


def _change(assignment: Assignment, deployments: Sequence[Deployment]) -> Change:
    value = value_of(assignment)
    first = assignment.path[0]
    if first in PROBES:
        return _probe_change(assignment, value, deployments)
    if assignment.key == "strategy":
        return lambda document: with_value(document, ("spec", "strategy"), _strategy(document, value))

    def change(document: Data) -> Data:
        try:
            changed: Data = with_value(document, assignment.path, value)
        except KeyError as error:
            raise InputError(
                assignment.problem(f"there is nothing at {shown(error.args[0])}", found=assignment.key)
            ) from None
        return changed

    return change


def _strategy(document: Data, value: Any) -> Any:
    old = document.get("spec", {}).get("strategy") or {}
    if value is None:
        return None
    # maxSurge and maxUnavailable mean nothing to the other types, and Kubernetes refuses them there.
    return {**(old if value == "RollingUpdate" else {}), "type": value}


def _probe_change(assignment: Assignment, value: Any, deployments: Sequence[Deployment]) -> Change:
    probe, field = assignment.path
    if field not in PROBE_KEYS:
        text = str(field)
        inside = (key for key in PROBE_KEYS if text.lower() in key.lower())
        near = nearest(text, PROBE_KEYS) or next(inside, None)
        expected = "one of " + ", ".join(PROBE_KEYS)
        unknown = assignment.problem(
            "no such field of a probe", code="E407", found=shown(field), expected=expected
        )
        raise InputError(replace(unknown, nearest=near))
    attribute = {"readinessProbe": "readiness_probe", "livenessProbe": "liveness_probe"}.get(
        str(probe), "startup_probe"
    )
    if not any(getattr(c, attribute) is not None for d in deployments for c in d.template.containers):
        raise InputError(assignment.problem(f"no container has a {probe}", expected="a manifest with one"))

    def change(document: Data) -> Data:
        containers = document["spec"]["template"]["spec"]["containers"]
        for i, container in enumerate(containers):
            if container.get(probe):
                document = with_value(document, (*POD, "containers", i, probe, field), value)
        return document

    return change


def _applied(document: Mapping[str, Any], changes: Iterable[Change], problems: list[Diagnostic]) -> Data:
    out = dict(document)
    for change in changes:
        try:
            out = change(out)
        except InputError as error:
            problems += error.diagnostics
    return out
