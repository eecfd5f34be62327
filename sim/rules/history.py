"""Revisions, their annotations, and templates: the one module of rules that reads text.

Follows `pkg/controller/deployment/util/deployment_util.go` and `kubectl/pkg/polymorphichelpers/rollback.go`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas"
MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"
REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
CHANGE_CAUSE = "kubernetes.io/change-cause"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
TEMPLATE_HASH = "pod-template-hash"

# deployment_util.go, annotationsToSkip: what a ReplicaSet does not take over from its Deployment.
NOT_COPIED = frozenset(
    {
        LAST_APPLIED,
        REVISION,
        REVISION_HISTORY,
        DESIRED_REPLICAS,
        MAX_REPLICAS,
        "deprecated.deployment.rollback.to",
    }
)


def next_revision(old_revisions: Sequence[int], own_revision: int) -> int:
    """Revision of the new ReplicaSet (sync.go, getNewReplicaSet): one above all old ones, never lower than
    its own.

    Old [1, 3], own 2 (a roll-back to it): 4. Own 5: 5. No old ones, own 0 (none yet): 1.
    """
    return max(own_revision, max(old_revisions, default=0) + 1)


def append_history(history: str, old_revision: int, max_chars: int = 2000) -> str:
    """The revision-history annotation after `old_revision` was replaced (deployment_util.go,
    SetNewReplicaSetAnnotations).

    The oldest go to stay within `max_chars`: ("11,12", 13, 5) gives "12,13". A first one is always kept.
    """
    if not history:
        return str(old_revision)
    kept = history.split(",")
    length = len(history) + len(str(old_revision)) + 1
    while length > max_chars and kept:
        length -= len(kept[0]) + 1
        kept = kept[1:]
    return ",".join([*kept, str(old_revision)]) if length <= max_chars else history


def parse_replicas(value: str | None) -> tuple[int, bool, str]:
    """(number, valid, error) of an annotation's value (deployment_util.go,
    getNonNegativeInt32FromAnnotationVerbose).

    "13": (13, True, ""). None: (0, False, ""). "-1": (0, False, "invalid syntax"). "2147483648": (0, False,
    "out of range").
    """
    if value is None:
        return 0, False, ""
    if not (value.isascii() and value.isdigit()):
        return 0, False, "invalid syntax"
    if len(value.lstrip("0")) > 10 or int(value) > 2_147_483_647:
        return 0, False, "out of range"
    return int(value), True, ""


def replicas_annotations(desired: int, maximum: int) -> dict[str, str]:
    """The two annotations a scaled ReplicaSet gets (deployment_util.go, SetReplicasAnnotations): (10, 11)
    gives "10" and "11".
    """
    return {DESIRED_REPLICAS: str(desired), MAX_REPLICAS: str(maximum)}


def equal_ignoring_hash(former: Mapping[str, object], latter: Mapping[str, object]) -> bool:
    """Whether two pod templates are one (deployment_util.go, EqualIgnoreHash): all fields but the label
    pod-template-hash.

    {labels: {pod-template-hash: a, app: x}} and {labels: {app: x}}: yes. Missing and empty labels are alike.
    """
    stripped = []
    for template in (former, latter):
        labels = template.get("labels") or {}
        assert isinstance(labels, Mapping)
        own = {key: value for key, value in labels.items() if key != TEMPLATE_HASH}
        stripped.append({**template, "labels": own})
    return stripped[0] == stripped[1]


def rollback_target(revisions: Sequence[int], wanted: int = 0) -> int:
    """Index of the ReplicaSet `kubectl rollout undo` goes back to, -1 if there is none (rollback.go,
    deploymentRevision).

    `wanted` 0 is the second highest: revisions [4, 1, 3] give index 2. Wanted 1: index 1. Wanted 2: -1. [1]
    alone: -1.
    """
    if wanted != 0:
        return revisions.index(wanted) if wanted in revisions else -1
    by_revision = sorted(range(len(revisions)), key=lambda i: revisions[i], reverse=True)
    return by_revision[1] if len(by_revision) > 1 else -1
