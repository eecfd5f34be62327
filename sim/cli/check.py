"""`rollsim check`: the diagnostics alone, without a simulation."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from sim.cli.options import format_option
from sim.cli.taking import intake_options

if TYPE_CHECKING:
    from sim.errors import Diagnostic
    from sim.spec.intake import Intake


@click.command("check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@format_option("text", "json", told="Lines, or one JSON document.")
@intake_options
def command(paths: tuple[str, ...], form: str, intake: Intake | None) -> int:
    """Say what is wrong (E...) or not modelled, or probably not meant (W...), one line each.

    PATH is a Kubernetes manifest, a scenario file, a folder of both, or - for standard input. Manifests are
    checked together, scenarios one by one.

    Exit code: 0, also with warnings; 2 with errors.
    """
    found = _diagnostics(paths, intake)
    from sim.cli.format import echo, safe_json

    errors = sum(d.is_error for d in found)
    if form == "json":
        from sim.cli.result import diagnostics_document

        warnings = len(found) - errors
        document = {"errors": errors, "warnings": warnings, "diagnostics": diagnostics_document(found)}
        click.echo(safe_json(json.dumps(document, indent=2, ensure_ascii=False)))
    else:
        from sim.cli.problems import problem_lines

        for line in problem_lines(found):
            echo(line)
        click.echo(f"{_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}")
    return 2 if errors else 0


def _diagnostics(paths: Sequence[str], intake: Intake | None = None) -> list[Diagnostic]:
    from sim.cli.inputs import apart
    from sim.errors import InputError
    from sim.spec.intake import AS_KUBECTL
    from sim.spec.scenario import load

    taken = intake or AS_KUBECTL
    found: list[Diagnostic] = []
    try:
        scenarios, manifests = apart(paths, recursive=taken.recursive)
    except InputError as error:
        return list(error.diagnostics)
    for name in scenarios:
        try:
            found += load(name, intake=taken).diagnostics
        except InputError as error:
            found += error.diagnostics
    if manifests:
        try:
            found += _of_manifests(manifests, taken)
        except InputError as error:
            found += error.diagnostics
    # Two scenarios may use one manifest, and what is wrong with that is wrong once.
    return list(dict.fromkeys(found))


def _of_manifests(names: Sequence[str], intake: Intake) -> list[Diagnostic]:
    """Return what there is to say of manifests; namespaces that share a name are looked at one by one."""
    from sim.errors import InputError
    from sim.spec.manifest import load_manifests
    from sim.spec.scenario import load, scenario_from_manifests
    from sim.spec.sources import read_source

    piped = read_source("-") if "-" in names else b""
    try:
        return list(load(*names, stdin=io.BytesIO(piped), intake=intake).diagnostics)
    except InputError as error:
        found = [replace(problem, code="W411") for problem in error.diagnostics]
        if any(problem.code != "E409" for problem in error.diagnostics):
            raise
    made = load_manifests(names, stdin=io.BytesIO(piped), intake=intake)
    for namespace in dict.fromkeys(deployment.namespace for deployment in made.deployments):
        part = {
            "deployments": tuple(one for one in made.deployments if one.namespace == namespace),
            "services": tuple(one for one in made.services if one.namespace == namespace),
        }
        found += scenario_from_manifests(made.model_copy(update=part), source=", ".join(names)).diagnostics
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
