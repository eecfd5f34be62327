"""With surge 100 % and unavailable 0 all new pods start at once: the rollout takes as long as the slowest of
n start-ups, whose distribution function is the n-th power of one start-up's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from sim.spec.scenario import load
from sim.stats import summarize
from sim.sweep.axes import grid, parse_axis
from sim.sweep.planning import plan_sweep
from sim.sweep.rounds import sweep

REPLICAS = (1, 10, 50)
LAWS = {
    "exponential": ({"exponential": {"mean": 5}}, stats.expon(scale=5)),
    "lognormal": ({"lognormal": {"median": 4, "sigma": 0.5}}, stats.lognorm(0.5, scale=4)),
}


def slowest(law: stats.rv_continuous, n: int) -> tuple[float, Callable[[float], float]]:
    """Return the mean and the quantile function of the maximum of n independent draws."""
    mean, _ = integrate.quad(lambda t: 1 - law.cdf(t) ** n, 0, law.isf(1e-12), limit=200)
    return mean, lambda p: float(law.ppf(p ** (1 / n)))


def test_the_maximum_of_exponentials_is_the_textbooks() -> None:
    mean, quantile = slowest(LAWS["exponential"][1], 10)
    assert mean == pytest.approx(5 * sum(1 / k for k in range(1, 11)))  # Rényi's representation
    assert quantile(0.95) == pytest.approx(-5 * math.log(1 - 0.95**0.1))


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_mean_and_p95_are_within_their_intervals_of_the_closed_form(root: Path, law: str) -> None:
    start, distribution = LAWS[law]
    profile = {"base": "textbook", "pods": {"start": start}}
    scenario = load(root / "scenarios" / "manifests" / "testqc.yaml", profile=profile)
    axes = ["maxSurge=100%", "maxUnavailable=0", "replicas=" + ",".join(map(str, REPLICAS))]
    sample = sweep(plan_sweep(scenario, grid(list(map(parse_axis, axes)))), 400)
    # One seed is one draw: that 95 % intervals cover the truth 95 times in 100 is held by test_coverage.
    table = summarize(sample.runs, ["duration_s"], level=0.999)
    for n, row in zip(REPLICAS, table.itertuples(), strict=True):
        mean, quantile = slowest(distribution, n)
        assert row.mean_low <= mean <= row.mean_high
        assert row.p95_low <= quantile(0.95) <= row.p95_high
        # The intervals are narrow enough to tell a maximum of n from one of n + 50 %.
        wrong, _ = slowest(distribution, n + n // 2)
        assert n == 1 or not row.mean_low <= wrong <= row.mean_high
    durations = sample.runs.groupby("strategy")["duration_s"]
    assert all(np.isfinite(values).all() for _, values in durations)
