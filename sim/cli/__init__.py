"""The command line: one verb a module, found through a table, so that `--help` imports none of them.

Data goes to standard output, diagnostics to standard error. Exit codes: 0 fine, 1 a requirement failed,
2 wrong use or wrong input, 130 interrupted, 141 the reader of standard output went away.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

import click

from sim._version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["VERBS", "cli", "main"]

_OBJECTS = 50_000  # between two looks for garbage; Python's own number is 700

# verb: (module, summary). Each module has its click command as `command`.
VERBS: dict[str, tuple[str, str]] = {
    "run": ("sim.cli.run", "Simulate one rollout: a timeline, its measures, its charts."),
    "check": ("sim.cli.check", "Say what is wrong or not modelled in manifests and scenarios."),
    "sweep": ("sim.cli.sweep", "Simulate many strategies many times: statistics, tables, charts."),
    "compare": ("sim.cli.compare", "Put manifests, scenarios or settings side by side, with the same luck."),
    "recommend": ("sim.cli.recommend", "Say which strategy to choose within limits, why, and how to set it."),
    "timeouts": (
        "sim.cli.timeouts",
        "Say which deadline and --timeout are safe for a rollout, and why.",
    ),
    "report": ("sim.cli.report", "Write a sweep's results as one HTML page."),
    "validate": ("sim.cli.validate", "Hold simulated runs against recordings of real ones."),
    "profiles": ("sim.cli.profiles", "List the built-in latency profiles with their sources."),
    "measures": ("sim.cli.measures", "List the measures of a run and what each of them means."),
    "schema": (
        "sim.cli.schema",
        "Print the JSON Schema of a scenario or profile file, or of what --format json prints.",
    ),
    "completion": ("sim.cli.completion", "Print the completion script of bash, zsh or fish."),
}

_WRONG_USE = 2
_INTERRUPTED = 130
_READER_GONE = 141


class VerbGroup(click.Group):
    """A group that knows its verbs' names and summaries without importing their modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb's module; None for a name that is none."""
        if cmd_name not in VERBS:
            return None
        from importlib import import_module

        module: Any = import_module(VERBS[cmd_name][0])
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; an unknown one is a wrong use that names the nearest verb."""
        name = args[0]
        if name not in VERBS and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command {name!r}.{_instead_of_verb(name)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of verbs."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in VERBS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete verbs from the table: pressing the tabulator must not import the simulator."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(n, help=s) for n, (_, s) in VERBS.items() if n.startswith(incomplete)]

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Read the command line, in which --help and --version print; their reader may have gone away."""
        try:
            return super().make_context(*args, **more)
        except BrokenPipeError:
            _discard(sys.stdout)
            raise click.exceptions.Exit(_READER_GONE) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; an interrupt becomes one line and exit code 130, a reader that went away 141."""
        try:
            return super().invoke(ctx)
        except click.UsageError as mistake:
            verb = ctx.invoked_subcommand
            command = self.get_command(ctx, verb) if mistake.ctx is None and verb else None
            if command is not None:
                # What click's parser finds wrong comes without the verb that it was found in.
                mistake.ctx = click.Context(command, parent=ctx, info_name=verb)
            raise
        except KeyboardInterrupt:
            _complain("rollsim: interrupted")
            raise click.exceptions.Exit(_INTERRUPTED) from None
        except BrokenPipeError:
            # Caught here: click itself would exit with 1, which is a requirement's.
            _discard(sys.stdout)
            raise click.exceptions.Exit(_READER_GONE) from None


def _instead_of_verb(name: str) -> str:
    if os.path.exists(name):
        # `rollsim deploy.yaml` is the likeliest first try of all.
        return f" Did you mean rollsim run {name}?"
    from difflib import get_close_matches

    # Verbs are short: two letters the wrong way round ("rnu") are a third of the word.
    near = get_close_matches(name, VERBS, 1, 0.5)
    return f" Did you mean {near[0]}?" if near else f" The commands are {', '.join(VERBS)}."


@click.command(
    cls=VerbGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: rollsim run deployment.yaml",
)
@click.version_option(__version__, prog_name="rollsim", message="%(prog)s %(version)s")
def cli() -> None:
    """Simulate Kubernetes rollouts before you make them: how long, how many pods, how available."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line on `args` (sys.argv without them) and return the exit code.

    Mistakes of the user are lines on standard error and exit code 2; anything else that is raised is a bug
    and escapes.
    """
    _open_closed_streams()
    # A command loads libraries for a second: what they make stays, and need not be looked through for
    # garbage.
    gc.set_threshold(_OBJECTS)
    try:
        code = cli.main(None if args is None else list(args), prog_name="rollsim", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as mistake:
        _complain(_one_line(mistake))
        return _WRONG_USE
    except click.Abort:
        _complain("rollsim: interrupted")
        return _INTERRUPTED
    except OSError as failure:
        return _cannot_write(failure)
    except Exception as failure:
        from sim.errors import InputError  # here: `--help` does not need it

        if not isinstance(failure, InputError):
            raise
        from sim.cli.problems import problem_lines

        for line in problem_lines(failure.diagnostics):
            _complain(line)
        return _WRONG_USE


def _open_closed_streams() -> None:
    """Let what is written to a stream that the shell has closed (`>&-`) go nowhere."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for as long as we run
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _cannot_write(failure: OSError) -> int:
    if isinstance(failure, BrokenPipeError):
        _discard(sys.stdout)
        return _READER_GONE
    _complain(f"rollsim: {failure.strerror or failure}{f': {failure.filename}' if failure.filename else ''}")
    return _WRONG_USE


def _discard(stream: IO[str]) -> None:
    # Python flushes its streams once more on its way out: let that go nowhere, quietly.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _one_line(mistake: click.ClickException) -> str:
    context = getattr(mistake, "ctx", None)
    where = context.command_path if context is not None else "rollsim"
    if type(mistake).__name__ == "NoArgsIsHelpError":
        return mistake.format_message()  # `rollsim` alone: the help itself
    message = mistake.format_message()
    if getattr(mistake, "keeps_lines", False):
        return "\n".join(line if line[:1] == " " else f"{where}: {line}" for line in message.splitlines())
    text = " ".join(message.split())
    hint = f" Try {where} --help." if isinstance(mistake, click.UsageError) else ""
    return f"{where}: {text}{hint}"


def _complain(text: str) -> None:
    from sim.cli.format import echo

    try:
        echo(text, err=True)
    except OSError:
        # Nobody can be told, and the exit code still tells.
        _discard(sys.stderr)
