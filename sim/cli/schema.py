"""`rollsim schema`: the JSON Schema of the files that users write, and of what `--format json` prints."""

from __future__ import annotations

import click

from sim.cli.choice import NearChoice

# The module that has the schema of each kind.
HOMES = {
    "scenario": "sim.spec.schema",
    "profile": "sim.spec.schema",
    "run": "sim.api.schema",
    "sweep": "sim.api.schema",
    "compare": "sim.api.schema",
    "recommend": "sim.api.schema",
    "timeouts": "sim.api.schema",
}


@click.command("schema")
@click.argument("kind", type=NearChoice(list(HOMES)), default="scenario")
def command(kind: str) -> None:
    """Print a JSON Schema (draft 2020-12): of a scenario file, of a profile file, or of the JSON of a verb.

    Editors complete and check scenario files with it:

    \b
    rollsim schema > scenario.schema.json
    and as the first line of each scenario:
    # yaml-language-server: $schema=scenario.schema.json
    """
    import json
    from importlib import import_module

    click.echo(json.dumps(import_module(HOMES[kind]).schema(kind), indent=2, ensure_ascii=False))
