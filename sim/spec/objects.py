"""What is the same in Kubernetes' objects of every kind: groups, Lists, namespaces, labels of pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def group_of(version: object) -> str:
    """Return an apiVersion's group, which is "" for v1."""
    return str(version).rpartition("/")[0]


def is_custom(version: object) -> bool:
    """Return whether an apiVersion's group is not Kubernetes' own, but for objects that anybody defines.

    Custom groups have a dot (ValidateCustomResourceDefinitionSpec of pkg/apis/apiextensions), and the kinds
    that are read here are in groups without one.
    """
    return "." in group_of(version)


def below(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The mapping that stands at `key`; empty where there is none, or something else."""
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def namespace_of(data: Mapping[str, Any]) -> str:
    """The namespace that an object says, or "default"."""
    return str(below(data, "metadata").get("namespace") or "default")


def objects_of(data: Any) -> Iterator[Mapping[str, Any]]:
    """Yield a document's object, or those of a List, whose kind says theirs where they do not."""
    if not isinstance(data, Mapping):
        return
    kind, items = data.get("kind"), data.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        for item in items:
            if isinstance(item, Mapping):
                own = kind.removesuffix("List")
                yield from objects_of(item if "kind" in item or not own else {"kind": own, **item})
    else:
        yield data


def pod_labels(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the labels of the pods that an object of any kind makes, or is; empty when it makes none."""
    at: Any = data
    if data.get("kind") != "Pod":
        spec = below(data, "spec")
        at = below(below(below(spec, "jobTemplate"), "spec") or spec, "template")
    return below(below(at, "metadata"), "labels")
