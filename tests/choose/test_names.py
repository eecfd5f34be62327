"""Short names: keys are shortened, values never."""

from __future__ import annotations

import pytest

from sim.choose.names import group_name, name_of, phrase_of


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"maxSurge": "50%", "maxUnavailable": "0"}, "50 % / 0"),
        ({"maxUnavailable": "0", "maxSurge": "50%", "minReadySeconds": "5"}, "50 % / 0, minReady 5"),
        ({"strategy": "RollingUpdate", "maxSurge": "1", "maxUnavailable": "0"}, "1 / 0"),
        ({"strategy": "RollingUpdate", "maxSurge": "1"}, "RollingUpdate, maxSurge 1"),
        ({"strategy": "Recreate", "maxSurge": ""}, "Recreate"),
        ({"readinessProbe.periodSeconds": "5"}, "readiness period 5"),
        ({"spec.template.spec.terminationGracePeriodSeconds": "9"}, "terminationGracePeriodSeconds 9"),
        # Two keys of one name keep all of theirs.
        ({"spec.a.x": "1", "spec.b.x": "2"}, "spec.a.x 1, spec.b.x 2"),
        ({}, ""),
    ],
)
def test_a_name(settings: dict[str, str], name: str) -> None:
    assert name_of(settings) == name


def test_a_phrase_has_the_whole_keys() -> None:
    settings = {"maxSurge": "50%", "maxUnavailable": "0", "minReadySeconds": "5"}
    assert phrase_of(settings) == "maxSurge 50 %, maxUnavailable 0, minReadySeconds 5"


def shares(*surges: str, unavailable: str = "0") -> list[dict[str, str]]:
    return [{"maxSurge": one, "maxUnavailable": unavailable} for one in surges]


@pytest.mark.parametrize(
    ("members", "replicas", "name"),
    [
        (shares("10%", "16%", "12%"), 6, "1 = 10 % to 16 % / 0"),
        (shares("1", "10%"), 6, "1 = 10 % / 0"),
        # Two points that mean one.
        ([*shares("1"), *shares("25%", unavailable="25%")], 3, "1 = 25 % / 0 = 25 %"),
        # All at once: more makes no difference.
        (shares("3", "4", "100%"), 3, "3 to 4 = 100 % / 0"),
        # What a share means is not one number.
        (shares("16%", "10%"), None, "10 % to 16 % / 0"),
        (shares("1", "10%", "16%"), None, "1 or 10 % to 16 % / 0"),
        # Neither leaves room: Kubernetes lets one go.
        ([{"maxSurge": "0", "maxUnavailable": one} for one in ("1", "10%")], 5, "0 / 1 = 10 %"),
        ([{"minReadySeconds": one} for one in ("5", "0")], 3, "minReady 0 to 5"),
        ([{"strategy": one} for one in ("a", "b")], 3, "a or b"),
        # No product of values: what lies between is not meant.
        ([*shares("1"), *shares("2", unavailable="1")], 9, "1 / 0 (and 1 more alike)"),
    ],
)
def test_a_group_is_named_by_what_it_comes_to(
    members: list[dict[str, str]], replicas: int | None, name: str
) -> None:
    assert group_name(members, replicas) == name
