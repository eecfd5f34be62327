"""Texts stand where nothing else is, and so do the lines that lead to them."""

from __future__ import annotations

import numpy as np
import pytest

from sim.charts.places import Taken
from sim.charts.style import new_axes

POINT = np.array([0.5, 0.5])


def free() -> Taken:
    return Taken(new_axes())


def test_the_first_place_is_to_the_right_above_and_in_points() -> None:
    assert free().beside(POINT, wide=1.0, high=0.2, away=0.1) == pytest.approx((72 * 0.6, 72 * 0.2))


def test_a_text_makes_way_for_points_lines_and_texts() -> None:
    taken = free()
    x, y = taken.axes.bbox.size / taken.dpi
    taken.add(POINT[None] + [[0.6 / x, 0.2 / y]])
    assert taken.beside(POINT, 1.0, 0.2, 0.1) == pytest.approx((72 * 0.6, -72 * 0.2))
    taken.add_lines(np.array([[0.0, 0.5 + 0.2 / y], [0.49, 0.5 + 0.2 / y]]))
    assert taken.beside(POINT, 1.0, 0.2, 0.1) == pytest.approx((-72 * 0.6, -72 * 0.2))


def test_no_line_leads_through_another_text() -> None:
    taken = free()
    assert taken.beside(POINT, 0.5, 0.3, 0.1) is not None
    offset = taken.beside(POINT, 0.5, 0.3, 0.6)
    assert offset is not None
    # Further out to the right above there is room, but the first text is on the way.
    assert offset[1] < 0


def test_where_everything_is_taken_there_is_no_place() -> None:
    taken = free()
    taken.add(np.stack([axis.ravel() for axis in np.meshgrid(*[np.linspace(0, 1, 60)] * 2)], axis=1))
    assert taken.beside(POINT, 0.5, 0.3, 0.1) is None
