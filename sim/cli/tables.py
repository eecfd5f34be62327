"""Tables for people: as wide as the terminal and no wider, or in Markdown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from sim.cli.format import can_show, plain
from sim.cli.text import open_console, say

if TYPE_CHECKING:
    import pandas as pd

    from sim.sweep.sample import Sample

MOST_ROWS = 24
_NAME_WIDTH, _TEXT_WIDTH, _GAP = 32, 19, 2


def by_axes(sample: Sample, table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` (strategy, label, values) as text, a column an axis in place of number and label, and
    one that marks what is in force.
    """
    values = worded_values(table)
    places = sample.strategies.set_index("strategy").loc[table["strategy"]]
    axes = sample.axes
    for place, name in enumerate(axes):
        values.insert(place, name, places[name].tolist())
    if not axes:
        values.insert(0, "strategy", table["label"].tolist())
    now = sample.about["now"]
    if now is not None:
        values.insert(max(1, len(axes)), "", ["now" * (number == now) for number in table["strategy"]])
    return values


def by_names(sample: Sample, table: pd.DataFrame) -> pd.DataFrame:
    """Return ``table`` (strategy, label, values) as text, the short name in place of number and label."""
    from sim.report.candidates import names_of

    names = names_of(sample)
    values = worded_values(table)
    values.insert(0, "strategy", [names[number] for number in table["strategy"]])
    return values


def worded_values(table: pd.DataFrame) -> pd.DataFrame:
    """Return the values of a table of strategies as text."""
    from sim.report.words import worded

    # That everything completes is no news.
    silent = [name for name in table if str(name) == "mean(complete)" and (table[name] == 1).all()]
    return worded(table.drop(columns=["strategy", "label", *silent]))


def most_telling(table: pd.DataFrame, now: int | None) -> pd.DataFrame:
    """Return the rows of a table of strategies that find room: all, or what is in force and the fastest."""
    if len(table) <= MOST_ROWS:
        return table
    ranked = table.assign(told=table["strategy"] != now).sort_values(["told", "p95(duration_s)"])
    return table[table["strategy"].isin(ranked["strategy"].head(MOST_ROWS))]


def print_table(table: pd.DataFrame, marked: Sequence[int] = (), more: str = "") -> None:
    """Print texts as a table, as wide as the terminal; rows numbered in ``marked`` bold.

    Columns that find no room are left out from the right, and a line names them; ``more`` says what rows
    there are beside these.
    """
    from rich import box
    from rich.table import Table

    console = open_console(sys.stdout)
    line = box.SIMPLE_HEAD if can_show("─", sys.stdout) else box.ASCII2
    shown = Table(box=line, show_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    rows = [[plain(cell, sys.stdout) for cell in row] for row in table.to_numpy().tolist()]
    room = console.width
    left_out: list[str] = []
    kept: list[int] = []
    for place, name in enumerate(map(str, table.columns)):
        texts = [row[place] for row in rows]
        head = _head(name)
        numeric = any(text[:1].isdigit() or text.startswith(("+", "-")) for text in texts) or "(" in name
        folds = place == 0 or not numeric
        widest = max([*map(len, texts), *map(len, head.splitlines())])
        # A name may take several lines; a number is not cut in two.
        words = max((len(word) for text in texts for word in text.split()), default=0)
        most = _NAME_WIDTH if place == 0 else max(words, _TEXT_WIDTH)
        least = min(widest, most) if folds else widest
        # The most important columns come first: what follows one that finds no room is less so.
        if left_out or room < least:
            left_out.append(" ".join(name.split()))
            continue
        room -= least + _GAP
        kept.append(place)
        shown.add_column(
            head,
            justify="right" if numeric and place > 0 else "left",
            overflow="fold",
            min_width=least,
            max_width=None if place == 0 else least,
        )
    for number, row in enumerate(rows):
        shown.add_row(*(row[place] for place in kept), style="bold" if number in marked else "")
    with console.capture() as drawn:
        console.print(shown)
    click.echo()
    for text in drawn.get().splitlines():
        click.echo(text.rstrip())
    notes = [*([more] if more else []), *([f"no room for {', '.join(left_out)}"] if left_out else [])]
    if notes:
        say(console, f"{'; '.join(notes)} (--format json has all)", "dim")


def _head(name: str) -> str:
    from sim.report.words import head_of

    return "\n".join(plain(line, sys.stdout) for line in head_of(name).splitlines())


def print_facing(table: pd.DataFrame) -> None:
    """Print a small table of a word a line and its values, without rules."""
    console = open_console(sys.stdout)
    cells = [list(map(str, table.columns)), *table.to_numpy().tolist()]
    heads = [["" if text == "change" else text for text in cells[0]], *cells[1:]]
    widths = [max(map(len, column)) for column in zip(*heads, strict=True)]
    click.echo()
    for number, row in enumerate(heads):
        line = "   ".join(
            plain(text, sys.stdout).ljust(width) for text, width in zip(row, widths, strict=True)
        )
        console.print(f"  {line}".rstrip(), style="dim" if number == 0 else "", soft_wrap=True)


def markdown_table(table: pd.DataFrame) -> str:
    """Return a table of texts in Markdown."""
    from sim.report.words import markdown

    heads = [" ".join(map(str.strip, reversed(_head(str(name)).splitlines()))) for name in table.columns]
    return markdown(heads, list(table.itertuples(index=False, name=None)))
