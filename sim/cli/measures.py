"""`rollsim measures`: what is measured, in which unit, and which way is better."""

from __future__ import annotations

import textwrap

import click


@click.command("measures")
def command() -> None:
    """List the measures of a run: the unit of each, what it means, and which way is better.

    Any of them with a direction can be required: rollsim run ... --require 'min_availability>=95%'
    """
    from sim.cli.text import open_console
    from sim.metrics import MEASURES

    console = open_console()
    names = max(map(len, MEASURES))
    units = max(len(m.unit) for m in MEASURES.values())
    for name, (unit, meaning, better) in MEASURES.items():
        start = f"{name:<{names}}  {unit:<{units}}  "
        text = f"{meaning} ({better} is better)" if better else meaning
        wrapped = textwrap.wrap(text, console.width - len(start))
        console.print(start + ("\n" + " " * len(start)).join(wrapped), soft_wrap=True)
