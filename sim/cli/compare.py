"""`rollsim compare`: manifests, scenarios or settings side by side, with the same luck."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.complete import complete_setting
from sim.cli.drawing import load_charts
from sim.cli.format import echo
from sim.cli.grid import refuse_results
from sim.cli.options import (
    command_line,
    decision_options,
    format_option,
    out_options,
    profile_option,
    running_options,
    seed_option,
    words,
)
from sim.cli.taking import intake_options, intake_words

if TYPE_CHECKING:
    from sim.api import Comparison, Recommendation
    from sim.report.compared import Compared
    from sim.spec.intake import Intake
    from sim.stats import Limit, Statistic
    from sim.sweep.plan import Plan

_NAME_WIDTH = 32


@click.command("compare")
@click.argument("paths", metavar="A [B]...", nargs=-1, type=click.Path())
@click.option(
    "--set",
    "variants",
    metavar="KEY=VALUE,...",
    multiple=True,
    shell_complete=complete_setting,
    help="A with these settings is a candidate, too: maxSurge=1,maxUnavailable=0 (repeatable).",
)
@intake_options
@profile_option
@seed_option
@decision_options
@running_options
@out_options
@format_option("table", "markdown", "json", "csv")
def command(
    paths: tuple[str, ...],
    variants: tuple[str, ...],
    intake: Intake | None,
    profile: str | None,
    seed: int | None,
    limits: tuple[Limit, ...],
    minimize: tuple[Statistic, ...],
    maximize: tuple[Statistic, ...],
    deployment: str | None,
    out: Path | None,
    form: str,
    **running: Any,
) -> int:
    """Simulate candidates many times and print how they differ from the first one, A.

    A candidate is a manifest, a folder of them, a scenario, or A with other settings. All get the same luck,
    so that replication by replication only what they do differs: small differences show early.

    \b
    rollsim compare before.yaml after.yaml
    rollsim compare deployment.yaml --set maxSurge=1,maxUnavailable=0
    rollsim compare a.yaml b.yaml --require 'p95(duration_s)<=5m'

    With --require, 95 % of the rollouts have to complete, too, as for `rollsim recommend`.

    Exit code: 0, 1 when no candidate keeps every --require, 2 when the input cannot be used.
    """
    from sim.api import Comparison, Recommendation
    from sim.api.question import limits_of
    from sim.cli.study import run_plan, wanted_aims

    aims = wanted_aims(minimize, maximize)
    plan = _plan(paths, variants, intake, profile, seed, deployment)
    result = Comparison(run_plan(plan, out=out, **running))
    # Without limits nothing is chosen: a candidate may be as bad as it likes.
    best = Recommendation(result, limits_of(limits) if limits else (), aims)
    if out is not None:
        load_charts()
        from sim.report.files import write_results

        write_results(out, result.sample, best.choice, best.limits, aims)
    _print(result, best, form)
    return 0 if best.choice.recommended is not None else 1


def _plan(
    paths: Sequence[str],
    variants: Sequence[str],
    intake: Intake | None,
    profile: str | None,
    seed: int | None,
    deployment: str | None,
) -> Plan:
    from sim.api.candidates import side_by_side
    from sim.cli.inputs import read_scenario
    from sim.cli.problems import problem_lines
    from sim.sweep.planning import parse_variant

    if not paths:
        raise click.UsageError("Missing argument 'A': a manifest, a folder or a scenario.")
    changes = [f"seed={seed}"] if seed is not None else []
    # Short names where they tell the candidates apart.
    names = [os.path.basename(path) or path for path in paths]
    names = names if len(set(names)) == len(names) else list(paths)
    if len(set(map(os.path.normpath, paths))) < len(paths):
        raise click.UsageError("The same candidate is named twice.")
    refuse_results(paths)
    read = [read_scenario([path], profile=profile, assignments=changes, intake=intake) for path in paths]
    scenarios = list(zip(names, read, strict=True))
    for line in problem_lines([d for _, scenario in scenarios for d in scenario.diagnostics]):
        echo(line, err=True)
    plan = side_by_side(scenarios, [parse_variant(text) for text in variants], deployment)
    said = {"--set": variants, "--profile": [profile], "--seed": [seed], "--deployment": [deployment]}
    taken = intake_words(intake)
    alone = words([*taken, *paths[:1]], {"--profile": [profile]})
    return replace(plan, repeat=command_line("compare", [*taken, *paths], said), origin=alone)


def _print(result: Comparison, best: Recommendation, form: str) -> None:
    from sim.cli import study, tables
    from sim.report.candidates import names_of
    from sim.report.compared import compared
    from sim.report.words import escaped, worded_differences

    differences = result.differences()
    if form == "json":
        from sim.api.documents import comparison_document

        click.echo(study.json_text(comparison_document(result, best)))
        return
    if form == "csv":
        study.echo_csv(differences, result)
        return
    sentences, names = compared(result.sample), names_of(result.sample)
    table = tables.by_names(result.sample, result.table)
    if best.limits:
        fails = best.choice.table["fails"]
        table.insert(1, "limits", [fails[best.choice.of[one]] or "kept" for one in result.table["strategy"]])
    told = worded_differences(differences, names)
    baseline = f"Differences to {names[0]}, replication by replication"
    if form == "markdown":
        echo("\n".join(f"- {escaped(str(one))}" for one in sentences) + "\n")
        echo(tables.markdown_table(table))
        echo(f"\n{escaped(baseline)}:\n")
        echo(tables.markdown_table(told))
        if best.limits:
            echo(f"\n{study.markdown_choice(best)}")
        study.echo_markdown_provenance(result)
        return
    _print_sentences(sentences)
    tables.print_table(table)
    echo(f"\n{baseline}:")
    tables.print_table(told)
    if best.limits:
        click.echo()
        study.print_choice(best.choice)
    study.print_end(result)


def _print_sentences(sentences: Sequence[Compared]) -> None:
    """Print a sentence a candidate, each behind its name."""
    import sys
    import textwrap

    from sim.cli.format import plain
    from sim.cli.text import open_console

    console = open_console()
    width = min(_NAME_WIDTH, max(len(one.name) for one in sentences))
    for one in sentences:
        text = "; ".join(filter(None, (one.differs, one.better)))
        # A name that is too long has a line of its own.
        first = f"{one.name:<{width}}  " if len(one.name) <= width else f"{one.name}\n{'':{width + 2}}"
        lines = textwrap.wrap(text, console.width - width - 2, break_on_hyphens=False)
        said = first + f"\n{'':{width + 2}}".join(lines)
        for line in said.splitlines():
            console.print(plain(line, sys.stdout), style="bold", soft_wrap=True)
