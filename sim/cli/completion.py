"""`rollsim completion SHELL`: the script that lets a shell complete verbs, options and names."""

from __future__ import annotations

import click

from sim.cli.choice import NearChoice


@click.command("completion")
@click.argument("shell", type=NearChoice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    bash:  echo 'eval "$(rollsim completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(rollsim completion zsh)"' >> ~/.zshrc
    fish:  rollsim completion fish > ~/.config/fish/completions/rollsim.fish
    """
    from click.shell_completion import get_completion_class

    from sim.cli import cli

    kind = get_completion_class(shell)
    assert kind is not None  # the choice above lists only what click knows
    click.echo(kind(cli, {}, "rollsim", "_ROLLSIM_COMPLETE").source())
