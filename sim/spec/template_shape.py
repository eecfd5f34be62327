"""Whether a pod template has the form of Kubernetes' types, also where nothing of it is simulated.

The API server decodes the whole template before anything else, so a list where a mapping belongs is refused
wherever it stands. Types are those of `template_types`; fields that are not in it may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.spec.places import Path
from sim.spec.template_types import STRUCTS, Field

_INTEGERS = frozenset({"int32", "int64"})
# Written as text or as a number, whatever they are made of inside.
_SCALARS = frozenset({"resource.Quantity", "intstr.IntOrString", "v1.Time"})
_MAPS = {"map[string]string": "string", "v1.ResourceList": "resource.Quantity"}
# What validation asks for and kubectl's printers count on (pkg/apis/core/validation).
_REQUIRED = {
    "v1.Container": ("name",),
    "v1.EnvVar": ("name",),
    "v1.Volume": ("name",),
    "v1.VolumeMount": ("name", "mountPath"),
    "v1.TopologySpreadConstraint": ("maxSkew", "topologyKey", "whenUnsatisfiable"),
    "v1.HTTPGetAction": ("port",),
    "v1.TCPSocketAction": ("port",),
    "v1.KeyToPath": ("key", "path"),
    "v1.SecretKeySelector": ("key",),
    "v1.ConfigMapKeySelector": ("key",),
}
MISSING = "a required field is missing"
WRONG = "the wrong type of value"


def misshapen(template: Any) -> Iterator[tuple[Path, str, Any, str]]:
    """Yield (path, message, value, what is expected) for everything in a template that is not of its type.

    {"spec": {"volumes": [{}]}} gives (("spec", "volumes", 0, "name"), MISSING, None, "a text").
    """
    yield from _check("v1.PodTemplateSpec", template, ())


def _check(go: str, value: Any, path: Path) -> Iterator[tuple[Path, str, Any, str]]:
    go = go.removeprefix("*")
    if value is None:
        return
    if go.startswith("[]"):
        if not isinstance(value, list):
            yield path, WRONG, value, "a list"
            return
        for i, item in enumerate(value):
            yield from _check(go[2:], item, (*path, i))
    elif go in _MAPS:
        if not isinstance(value, Mapping):
            yield path, WRONG, value, "a mapping"
            return
        for key, item in value.items():
            yield from _check(_MAPS[go], item, (*path, key))
    elif go in STRUCTS and go not in _SCALARS:
        yield from _check_struct(go, value, path)
    elif not _is_scalar(go, value):
        yield path, WRONG, value, _EXPECTED.get(go, "a text or a number" if go in _SCALARS else "a text")


_EXPECTED = {"bool": "true or false", "int32": "a whole number", "int64": "a whole number"}


def _check_struct(go: str, value: Any, path: Path) -> Iterator[tuple[Path, str, Any, str]]:
    if not isinstance(value, Mapping):
        yield path, WRONG, value, "a mapping"
        return
    for key in _REQUIRED.get(go, ()):
        if value.get(key) in (None, ""):
            yield (*path, key), MISSING, None, "a text"
    for field in _fields(go):
        if field.key in value:
            yield from _check(field.go, value[field.key], (*path, field.key))


def _fields(go: str) -> Iterator[Field]:
    for field in STRUCTS[go]:
        if field.inline:
            yield from _fields(field.go)
        else:
            yield field


def _is_scalar(go: str, value: Any) -> bool:
    if go == "bool":
        return isinstance(value, bool)
    if go in _INTEGERS:
        # YAML writes 3 as 3.0 too, and a number in exponents is one.
        return not isinstance(value, bool) and (
            isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        )
    if go in _SCALARS:
        return isinstance(value, str | int | float) and not isinstance(value, bool)
    # Of a type that is not in the table it is not known whether it is a text or a struct.
    return isinstance(value, str) or (go != "string" and isinstance(value, Mapping))
