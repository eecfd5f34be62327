"""Reading scenarios: a scenario file, or bare manifests that are about to be applied to a cluster."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from sim.errors import Diagnostic, InputError, shown
from sim.spec.document import Document, read_documents
from sim.spec.expectations import named_in
from sim.spec.explain import Place, explain
from sim.spec.intake import AS_KUBECTL, Intake
from sim.spec.kinds import is_scenario
from sim.spec.manifest import (
    Deployment,
    Manifests,
    deployment_from,
    load_manifests,
    manifests_from,
    parse_manifests,
)
from sim.spec.override import override
from sim.spec.patch import strategic_merge
from sim.spec.plans import image_patch, steps_from
from sim.spec.profile import Profile, load_profile
from sim.spec.recording import read_recording, scenario_from_recording
from sim.spec.scenario_checks import with_checks
from sim.spec.scenario_file import CODES, ScenarioKeys
from sim.spec.schema import schema
from sim.spec.session import documents_at
from sim.spec.sources import STDIN_NAME, read_source
from sim.spec.steps import (
    DEFAULT_SEED,
    Plan,
    Scenario,
    Step,
    Timing,
    joined,
    resolve_steps,
)
from sim.spec.syntax import repository

__all__ = [
    "Scenario",
    "Step",
    "is_scenario",
    "load",
    "load_scenario",
    "override",
    "scenario_from_manifests",
    "schema",
]

ProfileLike = str | os.PathLike[str] | Mapping[str, Any] | Profile | None


def load(
    *sources: str | os.PathLike[str],
    scenario: str | os.PathLike[str] | None = None,
    profile: ProfileLike = None,
    stdin: IO[Any] | None = None,
    intake: Intake = AS_KUBECTL,
) -> Scenario:
    """Return the scenario that `sources` mean: a scenario file, a recording, or manifests (files, folders,
    "-").

    `scenario` names a scenario file explicitly; `sources` are then used in place of its manifests. `profile`
    is used in place of the one in the file. Raises InputError with every problem.
    """
    names = [os.fspath(source) for source in sources]
    if scenario is not None:
        return load_scenario(scenario, manifests=names or None, profile=profile, stdin=stdin, intake=intake)
    if not names:
        raise InputError(
            Diagnostic(code="E403", message="nothing to simulate", expected="manifests or a scenario file")
        )
    if len(names) == 1 and not os.path.isdir(names[0]):
        label = STDIN_NAME if names[0] == "-" else names[0]
        raw = read_source(names[0], stdin=stdin)
        recording = read_recording(raw, label)
        if recording is not None:
            return scenario_from_recording(
                recording, label, load_profile(profile) if profile is not None else None
            )
        documents, problems = read_documents(raw, label)
        if len(documents) == 1 and is_scenario(documents[0].data):
            if problems:
                raise InputError(problems)
            folder = os.getcwd() if names[0] == "-" else os.path.dirname(names[0])
            return _from_document(documents[0], folder, profile=profile, intake=intake)
        return scenario_from_manifests(parse_manifests(raw, label, intake), profile=profile, source=label)
    return scenario_from_manifests(
        load_manifests(names, stdin=stdin, intake=intake), profile=profile, source=", ".join(names)
    )


def load_scenario(
    path: str | os.PathLike[str],
    *,
    manifests: Sequence[str] | None = None,
    profile: ProfileLike = None,
    stdin: IO[Any] | None = None,
    intake: Intake = AS_KUBECTL,
) -> Scenario:
    """Read a scenario file; paths in it are relative to it. Raises InputError with every problem.

    `manifests` (files, folders, "-"; relative to the working directory) and `profile` are used in place of
    the file's.
    """
    name = os.fspath(path)
    raw = read_source(name)
    recording = read_recording(raw, name)
    if recording is not None and not manifests:
        return scenario_from_recording(
            recording, name, load_profile(profile) if profile is not None else None
        )
    documents, problems = read_documents(raw, name)
    if not problems and len(documents) != 1:
        message = f"a scenario's file holds one document, and this one holds {len(documents)}"
        problems = [Diagnostic(code="E402", message=message, file=name)]
    if problems:
        raise InputError(problems)
    data = documents[0].data
    if isinstance(data, Mapping) and "apiVersion" in data and "kind" in data:
        message = f"this is a Kubernetes {shown(data['kind'])}, not a scenario"
        raise InputError(
            Diagnostic(
                code="E402", message=message, file=name, line=1, expected="a file with manifests: and steps:"
            )
        )
    given = load_manifests(manifests, stdin=stdin, intake=intake) if manifests else None
    return _from_document(
        documents[0], os.path.dirname(name), manifests=given, profile=profile, intake=intake
    )


def scenario_from_manifests(
    manifests: Manifests,
    profile: ProfileLike = None,
    *,
    name: str = "",
    source: str = "",
    seed: int = DEFAULT_SEED,
    horizon_s: float | None = None,
    description: str = "",
) -> Scenario:
    """Return the scenario in which the manifests are about to be applied.

    Before 0 s each Deployment runs, fully available, with its first container's image tagged ":previous"; at
    0 s its pod template becomes the manifest's. `horizon_s` None: nobody said it. Raises InputError when
    there is no Deployment (E403).
    """
    _check_deployments(manifests, source)
    before, plans = [], []
    for after in manifests.deployments:
        place = Place(Document(None, source or None))
        old, plan = _applied(after, place)
        before.append(old)
        plans.append(plan)
    steps, problems = resolve_steps(before, plans)
    if any(problem.is_error for problem in problems):
        raise InputError(problems)
    return with_checks(
        Scenario(
            name=name or (manifests.deployments[0].name if len(manifests.deployments) == 1 else "manifests"),
            description=description,
            deployments=tuple(before),
            services=manifests.services,
            profile=load_profile(profile),
            seed=seed,
            horizon=horizon_s,
            steps=steps,
            manifest_diagnostics=joined(manifests.diagnostics, problems),
            source=source,
        )
    )


def _from_document(
    document: Document,
    folder: str,
    *,
    manifests: Manifests | None = None,
    profile: ProfileLike = None,
    intake: Intake,
) -> Scenario:
    place = Place(document)
    problems: list[Diagnostic] = []
    try:
        keys = ScenarioKeys.model_validate(document.data)
    except ValidationError as error:
        raise InputError(
            sorted(explain(error, ScenarioKeys, place, CODES), key=lambda d: d.line or 0)
        ) from None
    made = manifests
    if made is None:
        try:
            made = _manifests_of(keys, place, folder, intake)
        except InputError as error:
            problems += error.diagnostics
    used = None
    try:
        used = (
            load_profile(keys.profile, place=place.below("profile"), folder=folder)
            if profile is None
            else load_profile(profile)
        )
    except InputError as error:
        problems += error.diagnostics
    if made is None or any(problem.is_error for problem in problems):
        raise InputError(problems)
    name = keys.name or Path(document.file or "scenario").stem
    common: dict[str, Any] = {
        "name": name,
        "description": keys.description,
        "seed": keys.seed,
    }
    source = document.file or ""
    if keys.steps is None:
        made_of = scenario_from_manifests(made, used, source=source, horizon_s=keys.horizon, **common)
        return _with_expectations(made_of, keys, place)
    steps, problems = steps_from(keys.steps, made.deployments, place.below("steps"), folder, keys.horizon)
    if any(problem.is_error for problem in problems):
        raise InputError(sorted(problems, key=lambda d: d.line or 0))
    scenario = with_checks(
        Scenario(
            deployments=made.deployments,
            services=made.services,
            profile=load_profile(used),
            steps=steps,
            manifest_diagnostics=joined(made.diagnostics, problems),
            source=source,
            horizon=keys.horizon,
            **common,
        )
    )
    return _with_expectations(scenario, keys, place)


def _with_expectations(scenario: Scenario, keys: ScenarioKeys, place: Place) -> Scenario:
    expected, problems = named_in(keys.expect or (), scenario, place.below("expect"))
    if problems:
        raise InputError(problems)
    return replace(scenario, expect=expected)


def _manifests_of(keys: ScenarioKeys, place: Place, folder: str, intake: Intake) -> Manifests:
    """Return the manifests that a scenario's file names; a session may begin with an empty cluster."""
    creates = any(step.kubectl is not None for step in keys.steps or ())
    if keys.manifests is None and creates:
        return Manifests()
    made = _manifests(keys.manifests, place.below("manifests"), folder, intake)
    _check_deployments(made, place.document.file or "", place.below("manifests"), needed=not creates)
    return made


