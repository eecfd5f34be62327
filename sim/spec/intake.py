"""How manifests are taken: what kubectl's options of these names say, and which namespace is simulated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.spec.document import Document
from sim.spec.objects import below, namespace_of, objects_of
from sim.spec.patch import with_value
from sim.spec.unknown import Validate

Named = frozenset[tuple[str, str]]
"""Kinds and names of objects."""


@dataclass(frozen=True, slots=True)
class Intake:
    """How manifests are taken.

    `validate`: what becomes of fields that Kubernetes does not know. `namespace`: the one that is simulated;
    objects that say none are in it (None: all, and "default" for those that say none). `recursive`: folders
    stand for what is in their folders, too.
    """

    validate: Validate = "strict"
    namespace: str | None = None
    recursive: bool = False


AS_KUBECTL = Intake()
"""What holds when nothing is said."""


def named_in(documents: Iterable[Document], namespace: str) -> Named:
    """Return the objects that say themselves that they are in a namespace."""
    return frozenset(
        (str(one.get("kind")), str(below(one, "metadata").get("name")))
        for document in documents
        for one in objects_of(document.data)
        if below(one, "metadata").get("namespace") == namespace
    )


def placed(document: Document, namespace: str, there: Named) -> Document:
    """Return a document whose objects that say no namespace are in this one, as kubectl -n has it.

    But where one of the kind and name is `there` already, they stay in "default": they would be that one.
    """
    return Document(_placed(document.data, namespace, there), document.file, document.lines)


def _placed(data: Any, namespace: str, there: Named, kind: str = "") -> Any:
    """`kind`: what an item of a typed List is that does not say it."""
    if not isinstance(data, dict):
        return data
    own = str(data.get("kind", kind))
    items, metadata = data.get("items"), data.get("metadata")
    if own.endswith("List") and isinstance(items, list):
        inner = own.removesuffix("List")
        return {**data, "items": [_placed(item, namespace, there, inner) for item in items]}
    if not isinstance(metadata, dict) or metadata.get("namespace"):
        return data
    if (own, str(metadata.get("name"))) in there:
        return data
    return with_value(data, ("metadata", "namespace"), namespace)


def is_elsewhere(data: Mapping[str, Any], namespace: str | None) -> bool:
    """Return whether an object is in another namespace than the one that is simulated."""
    return namespace is not None and namespace_of(data) != namespace
