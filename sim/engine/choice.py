"""Which engine plays a scenario: the readable model, or its compiled twin."""

from __future__ import annotations

from typing import Literal, get_args

from sim.engine.kernel import HOW_TO_INSTALL, is_installed
from sim.errors import Diagnostic, InputError
from sim.spec.scenario import Scenario

Engine = Literal["auto", "model", "kernel"]
ENGINES: tuple[str, ...] = get_args(Engine)
LEFT_OVER = "(a step is left out, nothing changes, or two moments tie)"
"""Why the kernel leaves single runs to the model, in words."""


def check_engine(engine: str) -> None:
    """Raise ValueError for another name than those of ENGINES, InputError (E540) when Numba is missing."""
    if engine not in ENGINES:
        raise ValueError(f"no engine is called {engine!r}; there are {', '.join(ENGINES)}")
    if engine == "kernel" and not is_installed():
        message = "the kernel is compiled by Numba, which is not installed"
        raise InputError(Diagnostic(code="E540", message=message, file="--engine", expected=HOW_TO_INSTALL))


def why_model(scenario: Scenario, engine: Engine) -> str | None:
    """Return why the model plays ``scenario``, in a clause; None: the kernel can, and is to.

    Raises InputError when the kernel is asked for and Numba is missing (E540) or it cannot play this (E541).
    """
    check_engine(engine)
    if engine == "model":
        return "it was asked for"
    if not is_installed():
        return "Numba is not installed"
    from sim.engine.kernel.question import Question, cannot

    reason = cannot(scenario)
    # Who does not insist finds that out where it is played.
    if reason is None and engine == "kernel" and Question(scenario).is_too_large:
        reason = "its draws would take more than a gigabyte"
    if reason is not None and engine == "kernel":
        message = f"the kernel cannot simulate {scenario.name}: {reason}"
        expected = "--engine auto, or model"
        raise InputError(Diagnostic(code="E541", message=message, file="--engine", expected=expected))
    return reason
