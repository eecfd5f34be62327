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
from sim.engine.clock import SECOND, Clock
from sim.engine.queues import Client, EventRecorder, WorkQueue
from sim.engine.record import Recorder
from sim.engine.stamps import Stamps
from sim.engine.state import NEVER, Cluster, DeploymentObject, ReplicaSetObject
from sim.rules import deployment as rules
from sim.rules import progress

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
    names: dict[int, str]  # the hash of every template, by its number
    queue: WorkQueue
    serials: count[int]

    def sync(self, name: str) -> Writing:
        """Bring the Deployment ``name`` one step closer to its spec; False when it has to be tried again."""
        seen = self.cluster.seen_deployments.get(name)
        if seen is None:
            return True
        d = seen.copy()
        replicasets = self.cluster.seen_of(name)
        if d.paused:
            new = self._find_new(d, replicasets)
            return (yield from self._sync_status(d, _others(replicasets, new), new))
        if d.rolling:
            return (yield from self._roll(d, replicasets))
        return (yield from self._recreate(d, replicasets))

    def _roll(self, d: DeploymentObject, replicasets: list[ReplicaSetObject]) -> Writing:
        ok, new = yield from self._new_replicaset(d, replicasets, create=True)
        if not ok or new is None:
            return False
        olds = _others(replicasets, new)
        total = new.spec + sum(rs.spec for rs in olds)
        size = rules.reconciled_new_size(True, d.desired, d.max_surge, total, new.spec)
        if size != new.spec:
            if (yield from self._scale(d, new, size)) is None:
                return False
        elif not (yield from self._reconcile_old(d, olds, new, total)) and self._is_complete(d):
            yield from self._clean_up(d, olds)
        return (yield from self._sync_status(d, olds, new))

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

    def _recreate(self, d: DeploymentObject, replicasets: list[ReplicaSetObject]) -> Writing:
        ok, new = yield from self._new_replicaset(d, replicasets, create=False)
        if not ok:
            return False
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
            ok, new = yield from self._new_replicaset(d, replicasets, create=True)
            if not ok:
                return False
        elif action == rules.RECREATE_SCALE_UP and new is not None:
            if (yield from self._scale(d, new, d.desired)) is None:
                return False
        elif action == rules.RECREATE_SETTLED and self._is_complete(d):
            yield from self._clean_up(d, olds)
        return (yield from self._sync_status(d, olds, new))

    def _find_new(self, d: DeploymentObject, replicasets: list[ReplicaSetObject]) -> ReplicaSetObject | None:
        found = rules.find_new(
            [rs.template for rs in replicasets], [rs.created for rs in replicasets], d.template
        )
        return replicasets[found] if found >= 0 else None

    def _new_replicaset(
        self, d: DeploymentObject, replicasets: list[ReplicaSetObject], create: bool
    ) -> Generator[simpy.Event, Any, tuple[bool, ReplicaSetObject | None]]:
        # sync.go, getNewReplicaSet. Result: (nothing failed, the new ReplicaSet if there is one).
        new = self._find_new(d, replicasets)
        revision = 1 + max((rs.revision for rs in replicasets if rs is not new), default=0)
        if new is not None:
            if new.revision < revision or new.min_ready != d.min_ready:
                changed = new.copy()
                changed.revision = max(new.revision, revision)
                changed.generation += new.min_ready != d.min_ready
                changed.min_ready = d.min_ready
                ok = yield from self.api.write_replicaset(self.client, changed)
                return ok, changed if ok else None
            announce = d.revision != new.revision
            if d.deadline != NEVER and d.status == NEVER:
                self._set_condition(d, progress.TRUE, progress.FOUND_NEW_REPLICASET)
                announce = True
            if announce:
                d.revision = new.revision
                ok = yield from self._write_status(d)
                return ok, new if ok else None
            return True, new
        if not create:
            return True, None
        total = sum(rs.spec for rs in replicasets)
        new = self.blank_replicaset(d, revision)
        new.spec = rules.new_replicaset_size(d.rolling, d.desired, d.max_surge, total, 0)
        if not (yield from self.api.create_replicaset(self.client, new)):
            return False, None
        if new.spec > 0:
            self._announce(d, new, 0)
        d.revision = revision
        if d.deadline != NEVER:
            self._set_condition(d, progress.TRUE, progress.NEW_REPLICASET_CREATED)
        ok = yield from self._write_status(d)
        return ok, new

    def blank_replicaset(self, d: DeploymentObject, revision: int) -> ReplicaSetObject:
        """Return a ReplicaSet for the template of ``d``, with no pods and not yet written."""
        new = ReplicaSetObject()
        new.version = 0
        new.key = next(self.serials)
        new.name = f"{d.name}-{self.names[d.template]}"
        new.deployment = d.name
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
        new = rs.copy()
        new.spec = size
        new.generation += 1
        new.desired_annotation = d.desired
        new.max_annotation = d.desired + d.max_surge
        if not (yield from self.api.write_replicaset(self.client, new)):
            return None
        self._announce(d, new, rs.spec)
        return new

    def _announce(self, d: DeploymentObject, rs: ReplicaSetObject, before: int) -> None:
        direction = "up" if rs.spec > before else "down"
        self.recorder.event(
            "scale",
            d.name,
            "ScalingReplicaSet",
            f"Scaled {direction} replica set {rs.name} to {rs.spec} from {before}",
        )
        self.events.post(d.name)

    def _is_complete(self, d: DeploymentObject) -> bool:
        return rules.is_complete(d.desired, d.updated, d.replicas, d.available, d.observed, d.generation)

    def _clean_up(self, d: DeploymentObject, olds: list[ReplicaSetObject]) -> Writing:
        # sync.go, cleanupDeployment: the oldest revisions beyond the limit; one that is still in use is
        # skipped, not replaced.
        excess = rules.history_excess(len(olds), d.history_limit)
        for rs in sorted(olds, key=lambda rs: (rs.revision, rs.created, rs.key))[:excess]:
            if rules.history_deletable(rs.spec, rs.replicas, rs.generation, rs.observed):
                if not (yield from self.api.delete_replicaset(self.client, rs)):
                    return False
                self.recorder.event(
                    "history",
                    d.name,
                    "ReplicaSetDeleted",
                    f"Deleted replica set {rs.name} of revision {rs.revision}",
                )
        return True

    def _sync_status(
        self, d: DeploymentObject, olds: list[ReplicaSetObject], new: ReplicaSetObject | None
    ) -> Writing:
        # progress.go, syncRolloutStatus. ``d`` is the cached object, changed at most by a write that failed
        # or will.
        replicasets = [*olds, new] if new else olds
        status = d.copy()
        status.observed = d.generation
        status.replicas = sum(rs.replicas for rs in replicasets)
        status.updated = new.replicas if new else 0
        status.ready = sum(rs.ready for rs in replicasets)
        status.available = sum(rs.available for rs in replicasets)
        status.unavailable = rules.unavailable_replicas(sum(rs.spec for rs in replicasets), status.available)
        status.available_condition = rules.is_min_available(status.available, d.desired, d.max_unavailable)
        self._judge(d, status)
        if status.counts() == d.counts():
            self._look_again(d)
            return True
        return (yield from self._write_status(status))

    def _judge(self, d: DeploymentObject, status: DeploymentObject) -> None:
        if d.paused:
            return
        now = self.env.now
        known = d.status != NEVER
        decision = progress.rollout_condition(
            d.deadline != NEVER,
            known,
            d.reason,
            status.replicas,
            status.updated,
            self._is_complete(status),
            rules.is_progressing(
                d.replicas,
                d.updated,
                d.ready,
                d.available,
                status.replicas,
                status.updated,
                status.ready,
                status.available,
            ),
            progress.timed_out(known, d.reason, d.last_update, d.deadline, now),
        )
        if decision == progress.REMOVE:
            status.status, status.reason, status.last_update, status.last_transition = NEVER, 0, NEVER, NEVER
        elif decision == progress.COMPLETE:
            self._set_condition(status, progress.TRUE, progress.NEW_REPLICASET_AVAILABLE)
        elif decision == progress.PROGRESSING:
            self._set_condition(status, progress.TRUE, progress.REPLICASET_UPDATED, renew=True)
        elif decision == progress.TIMED_OUT:
            self._set_condition(status, progress.FALSE, progress.DEADLINE_EXCEEDED)

    def _set_condition(self, d: DeploymentObject, status: int, reason: int, renew: bool = False) -> None:
        if not renew and (d.status, d.reason) == (status, reason):
            return
        now = self.stamps.at(self.env.now)
        if d.status != status:
            d.last_transition = now
        d.status, d.reason, d.last_update = status, reason, now

    def _look_again(self, d: DeploymentObject) -> None:
        # progress.go, requeueStuckDeployment.
        after = progress.requeue_after(
            d.status != NEVER,
            d.reason,
            d.last_update,
            d.deadline,
            self.env.now,
            SECOND,
            self._is_complete(d),
        )
        if after == 0:
            self.queue.add_rate_limited(d.name)
        elif after > 0:
            self.queue.add_after(d.name, int(after) + SECOND)

    def _write_status(self, d: DeploymentObject) -> Writing:
        # ``d`` keeps the version it was read with, so that a second write in the same sync conflicts, as it
        # does in Kubernetes.
        return (yield from self.api.write_deployment(self.client, d.copy()))


def _others(replicasets: list[ReplicaSetObject], new: ReplicaSetObject | None) -> list[ReplicaSetObject]:
    return [rs for rs in replicasets if new is None or rs.key != new.key]
