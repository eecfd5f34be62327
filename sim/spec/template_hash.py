"""The pod-template-hash of a template: the last part of a ReplicaSet's name, as Kubernetes v1.20 computes it.

After ComputeHash in pkg/controller/controller_utils.go (without collisions), pkg/util/hash/hash.go, the
compact form of go-spew's format.go, SafeEncodeString of apimachinery's rand, and the API server's
pkg/apis/core/v1/defaults.go: what is hashed is the stored template, with every default filled in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sim.spec.template_types import STRUCTS, Field

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_INTEGERS = {"int32": 2**31, "int64": 2**63, "resource.Scale": 2**31, "intstr.Type": 2**63, "uint64": 2**64}
_MAPS = {"map[string]string": "string", "v1.ResourceList": "resource.Quantity"}
_DECIMAL = {"m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50}
# No three decimals: the API server keeps such a text as it is ("1.500"), canonical or not.
_QUANTITY = re.compile(r"(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,2}))?(m|k|[KMGTP]i|[MGTP]|)")


class _NotCoveredError(Exception):
    pass


def pod_template_hash(template: Mapping[str, Any]) -> str | None:
    """The hash of a template as written, defaults not filled in; None if it holds what is not covered.

    Example: label app=nginx and a container nginx of nginx:1.14.2 with containerPort 80 give "66b6c48dd5", as
    in nginx-deployment-66b6c48dd5.
    """
    try:
        text = _dump("v1.PodTemplateSpec", template)
    except _NotCoveredError:
        return None
    return "".join(_ALPHABET[ord(digit) % len(_ALPHABET)] for digit in str(_fnv32a(text.encode())))


def _fnv32a(data: bytes) -> int:
    state = 0x811C9DC5
    for byte in data:
        state = (state ^ byte) * 0x01000193 & 0xFFFFFFFF
    return state


def _dump(go: str, value: Any) -> str:
    return f"({go}){_body(go, value)}"


def _body(go: str, value: Any) -> str:
    """What go-spew prints after the type; items of lists and maps are printed without their type."""
    if go.startswith("*"):
        return "<nil>" if value is None else _body(go[1:], value)
    if go.startswith("[]") or go in _MAPS:
        return _items(go, value)
    if go in _READERS:
        value = _READERS[go](value)
    if go in STRUCTS:
        return _struct(go, value)
    return _scalar(go, value)


def _items(go: str, value: Any) -> str:
    # Lists and maps without items are nil once they have been stored: protobuf does not tell the two apart.
    if value is None or value in ([], {}):
        return "<nil>"
    if go.startswith("[]") and isinstance(value, list):
        return "[" + " ".join(_body(go[2:], item) for item in value) + "]"
    if go in _MAPS and isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return "map[" + " ".join(f"{key}:{_body(_MAPS[go], value[key])}" for key in sorted(value)) + "]"
    raise _NotCoveredError(go)


def _struct(go: str, value: Any) -> str:
    if value is None:
        value = {}
    if not isinstance(value, Mapping):
        raise _NotCoveredError(go)
    value = _RULES[go](value) if go in _RULES else value
    if not value.keys() <= _keys(go):
        raise _NotCoveredError(go)
    parts = [f"{field.name}:{_dump(field.go, _field_value(field, value))}" for field in STRUCTS[go]]
    return "{" + " ".join(parts) + "}"


def _keys(go: str) -> set[str]:
    inline = {key for field in STRUCTS[go] if field.inline for key in _keys(field.go)}
    return inline | {field.key for field in STRUCTS[go] if not field.inline}


def _field_value(field: Field, value: Mapping[str, Any]) -> Any:
    if field.inline:
        keys = _keys(field.go)
        return {key: item for key, item in value.items() if key in keys}
    item = value.get(field.key)
    if field.refused and item is not None:
        raise _NotCoveredError(field.name)
    is_unset = item is None or (not field.go.startswith("*") and item in ("", 0))
    return field.default if is_unset and field.default is not None else item


def _scalar(go: str, value: Any) -> str:
    if go == "bool" and (value is None or isinstance(value, bool)):
        return "true" if value else "false"
    if go in _INTEGERS:
        number = 0 if value is None else value
        if type(number) is int and -_INTEGERS[go] <= number < _INTEGERS[go]:
            return str(number)
    elif go != "bool" and (value is None or isinstance(value, str)):
        return value or ""
    raise _NotCoveredError(go)


def _int_or_string(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"type": 1, "strVal": value}
    return {"type": 0, "intVal": value}


def _quantity(value: Any) -> dict[str, Any]:
    """The fields of a stored resource.Quantity: its canonical text ("1" for "1000m"), parsed again."""
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise _NotCoveredError(text)
    whole, decimals, suffix = match.groups(default="")
    # In thousandths; the API server rounds up what is finer, which is not modelled.
    scaled = int(whole + decimals) * (1000 << _BINARY.get(suffix, 0)) * 10 ** max(_DECIMAL.get(suffix, 0), 0)
    divisor = 10 ** len(decimals) * (1000 if suffix == "m" else 1)
    milli, rest = divmod(scaled, divisor)
    if rest or (suffix in _BINARY and milli >= 1024_000 and milli % 1000):
        raise _NotCoveredError(text)
    if not milli:
        return _stored(0, 0, "0", "DecimalSI")
    number, units = milli, list(_DECIMAL)
    if suffix in _BINARY and milli >= 1024_000:
        number, units = milli // 1000, ["", *_BINARY]
    step = 1000 if "m" in units else 1024
    while number % step == 0 and len(units) > 1:
        number, units = number // step, units[1:]
    if number % step == 0:
        raise _NotCoveredError(text)
    return _parsed(number, units[0])


def _parsed(number: int, suffix: str) -> dict[str, Any]:
    # A parsed quantity keeps its text only where that is sure to be canonical: with a binary suffix, where 8
    # does not divide the number. Numbers of many digits become an inf.Dec instead.
    text = f"{number}{suffix}"
    if suffix in _BINARY:
        exponent = _BINARY[suffix]
        if len(str(number)) + exponent * 3 // 10 > 14:
            raise _NotCoveredError(text)
        return _stored(number << exponent, 0, text if number % 8 else "", "BinarySI")
    if len(str(number)) > 18:
        raise _NotCoveredError(text)
    return _stored(number, _DECIMAL[suffix], text, "DecimalSI")


def _stored(value: int, scale: int, text: str, form: str) -> dict[str, Any]:
    return {"i": {"value": value, "scale": scale}, "s": text, "format": form}


def _container(value: Mapping[str, Any]) -> Mapping[str, Any]:
    image = value.get("image")
    if value.get("imagePullPolicy") or not isinstance(image, str):
        return value
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2] or ("" if digest else "latest")
    return {**value, "imagePullPolicy": "Always" if tag == "latest" else "IfNotPresent"}


def _volume(value: Mapping[str, Any]) -> Mapping[str, Any]:
    is_sourceless = all(item is None for key, item in value.items() if key != "name")
    return {**value, "emptyDir": {}} if is_sourceless else value


def _pod(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if value.get("hostNetwork"):  # it gives every port of every container a hostPort
        raise _NotCoveredError("hostNetwork")
    account = value.get("serviceAccountName") or value.get("serviceAccount")
    return {**value, "serviceAccountName": account, "serviceAccount": account}


_READERS: dict[str, Callable[[Any], Any]] = {
    "intstr.IntOrString": _int_or_string,
    "resource.Quantity": _quantity,
}
_RULES: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "v1.Container": _container,
    "v1.PodSpec": _pod,
    "v1.Volume": _volume,
}
