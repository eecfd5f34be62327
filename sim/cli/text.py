"""What `rollsim run` prints for people: a heading, a timeline, a table of measures, verdicts, provenance."""

from __future__ import annotations

import math
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

from sim.cli.format import can_show, plain
from sim.cli.timeline import LABEL_WIDTH, Row, draw
from sim.units import format_seconds, format_value

if TYPE_CHECKING:
    from rich.console import Console

    from sim.cli.result import Outcome
    from sim.metrics import Measured, Measures, Rollout
    from sim.trace import Provenance

_PIPED_WIDTH = 100
# Below the least nothing fits side by side: let the terminal wrap the lines instead. Above the greatest
# nobody reads a line to its end.
_LEAST_WIDTH, _GREATEST_WIDTH = 40, 200
_ROOM_FOR_MEANING = 55
_IN_HEADING = ("outcome", "complete", "stuck", "stuck_reason")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One `--require`: its text, whether it held, and the value that was found (already for people)."""

    text: str
    passed: bool
    found: str


def tell(text: str) -> None:
    """Say something to people, on standard error."""
    print(f"rollsim: {text}", file=sys.stderr, flush=True)


def open_console(stream: IO[str] | None = None) -> Console:
    """Return a console on `stream`: as wide as the terminal (40 to 200 columns), 100 columns when piped.

    It is without colour under NO_COLOR.
    """
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            """Let whoever asked know that the reader is gone; rich would exit with a code of its own."""
            raise BrokenPipeError

    stream = sys.stdout if stream is None else stream
    columns = shutil.get_terminal_size((_PIPED_WIDTH, 24)).columns
    width = min(max(_LEAST_WIDTH, columns), _GREATEST_WIDTH)
    return Quiet(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def timeline_lines(every: Sequence[Rollout], *, width: int, unicode: bool) -> list[str]:
    """Return the timeline of one Deployment, whose rollouts are given, up to a little after the last pod
    moved: a row a version, and the available pods.
    """
    from sim.metrics import last_change_s

    record, last = every[0].record, every[-1]
    start = record.began_s
    rows = _version_rows(every)
    was_available = _before(last, start)[1]
    rows.append(Row("available", _pairs(record.series("available")), was_available, least=True))
    moved = last_change_s(last)
    end = moved + max(0.04 * (moved - start), 0.1)
    full = max(1, int(record.series("desired")[1].max()))
    lines = draw(rows, full, start, end, width=width, unicode=unicode)
    if math.isinf(last.completed_s) and record.trace.ended_s > end:
        until = format_seconds(record.trace.ended_s)
        lines.append(f"  nothing moves after {format_seconds(moved)}; the record ends at {until}")
    return lines


def _version_rows(every: Sequence[Rollout]) -> list[Row]:
    """Return a row a version that had pods, in order of appearance, with its pods at the end of each
    rollout.
    """
    import numpy as np

    from sim.metrics import step_at

    record = every[0].record
    start, until = record.began_s, np.array([one.until_s for one in every])
    rows: list[Row] = []
    for generation in record.generations:
        counts = record.counts("current", generation.replicaset)
        if not counts[1].any():
            continue
        # What there was before: of several rows at one moment step functions keep the last.
        first = not rows and counts[0][0] <= start
        before = _before(every[0], start)[0] if first else 0
        path = tuple(map(int, step_at(*counts, until).tolist()))
        rows.append(Row(plain_label(generation.version), _pairs(counts), before, least=False, path=path))
    if len(rows) == 1:
        rows[0] = replace(rows[0], label="pods")
    return rows


def plain_label(text: str) -> str:
    """Return a name that fits in front of a row."""
    return text if len(text) <= LABEL_WIDTH else f"{text[: LABEL_WIDTH - 1]}…"


def _before(rollout: Rollout, start_s: float) -> tuple[int, int]:
    """Return the pods that were there, and were available, just before the template changed.

    Step functions keep the last of several rows at one moment, and an instant control plane does all at one.
    """
    table = rollout.trace.tables["deployments"]
    columns = ("time_s", "deployment", "current", "available")
    found = (0, 0)
    for number, (time_s, _, current, available) in enumerate(
        row for row in zip(*(table[c] for c in columns), strict=True) if row[1] == rollout.deployment
    ):
        if number and time_s >= start_s:
            break
        found = (int(current), int(available))
    return found


def _pairs(steps: tuple[Any, Any]) -> list[tuple[float, int]]:
    """Return the moments at which the value changes, and what it becomes."""
    pairs: list[tuple[float, int]] = []
    for time_s, value in zip(steps[0].tolist(), steps[1].tolist(), strict=True):
        if not pairs or pairs[-1][1] != int(value):
            pairs.append((time_s, int(value)))
    return pairs


def say(console: Console, text: str, style: str = "") -> None:
    """Print a paragraph, wrapped between words, in what the stream's encoding can show."""
    for line in textwrap.wrap(plain(text, console.file), console.width, break_on_hyphens=False):
        console.print(line, style=style, soft_wrap=True)


def print_deployment(console: Console, outcome: Outcome, subtitle: str) -> None:
    """Print one Deployment's block: heading, timeline, rollouts, measures, verdicts."""
    say(console, f"{outcome.name}: {outcome.answer}", "bold" if outcome.is_fine else "bold red")
    say(console, subtitle, "dim")
    console.print()
    every = [row.rollout for row in outcome.rows]
    for line in timeline_lines(every, width=console.width, unicode=can_show("▁█→─", console.file)):
        console.print(line, soft_wrap=True)
    console.print()
    measured = outcome.measured
    if len(outcome.rows) > 1:
        print_rollouts(console, outcome.rows)
        console.print()
        console.print(f"  the rollout of {plain(measured.version, console.file)}:", soft_wrap=True)
    print_measures(console, measured.measures)
    if outcome.verdicts:
        console.print()
    for verdict in outcome.verdicts:
        word, style = ("PASS", "green") if verdict.passed else ("FAIL", "bold red")
        console.print(f"{word}  {verdict.text}  ({verdict.found})", style=style, soft_wrap=True)


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
                plain_label(row.version) + (f" ({kind})" if kind else ""),
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
    console.print()
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
