"""`rollsim schema`: the JSON Schema of the files that users write, for editors and CI."""

from __future__ import annotations

import click

from sim.cli.choice import NearChoice


@click.command("schema")
@click.argument("kind", type=NearChoice(["scenario", "profile"]), default="scenario")
def command(kind: str) -> None:
    """Print the JSON Schema (draft 2020-12) of a scenario file, or of a profile file.

    Editors complete and check scenario files with it:

    \b
    rollsim schema > scenario.schema.json
    and as the first line of each scenario:
    # yaml-language-server: $schema=scenario.schema.json
    """
    import json

    from sim.spec.schema import schema

    click.echo(json.dumps(schema(kind), indent=2, ensure_ascii=False))
