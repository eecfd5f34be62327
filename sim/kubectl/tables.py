"""What `kubectl get` prints: one table a kind.

Columns as the API server sends them (kubernetes/pkg/printers/internalversion/printers.go), printed as kubectl
does (cli-runtime/pkg/printers/tableprinter.go, kubectl/pkg/cmd/get/get.go).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.kubectl.layout import age, aligned, escaped

# The names with which kubectl speaks of one object of a resource: "deployment.apps/testqc".
QUALIFIED_KINDS = {
    "deployments": "deployment.apps",
    "replicasets": "replicaset.apps",
    "pods": "pod",
    "services": "service",
    "endpoints": "endpoints",
}
KINDS = {
    "deployments": "Deployment",
    "replicasets": "ReplicaSet",
    "pods": "Pod",
    "services": "Service",
    "endpoints": "Endpoints",
}
NONE = "<none>"
_ENDPOINTS_SHOWN = 3
_LOAD_BALANCER_WIDTH = 16


def format_labels(labels: Mapping[str, str]) -> str:
    """Labels as the API server writes them in a cell: "app=web,tier=front", or "<none>"."""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) or NONE


def format_selector(selector: Mapping[str, Any]) -> str:
    """A LabelSelector as text (metav1.FormatLabelSelector): "app=web,tier in (a,b)", or "<none>"."""
    parts = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    for item in selector.get("matchExpressions") or ():
        key, values = item["key"], ",".join(sorted(item.get("values") or ()))
        texts = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "DoesNotExist": f"!{key}"}
        parts.append((key, texts.get(item["operator"], key)))
    return ",".join(text for _, text in sorted(parts, key=lambda part: part[0])) or NONE


def table(header: Sequence[str], rows: Sequence[Sequence[object]], *, no_headers: bool = False) -> str:
    """Rows under their header in kubectl's columns: at least 6 wide, 3 blanks between; no rows, no table.

    table(["NAME", "AGE"], [["web", "5s"]]) is "NAME   AGE\\nweb    5s\\n".
    """
    if not rows:
        return ""
    lines = [] if no_headers else ["\t".join(header)]
    lines += ["\t".join(_cell(str(cell)) for cell in row) for row in rows]
    return aligned("\n".join(lines) + "\n", min_width=6, padding=3)


def _cell(text: str) -> str:
    first = re.split(r"[\f\n\r]", text, maxsplit=1)[0]
    return escaped(first if first == text else first + "...")


def tables(blocks: Sequence[str], *, no_headers: bool = False) -> str:
    """The tables of several kinds in one answer: an empty line between those that have rows."""
    return ("" if no_headers else "\n").join(block for block in blocks if block)


def names(resource: str, objects: Sequence[str]) -> str:
    """What `get -o name` prints: names("deployments", ["web"]) is "deployment.apps/web\\n"."""
    return "".join(f"{QUALIFIED_KINDS[resource]}/{name}\n" for name in objects)


def _named(resource: str, name: str, with_kind: bool) -> str:
    return f"{QUALIFIED_KINDS[resource]}/{name}" if with_kind else name


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentRow:
    """One Deployment; `ready`, `updated`, `available` are of its status, `selector` of `format_selector`."""

    name: str
    desired: int
    ready: int
    updated: int
    available: int
    age: float
    containers: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    selector: str = NONE


def deployments_table(
    rows: Sequence[DeploymentRow], *, wide: bool = False, with_kind: bool = False, no_headers: bool = False
) -> str:
    """What `get deployments` prints: NAME, READY ("2/3"), UP-TO-DATE, AVAILABLE, AGE."""
    header = ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"] + ["CONTAINERS", "IMAGES", "SELECTOR"] * wide
    cells = [
        [_named("deployments", row.name, with_kind), f"{row.ready}/{row.desired}", row.updated, row.available]
        + [age(row.age)]
        + [",".join(row.containers), ",".join(row.images), row.selector] * wide
        for row in rows
    ]
    return table(header, cells, no_headers=no_headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSetRow:
    """One ReplicaSet; `current` and `ready` are of its status, `selector` as `format_selector` writes it."""

    name: str
    desired: int
    current: int
    ready: int
    age: float
    containers: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    selector: str = NONE


def replicasets_table(
    rows: Sequence[ReplicaSetRow], *, wide: bool = False, with_kind: bool = False, no_headers: bool = False
) -> str:
    """What `get replicasets` prints: NAME, DESIRED, CURRENT, READY, AGE."""
    header = ["NAME", "DESIRED", "CURRENT", "READY", "AGE"] + ["CONTAINERS", "IMAGES", "SELECTOR"] * wide
    cells = [
        [_named("replicasets", row.name, with_kind), row.desired, row.current, row.ready, age(row.age)]
        + [",".join(row.containers), ",".join(row.images), row.selector] * wide
        for row in rows
    ]
    return table(header, cells, no_headers=no_headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodRow:
    """One pod; `status` is the word shown ("Running", "ContainerCreating", "Terminating").

    `last_restart_age` is None also for an API server before 1.22, which shows the number of restarts only.
    """

    name: str
    ready: int
    containers: int
    status: str
    restarts: int
    age: float
    last_restart_age: float | None = None
    ip: str = ""
    node: str = ""


def pods_table(
    rows: Sequence[PodRow], *, wide: bool = False, with_kind: bool = False, no_headers: bool = False
) -> str:
    """What `get pods` prints: NAME, READY ("1/1"), STATUS, RESTARTS ("2 (15s ago)"), AGE."""
    header = ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    header += ["IP", "NODE", "NOMINATED NODE", "READINESS GATES"] * wide
    cells = [
        [_named("pods", row.name, with_kind), f"{row.ready}/{row.containers}", row.status, _restarts(row)]
        + [age(row.age)]
        + [row.ip or NONE, row.node or NONE, NONE, NONE] * wide
        for row in rows
    ]
    return table(header, cells, no_headers=no_headers)


def _restarts(row: PodRow) -> str:
    if row.restarts == 0 or row.last_restart_age is None:
        return str(row.restarts)
    return f"{row.restarts} ({age(row.last_restart_age)} ago)"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointsRow:
    """One Endpoints object: its ready addresses as "ip:port"; None when it has no subset at all.

    With only addresses that are not ready it has a subset, and kubectl shows an empty cell, not "<none>".
    """

    name: str
    addresses: tuple[str, ...] | None
    age: float


def endpoints_table(
    rows: Sequence[EndpointsRow], *, wide: bool = False, with_kind: bool = False, no_headers: bool = False
) -> str:
    """What `get endpoints` prints; `wide` adds nothing. Three addresses are shown, then " + 2 more..."."""
    del wide
    cells = [
        [_named("endpoints", row.name, with_kind), _addresses(row.addresses), age(row.age)] for row in rows
    ]
    return table(["NAME", "ENDPOINTS", "AGE"], cells, no_headers=no_headers)


def _addresses(addresses: tuple[str, ...] | None) -> str:
    if addresses is None:
        return NONE
    more = len(addresses) - _ENDPOINTS_SHOWN
    return ",".join(addresses[:_ENDPOINTS_SHOWN]) + (f" + {more} more..." if more > 0 else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePort:
    """One port of a Service; 0 is no node port."""

    port: int
    node_port: int = 0
    protocol: str = "TCP"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One Service; `load_balancer` are the addresses in its status, `external_name` of type ExternalName."""

    name: str
    type: str
    cluster_ip: str
    age: float
    ports: tuple[ServicePort, ...] = ()
    external_ips: tuple[str, ...] = ()
    load_balancer: tuple[str, ...] = ()
    external_name: str = ""
    selector: Mapping[str, str] = field(default_factory=dict)


