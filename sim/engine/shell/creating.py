"""kubectl's create, apply and delete."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from typing import Any

import simpy

from sim.engine.record import Typed
from sim.engine.shell.access import DEPLOYMENTS, SERVICES, Access, FailedError, annotated
from sim.engine.shell.reading import found
from sim.engine.state import NEVER, DeploymentObject, ReplicaSetObject
from sim.kubectl import failures, messages
from sim.kubectl.outcome import Command
from sim.rules.history import CHANGE_CAUSE, LAST_APPLIED
from sim.spec.manifest import Deployment, Service, deployment_from
from sim.spec.patch import three_way
from sim.spec.steps import Applied

Answering = Generator[simpy.Event, Any, int]


def create(desk: Access, command: Command, objects: Sequence[Applied], typed: Typed) -> Answering:
    """Answer `kubectl create -f` and `apply -f`: the objects of the files, one after the other."""
    errors = []
    for i, made in enumerate(objects):
        if i:
            yield desk.env.timeout(desk.hop())
        try:
            typed.output += (_create if command.verb == "create" else _apply)(desk, command, made)
        except FailedError as error:
            errors.append(error.failure)
    if errors:
        typed.output += failures.printed(errors)
    return failures.EXIT if errors else 0


def _create(desk: Access, command: Command, made: Applied) -> str:
    model = made.model
    if model is None:
        desk.others.add((made.resource, made.name))
        return f"{made.resource}/{made.name} created\n"
    kind = DEPLOYMENTS if isinstance(model, Deployment) else SERVICES
    taken = desk.cluster.deployments if isinstance(model, Deployment) else desk.admin.endpoints.services
    if model.name in taken:
        source = command.flags["filename"][0]
        raise FailedError(failures.already_exists(kind, model.name, "STDIN" if source == "-" else source))
    _add(desk, command, model, applied=bool(command.flags.get("save-config")))
    return messages.operated(kind, model.name, messages.CREATED)


def _add(desk: Access, command: Command, model: Deployment | Service, *, applied: bool) -> None:
    if isinstance(model, Service):
        desk.admin.put_service(model)
        return
    document = dict(model.document)
    if applied:
        document = _remembering(document)
    if command.cause is not None:
        document = annotated(document, {CHANGE_CAUSE: command.cause})
    desk.admin.create_deployment(deployment_from(document).model_copy(update={"namespace": model.namespace}))


def _remembering(document: dict[str, Any]) -> dict[str, Any]:
    return annotated(document, {LAST_APPLIED: json.dumps(document, sort_keys=True)})


def _apply(desk: Access, command: Command, made: Applied) -> str:
    model = made.model
    if model is None:
        done = "unchanged" if (made.resource, made.name) in desk.others else "created"
        desk.others.add((made.resource, made.name))
        return f"{made.resource}/{made.name} {done}\n"
    if isinstance(model, Service):
        return _apply_service(desk, command, model)
    d = desk.cluster.deployments.get(model.name)
    if d is None:
        _add(desk, command, model, applied=True)
        return messages.operated(DEPLOYMENTS, model.name, messages.CREATED)
    live = dict(d.manifest.document)
    text = d.manifest.annotations.get(LAST_APPLIED)
    last: dict[str, Any] = json.loads(text) if text is not None else {}
    wanted = dict(model.document)
    changed = desk.change(
        d,
        _with_memory(three_way(last, wanted, live), wanted),
        "applied " + model.template.image,
        command,
    )
    warning = messages.missing_last_applied(DEPLOYMENTS, model.name) if text is None else ""
    return warning + messages.operated(
        DEPLOYMENTS, model.name, messages.CONFIGURED if changed else messages.UNCHANGED
    )


def _with_memory(document: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return annotated(document, {LAST_APPLIED: json.dumps(wanted, sort_keys=True)})


def _apply_service(desk: Access, command: Command, model: Service) -> str:
    there = desk.admin.endpoints.services.get(model.name)
    if there == model:
        return messages.operated(SERVICES, model.name, messages.UNCHANGED)
    _add(desk, command, model, applied=True)
    done = messages.CREATED if there is None else messages.CONFIGURED
    return messages.operated(SERVICES, model.name, done)


def delete(desk: Access, command: Command, typed: Typed) -> Answering:
    """Answer `kubectl delete`; it waits until the pods that it deletes are gone."""
    errors = []
    pods: list[int] = []
    nothing = True
    for target in command.targets:
        try:
            for name, one, _ in found(desk, command, target):
                nothing = False
                _delete(desk, one)
                typed.output += messages.deleted(target.kind, name)
                pods += [one] if isinstance(one, int) else []
        except FailedError as error:
            if not command.flags["ignore-not-found"]:
                errors.append(error.failure)
            else:
                nothing = False
    if nothing and not errors:
        typed.output += messages.NOTHING_DELETED
    if command.flags["wait"]:
        while any(desk.cluster.pods.gone[pod] == NEVER for pod in pods):
            yield desk.next_change()
    if errors:
        typed.output += failures.printed(errors)
    return failures.EXIT if errors else 0


def _delete(desk: Access, one: object) -> None:
    if isinstance(one, DeploymentObject):
        desk.admin.delete_deployment(one.name)
    elif isinstance(one, ReplicaSetObject):
        desk.admin.api.remove_replicaset(one.key)
    elif isinstance(one, Service):
        desk.admin.delete_service(one.name)
    elif isinstance(one, int):
        desk.admin.delete_pod(one)
