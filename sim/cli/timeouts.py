"""`rollsim timeouts`: which deadline and which --timeout a share of the rollouts keep."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from sim.cli.complete import complete_setting
from sim.cli.format import echo
from sim.cli.inputs import changed, read_scenario
from sim.cli.options import format_option, profile_option, seed_option, who_options, whole
from sim.cli.taking import intake_options

if TYPE_CHECKING:
    from sim.api import Timeouts
    from sim.spec.intake import Intake


def _counts(ctx: click.Context, param: click.Parameter, value: str | None) -> list[int] | None:
    parts = [] if value is None else [part.strip() for part in value.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        raise click.BadParameter(
            f"{(value or '')[:60]!r} is no list of numbers such as 10,20,50.", ctx, param
        )
    return None if value is None else list(map(int, parts))


@click.command("timeouts")
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path())
@click.option(
    "--share",
    metavar="SHARE",
    default="99.9%",
    show_default=True,
    help="How many of the rollouts must not break it: 99.9%, 0.999.",
)
@click.option(
    "--replicas",
    metavar="N,N,...",
    callback=_counts,
    help="What it would be at other numbers of replicas  [default: half, double, five-fold].",
)
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    multiple=True,
    shell_complete=complete_setting,
    help="Change a field of the Deployment first, such as replicas=50 (repeatable).",
)
@intake_options
@profile_option
@seed_option
@click.option(
    "--replications",
    metavar="N",
    callback=whole(1_000_000, 1),
    help="Rollouts to simulate  [default: as many as it takes].",
)
@who_options
@format_option("table", "markdown", "json")
def command(
    paths: tuple[str, ...],
    share: str,
    replicas: list[int] | None,
    assignments: tuple[str, ...],
    intake: Intake | None,
    profile: str | None,
    seed: int | None,
    form: str,
    **running: Any,
) -> int:
    """Say which progressDeadlineSeconds, kubectl rollout status --timeout and helm --timeout are safe.

    Each is measured at what it waits for: the deadline at the longest time without progress; rollout status
    and Helm 4 at completion; Helm 3 at enough ready pods (replicas - maxUnavailable). Several Deployments
    are one release, changed together at 0 s, and Helm waits for the last of them. Advised is the upper end
    of the 95 % interval of what SHARE of the rollouts keep, rounded up to a time that people write.

    \b
    rollsim timeouts deployment.yaml
    helm template chart/ | rollsim timeouts - --share 99%

    Exit code: 0, 2 when the input cannot be used: what is never complete, is paused or has no replicas.
    """
    from sim.api import Scenario
    from sim.choose.timeouts import parse_share
    from sim.cli.grid import refuse_results
    from sim.cli.problems import problem_lines
    from sim.cli.study import progress_bar

    parse_share(share)  # what is typed wrong is told before any file is read
    refuse_results(paths)
    changes = changed(assignments, {"seed": seed})
    scenario = Scenario.of(read_scenario(paths, profile=profile, assignments=changes, intake=intake))
    if replicas is not None and len(scenario.all_deployments) > 1:
        raise click.UsageError("--replicas is for one Deployment, and here are several.")
    with progress_bar() as progress:
        result = scenario.timeouts(share, replicas=replicas, progress=progress, **running)
    # What is refused is one line: these are about what was simulated.
    for line in problem_lines(scenario.diagnostics):
        echo(line, err=True)
    _print(result, form)
    return 0


def _print(result: Timeouts, form: str) -> None:
    from sim.cli import study
    from sim.cli.tables import markdown_table, print_table
    from sim.cli.text import open_console, say
    from sim.report.words import escaped

    if form == "json":
        click.echo(study.json_text(result.as_dict()))
        return
    origin = " · ".join(
        f"{'rollsim' if name == 'version' else name} {value}" for name, value in result.provenance.items()
    )
    if form == "markdown":
        echo(f"**{escaped(result.answer)}**\n\n{markdown_table(result.words)}\n")
        echo("\n".join(f"- {escaped(sentence)}" for sentence in result.reasons))
        echo("\n```sh\n" + "\n".join(result.commands) + f"\n```\n\n{escaped(origin)}")
        return
    console = open_console(sys.stdout)
    say(console, result.answer, "bold")
    print_table(result.words)
    click.echo()
    for sentence in result.reasons:
        say(console, sentence)
    click.echo()
    echo("\n".join(result.commands))
    click.echo()
    say(console, origin, "dim")
