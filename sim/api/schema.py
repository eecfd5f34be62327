"""The JSON Schema (draft 2020-12) of what `--format json` prints, for those who read it by program."""

from __future__ import annotations

from typing import Any

from sim.api.documents import VERSION
from sim.choose.waiting import WHAT
from sim.metrics import MEASURES
from sim.spec.expectations import OUTCOMES
from sim.spec.schema import DIALECT

KINDS = ("run", "sweep", "compare", "recommend", "timeouts")

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_COUNTS: Schema = {"type": "array", "items": _COUNT}
_STRATEGY: Schema = {"description": "the number of a strategy", "type": ["integer", "null"], "minimum": 0}
_NUMBER: Schema = {"description": "null: infinite, or not defined", "type": ["number", "null"]}
_SHARE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_OUTCOME: Schema = {"enum": list(OUTCOMES)}
_ORIGIN = ("version", "scenario", "digest", "kubernetes", "profile")
_SETTINGS: Schema = {"type": "object", "additionalProperties": _TEXT}


def schema(kind: str) -> Schema:
    """Return the schema of what the verb ``kind`` (one of KINDS) prints; ValueError for anything else."""
    made = {
        "run": _run,
        "sweep": _sweep,
        "compare": _comparison,
        "recommend": _recommendation,
        "timeouts": _timeouts,
    }
    if kind not in made:
        raise ValueError(f"no schema of {kind!r}; there are " + ", ".join(KINDS))
    return {"$schema": DIALECT, "title": f"rollsim {kind} --format json", **made[kind]()}


def _run() -> Schema:
    texts = ("version", "scenario", "digest", "engine", "kubernetes", "profile")
    maybe: Schema = {"type": ["string", "null"]}
    truth: Schema = {"type": "boolean"}
    measures = _measures()
    requirement = {
        **dict.fromkeys(("requirement", "measure", "op"), _TEXT),
        "limit": {"description": "null: infinite", "type": ["number", "string", "null"]},
        "name": {"description": "of which Deployment or version; null: of each", **maybe},
        "value": {"type": ["number", "boolean", "string", "null"]},
        "passed": truth,
    }
    deployment = {
        "outcome": _OUTCOME,
        "answer": _TEXT,
        "measures": {"description": "of the last rollout that was asked for", **measures},
        "requirements": _rows(requirement),
        "expected": _rows({"of": _TEXT, "outcome": _OUTCOME, "found": _TEXT}),
    }
    rollout = {
        "deployment": _TEXT,
        "rollout": _COUNT,
        **dict.fromkeys(("version", "image"), _TEXT),
        "replicaset": {"description": "null: it was never created", **maybe},
        "revision": {"type": ["integer", "null"]},
        "outcome": _OUTCOME,
        **dict.fromkeys(("creation", "undo"), truth),
        "began_s": {"type": "number"},
        "measures": measures,
    }
    told = ("code", "message", "file", "path", "found", "expected", "nearest")
    diagnostic = dict.fromkeys(told, _TEXT)
    return _record(
        {
            "kind": {"const": "Run"},
            "schemaVersion": {"const": VERSION},
            "answer": {"description": "the answer in words, a line a Deployment", **_TEXT},
            "passed": {"description": "whether the exit code is 0", **truth},
            "provenance": _record({**dict.fromkeys(texts, _TEXT), "seed": _COUNT, "replication": _COUNT}),
            "deployments": {"type": "object", "additionalProperties": _record(deployment)},
            "rollouts": _rows(rollout),
            "diagnostics": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {**diagnostic, "line": _COUNT},
                    "additionalProperties": False,
                },
            },
        }
    )


def _measures() -> Schema:
    kinds: dict[str, Schema] = {"text": _TEXT, "yes/no": {"type": "boolean"}, "pods": _COUNT}
    return _record(
        {
            name: {"description": meaning.meaning, **kinds.get(meaning.unit, _NUMBER)}
            for name, meaning in MEASURES.items()
        }
        | {"outcome": _OUTCOME}
    )


def _sweep() -> Schema:
    return _record({**_head("Sweep"), **_strategies()})


def _comparison() -> Schema:
    return _record(
        {
            **_head("Comparison"),
            **_strategies(),
            "baseline": _COUNT,
            "sentences": _TEXTS,
            "differences": _rows(
                {
                    "strategy": _COUNT,
                    "measure": _TEXT,
                    "n": _COUNT,
                    "censored": _COUNT,
                    **dict.fromkeys(("mean", "low", "high"), _NUMBER),
                    **dict.fromkeys(("better", "better_low", "better_high", "equal"), _SHARE),
                }
            ),
            "limits": _TEXTS,
            "breaches": _breaches(),
            "choice": _record(_choice()),
        }
    )


