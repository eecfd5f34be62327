"""What the ReplicaSet controller decides: how many pods to create or delete, which ones, and what counts as
available.

Follows `pkg/controller/replicaset/replica_set.go`, `pkg/controller/controller_utils.go` and
`pkg/api/v1/pod/util.go`.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

# Phases of a pod, in the order in which they are deleted; the last two are not active.
PENDING, UNKNOWN, RUNNING, SUCCEEDED, FAILED = 0, 1, 2, 3, 4

BURST_REPLICAS = 500


def is_active(phase: int, terminating: bool) -> bool:
    """Whether a pod counts for its ReplicaSet (controller_utils.go, IsPodActive): (RUNNING, False) yes,
    (FAILED, False) no.
    """
    return not terminating and phase != 3 and phase != 4


def creates(active: int, spec: int, burst: int = 500) -> int:
    """Pods to create in this sync (replica_set.go, manageReplicas): 0 of 30 with burst 5: 5; 12 of 10: 0."""
    return max(0, min(spec - active, burst))


def deletes(active: int, spec: int, burst: int = 500) -> int:
    """Pods to delete in this sync (replica_set.go, manageReplicas): 12 of 10: 2; 30 of 0 with burst 5: 5."""
    return max(0, min(active - spec, burst))


def slow_start_next(batch: int, remaining: int) -> int:
    """Size of the next batch of parallel creates (replica_set.go, slowStartBatch); 0: done.

    `batch` is the one that just succeeded (0 at the start), `remaining` what is left after it.
    10 pods go as 1, 2, 4, 3: (0, 10) is 1, (1, 9) is 2, (2, 7) is 4, (4, 3) is 3, (3, 0) is 0.
    """
    return min(2 * batch if batch > 0 else 1, remaining)


def is_available(ready: bool, ready_since: float, min_ready: float, now: float) -> bool:
    """Whether a pod counts as available (api/v1/pod/util.go, IsPodAvailable); times in any one unit.

    Ready since 100 and min_ready 5: available from 105 on. `ready_since` is the condition's own stamp, whole
    seconds cut off, so this comes up to a second early. Exactly at 105 counts: until 1.33 upstream compares
    with <, but there the clock has nanoseconds and the stamp has not, so that a tie is a matter of a
    simulator only.
    """
    return ready and (min_ready == 0 or ready_since + min_ready <= now)


def recheck_on_ready(min_ready: float, second: float, precise: bool) -> float:
    """Wait before looking again after a pod turned ready, -1 for no wait (replica_set.go, updatePod).

    min_ready 5, second 1: 6, from 1.34 on (`precise`) 5. min_ready 0: -1.
    """
    if min_ready <= 0:
        return -1
    return min_ready if precise else min_ready + second


def recheck_after_sync(
    min_ready: float, ready: int, available: int, spec: int, next_available_in: float, precise: bool
) -> float:
    """Wait before looking again after a sync, -1 for none (replica_set.go, syncReplicaSet).

    Until 1.33 only when all of `spec` are ready and not all available: (5, 3, 2, 3, …, False) is 5, (5, 2, 1,
    3, …, False) is -1. From 1.34 on whenever ready differs from available, and then the exact wait
    `next_available_in` (controller_utils.go, FindMinNextPodAvailabilityCheck), or `min_ready` where no pod
    will be available later than when they were counted (-1): (5, 2, 1, 3, -1, True) is 5.
    """
    if min_ready <= 0:
        return -1
    if precise:
        if ready == available:
            return -1
        return next_available_in if next_available_in >= 0 else min_ready
    return min_ready if ready == spec and available != spec else -1


def age_bucket(age_ns: int) -> int:
    """int(log2(age)) of an age in nanoseconds, -1 when age <= 0 (controller_utils.go, logarithmicRankDiff).

    5 h (1.8e13 ns) and 8 h share bucket 44, 2 h is in 42. Exact integers; ages below 2**62.
    """
    if age_ns <= 0:
        return -1
    bucket = 0
    for step in (32, 16, 8, 4, 2, 1):
        if age_ns >> step:
            age_ns >>= step
            bucket += step
    return bucket


def deletion_class(assigned: bool, phase: int, ready: bool) -> int:
    """The part of the deletion order that needs neither time nor node: 0 (first to go) to 11, equal when all
    three are.

    Unassigned and pending: 0. Assigned, pending: 6. Assigned, running, not ready: 10; ready: 11.
    """
    return (6 if assigned else 0) + 2 * min(phase, 2) + (1 if ready else 0)


def deletes_before(
    assigned_a: bool, phase_a: int, ready_a: bool, cost_a: int, rank_a: int,
    ready_age_a: int, restarts_a: int, created_age_a: int, uid_a: int,
    assigned_b: bool, phase_b: int, ready_b: bool, cost_b: int, rank_b: int,
    ready_age_b: int, restarts_b: int, created_age_b: int, uid_b: int,
    log2: bool, use_cost: bool = True,
) -> bool:  # fmt: skip
    """Whether pod a is deleted before pod b (controller_utils.go, ActivePodsWithRanks.Less).

    `cost` is the pod-deletion-cost (0 unless annotated; `use_cost` since 1.22), `rank` the pods of the same
    Deployment on its node, ages are now minus the stamp in nanoseconds (-1: no stamp), `uid` any numbers
    ordered as the UIDs are. With `log2` (since 1.22) ages are compared by their `age_bucket`, and UIDs decide
    within one. Ready for 2 h goes before ready for 5 h; 5 h and 8 h are alike with log2 and equal UIDs. Equal
    pods: False both ways. With `log2` this is not a strict weak order: pods with the very same stamp are told
    apart by restarts and age, others of the bucket by UID, so three pods can go round in a circle (upstream
    too).
    """
    if assigned_a != assigned_b:
        return not assigned_a
    if phase_a != phase_b:
        return phase_a < phase_b
    if ready_a != ready_b:
        return not ready_a
    if use_cost and cost_a != cost_b:
        return cost_a < cost_b
    if rank_a != rank_b:
        return rank_a > rank_b
    both_ready = ready_a and ready_b
    for by_creation in (False, True):
        if by_creation and restarts_a != restarts_b:
            return restarts_a > restarts_b
        a = created_age_a if by_creation else ready_age_a
        b = created_age_b if by_creation else ready_age_b
        if a == b or not (by_creation or both_ready):
            continue
        if a < 0 or b < 0:
            return a < 0
        if not log2:
            return a < b
        bucket_a = -1
        bucket_b = -1
        while a > 0:
            a >>= 1
            bucket_a += 1
        while b > 0:
            b >>= 1
            bucket_b += 1
        return bucket_a < bucket_b if bucket_a != bucket_b else uid_a < uid_b
    return False


def needs_ranking(to_delete: int, active: int) -> bool:
    """Whether pods are sorted at all (replica_set.go, getPodsToDelete): 1 of 2 yes; all of 2 no, they go
    as listed.
    """
    return to_delete < active


def colocation_counts(related_nodes: Sequence[int], counts: MutableSequence[int]) -> int:
    """Adds up the active pods of the Deployment on each node in `counts` (replica_set.go,
    getPodsRankedByRelatedPodsOnSameNode).

    Nodes are numbers from 0, -1 for a pod without one, counted in `counts[node + 1]`, which must be zeros at
    first. A pod's rank is its node's count: nodes [0, 1, 1] give counts [0, 1, 2]. Returns the number of pods
    counted.
    """
    for i in range(len(related_nodes)):
        counts[related_nodes[i] + 1] += 1
    return len(related_nodes)


def status_counts(
    ready: Sequence[bool], ready_since: Sequence[float], min_ready: float, now: float
) -> tuple[int, int, int]:
    """(replicas, ready, available) from the *active* pods (replica_set_utils.go, calculateStatus).

    Two pods, ready since 0 and not ready, min_ready 0: (2, 1, 1); with min_ready 3600 and now 0: (2, 1, 0).
    """
    ready_count = 0
    available_count = 0
    for i in range(len(ready)):
        if ready[i]:
            ready_count += 1
            if min_ready == 0 or ready_since[i] + min_ready <= now:
                available_count += 1
    return len(ready), ready_count, available_count
