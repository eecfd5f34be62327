"""What is simulated in the benchmarks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim.spec.override import override
from sim.spec.scenario import Scenario, load
from sim.sweep.axes import grid, parse_axis
from sim.sweep.plan import Plan
from sim.sweep.planning import plan_sweep

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "scenarios" / "manifests" / "testqc.yaml"
REPLICAS = (10, 50, 200, 1_000)
GROWTH = (10, 100, 1_000, 10_000)
HUNDRED = ("maxSurge=1,2,5,10%,25%,30%,40%,50%,75%,100%", "maxUnavailable=0,1,2,10%,15%,20%,25%,30%,40%,50%")
"""A grid of a hundred strategies."""


def scenario(replicas: int) -> Scenario:
    """The first scenario's Deployment with so many replicas, on the default profile, with time."""
    return replace(override(load(MANIFEST), [f"replicas={replicas}"]), horizon=36_000.0)


def plan_of(replicas: int, *axes: str) -> Plan:
    """Every combination of the axes' values."""
    return plan_sweep(scenario(replicas), grid(list(map(parse_axis, axes))))