def _recommendation() -> Schema:
    return _record(
        {
            **_head("Recommendation"),
            **_choice(),
            "limits": _TEXTS,
            "aims": _TEXTS,
            "assumed": {"description": "the settings under which all was simulated", **_TEXTS},
            "patch": {
                "description": "a strategic merge patch; null: there is none",
                "type": ["object", "null"],
            },
            "command": _TEXT,
            "breaches": _breaches(),
            "left_out": _left_out(),
            "not_in_force": {"description": "why what is in force could not be simulated", **_TEXT},
            "capped": _COUNTS,
        }
    )


def _timeouts() -> Schema:
    advised = {"description": "in s; null: too few rollouts are complete", "type": ["integer", "null"]}
    head = _head("Timeouts")
    # A release may be several Deployments.
    head["provenance"] = _record({**dict.fromkeys((*_ORIGIN, "checksum"), _TEXT), "seed": _COUNT})
    return _record(
        {
            **head,
            "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "rows": _rows(
                {
                    "what": {"enum": list(WHAT)},
                    "deployment": {"description": "null: the release", "type": ["string", "null"]},
                    "waits_for": _TEXT,
                    "rollouts": _COUNT,
                    **dict.fromkeys(("median_s", "quantile_s", "upper_s"), _NUMBER),
                    "advised_s": advised,
                    "now_s": {"description": "null: nothing is in force", "type": ["integer", "null"]},
                    "now_breaks": {"description": "the share of the rollouts that do", **_SHARE},
                }
            ),
            "other_replicas": _rows({"replicas": _COUNT, **dict.fromkeys(WHAT, advised)}),
            "reasons": _TEXTS,
            "commands": _TEXTS,
        }
    )


def _head(kind: str) -> Schema:
    texts = (*_ORIGIN, "deployment", "checksum")
    return {
        "kind": {"const": kind},
        "schemaVersion": {"const": VERSION},
        "answer": {"description": "the answer in words", **_TEXT},
        "provenance": _record({**dict.fromkeys(texts, _TEXT), "seed": _COUNT}),
    }


def _strategies() -> Schema:
    bounds = ("low", "high")
    names = ("mean", "p5", "median", "p95", "p99")
    numbers = {name: _NUMBER for one in names for name in (one, *(f"{one}_{end}" for end in bounds))}
    statistics = {"type": "object", "properties": {"n": _COUNT, **numbers}, "additionalProperties": _NUMBER}
    return {
        "now": _STRATEGY,
        "axes": _TEXTS,
        "circumstances": _TEXTS,
        "assumed": _TEXTS,
        "strategies": _rows(
            {
                "number": _COUNT,
                "base": _COUNT,
                "label": _TEXT,
                "name": _TEXT,
                "settings": _SETTINGS,
                "digest": _TEXT,
                "statistics": {
                    "description": "by measure",
                    "type": "object",
                    "additionalProperties": statistics,
                },
            }
        ),
        "left_out": _left_out(),
        "capped": _COUNTS,
        "diagnostics": _TEXTS,
    }


def _choice() -> Schema:
    own: Schema = {
        "strategy": _COUNT,
        "label": _TEXT,
        "name": _TEXT,
        "settings": _SETTINGS,
        "feasible": {"type": "boolean"},
        "front": {"type": "boolean"},
        "loss": _NUMBER,
        "probability": _SHARE,
        "role": {"enum": ["recommended", "runner-up", "nearest", ""]},
        "now": {"type": "boolean"},
        "rank": _COUNT,
        "fails": _TEXT,
    }
    candidate = {
        "type": "object",
        "required": list(own),
        "properties": own,
        "additionalProperties": {"description": "the value of an aim, a limit, a number", **_NUMBER},
    }
    return {
        "answer": _TEXT,
        **dict.fromkeys(("recommended", "runner_up", "nearest", "now"), _STRATEGY),
        "numbers": _rows({"statistic": _TEXT, "now": _NUMBER, "then": _NUMBER}),
        "reasons": _TEXTS,
        "in_the_way": _TEXTS,
        "candidates": {"type": "array", "items": candidate},
    }


def _breaches() -> Schema:
    return _rows(
        {
            "strategy": _COUNT,
            "limit": _TEXT,
            "n": _COUNT,
            "broken": _COUNT,
            **dict.fromkeys(("probability", "low", "high"), _SHARE),
        }
    )


def _left_out() -> Schema:
    return _rows({"label": _TEXT, "reason": _TEXT, "refused": {"type": "boolean"}})


def _rows(properties: Schema) -> Schema:
    return {"type": "array", "items": _record(properties)}


def _record(properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": properties,
    }
