"""The endpoints controller: which pods a Service sends requests to, a hop after they changed.

Follows pkg/controller/endpoint: a Service is synced whenever a pod it selects changes, by a controller with a
client of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sim.engine.api import ApiServer, Writing
from sim.engine.clock import Call, Clock
from sim.engine.queues import Client, WorkQueue
from sim.engine.record import Recorder
from sim.rules.endpoints import endpoint_is_ready

UNREADY, READY, ABSENT = range(
    3
)  # of a pod, to a Service: it has an address, it is ready, it is leaving or not there


@dataclass(slots=True)
class EndpointsController:
    """``selected``: the Services that select each template's pods. ``publish_not_ready``: those that take
    unready pods too."""

    env: Clock
    api: ApiServer
    client: Client
    recorder: Recorder
    queue: WorkQueue
    selected: dict[int, tuple[str, ...]]
    publish_not_ready: frozenset[str]
    _ready: dict[str, int] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)  # since the last write
    _worth: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for service in dict.fromkeys(s for services in self.selected.values() for s in services):
            publish = service in self.publish_not_ready
            self._ready[service] = 0
            self._worth[service] = (
                int(endpoint_is_ready(False, False, publish)),
                int(endpoint_is_ready(True, False, publish)),
                0,
            )

    def pod_changed(self, template: int, before: int, after: int) -> None:
        """Note that a pod of ``template`` went from one state (UNREADY, READY or ABSENT) to another."""
        for service in self.selected[template]:
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
        self.recorder.endpoints(*event.value)

    def begin(self, template: int, ready: int) -> None:
        """Count so many ready pods of ``template`` that are there before time begins."""
        for service in self.selected[template]:
            self._ready[service] += ready

    def start(self) -> None:
        """Record the addresses as they are, without a write."""
        for service, addresses in self._ready.items():
            self.recorder.endpoints(service, addresses)
