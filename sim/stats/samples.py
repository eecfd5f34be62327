"""The table of runs as arrays: the strategies with equally many replications together, a row a strategy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.metrics import MEASURES
from sim.stats.intervals import Floats
from sim.units import nearest

Integers = NDArray[np.int64]


class Group(NamedTuple):
    """Strategies with n replications each: their numbers [m], their `places` [m] among all strategies in
    ascending order, and `rows` [m, n], where the runs table has the run of each and of replication 0..n-1.
    """

    strategies: Integers
    places: Integers
    rows: Integers

    @property
    def n(self) -> int:
        """Return the number of replications."""
        return int(self.rows.shape[1])


def strategies_of(runs: pd.DataFrame) -> Integers:
    """Return the numbers of the strategies [k], ascending."""
    return np.unique(runs["strategy"].to_numpy(dtype=np.int64))


def groups(runs: pd.DataFrame) -> Iterator[Group]:
    """Yield the strategies of ``runs``, whose rows may be in any order, by number of replications.

    Raises ValueError where the replications of a strategy are not 0, 1, … without gaps.
    """
    strategy = runs["strategy"].to_numpy(dtype=np.int64)
    replication = runs["replication"].to_numpy(dtype=np.int64)
    order = np.lexsort((replication, strategy))
    numbers, starts, counts = np.unique(strategy[order], return_index=True, return_counts=True)
    for n in np.unique(counts):
        places = np.flatnonzero(counts == n)
        rows = order[starts[places][:, None] + np.arange(n)]
        if (replication[rows] != np.arange(n)).any():
            raise ValueError("a strategy's replications must be 0, 1, … without gaps")
        yield Group(numbers[places], places, rows)


def numeric(runs: pd.DataFrame, measures: Sequence[str] | None = None) -> list[str]:
    """Return the ``measures``, or all that the runs have, without texts and in the order of MEASURES.

    Raises ValueError for one that the runs do not have, or that is text.
    """
    known = [name for name in MEASURES if name in runs.columns and MEASURES[name].unit != "text"]
    if measures is None:
        return known
    for name in measures:
        if name not in known:
            near = nearest(name, known)
            hint = f"; did you mean {near}?" if near else ""
            raise ValueError(f"the runs have no measure {name!r} with numbers{hint}")
    return [name for name in known if name in measures]


def column(runs: pd.DataFrame, measure: str) -> Floats:
    """Return a measure of all rows as float64, yes as 1."""
    numeric(runs, [measure])
    return runs[measure].to_numpy(dtype=np.float64)
