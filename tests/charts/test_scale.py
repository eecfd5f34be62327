"""When an axis is logarithmic, and what is written on it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.charts.scale import LINEAR, LogTicks, Scale, scale_of
from tests.charts.tables import INF, NAN


@pytest.mark.parametrize(
    ("values", "unit", "log"),
    [
        ([1.0, 10.1], "s", True),
        ([1.0, 10.0], "s", False),
        ([1.0, INF, NAN, 10.1], "s", True),
        ([1.0, INF], "s", False),
        ([0.0, 1.0, 100.0], "pods", False),
        ([-1.0, 100.0], "pods", False),
        ([0.05, 1.0], "ratio", False),
        ([0.05, 1.0], "yes/no", False),
        ([0.05, 1.0], "", True),
        ([NAN, INF], "s", False),
        ([], "s", False),
    ],
)
def test_only_wide_values_above_zero_that_are_no_shares_are_logarithmic(
    values: list[float], unit: str, log: bool
) -> None:
    assert scale_of(np.array(values), unit).log is log


@pytest.mark.parametrize(
    ("low", "high", "unit", "ticks"),
    [
        (50, 1300, "s", [60, 120, 300, 600, 1200]),
        (3, 100, "s", [5, 10, 20, 30, 60]),
        (0.04, 2, "s", [0.05, 0.1, 0.2, 0.5, 1, 2]),
        (1000, 90000, "s", [1200, 1800, 3600, 7200, 18000, 36000, 86400]),
        (40000, 600000, "s", [86400, 100000, 200000, 500000]),
        (0.5, 90000, "s", [1, 10, 60, 600, 3600, 86400]),
        (3, 120, "pods", [5, 10, 20, 50, 100]),
        (1, 1e4, "pod s", [1, 10, 100, 1000, 10000]),
    ],
)
def test_ticks_are_numbers_that_people_write(low: float, high: float, unit: str, ticks: list[float]) -> None:
    assert LogTicks(unit).tick_values(low, high) == ticks


def test_ticks_of_any_span_are_some_but_not_many() -> None:
    for decades in (1.05, 2, 5, 9, 15):
        for start in np.geomspace(1e-3, 1e5, 30):
            for unit in ("s", "pods"):
                ticks = LogTicks(unit).tick_values(start, start * 10**decades)
                assert 2 <= len(ticks) <= 8, (start, decades, unit, ticks)


def test_places_are_shares_of_a_length_on_paper() -> None:
    assert LINEAR.between(10, 30, 0.25) == 15
    assert math.isclose(Scale(log=True).between(10, 1000, 0.5), 100)
    assert math.isclose(Scale(log=True).between(10, 100, -1), 1)
