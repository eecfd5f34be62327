"""Options that say how manifests are taken: -n, -R, --validate."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import together

if TYPE_CHECKING:
    from sim.spec.intake import Intake
    from sim.spec.unknown import Validate


def _validation(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    from sim.kubectl.values import VALIDATIONS

    if value not in VALIDATIONS:
        from sim.units import nearest

        near = nearest(value[:60], ("strict", "warn", "ignore", "true", "false"))
        hint = f" Did you mean {near}?" if near else ""
        raise click.BadParameter(f"{value[:60]!r} is not strict, warn or ignore.{hint}", ctx, param)
    return VALIDATIONS[value]


def _namespace(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    from sim.spec.syntax import expected_dns_label

    expected = expected_dns_label(value) if value is not None else None
    if expected is not None:
        raise click.BadParameter(f"{(value or '')[:60]!r} is not a namespace: {expected}.", ctx, param)
    return value


def intake_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how manifests are taken; the command has them as one value, ``intake``.

    It is None when nothing is said.
    """

    @functools.wraps(command)
    def call(
        *args: Any, validate: Validate | None, namespace: str | None, recursive: bool, **more: Any
    ) -> Any:
        from sim.spec.intake import Intake

        said = (validate, namespace, recursive) != (None, None, False)
        intake = Intake(validate or "strict", namespace, recursive) if said else None
        return command(*args, intake=intake, **more)

    return _intake(call)


_intake = together(
    click.option(
        "-n",
        "--namespace",
        metavar="NAME",
        callback=_namespace,
        help="Only this namespace; objects that say none are in it.",
    ),
    click.option("-R", "--recursive", is_flag=True, help="Read the folders inside a folder, too."),
    click.option(
        "--validate",
        metavar="WORD",
        callback=_validation,
        help="Fields that Kubernetes does not know: strict refuses, warn tells, ignore drops them, as in"
        " kubectl  [default: strict].",
    ),
)


def intake_words(intake: Intake | None) -> list[str]:
    """Return the options that mean an intake."""
    if intake is None:
        return []
    namespace = ["-n", intake.namespace] if intake.namespace is not None else []
    validate = ["--validate", intake.validate] if intake.validate != "strict" else []
    return [*namespace, *(["-R"] if intake.recursive else []), *validate]
