"""What people ask of the API server: objects created, changed and deleted, at once and unconditionally."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sim.engine import objects
from sim.engine.api import ApiServer
from sim.engine.clock import Call
from sim.engine.endpoints import ABSENT, READY, UNREADY, EndpointsController
from sim.engine.pods import Pods
from sim.engine.record import Recorder
from sim.engine.scheduler import Spread
from sim.engine.stamps import Stamps
from sim.engine.state import NEVER, RUNNING, Cluster, DeploymentObject
from sim.engine.templates import Templates
from sim.spec.manifest import Deployment, Service


@dataclass(slots=True)
class Admin:
    """What creates, changes and deletes objects."""

    cluster: Cluster
    api: ApiServer
    templates: Templates
    endpoints: EndpointsController
    spread: Spread
    stamps: Stamps
    recorder: Recorder
    pods: Pods
    _uids: count[int] = field(default_factory=lambda: count(1))
    _services: dict[str, int] = field(default_factory=dict)  # when each was created

    def admit(self, manifest: Deployment) -> int:
        """Make room for the pods of ``manifest``; return the number of its template."""
        self.spread.add(manifest.name)
        known = len(self.templates.by_number)
        number = self.templates.number(manifest.name, manifest.template)
        if len(self.templates.by_number) > known:
            self.endpoints.learn(number, manifest.namespace, manifest.template.labels)
        return number

    def begin(self, manifest: Deployment) -> DeploymentObject:
        """Let the Deployment be there, complete, before time begins."""
        d = objects.complete(manifest, next(self._uids), self.admit(manifest))
        self.cluster.deployments[d.name] = self.cluster.seen_deployments[d.name] = d
        self._asked(d)
        return d

    def create_deployment(self, manifest: Deployment) -> None:
        """Create a Deployment, whose name must be free."""
        now = self.stamps.at(self.api.now)
        d = objects.created(manifest, next(self._uids), self.admit(manifest), now)
        self._asked(d, "Created")
        self.recorder.event("created", d.name, "Created", f"image {manifest.template.image}")
        self.api.store_deployment(d)

    def change_deployment(self, manifest: Deployment, text: str, *, undone: bool = False) -> bool:
        """Make ``manifest`` the Deployment of its name; return whether that changes anything.

        ``text`` says what changed, for people; ``undone``: it is a roll-back.
        """
        old = self.cluster.deployments[manifest.name]
        was = old.manifest
        changes = _spec(manifest) != _spec(was)
        if not changes and (manifest.annotations, manifest.labels) == (was.annotations, was.labels):
            return False
        new = old.copy()
        objects.ask(new, manifest, self.admit(manifest))
        # registry/apps/deployment/strategy.go: annotations count, other metadata does not.
        new.generation += changes or manifest.annotations != was.annotations
        if changes and (new.paused == old.paused or new.template != old.template):
            reason = _reason(old, new)
            self.recorder.event("step", new.name, reason, text)
        self._asked(new, "Undone" if undone else "")
        self.api.store_deployment(new)
        return True

    def _asked(self, d: DeploymentObject, reason: str = "") -> None:
        self.recorder.asked(d, f"{d.name}-{d.manifest.template.hash}", reason)

    def delete_deployment(self, name: str) -> None:
        """Delete a Deployment; the garbage collector deletes its ReplicaSets and their pods."""
        self.recorder.event("deleted", name, "Deleted", "")
        gone = self.cluster.deployments[name].copy()
        gone.desired = gone.max_unavailable = 0
        self._asked(gone, "Deleted")
        self.api.delete_deployment(name)

    def delete_pod(self, pod: int) -> None:
        """Mark a pod for deletion."""
        Call(self.api.env, self.api.watch_hop(), self._pod_deleted, pod)

    def _pod_deleted(self, event: Any) -> None:
        pod: int = event.value
        if self.cluster.pods.deleted[pod] == NEVER:
            self.pods.deleted(pod)
            self.pods.replicasets.queue.add(self.cluster.pods.replicaset[pod])

    def put_service(self, service: Service) -> None:
        """Create a Service, or change the one of its name."""
        if service.name not in self.endpoints.services:
            self._services[service.name] = self.stamps.at(self.api.now)
        self.endpoints.add(service, self._addresses())
        self.endpoints.write(service.name)

    def delete_service(self, name: str) -> None:
        """Delete a Service."""
        self._services.pop(name, None)
        self.endpoints.remove(name)

    def service_created(self, name: str) -> int:
        """Return when a Service was created."""
        return self._services.get(name, -objects.OLD)

    def _addresses(self) -> list[tuple[int, int]]:
        table = self.cluster.pods
        return [(self.pods.template(pod).number, self._state(pod)) for pod in range(len(table))]

    def _state(self, pod: int) -> int:
        table = self.cluster.pods
        if table.phase[pod] != RUNNING or table.deleted[pod] != NEVER:
            return ABSENT
        return READY if table.ready[pod] else UNREADY


def _spec(m: Deployment) -> tuple[Any, ...]:
    limits = (m.min_ready_seconds, m.progress_deadline_seconds, m.revision_history_limit)
    return m.replicas, m.paused, m.strategy, limits, m.template.hash


def _reason(old: DeploymentObject, new: DeploymentObject) -> str:
    if old.template != new.template:
        return "TemplateChanged"
    return "Scaled" if old.desired != new.desired else "SpecChanged"
