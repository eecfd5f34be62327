"""What a line asks for, in the terms that all verbs share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.kubectl.flags import Parsed
from sim.kubectl.outcome import Refusal, Target
from sim.kubectl.targets import targets_of

ALL_AND_SELECTOR = "cannot set --all and --selector at the same time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a line asks for: the objects, the changes, and flags that stand for others."""

    targets: tuple[Target, ...] = ()
    args: tuple[str, ...] = ()
    flags: Mapping[str, Any] = field(default_factory=dict)
    warnings: str = ""


def objects_of(line: Parsed, args: tuple[str, ...], *, lone_kind: bool) -> tuple[Target, ...]:
    """The objects that the arguments, the files and the selector of a line name."""
    values = line.values
    if values.get("filename") and values.get("kustomize"):
        raise Refusal("only one of -f or -k can be specified")
    if values.get("kustomize") and values.get("recursive"):
        raise Refusal("the -k flag can't be used with -f or -R")
    selected = bool(values.get("selector", "").strip() or values.get("field-selector"))
    return targets_of(args, lone_kind=lone_kind, selected=selected, files=has_files(line))


def has_files(line: Parsed) -> bool:
    """Whether the objects are in files."""
    return bool(line.values.get("filename") or line.values.get("kustomize"))
