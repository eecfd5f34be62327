"""Deployments as the API server makes them of what was asked for: fresh, changed, or long complete."""

from __future__ import annotations

from collections.abc import Mapping

from sim.engine.clock import SECOND, to_us
from sim.engine.state import NEVER, DeploymentObject
from sim.rules import deployment as rules
from sim.rules import history, progress
from sim.spec.manifest import Deployment

OLD = 86_400 * SECOND  # what runs before time begins turned ready a day ago


def created(manifest: Deployment, uid: int, template: int, stamp: int) -> DeploymentObject:
    """Return the Deployment that ``manifest`` asks for, just created: no controller has seen it."""
    new = DeploymentObject()
    new.version = 0
    new.name, new.uid, new.created = manifest.name, uid, stamp
    new.generation = 1
    new.observed = new.revision = 0
    new.replicas = new.updated = new.ready = new.available = new.unavailable = 0
    new.available_condition = new.status = NEVER
    new.reason = progress.REASON_NONE
    new.last_update = new.last_transition = NEVER
    ask(new, manifest, template)
    return new


def complete(manifest: Deployment, uid: int, template: int) -> DeploymentObject:
    """Return the Deployment that ``manifest`` asks for as it is a day after its creation: complete."""
    new = created(manifest, uid, template, -OLD)
    new.version = new.observed = new.revision = 1
    new.replicas = new.updated = new.ready = new.available = new.desired
    new.available_condition = progress.TRUE
    if new.deadline != NEVER:
        new.status, new.reason = progress.TRUE, progress.NEW_REPLICASET_AVAILABLE
    new.last_update = new.last_transition = -OLD
    return new


def ask(d: DeploymentObject, manifest: Deployment, template: int) -> None:
    """Make ``manifest``, whose pod template has the number ``template``, the spec and metadata of ``d``."""
    d.manifest, d.template = manifest, template
    d.annotations = copied(manifest.annotations)
    d.desired, d.paused = manifest.replicas, manifest.paused
    strategy = manifest.strategy
    d.rolling = strategy.type == "RollingUpdate"
    surge, unavailable = rules.resolve_fenceposts(
        strategy.max_surge.value,
        strategy.max_surge.is_percent,
        strategy.max_unavailable.value,
        strategy.max_unavailable.is_percent,
        manifest.replicas,
    )
    d.max_surge = rules.max_surge(d.rolling, surge)
    d.max_unavailable = rules.max_unavailable(d.rolling, unavailable, manifest.replicas)
    d.min_ready = to_us(manifest.min_ready_seconds)
    deadline = manifest.progress_deadline_seconds
    d.deadline = to_us(deadline) if deadline is not None and progress.has_deadline(deadline) else NEVER
    limit = manifest.revision_history_limit
    d.history_limit = NEVER if limit is None else limit


def copied(annotations: Mapping[str, str]) -> Mapping[str, str]:
    """Return the annotations that a ReplicaSet takes over from its Deployment, and gives back in a roll-back.

    Follows deployment_util.go, skipCopyAnnotation: {"a": "b", "deployment.kubernetes.io/revision": "3"} gives
    {"a": "b"}.
    """
    return {key: value for key, value in annotations.items() if key not in history.NOT_COPIED}
