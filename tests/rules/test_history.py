"""Revisions, annotations and templates against Kubernetes' own tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import deployment, history
from tests.rules.cases import Row, table


def _plain(value):
    return {key: _plain(inner) for key, inner in value.items()} if isinstance(value, Row) else value


@table("util__EqualIgnoreHash")
def test_equal_ignoring_hash(row, around):
    former, latter = _plain(row["former"]), _plain(row["latter"])
    assert history.equal_ignoring_hash(former, latter) is row["expected"]
    assert history.equal_ignoring_hash(latter, former) is row["expected"]


@table("util__getNonNegativeInt32FromAnnotation")
def test_parse_replicas(row, around):
    number, valid, error = history.parse_replicas(row["value"])
    assert (number, valid) == (row["expectedValue"], row["expectedValid"])
    assert (error or None) == row["expectedErr"]


def _history_steps(row):
    own, text = 0, ""
    for step in row["steps"]:
        revision = history.next_revision([step["setRevision"] - 1], own)
        if own:
            text = history.append_history(text, own, row["maxHistoryChars"])
        own = revision
        assert own == step["expectedRevision"]
        if step["expectedHistory"] is not None:
            assert text == step["expectedHistory"]


@table("util__annotations_sequence")
def test_annotations(row, around):
    if row["kind"] == "SetNewReplicaSetAnnotations":
        _history_steps(row)
    elif row["kind"] == "SetReplicasAnnotations":
        written = history.replicas_annotations(row["desired"], row["max"])
        assert {
            key.removeprefix("deployment.kubernetes.io/"): value for key, value in written.items()
        } == _plain(row["expected"])
    else:
        assert row["kind"] == "IsSaturated"
        annotation = history.parse_replicas(row["desiredAnnotation"])[0]
        saturated = deployment.is_saturated(
            row["deploymentReplicas"], True, row["rsSpec"], annotation, row["rsAvailable"]
        )
        assert saturated is row["expected"]


def test_examples_of_the_docstrings():
    assert history.next_revision([1, 3], 2) == 4
    assert history.next_revision([1, 3], 5) == 5
    assert history.next_revision([], 0) == 1
    assert history.append_history("11,12", 13, 5) == "12,13"
    assert history.append_history("", 123456, 5) == "123456", "the first one is always kept"
    assert history.append_history("1", 123456, 5) == "1", "one that never fits is not appended"
    assert history.parse_replicas("") == (0, False, "invalid syntax")
    assert history.parse_replicas("+1") == (0, False, "invalid syntax")
    assert history.parse_replicas("٣") == (0, False, "invalid syntax")
    assert history.parse_replicas("9" * 5000) == (0, False, "out of range")
    assert history.parse_replicas("0" * 20 + "7") == (7, True, "")
    assert history.equal_ignoring_hash({}, {"labels": {history.TEMPLATE_HASH: "x"}})


@pytest.mark.parametrize(
    ("revisions", "wanted", "index"),
    [([4, 1, 3], 0, 2), ([4, 1, 3], 1, 1), ([4, 1, 3], 2, -1), ([1], 0, -1), ([], 0, -1), ([1, 2], 0, 0)],
)
def test_rollback_goes_to_the_second_highest_or_the_wanted_revision(revisions, wanted, index):
    assert history.rollback_target(revisions, wanted) == index


@pytest.mark.property
@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60), st.integers(7, 60))
def test_history_keeps_the_newest_that_fit(revisions, limit):
    text = ""
    for revision in revisions:
        text = history.append_history(text, revision, limit)
        assert len(text) <= limit
    kept = [int(one) for one in text.split(",")]
    assert kept == revisions[-len(kept) :]
    if len(kept) < len(revisions):
        assert len(text) + 1 + len(str(revisions[-len(kept) - 1])) > limit
