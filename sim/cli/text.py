"""What `rollsim run` prints for people: a heading, a timeline, a table of measures, verdicts, provenance."""

from __future__ import annotations

import math
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from sim.cli.format import can_show, plain
from sim.cli.timeline import Row, draw
from sim.units import format_seconds, format_value

if TYPE_CHECKING:
    from rich.console import Console

    from sim.metrics.rollout import Rollout
    from sim.trace import Provenance

_PIPED_WIDTH = 100
# Below the least nothing fits side by side: let the terminal wrap the lines instead. Above the greatest
# nobody reads a line to its end.
_LEAST_WIDTH, _GREATEST_WIDTH = 40, 200
_ROOM_FOR_MEANING = 55
_IN_HEADING = ("complete", "stuck", "stuck_reason")


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

    stream = sys.stdout if stream is None else stream
    columns = shutil.get_terminal_size((_PIPED_WIDTH, 24)).columns
    width = min(max(_LEAST_WIDTH, columns), _GREATEST_WIDTH)
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def timeline_lines(rollout: Rollout, *, width: int, unicode: bool) -> list[str]:
    """Return the timeline of one Deployment, up to a little after the last pod moved."""
    from sim.metrics import common_times, last_change_s, step_at

    counted, available, desired = (rollout.series(name) for name in ("counted", "available", "desired"))
    start = rollout.started_s
    was_counted, was_available = _before(rollout, start)
    rows = [Row("available", _pairs(available), was_available, least=True)]
    if rollout.newest is None:
        rows.insert(0, Row("old", _pairs(counted), was_counted, least=False))
    else:
        new = rollout.counts("current", rollout.newest.replicaset)
        grid = common_times(counted, new)
        old = (grid, step_at(*counted, grid) - step_at(*new, grid))
        # A Deployment that was scaled only, or created, has one version.
        was_new = was_counted if not old[1].any() else 0
        rows.insert(0, Row("new" if old[1].any() else "pods", _pairs(new), was_new, least=False))
        if old[1].any():
            rows.insert(0, Row("old", _pairs(old), was_counted, least=False))
    moved = last_change_s(rollout)
    end = moved + max(0.04 * (moved - start), 0.1)
    full = max(1, int(desired[1].max()))
    lines = draw(rows, full, start, end, width=width, unicode=unicode)
    if math.isinf(rollout.completed_s) and rollout.trace.ended_s > end:
        until = format_seconds(rollout.trace.ended_s)
        lines.append(f"  nothing moves after {format_seconds(moved)}; the record ends at {until}")
    return lines


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


def print_deployment(
    console: Console,
    rollout: Rollout,
    measures: Mapping[str, Any],
    verdicts: Sequence[Verdict],
    subtitle: str,
) -> None:
    """Print one Deployment's block: heading, timeline, measures, verdicts."""
    from sim.metrics import finding

    fine = measures["complete"]
    say(console, f"{rollout.deployment}: {finding(rollout, measures)}", "bold" if fine else "bold red")
    say(console, subtitle, "dim")
    console.print()
    for line in timeline_lines(rollout, width=console.width, unicode=can_show("▁█→─", console.file)):
        console.print(line, soft_wrap=True)
    console.print()
    print_measures(console, measures)
    if verdicts:
        console.print()
    for verdict in verdicts:
        word, style = ("PASS", "green") if verdict.passed else ("FAIL", "bold red")
        console.print(f"{word}  {verdict.text}  (it is {verdict.found})", style=style, soft_wrap=True)


def print_measures(console: Console, measures: Mapping[str, Any]) -> None:
    """Print a line a measure; what each one means only where it has room beside it."""
    from rich.text import Text

    from sim.metrics import MEASURES

    shown = {
        name: format_value(value, MEASURES[name].unit)
        for name, value in measures.items()
        # The heading has said these, and that no deadline passed is no news.
        if name not in _IN_HEADING and not (name == "deadline_exceeded_s" and value == "inf")
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
