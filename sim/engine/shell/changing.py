"""kubectl's changes of Deployments and Services that are there: set, scale, patch, annotate, rollout …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.engine.shell.access import DEPLOYMENTS, SERVICES, Access, FailedError, annotated
from sim.engine.shell.reading import found, namespace_of
from sim.engine.state import DeploymentObject
from sim.errors import InputError
from sim.kubectl import failures, messages
from sim.kubectl.outcome import Command
from sim.rules.history import NOT_COPIED, RESTARTED_AT, rollback_target
from sim.spec.manifest import Service, service_from
from sim.spec.patch import SERVICE_KEYS, merge_patch, strategic_merge

Document = dict[str, Any]
Change = Callable[[Access, DeploymentObject, Command], str]
"""Changes one Deployment and returns what is printed; raises FailedError."""


def change(desk: Access, command: Command, patch: Mapping[str, Any] | None) -> tuple[str, int]:
    """Answer a verb that changes objects, one after the other; what fails does not stop the others."""
    texts: list[str] = []
    objects, errors = _found(desk, command)
    # cmd/set asks for all objects before it changes the first; the others change what is there.
    if errors and command.verb.startswith("set"):
        return failures.printed(errors), failures.EXIT
    for one in objects:
        try:
            if isinstance(one, DeploymentObject):
                _one(desk, one, command, patch, texts)
            elif isinstance(one, Service):
                assert patch is not None
                texts.append(_patch_service(desk, one, command, patch))
        except FailedError as error:
            errors.append(error.failure)
    if command.verb == "scale" and not objects:
        names = [target.name for target in command.targets if target.name is not None]
        errors = [failures.nothing_to_scale(DEPLOYMENTS, name) for name in names] or [
            failures.nothing_to_scale()
        ]
    if errors:
        return "".join(texts) + failures.printed(errors), failures.EXIT
    # cmd/rollout: of a selector that matches nothing, pause, resume and restart say so.
    if not objects and command.verb in ("rollout pause", "rollout resume", "rollout restart"):
        return messages.no_resources(namespace_of(command)), 0
    return "".join(texts), 0


def _found(desk: Access, command: Command) -> tuple[list[object], list[failures.Failure]]:
    objects: list[object] = []
    errors = []
    for target in command.targets:
        try:
            objects += [one for _, one, _ in found(desk, command, target)]
        except FailedError as error:
            errors.append(error.failure)
    return objects, errors


def _one(
    desk: Access, d: DeploymentObject, command: Command, patch: Mapping[str, Any] | None, texts: list[str]
) -> None:
    if command.verb == "patch":
        assert patch is not None
        texts.append(_patch(desk, d, command, patch))
    elif command.verb == "set image":
        _set_image(desk, d, command, texts)
    else:
        texts.append(_CHANGES[command.verb](desk, d, command))


def _say(d: DeploymentObject, operation: str) -> str:
    return messages.operated(DEPLOYMENTS, d.name, operation)


def _document(d: DeploymentObject) -> Document:
    return dict(d.manifest.document)


def _merged(d: DeploymentObject, **spec: Any) -> Document:
    merged: Document = strategic_merge(_document(d), {"spec": spec})
    return merged


def _containers(d: DeploymentObject) -> list[Document]:
    return list(d.manifest.template.document["spec"]["containers"])


def _with_containers(d: DeploymentObject, containers: list[Document]) -> Document:
    document = _document(d)
    template = d.manifest.template.document
    pod = {**template["spec"], "containers": containers}
    return {**document, "spec": {**document["spec"], "template": {**template, "spec": pod}}}


def _set_image(desk: Access, d: DeploymentObject, command: Command, texts: list[str]) -> None:
    images = dict(arg.split("=", 1) for arg in command.args)
    names = [container["name"] for container in _containers(d)]
    containers = [
        {**container, "image": images.get(container["name"], images.get("*", container["image"]))}
        for container in _containers(d)
    ]
    text = "image " + ", ".join(images.values())
    if _try(desk, d, command, _with_containers(d, containers), text):
        texts.append(_say(d, messages.IMAGE_UPDATED))
    # Containers that are there are changed all the same.
    unknown = [name for name in images if name != "*" and name not in names]
    if unknown:
        raise FailedError(failures.unknown_container(unknown[0]))


def _try(desk: Access, d: DeploymentObject, command: Command, document: Document, text: str) -> bool:
    return desk.change(d, document, text, command)


def _set_env(desk: Access, d: DeploymentObject, command: Command) -> str:
    chosen = command.flags["containers"]
    new = dict(arg.split("=", 1) for arg in command.args if "=" in arg)
    removed = {arg[:-1] for arg in command.args if "=" not in arg}
    containers = []
    matched = False
    for container in _containers(d):
        if chosen not in ("*", container["name"]):
            containers.append(container)
            continue
        matched = True
        env = [item for item in container.get("env") or [] if item["name"] not in removed]
        if not command.flags["overwrite"]:
            for item in env:
                if item["name"] in new:
                    raise FailedError(
                        failures.env_not_overwritten(
                            DEPLOYMENTS, d.name, item["name"], str(item.get("value", ""))
                        )
                    )
        kept = [
            {"name": item["name"], "value": new[item["name"]]} if item["name"] in new else item
            for item in env
        ]
        there = {item["name"] for item in env}
        added = [{"name": name, "value": value} for name, value in new.items() if name not in there]
        containers.append({**container, "env": kept + added})
    if not matched:
        return messages.no_matching_containers(DEPLOYMENTS, d.name, chosen)
    changed = _try(desk, d, command, _with_containers(d, containers), "env " + ", ".join([*new, *removed]))
    return _say(d, messages.ENV_UPDATED) if changed else ""


def _set_resources(desk: Access, d: DeploymentObject, command: Command) -> str:
    chosen = command.flags["containers"]
    changes = {
        kind: dict(item.split("=", 1) for item in command.flags[kind].split(","))
        for kind in ("limits", "requests")
        if command.flags.get(kind)
    }
    names = [container["name"] for container in _containers(d)]
    if chosen != "*" and chosen not in names:
        raise FailedError(failures.unknown_container_resources(chosen))
    containers = []
    for container in _containers(d):
        if chosen in ("*", container["name"]):
            resources = dict(container.get("resources") or {})
            for kind, amounts in changes.items():
                # "0" takes a resource out (generateresources.go leaves it; the server keeps the 0).
                resources[kind] = {**(resources.get(kind) or {}), **amounts}
            container = {**container, "resources": resources}
        containers.append(container)
    changed = _try(desk, d, command, _with_containers(d, containers), "resources")
    return _say(d, messages.RESOURCES_UPDATED) if changed else ""


def _scale(desk: Access, d: DeploymentObject, command: Command) -> str:
    expected = command.flags["current-replicas"]
    if expected not in (-1, d.desired):
        raise FailedError(failures.replicas_mismatch(expected, d.desired))
    replicas = command.flags["replicas"]
    _try(desk, d, command, _merged(d, replicas=replicas), f"replicas {replicas}")
    return _say(d, messages.SCALED)


def _patch(desk: Access, d: DeploymentObject, command: Command, patch: Mapping[str, Any]) -> str:
    _check_name(d.name, d.manifest.namespace, patch)
    merge = merge_patch if command.flags["type"] == "merge" else strategic_merge
    document = merge(_with_strategy(d), patch)
    changed = _try(desk, d, command, document, "patched " + ", ".join(sorted(_paths(patch))))
    return _say(d, messages.PATCHED if changed else messages.PATCHED_NO_CHANGE)


def _with_strategy(d: DeploymentObject) -> Document:
    """Return the document with the defaults of its strategy written out, as the server stores it."""
    strategy = d.manifest.strategy
    if strategy.type != "RollingUpdate":
        return _document(d)
    rolling = {
        "maxSurge": _int_or_percent(str(strategy.max_surge)),
        "maxUnavailable": _int_or_percent(str(strategy.max_unavailable)),
    }
    return _merged(d, strategy={"type": "RollingUpdate", "rollingUpdate": rolling})


def _int_or_percent(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def _check_name(name: str, namespace: str, patch: Mapping[str, Any]) -> None:
    metadata = patch.get("metadata")
    for key, own in (("name", name), ("namespace", namespace)):
        other = metadata.get(key, own) if isinstance(metadata, Mapping) else own
        if other != own:
            raise FailedError(failures.other_object(key, str(other), own))


def _paths(patch: Mapping[str, Any]) -> list[str]:
    spec = patch.get("spec")
    return list(spec) if isinstance(spec, Mapping) else list(patch)


def _patch_service(desk: Access, service: Service, command: Command, patch: Mapping[str, Any]) -> str:
    _check_name(service.name, service.namespace, patch)
    if command.flags["type"] == "merge":
        document = merge_patch(dict(service.document), patch)
    else:
        document = strategic_merge(dict(service.document), patch, SERVICE_KEYS)
    try:
        made = service_from(document)
    except InputError as error:
        causes = [(problem.path or "spec", problem.message) for problem in error.diagnostics]
        raise FailedError(failures.invalid(SERVICES, service.name, causes)) from None
    made = made.model_copy(update={"name": service.name, "namespace": service.namespace})
    same = made == service
    if not same:
        desk.admin.put_service(made)
    return messages.operated(SERVICES, service.name, messages.PATCHED_NO_CHANGE if same else messages.PATCHED)


def _annotate(desk: Access, d: DeploymentObject, command: Command) -> str:
    new = dict(arg.split("=", 1) for arg in command.args if arg.find("=") > 0)
    removed: dict[str, None] = {arg[:-1]: None for arg in command.args if arg.find("=") <= 0}
    have = d.manifest.annotations
    if not command.flags["overwrite"]:
        lost = {key: have[key] for key in new if key in have and have[key] != new[key]}
        if lost:
            raise FailedError(failures.annotations_not_overwritten(lost))
    _try(desk, d, command, annotated(_document(d), {**new, **removed}), "annotations " + ", ".join(new))
    return _say(d, messages.ANNOTATED)


def _pause(desk: Access, d: DeploymentObject, command: Command) -> str:
    if d.paused:
        raise FailedError(failures.already_paused(DEPLOYMENTS, d.name))
    _try(desk, d, command, _merged(d, paused=True), "paused")
    return _say(d, messages.PAUSED)


def _resume(desk: Access, d: DeploymentObject, command: Command) -> str:
    if not d.paused:
        raise FailedError(failures.not_paused(DEPLOYMENTS, d.name))
    _try(desk, d, command, _merged(d, paused=None), "resumed")
    return _say(d, messages.RESUMED)


def _restart(desk: Access, d: DeploymentObject, command: Command) -> str:
    if d.paused:
        raise FailedError(failures.restart_paused(DEPLOYMENTS, d.name))
    now = desk.date(desk.env.now).strftime("%Y-%m-%dT%H:%M:%SZ")
    template = annotated(d.manifest.template.document, {RESTARTED_AT: now})
    document = _document(d)
    document["spec"] = {**document["spec"], "template": template}
    if not _try(desk, d, command, document, "restart"):
        raise FailedError(failures.restarted_this_second(d.name))
    return _say(d, messages.RESTARTED)


def _undo(desk: Access, d: DeploymentObject, command: Command) -> str:
    # kubectl/pkg/polymorphichelpers/rollback.go: the template and the annotations of an old ReplicaSet are
    # patched in.
    wanted = command.flags["to-revision"]
    if wanted < 0:
        raise FailedError(failures.rollback_unknown_revision(wanted))
    owned = desk.cluster.replicasets_of(d)
    target = rollback_target([rs.revision for rs in owned], wanted)
    if target < 0:
        missing = (
            failures.rollback_unknown_revision(wanted) if wanted else failures.rollback_no_history(d.name)
        )
        raise FailedError(missing)
    if d.paused:
        raise FailedError(failures.rollback_paused())
    rs = owned[target]
    if rs.template == d.template:
        return _say(d, messages.rollback_skipped(wanted))
    document = _document(d)
    document["spec"] = {**document["spec"], "template": desk.admin.templates.written[rs.template].document}
    kept = {key: value for key, value in d.manifest.annotations.items() if key in NOT_COPIED}
    metadata = {**(document.get("metadata") or {}), "annotations": {**kept, **rs.annotations}}
    _try(desk, d, command, {**document, "metadata": metadata}, f"undo to revision {rs.revision}")
    return _say(d, messages.ROLLED_BACK)


_CHANGES: dict[str, Change] = {
    "set env": _set_env,
    "set resources": _set_resources,
    "scale": _scale,
    "annotate": _annotate,
    "rollout pause": _pause,
    "rollout resume": _resume,
    "rollout restart": _restart,
    "rollout undo": _undo,
}
