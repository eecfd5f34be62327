"""What a Deployment was asked for: which change begins a rollout, and which takes one back."""

from __future__ import annotations

import math

import pytest

from sim.metrics.asked import asked_for, version_names
from sim.trace import COLUMNS, Table


def specs(*rows: tuple[str, str]) -> Table:
    """Return rows (reason, ReplicaSet) a second apart."""
    table: Table = {name: [] for name in COLUMNS["specs"]}
    for second, (reason, replicaset) in enumerate(rows):
        cells = (float(second), "web", reason, replicaset, f"web:{replicaset}", 3, 1, False)
        for values, cell in zip(table.values(), cells, strict=True):
            values.append(cell)
    return table


SESSIONS = {
    "nothing is asked for": ([("", "a"), ("", "a")], []),
    "an update": ([("", "a"), ("", "b")], ["b"]),
    "a creation": ([("Created", "a")], ["+a"]),
    "created and updated": ([("Created", "a"), ("", "b")], ["+a", "b"]),
    "a third template": ([("", "a"), ("", "b"), ("", "c")], ["b", "c"]),
    "the template before is applied again": ([("", "a"), ("", "b"), ("", "a")], ["b!", "undo a"]),
    "undone": ([("", "a"), ("", "b"), ("Undone", "a")], ["b!", "undo a"]),
    "undone to an older one": (
        [("", "a"), ("", "b"), ("", "c"), ("Undone", "a")],
        ["b", "c!", "undo a"],
    ),
    "an older one is applied": ([("", "a"), ("", "b"), ("", "c"), ("", "a")], ["b", "c", "a"]),
    "what was undone is applied again": (
        [("", "a"), ("", "b"), ("Undone", "a"), ("", "b")],
        ["b!", "undo a!", "b"],
    ),
    "an undo is undone": (
        [("", "a"), ("", "b"), ("Undone", "a"), ("Undone", "b")],
        ["b!", "undo a!", "undo b"],
    ),
    "a creation is not taken back by its second template": ([("Created", "a"), ("", "b")], ["+a", "b"]),
    "deleted and created anew": (
        [("", "a"), ("", "b"), ("Deleted", "b"), ("Created", "a")],
        ["b", "+a"],
    ),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_rollouts_of_a_session(name: str) -> None:
    rows, expected = SESSIONS[name]
    found = asked_for(specs(*rows))
    told = [
        ("+" if one.creation else "")
        + ("undo " if one.undo else "")
        + one.replicaset
        + ("!" if one.taken_back else "")
        for one in found
    ]
    assert told == expected
    assert [one.number for one in found] == list(range(1, len(found) + 1))


def test_the_next_rollout_or_the_deletion_ends_one() -> None:
    first, second = asked_for(specs(("", "a"), ("", "b"), ("", "b"), ("", "c")))
    assert (first.began_s, first.ends_s, second.began_s, second.ends_s) == (1.0, 3.0, 3.0, math.inf)
    (deleted,) = asked_for(specs(("", "a"), ("", "b"), ("Deleted", "b")))
    assert (deleted.ends_s, deleted.replaced, deleted.taken_back) == (2.0, True, False)


@pytest.mark.parametrize(
    ("images", "names"),
    [
        ({"a": "hub/shop:v1", "b": "hub/shop:v2"}, ["v1", "v2"]),
        ({"a": "hub:5000/shop:v1", "b": "hub:5000/shop:v2@sha256:ab"}, ["v1", "v2"]),
        ({"a": "hub/shop:v1", "b": "hub/shop:v1"}, ["revision 1", "revision 2"]),
        ({"a": "hub/shop:v1", "b": "hub/cart:v1"}, ["shop:v1", "cart:v1"]),
        ({"a": "hub/shop", "b": "hub/shop:v2"}, ["latest", "v2"]),
        ({"a": f"shop@sha256:{'0' * 64}", "b": f"shop@sha256:{'1' * 64}"}, ["0" * 12, "1" * 12]),
        ({"a": "", "b": ""}, ["revision 1", "revision 2"]),
        ({"a": "shop/a:v1,log:v7", "b": "shop/a:v2,log:v7"}, ["v1", "v2"]),
        ({"a": "shop/a:v1,log:v7", "b": "shop/a:v1,log:v8"}, ["v7", "v8"]),
        ({"a": "shop/a:v1,shop/b:v1", "b": "shop/a:v2,shop/b:v7"}, ["v1", "v2"]),
        ({"a": "shop:v1", "b": "shop:v2,log:v7"}, ["shop:v1", "shop:v2,log:v7"]),
    ],
)
def test_versions_have_names_that_tell_them_apart(images: dict[str, str], names: list[str]) -> None:
    found = version_names(images, {"a": 1, "b": 2})
    assert list(found.values()) == names


def test_a_version_that_was_never_created_has_no_revision() -> None:
    assert version_names({"a": "x:1", "b": "x:1"}, {"a": 1}) == {
        "a": "revision 1",
        "b": "the version asked for",
    }
