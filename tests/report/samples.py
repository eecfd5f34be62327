"""Samples made by hand: a strategy's runs are what a function of its settings says."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.metrics import MEASURES
from sim.spec.profile import BUILT_IN
from sim.sweep.block import BANDS
from sim.sweep.sample import Sample, strategies_table

Settings = Mapping[str, str]
REPLICATIONS = 20
PLAIN: dict[str, Any] = {
    "outcome": "complete",
    "complete": True,
    "stuck": False,
    "stuck_reason": "",
    "min_availability": 1.0,
    "mean_availability": 1.0,
    "deadline_exceeded_s": float("inf"),
}


def grid(**axes: Sequence[str]) -> list[dict[str, str]]:
    """Return every combination of the axes' values, the last axis fastest."""
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


def made(
    points: Sequence[Settings],
    measured: Callable[[Settings, int], Mapping[str, Any]] = lambda settings, replication: {},
    circumstances: Sequence[str] = (),
    **about: Any,
) -> Sample:
    """Return the sample of strategies with these settings; ``measured`` gives those measures of a run that
    are not PLAIN, or 0.
    """
    axes = list(dict.fromkeys(key for point in points for key in point))
    profile = BUILT_IN["fast"]
    labels = [" ".join(f"{key}={text}" for key, text in point.items()) for point in points]
    told = {
        "version": "1.2.3",
        "scenario": "shop",
        "digest": "0123456789abcdef",
        "seed": 7,
        "kubernetes": "newest",
        "profile": profile.name,
        "profiles": profile.document(),
        "deployment": "shop",
        "deployments": ["shop"],
        "description": "",
        "axes": axes,
        "circumstances": list(circumstances),
        "now": None,
        "not_now": "",
        "added": 0,
        "assumed": [],
        "in_force": {"metadata": {"name": "shop"}, "spec": {"replicas": 4}},
        "repeat": "",
        "strategies": [
            {"number": n, "base": 0, "label": label, "settings": dict(point), "digest": str(n)}
            for n, (label, point) in enumerate(zip(labels, points, strict=True))
        ],
        "left_out": [],
        "documents": [{"metadata": {"name": "shop"}, "spec": {"replicas": 4}}],
        "horizon_s": 3600.0,
        "diagnostics": [],
        "replications": REPLICATIONS,
        "precision": None,
        "most": None,
        "engine": "kernel",
        **about,
    }
    rows = [
        {"strategy": n, "replication": r, **dict.fromkeys(MEASURES, 0), **PLAIN, **measured(point, r)}
        for n, point in enumerate(points)
        for r in range(REPLICATIONS)
    ]
    runs = pd.DataFrame(rows)
    for name, meaning in MEASURES.items():
        kind = {"yes/no": "bool", "pods": "int64", "text": "object"}.get(meaning.unit, "float64")
        runs[name] = runs[name].astype(kind)
    return Sample(strategies_table(told), runs, _bands(len(points)), told)


def usual(settings: Settings, replication: int) -> dict[str, Any]:
    """Return a run that is faster with more surge, and dips with more unavailable pods."""
    surge, unavailable = (int(settings.get(key, "1").rstrip("%")) for key in ("maxSurge", "maxUnavailable"))
    return {
        "duration_s": 60.0 / (1 + surge + unavailable) + replication,
        "min_availability": 1 - unavailable / 4,
        "below_desired_s": 5.0 * unavailable,
        "peak_pods": 4 + surge,
        "peak_physical": 5 + surge + replication % 2,
        "extra_pod_s": 3.0 * surge + replication,
    }


def _bands(strategies: int) -> pd.DataFrame:
    moments = np.array([0.0, 1.0, 5.0, 9.0])
    parts = []
    for number, series in itertools.product(range(strategies), BANDS):
        middle = np.array([4.0, 4.0 - number % 3, 3.0, 4.0])
        low, high = middle - 1, middle + 1
        columns = {"time_s": moments, "p5": low, "median": middle, "p95": high}
        parts.append(pd.DataFrame({"strategy": number, "series": series, **columns}))
    return pd.concat(parts, ignore_index=True)
