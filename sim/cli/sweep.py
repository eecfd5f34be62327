"""`rollsim sweep`: many strategies, many times; statistics with intervals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.drawing import load_charts
from sim.cli.format import echo
from sim.cli.grid import grid_options, plan_of
from sim.cli.options import format_option

if TYPE_CHECKING:
    from sim.api import Sweep
    from sim.engine import Engine
    from sim.stats import Precision


@click.command("sweep")
@grid_options
@format_option("table", "markdown", "json", "csv")
def command(
    paths: tuple[str, ...],
    scenario_file: str | None,
    replications: int | None,
    precision: Precision | None,
    most: int | None,
    workers: int | None,
    dask: str | None,
    engine: Engine,
    out: Path | None,
    resume: bool,
    form: str,
    **what: Any,
) -> int:
    """Simulate every combination of settings many times and print what each does to your pods.

    PATH is what `rollsim run` takes. Without --axis, maxSurge 0, 1, 25%, 50%, 100% and maxUnavailable 0, 1,
    25%, 50% are tried; what the manifest has today is always among them. Every strategy gets the same luck,
    so differences between them are theirs. The same version, scenario and seed give the same numbers, however
    many workers there are.

    \b
    rollsim sweep deployment.yaml --axis maxSurge=0,1 --axis maxUnavailable=0..2
    rollsim sweep deployment.yaml --axis minReadySeconds=0,5,15 --out results
    rollsim report results

    Exit code: 0, 2 when the input cannot be used, 130 when interrupted (what is done is kept).
    """
    from sim.api import Sweep
    from sim.cli.study import run_plan

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
    result = Sweep(sample)
    if out is not None:
        load_charts()
        from sim.report.files import write_results

        write_results(out, sample)
    _print(result, form, out)
    return 0


def _print(result: Sweep, form: str, out: Path | None) -> None:
    from sim.cli import study, tables

    if form == "json":
        from sim.api.documents import sweep_document

        click.echo(study.json_text(sweep_document(result)))
        return
    if form == "csv":
        study.echo_csv(result.statistics, result)
        return
    sample = result.sample
    if form == "markdown":
        echo(tables.markdown_table(tables.by_axes(sample, result.table)))
        study.echo_markdown_provenance(result)
        return
    study.print_measured(result)
    study.print_size(result)
    shown = tables.most_telling(result.table, sample.about["now"])
    hidden = len(result.table) - len(shown)
    tables.print_table(tables.by_axes(sample, shown), more=f"{hidden:,} slower ones" if hidden else "")
    click.echo()
    study.print_notes(sample)
    study.print_provenance(result)
    if out is not None:
        echo(f"wrote to {out}; rollsim report {out} makes a page of it")
