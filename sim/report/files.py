"""What a study leaves in its folder beside the runs: tables as CSV, charts, the choice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sim.charts import save
from sim.choose import Aim, Choice
from sim.report.kept import CHOICE
from sim.report.pictures import pictures
from sim.stats import Limit, breaches, summarize
from sim.store import refusal, replace_file
from sim.sweep.folder import PLAN
from sim.sweep.sample import Sample

PROVENANCE, PATCH = "provenance.json", "patch.yaml"
_FILES = "files"
# What kind of files that names; plan.json is one of them, and not ours.
_KINDS = (".csv", ".json", ".png", ".yaml")


def write_results(
    out: Path,
    sample: Sample,
    choice: Choice | None = None,
    limits: Sequence[Limit] = (),
    aims: Sequence[Aim] = (),
    *,
    patch: str = "",
) -> None:
    """Write into the folder ``out`` what a study leaves: statistics.csv, with limits breaches.csv, each
    picture as PNG; with a choice choice.json, which says what was asked, too, and patch.yaml where there is a
    ``patch``.

    provenance.json says what all that is of, since CSV cannot, and names these files: those that it named
    before and are not made any more are removed. Raises InputError (E901) when that cannot be.
    """
    tables = {"statistics.csv": summarize(sample.runs)}
    if limits:
        tables["breaches.csv"] = breaches(sample.runs, limits)
    texts = {name: table.to_csv(index=False, lineterminator="\n") for name, table in tables.items()}
    if choice is not None:
        texts[CHOICE] = _json(_chosen(choice, limits, aims))
    if patch:
        texts[PATCH] = patch
    drawn = {f"{one.name}.png": one.draw for one in pictures(sample, choice, limits, aims)}
    names = [*texts, *drawn]
    # First what is stale: a patch must not lie beside a choice that it is not of.
    for name in sorted(_written(out) - {*names}):
        _remove(out / name)
    texts[PROVENANCE] = _json({**sample.provenance, "engine": sample.about["engine"], _FILES: names})
    for name, text in texts.items():
        replace_file(out / name, partial(_write, text))
    for name, draw in drawn.items():
        replace_file(out / name, partial(save, draw))


def _chosen(choice: Choice, limits: Sequence[Limit], aims: Sequence[Aim]) -> dict[str, Any]:
    return {
        "limits": [str(limit) for limit in limits],
        "aims": [{"statistic": str(aim.statistic), "sense": aim.sense} for aim in aims],
        **choice.as_dict(),
    }


def _written(out: Path) -> set[str]:
    """Return the names of the files that `write_results` left in the folder before, none outside of it."""
    try:
        found = json.loads((out / PROVENANCE).read_text(encoding="utf-8"))[_FILES]
        return {name for name in found if name == Path(name).name and name.endswith(_KINDS)} - {PLAN}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise refusal(path, error) from error
