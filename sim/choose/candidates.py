"""Candidates: strategies that differ in circumstances only, judged together by the worst of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.choose.aims import Aim
from sim.choose.front import Floats, Ints
from sim.stats import Limit, confidence, value

_NO_AXIS = ("strategy", "label")


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What can be chosen: per candidate its lowest strategy number and label; `of` is a Series from every
    strategy number to its candidate, 0, 1, …; `apart` has the labels of what cannot be compared with them,
    since it was not simulated under every circumstance that another one was.
    """

    strategies: Ints
    labels: tuple[str, ...]
    of: pd.Series
    apart: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)


def candidates(strategies: pd.DataFrame, circumstances: Sequence[str]) -> Candidates:
    """Return the candidates in the order of their lowest strategies: those equal in all axes that are no
    circumstances are one. Those that were not simulated under every circumstance are `apart`.

    Raises ValueError when a circumstance is no axis.
    """
    axes = [column for column in strategies.columns if column not in _NO_AXIS]
    for name in circumstances:
        if name not in axes:
            raise ValueError(f"no axis is called {name!r}")
    table = strategies.sort_values("strategy")
    if not circumstances:
        every = table["strategy"].to_numpy(np.int64)
        of = pd.Series(np.arange(len(table)), index=every)
        return Candidates(every, tuple(table["label"]), of)
    chosen = [axis for axis in axes if axis not in circumstances]
    numbers: dict[str, list[int]] = {}
    met: dict[str, set[tuple[str, ...]]] = {}
    for number, *cells in table[["strategy", *chosen, *circumstances]].itertuples(index=False, name=None):
        label = " ".join(f"{axis}={text}" for axis, text in zip(chosen, cells, strict=False) if text)
        numbers.setdefault(label, []).append(number)
        met.setdefault(label, set()).add(tuple(cells[len(chosen) :]))
    # The worst of some circumstances is no match for the worst of all.
    all_of_them = set[tuple[str, ...]]().union(*met.values())
    labels = [label for label in numbers if met[label] == all_of_them]
    return Candidates(
        np.array([numbers[label][0] for label in labels], np.int64),
        tuple(labels),
        pd.Series({number: i for i, label in enumerate(labels) for number in numbers[label]}, dtype=np.int64),
        tuple(label for label in numbers if label not in labels),
    )


def aim_values(who: Candidates, runs: pd.DataFrame, aim: Aim) -> Floats:
    """Return the worst value of the aim's statistic per candidate; nan, no value, is worse than any other."""
    found = value(aim.statistic, runs)
    values = np.asarray(found, np.float64)
    return _worst(values, values if aim.sense == "minimize" else -values, _group(who, found.index))


def limit_values(who: Candidates, runs: pd.DataFrame, limit: Limit) -> Floats:
    """Return per candidate the value that is furthest beyond the limit, or the least far within it; it keeps
    the limit only when all values do.

    The values are those of the statistic in each strategy, or of the measure in each run.
    """
    if limit.statistic is None:
        values = np.asarray(runs[limit.requirement.measure], np.float64)
        numbers = pd.Index(runs["strategy"])
    else:
        found = value(limit.statistic, runs)
        values, numbers = np.asarray(found, np.float64), found.index
    return _worst(values, excess(values, limit), _group(who, numbers))


def excess(values: Floats, limit: Limit) -> Floats:
    """Return how far values are beyond the limit, negative within it; nan where there is no value."""
    wanted = limit.requirement.value
    with np.errstate(invalid="ignore"):
        beyond = np.where(values == wanted, 0.0, values - wanted)
    if limit.requirement.op == "==":
        return np.abs(beyond)
    return beyond if limit.requirement.op in ("<=", "<") else -beyond


def sureness_of(who: Candidates, runs: pd.DataFrame, limits: Sequence[Limit]) -> pd.DataFrame:
    """Return n (runs of a strategy) and the probability that it meets every limit per candidate, each the
    least of its strategies: whichever circumstance is the true one, it is no less.
    """
    found = confidence(runs, limits).set_index("strategy")
    return found.groupby(_group(who, found.index)).min()


def _group(who: Candidates, numbers: pd.Index) -> Ints:
    return who.of.loc[numbers].to_numpy(np.int64)


def _worst(values: Floats, badness: Floats, group: Ints) -> Floats:
    """Return of each group 0, 1, … the value with the greatest badness, nan before all others."""
    order = np.lexsort([-badness, ~np.isnan(badness), group])
    _, first = np.unique(group[order], return_index=True)
    return values[order[first]]
