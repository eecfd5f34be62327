"""A choice ready to be used: the patch from one manifest to another, as a kubectl line and as YAML."""

from __future__ import annotations

import copy
import json
import shlex
from collections.abc import Mapping
from typing import Any

from sim.spec.document import dump
from sim.spec.patch import MERGE_KEYS, strategic_merge


def patch_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the strategic merge patch that makes the Deployment document `after` of `before`; {} when equal.

    Example: {"spec": {"replicas": 2, "paused": True}} to {"spec": {"replicas": 3}} is
    {"spec": {"replicas": 3, "paused": None}}. Items of the lists in MERGE_KEYS (containers, ports, …) are
    told apart by their keys, other lists are replaced. A key with the value None counts as absent, which is
    what the API server makes of it. Neither argument is changed, nor is a part of them in what is returned.
    """
    patch = _difference(before, after)
    spec = patch.get("spec")
    strategy = spec.get("strategy") if isinstance(spec, Mapping) else None
    if isinstance(strategy, dict) and strategy.get("type") == "Recreate":
        # The API server has filled in rollingUpdate where the manifest is silent, and refuses it beside
        # Recreate.
        strategy.setdefault("rollingUpdate", None)
    return patch


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, value in after.items():
        old = before.get(key)
        if old == value:
            continue
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            patch[key] = _difference(old, value)
        elif key in MERGE_KEYS and isinstance(old, list) and isinstance(value, list):
            patch[key] = _changed_items(old, value, key)
        else:
            patch[key] = copy.deepcopy(value)
    return patch | {key: None for key in before if key not in after}


def _changed_items(before: list[Any], after: list[Any], key: str) -> list[Any]:
    """Return the patch of a list that is merged item by item; of the whole list where that cannot do it."""
    whole = [{"$patch": "replace"}, *copy.deepcopy(after)]
    name = MERGE_KEYS[key]
    try:
        old, new = ({item[name]: item for item in items} for items in (before, after))
    except (KeyError, TypeError):  # an item without its key, or that is no mapping
        return whole
    patch: list[Any] = []
    for own, item in new.items():
        changes = _difference(old.get(own, {}), item)
        if changes:
            patch.append({name: own, **changes})
    patch += [{name: own, "$patch": "delete"} for own in old if own not in new]
    # Another order, and two items with one key (a port for TCP and UDP), cannot be said item by item.
    return patch if strategic_merge({key: before}, {key: patch}) == {key: after} else whole


def kubectl_command(name: str, namespace: str, patch: Mapping[str, Any]) -> str:
    """Return the line that patches the Deployment, quoted for a POSIX shell.

    Example: kubectl patch deployment web -n default --patch '{"spec":{"replicas":3}}'
    """
    text = json.dumps(patch, separators=(",", ":"))
    return shlex.join(["kubectl", "patch", "deployment", name, "-n", namespace, "--patch", text])


def patch_yaml(patch: Mapping[str, Any]) -> str:
    """Return the patch as YAML, for a file that `kubectl patch --patch-file` or Kustomize reads."""
    return dump(patch)
