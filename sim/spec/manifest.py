"""Kubernetes manifests to Deployments and Services: files, folders, standard input, several documents, Lists.

All mistakes of all documents are collected and raised together, in the order of the input.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from sim.errors import Diagnostic, InputError, shown
from sim.spec.checks import check_deployment, check_overlaps, check_service, immutable_changes
from sim.spec.document import Document, read_documents
from sim.spec.fields import Fields, Hints, Notes
from sim.spec.kinds import check_other, refuse_file, refuse_scenario, refuse_version
from sim.spec.models import (
    Container,
    Deployment,
    LabelRequirement,
    Manifests,
    PodTemplate,
    Probe,
    Service,
    ServicePort,
    Strategy,
)
from sim.spec.sources import STDIN_NAME, TOTAL_LIMIT_BYTES, files_of, read_source
from sim.spec.workload import read_deployment, read_service

__all__ = [
    "Container",
    "Deployment",
    "LabelRequirement",
    "Manifests",
    "PodTemplate",
    "Probe",
    "Service",
    "ServicePort",
    "Strategy",
    "deployment_from",
    "immutable_changes",
    "load_manifests",
    "manifests_from",
    "parse_manifests",
    "service_from",
]


OBJECT_LIMIT = 1000
"""Deployments, and Services: each is compared with each."""


def load_manifests(sources: Sequence[str], *, stdin: IO[Any] | None = None) -> Manifests:
    """Read files, folders and "-" (standard input, or `stdin`); raises InputError with every problem."""
    reading = _Reading()
    total = 0
    for source in sources:
        try:
            files = files_of(source)
        except InputError as error:
            reading.found.extend(error.diagnostics)
            continue
        for file in files:
            name = STDIN_NAME if file == "-" else file
            try:
                raw = read_source(file, stdin=stdin)
            except InputError as error:
                reading.found.extend(error.diagnostics)
                continue
            total += len(raw)
            if total > TOTAL_LIMIT_BYTES:
                limit = f"at most {TOTAL_LIMIT_BYTES // 1_000_000} MB in all"
                problem = Diagnostic(code="E003", message="the input is too large", file=name, expected=limit)
                raise InputError(*reading.found, problem)
            reading.take_text(raw, name, is_lone=len(files) == 1)
    return reading.result()


def parse_manifests(text: str | bytes, name: str) -> Manifests:
    """Read multi-document text that diagnostics call `name`; raises InputError with every problem."""
    reading = _Reading()
    reading.take_text(text, name)
    return reading.result()


def manifests_from(documents: Sequence[Document]) -> Manifests:
    """Read documents that stand inside another file; raises InputError with every problem."""
    reading = _Reading()
    for document in documents:
        reading.take(document)
    return reading.result()


def deployment_from(document: Mapping[str, Any] | Document, *, file: str | None = None) -> Deployment:
    """Validate one Deployment's document, such as one that was patched; raises InputError with every problem.

    Warnings are not returned: those of the document before the patch were.
    """
    whole = document if isinstance(document, Document) else Document(dict(document), file)
    notes = Notes(whole)
    deployment = None
    if not isinstance(whole.data, dict) or whole.data.get("kind", "Deployment") != "Deployment":
        notes.add("E101", "this is not a Deployment", (), found=shown(whole.data))
    elif "apiVersion" not in whole.data or not refuse_version(notes, "Deployment", whole.data["apiVersion"]):
        deployment = read_deployment(Fields(notes, (), whole.data))
    if deployment is None:
        raise InputError(d for d in notes.found if d.is_error)
    return deployment


def service_from(document: Mapping[str, Any]) -> Service:
    """Validate one Service's document, such as one that was patched; raises InputError with every problem."""
    notes = Notes(Document(dict(document), None))
    service = read_service(Fields(notes, (), dict(document)))
    if service is None:
        raise InputError(d for d in notes.found if d.is_error)
    return service


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    found: list[Diagnostic] = field(default_factory=list)
    deployments: list[tuple[Deployment, Document]] = field(default_factory=list)
    services: list[tuple[Service, Document]] = field(default_factory=list)
    objects: dict[tuple[str, str, str], Document] = field(default_factory=dict)
    told_kinds: set[str] = field(default_factory=set)
    hints: Hints = field(default_factory=Hints)
    counts: Counter[str] = field(default_factory=Counter)

    def take_text(self, text: str | bytes, name: str, *, is_lone: bool = True) -> None:
        """Read every document of one file; an empty one is fine beside others in a folder."""
        documents, problems = read_documents(text, name)
        if not is_lone:
            problems = [p for p in problems if p.code != "E013"]
        mine = len(self.found)
        self.found.extend(problems)
        for document in documents:
            self.take(document)
        # What the YAML reader found and what its documents hold wrong, in the order of the lines.
        self.found[mine:] = sorted(self.found[mine:], key=lambda d: d.line or 0)

    def take(self, document: Document) -> None:
        """Read one object, or every object of a List."""
        data, notes = document.data, Notes(document, hints=self.hints)
        if not isinstance(data, dict):
            expected = "a mapping with apiVersion, kind, metadata and spec"
            notes.add("E101", "this is not a Kubernetes object", (), found=shown(data), expected=expected)
        elif isinstance(data.get("kind"), str) and data["kind"].endswith("List") and "items" in data:
            self._take_list(document, notes)
        else:
            self._take_object(Fields(notes, (), data), document)
        self.found.extend(notes.found)

    def _take_list(self, document: Document, notes: Notes) -> None:
        items = document.data["items"]
        if not isinstance(items, list):
            if items is not None:
                message = "the wrong type of value"
                notes.add("E103", message, ("items",), found=shown(items), expected="a list")
            return
        # kubectl leaves the kind out of the items of a typed list such as DeploymentList.
        kind = document.data["kind"].removesuffix("List")
        for at, item in enumerate(items):
            inner = document.under(("items", at))
            if kind and isinstance(item, dict) and "kind" not in item:
                filled = {"apiVersion": document.data.get("apiVersion"), "kind": kind, **item}
                inner = Document(filled, inner.file, inner.lines)
            self.take(inner)

    def _take_object(self, fields: Fields, document: Document) -> None:
        notes, kind = fields.notes, fields.text("kind")
        if not fields.raw("kind") and (refuse_file(fields) or refuse_scenario(fields)):
            return
        if not fields.raw("kind"):
            fields.missing("kind", "a kind such as Deployment")
        if not fields.raw("apiVersion"):
            fields.missing("apiVersion", "an apiVersion such as apps/v1")
        if not kind or not fields.text("apiVersion"):
            return
        self._check_twice(fields, kind, document)
        if kind not in ("Deployment", "Service"):
            check_other(fields, kind, self.told_kinds)
        elif not refuse_version(notes, kind, fields.raw("apiVersion")) and self._has_room(notes, kind):
            self._take_modelled(fields, kind, document)

    def _take_modelled(self, fields: Fields, kind: str, document: Document) -> None:
        if kind == "Deployment":
            deployment = read_deployment(fields)
            self._list_unmodelled(fields.notes)
            if deployment is not None:
                self.deployments.append((deployment, document))
                fields.notes.found.extend(check_deployment(deployment, document))
        else:
            service = read_service(fields)
            self._list_unmodelled(fields.notes)
            if service is not None:
                self.services.append((service, document))

    def _has_room(self, notes: Notes, kind: str) -> bool:
        """Whether another object of the kind is carried; the first that is not is told."""
        self.counts[kind] += 1
        if self.counts[kind] == OBJECT_LIMIT + 1:
            message = f"more objects of the kind {kind} than this simulator carries"
            notes.add("E120", message, (), expected=f"at most {OBJECT_LIMIT}")
        return self.counts[kind] <= OBJECT_LIMIT

    def _check_twice(self, fields: Fields, kind: str, document: Document) -> None:
        metadata = fields.data.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        if not isinstance(metadata, dict) or not isinstance(name, str):
            return
        key = (kind, str(metadata.get("namespace") or "default"), name)
        first = self.objects.setdefault(key, document)
        if first is not document:
            line = first.line_of(("metadata", "name"))
            place = f"{first.file}:{line}" if line is not None else f"{first.file}"
            message = f"{kind} {shown(name)} is given twice, first in {place}"
            fields.problem("E102", message, "metadata", "name")

    @staticmethod
    def _list_unmodelled(notes: Notes) -> None:
        """One line for all that changes nothing, below the place that holds all of it."""
        if not notes.unmodelled:
            return
        names = sorted(notes.unmodelled)
        # Of sorted paths, the first and the last share what all share.
        pairs = zip(names[0][:-1], names[-1][:-1], strict=False)
        shared = [a for a, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)]
        listed = ", ".join(".".join(name[len(shared) :]) for name in names)
        line = min(notes.document.line_of(path) or 0 for path in notes.unmodelled.values()) or None
        place = ".".join(shared) or None
        file, message = notes.document.file, f"not modelled: {listed}"
        notes.found.append(Diagnostic(code="W201", message=message, file=file, line=line, path=place))

    def result(self) -> Manifests:
        """Everything, or InputError with every problem, warnings among them."""
        if any(d.is_error for d in self.found):
            raise InputError(self.found)
        deployments = [deployment for deployment, _ in self.deployments]
        late = check_overlaps(self.deployments)
        for service, document in self.services:
            late += check_service(service, document, deployments)
        return Manifests(
            deployments=tuple(deployments),
            services=tuple(service for service, _ in self.services),
            diagnostics=(*self.found, *late),
        )
