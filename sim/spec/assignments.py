"""Assignments as they are typed after --set: which setting is meant, and which value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sim.errors import Diagnostic, InputError, shown
from sim.spec.cluster import Profile
from sim.spec.document import parse_documents
from sim.spec.patch import parse_path
from sim.spec.scalars import resolve
from sim.units import nearest

SOURCE = "--set"
POD: tuple[str | int, ...] = ("spec", "template", "spec")
SHORT: dict[str, tuple[str | int, ...]] = {
    "replicas": ("spec", "replicas"),
    "paused": ("spec", "paused"),
    "strategy": ("spec", "strategy", "type"),
    "maxSurge": ("spec", "strategy", "rollingUpdate", "maxSurge"),
    "maxUnavailable": ("spec", "strategy", "rollingUpdate", "maxUnavailable"),
    "minReadySeconds": ("spec", "minReadySeconds"),
    "progressDeadlineSeconds": ("spec", "progressDeadlineSeconds"),
    "revisionHistoryLimit": ("spec", "revisionHistoryLimit"),
    "terminationGracePeriodSeconds": (*POD, "terminationGracePeriodSeconds"),
}
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
PROBE_KEYS = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)
PROFILE_KEYS = tuple(key for key in Profile.model_fields if key not in ("name", "source"))
SCENARIO_KEYS = ("profile", "seed", "horizon")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment, taken apart."""

    key: str
    path: tuple[str | int, ...]
    text: str

    def problem(
        self, message: str, *, code: str = "E402", found: str | None = None, expected: str | None = None
    ) -> Diagnostic:
        """Return a diagnostic about it."""
        return Diagnostic(
            code=code,
            message=message,
            file=SOURCE,
            path=self.key,
            found=found or shown(self.text),
            expected=expected,
        )


def parsed(assignments: Iterable[str], problems: list[Diagnostic]) -> list[Assignment]:
    """Return every assignment that names a setting; the mistakes of the others go to `problems` (E407)."""
    out = []
    for text in assignments:
        key, equals, value = text.partition("=")
        key = key.strip()
        if '["' in key and '"]' not in key:  # an "=" inside quotes belongs to the key
            head, _, value = text.partition('"]')
            rest, equals, value = value.partition("=")
            key = f'{head}"]{rest}'.strip()
        if not equals or not key:
            message = "not an assignment"
            problems.append(
                Diagnostic(code="E407", message=message, file=SOURCE, found=shown(text), expected="key=value")
            )
            continue
        path = _path(key)
        if path is None:
            problems.append(_unknown(key))
            continue
        out.append(Assignment(key, path, value.strip()))
    return out


def _path(key: str) -> tuple[str | int, ...] | None:
    if key in SHORT:
        return SHORT[key]
    try:
        path = parse_path(key)
    except ValueError:
        return None
    first = path[0]
    is_probe = first in PROBES and len(path) == 2
    is_path = first in ("spec", "metadata") and len(path) > 1
    return path if key in SCENARIO_KEYS or first in PROFILE_KEYS or is_probe or is_path else None


def _unknown(key: str) -> Diagnostic:
    head, dot, tail = key.partition(".")
    if dot and head in ("spec", "metadata", *PROBES, *PROFILE_KEYS):
        message, expected = "not a path", "a path such as spec.template.spec.containers[0].image"
        return Diagnostic(code="E407", message=message, file=SOURCE, found=shown(key), expected=expected)
    known = [*SHORT, *SCENARIO_KEYS, *PROFILE_KEYS]
    near = nearest(key, known)
    if near is None and dot:
        head_near = nearest(head, [*PROBES, *PROFILE_KEYS, "spec"])
        near = f"{head_near}.{tail}" if head_near else None
    return Diagnostic(
        code="E407",
        message="no such setting",
        file=SOURCE,
        found=shown(key),
        expected=", ".join([*SHORT, *SCENARIO_KEYS]) + ", a probe's or a profile's key, or spec.…",
        nearest=near,
    )


def value_of(assignment: Assignment) -> Any:
    """Return the value as YAML would read it; raises InputError for what it would not."""
    text = assignment.text
    if text[:1] in ("[", "{", '"', "'"):
        documents = parse_documents(text, SOURCE)
        return documents[0].data if len(documents) == 1 else text
    kind, value = resolve(text)
    if kind == "infinite":
        raise InputError(assignment.problem("not a finite number"))
    return value
