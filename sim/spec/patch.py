"""Changing plain Kubernetes data: strategic merge patches as `kubectl patch` makes them, values by path."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

# The lists that kubectl merges item by item, and the key that tells the items apart (the patchMergeKey of the
# API's types).
MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumes": "name",
    "imagePullSecrets": "name",
    "ports": "containerPort",
    "volumeMounts": "mountPath",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
}
_STEP = re.compile(r"([A-Za-z0-9_/-]+)|\[(?:(\d{1,6})|\"([^\"]+)\")\]")


def strategic_merge(base: Any, patch: Any) -> Any:
    """Return `base` with `patch` merged in: null deletes a key, lists in MERGE_KEYS are merged by item.

    Example: {"a": 1, "b": 2} with {"b": None, "c": 3} is {"a": 1, "c": 3}. Neither argument is changed.
    """
    if not (isinstance(base, Mapping) and isinstance(patch, Mapping)):
        return copy.deepcopy(patch)
    out = dict(base)
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        elif key in MERGE_KEYS and isinstance(value, list) and isinstance(out.get(key), list):
            out[key] = _merged_items(out[key], value, MERGE_KEYS[key])
        else:
            out[key] = strategic_merge(out.get(key, {} if isinstance(value, Mapping) else None), value)
    return out


def _merged_items(base: list[Any], patch: list[Any], name: str) -> list[Any]:
    out = list(base)
    for item in patch:
        key = item.get(name) if isinstance(item, Mapping) else None
        at = next((i for i, old in enumerate(out) if isinstance(old, Mapping) and old.get(name) == key), None)
        if key is None or at is None:
            out.append(copy.deepcopy(item))
        elif item.get("$patch") == "delete":
            del out[at]
        else:
            out[at] = strategic_merge(out[at], item)
    return out


def merge_patch(base: Any, patch: Any) -> Any:
    """Return `base` with a JSON merge patch (RFC 7386) merged in: null deletes a key, lists are replaced.

    Example: {"a": [1, 2]} with {"a": [3]} is {"a": [3]}. Neither argument is changed.
    """
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    out = dict(base) if isinstance(base, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge_patch(out.get(key), value)
    return out


def three_way(last: Any, wanted: Any, live: Any) -> Any:
    """Return `live` as `kubectl apply` changes it: to what is wanted, without what only the last apply
    wanted.

    Example: last {"a": 1, "b": 1}, wanted {"a": 2}, live {"a": 1, "b": 1, "c": 3} give {"a": 2, "c": 3}.
    Items of
    lists in MERGE_KEYS are merged one by one.
    """
    if not (isinstance(wanted, Mapping) and isinstance(live, Mapping)):
        return copy.deepcopy(wanted)
    before = last if isinstance(last, Mapping) else {}
    out = {key: value for key, value in live.items() if key in wanted or key not in before}
    for key, value in wanted.items():
        if value is None:
            out.pop(key, None)
        elif key in MERGE_KEYS and isinstance(value, list) and isinstance(out.get(key), list):
            out[key] = _three_way_items(before.get(key), value, out[key], MERGE_KEYS[key])
        else:
            out[key] = three_way(before.get(key), value, out.get(key))
    return out


def _three_way_items(last: Any, wanted: list[Any], live: list[Any], name: str) -> list[Any]:
    def named(items: Any) -> dict[Any, Any]:
        listed = items if isinstance(items, list) else []
        return {item.get(name): item for item in listed if isinstance(item, Mapping)}

    before, new, there = named(last), named(wanted), named(live)
    kept = [item for key, item in there.items() if key not in new and key not in before]
    return [three_way(before.get(key), item, there.get(key)) for key, item in new.items()] + kept


def parse_path(text: str) -> tuple[str | int, ...]:
    """Return the parts of a path such as spec.containers[0].image or labels["a.b/c"]; else ValueError."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        if parts and text[at] == ".":
            at += 1
        match = _STEP.match(text, at)
        if match is None:
            break
        name, index, quoted = match.groups()
        parts.append(int(index) if index is not None else name or quoted)
        at = match.end()
    if not parts or at < len(text) or text.endswith("."):
        raise ValueError("not a path; write, for example, spec.template.spec.containers[0].image")
    return tuple(parts)


def with_value(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """Return a copy of `data` with the value at `path` replaced; mappings are made, list items must exist.

    A value of None deletes the key. Raises KeyError with the part of the path that cannot be followed.
    """
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        if not isinstance(data, list) or key >= len(data):
            raise KeyError(key)
        return [with_value(item, rest, value) if i == key else item for i, item in enumerate(data)]
    if data is not None and not isinstance(data, Mapping):
        raise KeyError(key)
    out = dict(data or {})
    if value is None and not rest:
        out.pop(key, None)
    else:
        out[key] = with_value(out.get(key), rest, value)
    return out
