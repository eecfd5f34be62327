"""Reading latency profiles: a built-in name, a file, or a mapping that changes another profile key by key."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import Diagnostic, InputError, one_line, shown
from sim.spec import builtin
from sim.spec.cluster import (
    LONGEST_NAME,
    ControlPlane,
    Crash,
    Faults,
    Features,
    ImageProfile,
    Kubelet,
    Pods,
    Profile,
    ResolvedImage,
    Stages,
    Unready,
    instant_kubelet,
)
from sim.spec.columns import FormError, read_column
from sim.spec.distributions import Distribution
from sim.spec.document import Document, parse_documents
from sim.spec.explain import Codes, Place, explain
from sim.spec.sources import read_source
from sim.units import nearest

__all__ = [
    "BUILT_IN",
    "ControlPlane",
    "Crash",
    "Distribution",
    "Faults",
    "Features",
    "ImageProfile",
    "Kubelet",
    "Pods",
    "Profile",
    "ResolvedImage",
    "Stages",
    "Unready",
    "change_profile",
    "load_profile",
    "merge",
]

CODES = Codes(
    unknown="E302",
    value="E303",
    special={"name": "E301", "distribution": "E304", "version": "E306"},
)

_CHANGED = " (changed)"


@cache
def _built_in(name: str) -> Profile:
    return Profile.model_validate({"name": name} | builtin.PROFILES[name])


class _BuiltIn(Mapping[str, Profile]):
    """The built-in profiles by name, each built when it is first asked for."""

    def __getitem__(self, name: str) -> Profile:
        return _built_in(name)

    def __iter__(self) -> Iterator[str]:
        return iter(builtin.PROFILES)

    def __len__(self) -> int:
        return len(builtin.PROFILES)


BUILT_IN: Mapping[str, Profile] = _BuiltIn()


def load_profile(
    value: str | os.PathLike[str] | Mapping[str, Any] | Profile | None = None,
    *,
    place: Place | None = None,
    folder: str | os.PathLike[str] = ".",
) -> Profile:
    """Return the profile that `value` means: a built-in name, a file, a mapping; None is the default.

    `folder` is what relative paths in `value` start from; `place` is where `value` was written, for messages.
    Raises InputError with every problem (E301 to E306).
    """
    if isinstance(value, Profile):
        return value
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if place is None:
        place = Place(Document(value if isinstance(value, Mapping) else None))
    asked = builtin.DEFAULT_PROFILE if value is None else value
    if isinstance(asked, str) and asked in BUILT_IN:
        return BUILT_IN[asked]
    return Profile.model_validate(_resolved(asked, place, os.fspath(folder), ()))


def change_profile(
    profile: Profile, over: Mapping[str, Any], *, place: Place, folder: str | os.PathLike[str] = "."
) -> Profile:
    """Return `profile` changed by a mapping as in a file without `base`; raises InputError (E302 to E306)."""
    return Profile.model_validate(_changed(profile.document(), dict(over), place, os.fspath(folder)))


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` changed by `over`: sections, images and faults key by key, everything else as a whole."""
    out = dict(base)
    for key, value in instant_kubelet(over).items():
        if key == "control_plane":
            out[key] = _merged_plane(base.get(key), value)
        elif key == "images" and isinstance(value, Mapping) and isinstance(base.get(key), Mapping):
            images = dict(base[key])
            for image, own in value.items():
                images[image] = _merged_section(images.get(image), own)
            out[key] = images
        elif key in ("kubelet", "pods"):
            out[key] = _merged_section(base.get(key), value)
        else:
            out[key] = value
    return out


def _merged_section(base: Any, over: Any) -> Any:
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    out = dict(base) | dict(over)
    if isinstance(base.get("faults"), Mapping) and isinstance(over.get("faults"), Mapping):
        out["faults"] = dict(base["faults"]) | dict(over["faults"])
    return out


def _merged_plane(base: Any, over: Any) -> Any:
    # A preset starts afresh: {preset: managed} over {qps: 5} means managed's rate.
    if not isinstance(over, Mapping) or "preset" in over:
        return over
    under = {"preset": base} if isinstance(base, str) else base
    return dict(under) | dict(over) if isinstance(under, Mapping) else over


