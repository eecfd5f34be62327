"""The cluster's objects as kubectl's printers take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from sim.engine.clock import SECOND
from sim.engine.record import REASONS, STATUSES
from sim.engine.shell.access import Access
from sim.engine.state import NEVER, RUNNING, DeploymentObject, ReplicaSetObject
from sim.kubectl.describe import Condition, DeploymentView, Event, ReplicaSetRef, ReplicaSetView
from sim.kubectl.tables import (
    DeploymentRow,
    EndpointsRow,
    PodRow,
    ReplicaSetRow,
    ServicePort,
    ServiceRow,
    format_selector,
)
from sim.rules import deployment as rules
from sim.rules import progress
from sim.rules.history import DESIRED_REPLICAS, MAX_REPLICAS, REVISION, REVISION_HISTORY, TEMPLATE_HASH
from sim.spec.manifest import Deployment, PodTemplate, Service


def _selector(m: Deployment, **more: str) -> dict[str, Any]:
    written: Mapping[str, Any] = m.document["spec"]["selector"]
    return {**written, "matchLabels": {**m.selector, **more}}


def _containers(template: PodTemplate) -> dict[str, tuple[str, ...]]:
    containers = template.containers
    return {"containers": tuple(c.name for c in containers), "images": tuple(c.image for c in containers)}


def deployment_row(desk: Access, d: DeploymentObject) -> DeploymentRow:
    """Return a Deployment as `get` lists it."""
    return DeploymentRow(
        name=d.name,
        desired=d.desired,
        ready=d.ready,
        updated=d.updated,
        available=d.available,
        age=desk.age(d.created),
        selector=format_selector(_selector(d.manifest)),
        **_containers(d.manifest.template),
    )


def replicaset_row(desk: Access, rs: ReplicaSetObject) -> ReplicaSetRow:
    """Return a ReplicaSet as `get` lists it."""
    written = desk.admin.templates.written[rs.template]
    return ReplicaSetRow(
        name=rs.name,
        desired=rs.spec,
        current=rs.replicas,
        ready=rs.ready,
        age=desk.age(rs.created),
        selector=format_selector({"matchLabels": desk.labels(rs.template)}),
        **_containers(written),
    )


def pod_row(desk: Access, pod: int) -> PodRow:
    """Return a pod as `get` lists it."""
    table = desk.cluster.pods
    placed = table.node[pod] != NEVER
    containers = len(desk.admin.pods.template(pod).containers)
    # A container that waits for its restart has not restarted yet.
    restarts = table.restarts[pod] - (table.started[pod] > desk.env.now)
    restarted = desk.age(table.died[pod]) if desk.counts_restart_ages and restarts > 0 else None
    return PodRow(
        name=desk.pod_name(pod),
        ready=containers if is_ready(desk, pod) else 0,
        containers=containers,
        status=pod_status(desk, pod),
        restarts=max(0, restarts),
        age=desk.age(table.created_stamp[pod]),
        last_restart_age=restarted,
        ip=desk.address(pod) if placed and table.phase[pod] == RUNNING else "",
        node=f"node-{table.node[pod]:03d}" if placed else "",
    )


def is_ready(desk: Access, pod: int) -> bool:
    """Return whether a pod's containers are ready; one that is told to stop is until it has stopped."""
    table = desk.cluster.pods
    return bool(table.ready_at_end[pod] if table.deleted[pod] != NEVER else table.ready[pod])


def pod_status(desk: Access, pod: int) -> str:
    """Return the word in the column STATUS."""
    table, now = desk.cluster.pods, desk.env.now
    if table.deleted[pod] != NEVER:
        return "Terminating"
    if table.node[pod] == NEVER:
        return "Pending"
    if table.phase[pod] != RUNNING:
        return "ContainerCreating"
    if table.started[pod] <= now:
        return "Running"
    # The first restart comes at once, later ones wait.
    return "CrashLoopBackOff" if table.restarts[pod] > 1 else "Error"


def endpoints_row(desk: Access, service: Service) -> EndpointsRow:
    """Return the Endpoints of a Service as `get` lists them."""
    pods = serving(desk, service)
    targets = [f"{desk.address(pod)}:{port}" for pod in pods for port in sorted(_targets(service)) or ["80"]]
    row_age = desk.age(desk.admin.service_created(service.name))
    return EndpointsRow(name=service.name, addresses=tuple(sorted(targets)) or None, age=row_age)


def _targets(service: Service) -> list[str]:
    return [str(port.target_port) for port in service.ports]


def serving(desk: Access, service: Service) -> list[int]:
    """Return the pods that a Service sends requests to, in order of creation."""
    table = desk.cluster.pods
    found = []
    for pod in range(len(table)):
        if table.deleted[pod] != NEVER or table.phase[pod] != RUNNING:
            continue
        if not (table.ready[pod] or service.publish_not_ready_addresses):
            continue
        template = desk.template(pod)
        if desk.namespace_of(template) == service.namespace and service.selects(
            desk.admin.templates.written[template].labels
        ):
            found.append(pod)
    return found