def services_table(
    rows: Sequence[ServiceRow], *, wide: bool = False, with_kind: bool = False, no_headers: bool = False
) -> str:
    """What `get services` prints: NAME, TYPE, CLUSTER-IP, EXTERNAL-IP, PORT(S) ("80:30080/TCP"), AGE."""
    header = ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"] + ["SELECTOR"] * wide
    cells = [
        [_named("services", row.name, with_kind), row.type, row.cluster_ip or NONE, _external_ip(row, wide)]
        + [",".join(_port(port) for port in row.ports) or NONE, age(row.age)]
        + [format_labels(row.selector)] * wide
        for row in rows
    ]
    return table(header, cells, no_headers=no_headers)


def _port(port: ServicePort) -> str:
    node_port = f":{port.node_port}" if port.node_port else ""
    return f"{port.port}{node_port}/{port.protocol}"


def _external_ip(row: ServiceRow, wide: bool) -> str:
    if row.type == "ExternalName":
        return row.external_name
    if row.type != "LoadBalancer":
        return ",".join(row.external_ips) or NONE
    balanced = ",".join(sorted(set(row.load_balancer)))
    if not wide and len(balanced) > _LOAD_BALANCER_WIDTH:
        balanced = balanced[: _LOAD_BALANCER_WIDTH - 3] + "..."
    return ",".join(filter(None, (balanced, *row.external_ips))) or "<pending>"
