"""`rollsim profiles`: the built-in latency profiles, what they assume, and where their figures come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.complete import complete_profile

if TYPE_CHECKING:
    from sim.spec.profile import Profile

_STAGES = ("schedule", "pull", "start", "ready", "stop")


@click.command("profiles")
@click.argument("name", required=False, shell_complete=complete_profile)
def command(name: str | None) -> None:
    """List the built-in profiles, or print one of them (NAME) in full, as JSON.

    A profile file may begin with `base: NAME` and change what differs in your cluster.
    """
    from sim.spec.builtin import DEFAULT_PROFILE
    from sim.spec.profile import BUILT_IN

    if name is None:
        _list(dict(BUILT_IN), DEFAULT_PROFILE)
        return
    if name not in BUILT_IN:
        from difflib import get_close_matches

        near = get_close_matches(name, BUILT_IN, 1, 0.5)
        hint = f"Did you mean {near[0]}?" if near else f"Built in are {', '.join(BUILT_IN)}."
        raise click.UsageError(f"No such profile {name!r}. {hint}")
    import json

    click.echo(json.dumps(BUILT_IN[name].document(), indent=2, ensure_ascii=False))


def _list(profiles: dict[str, Profile], default: str) -> None:
    from sim.cli.format import plain
    from sim.cli.text import open_console

    console = open_console()
    for name, profile in profiles.items():
        console.print(f"{name} (the default)" if name == default else name, style="bold")
        means = [f"{stage} {_seconds(getattr(profile.pods, stage).mean())}" for stage in _STAGES]
        console.print(f"  means: {', '.join(means)}")
        plane = profile.control_plane
        rate = (
            f"{plane.qps:g} requests/s after a burst of {plane.burst}"
            if plane.qps
            else "no limit of requests"
        )
        console.print(f"  control plane {plane.preset}: {rate}")
        console.print(_indented(plain(profile.source, console.file), console.width), style="dim")
        console.print()


def _seconds(value: float) -> str:
    return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"


def _indented(text: str, width: int) -> str:
    import textwrap

    return textwrap.fill(text, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
