"""kubectl's patience: rollout status and wait, which answer when something has happened."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy

from sim.engine.record import Typed
from sim.engine.shell import views
from sim.engine.shell.access import PODS, Access, FailedError
from sim.engine.shell.reading import found, namespace_of
from sim.engine.state import NEVER, DeploymentObject, ReplicaSetObject
from sim.kubectl import failures, messages
from sim.kubectl.outcome import Command, Target
from sim.rules import progress, status
from sim.spec.manifest import Service

Answering = Generator[simpy.Event, Any, int]


def rollout_status(desk: Access, command: Command, typed: Typed) -> Answering:
    """Answer `kubectl rollout status`: a line whenever a Deployment changes, until it is done; one after the
    other."""
    names, errors = [], []
    for target in command.targets:
        try:
            names += [name for name, _, _ in found(desk, command, target)]
        except FailedError as error:
            errors.append(error.failure)
    if not names and not errors:
        typed.output += messages.no_resources(namespace_of(command))
    for name in names:
        # Each has the whole timeout for itself (cmd/rollout/rollout_status.go).
        limit = desk.limit(command.flags["timeout"])
        watch = desk.watch(name)
        try:
            watch.tell(desk.deployment(name, namespace_of(command)))
            failed = yield from _follow(desk, command, typed, watch, limit)
        except FailedError as error:
            failed = error.failure
        finally:
            desk.unwatch(watch)
        errors += [failed] if failed is not None else []
    if errors:
        typed.output += failures.printed(errors)
    return failures.EXIT if errors else 0


def _follow(
    desk: Access, command: Command, typed: Typed, watch: Any, limit: simpy.Event | None
) -> Generator[simpy.Event, Any, failures.Failure | None]:
    while True:
        while not watch.ready():
            news = watch.news()
            yield news if limit is None else news | limit
            if limit is not None and limit.processed and not watch.ready():
                return failures.status_timed_out()
        d: DeploymentObject | None = watch.take()
        if d is None:
            return failures.object_deleted()
        revision = command.flags["revision"]
        if revision and revision != d.revision:
            return failures.status_other_revision(revision, d.revision)
        says = status.rollout_status(
            d.generation,
            d.observed,
            d.reason == progress.DEADLINE_EXCEEDED,
            d.desired,
            d.updated,
            d.replicas,
            d.available,
        )
        if says == status.DEADLINE:
            return failures.progress_deadline_exceeded(d.name)
        typed.output += (
            status.TEXTS[says].format(
                name=d.name,
                desired=d.desired,
                updated=d.updated,
                available=d.available,
                old=d.replicas - d.updated,
            )
            + "\n"
        )
        if says == status.DONE or not command.flags["watch"]:
            return None


def wait(desk: Access, command: Command, typed: Typed) -> Answering:
    """Answer `kubectl wait --for=condition=…`, `--for=delete` and `--for=create`."""
    wanted, timeout = str(command.flags["for"]), command.flags["timeout"]
    limit = desk.limit(timeout)
    errors = []
    for target in command.targets:
        if wanted.lower() == "create" and target.name is not None:
            failed = yield from _created(desk, command, target, typed, limit)
            errors += [failed] if failed is not None else []
            continue
        try:
            items = found(desk, command, target)
        except FailedError as error:
            errors += [] if wanted.lower() == "delete" else [error.failure]
            continue
        if not items and wanted.lower() != "delete":
            errors.append(failures.wait_nothing_matches())
        for name, one, _ in items:
            if (yield from _until(desk, _condition(desk, target.kind, one, wanted), limit, timeout)):
                typed.output += messages.operated(target.kind, name, messages.CONDITION_MET)
            else:
                late = failures.wait_not_met if timeout == 0 else failures.wait_timed_out
                errors.append(late(target.kind, name))
    if errors:
        typed.output += failures.printed(errors)
    return failures.EXIT if errors else 0


def _created(
    desk: Access, command: Command, target: Target, typed: Typed, limit: simpy.Event | None
) -> Generator[simpy.Event, Any, failures.Failure | None]:
    def there() -> bool:
        try:
            return bool(found(desk, command, target))
        except FailedError:
            return False

    if not (yield from _until(desk, there, limit, command.flags["timeout"])):
        return failures.status_timed_out()
    typed.output += messages.operated(target.kind, str(target.name), messages.CONDITION_MET)
    return None


def _until(
    desk: Access, holds: Callable[[], bool], limit: simpy.Event | None, timeout: float
) -> Generator[simpy.Event, Any, bool]:
    while not holds():
        if timeout == 0 or (limit is not None and limit.processed):
            return False
        news = desk.next_change()
        yield news if limit is None else news | limit
    return True


def _condition(desk: Access, kind: str, one: object, wanted: str) -> Callable[[], bool]:
    if wanted.lower() == "delete":
        if kind == PODS:
            assert isinstance(one, int)
            return lambda: desk.cluster.pods.gone[one] != NEVER
        if isinstance(one, DeploymentObject):
            name, uid = one.name, one.uid
            there = desk.cluster.deployments
            return lambda: name not in there or there[name].uid != uid
        if isinstance(one, Service):
            service = one.name
            return lambda: service not in desk.admin.endpoints.services
        assert isinstance(one, ReplicaSetObject)
        return lambda: one.key not in desk.cluster.replicasets
    name, _, value = wanted.partition("=")[2].partition("=")
    value = value or "True"
    if kind == PODS:
        assert isinstance(one, int)
        return lambda: _pod_condition(desk, one, name) == value.capitalize()
    assert isinstance(one, DeploymentObject)
    return lambda: _deployment_condition(desk, one.name, name) == value.capitalize()


def _deployment_condition(desk: Access, deployment: str, name: str) -> str:
    d = desk.cluster.deployments.get(deployment)
    if d is None or d.observed < d.generation:
        return ""
    return next((c.status for c in views.conditions(d) if c.type.lower() == name.lower()), "")


def _pod_condition(desk: Access, pod: int, name: str) -> str:
    table = desk.cluster.pods
    placed = table.node[pod] != NEVER
    states = {
        "ready": views.is_ready(desk, pod),
        "containersready": views.is_ready(desk, pod),
        "podscheduled": placed,
        "initialized": placed,
    }
    return str(states[name.lower()]) if name.lower() in states else ""
