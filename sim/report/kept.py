"""What a study left in its folder and is asked of it again: the question."""

from __future__ import annotations

import json
from pathlib import Path

from sim.choose import Aim, parse_aim
from sim.errors import Diagnostic, InputError, one_line
from sim.stats import Limit, parse_limit

CHOICE = "choice.json"


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
        aims = tuple(parse_aim(one["statistic"], one["sense"]) for one in found["aims"])
        statistics = [aim.statistic for aim in aims]
        if len(set(statistics)) < len(statistics):
            raise ValueError("an aim comes twice")
        return limits, aims
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"this is no choice of ours: {one_line(str(error), 120)}"
        raise InputError(Diagnostic(code="E523", message=message, file=str(path))) from None
