"""What a study leaves in its folder beside the runs: tables as CSV, charts, the choice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sim.charts import save
from sim.choose import Aim, Choice, parse_aim
from sim.errors import Diagnostic, InputError, one_line
from sim.report.pictures import pictures
from sim.stats import Limit, breaches, parse_limit, summarize
from sim.store import replace_file
from sim.sweep.sample import Sample

CHOICE = "choice.json"


def write_results(
    out: Path,
    sample: Sample,
    choice: Choice | None = None,
    limits: Sequence[Limit] = (),
    aims: Sequence[Aim] = (),
) -> None:
    """Write statistics.csv, with limits breaches.csv, and each picture as PNG, into the folder ``out``;
    InputError (E901) when that cannot be.
    """
    tables = {"statistics.csv": summarize(sample.runs)}
    if limits:
        tables["breaches.csv"] = breaches(sample.runs, limits)
    for name, table in tables.items():
        text = table.to_csv(index=False, lineterminator="\n")
        replace_file(out / name, partial(_write, text))
    for picture in pictures(sample, choice, limits, aims):
        replace_file(out / f"{picture.name}.png", partial(save, picture.draw))


def write_choice(
    out: Path, choice: Choice, limits: Sequence[Limit], aims: Sequence[Aim], patch_yaml: str
) -> None:
    """Write choice.json, which says what was asked, too, and patch.yaml where there is a patch."""
    document = {
        "limits": [str(limit) for limit in limits],
        "aims": [{"statistic": str(aim.statistic), "sense": aim.sense} for aim in aims],
        **choice.as_dict(),
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    replace_file(out / CHOICE, partial(_write, text))
    if patch_yaml:
        replace_file(out / "patch.yaml", partial(_write, patch_yaml))


def read_question(folder: Path) -> tuple[tuple[Limit, ...], tuple[Aim, ...]]:
    """Return the limits and aims that `write_choice` wrote; none where it did not. InputError (E523)."""
    path = folder / CHOICE
    if not path.exists():
        return (), ()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        limits = tuple(parse_limit(text) for text in found["limits"])
        return limits, tuple(parse_aim(one["statistic"], one["sense"]) for one in found["aims"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"this is no choice of ours: {one_line(str(error), 120)}"
        raise InputError(Diagnostic(code="E523", message=message, file=str(path))) from None


def _write(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