def service_row(desk: Access, service: Service, number: int) -> ServiceRow:
    """Return a Service as `get` lists it; its addresses are made up of its ``number``."""
    balanced = (f"203.0.113.{number + 10}",) if service.type == "LoadBalancer" else ()
    return ServiceRow(
        name=service.name,
        type=service.type,
        cluster_ip="" if service.type == "ExternalName" else f"10.96.0.{number + 10}",
        age=desk.age(desk.admin.service_created(service.name)),
        ports=tuple(
            ServicePort(port=port.port, node_port=node_port(service, i), protocol=port.protocol)
            for i, port in enumerate(service.ports)
        ),
        load_balancer=balanced,
        selector=service.selector,
    )


def node_port(service: Service, number: int) -> int:
    """Return the node port of a Service's port of this number, as written or one that its name makes up."""
    written = service.ports[number].node_port
    if written or service.type not in ("NodePort", "LoadBalancer"):
        return written or 0
    return 30000 + (crc32(service.name.encode()) + number) % 2768


def deployment_view(desk: Access, d: DeploymentObject) -> tuple[DeploymentView, list[Event]]:
    """Return a Deployment and its events as `describe` shows them."""
    m, owned = d.manifest, desk.cluster.replicasets_of(d)
    found = rules.find_new([rs.template for rs in owned], [rs.created for rs in owned], d.template)
    new = owned[found] if found >= 0 else None
    rolling = d.rolling
    view = DeploymentView(
        name=d.name,
        namespace=m.namespace,
        creation_timestamp=desk.date(d.created),
        selector=_selector(m),
        template=m.template.document,
        desired=d.desired,
        updated=d.updated,
        replicas=d.replicas,
        available=d.available,
        unavailable=d.unavailable,
        strategy=m.strategy.type,
        max_unavailable=str(m.strategy.max_unavailable) if rolling else None,
        max_surge=str(m.strategy.max_surge) if rolling else None,
        min_ready_seconds=m.min_ready_seconds,
        labels=m.labels,
        annotations=m.annotations | ({REVISION: str(d.revision)} if d.revision else {}),
        conditions=conditions(d),
        old_replica_sets=tuple(_ref(rs) for rs in owned if rs is not new),
        new_replica_set=_ref(new) if new else None,
    )
    return view, _events(desk, d)


def conditions(d: DeploymentObject) -> tuple[Condition, ...]:
    """Return the conditions of a Deployment's status."""
    out = []
    if d.available_condition != NEVER:
        enough = d.available_condition == progress.TRUE
        reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
        out.append(Condition(type="Available", status=str(enough), reason=reason))
    if d.status != NEVER:
        out.append(Condition(type="Progressing", status=STATUSES[d.status], reason=REASONS[d.reason]))
    return tuple(out)


def _ref(rs: ReplicaSetObject) -> ReplicaSetRef:
    return ReplicaSetRef(name=rs.name, created=rs.replicas, desired=rs.spec)


def _events(desk: Access, d: DeploymentObject) -> list[Event]:
    now = desk.env.now
    seen: dict[str, list[float]] = {}
    for at_s, message in desk.admin.recorder.scalings(d.name):
        if at_s * SECOND >= d.created:
            seen.setdefault(message, []).append(now / SECOND - at_s)
    return [
        Event(
            type="Normal",
            reason="ScalingReplicaSet",
            age=ages[-1],
            source="deployment-controller",
            message=message,
            first_age=ages[0],
            count=len(ages),
        )
        for message, ages in seen.items()
    ]


def replicaset_view(desk: Access, rs: ReplicaSetObject) -> tuple[ReplicaSetView, list[Event]]:
    """Return a ReplicaSet as `describe` shows it; the events of its pods are not kept."""
    written, labels = desk.admin.templates.written[rs.template], desk.labels(rs.template)
    table, active = desk.cluster.pods, desk.cluster.owned[rs.key].active
    running = sum(table.phase[pod] == RUNNING for pod in active)
    view = ReplicaSetView(
        name=rs.name,
        namespace=desk.namespace_of(rs.template),
        selector={"matchLabels": labels},
        template=hashed(written.document, written.hash),
        current=rs.replicas,
        desired=rs.spec,
        running=running,
        waiting=len(active) - running,
        controlled_by=f"Deployment/{rs.deployment}",
        labels=labels,
        annotations=replicaset_annotations(rs),
    )
    return view, []


def replicaset_annotations(rs: ReplicaSetObject) -> dict[str, str]:
    """Return all annotations of a ReplicaSet."""
    own = {
        DESIRED_REPLICAS: str(rs.desired_annotation),
        MAX_REPLICAS: str(rs.max_annotation),
        REVISION: str(rs.revision),
    }
    return {**rs.annotations, **own} | ({REVISION_HISTORY: rs.history} if rs.history else {})


def hashed(template: Mapping[str, Any], hash_: str) -> dict[str, Any]:
    """Return a pod template with the label that its ReplicaSet gives it."""
    metadata = template.get("metadata") or {}
    return {
        **template,
        "metadata": {**metadata, "labels": {**metadata.get("labels", {}), TEMPLATE_HASH: hash_}},
    }
