"""`rollsim report`: a sweep's results as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.format import echo
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
    `recommend --out` or `compare --out`, unless they are given here; then, or without any, they are taken as
    by `recommend`.

    \b
    rollsim report results
    rollsim report results --require 'min_availability>=95%' --output page.html
    """
    from sim.cli.drawing import load_charts

    load_charts()
    from sim.api import Recommendation, Sweep
    from sim.api.question import limits_of
    from sim.cli.study import wanted_aims
    from sim.report.html import render
    from sim.report.kept import read_question
    from sim.store import make_folder, replace_file

    swept = Sweep.read(folder)
    sample = swept.sample
    if baseline is not None and baseline >= len(sample.strategies):
        last = len(sample.strategies) - 1
        raise click.UsageError(f"--baseline {baseline}: the strategies are numbered 0 to {last}.")
    given = limits or minimize or maximize
    asked = None if given else read_question(folder)
    result = Recommendation(swept, *(asked or (limits_of(limits), wanted_aims(minimize, maximize))))
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
    echo(f"wrote {path}")
    return 0
