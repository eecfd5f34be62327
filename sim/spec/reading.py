"""Documents to Deployments and Services: all are taken first, then read, then held against each other."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sim.errors import Diagnostic, InputError, shown
from sim.spec.autoscaler import Least, least_replicas, with_least
from sim.spec.checks import check_deployment, check_overlaps, check_service
from sim.spec.document import Document, read_documents
from sim.spec.fields import Fields, Hints, Notes
from sim.spec.intake import AS_KUBECTL, Intake, is_elsewhere, named_in, placed
from sim.spec.kinds import check_other, is_read, refuse_file, refuse_scenario, refuse_version
from sim.spec.models import Deployment, Manifests, Service
from sim.spec.objects import below, namespace_of, pod_labels
from sim.spec.unknown import check_unknown
from sim.spec.workload import read_deployment, read_service

OBJECT_LIMIT = 1000
"""Deployments, and Services: each is compared with each."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Documents that belong together, and what is wrong with the file that they stand in."""

    documents: Sequence[Document]
    problems: Sequence[Diagnostic] = ()
    is_file: bool = False


@dataclass(slots=True)
class Reading:
    """What is to be read, and what was read of it: an autoscaler may stand in a later file than its target.

    `least`: the replicas of Deployments that say none (None: as the autoscalers that are read have it).
    """

    parts: list[_Part] = field(default_factory=list)
    least: Least | None = None
    intake: Intake = AS_KUBECTL
    found: list[Diagnostic] = field(default_factory=list)
    deployments: list[tuple[Deployment, Document]] = field(default_factory=list)
    services: list[tuple[Service, Document]] = field(default_factory=list)
    others: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    objects: dict[tuple[str, str, str], Document] = field(default_factory=dict)
    told_kinds: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    hints: Hints = field(default_factory=Hints)
    counts: Counter[str] = field(default_factory=Counter)

    def take_text(self, text: str | bytes, name: str, *, is_lone: bool = True, is_named: bool = True) -> None:
        """Take every document of one file; an empty one is fine beside others in a folder.

        A file that nobody named, but the folder it is in, is passed over when nothing in it is an object.
        """
        documents, problems = read_documents(text, name, last_counts=True)
        if not is_lone:
            problems = [p for p in problems if p.code != "E013"]
        if not is_named and documents and not problems and not any(map(_may_be_read, documents)):
            message = "no Kubernetes object, passed over"
            problems, documents = [Diagnostic(code="W222", message=message, file=name, line=1)], []
        self.parts.append(_Part(documents, problems, is_file=True))

    def take_problems(self, problems: Sequence[Diagnostic]) -> None:
        """Take what is wrong with a file that cannot be read."""
        self.parts.append(_Part((), problems))

    def take_documents(self, documents: Sequence[Document]) -> None:
        """Take documents of any files, in their order."""
        self.parts.append(_Part(documents))

    def read(self) -> list[Diagnostic]:
        """Read everything that was taken; return all problems."""
        self._place()
        if self.least is None:
            self.least = least_replicas(document for part in self.parts for document in part.documents)
        for part in self.parts:
            mine = len(self.found)
            self.found.extend(part.problems)
            for document in part.documents:
                self.take(document)
            if part.is_file:
                # What the YAML reader found and what its documents hold wrong, in the order of the lines.
                self.found[mine:] = sorted(self.found[mine:], key=lambda d: d.line or 0)
        return self.found

    def _place(self) -> None:
        """Put objects that say no namespace into the one that is asked for."""
        namespace = self.intake.namespace
        if namespace is None:
            return
        there = named_in((document for part in self.parts for document in part.documents), namespace)
        self.parts = [
            replace(part, documents=[placed(document, namespace, there) for document in part.documents])
            for part in self.parts
        ]

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
        if is_elsewhere(fields.data, self.intake.namespace):
            self._tell_elsewhere(fields)
            return
        check_unknown(fields, self.intake.validate)
        if not is_read(kind, fields.raw("apiVersion")):
            self._take_other(fields)
            check_other(fields, kind, self.told_kinds, self.least or {})
            return
        self._check_twice(fields, kind, document)
        if not refuse_version(notes, kind, fields.raw("apiVersion")) and self._has_room(notes, kind):
            self._take_modelled(fields, kind, document)

    def _tell_elsewhere(self, fields: Fields) -> None:
        namespace = namespace_of(fields.data)
        if namespace not in self.elsewhere:
            self.elsewhere.add(namespace)
            message = f"what is in the namespace {shown(namespace)} is left out"
            fields.problem("W221", message, "metadata", "namespace", expected=self.intake.namespace)

    def _take_other(self, fields: Fields) -> None:
        """Keep the labels of pods that are not simulated: a Service may well be theirs."""
        labels = pod_labels(fields.data)
        if labels:
            self.others.append((namespace_of(fields.data), labels))

    def _take_modelled(self, fields: Fields, kind: str, document: Document) -> None:
        if kind == "Deployment":
            whole = with_least(dict(fields.data), self.least or {})
            deployment = read_deployment(Fields(fields.notes, (), whole))
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
        name = below(fields.data, "metadata").get("name")
        if not isinstance(name, str):
            return
        key = (kind, namespace_of(fields.data), name)
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
        if any(d.is_error for d in self.read()):
            raise InputError(self.found)
        deployments = [deployment for deployment, _ in self.deployments]
        late = check_overlaps(self.deployments)
        for service, document in self.services:
            late += check_service(service, document, deployments, self.others)
        return Manifests(
            deployments=tuple(deployments),
            services=tuple(service for service, _ in self.services),
            diagnostics=(*self.found, *late),
        )


def _may_be_read(document: Document) -> bool:
    """Whether a document is an object, if only half of one, or else a file of ours or of a renderer."""
    data = document.data
    if not isinstance(data, dict):
        return False
    fields = Fields(Notes(document), (), data)
    return "kind" in data or "apiVersion" in data or refuse_file(fields) or refuse_scenario(fields)