def _resolved(value: Any, place: Place, folder: str, chain: tuple[str, ...]) -> dict[str, Any]:
    """Return the plain data of a profile with its bases merged in, known to be valid."""
    if isinstance(value, str):
        return _named(value, place, folder, chain)
    if not isinstance(value, Mapping):
        raise InputError(
            place.problem(
                "E303", "not a profile", found=shown(value), expected="a name, a file, or a mapping"
            )
        )
    own = dict(value)
    base_name = own.pop("base", builtin.DEFAULT_PROFILE)
    if not isinstance(base_name, str):
        expected = "the name of a built-in profile or a file"
        raise InputError(
            place.problem("E301", "not a name", ("base",), found=shown(base_name), expected=expected)
        )
    return _changed(_named(base_name, place.below("base"), folder, chain), own, place, folder)


def _changed(base: dict[str, Any], own: dict[str, Any], place: Place, folder: str) -> dict[str, Any]:
    problems: list[Diagnostic] = []
    own = _with_columns(own, place, folder, (), problems)
    if own and not base["name"].endswith(_CHANGED):
        base = base | {
            "name": base["name"] + _CHANGED,
            "source": base.get("source", "") + "; changed by the user",
        }
    merged = merge(base, own)
    try:
        Profile.model_validate(merged)
    except ValidationError as error:
        problems += explain(error, Profile, place, CODES)
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.line or 0))
    return merged


def _named(name: str, place: Place, folder: str, chain: tuple[str, ...]) -> dict[str, Any]:
    if name in builtin.PROFILES:
        return {"name": name} | builtin.PROFILES[name]
    path = os.path.join(folder, name)
    looks_like_a_file = name.endswith((".yaml", ".yml", ".json")) or "/" in name or os.sep in name
    if not looks_like_a_file:
        known = list(builtin.PROFILES)
        raise InputError(
            place.problem(
                "E301",
                "no such profile",
                found=shown(name),
                expected="one of " + ", ".join(known) + ", or a file (.yaml)",
                nearest=nearest(name, known),
            )
        )
    label = os.path.normpath(path)
    real = os.path.realpath(path)
    if real in chain:
        raise InputError(place.problem("E305", "a profile is based on itself", found=shown(name)))
    try:
        documents = parse_documents(read_source(path), label)
    except InputError as error:
        raise InputError([_told_where(problem, place) for problem in error.diagnostics]) from None
    if len(documents) != 1:
        message = f"a profile's file holds one document, and this one holds {len(documents)}"
        raise InputError(Diagnostic(code="E303", message=message, file=label))
    if not isinstance(documents[0].data, Mapping):
        # Nothing of it is repeated: it may be any file at all.
        message, expected = "not a profile's file", "a mapping such as base: node"
        raise InputError(Diagnostic(code="E303", message=message, file=label, expected=expected))
    inner = _resolved(documents[0].data, Place(documents[0]), os.path.dirname(path), (*chain, real))
    if "name" not in documents[0].data:
        inner["name"] = one_line(Path(label).stem, LONGEST_NAME)
    return inner


def _told_where(problem: Diagnostic, place: Place) -> Diagnostic:
    # "There is no such file" is about the line that names the file, when there is one.
    if problem.code != "E001" or place.document.file is None:
        return problem
    return place.problem("E301", f"{problem.file}: {problem.message}")


def _with_columns(
    value: Any, place: Place, folder: str, path: tuple[str | int, ...], problems: list[Diagnostic]
) -> Any:
    """Return `value` with every {empirical: {file, column}} replaced by the values of that column."""
    if not isinstance(value, Mapping):
        return value
    out: dict[str, Any] = {}
    for key, item in value.items():
        at = (*path, key)
        if key == "empirical" and isinstance(item, Mapping):
            try:
                out[key] = _column(item, folder)
            except FormError as error:
                problems.append(
                    place.problem(
                        "E304",
                        error.message,
                        at + error.path,
                        found=error.found,
                        expected=error.expected,
                        nearest=error.nearest,
                    )
                )
                out[key] = [0.0]  # in its place, so that the other problems are still found
        else:
            out[key] = _with_columns(item, place, folder, at, problems)
    return out


def _column(item: Mapping[Any, Any], folder: str) -> list[float]:
    for key in item:
        if key not in ("file", "column"):
            near = nearest(str(key), ["file", "column"])
            raise FormError(
                "unknown key", path=(str(key),), found=key, expected="file and column", nearest=near
            )
    file, column = item.get("file"), item.get("column")
    if not isinstance(file, str):
        raise FormError(
            "empirical needs a list or a file", path=("file",), found=file, expected="the path of a CSV file"
        )
    if column is not None and not isinstance(column, str):
        raise FormError("not the name of a column", path=("column",), found=column, expected="a text")
    return read_column(Path(folder, file), column, file)
