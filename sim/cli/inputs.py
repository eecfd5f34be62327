"""The paths and options of a command line to one Scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.spec.scenario import Scenario


def read_scenario(
    paths: Sequence[str],
    scenario_file: str | None = None,
    *,
    profile: str | None = None,
    assignments: Sequence[str] = (),
    stdin: IO[Any] | None = None,
) -> Scenario:
    """Load what `paths` (manifests, folders, "-", or one scenario file) or `scenario_file` name.

    With both, `paths` take the place of the scenario's own manifests. `assignments` such as "maxSurge=50%"
    then change it. Raises InputError with every problem, click.UsageError when nothing is named.
    """
    from sim.spec.scenario import load, override

    if not paths and scenario_file is None:
        raise click.UsageError(
            "Missing argument 'PATH...': a manifest, a folder, a scenario, or - for standard input."
        )
    scenario = load(*paths, scenario=scenario_file, profile=profile, stdin=stdin)
    return override(scenario, assignments) if assignments else scenario


def apart(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the scenario files and the other files that `paths` name; a folder stands for the files in it.

    Raises InputError for a folder without any. What cannot be read counts as a manifest: loading it says why.
    """
    from sim.errors import InputError
    from sim.spec.document import read_documents
    from sim.spec.scenario import is_scenario
    from sim.spec.sources import files_of, read_source

    scenarios: list[str] = []
    others: list[str] = []
    for name in (file for path in paths for file in files_of(path)):
        try:
            # Standard input can be read only once, and whoever loads it tells the two apart as well.
            documents = read_documents(read_source(name), name)[0] if name != "-" else []
        except InputError:
            documents = []
        found = scenarios if len(documents) == 1 and is_scenario(documents[0].data) else others
        found.append(name)
    return scenarios, others
