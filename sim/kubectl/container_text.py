"""The containers of a pod as `kubectl describe` prints them.

describeContainers and DescribeProbe of kubectl/pkg/describe/describe.go. Lines hold tabs between their
cells; whoever prints them aligns these.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sim.kubectl.layout import rfc1123z
from sim.kubectl.quantity import quantity, quantity_text

_NONE = "<none>"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerState:
    """What a container is doing: `state` is "Waiting", "Running" or "Terminated"."""

    state: str
    reason: str = ""
    message: str = ""
    exit_code: int = 0
    started: datetime | None = None
    finished: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerStatus:
    """What a pod's status says of one container; `last` is how it ended before its last restart."""

    state: ContainerState
    ready: bool
    restarts: int
    container_id: str = ""
    image_id: str = ""
    last: ContainerState | None = None


def container_lines(
    label: str,
    containers: Sequence[Mapping[str, Any]],
    space: str,
    *,
    statuses: Mapping[str, ContainerStatus] | None = None,
    field: Callable[[str], str] = lambda path: "",
) -> list[str]:
    """The containers under `label`; `statuses` (by name) and `field` (a fieldPath's value) are a pod's."""
    lines = [f"{space}{label}:" + ("" if containers else " <none>")]
    for container in containers:
        status = (statuses or {}).get(container["name"])
        lines.append(f"  {' ' if space else ''}{container['name']}:")
        lines += _basic_lines(container, status)
        for title, key in (("Command", "command"), ("Args", "args")):
            if container.get(key):
                lines.append(f"    {title}:")
                lines += [f"      {line}" for word in container[key] for line in str(word).split("\n")]
        if status is not None:
            lines += _status_lines(status)
        for title, key in (("Limits", "limits"), ("Requests", "requests")):
            amounts = (container.get("resources") or {}).get(key)
            if amounts:
                lines.append(f"    {title}:")
                lines += [f"      {name}:\t{quantity_text(amounts[name])}" for name in sorted(amounts)]
        for title in ("Liveness", "Readiness", "Startup"):
            probe = container.get(f"{title.lower()}Probe")
            if probe is not None:
                lines.append(f"    {title}:\t{probe_text(probe)}")
        lines += _environment_lines(container, field)
        lines += _mount_lines(container)
    return lines


def _basic_lines(container: Mapping[str, Any], status: ContainerStatus | None) -> list[str]:
    lines = [f"    Container ID:\t{status.container_id}"] if status else []
    lines.append(f"    Image:\t{container.get('image', '')}")
    lines += [f"    Image ID:\t{status.image_id}"] if status else []
    ports = container.get("ports") or ()
    plural = "s" if len(ports) > 1 else ""
    for title, key in (("Port", "containerPort"), ("Host Port", "hostPort")):
        text = ", ".join(f"{port.get(key, 0)}/{port.get('protocol', 'TCP')}" for port in ports)
        lines.append(f"    {title}{plural}:\t{text or _NONE}")
    seccomp = (container.get("securityContext") or {}).get("seccompProfile")
    if seccomp:
        lines.append(f"    SeccompProfile:\t{seccomp['type']}")
        if seccomp["type"] == "Localhost":
            lines.append(f"      LocalhostProfile:\t{seccomp['localhostProfile']}")
    return lines


def _status_lines(status: ContainerStatus) -> list[str]:
    lines = _state_lines("State", status.state)
    if status.last is not None:
        lines += _state_lines("Last State", status.last)
    ready = "True" if status.ready else "False"
    return [*lines, f"    Ready:\t{ready}", f"    Restart Count:\t{status.restarts}"]


def _state_lines(title: str, state: ContainerState) -> list[str]:
    lines = [f"    {title}:\t{state.state}"]
    if state.reason and state.state != "Running":
        lines.append(f"      Reason:\t{state.reason}")
    if state.state == "Terminated":
        lines += [f"      Message:\t{state.message}"] if state.message else []
        lines.append(f"      Exit Code:\t{state.exit_code}")
    lines += [f"      Started:\t{rfc1123z(state.started)}"] if state.started else []
    return lines + ([f"      Finished:\t{rfc1123z(state.finished)}"] if state.finished else [])


