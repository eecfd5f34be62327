"""The JSON Schema (draft 2020-12) of the files that users write, for editors and CI."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from sim.spec import builtin
from sim.spec.cluster import NEWEST, OLDEST, Profile
from sim.spec.scenario_file import ScenarioKeys

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS = ("scenario", "profile")

_SECONDS: dict[str, Any] = {
    "description": 'Seconds, or a duration such as "250ms" or "1m30s".',
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "minLength": 1}],
}
_LIST = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/seconds"}}


def schema(kind: str = "scenario") -> dict[str, Any]:
    """Return the schema of a "scenario" or a "profile"; ValueError for anything else."""
    if kind not in KINDS:
        raise ValueError(f"no schema of {kind!r}; there are " + " and ".join(KINDS))
    definitions: dict[str, Any] = {"seconds": _SECONDS, "distribution": _distribution()}
    profile = _profile(definitions)
    if kind == "profile":
        top = profile
    else:
        definitions["profile"] = profile
        top = _collected(ScenarioKeys, definitions)
    title = f"rollsim {kind}"
    return (
        {"$schema": DIALECT, "title": title}
        | {k: v for k, v in top.items() if k != "title"}
        | {"$defs": definitions}
    )


def _collected(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    made = model.model_json_schema(by_alias=True)
    definitions |= {name: _rewritten(value) for name, value in made.pop("$defs", {}).items()}
    out: dict[str, Any] = _rewritten(made)
    return out


def _rewritten(value: Any) -> Any:
    """Put references where the models left marks, and drop pydantic's titles, which only repeat the keys."""
    if isinstance(value, list):
        return [_rewritten(item) for item in value]
    if not isinstance(value, dict):
        return value
    mark = value.get("x-mark")
    if mark == "distribution":
        return {"$ref": "#/$defs/distribution"}
    rest = {key: item for key, item in value.items() if key != "x-mark"}
    if mark == "profile":
        return rest | {"anyOf": _profile_choices()}
    return {
        key: _rewritten(item) for key, item in rest.items() if not (key == "title" and isinstance(item, str))
    }


def _profile_choices() -> list[dict[str, Any]]:
    return [
        {"enum": list(builtin.PROFILES)},
        {"type": "string", "pattern": r"(/|\.(yaml|yml|json)$)"},
        {"$ref": "#/$defs/profile"},
        {"type": "null"},
    ]


def _profile(definitions: dict[str, Any]) -> dict[str, Any]:
    made = _collected(Profile, definitions)
    # A profile's file changes another profile, so that no key is required in it.
    for part in (made, definitions["Pods"], definitions["ControlPlane"]):
        part.pop("required", None)
    properties = made["properties"]
    properties["base"] = {
        "description": "What this changes: a built-in name or a file.",
        "type": "string",
        "minLength": 1,
    }
    properties["kubernetes"] = {
        "description": f'"1.{OLDEST}" to "1.{NEWEST}" in quotes, or newest.',
        "anyOf": [
            {"const": "newest"},
            {"type": "string", "pattern": r"^v?1\.(2[0-9]|3[0-6])(\.[0-9]{1,3})?([-+].*)?$"},
        ],
    }
    properties["control_plane"] = {
        "anyOf": [{"enum": list(builtin.CONTROL_PLANES)}, {"$ref": "#/$defs/ControlPlane"}]
    }
    definitions["ControlPlane"]["properties"]["stamp_s"] = {"enum": [0, 1]}
    return made


def _distribution() -> dict[str, Any]:
    seconds = {"$ref": "#/$defs/seconds"}
    number = {"type": "number", "exclusiveMinimum": 0}
    kinds: dict[str, Any] = {
        "constant": seconds,
        "uniform": {"type": "array", "minItems": 2, "maxItems": 2, "items": seconds},
        "exponential": _parameters({"mean": seconds}),
        "lognormal": {
            "oneOf": [
                _parameters({"median": seconds, "p95": seconds}),
                _parameters({"mean": seconds, "sd": seconds}),
                _parameters({"median": seconds, "sigma": number}),
                _parameters({"mu": {"type": "number"}, "sigma": number}),
            ]
        },
        "gamma": {
            "oneOf": [
                _parameters({"mean": seconds, "sd": seconds}),
                _parameters({"shape": number, "scale": seconds}),
            ]
        },
        "weibull": _parameters({"shape": number, "scale": seconds}),
        "empirical": {"anyOf": [_LIST, _file()]},
        "cycle": _LIST,
    }
    beside = {"shift": seconds, "min": seconds, "max": seconds}
    written = []
    for kind, value in kinds.items():
        allowed = {kind: value} | ({"shift": seconds} if kind == "cycle" else beside)
        written.append(
            {"type": "object", "required": [kind], "additionalProperties": False, "properties": allowed}
        )
    return {"description": "How long something takes, in seconds.", "anyOf": [seconds, *written]}


def _parameters(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }


def _file() -> dict[str, Any]:
    text = {"type": "string", "minLength": 1}
    made = _parameters({"file": text, "column": text})
    return made | {"required": ["file"]}
