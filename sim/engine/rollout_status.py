"""The status of a Deployment: its counts, and whether its rollout makes progress.

Follows pkg/controller/deployment/progress.go and sync.go (calculateStatus).
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.engine.api import ApiServer, Writing
from sim.engine.clock import SECOND, Clock
from sim.engine.queues import Client, WorkQueue
from sim.engine.stamps import Stamps
from sim.engine.state import NEVER, DeploymentObject, ReplicaSetObject
from sim.rules import deployment as rules
from sim.rules import progress

CONDITIONS = {
    progress.COMPLETE: (progress.TRUE, progress.NEW_REPLICASET_AVAILABLE),
    progress.PROGRESSING: (progress.TRUE, progress.REPLICASET_UPDATED),
    progress.TIMED_OUT: (progress.FALSE, progress.DEADLINE_EXCEEDED),
    progress.REMOVE: (NEVER, progress.REASON_NONE),
}


def is_complete(d: DeploymentObject) -> bool:
    """Return whether the status of ``d`` says that its rollout is over."""
    return rules.is_complete(d.desired, d.updated, d.replicas, d.available, d.observed, d.generation)


@dataclass(slots=True)
class StatusKeeper:
    """Writes Deployments' statuses, and looks again when a deadline may have passed."""

    env: Clock
    api: ApiServer
    client: Client
    stamps: Stamps
    queue: WorkQueue

    def sync(
        self,
        d: DeploymentObject,
        olds: list[ReplicaSetObject],
        new: ReplicaSetObject | None,
        judged: bool = True,
    ) -> Writing:
        """Write the status that the ReplicaSets show, if it is not that of ``d`` (syncRolloutStatus).

        Unless ``judged`` the Progressing condition is left as it is (syncDeploymentStatus).
        """
        updated = new.replicas if new else 0
        spec = replicas = ready = available = 0
        for rs in [*olds, new] if new else olds:
            spec += rs.spec
            replicas += rs.replicas
            ready += rs.ready
            available += rs.available
        unavailable = rules.unavailable_replicas(spec, available)
        enough = int(rules.is_min_available(available, d.desired, d.max_unavailable))
        decision = self._judge(d, replicas, updated, ready, available) if judged else progress.KEEP
        renewed = decision == progress.PROGRESSING
        status, reason = CONDITIONS.get(decision, (d.status, d.reason))
        if not renewed and (status, reason) == (d.status, d.reason):
            before = (
                d.observed,
                d.replicas,
                d.updated,
                d.ready,
                d.available,
                d.unavailable,
                d.available_condition,
            )
            if before == (d.generation, replicas, updated, ready, available, unavailable, enough):
                if judged:
                    self._look_again(d)
                return True
        after = d.copy()
        after.observed, after.updated, after.unavailable = d.generation, updated, unavailable
        after.replicas, after.ready, after.available = replicas, ready, available
        after.available_condition = enough
        self.set_condition(after, status, reason, renewed)
        return (yield from self.write(after))

    def _judge(self, d: DeploymentObject, replicas: int, updated: int, ready: int, available: int) -> int:
        known = d.status != NEVER
        return progress.rollout_condition(
            d.deadline != NEVER,
            known,
            d.reason,
            replicas,
            updated,
            rules.is_complete(d.desired, updated, replicas, available, d.generation, d.generation),
            rules.is_progressing(
                d.replicas, d.updated, d.ready, d.available, replicas, updated, ready, available
            ),
            progress.timed_out(known, d.reason, d.last_update, d.deadline, self.env.now),
        )

    def set_condition(self, d: DeploymentObject, status: int, reason: int, renew: bool = False) -> None:
        """Set the Progressing condition of ``d``; its times move when it changes, or to ``renew`` it."""
        if not renew and (d.status, d.reason) == (status, reason):
            return
        now = self.stamps.at(self.env.now)
        if not progress.keeps_transition_time(d.status != NEVER, d.status, status):
            d.last_transition = now
        d.status, d.reason, d.last_update = status, reason, now

    def _look_again(self, d: DeploymentObject) -> None:
        # progress.go, requeueStuckDeployment. A Deployment that was complete and has lost pods since is asked
        # again and again there; nothing can come of it, so it is not asked here.
        if d.reason == progress.NEW_REPLICASET_AVAILABLE:
            return
        known = d.status != NEVER
        after = progress.requeue_after(
            known, d.reason, d.last_update, d.deadline, self.env.now, SECOND, is_complete(d)
        )
        if after == 0:
            self.queue.add_rate_limited(d.name)
        elif after > 0:
            self.queue.add_after(d.name, int(after) + SECOND)

    def write(self, d: DeploymentObject) -> Writing:
        """Write a copy of ``d``: it keeps its version, so a second write in one sync conflicts."""
        return (yield from self.api.write_deployment(self.client, d.copy()))