def probe_text(probe: Mapping[str, Any]) -> str:
    """A probe on one line, with the API server's defaults.

    {"tcpSocket": {"port": 80}} is "tcp-socket :80 delay=0s timeout=1s period=10s #success=1 #failure=3".
    """
    attributes = (
        f"delay={probe.get('initialDelaySeconds', 0)}s timeout={probe.get('timeoutSeconds', 1)}s "
        f"period={probe.get('periodSeconds', 10)}s #success={probe.get('successThreshold', 1)} "
        f"#failure={probe.get('failureThreshold', 3)}"
    )
    if "exec" in probe:
        return f"exec [{' '.join((probe['exec'] or {}).get('command') or ())}] {attributes}"
    if "httpGet" in probe:
        return f"http-get {_url(probe['httpGet'])} {attributes}"
    if "tcpSocket" in probe:
        return f"tcp-socket {probe['tcpSocket'].get('host', '')}:{probe['tcpSocket']['port']} {attributes}"
    if "grpc" in probe:
        return f"grpc <pod>:{probe['grpc']['port']} {probe['grpc'].get('service', '')} {attributes}"
    return f"unknown {attributes}"


def _url(get: Mapping[str, Any]) -> str:
    host = get.get("host", "")
    host = f"[{host}]" if ":" in host else host
    path = quote(get.get("path") or "/", safe="/$&+,:;=@-_.~")
    return f"{get.get('scheme', 'HTTP').lower()}://{host}:{get['port']}{'' if path[0] == '/' else '/'}{path}"


def _environment_lines(container: Mapping[str, Any], field: Callable[[str], str]) -> list[str]:
    lines: list[str] = []
    if container.get("envFrom"):
        lines.append("    Environment Variables from:")
    for source in container.get("envFrom") or ():
        kind = "ConfigMap" if "configMapRef" in source else "Secret" if "secretRef" in source else ""
        ref = source.get("configMapRef") or source.get("secretRef") or {}
        prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
        lines.append(f"      {ref.get('name', '')}\t{kind}{prefix}\tOptional: {_optional(ref)}")
    env = container.get("env") or ()
    lines.append("    Environment:" + ("" if env else f"\t{_NONE}"))
    for variable in env:
        if not variable.get("valueFrom"):
            first, *rest = str(variable.get("value", "")).split("\n")
            lines += [f"      {variable['name']}:\t{first}", *(f"      \t{line}" for line in rest)]
        else:
            lines += _reference(variable["name"], variable["valueFrom"], container, field)
    return lines


def _optional(ref: Mapping[str, Any]) -> str:
    return "true" if ref.get("optional") else "false"


def _reference(
    name: str, source: Mapping[str, Any], container: Mapping[str, Any], field: Callable[[str], str]
) -> list[str]:
    if ref := source.get("fieldRef"):
        path = ref["fieldPath"]
        return [f"      {name}:\t{field(path)} ({ref.get('apiVersion', 'v1')}:{path})"]
    if ref := source.get("resourceFieldRef"):
        return [f"      {name}:\t{_resource_value(ref, container)} ({ref['resource']})"]
    for key, of in (("secretKeyRef", "in secret"), ("configMapKeyRef", "of config map")):
        if ref := source.get(key):
            text = f"<set to the key '{ref['key']}' {of} '{ref.get('name', '')}'>"
            return [f"      {name}:\t{text}\tOptional: {_optional(ref)}"]
    return []


def _resource_value(ref: Mapping[str, Any], container: Mapping[str, Any]) -> str:
    kind, _, resource = ref["resource"].partition(".")
    amount = ((container.get("resources") or {}).get(kind) or {}).get(resource, 0)
    units = -(-quantity(amount) // (quantity(ref.get("divisor") or 0) or 1))
    return (
        "node allocatable" if not units and ref["resource"] in ("limits.cpu", "limits.memory") else str(units)
    )


def _mount_lines(container: Mapping[str, Any]) -> list[str]:
    mounts = sorted(container.get("volumeMounts") or (), key=lambda mount: str(mount["mountPath"]))
    none = "" if mounts else f"\t{_NONE}"
    lines = [f"    Mounts:{none}"]
    for mount in mounts:
        how = "ro" if mount.get("readOnly") else "rw"
        how += f",path={json.dumps(mount['subPath'], ensure_ascii=False)}" if mount.get("subPath") else ""
        lines.append(f"      {mount['mountPath']} from {mount['name']} ({how})")
    devices = sorted(container.get("volumeDevices") or (), key=lambda device: str(device["devicePath"]))
    lines += [f"    Devices:{none}"] if devices else []
    return lines + [f"      {device['devicePath']} from {device['name']}" for device in devices]
