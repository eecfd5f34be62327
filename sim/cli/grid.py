"""What may vary: the options of sweep and recommend that span the grid, and the plan that they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.complete import complete_setting
from sim.cli.format import echo
from sim.cli.options import (
    command_line,
    out_options,
    profile_option,
    running_options,
    seed_option,
    together,
    whole,
    words,
)
from sim.cli.taking import intake_options, intake_words

if TYPE_CHECKING:
    from sim.errors import Diagnostic
    from sim.spec.intake import Intake
    from sim.spec.scenario import Scenario
    from sim.sweep.axes import Point
    from sim.sweep.plan import Plan

grid_options = together(
    click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path()),
    click.option(
        "-f",
        "--scenario",
        "scenario_file",
        metavar="FILE",
        type=click.Path(),
        help="A scenario; PATHs then replace its manifests.",
    ),
    intake_options,
    click.option(
        "--axis",
        "axes",
        metavar="KEY=VALUES",
        multiple=True,
        shell_complete=complete_setting,
        help="What varies: maxSurge=0,1,25%, maxUnavailable=0..3, profile=fast,jvm (repeatable).",
    ),
    click.option(
        "--zip",
        "zipped",
        metavar="KEY=VALUES",
        multiple=True,
        shell_complete=complete_setting,
        help="Axes that advance together, value by value (repeatable).",
    ),
    click.option(
        "--points", metavar="FILE", type=click.Path(), help="A CSV of points: a column a key, a row a point."
    ),
    click.option(
        "--lhs", metavar="N", callback=whole(10_000, 1), help="Only N points of the grid: a Latin hypercube."
    ),
    click.option(
        "--set",
        "assignments",
        metavar="KEY=VALUE",
        multiple=True,
        shell_complete=complete_setting,
        help="What holds for all, such as replicas=50 (repeatable).",
    ),
    profile_option,
    seed_option,
    running_options,
    out_options,
)


def plan_of(
    paths: Sequence[str],
    scenario_file: str | None,
    *,
    axes: Sequence[str],
    zipped: Sequence[str],
    points: str | None,
    lhs: int | None,
    assignments: Sequence[str],
    profile: str | None,
    seed: int | None,
    deployment: str | None,
    intake: Intake | None,
) -> Plan:
    """Return the plan that the options mean, with the usual points where nothing is said to vary, and with
    what is in force: the manifests before --set.

    Diagnostics of the scenario go to standard error.
    """
    from sim.cli.inputs import changed, read_scenario
    from sim.cli.problems import problem_lines
    from sim.errors import InputError
    from sim.spec.scenario import override
    from sim.sweep.axes import SOURCE
    from sim.sweep.planning import plan_sweep

    _refuse_together(axes, zipped, points, lhs)
    refuse_results(paths)
    changes = changed(assignments, {"seed": seed})
    loaded = read_scenario(paths, scenario_file, profile=profile, intake=intake)
    scenario = override(loaded, changes) if changes else loaded
    try:
        found = _points(scenario, axes, zipped, points, lhs)
        _tell_varied(assignments, found)
        plan = plan_sweep(scenario, found, deployment, loaded, assignments)
    except InputError as error:
        # What is wrong with a point was typed in the file.
        raise InputError(
            replace(one, file=points) if points is not None and one.file == SOURCE else one
            for one in error.diagnostics
        ) from None
    for line in problem_lines(scenario.diagnostics):
        echo(line, err=True)
    said: dict[str, Sequence[object]] = {
        "-f": [scenario_file],
        "--profile": [profile],
        "--set": changes,
        "--axis": axes,
        "--zip": zipped,
        "--points": [points],
        "--lhs": [lhs],
        "--deployment": [deployment],
    }
    given = {"-f": [scenario_file], "--profile": [profile], "--set": assignments}
    taken = [*intake_words(intake), *paths]
    repeat, origin = command_line("sweep", taken, said), words(taken, given)
    return replace(plan, repeat=repeat, origin=origin)


def _refuse_together(axes: Sequence[str], zipped: Sequence[str], points: str | None, lhs: int | None) -> None:
    if points is not None and (axes or zipped or lhs):
        raise click.UsageError("--points names every point: --axis, --zip and --lhs have no say beside it.")
    if zipped and lhs:
        raise click.UsageError("--zip and --lhs do not go together.")


def refuse_results(paths: Sequence[str]) -> None:
    """Refuse folders of results where something to simulate is wanted."""
    from sim.sweep.folder import is_results

    for path in paths:
        if is_results(Path(path)):
            raise click.UsageError(
                f"{path} holds results; rollsim recommend {path} or report {path} reads them."
            )


def _tell_varied(assignments: Sequence[str], points: Sequence[Point]) -> None:
    """Say which settings have no say, because they vary: what is in force is what the manifest has."""
    from sim.cli.text import tell
    from sim.spec.assignments import parsed

    varied = {one.path: one.key for one in parsed({f"{key}=1" for point in points for key, _ in point}, [])}
    for one in parsed(assignments, []):
        if one.path in varied:
            tell(f"--set {one.key}={one.text} has no say: {varied[one.path]} is an axis")


def _points(
    scenario: Scenario,
    axes: Sequence[str],
    zipped: Sequence[str],
    points: str | None,
    lhs: int | None,
) -> list[Point]:
    from sim.errors import InputError
    from sim.sweep.axes import Axis, grid, latin_hypercube, parse_axis, read_points, usual_points

    if points is not None:
        return read_points(points)
    if not (axes or zipped):
        return usual_points(lhs, scenario.seed)
    parsed: list[list[Axis]] = [[], []]
    problems: list[Diagnostic] = []
    for option, texts, into in (("--axis", axes, parsed[0]), ("--zip", zipped, parsed[1])):
        for text in texts:
            try:
                # A value may well stand beside several others.
                into.append(parse_axis(text, distinct=option == "--axis"))
            except InputError as error:
                problems += (replace(one, file=option) for one in error.diagnostics)
    if problems:
        raise InputError(problems)
    if lhs is not None:
        return latin_hypercube(parsed[0], lhs, scenario.seed)
    return grid(*parsed)
