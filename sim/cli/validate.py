"""`rollsim validate`: recordings of real rollouts beside simulated ones, and a verdict on each."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import format_option

if TYPE_CHECKING:
    from sim.validate import ProbeReport, Report

MOST_REPLICATIONS = 10_000
HEAD = (
    "recording",
    "verdict",
    "real s",
    "simulated s",
    "available",
    "counted",
    "physical",
    "equal",
    "late s",
)
EXPLANATION = (
    "available, counted, physical: distance of a simulated run to the real ones / of the real ones at most",
    "equal: replications that took the steps of a real run; late: their largest difference in time (median)",
)
PROBE_HEAD = ("probes", "verdict", "pods", "within 60 ms", "largest", "inside 1-99 %", "never ready")


@click.command("validate")
@click.argument("paths", metavar="RECORDING...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--replications",
    type=click.IntRange(1, MOST_REPLICATIONS),
    default=60,
    show_default=True,
    metavar="N",
    help="Simulated runs of each recording.",
)
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Where all chance begins (0 or more).")
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change the simulated cluster, such as control_plane.qps=0 (repeatable).",
)
@format_option("table", "json")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Draw real and simulated over each other there.",
)
def command(
    paths: tuple[str, ...],
    replications: int,
    seed: int | None,
    assignments: tuple[str, ...],
    form: str,
    out: Path | None,
) -> int:
    """Ask whether a simulated run is as close to a real one as another real run is.

    RECORDING is what a recorder wrote of a real control plane, or of a kubelet's probes. Repeats
    (NAME.1.json, ...) are taken together with NAME.json. Each is simulated several times, and compared
    in the pods available, counted and physical over time: the distance is the area between two runs, as a
    share of desired pods times time. A simulated run may be 1.5 times as far from the real ones as they
    are from each other (or 0.01), and take as long to 3 % or 0.3 s.

    Exit code: 0, 1 when a verdict is fail, 2 when the input cannot be used.
    """
    import json

    from sim.cli.format import safe_json
    from sim.validate import families, read_probes, validate, validate_probes

    rollouts: list[Report] = []
    probes: list[ProbeReport] = []
    recorded = {path: read_probes(path) for path in paths}
    for path, recording in recorded.items():
        if recording is not None:
            probes.append(validate_probes(Path(path).stem, recording, path))
    names = families(path for path, recording in recorded.items() if recording is None)
    for name, files in names.items():
        rollouts.append(validate(name, files, replications, seed=seed, settings=assignments))
    if out is not None:
        _draw(rollouts, out)
    if form == "json":
        reports = {one.name: one.as_dict() for one in rollouts} | {one.name: one.as_dict() for one in probes}
        click.echo(safe_json(json.dumps({"recordings": reports}, indent=2, allow_nan=False)))
    else:
        _print(rollouts, probes)
    return 1 if any(one.reasons for one in rollouts) or any(one.reasons for one in probes) else 0


def _draw(reports: list[Report], out: Path) -> None:
    from sim import charts
    from sim.store import make_folder

    make_folder(out)
    for report in reports:
        curves = {
            kind: (
                [getattr(one, kind) for one in report.real],
                [getattr(one, kind) for one in report.simulated],
            )
            for kind in ("available", "physical")
        }
        until_s = max(one.until_s for one in (*report.real, *report.simulated))
        charts.save(partial(charts.comparison, report.name, curves, until_s), out / f"{report.name}.png")


def _print(rollouts: list[Report], probes: list[ProbeReport]) -> None:
    from sim.cli.text import open_console

    console = open_console(sys.stdout)
    blocks = [[HEAD, *map(_row, rollouts)]] if rollouts else []
    blocks += [[PROBE_HEAD, *map(_probe_row, probes)]] if probes else []
    for number, rows in enumerate(blocks):
        if number:
            console.print()
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        for row in rows:
            rest = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
            console.print("  ".join([row[0].ljust(widths[0]), *rest]), soft_wrap=True)
    reasons = [(one.name, one.reasons) for one in rollouts] + [(one.name, one.reasons) for one in probes]
    for name, found in reasons:
        for reason in found:
            console.print(f"{name}: FAIL: {reason}", soft_wrap=True)
    if rollouts:
        console.print()
        for line in EXPLANATION:
            console.print(line, soft_wrap=True)


def _row(report: Report) -> tuple[str, ...]:
    real = f"{min(report.real_s):.2f}"
    if len(report.real_s) > 1:
        real += f"-{max(report.real_s):.2f}"
    gaps: Any = report.gaps
    return (
        report.name,
        "fail" if report.reasons else "pass",
        real,
        f"{report.median_s:.2f}",
        *(f"{gaps[kind].simulated:.4f} / {gaps[kind].between:.4f}" for kind in gaps),
        f"{report.equal}/{len(report.simulated)}",
        "-" if report.late_s is None else f"{report.late_s:.3f}",
    )


def _probe_row(report: ProbeReport) -> tuple[str, ...]:
    inside = sum(pod.is_inside for pod in report.pods)
    return (
        report.name,
        "fail" if report.reasons else "pass",
        str(len(report.pods)),
        f"{report.near:.0%}",
        f"{report.largest_s * 1000:.0f} ms",
        f"{inside}/{len(report.pods)}",
        f"{report.never[0]}/{report.never[1]}",
    )
