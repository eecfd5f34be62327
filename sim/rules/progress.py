"""The Progressing condition of a Deployment: when it is set, when it fails, and when to look again.

Follows `pkg/controller/deployment/progress.go` and `util/deployment_util.go`. Times are integers or floats in
any one unit, the deadline in the same unit (-1: none); where a constant second is needed it is an argument.
"""

from __future__ import annotations

REASON_NONE = 0
NEW_REPLICASET_CREATED = 1
FOUND_NEW_REPLICASET = 2
REPLICASET_UPDATED = 3
NEW_REPLICASET_AVAILABLE = 4
DEADLINE_EXCEEDED = 5
PAUSED = 6
RESUMED = 7

# Status of a condition.
FALSE, TRUE, UNKNOWN = 0, 1, 2

# Decisions of `rollout_condition`.
KEEP, COMPLETE, PROGRESSING, TIMED_OUT, REMOVE = 0, 1, 2, 3, 4


def has_deadline(progress_deadline_seconds: int) -> bool:
    """Whether progress is watched at all (deployment_util.go, HasProgressDeadline): 600: yes; -1 and
    2147483647: no.
    """
    return 0 <= progress_deadline_seconds < 2_147_483_647


def timed_out(has_condition: bool, reason: int, last_update: float, deadline: float, now: float) -> bool:
    """Whether the rollout is stuck for longer than the deadline (deployment_util.go, DeploymentTimedOut).

    Deadline 10, last update at 69, now 80: yes; last update at 71: no; at 70 (exactly 10 ago): no. Sticky
    once exceeded, and never after NEW_REPLICASET_AVAILABLE.
    """
    if deadline < 0 or not has_condition or reason == 4:
        return False
    if reason == 5:
        return True
    return last_update + deadline < now


def rollout_condition(
    has_deadline: bool, has_condition: bool, reason: int, replicas: int, updated: int,
    complete: bool, progressing: bool, timed_out: bool,
) -> int:  # fmt: skip
    """What to do with the Progressing condition (progress.go, syncRolloutStatus): KEEP, COMPLETE,
    PROGRESSING, TIMED_OUT, REMOVE.

    `reason` is the cached condition's; `replicas` and `updated` are of the new status. COMPLETE means
    True/NEW_REPLICASET_AVAILABLE, PROGRESSING True/REPLICASET_UPDATED, TIMED_OUT False/DEADLINE_EXCEEDED.
    Once available and with only updated pods (3 and 3) nothing is estimated: KEEP. REMOVE: no deadline any
    more.
    """
    if not has_deadline:
        return 4
    if has_condition and reason == 4 and replicas == updated:
        return 0
    if complete:
        return 1
    if progressing:
        return 2
    return 3 if timed_out else 0


def moves_update_time(decision: int, has_condition: bool, status: int, reason: int) -> bool:
    """Whether lastUpdateTime becomes now (progress.go; deployment_util.go, SetDeploymentCondition).

    Progress always restarts the clock; COMPLETE and TIMED_OUT only when status or reason change:
    (TIMED_OUT, True, FALSE, DEADLINE_EXCEEDED): no; (PROGRESSING, True, TRUE, REPLICASET_UPDATED): yes.
    """
    if decision == 2:
        return True
    if decision == 1:
        return not (has_condition and status == 1 and reason == 4)
    if decision == 3:
        return not (has_condition and status == 0 and reason == 5)
    return False


def keeps_transition_time(has_condition: bool, old_status: int, new_status: int) -> bool:
    """Whether lastTransitionTime stays (SetDeploymentCondition): TRUE to TRUE yes, FALSE to TRUE no, no
    condition no.
    """
    return has_condition and old_status == new_status


def requeue_after(
    has_condition: bool,
    reason: int,
    last_update: float,
    deadline: float,
    now: float,
    second: float,
    complete: bool,
) -> float:
    """When to look again at a rollout whose status did not change (progress.go, requeueStuckDeployment).

    -1: never; 0: at once, rate-limited; else the time left, to which the queue adds one `second`. Deadline
    60, last update at 0, second 1: now 30 gives 30, now 59 gives 1, now 59.5 gives 0, now 61 gives 0.
    """
    if deadline < 0 or not has_condition or complete or reason == 5:
        return -1
    after = last_update + deadline - now
    return 0 if after < second else after


def paused_condition(has_deadline: bool, has_condition: bool, reason: int, paused: bool) -> int:
    """Reason to set with status UNKNOWN, REASON_NONE for nothing (sync.go, checkPausedConditions).

    Paused and not yet said so: PAUSED. No longer paused but still saying so: RESUMED, which restarts the
    deadline's clock. A rollout that exceeded its deadline keeps saying that. (True, True, PAUSED, False): 7.
    """
    if not has_deadline or (has_condition and reason == 5):
        return 0
    says_paused = has_condition and reason == 6
    if paused and not says_paused:
        return 6
    if not paused and says_paused:
        return 7
    return 0
