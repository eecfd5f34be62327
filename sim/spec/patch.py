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
SERVICE_KEYS = {**MERGE_KEYS, "ports": "port"}
# Of these, `kubectl apply` keeps no key that the manifest does not say (patchStrategy retainKeys).
RETAINED = ("strategy",)
_STEP = re.compile(r"([A-Za-z0-9_/-]+)|\[(?:(\d{1,6})|\"([^\"]+)\")\]")


def strategic_merge(base: Any, patch: Any, keys: Mapping[str, str] = MERGE_KEYS) -> Any:
    """Return `base` with `patch` merged in: null deletes a key, lists in `keys` are merged by item.

    Example: {"a": 1, "b": 2} with {"b": None, "c": 3} is {"a": 1, "c": 3}. The directives `$patch: replace`,
    `$patch: delete` and `$retainKeys` are followed. Neither argument is changed.
    """
    if not (isinstance(base, Mapping) and isinstance(patch, Mapping)):
        return _plain(patch)
    if "$patch" in patch:
        return _plain(patch) if patch["$patch"] == "replace" else {}
    kept = patch.get("$retainKeys")
    out = {key: value for key, value in base.items() if not isinstance(kept, list) or key in kept}
    for key, value in patch.items():
        if key == "$retainKeys":
            continue
        if value is None:
            out.pop(key, None)
        elif key in keys and isinstance(value, list) and isinstance(out.get(key), list):
            out[key] = _merged_items(out[key], value, key, keys)
        else:
            out[key] = strategic_merge(out.get(key, {} if isinstance(value, Mapping) else None), value, keys)
    return out


def _plain(patch: Any) -> Any:
    """Return a patch as the value that it stands for when there is nothing to merge it into."""
    if isinstance(patch, Mapping):
        return {key: _plain(value) for key, value in patch.items() if key not in ("$patch", "$retainKeys")}
    if isinstance(patch, list):
        return [_plain(item) for item in patch if not (isinstance(item, Mapping) and set(item) == {"$patch"})]
    return copy.deepcopy(patch)


def _merged_items(base: list[Any], patch: list[Any], key: str, keys: Mapping[str, str]) -> list[Any]:
    if {"$patch": "replace"} in patch:
        return list(_plain(patch))
    out, name = list(base), keys[key]
    for item in patch:
        own = item.get(name) if isinstance(item, Mapping) else None
        at = next((i for i, old in enumerate(out) if isinstance(old, Mapping) and old.get(name) == own), None)
        if own is None or at is None:
            out.append(_plain(item))
        elif item.get("$patch") == "delete":
            del out[at]
        else:
            out[at] = strategic_merge(out[at], item, keys)
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
    Items of lists in MERGE_KEYS are merged one by one.
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
        elif key in RETAINED and isinstance(value, Mapping) and isinstance(out.get(key), Mapping):
            there = {name: old for name, old in out[key].items() if name in value}
            out[key] = three_way(before.get(key), value, there)
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
