"""What a study left in its folder and is asked of it again: the question, the Deployment in force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.choose import Aim, parse_aim
from sim.errors import Diagnostic, InputError, one_line
from sim.stats import Limit, parse_limit

CHOICE, MANIFEST = "choice.json", "manifest.json"


def read_question(folder: Path) -> tuple[tuple[Limit, ...], tuple[Aim, ...]] | None:
    """Return the limits and aims of the choice that `write_results` wrote, None where it wrote none.
    InputError (E523).
    """
    path = folder / CHOICE
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        limits = tuple(parse_limit(text) for text in found["limits"])
        return limits, tuple(parse_aim(one["statistic"], one["sense"]) for one in found["aims"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _not_ours("choice", error, path) from None


def _not_ours(what: str, error: Exception, path: Path) -> InputError:
    message = f"this is no {what} of ours: {one_line(str(error), 120)}"
    return InputError(Diagnostic(code="E523", message=message, file=str(path)))


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the Deployment in force that `write_results` wrote, None where it wrote none. InputError
    (E523).
    """
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not isinstance(found.get("spec"), dict):
            raise ValueError("it has no spec")
    except (OSError, ValueError, RecursionError) as error:
        raise _not_ours("manifest", error, path) from None
    return found
