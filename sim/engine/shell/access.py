"""What a command at a terminal can see and do: the API server as it is, not as the informers have it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import simpy

from sim.engine.admin import Admin
from sim.engine.clock import Clock, to_us
from sim.engine.pod_tables import suffix
from sim.engine.state import NEVER, Cluster, DeploymentObject, ReplicaSetObject
from sim.errors import Diagnostic, InputError
from sim.kubectl import failures
from sim.kubectl.failures import Failure
from sim.kubectl.outcome import Command
from sim.rules.history import CHANGE_CAUSE, TEMPLATE_HASH
from sim.spec.manifest import Service, deployment_from, immutable_changes

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The simulated 0 s as a date, for what prints one."""
DEPLOYMENTS, REPLICASETS, PODS, SERVICES, ENDPOINTS = (
    "deployments",
    "replicasets",
    "pods",
    "services",
    "endpoints",
)
SELECTS = Callable[[Mapping[str, str]], bool]


class FailedError(Exception):
    """A command cannot go on."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.alone)
        self.failure = failure


class Watch:
    """Deployments of one name as they change: `next` waits for the next one, None when it is deleted."""

    def __init__(self, env: Clock, name: str) -> None:
        self._env = env
        self.name = name
        self._seen: deque[DeploymentObject | None] = deque()
        self._news = env.event()

    def tell(self, d: DeploymentObject | None) -> None:
        """Pass on a change."""
        self._seen.append(d)
        if not self._news.triggered:
            self._news.succeed()

    def ready(self) -> bool:
        """Return whether a change is there to be taken."""
        return bool(self._seen)

    def take(self) -> DeploymentObject | None:
        """Return the oldest change that was not taken."""
        return self._seen.popleft()

    def news(self) -> simpy.Event:
        """Return an event that happens with the next change."""
        self._news = self._env.event()
        return self._news


@dataclass(slots=True)
class Access:
    """``salt``: what makes the pods' names. ``horizon``: when the simulation ends. ``hop``: time of a
    request."""

    env: Clock
    cluster: Cluster
    admin: Admin
    salt: int
    horizon: int
    hop: Callable[[], int]
    counts_restart_ages: bool  # whether `get pods` says when a pod restarted (1.22 and later)
    others: set[tuple[str, str]] = field(default_factory=set)  # created, and not modelled
    _watches: list[Watch] = field(default_factory=list)
    _news: list[simpy.Event] = field(default_factory=list)

    # -- looking
    # ------------------------------------------------------------------------------------------------

    def deployments(self, namespace: str) -> list[DeploymentObject]:
        """Return the Deployments of a namespace by name."""
        found = (d for d in self.cluster.deployments.values() if d.manifest.namespace == namespace)
        return sorted(found, key=lambda d: d.name)

    def deployment(self, name: str, namespace: str) -> DeploymentObject:
        """Return a Deployment; raises FailedError when there is none."""
        d = self.cluster.deployments.get(name)
        if d is None or d.manifest.namespace != namespace:
            raise FailedError(failures.not_found(DEPLOYMENTS, name))
        return d

    def replicasets(self, namespace: str) -> list[ReplicaSetObject]:
        """Return the ReplicaSets of a namespace by name."""
        found = (
            rs for rs in self.cluster.replicasets.values() if self.namespace_of(rs.template) == namespace
        )
        return sorted(found, key=lambda rs: rs.name)

    def namespace_of(self, template: int) -> str:
        """Return the namespace of what runs a template."""
        return self.admin.endpoints.namespace(template)

    def labels(self, template: int) -> dict[str, str]:
        """Return the labels of a template's ReplicaSet and pods."""
        written = self.admin.templates.written[template]
        return {**written.labels, TEMPLATE_HASH: written.hash}

    def pods(self, namespace: str) -> list[int]:
        """Return the pods of a namespace that are not gone, by name."""
        table = self.cluster.pods
        there = (pod for pod in range(len(table)) if table.gone[pod] == NEVER)
        found = [pod for pod in there if self.namespace_of(self.template(pod)) == namespace]
        return sorted(found, key=self.pod_name)

    def template(self, pod: int) -> int:
        """Return the number of a pod's template."""
        return self.admin.pods.template(pod).number

    def pod_name(self, pod: int) -> str:
        """Return a pod's name."""
        template = self.admin.pods.template(pod)
        return f"{template.deployment}-{template.hash}-{suffix(pod, self.salt)}"

    def services(self, namespace: str) -> list[Service]:
        """Return the Services of a namespace by name."""
        found = (s for s in self.admin.endpoints.services.values() if s.namespace == namespace)
        return sorted(found, key=lambda s: s.name)

    def address(self, pod: int) -> str:
        """Return a pod's address: nodes have a range each, and give its numbers out in turn."""
        table = self.cluster.pods
        node, slot = table.node[pod], table.slot[pod]
        return f"10.{244 + node // 256}.{node % 256}.{2 + slot % 253}"

    def age(self, stamp: int) -> float:
        """Return the seconds since a stamp, as kubectl counts them."""
        return (self.env.now - stamp) / 1_000_000

    def date(self, moment: int) -> datetime:
        """Return a moment as a date of whole seconds."""
        return EPOCH + timedelta(seconds=moment // 1_000_000)

    # -- changing
    # -----------------------------------------------------------------------------------------------

    def change(self, d: DeploymentObject, document: Mapping[str, Any], text: str, command: Command) -> bool:
        """Write ``document`` as the Deployment ``d``; return whether it changes. Raises FailedError if
        invalid."""
        if command.cause is not None:
            document = annotated(document, {CHANGE_CAUSE: command.cause})
        try:
            made = deployment_from(document)
        except InputError as error:
            raise FailedError(refused(d.name, error.diagnostics, command.verb)) from None
        made = made.model_copy(update={"name": d.name, "namespace": d.manifest.namespace})
        wrong = immutable_changes(d.manifest, made)
        if wrong:
            raise FailedError(refused(d.name, wrong, command.verb))
        return self.admin.change_deployment(made, text, undone=command.verb == "rollout undo")

    # -- waiting
    # ------------------------------------------------------------------------------------------------

    def watch(self, name: str) -> Watch:
        """Begin to watch a Deployment."""
        watch = Watch(self.env, name)
        self._watches.append(watch)
        return watch

    def unwatch(self, watch: Watch) -> None:
        """Stop to watch."""
        self._watches.remove(watch)

    def deployment_seen(self, d: DeploymentObject) -> None:
        """Tell whoever watches it of a change."""
        self.changed()
        for watch in self._watches:
            if watch.name == d.name:
                watch.tell(d)

    def deployment_gone(self, d: DeploymentObject) -> None:
        """Tell whoever watches it of its end."""
        self.changed()
        for watch in self._watches:
            if watch.name == d.name:
                watch.tell(None)

    def changed(self) -> None:
        """Wake whoever waits for a change of anything."""
        news, self._news = self._news, []
        for event in news:
            event.succeed()

    def next_change(self) -> simpy.Event:
        """Return an event that happens when a Deployment changes, or when a pod turns ready or goes."""
        event = self.env.event()
        self._news.append(event)
        return event

    def limit(self, seconds: float) -> simpy.Event | None:
        """Return an event after ``seconds``; None when the simulation has ended before, or for 0 and less."""
        # An event that is left over beyond the horizon would keep the simulation awake.
        if seconds <= 0 or self.env.now + to_us(seconds) >= self.horizon:
            return None
        return self.env.timeout(to_us(seconds))


def annotated(document: Mapping[str, Any], annotations: Mapping[str, str | None]) -> dict[str, Any]:
    """Return a document with annotations added, or deleted where they are None."""
    metadata = document.get("metadata") or {}
    changed = {**(metadata.get("annotations") or {}), **annotations}
    kept = {key: value for key, value in changed.items() if value is not None}
    return {**document, "metadata": {**metadata, "annotations": kept}}


def refused(name: str, problems: Iterable[Diagnostic], verb: str = "") -> Failure:
    """Return what the server answers to an invalid Deployment, as ``verb`` passes it on."""
    causes = [_cause(problem) for problem in problems if problem.is_error]
    if verb.startswith("set "):
        return failures.patch_failed(verb, failures.invalid_message(DEPLOYMENTS, name, causes))
    return failures.invalid(DEPLOYMENTS, name, causes)


def _cause(problem: Diagnostic) -> tuple[str, str]:
    """Return (field, message) as the API server's validation words what we found; rare mistakes in our own
    words."""
    path = problem.path or "spec"
    value = (problem.found or "").strip("'")
    if problem.code == "E121":
        return path, "Invalid value: field is immutable"
    if problem.code == "E114":
        return f"{path}", "Forbidden: may not be specified when strategy `type` is 'Recreate'"
    if problem.code == "E112":
        return path, f"Invalid value: {value}: must be greater than minReadySeconds"
    if problem.code == "E122":
        return failures.surge_and_unavailable_zero(value if value.endswith("%") else 0)
    if problem.code == "E105" and value.startswith("-"):
        return path, f"Invalid value: {value}: must be greater than or equal to 0"
    if problem.code == "E104":
        return path, "Required value"
    return path, "Invalid value: " + (f"{value}: {problem.message}" if value else problem.message)
