"""What sweep, compare and recommend have in common: running a plan with a progress bar, printing tables."""

from __future__ import annotations

import json
import shlex
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.format import can_show, plain, safe_json
from sim.cli.text import open_console, say, tell

if TYPE_CHECKING:
    import pandas as pd

    from sim.api import Recommendation, Sweep
    from sim.choose import Aim, Choice
    from sim.engine import Engine
    from sim.stats import Precision, Statistic
    from sim.sweep.plan import Plan, Progress
    from sim.sweep.sample import Sample

_MOST_ROWS, _MOST_LEFT_OUT = 60, 5
_NAME_WIDTH, _GAP = 28, 2


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
            click.echo(f"rollsim: what is done is kept in {out}; the same with --resume goes on", err=True)
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


def echo(text: str) -> None:
    """Print lines as standard output can show them; a line end at the end is an empty line."""
    for line in text.split("\n"):
        click.echo(plain(line, sys.stdout))


def by_axes(sample: Sample, table: pd.DataFrame, axes: Sequence[str]) -> pd.DataFrame:
    """Return ``table`` (strategy, label, values) as text, a column an axis in place of number and label."""
    from sim.report.words import worded

    # That nothing ever gets stuck is no news.
    silent = [name for name in table if str(name).startswith("mean(stuck)") and not table[name].any()]
    values = worded(table.drop(columns=["strategy", "label", *silent]))
    if not axes:
        values.insert(0, "strategy", [label or "as it is" for label in table["label"]])
        return values
    places = sample.strategies.set_index("strategy").loc[table["strategy"]]
    for number, name in enumerate(axes):
        values.insert(number, name, places[name].tolist())
    return values


def breaking(best: Recommendation, candidates: Iterable[int]) -> pd.DataFrame:
    """Return how likely a run is to break each limit, as text: a row a candidate, a column a limit."""
    import pandas as pd

    from sim.units import format_value

    shares = pd.DataFrame([best.breaking(number) for number in candidates])
    # That nothing ever gets stuck is no news.
    told = [name for name in map(str, shares) if not name.startswith("mean(stuck)") or shares[name].any()]
    return pd.DataFrame(
        {f"breaks {name}": [format_value(share, "ratio") for share in shares[name]] for name in told}
    )


