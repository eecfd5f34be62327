"""`rollsim report`: a sweep's results as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import decision_options, whole

if TYPE_CHECKING:
    from sim.stats import Limit, Statistic


@click.command("report")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@decision_options
@click.option(
    "--baseline",
    metavar="N",
    callback=whole(10_000),
    help="The number of the strategy that others are compared with  [default: what is in force now].",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write  [default: DIR/report.html].",
)
def command(
    folder: Path,
    limits: tuple[Limit, ...],
    minimize: tuple[Statistic, ...],
    maximize: tuple[Statistic, ...],
    baseline: int | None,
    output: Path | None,
) -> int:
    """Write the results that `sweep`, `compare` or `recommend --out DIR` kept as one HTML page.

    The page needs no network: question, answer, charts, tables, assumptions. Limits and aims are those of
    `recommend --out`, unless they are given here.

    \b
    rollsim report results
    rollsim report results --require 'min_availability>=95%' --output page.html
    """
    from sim.cli.drawing import load_charts

    load_charts()
    from sim.api import Recommendation, Sweep
    from sim.cli.study import wanted_aims
    from sim.report.files import read_question
    from sim.report.html import render
    from sim.store import make_folder, replace_file
    from sim.sweep.folder import read_sample

    sample = read_sample(folder)
    if baseline is not None and baseline >= len(sample.strategies):
        last = len(sample.strategies) - 1
        raise click.UsageError(f"--baseline {baseline}: the strategies are numbered 0 to {last}.")
    if not limits and not minimize and not maximize:
        limits, aims = read_question(folder)
    else:
        aims = tuple(wanted_aims(minimize, maximize))
    result = Recommendation(Sweep(sample), limits, aims)
    path = output or folder / "report.html"
    page = render(
        sample,
        result.choice,
        result.limits,
        result.aims,
        baseline,
        command=result.command,
        patch=result.patch_yaml,
        repeat=sample.about["repeat"],
    )
    make_folder(path.parent)
    replace_file(path, lambda beside: beside.write_text(page, encoding="utf-8", newline="\n"))
    click.echo(f"wrote {path}")
    return 0
