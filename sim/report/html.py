"""The page: question, answer, patch, charts, tables, assumptions, provenance, in one file without network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sim import charts
from sim.choose import Aim, Choice
from sim.report.candidates import roles
from sim.report.facts import METHODS, assumptions, notes, provenance, question
from sim.report.pictures import Picture, pictures
from sim.report.svg import inline
from sim.report.tables import Table, Tables
from sim.stats import Limit
from sim.sweep.sample import Sample
from sim.units import format_seconds

# A list or table longer than this is folded.
LONG = 12


def render(
    sample: Sample,
    choice: Choice | None = None,
    limits: Sequence[Limit] = (),
    aims: Sequence[Aim] = (),
    baseline: int | None = None,
    *,
    command: str = "",
    patch: str = "",
    repeat: str = "",
) -> str:
    """Return a page in HTML that holds everything it shows; equal arguments give equal text.

    ``limits`` and ``aims`` are those that ``choice`` was made by; ``baseline`` is the strategy that others
    are compared with. ``command`` and ``patch`` are the kubectl line and the YAML of the recommendation, ""
    where there is none; ``repeat`` is the line that makes the sample again. Raises ValueError for a baseline
    that is no strategy.
    """
    if baseline is None:
        baseline = sample.baseline
    found = roles(sample, choice, baseline)
    tables = Tables(sample, found)
    script, style = _part("page.js"), _part("page.css")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return page.from_string(_part("page.html.jinja")).render(
        about=sample.about,
        title=f"{sample.about['scenario']}: which rollout strategy?",
        # Our own script, and no other one, whatever a name says.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        script=Markup(script),
        style=Markup(style),
        question=question(sample),
        choice=choice,
        asked=[*map(str, limits), *map(str, aims)],
        command=command,
        patch=patch,
        figures=[(one, _figure(one)) for one in pictures(sample, choice, limits, aims, baseline)],
        tables=_tables(tables, limits, aims, baseline),
        left_off=tables.left_off,
        left_out=sample.left_out,
        notes=notes(sample),
        assumptions=assumptions(sample),
        methods=METHODS,
        provenance=provenance(sample),
        repeat=repeat,
        horizon=format_seconds(sample.about["horizon_s"]),
        long=LONG,
    )


def _tables(tables: Tables, limits: Sequence[Limit], aims: Sequence[Aim], baseline: int) -> list[Table]:
    found = [tables.overview(limits, aims)]
    if limits:
        found.append(tables.breaches(limits))
    if len(tables.shown) > 1 and baseline in tables.shown:
        found.append(tables.differences(baseline, aims))
    return found


def _figure(picture: Picture) -> Markup:
    # The SVG is written by a library for XML: every text in it is escaped.
    return Markup(inline(charts.svg(picture.draw), picture.name, picture.title))


def _part(name: str) -> str:
    return files("sim.report").joinpath(name).read_text(encoding="utf-8")
