"""What `rollsim run` prints for people: a heading, a timeline, a table of measures, verdicts, provenance."""

from __future__ import annotations

import math
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from sim.cli.format import plain, shown_lines
from sim.cli.timeline import LABEL_WIDTH
from sim.units import format_seconds, format_value

if TYPE_CHECKING:
    from rich.console import Console

    from sim.metrics import Measured, Measures
    from sim.trace import Provenance

_PIPED_WIDTH = 100
# Below the least nothing fits side by side: let the terminal wrap the lines instead. Above the greatest
# nobody reads a line to its end.
_LEAST_WIDTH, _GREATEST_WIDTH = 40, 200
_ROOM_FOR_MEANING = 55
_IN_HEADING = ("outcome", "complete", "stuck", "stuck_reason")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was required or expected: its text, whether it held, what was found (already for people)."""

    text: str
    passed: bool
    found: str


def tell(text: str) -> None:
    """Say something to people, on standard error."""
    print(shown_lines(f"rollsim: {text}", sys.stderr), file=sys.stderr, flush=True)


def open_console(stream: IO[str] | None = None) -> Console:
    """Return a console on `stream`: as wide as the terminal (40 to 200 columns), 100 columns when piped.

    It is without colour under NO_COLOR.
    """
    from rich.console import Console

    to = sys.stdout if stream is None else stream

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            """Let whoever asked know that the reader is gone; rich would exit with a code of its own."""
            raise BrokenPipeError

        def print(self, *objects: Any, **how: Any) -> None:
            """Print texts as the stream can show them: names of files may be anybody's."""
            super().print(*(shown_lines(o, to) if isinstance(o, str) else o for o in objects), **how)

    columns = shutil.get_terminal_size((_PIPED_WIDTH, 24)).columns
    width = min(max(_LEAST_WIDTH, columns), _GREATEST_WIDTH)
    return Quiet(file=to, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def say(console: Console, text: str, style: str = "") -> None:
    """Print a paragraph, wrapped between words, in what the stream's encoding can show."""
    for line in textwrap.wrap(plain(text, console.file), console.width, break_on_hyphens=False):
        console.print(line, style=style, soft_wrap=True)


def plain_label(text: str) -> str:
    """Return a name that fits in front of a row: of a long one its end, in which versions differ."""
    return text if len(text) <= LABEL_WIDTH else f"…{text[1 - LABEL_WIDTH :]}"


def print_rollouts(console: Console, rows: Sequence[Measured]) -> None:
    """Print a line a rollout: version, outcome, when it began, how long it took, fewest available, most
    pods.
    """
    heads = ("version", "outcome", "began", "takes", "least available", "most pods")
    cells = [heads]
    for row in rows:
        found = row.measures
        kind = "created" if row.creation else "undo" if row.undo else ""
        cells.append(
            (
                row.version + (f" ({kind})" if kind else ""),
                found.outcome,
                format_seconds(row.rollout.started_s),
                format_value(found.duration_s, "s"),
                format_value(found.min_availability, "ratio"),
                format_value(found.peak_physical, "pods"),
            )
        )
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for number, line in enumerate(cells):
        text = "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        console.print("  " + plain(text, console.file), style="dim" if number == 0 else "", soft_wrap=True)


def print_measures(console: Console, measures: Measures) -> None:
    """Print a line a measure; what each one means only where it has room beside it."""
    from rich.text import Text

    from sim.metrics import MEASURES

    shown = {
        name: format_value(getattr(measures, name), meaning.unit)
        for name, meaning in MEASURES.items()
        # The heading has said these, and that no deadline passed is no news.
        if name not in _IN_HEADING
        and not (name == "deadline_exceeded_s" and math.isinf(measures.deadline_exceeded_s))
    }
    names, values = max(map(len, shown)), max(map(len, shown.values()))
    room = console.width - names - values - 7
    for name, value in shown.items():
        line = Text(f"  {name:<{names}}  {value:>{values}}")
        wrapped = textwrap.wrap(MEASURES[name].meaning, room) if room >= _ROOM_FOR_MEANING else []
        for number, part in enumerate(wrapped):
            line.append(
                f"   {part}" if number == 0 else "\n" + " " * (names + values + 7) + part, style="dim"
            )
        console.print(line, soft_wrap=True)
    if room < _ROOM_FOR_MEANING:
        console.print("  (rollsim measures says what each of them is)", style="dim", soft_wrap=True)


def print_provenance(
    console: Console, provenance: Provenance, written: Sequence[str], out: str | None
) -> None:
    """Print what reproduces this run, and where its files are."""
    of_run = (
        f"rollsim {provenance.version}",
        f"scenario {provenance.scenario}",
        f"digest {provenance.digest}",
        f"seed {provenance.seed}",
        *([f"replication {provenance.replication}"] if provenance.replication else []),
        f"Kubernetes {provenance.kubernetes}",
        f"profile {provenance.profile}",
    )
    say(console, " · ".join(of_run), "dim")
    if out is not None:
        say(console, f"wrote to {out}: {', '.join(written)}", "dim")