def _manifests(given: list[Any] | None, place: Place, folder: str, intake: Intake) -> Manifests:
    if given is None:
        raise InputError(
            place.problem("E402", "this key is missing", expected="manifests, or a step that creates")
        )
    is_list = isinstance(place.document.data["manifests"], list)
    documents: list[Document] = []
    problems: list[Diagnostic] = []
    for i, item in enumerate(given):
        at = place.below(i) if is_list else place
        if isinstance(item, dict):
            documents.append(at.document.under(at.prefix))
            continue
        found, wrong = documents_at(os.path.join(folder, item), at, recursive=intake.recursive)
        documents += found
        problems += wrong
    try:
        made = manifests_from(documents, intake=intake)
    except InputError as error:
        raise InputError([*problems, *error.diagnostics]) from None
    if any(problem.is_error for problem in problems):
        raise InputError(problems)
    return made.model_copy(update={"diagnostics": (*problems, *made.diagnostics)})


def _check_deployments(
    manifests: Manifests, source: str, place: Place | None = None, *, needed: bool = True
) -> None:
    at = place or Place(Document(None, source or None))
    if needed and not manifests.deployments:
        raise InputError(_no_deployment(manifests, at))
    seen: dict[str, str] = {}
    for deployment in manifests.deployments:
        other = seen.setdefault(deployment.name, deployment.namespace)
        if other != deployment.namespace:
            name = shown(deployment.name)
            message = f"Deployment {name} is in two namespaces, {other} and {deployment.namespace}"
            raise InputError(at.problem("E409", message, expected=f"one namespace at a time: -n {other}"))


