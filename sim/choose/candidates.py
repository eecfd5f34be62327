"""Candidates: strategies that differ in circumstances only, or that come to the same, are one; each is judged
by the worst of its circumstances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.choose.aims import Aim
from sim.choose.front import Floats, Ints
from sim.choose.names import AS_IT_IS, Settings, group_name, name_of
from sim.stats import Limit, confidence, value

_NO_AXIS = ("strategy", "label")
# What the axis "strategy" is called in a table whose first column has that name.
_TYPE = "strategy type"


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What can be chosen: per candidate the strategy that stands for it, that one's label, its short name and
    its settings; `of` is a Series from every strategy number to its candidate, 0, 1, …; `apart` has the names
    of what cannot be compared with them, since it was not simulated under every circumstance that another one
    was.
    """

    strategies: Ints
    labels: tuple[str, ...]
    names: tuple[str, ...]
    settings: tuple[Settings, ...]
    of: pd.Series
    apart: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Strategies that are equal in all that can be chosen: each one's number by its circumstances."""

    label: str
    settings: Settings
    numbers: dict[tuple[str, ...], int]


def candidates(
    strategies: pd.DataFrame,
    runs: pd.DataFrame,
    circumstances: Sequence[str],
    now: int | None = None,
    replicas: int | None = None,
) -> Candidates:
    """Return the candidates in the order of their lowest strategies: those equal in all axes that are no
    circumstances are one, and those whose runs are all equal, too, which the strategy `now` stands for if it
    is among them, else the first. Those that were not simulated under every circumstance are `apart`.

    `replicas` is how many pods all of them ask for (None: not one number), for names. Raises ValueError when
    a circumstance is no axis.
    """
    told = _told_apart(strategies, circumstances)
    # The worst of some circumstances is no match for the worst of all.
    all_of_them = {given for one in told for given in one.numbers}
    whole = [one for one in told if set(one.numbers) == all_of_them]
    prints = _fingerprints(runs)
    groups: dict[tuple[bytes, ...], list[_Choice]] = {}
    for one in whole:
        groups.setdefault(tuple(prints[one.numbers[given]] for given in sorted(one.numbers)), []).append(one)
    for group in groups.values():
        group.sort(key=lambda one: now not in one.numbers.values())
    found = sorted(groups.values(), key=lambda group: min(min(one.numbers.values()) for one in group))
    return Candidates(
        np.array([min(group[0].numbers.values()) for group in found], np.int64),
        tuple(group[0].label for group in found),
        tuple(_name(group, replicas) for group in found),
        tuple(group[0].settings for group in found),
        pd.Series(
            {number: i for i, group in enumerate(found) for one in group for number in one.numbers.values()},
            dtype=np.int64,
        ),
        tuple(name_of(one.settings) or one.label for one in told if set(one.numbers) != all_of_them),
    )


def _told_apart(strategies: pd.DataFrame, circumstances: Sequence[str]) -> list[_Choice]:
    axes = [column for column in strategies.columns if column not in _NO_AXIS]
    for name in circumstances:
        if name not in axes:
            raise ValueError(f"no axis is called {name!r}")
    chosen = [axis for axis in axes if axis not in circumstances]
    keys = [axis if axis != _TYPE else "strategy" for axis in chosen]
    found: dict[object, _Choice] = {}
    columns = ["strategy", "label", *chosen, *circumstances]
    for number, label, *cells in strategies.sort_values("strategy")[columns].itertuples(
        index=False, name=None
    ):
        own, given = cells[: len(chosen)], tuple(cells[len(chosen) :])
        settings = {key: text for key, text in zip(keys, own, strict=True) if text}
        # Whole scenarios side by side may all have no settings.
        key = tuple(own) if circumstances else number
        name = " ".join(f"{axis}={text}" for axis, text in settings.items()) if circumstances else label
        found.setdefault(key, _Choice(name, settings, {})).numbers[given] = number
    return list(found.values())


def _fingerprints(runs: pd.DataFrame) -> dict[int, bytes]:
    """Return of every strategy's runs what is equal when they are."""
    ordered = runs.sort_values(["strategy", "replication"])
    rows = pd.util.hash_pandas_object(ordered.drop(columns="strategy"), index=False)
    grouped = rows.groupby(ordered["strategy"])
    return {int(number): part.to_numpy().tobytes() for number, part in grouped}


def _name(group: Sequence[_Choice], replicas: int | None) -> str:
    if not group[0].settings or len(group) == 1:
        return name_of(group[0].settings) or group[0].label or AS_IT_IS
    return group_name([one.settings for one in group if one.settings], replicas)


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
