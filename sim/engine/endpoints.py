"""The endpoints controller: which pods a Service sends requests to, a hop after they changed.

Follows pkg/controller/endpoint: a Service is synced whenever a pod it selects changes, by a controller with a
client of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sim.engine.api import ApiServer, Writing
from sim.engine.clock import Call, Clock
from sim.engine.queues import Client, WorkQueue
from sim.engine.record import Recorder
from sim.rules.endpoints import endpoint_is_ready
from sim.spec.manifest import Service

UNREADY, READY, ABSENT = range(
    3
)  # of a pod, to a Service: it has an address, it is ready, it is leaving or not there


@dataclass(slots=True)
class EndpointsController:
    """``services``: those that exist, by name. `learn` names the Services of a template's pods."""

    env: Clock
    api: ApiServer
    client: Client
    recorder: Recorder
    queue: WorkQueue
    services: dict[str, Service] = field(default_factory=dict)
    _selected: dict[int, tuple[str, ...]] = field(default_factory=dict)  # by template
    _pods: dict[int, tuple[str, dict[str, str]]] = field(default_factory=dict)  # its namespace and labels
    _ready: dict[str, int] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)  # since the last write
    _worth: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def learn(self, template: int, namespace: str, labels: dict[str, str]) -> None:
        """Find the Services of the pods of ``template``."""
        self._pods[template] = namespace, labels
        self._selected[template] = tuple(name for name in self.services if self._selects(name, template))

    def add(self, service: Service, states: Iterable[tuple[int, int]] = ()) -> None:
        """Add a Service, or change it; ``states``: the template and state of every pod that is there
        already."""
        name, publish = service.name, service.publish_not_ready_addresses
        self._unselect(name)
        self.services[name] = service
        ready = int(endpoint_is_ready(True, False, publish))
        self._worth[name] = int(endpoint_is_ready(False, False, publish)), ready, 0
        for template in self._pods:
            if self._selects(name, template):
                self._selected[template] += (name,)
        self._ready[name] = sum(
            self._worth[name][state] for template, state in states if self._selects(name, template)
        )

    def write(self, service: str) -> None:
        """Write the addresses of a Service that has just been added or changed."""
        self._changed.add(service)
        self.queue.add(service)

    def remove(self, service: str) -> None:
        """Forget a Service."""
        del self.services[service]
        self._unselect(service)
        self._changed.discard(service)
        self.recorder.endpoints(service, 0)

    def _unselect(self, service: str) -> None:
        for template, names in self._selected.items():
            self._selected[template] = tuple(name for name in names if name != service)

    def _selects(self, service: str, template: int) -> bool:
        namespace, labels = self._pods[template]
        return self.services[service].namespace == namespace and self.services[service].selects(labels)

    def selecting(self, template: int) -> tuple[str, ...]:
        """Return the names of the Services that select the pods of ``template``."""
        return self._selected[template]

    def namespace(self, template: int) -> str:
        """Return the namespace of what runs ``template``."""
        return self._pods[template][0]

    def pod_changed(self, template: int, before: int, after: int) -> None:
        """Note that a pod of ``template`` went from one state (UNREADY, READY or ABSENT) to another."""
        for service in self._selected[template]:
            worth = self._worth[service]
            delta = worth[after] - worth[before]
            if delta:
                self._ready[service] += delta
                self._changed.add(service)
                self.queue.add(service)

    def sync(self, service: str) -> Writing:
        """Write the Service's ready addresses if they have changed since they were written last."""
        if service in self._changed:
            self._changed.discard(service)
            ready = self._ready[service]
            yield self.env.timeout(self.client.request())
            Call(self.env, self.api.delivery("endpoints"), self._seen, (service, ready))
        return True

    def _seen(self, event: Any) -> None:
        if event.value[0] in self.services:
            self.recorder.endpoints(*event.value)

    def begin(self, template: int, ready: int) -> None:
        """Count so many ready pods of ``template`` that are there before time begins."""
        for service in self._selected[template]:
            self._ready[service] += ready

    def start(self) -> None:
        """Record the addresses as they are, without a write."""
        for service, addresses in self._ready.items():
            self.recorder.endpoints(service, addresses)
