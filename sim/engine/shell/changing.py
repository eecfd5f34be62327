"""kubectl's changes of Deployments and Services that are there: set, scale, patch, annotate, rollout …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.engine.shell.access import DEPLOYMENTS, SERVICES, Access, FailedError, annotated
from sim.engine.shell.reading import found, namespace_of
from sim.engine.state import DeploymentObject
from sim.errors import InputError
from sim.kubectl import failures, messages
from sim.kubectl.outcome import Command, Target
from sim.rules.history import NOT_COPIED, RESTARTED_AT, rollback_target
from sim.spec.manifest import Service, service_from
from sim.spec.patch import merge_patch, strategic_merge

Document = dict[str, Any]
Change = Callable[[Access, DeploymentObject, Command], str]
"""Changes one Deployment and returns what is printed; raises FailedError."""


def change(desk: Access, command: Command, patch: Mapping[str, Any] | None) -> tuple[str, int]:
    """Answer a verb that changes objects, one after the other; what fails does not stop the others."""
    texts, errors = [], []
    targets = command.targets
    for target in targets:
        try:
            for _, one, _ in _found(desk, command, target):
                if isinstance(one, DeploymentObject):
                    texts.append(_one(desk, one, command, patch))
                elif isinstance(one, Service):
                    assert patch is not None
                    texts.append(_patch_service(desk, one, command, patch))
        except FailedError as error:
            errors.append(error.failure)
    if command.verb == "scale" and not texts and not errors:
        errors.append(failures.nothing_to_scale())
    if errors:
        return "".join(texts) + failures.printed(errors), failures.EXIT
    if not texts and command.verb.startswith("rollout"):
        return messages.no_resources(namespace_of(command)), 0
    return "".join(texts), 0


def _found(desk: Access, command: Command, target: Target) -> list[tuple[str, object, dict[str, str]]]:
    try:
        return found(desk, command, target)
    except FailedError:
        if command.verb == "scale" and target.name is not None:
            raise FailedError(failures.nothing_to_scale(target.kind, target.name)) from None
        raise


def _one(desk: Access, d: DeploymentObject, command: Command, patch: Mapping[str, Any] | None) -> str:
    if command.verb == "patch":
        assert patch is not None
        return _patch(desk, d, command, patch)
    return _CHANGES[command.verb](desk, d, command)


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


def _set_image(desk: Access, d: DeploymentObject, command: Command) -> str:
    images = dict(arg.split("=", 1) for arg in command.args)
    names = [container["name"] for container in _containers(d)]
    unknown = [name for name in images if name != "*" and name not in names]
    if unknown:
        raise FailedError(failures.unknown_container(unknown[0]))
    containers = [
        {**container, "image": images.get(container["name"], images.get("*", container["image"]))}
        for container in _containers(d)
    ]
    text = "image " + ", ".join(images.values())
    changed = _try(desk, d, command, _with_containers(d, containers), text)
    return _say(d, messages.IMAGE_UPDATED) if changed else ""


def _try(desk: Access, d: DeploymentObject, command: Command, document: Document, text: str) -> bool:
    return desk.change(d, document, text, command.cause)


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
    merge = merge_patch if command.flags["type"] == "merge" else strategic_merge
    document = merge(_document(d), patch)
    changed = _try(desk, d, command, document, "patched " + ", ".join(sorted(_paths(patch))))
    return _say(d, messages.PATCHED if changed else messages.PATCHED_NO_CHANGE)


def _paths(patch: Mapping[str, Any]) -> list[str]:
    spec = patch.get("spec")
    return list(spec) if isinstance(spec, Mapping) else list(patch)


def _patch_service(desk: Access, service: Service, command: Command, patch: Mapping[str, Any]) -> str:
    merge = merge_patch if command.flags["type"] == "merge" else strategic_merge
    document = merge(dict(service.document), patch)
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
        return _say(d, messages.rollback_skipped(rs.revision))
    document = _document(d)
    document["spec"] = {**document["spec"], "template": desk.admin.templates.written[rs.template].document}
    kept = {key: value for key, value in d.manifest.annotations.items() if key in NOT_COPIED}
    metadata = {**(document.get("metadata") or {}), "annotations": {**kept, **rs.annotations}}
    _try(desk, d, command, {**document, "metadata": metadata}, f"undo to revision {rs.revision}")
    return _say(d, messages.ROLLED_BACK)


_CHANGES: dict[str, Change] = {
    "set image": _set_image,
    "set env": _set_env,
    "set resources": _set_resources,
    "scale": _scale,
    "annotate": _annotate,
    "rollout pause": _pause,
    "rollout resume": _resume,
    "rollout restart": _restart,
    "rollout undo": _undo,
}
