"""What sweep, compare and recommend have in common: running a plan with a progress bar, printing tables."""

from __future__ import annotations

import json
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.format import echo, safe_json
from sim.cli.tables import markdown_table, print_facing, print_table
from sim.cli.text import open_console, say, tell

if TYPE_CHECKING:
    import pandas as pd

    from sim.api import Recommendation, Sweep
    from sim.choose import Aim, Choice
    from sim.engine import Engine
    from sim.stats import Precision, Statistic
    from sim.sweep.plan import Plan, Progress
    from sim.sweep.sample import Sample

_MOST_LEFT_OUT = 2


def run_plan(
    plan: Plan,
    *,
    replications: int | None = None,
    precision: Precision | None = None,
    most: int | None = None,
    workers: int | None = None,
    dask: str | None = None,
    engine: Engine = "auto",
    out: Path | None = None,
    resume: bool = False,
) -> Sample:
    """Simulate a plan with a progress bar on standard error, where that is a terminal."""
    from sim.sweep.plan import MOST_REPLICATIONS, REPLICATIONS
    from sim.sweep.rounds import sweep

    if precision is not None and replications is not None:
        raise click.UsageError("--replications is a fixed number, --precision as many as it takes: give one.")
    if most is not None and precision is None:
        raise click.UsageError("--most is the end of --precision, which is not given.")
    if workers is not None and dask not in (None, "local"):
        raise click.UsageError("--workers is for processes here: a Dask scheduler has workers of its own.")
    if resume and out is None:
        raise click.UsageError("--resume goes on in a folder: name it by --out.")
    size = f"--replications {replications or REPLICATIONS}"
    if precision is not None:
        size = f"--precision {shlex.quote(str(precision))} --most {most or MOST_REPLICATIONS}"
    try:
        with _ended_politely(), progress_bar() as progress:
            return sweep(
                replace(plan, repeat=f"{plan.repeat} {size}"),
                replications or REPLICATIONS,
                precision=precision,
                most=most or MOST_REPLICATIONS,
                workers=workers,
                dask=dask,
                engine=engine,
                out=out,
                resume=resume,
                progress=progress,
                note=tell,
            )
    except KeyboardInterrupt:
        if out is not None:
            echo(f"rollsim: what is done is kept in {out}; the same with --resume goes on", err=True)
        raise


@contextmanager
def _ended_politely() -> Iterator[None]:
    """Take the end of a terminal or of a job as an interrupt: what is done is kept, and workers end."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # Whoever runs us under nohup has us ignore one of them.
    numbers = [
        number for name in names if signal.getsignal(number := getattr(signal, name)) == signal.SIG_DFL
    ]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    for number in numbers:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """Show how many runs are done, how fast, and how long the others will take; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} runs"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("", total=0, rate="", visible=False)

        def report(done: int, wanted: int) -> None:
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            bar.update(
                shown, visible=True, completed=done, total=wanted, rate=f"{speed:,.0f}/s" if speed else ""
            )

        yield report


def wanted_aims(minimize: Sequence[Statistic], maximize: Sequence[Statistic]) -> tuple[Aim, ...]:
    """Return the aims of the options, or those that hold when there are none."""
    from sim.api.question import aims_of

    try:
        return aims_of(minimize, maximize)
    except ValueError as mistake:
        raise click.UsageError(f"{mistake}.") from None


def print_size(result: Sweep) -> None:
    """Print what was simulated."""
    say(open_console(sys.stdout), size_of(result), "dim")


def print_measured(result: Sweep) -> None:
    """Print of several Deployments which one all numbers are about."""
    about = result.sample.about
    if len(about["deployments"]) > 1:
        names = ", ".join(about["deployments"])
        text = f"Deployment {about['deployment']} alone, of {names} (--deployment chooses):"
        say(open_console(sys.stdout), text, "yellow")


def without_intervals(runs: pd.DataFrame) -> str:
    """Return the clause that says why nothing has an interval, "" where something has."""
    one = runs.groupby("strategy").size().max() == 1
    return "one replication: no intervals, they take two (--replications)" if one else ""


