"""Which pods a Service sends traffic to."""

from __future__ import annotations

from itertools import product

import pytest

from sim.rules import endpoints as rules


@pytest.mark.parametrize(
    ("ready", "terminating", "publish", "expected"),
    [
        (True, False, False, True),
        (True, True, False, False),
        (False, False, False, False),
        (False, True, True, True),
        (True, False, True, True),
    ],
)
def test_ready(ready, terminating, publish, expected):
    assert rules.endpoint_is_ready(ready, terminating, publish) is expected


def test_listed():
    assert rules.endpoint_is_listed(False, True, False, False)
    assert not rules.endpoint_is_listed(True, True, False, True)
    assert not rules.endpoint_is_listed(False, False, False, True)
    assert not rules.endpoint_is_listed(False, True, True, False)
    assert rules.endpoint_is_listed(False, True, True, True)


def test_serving_does_not_ask_for_termination():
    assert rules.endpoint_is_serving(True)
    assert not rules.endpoint_is_serving(False)


def test_the_last_resort_are_terminating_pods_that_still_serve():
    assert rules.takes_traffic(False, True, True, 0, True)
    assert not rules.takes_traffic(False, True, True, 1, True)
    assert not rules.takes_traffic(False, True, True, 0, False)
    assert not rules.takes_traffic(False, False, True, 0, True)
    assert rules.takes_traffic(True, True, False, 1, True)


@pytest.mark.parametrize(("endpoints", "slices"), [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
def test_slices(endpoints, slices):
    assert rules.slices_needed(endpoints) == slices


def test_a_ready_endpoint_always_takes_traffic_and_an_unready_one_never_beside_it():
    for serving, terminating, proxies in product((False, True), repeat=3):
        assert rules.takes_traffic(True, serving, terminating, 1, proxies)
        assert not rules.takes_traffic(False, serving, terminating, 1, proxies)
