"""kubectl's questions: get, describe, rollout history."""

from __future__ import annotations

from collections.abc import Callable

from sim.engine.shell import views
from sim.engine.shell.access import DEPLOYMENTS, ENDPOINTS, PODS, REPLICASETS, SERVICES, Access, FailedError
from sim.engine.state import DeploymentObject, ReplicaSetObject
from sim.kubectl import describe, failures, messages, tables, template_text
from sim.kubectl.outcome import Command, Target
from sim.kubectl.selector import selector
from sim.rules.history import CHANGE_CAUSE
from sim.spec.manifest import Service

ALL = (PODS, SERVICES, DEPLOYMENTS, REPLICASETS)
Labelled = tuple[str, object, dict[str, str]]
"""An object by name, itself, and its labels."""


def namespace_of(command: Command) -> str:
    """Return the namespace that a command is about."""
    return command.namespace or "default"


def objects(desk: Access, kind: str, namespace: str) -> list[Labelled]:
    """Return every object of a kind in a namespace, by name."""
    if kind == DEPLOYMENTS:
        return [(d.name, d, d.manifest.labels) for d in desk.deployments(namespace)]
    if kind == REPLICASETS:
        return [(rs.name, rs, desk.labels(rs.template)) for rs in desk.replicasets(namespace)]
    if kind == PODS:
        return [(desk.pod_name(pod), pod, desk.labels(desk.template(pod))) for pod in desk.pods(namespace)]
    return [(s.name, s, s.document.get("metadata", {}).get("labels") or {}) for s in desk.services(namespace)]


def found(desk: Access, command: Command, target: Target) -> list[Labelled]:
    """Return the objects that a target means; raises FailedError for a name that nothing has."""
    there = objects(desk, target.kind, namespace_of(command))
    if target.name is not None:
        named = [one for one in there if one[0] == target.name]
        if not named:
            raise FailedError(failures.not_found(target.kind, target.name))
        return named
    wanted = command.flags.get("selector")
    if not wanted:
        return there
    selects = selector(wanted)
    return [one for one in there if selects(one[2])]


def get(desk: Access, command: Command) -> tuple[str, int]:
    """Answer `kubectl get`: what it prints, and its exit code."""
    output = str(command.flags.get("output", "")).lower()
    wide, name_only = output == "wide", output == "name"
    headless = bool(command.flags.get("no-headers"))
    targets = [
        Target(kind) for target in command.targets for kind in (ALL if target.kind == "all" else ())
    ] or list(command.targets)
    rows: dict[str, list[Labelled]] = {}
    errors = []
    for target in targets:
        try:
            rows.setdefault(target.kind, []).extend(found(desk, command, target))
        except FailedError as error:
            errors += [] if command.flags.get("ignore-not-found") else [error.failure]
    several = len({target.kind for target in targets}) > 1 or bool(command.flags.get("show-kind"))
    blocks = []
    for kind, items in rows.items():
        if not items:
            continue
        if name_only:
            blocks.append(tables.names(kind, [name for name, _, _ in items]))
        else:
            printer = _PRINTERS[kind]
            blocks.append(printer(desk, items, wide=wide, with_kind=several, no_headers=headless))
    text = "".join(blocks) if name_only else tables.tables(blocks, no_headers=headless)
    if errors:
        return text + failures.printed(errors), failures.EXIT
    if not text and not command.flags.get("ignore-not-found"):
        text = messages.no_resources(namespace_of(command))
    return text, 0


def _deployments(desk: Access, items: list[Labelled], **how: bool) -> str:
    rows = [views.deployment_row(desk, d) for _, d, _ in items if isinstance(d, DeploymentObject)]
    return tables.deployments_table(rows, **how)


def _replicasets(desk: Access, items: list[Labelled], **how: bool) -> str:
    rows = [views.replicaset_row(desk, rs) for _, rs, _ in items if isinstance(rs, ReplicaSetObject)]
    return tables.replicasets_table(rows, **how)


def _pods(desk: Access, items: list[Labelled], **how: bool) -> str:
    return tables.pods_table([views.pod_row(desk, pod) for _, pod, _ in items if isinstance(pod, int)], **how)


def _endpoints(desk: Access, items: list[Labelled], **how: bool) -> str:
    rows = [views.endpoints_row(desk, s) for _, s, _ in items if isinstance(s, Service)]
    return tables.endpoints_table(rows, **how)


def _services(desk: Access, items: list[Labelled], **how: bool) -> str:
    rows = [views.service_row(desk, s, i) for i, (_, s, _) in enumerate(items) if isinstance(s, Service)]
    return tables.services_table(rows, **how)


_PRINTERS: dict[str, Callable[..., str]] = {
    DEPLOYMENTS: _deployments,
    REPLICASETS: _replicasets,
    PODS: _pods,
    ENDPOINTS: _endpoints,
    SERVICES: _services,
}


def describe_(desk: Access, command: Command) -> tuple[str, int]:
    """Answer `kubectl describe` of Deployments and ReplicaSets."""
    texts, errors = [], []
    for target in command.targets:
        try:
            for _, one, _ in found(desk, command, target):
                if isinstance(one, DeploymentObject):
                    texts.append(describe.describe_deployment(*views.deployment_view(desk, one)))
                elif isinstance(one, ReplicaSetObject):
                    texts.append(describe.describe_replicaset(*views.replicaset_view(desk, one)))
        except FailedError as error:
            errors.append(error.failure)
    text = describe.described(texts)
    if errors:
        return text + failures.printed(errors), failures.EXIT
    return text or messages.no_resources(namespace_of(command)), 0


def history(desk: Access, command: Command) -> tuple[str, int]:
    """Answer `kubectl rollout history`."""
    revision = command.flags["revision"]
    texts, errors = [], []
    for target in command.targets:
        try:
            for name, d, _ in found(desk, command, target):
                assert isinstance(d, DeploymentObject)
                texts.append(template_text.rollout_history(name, _history(desk, d, revision), revision))
        except FailedError as error:
            errors.append(error.failure)
    if errors:
        return "".join(texts) + failures.printed(errors), failures.EXIT
    return "".join(texts), 0


def _history(desk: Access, d: DeploymentObject, revision: int) -> str:
    # Of several ReplicaSets with one revision the last one counts, and what has none is left out.
    revisions = {rs.revision: rs for rs in desk.cluster.replicasets_of(d)}
    if revision <= 0:
        causes = [(number, rs.annotations.get(CHANGE_CAUSE, "")) for number, rs in revisions.items()]
        return template_text.history_table(causes)
    rs = revisions.get(revision)
    if rs is None:
        raise FailedError(failures.history_unknown_revision())
    written = desk.admin.templates.written[rs.template]
    template = views.hashed(written.document, written.hash)
    return template_text.history_detail(template, rs.annotations.get(CHANGE_CAUSE, ""))