def _no_deployment(manifests: Manifests, place: Place) -> list[Diagnostic]:
    """Return the error that there is no Deployment, after what else there is, or where one is misspelled."""
    message, expected = "there is no Deployment in it", "a manifest of kind Deployment"
    others = [d for d in manifests.diagnostics if d.code in ("W204", "W207")]
    meant = next((d for d in others if d.nearest == "Deployment"), None)
    problem = place.problem("E403", message, expected=expected)
    if meant is None:
        return [*others, problem]
    message = f"{message}: {meant.message}"
    return [replace(meant, code="E403", message=message, expected=expected)]


def _applied(after: Deployment, place: Place) -> tuple[Deployment, Plan]:
    first = after.template.containers[0]
    old_image = previous_image(first.image)
    patch = {"spec": {"template": image_patch({first.name: old_image})}}
    before = deployment_from(strategic_merge(after.document, patch))
    plan = Plan(
        Timing(at_s=0.0), after.name, image_patch({first.name: first.image}), f"image {first.image}", place
    )
    return before, plan


def previous_image(image: str) -> str:
    """Return an image's name with its tag, and its digest, replaced by "previous".

    Example: "host:5000/shop:v2" becomes "host:5000/shop:previous".
    """
    name = repository(image)
    # Something has to change, also where the manifest itself says "previous".
    return f"{name}:before-previous" if image == f"{name}:previous" else f"{name}:previous"
