"""`rollsim recommend`: which strategy to choose, why, and the patch that sets it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import load_charts
from sim.cli.format import echo
from sim.cli.grid import grid_options, plan_of
from sim.cli.options import decision_options, format_option

if TYPE_CHECKING:
    import pandas as pd

    from sim.api import Recommendation, Sweep
    from sim.engine import Engine
    from sim.stats import Limit, Precision, Statistic


@click.command("recommend")
@grid_options
@decision_options
@format_option("table", "markdown", "json", "yaml", told="What to print; yaml is the patch alone.")
def command(
    paths: tuple[str, ...],
    limits: tuple[Limit, ...],
    minimize: tuple[Statistic, ...],
    maximize: tuple[Statistic, ...],
    out: Path | None,
    form: str,
    **what: Any,
) -> int:
    """Say which strategy to choose, why, how sure that is, and the kubectl patch that sets it.

    PATH is what `rollsim run` takes, or a folder that `sweep --out` filled: then nothing is simulated again.
    Without --axis, maxSurge 0, 1, 25%, 50%, 100% and maxUnavailable 0, 1, 25%, 50% are tried. Beside the
    limits 95 % of the rollouts have to complete (mean(complete)>=95%), unless one says how many;
    without aims, p95(duration_s) and p95(peak_physical) are to be small and
    p5(min_availability) great. What the manifest has today is always tried, and told beside the choice. The
    patch holds what the axes choose, nothing of --set. An axis that is given (replicas, profile, pods.ready,
    kubernetes …) is no choice: every limit has to hold under each of its values. What leaves a moment without
    any pod is not recommended, unless a limit on availability allows it or there is nothing else.

    \b
    rollsim recommend deployment.yaml --require 'min_availability>=95%'
    rollsim recommend deployment.yaml --axis maxSurge=1..9 --minimize peak_pods

    Exit code: 0, 1 when no strategy keeps every --require, 2 when the input cannot be used.
    """
    from sim.api import Recommendation
    from sim.api.question import limits_of
    from sim.cli.study import wanted_aims

    aims = wanted_aims(minimize, maximize)
    swept = _swept(paths, out, **what)
    result = Recommendation(swept, limits_of(limits), aims)
    if out is not None:
        load_charts()
        from sim.report.files import write_results

        write_results(out, swept.sample, result.choice, result.limits, aims, patch=result.patch_yaml)
    _print(result, form)
    return 0 if result.choice.recommended is not None else 1


def _swept(
    paths: Sequence[str],
    out: Path | None,
    *,
    scenario_file: str | None,
    replications: int | None,
    precision: Precision | None,
    most: int | None,
    workers: int | None,
    dask: str | None,
    engine: Engine,
    resume: bool,
    **what: Any,
) -> Sweep:
    from sim.api import Sweep
    from sim.cli.study import run_plan
    from sim.sweep.folder import is_results

    if len(paths) == 1 and is_results(Path(paths[0])):
        running = [
            replications,
            precision,
            most,
            workers,
            dask,
            resume or None,
            engine if engine != "auto" else None,
        ]
        if any(value is not None and value != () for value in (*running, scenario_file, *what.values())):
            raise click.UsageError(f"{paths[0]} holds results already: only limits and aims can change.")
        if out is not None and out.resolve() != Path(paths[0]).resolve():
            raise click.UsageError(f"--out: what is read out of {paths[0]} is kept there, too.")
        return Sweep.read(paths[0])
    plan = plan_of(paths, scenario_file, **what)
    sample = run_plan(
        plan,
        replications=replications,
        precision=precision,
        most=most,
        workers=workers,
        dask=dask,
        engine=engine,
        out=out,
        resume=resume,
    )
    return Sweep(sample)


def _print(result: Recommendation, form: str) -> None:
    from sim.cli import study, tables

    choice = result.choice
    if form == "json":
        from sim.api.documents import recommendation_document

        click.echo(study.json_text(recommendation_document(result)))
        return
    if form == "yaml":
        if choice.recommended is None:
            echo(choice.answer, err=True)
        click.echo(result.patch_yaml.rstrip("\n") if result.patch else "{}")
        return
    table, best = _table(result)
    if form == "markdown":
        echo(f"{study.markdown_choice(result)}\n")
        echo(tables.markdown_table(table))
        if result.command:
            echo(f"\n```sh\n{result.command}\n```")
        study.echo_markdown_provenance(result.sweep)
        return
    study.print_measured(result.sweep)
    study.print_choice(choice)
    hidden = 0
    if choice.recommended is None:
        study.print_limits(result)
    else:
        hidden = len(choice.table) - len(table)
        tables.print_table(table, best, f"{hidden:,} more candidates" if hidden else "")
    _print_patch(result)
    study.print_end(result.sweep)


def _table(result: Recommendation) -> tuple[pd.DataFrame, list[int]]:
    """Return the candidates that are worth a row, as text, and which row is the recommended one."""
    from sim.report.choice import shown_rows
    from sim.report.words import worded

    shown = shown_rows(result.table)
    fails = ["fails"] if shown["fails"].any() else []
    table = worded(shown[["name", "role", *fails, *result.columns]])
    best = [i for i, role in enumerate(shown["role"]) if role in ("recommended", "keep")]
    return table.rename(columns={"name": "strategy", "role": ""}), best


def _print_patch(result: Recommendation) -> None:
    from sim.cli.text import open_console, say
    from sim.report.choice import assumed_text

    if under := assumed_text(result.assumed, bool(result.patch)):
        click.echo()
        say(open_console(), under)
    if result.patch:
        click.echo()
        echo(result.command)
