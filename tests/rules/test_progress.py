"""The Progressing condition against Kubernetes' own tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import deployment, progress
from tests.rules.cases import table

REASONS = {
    "": progress.REASON_NONE,
    "ReplicaSetUpdated": progress.REPLICASET_UPDATED,
    "NewReplicaSetAvailable": progress.NEW_REPLICASET_AVAILABLE,
    "ProgressDeadlineExceeded": progress.DEADLINE_EXCEEDED,
}
STATUSES = {"False": progress.FALSE, "True": progress.TRUE}
OUTCOMES = {
    progress.COMPLETE: ("True", "NewReplicaSetAvailable"),
    progress.PROGRESSING: ("True", "ReplicaSetUpdated"),
    progress.TIMED_OUT: ("False", "ProgressDeadlineExceeded"),
}


def deadline(seconds):
    """Give the deadline as the rules take it."""
    wanted = -1 if seconds is None else seconds
    return wanted if progress.has_deadline(wanted) else -1


@table("util__DeploymentTimedOut")
def test_timed_out(row, around):
    condition = row["progressing"]
    reason = REASONS[condition["reason"]]
    assert STATUSES[condition["status"]] == progress.TRUE
    since, now = condition["lastUpdate"] or 0, 10**9 if row["now"] is None else row["now"]
    late = progress.timed_out(True, reason, since, deadline(row["progressDeadlineSeconds"]), now)
    assert late is row["expected"]


@table("progress__requeueStuckDeployment")
def test_requeue_after(row, around):
    around["fixed"].not_an_input("strategy")
    spec, status, condition = row["deployment"], row["newStatus"], row["progressing"]
    spec["status"].not_an_input("replicas", "updated", "ready", "available")
    complete = deployment.is_complete(
        spec["replicas"], status["updated"], status["replicas"], status["available"], 0, 0
    )
    reason, since = progress.REASON_NONE, 0
    if condition is not None:
        reason, since = REASONS[condition["reason"]], condition["lastUpdate"] or 0
        assert (condition["status"] == "False") == (reason == progress.DEADLINE_EXCEEDED)
    now = 0 if row["now"] is None else row["now"]
    limit = deadline(spec["progressDeadlineSeconds"])
    wait = progress.requeue_after(condition is not None, reason, since, limit, now, 1, complete)
    assert wait == row["expectedRequeueAfter"]


def _after(condition, decision, now):
    """Progressing condition after a decision: (status, reason, lastTransitionTime), None without one."""
    has = condition is not None
    status = STATUSES[condition["status"]] if has else progress.UNKNOWN
    reason = REASONS[condition["reason"]] if has else progress.REASON_NONE
    if decision == progress.REMOVE or (decision == progress.KEEP and not has):
        return None
    if not progress.moves_update_time(decision, has, status, reason):
        return condition["status"], condition["reason"], condition["lastTransition"]
    text = OUTCOMES[decision]
    kept = progress.keeps_transition_time(has, status, STATUSES[text[0]])
    return *text, condition["lastTransition"] if kept else now


# True stays True there, so the code keeps the time; the table only says that upstream does not name it.
NOT_CLAIMED = "complete with no new RS (replicas 0)"


@table("progress__syncRolloutStatus")
def test_rollout_condition(row, around):
    around["fixed"].not_an_input("strategy")
    spec, condition, new, now = row["deployment"], row["progressing"], row["newRS"], row["now"]
    rss = row["otherRSs"] + ([new] if new is not None else [])
    for rs in rss:
        rs.not_an_input("name", "spec")
    counts = [sum(rs[what] for rs in rss) for what in ("status_replicas", "ready", "available")]
    updated = new["status_replicas"] if new is not None else 0
    fresh = (counts[0], updated, counts[1], counts[2])
    cached = [spec["status"][what] for what in ("replicas", "updated", "ready", "available")]
    limit = deadline(spec["progressDeadlineSeconds"])
    has, reason, since = condition is not None, progress.REASON_NONE, 0
    if has:
        reason, since = REASONS[condition["reason"]], condition["lastUpdate"] or 0
        condition.not_an_input("status", "lastTransition")
    decision = progress.rollout_condition(
        limit >= 0, has, reason, fresh[0], fresh[1],
        deployment.is_complete(spec["replicas"], updated, counts[0], counts[2], 0, 0),
        deployment.is_progressing(*cached, *fresh),
        progress.timed_out(has, reason, since, limit, now),
    )  # fmt: skip
    after, expected = _after(condition, decision, now), row["expected"]
    if expected is None:
        assert after is None
        return
    assert after[:2] == (expected["status"], expected["reason"])
    kept = has and after[2] == condition["lastTransition"]
    assert kept is (expected["keepsLastTransition"] != (row["name"] == NOT_CLAIMED))


def test_progress_restarts_the_clock_and_repeating_the_same_does_not():
    moves, p = progress.moves_update_time, progress
    assert moves(p.PROGRESSING, True, p.TRUE, p.REPLICASET_UPDATED)
    assert not moves(p.TIMED_OUT, True, p.FALSE, p.DEADLINE_EXCEEDED)
    assert not moves(p.COMPLETE, True, p.TRUE, p.NEW_REPLICASET_AVAILABLE)
    assert moves(p.COMPLETE, True, p.TRUE, p.REPLICASET_UPDATED)
    assert moves(p.COMPLETE, False, p.UNKNOWN, p.REASON_NONE)
    assert moves(p.TIMED_OUT, True, p.TRUE, p.REPLICASET_UPDATED)
    assert not moves(p.KEEP, True, p.TRUE, p.REPLICASET_UPDATED)
    assert p.keeps_transition_time(True, p.TRUE, p.TRUE)
    assert not p.keeps_transition_time(True, p.FALSE, p.TRUE)
    assert not p.keeps_transition_time(False, p.TRUE, p.TRUE)


def test_the_deadline_itself_is_not_yet_late():
    assert not progress.timed_out(True, progress.REPLICASET_UPDATED, 70, 10, 80)
    assert progress.timed_out(True, progress.REPLICASET_UPDATED, 69, 10, 80)
    assert not progress.timed_out(False, progress.REASON_NONE, 0, 10, 80)
    assert progress.timed_out(True, progress.DEADLINE_EXCEEDED, 79, 10, 80), "sticky"


def test_once_available_nothing_is_estimated_while_all_pods_are_updated():
    available = progress.NEW_REPLICASET_AVAILABLE
    assert progress.rollout_condition(True, True, available, 3, 3, False, True, False) == progress.KEEP
    assert progress.rollout_condition(True, True, available, 4, 3, False, True, False) == progress.PROGRESSING
    assert progress.rollout_condition(False, True, available, 3, 3, True, True, True) == progress.REMOVE


@pytest.mark.parametrize(
    ("has_deadline", "has_condition", "reason", "paused", "expected"),
    [
        (True, True, progress.REPLICASET_UPDATED, True, progress.PAUSED),
        (True, False, progress.REASON_NONE, True, progress.PAUSED),
        (True, True, progress.PAUSED, True, progress.REASON_NONE),
        (True, True, progress.PAUSED, False, progress.RESUMED),
        (True, True, progress.RESUMED, False, progress.REASON_NONE),
        (True, True, progress.DEADLINE_EXCEEDED, True, progress.REASON_NONE),
        (False, False, progress.REASON_NONE, True, progress.REASON_NONE),
    ],
)
def test_pausing(has_deadline, has_condition, reason, paused, expected):
    assert progress.paused_condition(has_deadline, has_condition, reason, paused) == expected


def test_requeue_examples_of_the_docstring():
    for now, wait in ((30, 30), (59, 1), (59.5, 0), (61, 0)):
        assert progress.requeue_after(True, progress.REPLICASET_UPDATED, 0, 60, now, 1, False) == wait


@pytest.mark.property
@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_whoever_is_not_late_is_looked_at_in_time(since, limit, now):
    """The queue adds one second to the wait: then, and not before, the deadline is really over."""
    reason, second = progress.REPLICASET_UPDATED, 1_000_000
    wait = progress.requeue_after(True, reason, since, limit, now, second, False)
    assert wait >= 0
    if wait > 0:
        assert not progress.timed_out(True, reason, since, limit, now + wait)
        assert progress.timed_out(True, reason, since, limit, now + wait + second)


def test_a_deadline_of_any_finite_length_is_watched():
    assert [progress.has_deadline(n) for n in (-1, 0, 1, 2**31 - 2, 2**31 - 1)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_without_news_the_condition_stays():
    updated = progress.REPLICASET_UPDATED
    assert progress.rollout_condition(True, True, updated, 3, 2, False, False, False) == progress.KEEP
