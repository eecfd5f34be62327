"""The Deployment controller: what one sync does, in the order in which Kubernetes' own does it.

Follows pkg/controller/deployment (deployment_controller.go, sync.go, rolling.go, recreate.go, progress.go).
It reads from the informers, which lag, and writes through its own client; a write based on a stale object
fails and the whole sync is tried again.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from itertools import count
from typing import Any

import simpy

from sim.engine.api import ApiServer, Writing
from sim.engine.clock import Clock
from sim.engine.queues import Client, EventRecorder, WorkQueue
from sim.engine.record import Recorder
from sim.engine.rollout_status import StatusKeeper, is_complete
from sim.engine.stamps import Stamps
from sim.engine.state import NEVER, Cluster, DeploymentObject, ReplicaSetObject
from sim.rules import deployment as rules
from sim.rules import history, progress
from sim.spec.profile import Features

Scaling = Generator[simpy.Event, Any, ReplicaSetObject | None]


@dataclass(slots=True)
class DeploymentController:
    """Syncs Deployments; see `sync`."""

    env: Clock
    cluster: Cluster
    api: ApiServer
    client: Client
    events: EventRecorder
    stamps: Stamps
    recorder: Recorder
    status: StatusKeeper
    features: Features
    names: dict[int, str]  # the hash of every template, by its number
    queue: WorkQueue
    serials: count[int]

    def sync(self, name: str) -> Writing:
        """Bring the Deployment ``name`` one step closer to its spec; False when it has to be tried again."""
        d = self.cluster.seen_deployments.get(name)
        if d is None:
            return True
        replicasets = self.cluster.seen_of(d)
        known = d.status != NEVER
        pausing = progress.paused_condition(d.deadline != NEVER, known, d.reason, d.paused)
        if pausing != progress.REASON_NONE:
            d = d.copy()
            self.status.set_condition(d, progress.UNKNOWN, pausing)
            if not (yield from self.status.write(d)):
                return False
        new = self._find_new(d, replicasets)
        if new is not None:
            d, current = yield from self._bring_up_to_date(d, replicasets, new)
            if current is None:
                return False
            if current is not new and not d.paused:
                # deployment_controller.go: isScalingEvent has written the change, and what comes after it
                # starts from the informers again and writes it to the same, now stale, object.
                return (yield from self.api.write_replicaset(self.client, new.copy()))
            new = current
        if d.paused or self._is_scaled(d, replicasets):
            return (yield from self._resize(d, _others(replicasets, new), new))
        if d.rolling:
            return (yield from self._roll(d, replicasets, new))
        return (yield from self._recreate(d, replicasets, new))

    def _is_scaled(self, d: DeploymentObject, replicasets: list[ReplicaSetObject]) -> bool:
        desired = d.desired
        return any(rules.is_scaling_event(rs.spec, rs.desired_annotation, desired) for rs in replicasets)

    def _resize(
        self, d: DeploymentObject, olds: list[ReplicaSetObject], new: ReplicaSetObject | None
    ) -> Writing:
        # sync.go, sync: a paused Deployment and one whose replicas were edited are scaled, nothing else.
        if not (yield from self._scale_to_desired(d, olds, new)):
            return False
        if d.paused and not (yield from self._clean_up(d, olds)):
            return False
        return (yield from self.status.sync(d, olds, new, judged=False))

    def _scale_to_desired(
        self, d: DeploymentObject, olds: list[ReplicaSetObject], new: ReplicaSetObject | None
    ) -> Writing:
        # sync.go, scale: one ReplicaSet to the Deployment's size, or several in proportion.
        replicasets = [*olds, new] if new else olds
        specs, ages = [rs.spec for rs in replicasets], [rs.created for rs in replicasets]
        only = rules.active_or_latest(specs, ages, len(olds) if new else -1)
        if only >= 0:
            return (yield from self._scale(d, replicasets[only], d.desired)) is not None
        has_new = new is not None
        counts = (new.spec, new.desired_annotation, new.available) if new else (0, 0, 0)
        if rules.is_saturated(d.desired, has_new, *counts):
            for rs in olds:
                if rs.spec > 0 and (yield from self._scale(d, rs, 0)) is None:
                    return False
        elif d.rolling:
            sizes, order = [0] * len(specs), [0] * len(specs)
            most = [rs.max_annotation for rs in replicasets]
            rules.scale_proportionally(specs, ages, most, d.desired, d.max_surge, d.replicas, order, sizes)
            # The largest is written first; where nothing is added nothing was sorted.
            turns = order if sizes != specs else range(len(specs))
            for i in dict.fromkeys(turns):
                rs = replicasets[i]
                if rs.spec > 0 and (yield from self._write_size(d, rs, sizes[i])) is None:
                    return False
        return True

    def _roll(
        self, d: DeploymentObject, replicasets: list[ReplicaSetObject], new: ReplicaSetObject | None
    ) -> Writing:
        if new is None:
            d, new = yield from self._create_replicaset(d, replicasets)
            if new is None:
                return False
        olds = _others(replicasets, new)
        total = new.spec
        for rs in olds:
            total += rs.spec
        size = rules.reconciled_new_size(True, d.desired, d.max_surge, total, new.spec)
        if size != new.spec:
            if (yield from self._scale(d, new, size)) is None:
                return False
        elif not (yield from self._reconcile_old(d, olds, new, total)) and is_complete(d):
            yield from self._clean_up(d, olds)
        return (yield from self.status.sync(d, olds, new))

    def _reconcile_old(
        self, d: DeploymentObject, olds: list[ReplicaSetObject], new: ReplicaSetObject, total: int
    ) -> Writing:
        # Result: whether anything was scaled. A failed write is only logged, as in the original: the change
        # that made it fail wakes the Deployment anyway.
        if total == new.spec:
            return False
        floor = rules.min_available(d.desired, d.max_unavailable)
        most = rules.max_scaled_down(total, floor, new.spec, new.available)
        if most <= 0:
            return False
        active = [rs for rs in olds if rs.spec > 0]
        done = 0
        for i, rs in enumerate(active):
            cut = rules.unhealthy_cut(rs.spec, rs.available, most - done)
            if cut < 0:
                return False
            if cut > 0:
                scaled = yield from self._scale(d, rs, rs.spec - cut)
                if scaled is None:
                    return False
                active[i] = scaled
                done += cut
        # The status of the objects read above: cleaned-up ReplicaSets still show their old one.
        budget = rules.scale_down_budget(new.available + sum(rs.available for rs in active), floor)
        for rs in active:
            cut = rules.old_cut(rs.spec, budget)
            if cut > 0:
                if (yield from self._scale(d, rs, rs.spec - cut)) is None:
                    return False
                budget -= cut
                done += cut
        return done > 0

    def _recreate(
        self, d: DeploymentObject, replicasets: list[ReplicaSetObject], new: ReplicaSetObject | None
    ) -> Writing:
        olds = _others(replicasets, new)
        running = any(rs.replicas > 0 for rs in olds) or any(
            self.cluster.owned[rs.key].present for rs in olds
        )
        action = rules.recreate_action(
            sum(rs.spec for rs in olds), running, new is not None, new.spec if new else 0, d.desired
        )
        if action == rules.RECREATE_SCALE_DOWN:
            for rs in olds:
                if rs.spec > 0 and (yield from self._scale(d, rs, 0)) is None:
                    return False
        elif action == rules.RECREATE_CREATE:
            d, new = yield from self._create_replicaset(d, replicasets)
            if new is None:
                return False
        elif action == rules.RECREATE_SCALE_UP and new is not None:
            if (yield from self._scale(d, new, d.desired)) is None:
                return False
        elif action == rules.RECREATE_SETTLED and is_complete(d):
            yield from self._clean_up(d, olds)
        return (yield from self.status.sync(d, olds, new))

    def _find_new(self, d: DeploymentObject, replicasets: list[ReplicaSetObject]) -> ReplicaSetObject | None:
        found = rules.find_new(
            [rs.template for rs in replicasets], [rs.created for rs in replicasets], d.template
        )
        return replicasets[found] if found >= 0 else None

    def _bring_up_to_date(
        self, d: DeploymentObject, replicasets: list[ReplicaSetObject], new: ReplicaSetObject
    ) -> Generator[simpy.Event, Any, tuple[DeploymentObject, ReplicaSetObject | None]]:
        # sync.go, getNewReplicaSet, when there is one. Result: the Deployment as this sync goes on with it,
        # and the ReplicaSet, None when a write failed.
        revision = history.next_revision([rs.revision for rs in replicasets if rs is not new], new.revision)
        annotated = new.annotations.items() >= d.annotations.items()
        if new.revision != revision or new.min_ready != d.min_ready or not annotated:
            changed = new.copy()
            changed.annotations = {**new.annotations, **d.annotations}
            if new.revision != revision:
                changed.revision = revision
                changed.history = history.append_history(new.history, new.revision)
            changed.generation += new.min_ready != d.min_ready
            changed.min_ready = d.min_ready
            ok = yield from self.api.write_replicaset(self.client, changed)
            return d, changed if ok else None
        unwatched = d.deadline != NEVER and d.status == NEVER
        if d.revision != new.revision or unwatched:
            d = d.copy()
            d.revision = new.revision
            if unwatched:
                self.status.set_condition(d, progress.TRUE, progress.FOUND_NEW_REPLICASET)
            ok = yield from self.status.write(d)
            return d, new if ok else None
        return d, new

    def _create_replicaset(
        self, d: DeploymentObject, replicasets: list[ReplicaSetObject]
    ) -> Generator[simpy.Event, Any, tuple[DeploymentObject, ReplicaSetObject | None]]:
        # sync.go, getNewReplicaSet, when there is none yet. Result as above.
        revision = history.next_revision([rs.revision for rs in replicasets], 0)
        new = self.blank_replicaset(d, revision)
        total = sum(rs.spec for rs in replicasets)
        new.spec = rules.new_replicaset_size(d.rolling, d.desired, d.max_surge, total, 0)
        if not (yield from self.api.create_replicaset(self.client, new)):
            return d, None
        if new.spec > 0:
            self._announce(d, new, 0)
        d = d.copy()
        d.revision = revision
        if d.deadline != NEVER:
            self.status.set_condition(d, progress.TRUE, progress.NEW_REPLICASET_CREATED)
        ok = yield from self.status.write(d)
        return d, new if ok else None

    def blank_replicaset(self, d: DeploymentObject, revision: int) -> ReplicaSetObject:
        """Return a ReplicaSet for the template of ``d``, with no pods and not yet written."""
        new = ReplicaSetObject()
        new.version = 0
        new.key = next(self.serials)
        new.name = f"{d.name}-{self.names[d.template]}"
        new.deployment, new.owner = d.name, d.uid
        new.annotations, new.history = d.annotations, ""
        new.template = d.template
        new.created = self.stamps.at(self.env.now)
        new.min_ready = d.min_ready
        new.generation = 1
        new.desired_annotation = d.desired
        new.max_annotation = d.desired + d.max_surge
        new.revision = revision
        new.spec = new.observed = new.replicas = new.ready = new.available = 0
        return new

    def _scale(self, d: DeploymentObject, rs: ReplicaSetObject, size: int) -> Scaling:
        # Result: the ReplicaSet as written, None when the write failed.
        if rs.spec == size:
            return rs
        return (yield from self._write_size(d, rs, size))

    def _write_size(self, d: DeploymentObject, rs: ReplicaSetObject, size: int) -> Scaling:
        # sync.go, scaleReplicaSet: the size, and the annotations that tell of which whole it is a part.
        desired, most = d.desired, d.desired + d.max_surge
        stale = rules.annotations_need_update(rs.desired_annotation, rs.max_annotation, desired, most)
        if rs.spec == size and not stale:
            return rs
        new = rs.copy()
        new.spec = size
        new.generation += size != rs.spec
        new.desired_annotation, new.max_annotation = desired, most
        if not (yield from self.api.write_replicaset(self.client, new)):
            return None
        if size != rs.spec:
            self._announce(d, new, rs.spec)
        return new

    def _announce(self, d: DeploymentObject, rs: ReplicaSetObject, before: int) -> None:
        self.recorder.scaled(d.name, rs, before, rs.spec, self.features)
        self.events.post(d.name)

    def _clean_up(self, d: DeploymentObject, olds: list[ReplicaSetObject]) -> Writing:
        # sync.go, cleanupDeployment: the oldest revisions beyond the limit; one that is still in use is
        # skipped, not replaced.
        excess = rules.history_excess(len(olds), d.history_limit)
        for rs in sorted(olds, key=lambda rs: (rs.revision, rs.created, rs.key))[:excess]:
            if rules.history_deletable(rs.spec, rs.replicas, rs.generation, rs.observed):
                if not (yield from self.api.delete_replicaset(self.client, rs)):
                    return False
                self.recorder.cleaned_up(d.name, rs)
        return True


def _others(replicasets: list[ReplicaSetObject], new: ReplicaSetObject | None) -> list[ReplicaSetObject]:
    return [rs for rs in replicasets if new is None or rs.key != new.key]