def print_table(table: pd.DataFrame, marked: Sequence[int] = ()) -> None:
    """Print texts as a table, as wide as the terminal, at most 60 rows; rows numbered in ``marked`` bold.

    Columns that find no room are left out from the right, and a line names them.
    """
    from rich import box
    from rich.table import Table

    console = open_console(sys.stdout)
    line = box.SIMPLE_HEAD if can_show("─", sys.stdout) else box.ASCII2
    shown = Table(box=line, show_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    rows = [[plain(cell, sys.stdout) for cell in row] for row in table.head(_MOST_ROWS).to_numpy().tolist()]
    room = console.width
    left_out: list[str] = []
    for place, name in enumerate(map(str, table.columns)):
        texts = [row[place] for row in rows]
        widest = max([*map(len, texts), *map(len, _head(name).split())])
        # A name may take several lines; a number is not cut in two.
        least = min(widest, _NAME_WIDTH) if place == 0 else widest
        # The most important columns come first: what follows one that finds no room is less so.
        if left_out or room < least:
            left_out.append(name)
            continue
        room -= least + _GAP
        numeric = any(text[:1].isdigit() or text[:1] in "+-" for text in texts) or "(" in name
        shown.add_column(
            _head(name),
            justify="right" if numeric and name != "strategy" else "left",
            overflow="fold",
            min_width=least,
            max_width=None if place == 0 else least,
        )
    kept = [place for place, name in enumerate(map(str, table.columns)) if name not in left_out]
    for number, row in enumerate(rows):
        shown.add_row(*(row[place] for place in kept), style="bold" if number in marked else "")
    with console.capture() as drawn:
        console.print(shown)
    click.echo()
    for text in drawn.get().splitlines():
        click.echo(text.rstrip())
    notes = [f"{len(table) - _MOST_ROWS} more rows"] if len(table) > _MOST_ROWS else []
    notes += [", ".join(left_out)] if left_out else []
    if notes:
        say(console, f"no room for: {', '.join(notes)} (--format csv or json has all)", "dim")
    console.print()


def _head(name: str) -> str:
    """Return a column's name in short words, "p95 duration" for p95(duration_s): lines break between them."""
    statistic, bracket, rest = plain(name, sys.stdout).partition("(")
    if not bracket:
        return statistic
    measure, _, limit = rest.partition(")")
    return f"{statistic} {measure.removesuffix('_s').replace('_', ' ')}{' ' + limit if limit else ''}"


def print_size(result: Sweep) -> None:
    """Print what was simulated, and what was left out and why."""
    sample = result.sample
    about = sample.about
    console = open_console(sys.stdout)
    say(console, _size(result), "bold")
    if len(about["deployments"]) > 1:
        names = ", ".join(about["deployments"])
        say(console, f"measured: Deployment {about['deployment']} of {names} (--deployment)", "dim")
    for one in sample.left_out[:_MOST_LEFT_OUT]:
        say(console, f"left out: {one.label}: {one.reason}", "dim")
    more = len(sample.left_out) - _MOST_LEFT_OUT
    if more > 0:
        say(console, f"left out: {more:,} more combinations (--format json has all)", "dim")
    for number in sample.capped:
        runs = (sample.runs["strategy"] == number).sum()
        short = f"{about['precision']} not reached with {runs:,} replications"
        say(console, f"{short}: {sample.labels[number]}", "yellow")


def _size(result: Sweep) -> str:
    runs = result.runs.groupby("strategy").size()
    each = f"{runs.min():,}" if runs.min() == runs.max() else f"{runs.min():,} to {runs.max():,}"
    strategies = "1 strategy" if len(runs) == 1 else f"{len(runs):,} strategies"
    replications = "1 replication" if each == "1" else f"{each} replications"
    size = f"{strategies} × {replications} = {len(result.runs):,} run{'s' if len(result.runs) > 1 else ''}"
    return f"{result.sample.about['scenario']}: {size}"


def print_sample_provenance(result: Sweep) -> None:
    """Print what reproduces a sample."""
    say(open_console(sys.stdout), _provenance(result), "dim")


def echo_markdown_provenance(result: Sweep) -> None:
    """Print what was simulated, and what reproduces it, as the last paragraph of a Markdown text."""
    from sim.report.words import escaped

    count = len(result.sample.left_out)
    left_out = f", {count:,} combination{'s' if count > 1 else ''} left out" if count else ""
    echo(f"\n{escaped(f'{_size(result)}{left_out} · {_provenance(result)}')}")


def echo_csv(table: pd.DataFrame, result: Sweep) -> None:
    """Print a table as CSV, in which infinity is "inf" and what is not defined empty; what reproduces it goes
    to standard error, since CSV has no place for it.
    """
    click.echo(table.to_csv(index=False, lineterminator="\n").rstrip("\n"))
    click.echo(plain(_provenance(result), sys.stderr), err=True)


def _provenance(result: Sweep) -> str:
    found = result.sample.provenance
    return " · ".join([f"rollsim {found['version']}", *(f"{name} {found[name]}" for name in _NAMED)])


_NAMED = ("scenario", "digest", "seed", "kubernetes", "profile", "checksum")


def strategies_document(result: Sweep) -> dict[str, Any]:
    """Return a sample as plain data, fit for strict JSON: provenance, strategies with statistics, what was
    left out.
    """
    sample = result.sample
    statistics: dict[int, dict[str, Any]] = {}
    for row in result.statistics.to_dict("records"):
        number, measure = row.pop("strategy"), row.pop("measure")
        statistics.setdefault(number, {})[measure] = {str(name): jsonable(cell) for name, cell in row.items()}
    return {
        "provenance": sample.provenance,
        "strategies": [
            {**one, "statistics": statistics.get(one["number"], {})} for one in sample.about["strategies"]
        ],
        "left_out": sample.about["left_out"],
        "capped": list(sample.capped),
        "diagnostics": sample.about["diagnostics"],
    }


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as its rows, fit for strict JSON."""
    return [{str(name): jsonable(cell) for name, cell in row.items()} for row in table.to_dict("records")]


def jsonable(cell: Any) -> Any:
    """Return a cell fit for strict JSON: nan as None, infinity as "inf"."""
    if isinstance(cell, float) and cell != cell:
        return None
    return str(cell) if isinstance(cell, float) and cell in (float("inf"), float("-inf")) else cell


def json_text(document: Any) -> str:
    """Return a document as JSON text that steers no terminal."""
    return safe_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def markdown_table(table: pd.DataFrame) -> str:
    """Return a table of texts in Markdown."""
    from sim.report.words import markdown

    return markdown(list(map(str, table.columns)), list(table.itertuples(index=False, name=None)))


def markdown_choice(choice: Choice) -> str:
    """Return a choice in Markdown: the answer, and its reasons as a list."""
    from sim.report.words import escaped

    return "\n".join([f"**{escaped(choice.answer)}**", "", *(f"- {escaped(one)}" for one in choice.reasons)])


def print_choice(choice: Choice) -> None:
    """Print a choice in words: the answer, then its reasons."""
    console = open_console(sys.stdout)
    say(console, choice.answer, "bold" if choice.recommended is not None else "bold red")
    for sentence in choice.reasons:
        console.print()
        say(console, sentence)
