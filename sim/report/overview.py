"""The first table to look at: a row a strategy, the few statistics by which strategies differ."""

from __future__ import annotations

import pandas as pd

from sim.stats import parse_statistic, value
from sim.sweep.sample import Sample

OVERVIEW = (
    "median(duration_s)",
    "p95(duration_s)",
    "p5(min_availability)",
    "p95(below_desired_s)",
    "p95(peak_physical)",
    "p95(peak_pods)",
    "mean(extra_pod_s)",
    "mean(complete)",
)


def overview(sample: Sample) -> pd.DataFrame:
    """Return a row a strategy, in their order: strategy, label, and the statistics OVERVIEW.

    Values are in their measures' units, shares (availability, complete runs) from 0 to 1; infinity is a
    rollout that does not complete before the horizon.
    """
    table = sample.strategies[["strategy", "label"]].copy()
    for text in OVERVIEW:
        table[text] = table["strategy"].map(value(parse_statistic(text), sample.runs)).astype("float64")
    return table
