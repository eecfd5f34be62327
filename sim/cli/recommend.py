"""`rollsim recommend`: which strategy to choose, why, and the patch that sets it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.choice import NearChoice
from sim.cli.drawing import load_charts
from sim.cli.grid import grid_options, plan_of
from sim.cli.options import decision_options

if TYPE_CHECKING:
    from sim.api import Recommendation, Sweep
    from sim.engine import Engine
    from sim.stats import Limit, Precision, Statistic


@click.command("recommend")
@grid_options
@decision_options
@click.option(
    "--format",
    "form",
    type=NearChoice(["table", "markdown", "json", "yaml"]),
    default="table",
    show_default=True,
    help="What to print; yaml is the patch alone.",
)
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
    limits 95 % of the rollouts have to complete (mean(stuck)<=5%), unless one is on stuck, complete or
    duration_s; without aims, p95(duration_s) and p95(peak_pods) are to be small, p5(min_availability)
    great. The patch is for the Deployment as its manifest has it, before --set. An axis that is given
    with the cluster (profile, pods.ready, kubernetes …) is no choice: every limit has to hold under each of
    its values.

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

        patch, manifest = result.patch_yaml, swept.manifest
        write_results(out, swept.sample, result.choice, result.limits, aims, patch=patch, manifest=manifest)
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
    plan, manifest = plan_of(paths, scenario_file, **what)
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
    return Sweep(sample, manifest)


def _print(result: Recommendation, form: str) -> None:
    from sim.cli import study

    choice = result.choice
    if form == "json":
        document = {
            "provenance": result.sweep.sample.provenance,
            **choice.as_dict(),
            "limits": list(map(str, result.limits)),
            "aims": list(map(str, result.aims)),
            "patch": result.patch,
            "command": result.command,
            "breaches": study.rows_of(result.breaches),
            "left_out": result.sweep.sample.about["left_out"],
            "capped": list(result.sweep.sample.capped),
        }
        click.echo(study.json_text(document))
        return
    if form == "yaml":
        if choice.recommended is None:
            click.echo(choice.answer, err=True)
        click.echo(result.patch_yaml.rstrip("\n") if result.patch else "{}")
        return
    told = choice.table[choice.table["front"] | (choice.table["role"] != "")]
    sample = result.sweep.sample
    axes = [name for name in sample.axes if name not in sample.about["circumstances"]]
    breaking = study.breaking(result, told["strategy"])
    table = study.by_axes(sample, told[["strategy", "label", "role", *result.columns]], axes).join(breaking)
    if form == "markdown":
        study.echo(f"{study.markdown_choice(choice)}\n")
        study.echo(study.markdown_table(table))
        if result.command:
            study.echo(f"\n```sh\n{result.command}\n```")
        study.echo_markdown_provenance(result.sweep)
        return
    study.print_size(result.sweep)
    click.echo()
    study.print_choice(choice)
    study.print_table(table, [i for i, role in enumerate(told["role"]) if role == "recommended"])
    _print_patch(result)
    study.print_sample_provenance(result.sweep)


def _print_patch(result: Recommendation) -> None:
    from sim.cli import study

    if result.patch == {}:
        study.echo("That is what the manifest says already.\n")
    elif result.patch:
        study.echo(f"{result.command}\n\nor as a file for kubectl patch --patch-file:\n\n{result.patch_yaml}")
