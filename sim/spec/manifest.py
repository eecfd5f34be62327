"""Kubernetes manifests to Deployments and Services: files, folders, standard input, several documents, Lists.

All mistakes of all documents are collected and raised together, in the order of the input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from sim.errors import Diagnostic, InputError, shown
from sim.spec.autoscaler import Least
from sim.spec.checks import immutable_changes
from sim.spec.document import Document
from sim.spec.fields import Fields, Notes
from sim.spec.intake import AS_KUBECTL, Intake
from sim.spec.kinds import refuse_version
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
from sim.spec.reading import Reading
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


def load_manifests(
    sources: Sequence[str], *, stdin: IO[Any] | None = None, intake: Intake = AS_KUBECTL
) -> Manifests:
    """Read files, folders and "-" (standard input, or `stdin`); raises InputError with every problem."""
    reading = Reading(intake=intake)
    total = 0
    for source in sources:
        try:
            files = files_of(source, recursive=intake.recursive)
        except InputError as error:
            reading.take_problems(error.diagnostics)
            continue
        for file in files:
            name = STDIN_NAME if file == "-" else file
            try:
                raw = read_source(file, stdin=stdin)
            except InputError as error:
                reading.take_problems(error.diagnostics)
                continue
            total += len(raw)
            if total > TOTAL_LIMIT_BYTES:
                limit = f"at most {TOTAL_LIMIT_BYTES // 1_000_000} MB in all"
                problem = Diagnostic(code="E003", message="the input is too large", file=name, expected=limit)
                raise InputError(*reading.read(), problem)
            reading.take_text(raw, name, is_lone=len(files) == 1, is_named=file == source)
    return reading.result()


def parse_manifests(text: str | bytes, name: str, intake: Intake = AS_KUBECTL) -> Manifests:
    """Read multi-document text that diagnostics call `name`; raises InputError with every problem."""
    reading = Reading(intake=intake)
    reading.take_text(text, name)
    return reading.result()


def manifests_from(
    documents: Sequence[Document], least: Least | None = None, intake: Intake = AS_KUBECTL
) -> Manifests:
    """Read documents that stand inside another file; raises InputError with every problem.

    `least`: the replicas of Deployments that say none; None: as the autoscalers among `documents` have it.
    """
    reading = Reading(least=least, intake=intake)
    reading.take_documents(documents)
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