def print_notes(sample: Sample) -> None:
    """Print what to know beside the numbers: what is in force and cannot be, what was left out, what is not
    known as well as was asked for.
    """
    from sim.report.choice import not_in_force

    console = open_console(sys.stdout)
    about, left_out = sample.about, sample.left_out
    if about["not_now"]:
        say(console, not_in_force(about), "yellow")
    if unknown := without_intervals(sample.runs):
        say(console, unknown, "yellow")
    for one in left_out[:_MOST_LEFT_OUT]:
        say(console, f"left out: {one.label}: {one.reason}", "dim")
    more = len(left_out) - _MOST_LEFT_OUT
    if more > 0:
        say(console, f"left out: {more:,} more combinations (--format json has all)", "dim")
    for number in sample.capped[:_MOST_LEFT_OUT]:
        runs = (sample.runs["strategy"] == number).sum()
        short = f"{about['precision']} not reached with {runs:,} replications"
        say(console, f"{short}: {sample.labels[number]}", "yellow")
    more = len(sample.capped) - _MOST_LEFT_OUT
    if more > 0:
        say(console, f"{about['precision']} not reached: {more:,} more", "yellow")


def size_of(result: Sweep) -> str:
    """Return what was simulated: \"shop: 6 strategies × 200 replications = 1,200 runs\"."""
    runs = result.runs.groupby("strategy").size()
    each = f"{runs.min():,}" if runs.min() == runs.max() else f"{runs.min():,} to {runs.max():,}"
    strategies = "1 strategy" if len(runs) == 1 else f"{len(runs):,} strategies"
    replications = "1 replication" if each == "1" else f"{each} replications"
    size = f"{strategies} × {replications} = {len(result.runs):,} run{'s' if len(result.runs) > 1 else ''}"
    return f"{result.sample.about['scenario']}: {size}"


def print_end(result: Sweep) -> None:
    """Print what to know beside the numbers, what was simulated, and what reproduces it."""
    click.echo()
    print_notes(result.sample)
    print_size(result)
    print_provenance(result)


def print_provenance(result: Sweep) -> None:
    """Print what reproduces a sample."""
    say(open_console(sys.stdout), _provenance(result), "dim")


def echo_markdown_provenance(result: Sweep) -> None:
    """Print what was simulated, and what reproduces it, as the last paragraph of a Markdown text."""
    from sim.report.words import escaped

    count = len(result.sample.left_out)
    left_out = f", {count:,} combination{'s' if count > 1 else ''} left out" if count else ""
    unknown = "".join(f" · {clause}" for clause in [without_intervals(result.runs)] if clause)
    echo(f"\n{escaped(f'{size_of(result)}{left_out}{unknown} · {_provenance(result)}')}")


def echo_csv(table: pd.DataFrame, result: Sweep) -> None:
    """Print a table of strategies as CSV, in which infinity is "inf" and what is not defined empty; what
    reproduces it goes to standard error, since CSV has no place for it.
    """
    from sim.api.documents import with_axes

    text = with_axes(table, result.sample).to_csv(index=False, lineterminator="\n")
    echo(text.rstrip("\n"))
    echo(_provenance(result), err=True)


def _provenance(result: Sweep) -> str:
    found = result.sample.provenance
    return " · ".join([f"rollsim {found['version']}", *(f"{name} {found[name]}" for name in _NAMED)])


_NAMED = ("scenario", "digest", "seed", "kubernetes", "profile", "checksum")


def json_text(document: Any) -> str:
    """Return a document as JSON text that steers no terminal."""
    return safe_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def markdown_choice(best: Recommendation) -> str:
    """Return a choice in Markdown: the answer, its numbers, and its reasons as a list."""
    from sim.report.choice import assumed_text, numbers_table
    from sim.report.words import escaped

    choice = best.choice
    parts = [f"**{escaped(choice.headline)}.**"]
    if choice.numbers:
        parts.append(markdown_table(numbers_table(choice)))
    under = assumed_text(best.assumed, bool(best.patch))
    parts.append("\n".join(f"- {escaped(one)}" for one in (*choice.reasons, under) if one))
    return "\n\n".join(filter(None, parts))


def print_choice(choice: Choice) -> None:
    """Print a choice: what to do, its numbers, then its reasons."""
    from sim.report.choice import numbers_table

    console = open_console(sys.stdout)
    say(console, f"{choice.headline}.", "bold" if choice.recommended is not None else "bold red")
    if choice.numbers:
        print_facing(numbers_table(choice))
    if choice.reasons:
        console.print()
    for sentence in choice.reasons:
        say(console, sentence)


def print_limits(best: Recommendation) -> None:
    """Print what the candidates that come nearest reach of each limit."""
    from sim.report.choice import limits_table

    print_table(limits_table(best.choice, best.limits))
