"""The containers of a pod as `kubectl describe` prints them.

describeContainers and DescribeProbe of kubectl/pkg/describe/describe.go. Lines hold tabs between their
cells; whoever prints them aligns these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sim.kubectl.quantity import quantity, quantity_text

_NONE = "<none>"


def container_lines(label: str, containers: Sequence[Mapping[str, Any]], space: str) -> list[str]:
    """The containers of a pod template under `label`."""
    lines = [f"{space}{label}:" + ("" if containers else " <none>")]
    for container in containers:
        lines.append(f"  {' ' if space else ''}{container['name']}:")
        lines += _basic_lines(container)
        for title, key in (("Command", "command"), ("Args", "args")):
            if container.get(key):
                lines.append(f"    {title}:")
                lines += [f"      {line}" for word in container[key] for line in str(word).split("\n")]
        for title, key in (("Limits", "limits"), ("Requests", "requests")):
            amounts = (container.get("resources") or {}).get(key)
            if amounts:
                lines.append(f"    {title}:")
                lines += [f"      {name}:\t{quantity_text(amounts[name])}" for name in sorted(amounts)]
        for title in ("Liveness", "Readiness", "Startup"):
            probe = container.get(f"{title.lower()}Probe")
            if probe is not None:
                lines.append(f"    {title}:\t{probe_text(probe)}")
        lines += _environment_lines(container)
        lines += _mount_lines(container)
    return lines


def _basic_lines(container: Mapping[str, Any]) -> list[str]:
    lines = [f"    Image:\t{container.get('image', '')}"]
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


def _environment_lines(container: Mapping[str, Any]) -> list[str]:
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
            lines += _reference(variable["name"], variable["valueFrom"], container)
    return lines


def _optional(ref: Mapping[str, Any]) -> str:
    return "true" if ref.get("optional") else "false"


def _reference(name: str, source: Mapping[str, Any], container: Mapping[str, Any]) -> list[str]:
    if ref := source.get("fieldRef"):
        path = ref["fieldPath"]
        return [f"      {name}:\t ({ref.get('apiVersion', 'v1')}:{path})"]
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
