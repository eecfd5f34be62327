"""What `kubectl rollout status` says (kubectl/pkg/polymorphichelpers/rollout_status.go)."""

from __future__ import annotations

UNOBSERVED, DEADLINE, UPDATING, TERMINATING_OLD, AWAITING_AVAILABLE, DONE = 0, 1, 2, 3, 4, 5

# kubectl's texts, to be formatted with name, desired, updated, available and old (= replicas - updated).
TEXTS = {
    UNOBSERVED: "Waiting for deployment spec update to be observed...",
    DEADLINE: 'deployment "{name}" exceeded its progress deadline',
    UPDATING: 'Waiting for deployment "{name}" rollout to finish: '
    "{updated} out of {desired} new replicas have been updated...",
    TERMINATING_OLD: 'Waiting for deployment "{name}" rollout to finish: '
    "{old} old replicas are pending termination...",
    AWAITING_AVAILABLE: 'Waiting for deployment "{name}" rollout to finish: '
    "{available} of {updated} updated replicas are available...",
    DONE: 'deployment "{name}" successfully rolled out',
}


def rollout_status(
    generation: int, observed_generation: int, deadline_exceeded: bool,
    desired: int, updated: int, replicas: int, available: int,
) -> int:  # fmt: skip
    """Which message `kubectl rollout status` prints: a key of `TEXTS`; DEADLINE is its error (exit 1), DONE
    ends it.

    Desired 2, updated 2, replicas 2, available 1: AWAITING_AVAILABLE; available 2: DONE. It does not wait for
    Terminating pods, and an old status (generation 2, observed 1) hides everything else: UNOBSERVED.
    """
    if observed_generation < generation:
        return 0
    if deadline_exceeded:
        return 1
    if updated < desired:
        return 2
    if replicas > updated:
        return 3
    return 4 if available < updated else 5
