"""Sweeps made by hand: the tables of strategies and runs that a choice is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

Runs = Sequence[Mapping[str, Any]]


def sweep(*strategies: tuple[Mapping[str, str], Runs]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (strategies, runs) of strategies given as (settings, the measures of each replication)."""
    settings = [
        {"strategy": i, "label": " ".join(f"{axis}={text}" for axis, text in axes.items() if text), **axes}
        for i, (axes, _) in enumerate(strategies)
    ]
    runs = [
        {"strategy": i, "replication": replication, **measures}
        for i, (_, replications) in enumerate(strategies)
        for replication, measures in enumerate(replications)
    ]
    return pd.DataFrame(settings), pd.DataFrame(runs)


def surges(*costs: tuple[float, float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a sweep over maxSurge 0, 1, … with two replications each of (duration_s, peak_physical)."""
    return sweep(
        *(
            ({"maxSurge": str(i)}, [{"duration_s": float(seconds), "peak_physical": int(pods)}] * 2)
            for i, (seconds, pods) in enumerate(costs)
        )
    )
