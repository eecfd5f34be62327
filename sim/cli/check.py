"""`rollsim check`: the diagnostics alone, without a simulation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sim.cli.choice import NearChoice

if TYPE_CHECKING:
    from sim.errors import Diagnostic


@click.command("check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--format",
    "form",
    type=NearChoice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines, or one JSON document.",
)
def command(paths: tuple[str, ...], form: str) -> int:
    """Say what is wrong (E...) or not modelled, or probably not meant (W...), one line each.

    PATH is a Kubernetes manifest, a scenario file, a folder of both, or - for standard input. Manifests are
    checked together, scenarios one by one.

    Exit code: 0, also with warnings; 2 with errors.
    """
    found = _diagnostics(paths)
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


def _diagnostics(paths: Sequence[str]) -> list[Diagnostic]:
    from sim.cli.inputs import apart
    from sim.errors import InputError
    from sim.spec.scenario import load

    found: list[Diagnostic] = []
    try:
        scenarios, manifests = apart(paths)
    except InputError as error:
        return list(error.diagnostics)
    for sources in [*([name] for name in scenarios), *([manifests] if manifests else [])]:
        try:
            found += load(*sources).diagnostics
        except InputError as error:
            found += error.diagnostics
    # Two scenarios may use one manifest, and what is wrong with that is wrong once.
    return list(dict.fromkeys(found))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
