"""What a sweep found: a row a run, sorted, the same whoever ran it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim._version import __version__
from sim.metrics import MEASURES
from sim.stats import parse_precision, reached
from sim.sweep.block import BAND_COLUMNS, Outcome
from sim.sweep.plan import LeftOut, Plan

KEYS = ("strategy", "replication")
RUN_COLUMNS = (*KEYS, *MEASURES)
BANDS_COLUMNS = ("strategy", *BAND_COLUMNS)
_TEXTS = ("series", *(name for name, meaning in MEASURES.items() if meaning.unit == "text"))


@dataclass(frozen=True)  # no slots: the checksum is kept
class Sample:
    """The runs of a plan.

    ``strategies``: a row a strategy (see `strategies_table`). ``runs``: a row a run, by strategy and
    replication, columns RUN_COLUMNS; infinity is a moment that did not come before the horizon, nan what is
    not defined. ``bands``: pods over time (see `block.bands_of`), by strategy. ``about``: what the plan says
    of itself (`describe`), and how many replications were asked for.
    """

    strategies: pd.DataFrame
    runs: pd.DataFrame
    bands: pd.DataFrame
    about: Mapping[str, Any] = field(repr=False)

    @cached_property
    def capped(self) -> tuple[int, ...]:
        """The strategies whose interval is wider than was asked for, with the most replications allowed."""
        asked = self.about["precision"]
        if asked is None:
            return ()
        narrow = reached(parse_precision(asked), self.runs)
        return tuple(narrow.index[~narrow].tolist())

    @property
    def labels(self) -> dict[int, str]:
        """The name of every strategy."""
        return dict(zip(self.strategies["strategy"].tolist(), self.strategies["label"].tolist(), strict=True))

    @property
    def axes(self) -> list[str]:
        """The keys of the axes."""
        return [str(column) for column in self.strategies.columns[2:]]

    @property
    def baseline(self) -> int:
        """The strategy that others are compared with: what is in force now, or else the first."""
        now: int | None = self.about["now"]
        return 0 if now is None else now

    @property
    def left_out(self) -> list[LeftOut]:
        """The combinations that were not simulated."""
        return [LeftOut(**one) for one in self.about["left_out"]]

    @cached_property
    def checksum(self) -> str:
        """16 hexadecimal characters over every cell of `runs`: equal for equal tables, whoever made them."""
        return checksum_of(self.runs)

    @property
    def provenance(self) -> dict[str, Any]:
        """What reproduces the sample, and its checksum; not who simulated it, which changes nothing."""
        names = ("version", "scenario", "digest", "seed", "kubernetes", "profile", "deployment")
        return {**{name: self.about[name] for name in names}, "checksum": self.checksum}


def checksum_of(table: pd.DataFrame) -> str:
    """Return 16 hexadecimal characters over every cell of a table of runs or of bands."""
    digest = hashlib.sha256()
    for name in map(str, table.columns):
        digest.update(name.encode())
        column = table[name]
        if name in _TEXTS:
            digest.update("\0".join(column.tolist()).encode("utf-8", "backslashreplace"))
        else:
            kind = column.to_numpy().dtype.kind
            digest.update(column.to_numpy().astype({"b": "u1", "i": "<i8"}.get(kind, "<f8")).tobytes())
    return digest.hexdigest()[:16]


def describe(plan: Plan) -> dict[str, Any]:
    """Return what can be known of a plan before it is run, fit for strict JSON."""
    base = plan.bases[0]
    return {
        "version": __version__,
        "scenario": base.name,
        "digest": plan.digest,
        "seed": plan.seed,
        "kubernetes": base.profile.kubernetes,
        "profile": base.profile.name,
        "deployment": plan.measured(),
        "deployments": [d.name for d in base.all_deployments],
        "description": base.description,
        "axes": list(plan.axes),
        "circumstances": list(plan.circumstances),
        "now": plan.now,
        "not_now": plan.not_now,
        "added": plan.added,
        "in_force": _document(plan, 0) if plan.in_force is None else dict(plan.in_force),
        "assumed": list(plan.assumed),
        "repeat": plan.repeat,
        "strategies": [
            {
                "number": s.number,
                "base": s.base,
                "label": s.label,
                "settings": dict(s.settings),
                "digest": s.digest,
            }
            for s in plan.strategies
        ],
        "left_out": [asdict(one) for one in plan.left_out],
        "documents": [_document(plan, number) for number in range(len(plan.bases))],
        "profiles": base.profile.document(),
        "horizon_s": base.horizon_s,
        "diagnostics": [str(diagnostic) for diagnostic in base.diagnostics],
    }


def strategies_table(about: Mapping[str, Any]) -> pd.DataFrame:
    """Return a row a strategy of what `describe` said: strategy (its number), label, and a column of text an
    axis, "" where it has no say. The axis that is called "strategy", too, is there as "strategy type".
    """
    rows = []
    for one in about["strategies"]:
        cells = [one["settings"].get(key, "") for key in about["axes"]]
        rows.append((one["number"], one["label"], *cells))
    heads = [{"strategy": "strategy type"}.get(key, key) for key in about["axes"]]
    return pd.DataFrame(rows, columns=["strategy", "label", *heads])


def _document(plan: Plan, base: int) -> Any:
    name = plan.measured(base)
    return next(dict(d.document) for d in plan.bases[base].all_deployments if d.name == name)


def runs_table(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """Return the runs of some outcomes, sorted by strategy and replication."""
    blocks = sorted((one for one in outcomes if one.columns), key=lambda one: one.task)
    keys = [np.repeat([one.task.strategy for one in blocks], [one.task.runs for one in blocks])]
    numbers = [np.arange(one.task.start, one.task.stop) for one in blocks]
    keys.append(np.concatenate([np.empty(0, dtype=np.int64), *numbers]))
    table: dict[str, Any] = {name: key.astype(np.int64) for name, key in zip(KEYS, keys, strict=True)}
    for name in MEASURES:
        table[name] = np.concatenate([one.columns[name] for one in blocks]) if blocks else []
    return pd.DataFrame(table, columns=list(RUN_COLUMNS), copy=False)


def bands_table(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Return the bands of some outcomes, by strategy."""
    parts = []
    for one in sorted(outcomes, key=lambda one: one.task):
        if one.bands is not None:
            part = pd.DataFrame(one.bands, columns=list(BAND_COLUMNS))
            part.insert(0, "strategy", one.task.strategy)
            parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(BANDS_COLUMNS))
