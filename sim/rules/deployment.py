"""What the Deployment controller decides in one sync: how many pods each ReplicaSet should have.

Follows `pkg/controller/deployment/{rolling,recreate,sync}.go` and
`pkg/controller/deployment/util/deployment_util.go`. Every function is a leaf: it calls nothing but built-ins,
so that a compiler can take it as it is.

Conventions. *spec* is a ReplicaSet's spec.replicas, *available* its status.availableReplicas, *desired* the
Deployment's spec.replicas. -1 stands for a missing number. `created` values order ReplicaSets by creation
time, then by name (smaller is older, no two are equal).
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

MAX_INT32 = 2_147_483_647

# Phases of a pod, in the order in which a ReplicaSet prefers to delete them.
PENDING, UNKNOWN, RUNNING, SUCCEEDED, FAILED = 0, 1, 2, 3, 4

# What one sync of a Recreate Deployment does.
RECREATE_SCALE_DOWN, RECREATE_WAIT, RECREATE_CREATE, RECREATE_SCALE_UP, RECREATE_SETTLED = 0, 1, 2, 3, 4


def resolve_int_or_percent(value: int, is_percent: bool, total: int, round_up: bool) -> int:
    """A count from "3" or "25%" of `total` (apimachinery intstr.go, GetScaledValueFromIntOrPercent).

    39 % of 10 is 4 rounded up and 3 rounded down; 3 is 3 whatever the total.
    """
    if not is_percent:
        return value
    if round_up:
        return -((-value * total) // 100)
    return value * total // 100


def resolve_fenceposts(
    surge: int, surge_is_percent: bool, unavailable: int, unavailable_is_percent: bool, desired: int
) -> tuple[int, int]:
    """(surge, unavailable) as pod counts (deployment_util.go, ResolveFenceposts).

    Surge rounds up, unavailable down; both 0 after rounding would block the rollout, so unavailable becomes
    1. 39 % and 39 % of 10: (4, 3). 0 % and 0 % of 0: (0, 1). An unset value is passed as 0.
    """
    up = -((-surge * desired) // 100) if surge_is_percent else surge
    down = unavailable * desired // 100 if unavailable_is_percent else unavailable
    if up == 0 and down == 0:
        down = 1
    return up, down


def max_unavailable(is_rolling: bool, unavailable_resolved: int, desired: int) -> int:
    """Pods that may be missing (deployment_util.go, MaxUnavailable); never more than desired.

    Resolved 10 of 5 desired: 5. Recreate: 0. Desired 0: 0.
    """
    if not is_rolling or desired == 0:
        return 0
    return min(unavailable_resolved, desired)


def max_surge(is_rolling: bool, surge_resolved: int) -> int:
    """Pods allowed above desired (deployment_util.go, MaxSurge): resolved 2: 2, for Recreate 0."""
    return surge_resolved if is_rolling else 0


def min_available(desired: int, max_unavailable: int, is_rolling: bool = True) -> int:
    """Pods that must stay available (deployment_util.go, MinAvailable): 10 desired, 6 unavailable: 4.

    A Recreate Deployment promises nothing: 0. The Available condition does *not* use this (see
    `is_min_available`).
    """
    return desired - max_unavailable if is_rolling else 0


def is_min_available(available: int, desired: int, max_unavailable: int) -> bool:
    """Whether the Available condition is True (sync.go, calculateStatus): 8 of 10, 2 may be missing: yes.

    Recreate has max_unavailable 0, so there every pod has to be available: 9 of 10 is not enough.
    """
    return available >= desired - max_unavailable


def new_replicaset_size(
    is_rolling: bool, desired: int, max_surge: int, total_spec: int, new_spec: int
) -> int:
    """spec.replicas to give the new ReplicaSet (deployment_util.go, NewRSNewReplicas), also at its creation.

    `total_spec` sums spec.replicas over all ReplicaSets. Desired 6, surge 10, 5 in total, 2 of them new: 6.
    Desired 1, surge 1, 5 in total: no room, the new one keeps its 5.
    """
    if not is_rolling:
        return desired
    if total_spec >= desired + max_surge:
        return new_spec
    return new_spec + min(desired + max_surge - total_spec, desired - new_spec)


def reconciled_new_size(
    is_rolling: bool, desired: int, max_surge: int, total_spec: int, new_spec: int
) -> int:
    """New size of the new ReplicaSet, the same when nothing is to be scaled (rolling.go,
    reconcileNewReplicaSet).

    Desired 10, surge 2, old 5, new 0: 7. A new ReplicaSet that is too large (11) goes straight to 10.
    """
    if new_spec == desired:
        return new_spec
    if new_spec > desired or not is_rolling:
        return desired
    if total_spec >= desired + max_surge:
        return new_spec
    return new_spec + min(desired + max_surge - total_spec, desired - new_spec)


def max_scaled_down(total_spec: int, min_available: int, new_spec: int, new_available: int) -> int:
    """Most pods that may leave the old ReplicaSets now (rolling.go, reconcileOldReplicaSets); <= 0: none.

    10 pods in total, 8 must be available, new ReplicaSet of 2 with 0 available: 10 - 8 - 2 = 0.
    """
    return total_spec - min_available - (new_spec - new_available)


def unhealthy_cut(spec: int, available: int, remaining: int) -> int:
    """Unavailable pods to take from one old ReplicaSet; oldest first (rolling.go, cleanupUnhealthyReplicas).

    `remaining` is what is left of `max_scaled_down`. 10 pods, 8 available, 1 left to take: 1; 3 left: 2.
    -1 is the controller's error when a stale status claims more available pods than spec: (8, 10, 3).
    """
    if remaining <= 0 or spec == 0 or spec == available:
        return 0
    if spec < available:
        return -1
    return min(remaining, spec - available)


def scale_down_budget(total_available: int, min_available: int) -> int:
    """Pods to remove from old ReplicaSets after the clean-up (rolling.go,
    scaleDownOldReplicaSetsForRollingUpdate).

    10 available, 8 must stay: 2. 1 available, 8 must stay: 0.
    """
    return max(0, total_available - min_available)


def old_cut(spec: int, remaining: int) -> int:
    """Pods one old ReplicaSet gives up, oldest first, out of the budget that is left: 10 pods, 2 left: 2."""
    return max(0, min(spec, remaining))


def is_complete(
    desired: int, updated: int, replicas: int, available: int, observed_generation: int, generation: int
) -> bool:
    """Whether the rollout is over (deployment_util.go, DeploymentComplete); Terminating pods do not count.

    Desired 5 with 5 updated, 5 in total and 5 available: yes; with 4 available: no.
    """
    return (
        updated == desired
        and replicas == desired
        and available == desired
        and observed_generation >= generation
    )


def is_progressing(
    old_replicas: int, old_updated: int, old_ready: int, old_available: int,
    new_replicas: int, new_updated: int, new_ready: int, new_available: int,
) -> bool:  # fmt: skip
    """Whether the new status is progress over the cached one (deployment_util.go, DeploymentProgressing).

    (10, 4, 6, 6) to (8, 4, 6, 6): yes, two old pods went. (10, 7, 3, 3) to (10, 6, 3, 3): no.
    """
    return (
        new_updated > old_updated
        or new_replicas - new_updated < old_replicas - old_updated
        or new_ready > old_ready
        or new_available > old_available
    )


def unavailable_replicas(total_spec: int, available: int) -> int:
    """status.unavailableReplicas (sync.go, calculateStatus), from the sum of *spec*: 12 wanted, 10 there:
    2.
    """
    return max(0, total_spec - available)


def replica_count(counts: Sequence[int]) -> int:
    """Sum over ReplicaSets, of spec.replicas or of status.replicas (deployment_util.go, GetReplicaCountFor…).

    [1, 2, 3]: 6.
    """
    total = 0
    for i in range(len(counts)):
        total += counts[i]
    return total


def terminating_count(terminating: Sequence[int], observed_generations: Sequence[int]) -> int:
    """Sum of status.terminatingReplicas, -1 when unknown (deployment_util.go, GetTerminatingReplicaCount…; >=
    1.33).

    A missing count (-1) is unknown, unless the ReplicaSet was never observed (generation 0): [3, 1, -1] with
    [1, 0, 0] is 4; [-1] with [1] is -1.
    """
    total = 0
    for i in range(len(terminating)):
        if terminating[i] >= 0:
            total += terminating[i]
        elif observed_generations[i] != 0:
            return -1
    return total


def find_new(template_ids: Sequence[int], created: Sequence[int], template_id: int) -> int:
    """Index of the *oldest* ReplicaSet with the Deployment's template, -1 if none (deployment_util.go,
    FindNewReplicaSet).

    Templates [7, 3, 7], created [2, 0, 1], wanted 7: index 2.
    """
    found = -1
    for i in range(len(template_ids)):
        if template_ids[i] == template_id and (found < 0 or created[i] < created[found]):
            found = i
    return found


def is_old(index: int, new_index: int, spec: int, only_active: bool) -> bool:
    """Whether a ReplicaSet is one of the old ones (deployment_util.go, FindOldReplicaSets).

    Everything but the new one is old, a younger twin with the same template too. (0, 2, 0, True): no, it has
    no pods.
    """
    return index != new_index and (spec > 0 or not only_active)


def recreate_enqueues(is_recreate: bool, pods_left: int) -> bool:
    """Whether a pod's deletion wakes the Deployment (deployment_controller.go, deletePod): only the last,
    only Recreate.

    Recreate with 0 pods left in the cache: yes; with 2: no.
    """
    return is_recreate and pods_left == 0


def old_pods_running(
    old_status_replicas: Sequence[int], pod_owners: Sequence[int], pod_phases: Sequence[int], new_owner: int
) -> bool:
    """Whether old pods keep a Recreate rollout waiting (recreate.go, oldPodsRunning).

    Pods are those still in the API, Terminating ones included; `new_owner` is -1 before the new ReplicaSet
    exists. Status [0] with phases [FAILED, SUCCEEDED]: no; with [PENDING]: yes; status [1] without pods: yes.
    """
    for i in range(len(old_status_replicas)):
        if old_status_replicas[i] > 0:
            return True
    for i in range(len(pod_owners)):
        if (new_owner < 0 or pod_owners[i] != new_owner) and pod_phases[i] != 3 and pod_phases[i] != 4:
            return True
    return False


def recreate_action(
    old_spec_total: int, pods_running: bool, new_exists: bool, new_spec: int, desired: int
) -> int:
    """What one sync of a Recreate Deployment does (recreate.go, rolloutRecreate), as a RECREATE_… number.

    Old ReplicaSets with 3 pods in all: RECREATE_SCALE_DOWN (each to 0). Old pods left: RECREATE_WAIT.
    """
    if old_spec_total > 0:
        return 0
    if pods_running:
        return 1
    if not new_exists:
        return 2
    return 4 if new_spec == desired else 3


def is_scaling_event(spec: int, desired_annotation: int, desired: int) -> bool:
    """Whether this ReplicaSet shows that spec.replicas was edited (sync.go, isScalingEvent); any one is
    enough.

    5 pods, annotated 10, desired 12: yes. No annotation (-1) or no pods: no.
    """
    return spec > 0 and desired_annotation >= 0 and desired_annotation != desired


def annotations_need_update(desired_annotation: int, max_annotation: int, desired: int, maximum: int) -> bool:
    """Whether desired-replicas or max-replicas is out of date (deployment_util.go,
    ReplicasAnnotationsNeedUpdate).

    (10, 16) where (10, 20) is due: yes; a missing annotation (-1) too.
    """
    return desired_annotation != desired or max_annotation != maximum


def is_saturated(
    desired: int, has_new: bool, new_spec: int, new_desired_annotation: int, new_available: int
) -> bool:
    """Whether the new ReplicaSet alone carries the Deployment (deployment_util.go, IsSaturated).

    Desired 1, spec 1, annotated 1, available 1: yes; available 0: no.
    """
    return has_new and new_spec == desired and new_desired_annotation == desired and new_available == desired


def active_or_latest(specs: Sequence[int], created: Sequence[int], new_index: int) -> int:
    """Index of the one ReplicaSet to scale (deployment_util.go, FindActiveOrLatest), -1 when two or more are
    active.

    Specs [0, 3, 0]: 1. None active: the new one, or the newest when there is no new one (-1). No ReplicaSet:
    -1.
    """
    active = 0
    found = -1
    for i in range(len(specs)):
        if specs[i] > 0:
            active += 1
            found = i
    if active == 1:
        return found
    if active > 1:
        return -1
    if new_index >= 0:
        return new_index
    latest = -1
    for i in range(len(specs)):
        if latest < 0 or created[i] > created[latest]:
            latest = i
    return latest


def replicaset_fraction(
    spec: int, desired: int, max_surge: int, max_annotation: int, status_replicas: int
) -> int:
    """Replicas a ReplicaSet should gain (+) or lose (-) (deployment_util.go, getReplicaSetFraction).

    50 pods, the Deployment goes from at most 100 to 120: +10. Rounds half away from zero. A missing (-1) or 0
    annotation falls back to the Deployment's status.replicas, and if that is 0 nothing changes (before 1.33:
    division by 0).
    """
    if desired == 0:
        return -spec
    before = max_annotation if max_annotation > 0 else status_replicas
    if before <= 0:
        return 0
    return (2 * spec * (desired + max_surge) + before) // (2 * before) - spec


def scale_proportionally(
    specs: Sequence[int], created: Sequence[int], max_annotations: Sequence[int],
    desired: int, max_surge: int, status_replicas: int,
    order: MutableSequence[int], sizes: MutableSequence[int],
) -> int:  # fmt: skip
    """New spec.replicas of every *active* ReplicaSet in `sizes` (sync.go, scale); returns the pods added (<
    0: removed).

    Comes after `active_or_latest` gave -1 and `is_saturated` said no, and only for RollingUpdate. `order` is
    scratch of the same length. Specs [2, 3], created [2, 1], annotated [5, 5], desired 10: sizes [4, 6]. The
    largest goes first (ties: newest first when growing, oldest first when shrinking) and takes what rounding
    left over.
    """
    count = 0
    total = 0
    for i in range(len(specs)):
        sizes[i] = specs[i]
        total += specs[i]
        if specs[i] > 0:
            order[count] = i
            count += 1
    to_add = (desired + max_surge if desired > 0 else 0) - total
    if to_add == 0 or count == 0:
        return 0
    for i in range(1, count):
        one = order[i]
        j = i
        while j > 0:
            other = order[j - 1]
            if specs[other] > specs[one]:
                break
            if specs[other] == specs[one] and (created[other] > created[one]) == (to_add > 0):
                break
            order[j] = other
            j -= 1
        order[j] = one
    added = 0
    for i in range(count):
        if added == to_add:
            break
        spec = specs[order[i]]
        before = max_annotations[order[i]]
        if before <= 0:
            before = status_replicas
        change = 0
        if desired == 0:
            change = -spec
        elif before > 0:
            change = (2 * spec * (desired + max_surge) + before) // (2 * before) - spec
        change = min(change, to_add - added) if to_add > 0 else max(change, to_add - added)
        sizes[order[i]] = spec + change
        added += change
    first = order[0]
    leftover = max(-sizes[first], to_add - added)
    sizes[first] += leftover
    return added + leftover


def history_excess(alive: int, revision_history_limit: int) -> int:
    """How many old ReplicaSets, from the lowest revision, are looked at for deletion (sync.go,
    cleanupDeployment).

    3 alive, limit 1: 2. No limit (-1, or 2147483647): 0. `alive` does not count those being deleted.
    """
    if revision_history_limit < 0 or revision_history_limit == 2_147_483_647:
        return 0
    return max(0, alive - revision_history_limit)


def history_before(revision_a: int, created_a: int, revision_b: int, created_b: int) -> bool:
    """Whether a is cleaned up before b (deployment_util.go, ReplicaSetsByRevision): lower revision, then
    older.

    A missing revision counts as 0: (2, -1, 1, 0) is no, (0, 0, 1, -1) is yes.
    """
    if revision_a == revision_b:
        return created_a < created_b
    return revision_a < revision_b


def history_deletable(spec: int, status_replicas: int, generation: int, observed_generation: int) -> bool:
    """Whether an old ReplicaSet within the excess is really deleted (sync.go, cleanupDeployment); else it is
    skipped.

    (0, 0, 1, 1): yes. (0, 1, 1, 1): no, it still has a pod; nothing is deleted in its place.
    """
    return spec == 0 and status_replicas == 0 and generation <= observed_generation
