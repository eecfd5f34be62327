"""Options that several verbs share: what to simulate, limits and aims, whole numbers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.cli.choice import NearChoice
from sim.cli.complete import complete_measure, complete_profile

if TYPE_CHECKING:
    from sim.metrics import RequirementError

LARGEST_SEED = 2**63 - 1
_MOST_SHOWN = 60
_Command = TypeVar("_Command", bound=Callable[..., Any])
_T = TypeVar("_T")


class ExpressionError(click.UsageError):
    """Limits or aims that cannot be read; its message has some lines for each."""

    keeps_lines = True


def whole(greatest: int, least: int = 0) -> Callable[[click.Context, click.Parameter, Any], int | None]:
    """Return a callback that reads a whole number: click's own range would print 19 digits into the help."""

    def read(ctx: click.Context, param: click.Parameter, value: Any) -> int | None:
        if value is None:
            return None
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) < 30 and least <= int(text) <= greatest):
            raise click.BadParameter(
                f"{text[:60]!r} is not a whole number from {least} to {greatest}.", ctx, param
            )
        return int(text)

    return read


def format_option(*forms: str, told: str = "What to print.") -> Callable[[_Command], _Command]:
    """Return the option --format of a verb that prints ``forms``, the first of them by default."""
    return click.option(
        "--format", "form", type=NearChoice(forms), default=forms[0], show_default=True, help=told
    )


def expressions(parse: Callable[[str], _T]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Return a callback that reads one or several texts with ``parse``; what it cannot read is pointed at."""

    def read(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        if value is None or value == ():
            return value
        from sim.metrics import RequirementError

        parsed, wrong = [], []
        for text in (value,) if isinstance(value, str) else value:
            try:
                at = next((i for i, c in enumerate(text) if c.isdigit() and not c.isascii()), None)
                if at is not None:
                    raise RequirementError("the digits of a number are 0 to 9", text, at)
                parsed.append(parse(text))
            except RequirementError as error:
                wrong.append(_pointed(param.opts[0], error))
        if wrong:
            raise ExpressionError("\n".join(wrong), ctx)
        return parsed[0] if isinstance(value, str) else tuple(parsed)

    return read


def _pointed(option: str, error: RequirementError) -> str:
    """Return what is wrong, and the text with a caret under the place."""
    from rich.cells import cell_len

    from sim.errors import one_line, shown

    message = f"{option}: {shown(error.text)} at character {error.position + 1}: {one_line(str(error))}"
    # Where the text is cut, or has characters that do not print, the caret would point at something else.
    if len(error.text) > _MOST_SHOWN or not error.text.isprintable() or not error.text.strip():
        return message
    return f"{message}\n    {error.text}\n    {' ' * cell_len(error.text[: error.position])}^"


def _folder(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    if value == "":
        # What "$DIR" is when nobody has set it: the folder of the moment is hardly meant.
        raise click.BadParameter("the name is empty.", ctx, param)
    return None if value is None else Path(value)


def requirement(text: str) -> Any:
    """Return the limit on the measures of a single run."""
    from sim.metrics import parse_requirement

    return parse_requirement(text)


def limit(text: str) -> Any:
    """Return the limit on a strategy's runs."""
    from sim.stats import parse_limit

    return parse_limit(text)


def _statistic(text: str) -> Any:
    from sim.stats import parse_statistic

    return parse_statistic(text)


def precision(text: str) -> Any:
    """Return how well a statistic is to be known."""
    from sim.stats import parse_precision

    return parse_precision(text)


def together(*options: Callable[[_Command], _Command]) -> Callable[[_Command], _Command]:
    """Return one decorator that adds all options, which the help lists in this order."""

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def command_line(verb: str, paths: Sequence[str], options: Mapping[str, Sequence[object]]) -> str:
    """Return the line that means the same, quoted for a shell (see `words`)."""
    return f"rollsim {verb} {words(paths, options)}".rstrip()


def words(paths: Sequence[str], options: Mapping[str, Sequence[object]]) -> str:
    """Return paths and options as a shell takes them; options without a value are left out."""
    found = list(paths)
    for name, values in options.items():
        found += [word for value in values if value is not None for word in (name, str(value))]
    return shlex.join(found)


profile_option = click.option(
    "--profile",
    metavar="NAME",
    help="Latencies: a built-in profile or a file.",
    shell_complete=complete_profile,
)
seed_option = click.option(
    "--seed", callback=whole(LARGEST_SEED), metavar="N", help="Where all chance begins (0 or more)."
)
engine_option = click.option(
    "--engine",
    type=NearChoice(["auto", "model", "kernel"]),
    default="auto",
    help="Who simulates, with the same result: kernel is fast and needs Numba  [default: auto].",
)
decision_options = together(
    click.option(
        "--require",
        "limits",
        metavar="LIMIT",
        multiple=True,
        callback=expressions(limit),
        shell_complete=complete_measure,
        help="A limit: 'p99(duration_s)<=5m', or for every run 'min_availability>=95%' (repeatable).",
    ),
    click.option(
        "--minimize",
        metavar="STATISTIC",
        multiple=True,
        callback=expressions(_statistic),
        help="What should be small: 'p95(duration_s)', 'peak_pods' (repeatable).",
    ),
    click.option(
        "--maximize",
        metavar="STATISTIC",
        multiple=True,
        callback=expressions(_statistic),
        help="What should be great: 'p5(min_availability)' (repeatable).",
    ),
)
out_options = together(
    click.option(
        "--out",
        metavar="DIR",
        callback=_folder,
        help="Keep results there as they come (Parquet), then tables and charts.",
    ),
    click.option("--resume", is_flag=True, help="Go on with what --out holds."),
)
who_options = together(
    click.option(
        "--workers",
        metavar="N",
        callback=whole(1024, 1),
        help="Processes that simulate  [default: one a processor].",
    ),
    click.option(
        "--dask",
        metavar="WHERE",
        help="Simulate on Dask: local, or a scheduler's address (tcp://HOST:8786).",
    ),
    engine_option,
)
running_options = together(
    click.option(
        "--replications",
        metavar="N",
        callback=whole(1_000_000, 1),
        help="Runs of each strategy  [default: 200].",
    ),
    click.option(
        "--precision",
        metavar="GOAL",
        callback=expressions(precision),
        help="As many as it takes instead: 'p95(duration_s)=2%' is ± 2 % of it.",
    ),
    click.option(
        "--most",
        metavar="N",
        callback=whole(1_000_000, 1),
        help="With --precision: but no more than N runs of a strategy  [default: 4096].",
    ),
    who_options,
    click.option(
        "--deployment",
        metavar="NAME",
        help="The Deployment to measure  [default: the first].",
    ),
)
