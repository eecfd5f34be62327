"""The paths and options of a command line to one Scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.spec.intake import Intake
    from sim.spec.profile import Profile
    from sim.spec.scenario import Scenario


def read_scenario(
    paths: Sequence[str],
    scenario_file: str | None = None,
    *,
    profile: str | None = None,
    assignments: Sequence[str] = (),
    stdin: IO[Any] | None = None,
    intake: Intake | None = None,
) -> Scenario:
    """Load what `paths` (manifests, folders, "-", or one scenario file) or `scenario_file` name.

    With both, `paths` take the place of the scenario's own manifests. `assignments` such as "maxSurge=50%"
    then change it. Raises InputError with every problem, click.UsageError when nothing is named.
    """
    from sim.spec.intake import AS_KUBECTL
    from sim.spec.scenario import load, override

    taken = intake or AS_KUBECTL
    if not paths and scenario_file is None:
        raise click.UsageError(
            "Missing argument 'PATH...': a manifest, a folder, a scenario, or - for standard input."
        )
    used = _profile(profile, paths, scenario_file, stdin, taken) if profile is not None else None
    scenario = load(*paths, scenario=scenario_file, profile=used, stdin=stdin, intake=taken)
    return override(scenario, assignments) if assignments else scenario


def changed(assignments: Sequence[str], options: Mapping[str, int | None]) -> list[str]:
    """Return the assignments and what the options beside them mean; refuse options that they contradict."""
    changes = list(assignments)
    for name, value in options.items():
        if value is None:
            continue
        for text in assignments:
            key, _, other = (part.strip() for part in text.partition("="))
            if key in (name, f"spec.{name}") and other != str(value):
                raise click.UsageError(f"--{name} {value} contradicts --set {key}={other[:60]}.")
        changes.append(f"{name}={value}")
    return changes


def _profile(
    name: str, paths: Sequence[str], scenario_file: str | None, stdin: IO[Any] | None, intake: Intake
) -> Profile:
    """Return the profile that --profile names; its mistakes are told together with those of the files."""
    from sim.errors import Diagnostic, InputError
    from sim.spec.document import Document
    from sim.spec.explain import Place
    from sim.spec.profile import load_profile
    from sim.spec.scenario import load

    try:
        return load_profile(name, place=Place(Document(None, "--profile")))
    except InputError as error:
        problems: list[Diagnostic] = list(error.diagnostics)
    try:
        load(*paths, scenario=scenario_file, profile={}, stdin=stdin, intake=intake)
    except InputError as error:
        problems += error.diagnostics
    raise InputError(problems)


def apart(paths: Sequence[str], *, recursive: bool = False) -> tuple[list[str], list[str]]:
    """Return the scenario files and the other files that `paths` name; a folder stands for the files in it,
    if one of them is a scenario.

    Raises InputError for a folder without any. What cannot be read counts as a manifest: loading it says why.
    """
    from sim.spec.sources import files_of

    scenarios: list[str] = []
    others: list[str] = []
    for path in paths:
        files = files_of(path, recursive=recursive)
        own = [name for name in files if _is_scenario_file(name)]
        scenarios += own
        others += [name for name in files if name not in own] if own else [path]
    return scenarios, others


def _is_scenario_file(name: str) -> bool:
    from sim.errors import InputError
    from sim.spec.document import read_documents
    from sim.spec.scenario import is_scenario
    from sim.spec.sources import read_source

    try:
        # Standard input can be read only once, and whoever loads it tells the two apart as well.
        documents = read_documents(read_source(name), name)[0] if name != "-" else []
    except InputError:
        return False
    return len(documents) == 1 and is_scenario(documents[0].data)
