"""What is in force today: the values that the manifest itself has of what varies, Kubernetes' defaults where
it says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.spec.assignments import POD, PROBES, SHORT, Assignment, parsed, value_of
from sim.sweep.axes import Point, is_circumstance

Path = tuple[str | int, ...]

_DEFAULTS = {
    SHORT[key]: text
    for key, text in {
        "replicas": "1",
        "paused": "false",
        "strategy": "RollingUpdate",
        "maxSurge": "25%",
        "maxUnavailable": "25%",
        "minReadySeconds": "0",
        "progressDeadlineSeconds": "600",
        "revisionHistoryLimit": "10",
        "terminationGracePeriodSeconds": "30",
    }.items()
}
_OF_PROBES = {
    "initialDelaySeconds": "0",
    "timeoutSeconds": "1",
    "periodSeconds": "10",
    "successThreshold": "1",
    "failureThreshold": "3",
}
_ROLLING = SHORT["maxSurge"][:-1]


def own_settings(document: Mapping[str, Any], keys: Sequence[str]) -> Point:
    """Return what a Deployment's document has of those keys of axes that can be chosen, in their order.

    Limits of a rolling update are left out beside Recreate, which knows none. Example: of {"spec": {}} and
    maxSurge and minReadySeconds it is (("maxSurge", "25%"), ("minReadySeconds", "0")).
    """
    found = [one for one in parsed([f"{key}=1" for key in keys], []) if not is_circumstance(one.key)]
    recreates = _text(SHORT["strategy"], document) == "Recreate"
    return tuple(
        (one.key, _text(one.path, document))
        for one in found
        if not (recreates and one.path[: len(_ROLLING)] == _ROLLING)
    )


def lacks_type(document: Mapping[str, Any], keys: Iterable[str]) -> bool:
    """Whether a Deployment is of the type Recreate and the keys are limits of a rolling update without the
    type, which Kubernetes refuses beside it.
    """
    paths = [one.path for one in parsed([f"{key}=1" for key in keys], [])]
    limits = any(path[: len(_ROLLING)] == _ROLLING for path in paths)
    return limits and SHORT["strategy"] not in paths and _text(SHORT["strategy"], document) == "Recreate"


def beside(assignments: Iterable[str], keys: Sequence[str]) -> list[str]:
    """Return the assignments of what does not vary: an axis has the last word on its own setting."""
    varied = {one.path for one in parsed([f"{key}=1" for key in keys], [])}
    return [f"{one.key}={one.text}" for one in parsed(assignments, []) if one.path not in varied]


def circumstances_of(points: Iterable[Point]) -> list[Point]:
    """Return the circumstances under which points are simulated, each once, as they come."""
    return list(dict.fromkeys(tuple(one for one in point if is_circumstance(one[0])) for point in points))


def in_order(settings: Iterable[tuple[str, str]], keys: Sequence[str]) -> Point:
    """Return settings in the order of the axes."""
    return tuple(sorted(settings, key=lambda setting: keys.index(setting[0])))


def _text(path: Path, document: Mapping[str, Any]) -> str:
    """Return the value at a path as `--set` takes it."""
    if path[0] in PROBES:
        found, default = _of_probe(str(path[0]), str(path[1]), document), _OF_PROBES.get(str(path[1]), "null")
    else:
        found, default = _at(path, document), _DEFAULTS.get(path, "null")
    if found is None:
        return default
    as_it_is = isinstance(found, str) and value_of(Assignment("", path, found)) == found
    return str(found) if as_it_is else json.dumps(found, ensure_ascii=False)


def _of_probe(probe: str, key: str, document: Mapping[str, Any]) -> Any:
    containers = _at((*POD, "containers"), document) or ()
    return next((one[probe].get(key) for one in containers if one.get(probe)), None)


def _at(path: Path, document: Any) -> Any:
    for key in path:
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):
            return None
    return document
