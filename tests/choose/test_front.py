"""The front is what the definition says, and the order of losses is that of the sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.choose.front import losses, pareto_front, ranking

INF = math.inf


@pytest.mark.parametrize(
    ("costs", "on"),
    [
        ([(1, 3), (2, 2), (2, 3), (1, 3)], [True, True, False, True]),  # equal ones are both kept
        ([(1, 1), (1, 2), (2, 1)], [True, False, False]),  # as good in one and better in the other
        ([(3, 1), (2, 2), (1, 3)], [True, True, True]),
        ([(5,), (4,), (4,), (INF,)], [False, True, True, False]),
        ([(INF, 1), (INF, 2), (7, INF)], [True, False, True]),
        ([(INF, INF), (INF, INF)], [True, True]),
        ([(-INF, 2), (-INF, 1), (0, 0)], [False, True, True]),
    ],
)
def test_fronts_worked_out_by_hand(costs: list[tuple[float, ...]], on: list[bool]) -> None:
    assert pareto_front(np.array(costs, float)).tolist() == on


cells = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([INF, -INF]))
points = st.integers(1, 4).flatmap(
    lambda aims: st.lists(st.tuples(*[cells] * aims), min_size=1, max_size=14).map(lambda p: np.array(p))
)


@pytest.mark.property
@given(points)
def test_the_front_is_that_of_comparing_all_with_all(costs: np.ndarray) -> None:
    def dominates(one: np.ndarray, other: np.ndarray) -> bool:
        pairs = list(zip(one, other, strict=True))
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

    expected = [not any(dominates(other, point) for other in costs) for point in costs]
    assert pareto_front(costs).tolist() == expected
    assert any(expected)


def test_losses_worked_out_by_hand() -> None:
    # 40 is the best of the first; the second's best is 0, so the range up to 8 is the scale.
    found = losses(np.array([(40.0, 8.0), (50.0, 0.0), (60.0, 2.0), (INF, INF)]))
    assert found.tolist() == [[0.0, 1.0], [0.25, 0.0], [0.5, 0.25], [INF, INF]]
    # Of a maximized aim the costs are negative: half as much loses all of it, nothing loses endlessly much.
    assert losses(np.array([(-1.0,), (-0.8,), (-0.5,), (0.0,)])).ravel().tolist() == [0.0, 0.25, 1.0, INF]
    # Where some have less than nothing there is no ratio.
    assert losses(np.array([(-4.0,), (-1.0,), (2.0,)])).ravel().tolist() == [0.0, 0.75, 1.5]
    assert losses(np.array([(0.0,), (0.0,)])).ravel().tolist() == [0.0, 0.0]
    assert losses(np.array([(INF,), (INF,)])).ravel().tolist() == [0.0, 0.0]
    assert losses(np.array([(-INF,), (5.0,)])).ravel().tolist() == [0.0, INF]
    assert losses(np.array([(0.0,), (INF,)])).ravel().tolist() == [0.0, INF]
    assert losses(np.empty((0, 2))).shape == (0, 2)


def test_equal_sums_go_by_the_aims_in_turn_and_then_by_the_number() -> None:
    # Losses: (0.5, 0), (0, 0.5), (0.25, 0.25) and (0, 0.5) again.
    assert ranking(np.array([(15, 10), (10, 15), (12.5, 12.5), (10, 15)], float)).tolist() == [1, 3, 2, 0]
    # 0.1 + 0.2 is no more than 0.3, whatever floats say: the first aim decides.
    assert ranking(np.array([(13, 10), (11, 12), (10, 20)], float)).tolist() == [1, 0, 2]


@pytest.mark.property
@given(points)
def test_the_first_on_the_front_loses_least_of_all(costs: np.ndarray) -> None:
    order, sums = ranking(costs), losses(costs).sum(axis=1)
    assert sorted(order.tolist()) == list(range(len(costs)))
    assert not np.isnan(sums).any()
    assert sums[order[0]] == pytest.approx(sums.min())
    front = pareto_front(costs)
    assert sums[next(i for i in order if front[i])] == pytest.approx(sums.min())
