"""What `rollsim run` answers: one Deployment in at most 14 lines, several in a line each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.cli.format import can_show, plain
from sim.cli.text import Verdict, plain_label, print_measures, print_rollouts, say
from sim.cli.timeline import Drawn, Row, draw
from sim.metrics import last_change_s, least_later, step_at
from sim.units import format_seconds

if TYPE_CHECKING:
    from rich.console import Console

    from sim.cli.result import Outcome
    from sim.metrics import Rollout

# How it went: as asked for, with fewer pods than desired on the way, not as asked for.
_GOOD, _SO_SO, _BAD = range(3)
_MARKS = ("✓", "!", "✗")
_PLAIN_MARKS = ("+", "!", "x")
_STYLES = ("green", "yellow", "bold red")


def print_one(console: Console, outcome: Outcome, subtitle: str) -> None:
    """Print the answer of one Deployment: the headline, a timeline, what it needs, verdicts."""
    grade = grade_of(outcome)
    say(console, f"{_mark(console, grade)} {outcome.name}: {outcome.answer}", _STYLES[grade])
    every = [row.rollout for row in outcome.rows]
    for line in timeline(every, width=console.width, unicode=can_show("▁█→─", console.file)):
        _print_line(console, line)
    facts = facts_of(outcome)
    if facts:
        say(console, "  " + " · ".join(facts))
    say(console, f"  {subtitle}", "dim")
    print_verdicts(console, outcome.verdicts)


def print_several(console: Console, outcomes: Sequence[Outcome]) -> None:
    """Print a line a Deployment, the worst first, and the verdicts."""
    ordered = sorted(outcomes, key=_how_well)
    grade = grade_of(ordered[0])
    say(console, f"{_mark(console, grade)} {_fates(ordered)}", _STYLES[grade])
    heads = ("NAME", "OUTCOME", "TAKES (s)", "LEAST AVAILABLE", "PODS AT ONCE")
    cells = [heads, *map(_cells, ordered)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for number, line in enumerate(cells):
        text = "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        graded = grade_of(ordered[number - 1]) if number else None
        mark = _mark(console, graded) if graded is not None else " "
        style = "dim" if graded is None else _STYLES[graded] if graded else ""
        console.print(plain(f"{mark} {text}", console.file)[: console.width], style=style, soft_wrap=True)
    worst = ordered[0]
    if not worst.is_fine:
        _say_one_line(console, f"{worst.name}: {worst.answer}")
    verdicts = [replace(v, text=f"{one.name}: {v.text}") for one in ordered for v in one.verdicts]
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if failed:
        of = f"FAIL  {len(failed)} of {len(verdicts)} limits" if len(failed) > 1 else "FAIL"
        _say_one_line(console, f"{of}  {failed[0].text}  ({failed[0].found})", "bold red")
    elif verdicts:
        _say_one_line(console, f"PASS  {'all ' * (len(verdicts) > 1)}{len(verdicts)} limits", "green")


def _fates(ordered: Sequence[Outcome]) -> str:
    """Return how many came to which outcome: "3 Deployments: 1 stuck, 2 complete"."""
    counts = Counter(one.measured.outcome for one in ordered)
    few = sum(grade_of(one) == _SO_SO for one in ordered)
    lacking = f"; {few} with fewer pods than desired on the way" if few else ""
    if len(counts) == 1:
        return f"{len(ordered)} Deployments {_words(*counts)}{lacking}"
    words = ", ".join(f"{count} {_words(outcome)}" for outcome, count in counts.items())
    return f"{len(ordered)} Deployments: {words}{lacking}"


def _words(outcome: str) -> str:
    return outcome.replace("_", " ")


def _say_one_line(console: Console, text: str, style: str = "") -> None:
    """Print a line, cut where the terminal ends."""
    line = plain(text, console.file)
    if len(line) > console.width:
        line = line[: console.width - 3] + "..."
    console.print(line, style=style, soft_wrap=True)


def print_all_measures(console: Console, outcomes: Sequence[Outcome]) -> None:
    """Print every measure of every Deployment, and a line a rollout where there are several."""
    for outcome in outcomes:
        console.print()
        measured = outcome.measured
        if len(outcome.rows) > 1:
            print_rollouts(console, outcome.rows)
            console.print()
        version = f" {measured.version}" if measured.version else ""
        console.print(plain(f"{outcome.name}{version}:", console.file), style="bold", soft_wrap=True)
        print_measures(console, measured.measures)


def print_verdicts(console: Console, verdicts: Sequence[Verdict]) -> None:
    """Print a line a verdict."""
    for verdict in verdicts:
        word, style = ("PASS", "green") if verdict.passed else ("FAIL", "bold red")
        console.print(
            plain(f"{word}  {verdict.text}  ({verdict.found})", console.file), style=style, soft_wrap=True
        )


def grade_of(outcome: Outcome) -> int:
    """Return how a Deployment went: 0 as asked for, 1 with pods missing on the way, 2 not as asked for."""
    if not outcome.is_fine or not all(verdict.passed for verdict in outcome.verdicts):
        return _BAD
    asked = [row for row in outcome.asked if not row.creation]
    dips = any(row.measures.below_desired_s > 0 for row in asked) and outcome.measured.outcome != "scaled"
    ends = [least_later(row.rollout) for row in outcome.asked if row.outcome == "complete"]
    dips |= any(least < wanted for least, wanted in ends)
    return _SO_SO if dips or outcome.measured.outcome not in _WELL else _GOOD


_WELL = ("complete", "scaled", "unchanged")


def facts_of(outcome: Outcome) -> list[str]:
    """Return what a rollout needs, and when what happens, in short: "pods at once 5 (4 not stopping)"."""
    found = outcome.measured.measures
    facts = [f"pods at once {found.peak_physical} ({found.peak_pods} not stopping)"]
    if outcome.measured.rollout.asked is None:
        return facts
    if found.below_desired_s:
        facts.append(f"fewer than desired for {format_seconds(found.below_desired_s)}")
    if math.isfinite(found.first_available_s):
        facts.append(f"first {outcome.measured.version} pod {format_seconds(found.first_available_s)}")
    if math.isfinite(found.drained_s) and not outcome.measured.creation:
        facts.append(f"old pods gone {format_seconds(found.drained_s)}")
    return facts


def timeline(every: Sequence[Rollout], *, width: int, unicode: bool) -> list[Drawn]:
    """Return the timeline of one Deployment, whose rollouts are given, up to a little after the last pod
    moved: a row a version, and the available pods held against those desired. Time counts from its first
    change.
    """
    record, last = every[0].record, every[-1]
    start = record.began_s
    rows = _version_rows(every)
    available, desired = (_pairs(record.series(name)) for name in ("available", "desired"))
    rows.append(Row("available", available, _before(last, start)[1], least=True, wanted=desired))
    moved = last_change_s(last)
    end = moved + max(0.04 * (moved - start), 0.1)
    full = max(1, int(record.series("desired")[1].max()))
    lines = draw(rows, full, start, end, width=width, unicode=unicode)
    if math.isinf(last.completed_s) and record.trace.ended_s > end:
        until, at = format_seconds(record.trace.ended_s - start), format_seconds(moved - start)
        lines.append(Drawn(f"  nothing moves after {at}; the record ends at {until}"[:width]))
    return lines


def _print_line(console: Console, line: Drawn) -> None:
    from rich.text import Text

    text = Text(line.text)
    for column in line.lacking:
        text.stylize("red", column, column + 1)
    console.print(text, soft_wrap=True)


def _mark(console: Console, grade: int) -> str:
    return (_MARKS if can_show("✓✗", console.file) else _PLAIN_MARKS)[grade]


def _how_well(outcome: Outcome) -> tuple[float, ...]:
    """The worst first: by grade, then what never completes, the least available, the slowest."""
    found = outcome.measured.measures
    never = math.isinf(found.duration_s)
    return -grade_of(outcome), not never, found.min_availability, -found.duration_s


def _cells(outcome: Outcome) -> tuple[str, ...]:
    found, wanted = outcome.measured.measures, outcome.measured.rollout.series("desired")[1][-1]
    least = wanted - found.deepest_dip
    takes = f"{found.duration_s:.1f}" if math.isfinite(found.duration_s) else "never"
    name = f"{outcome.name} {outcome.measured.version}".strip()
    return name, found.outcome, takes, f"{max(least, 0):.0f} of {wanted:.0f}", str(found.peak_physical)


def _version_rows(every: Sequence[Rollout]) -> list[Row]:
    """Return a row a version that had pods, in order of appearance, with its pods at the end of each
    rollout.
    """
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
