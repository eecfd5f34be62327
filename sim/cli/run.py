"""`rollsim run`: load, simulate once, measure, print; with --out, write tables and charts."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.complete import complete_measure, complete_setting
from sim.cli.format import echo
from sim.cli.options import (
    engine_option,
    expressions,
    format_option,
    profile_option,
    requirement,
    seed_option,
    whole,
)
from sim.cli.taking import intake_options

if TYPE_CHECKING:
    from sim.cli.result import Outcome, Result
    from sim.engine import Engine
    from sim.metrics import Requirement
    from sim.spec.intake import Intake
    from sim.spec.scenario import Scenario

MOST_REPLICAS = 100_000  # what manifests may ask for, too
MOST_REPLICATIONS = 2**24 - 1
CHARTS = ("timeline", "availability", "waterfall")


@click.command("run")
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path())
@click.option(
    "-f",
    "--scenario",
    "scenario_file",
    metavar="FILE",
    type=click.Path(),
    help="A scenario; PATHs then replace its manifests.",
)
@intake_options
@profile_option
@seed_option
@click.option(
    "--replication",
    callback=whole(MOST_REPLICATIONS),
    default=0,
    metavar="N",
    help="Which of the seed's runs: 0 is the first.",
)
@click.option("--replicas", callback=whole(MOST_REPLICAS), metavar="N", help="The same as --set replicas=N.")
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    multiple=True,
    shell_complete=complete_setting,
    help="Change a field of the Deployment, such as maxSurge=50% (repeatable).",
)
@click.option(
    "--require",
    "requirements",
    metavar="LIMIT",
    multiple=True,
    callback=expressions(requirement),
    shell_complete=complete_measure,
    help="Exit with 1 unless it holds: 'min_availability>=95%', 'duration_s<=5m' (repeatable).",
)
@engine_option
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), help="Write tables, measures and charts there."
)
@format_option("table", "json", "csv")
@click.option("--measures", is_flag=True, help="Print every measure, too.")
@click.option("--transcript", is_flag=True, help="Print the session: what was typed, and what was answered.")
def command(
    paths: tuple[str, ...],
    scenario_file: str | None,
    intake: Intake | None,
    profile: str | None,
    seed: int | None,
    replication: int,
    replicas: int | None,
    assignments: tuple[str, ...],
    requirements: tuple[Requirement, ...],
    engine: Engine,
    out: Path | None,
    form: str,
    measures: bool,
    transcript: bool,
) -> int:
    """Simulate one rollout and print what it does to your pods.

    PATH is a Kubernetes manifest, a folder of them, - for standard input, or one scenario file. A bare
    manifest is the version about to be applied: the one before it runs, fully available, and at 0 s the
    template changes.

    \b
    rollsim run deployment.yaml --profile jvm
    rollsim run deployment.yaml --set maxSurge=50% --require 'duration_s<=5m'
    helm template chart/ | rollsim run - --out out/

    Exit code: 0, 1 when a --require does not hold, or when what was asked for is stuck, rolled back, still
    running, or paused by no later step (unless the scenario expects that), 2 when the input cannot be used.
    """
    from sim.cli.inputs import changed, read_scenario
    from sim.cli.problems import problem_lines
    from sim.cli.result import run_once

    if transcript and form == "csv":
        raise click.UsageError("--transcript is printed as a table or as json.")
    changes = changed(assignments, {"replicas": replicas, "seed": seed})
    scenario = read_scenario(paths, scenario_file, profile=profile, assignments=changes, intake=intake)
    for line in problem_lines(scenario.diagnostics):
        echo(line, err=True)
    result = run_once(scenario, requirements, replication, engine)
    # Files first: when they cannot be written, nothing on standard output pretends that all went well.
    written = _write(result, out) if out is not None else []
    if transcript:
        _print_transcript(result, form)
    else:
        _print(result, form, written, out, measures)
    return 0 if result.passed else 1


def _write(result: Result, out: Path) -> list[str]:
    from sim.cli.drawing import load_charts
    from sim.cli.result import deployments_document, rollouts_document
    from sim.cli.transcript import transcript_lines
    from sim.store import write

    def draw(folder: Path) -> None:
        if result.trace.tables["commands"]["command"]:
            text = "\n".join(transcript_lines(result.trace))
            (folder / "transcript.txt").write_text(text + "\n", encoding="utf-8", newline="\n")
        charts = load_charts()
        for number, outcome in enumerate(result.outcomes):
            prefix = "" if number == 0 else f"{outcome.name}-"
            for name in CHARTS:
                chart = partial(getattr(charts, name), result.trace, deployment=outcome.name)
                charts.save(chart, folder / f"{prefix}{name}.png")

    measures = {"deployments": deployments_document(result), "rollouts": rollouts_document(result)}
    return [path.name for path in write(result.trace, measures, out, draw)]


def _print_transcript(result: Result, form: str) -> None:
    from sim.cli.format import plain
    from sim.cli.transcript import transcript_json, transcript_lines

    if form == "json":
        click.echo(transcript_json(result.trace))
        return
    for line in transcript_lines(result.trace):
        click.echo("\t".join(plain(part, sys.stdout) for part in line.split("\t")))


def _print(result: Result, form: str, written: list[str], out: Path | None, measures: bool) -> None:
    from sim.cli.result import as_csv, as_json

    if form == "table":
        _print_table(result, written, out, measures)
        return
    if form == "json":
        click.echo(as_json(result))
        return
    echo(as_csv(result))
    # The rows have no place for verdicts, and a silent exit code 1 explains nothing.
    for outcome in result.outcomes:
        for verdict in outcome.verdicts:
            if not verdict.passed:
                echo(f"{outcome.name}: FAIL {verdict.text} ({verdict.found})", err=True)
        if not outcome.is_fine:
            echo(f"{outcome.name}: {outcome.answer}", err=True)


def _print_table(result: Result, written: list[str], out: Path | None, measures: bool) -> None:
    from sim.cli.answer import print_all_measures, print_one, print_several
    from sim.cli.text import open_console, print_provenance

    console = open_console(sys.stdout)
    if len(result.outcomes) == 1:
        (outcome,) = result.outcomes
        print_one(console, outcome, _subtitle(result.scenario, outcome))
    elif result.outcomes:
        print_several(console, result.outcomes)
    if measures:
        print_all_measures(console, result.outcomes)
    print_provenance(console, result.trace.provenance, written, str(out) if out is not None else None)


def _images(outcome: Outcome) -> list[str]:
    """Return the images that the Deployment's ReplicaSets ran, in the order in which they became the
    newest."""
    table = outcome.measured.rollout.trace.tables["replicasets"]
    newest = 0
    images: list[str] = []
    for name, revision, image in zip(table["deployment"], table["revision"], table["image"], strict=True):
        if name == outcome.name and revision > newest:
            newest = revision
            if images[-1:] != [image]:
                images.append(image)
    return images


def _subtitle(scenario: Scenario, outcome: Outcome) -> str:
    """Return what was asked: "3 replicas, RollingUpdate, maxSurge 25%, maxUnavailable 25%, a:v1 → a:v2"."""
    deployment = next(d for d in scenario.all_deployments if d.name == outcome.name)
    strategy = deployment.strategy
    words = ["1 replica" if deployment.replicas == 1 else f"{deployment.replicas} replicas", strategy.type]
    if strategy.type == "RollingUpdate":
        words += [f"maxSurge {strategy.max_surge}", f"maxUnavailable {strategy.max_unavailable}"]
    if deployment.min_ready_seconds:
        words.append(f"minReadySeconds {deployment.min_ready_seconds}")
    changed = _images(outcome)
    return ", ".join([*words, " → ".join(_shortened(changed))])


def _shortened(images: list[str]) -> list[str]:
    """Return images of which those that differ from the first by their tag alone are only tags."""
    from sim.spec.syntax import repository

    same = [
        len(image) > len(repository(image)) and repository(image) == repository(images[0]) for image in images
    ]
    return [image[len(repository(image)) + 1 :] if i and same[i] else image for i, image in enumerate(images)]
