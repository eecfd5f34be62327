"""The volumes of a pod as kubectl describes them (describeVolumes of kubectl/pkg/describe/describe.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.kubectl.quantity import quantity_text

# What a volume of each kind is, its fields (title, key, what is shown without it) in kubectl's order.
_KINDS: dict[str, tuple[str, tuple[tuple[str, str, object], ...]]] = {
    "hostPath": (
        "HostPath (bare host directory volume)",
        (("Path", "path", ""), ("HostPathType", "type", "")),
    ),
    "emptyDir": (
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
        (("Medium", "medium", ""), ("SizeLimit", "sizeLimit", "<unset>")),
    ),
    "secret": (
        "Secret (a volume populated by a Secret)",
        (("SecretName", "secretName", ""), ("Optional", "optional", False)),
    ),
    "configMap": (
        "ConfigMap (a volume populated by a ConfigMap)",
        (("Name", "name", ""), ("Optional", "optional", False)),
    ),
    "nfs": (
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        (("Server", "server", ""), ("Path", "path", ""), ("ReadOnly", "readOnly", False)),
    ),
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        (("ClaimName", "claimName", ""), ("ReadOnly", "readOnly", False)),
    ),
    "csi": (
        "CSI (a Container Storage Interface (CSI) volume source)",
        (("Driver", "driver", ""), ("FSType", "fsType", ""), ("ReadOnly", "readOnly", False)),
    ),
    "image": (
        "Image (a container image or OCI artifact)",
        (("Reference", "reference", ""), ("PullPolicy", "pullPolicy", "")),
    ),
}
_ATTRIBUTE_LIMIT = 140


def volume_lines(volumes: Sequence[Mapping[str, Any]], space: str) -> list[str]:
    """The lines of "Volumes:", indented by `space`, with tabs between their cells.

    Kinds that kubectl knows and this does not are shown by the name of their key: "Type:\\tcephfs".
    """
    if not volumes:
        return [f"{space}Volumes:\t<none>"]
    lines = [f"{space}Volumes:"]
    for volume in volumes:
        lines.append(f"  {' ' if space else ''}{volume['name']}:")
        kind = next((key for key in volume if key != "name"), None)
        if kind is None:
            # The API server makes a volume of no kind an emptyDir.
            lines += _plain("emptyDir", {})
        elif kind == "downwardAPI":
            lines += _downward(volume[kind] or {})
        elif kind == "projected":
            lines += _projected(volume[kind] or {})
        else:
            lines += _plain(kind, volume[kind] or {})
    return lines


def _plain(kind: str, source: Mapping[str, Any]) -> list[str]:
    title, fields = _KINDS.get(kind, (kind, ()))
    lines = [f"    Type:\t{title}"]
    for name, key, default in fields:
        value = source.get(key, default)
        text = go_text(quantity_text(value) if key == "sizeLimit" and value != default else value)
        lines.append(f"    {name}:\t{text}")
    return lines + (_attributes(source.get("volumeAttributes") or {}) if kind == "csi" else [])


def _attributes(attributes: Mapping[str, str]) -> list[str]:
    """The attributes of a CSI volume; kubectl indents every piece that it writes, also after a tab."""
    if not attributes:
        return ["    VolumeAttributes:\t<none>"]
    texts = [f"{key}={attributes[key]}" for key in sorted(attributes)]
    cut = [text[:_ATTRIBUTE_LIMIT] + "..." if len(text) > _ATTRIBUTE_LIMIT else text for text in texts]
    first, *rest = (f"    {text}" for text in cut)
    return [f"    VolumeAttributes:\t{first}", *(f"        \t{text}" for text in rest)]


def _downward(source: Mapping[str, Any]) -> list[str]:
    lines = ["    Type:\tDownwardAPI (a volume populated by information about the pod)", "    Items:"]
    for item in source.get("items") or ():
        if item.get("fieldRef"):
            lines.append(f"      {item['fieldRef']['fieldPath']} -> {item['path']}")
        if item.get("resourceFieldRef"):
            lines.append(f"      {item['resourceFieldRef']['resource']} -> {item['path']}")
    return lines


def _projected(source: Mapping[str, Any]) -> list[str]:
    lines = ["    Type:\tProjected (a volume that contains injected data from multiple sources)"]
    for item in source.get("sources") or ():
        if item.get("secret"):
            lines.append(f"    SecretName:\t{item['secret'].get('name', '')}")
            lines.append(f"    SecretOptionalName:\t{_pointer(item['secret'].get('optional'))}")
        elif item.get("downwardAPI"):
            lines.append("    DownwardAPI:\ttrue")
        elif item.get("configMap"):
            lines.append(f"    ConfigMapName:\t{item['configMap'].get('name', '')}")
            lines.append(f"    ConfigMapOptional:\t{_pointer(item['configMap'].get('optional'))}")
        elif "serviceAccountToken" in item:
            seconds = (item["serviceAccountToken"] or {}).get("expirationSeconds", 3600)
            lines.append(f"    TokenExpirationSeconds:\t{seconds}")
    return lines


def _pointer(value: bool | None) -> str:
    # kubectl prints the pointer: "<nil>", or an address in its memory, for which the value stands here.
    return "<nil>" if value is None else go_text(value)


def go_text(value: object) -> str:
    """A value as Go's %v writes it: true and false are small, None is empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
