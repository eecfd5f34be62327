"""What each verb makes of its arguments before it asks the server (kubectl pkg/cmd: Complete, Validate)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.kubectl.changes import annotate, patch, scale, set_env, set_image, set_resources
from sim.kubectl.flags import Parsed
from sim.kubectl.meaning import ALL_AND_SELECTOR, Meaning, has_files, objects_of
from sim.kubectl.outcome import Refusal, Unmodelled
from sim.kubectl.targets import targets_of
from sim.kubectl.values import VALIDATIONS, quoted

_TYPES = 'Use "kubectl api-resources" for a complete list of supported resources.'
_GET_BEFORE = f"You must specify the type of resource to get. {_TYPES}\n\n"
_GET_EMPTY = """Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).
See 'kubectl get -h' for help and examples"""
_DESCRIBE_EMPTY = f"You must specify the type of resource to describe. {_TYPES}"
_FORCED = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been "
    "terminated. The resource may continue to run on the cluster indefinitely.\n"
)
_WEEK_S = 7 * 24 * 3600.0


def _files_only(verb: str, line: Parsed) -> Meaning:
    if line.args:
        raise Refusal(
            f"Unexpected args: [{' '.join(line.args)}]\nSee 'kubectl {verb} -h' for help and examples"
        )
    validate = line.values.get("validate", "strict")
    if validate not in VALIDATIONS:
        raise Refusal(
            f"invalid - validate option {quoted(validate)}; "
            "must be one of: strict (or true), warn, ignore (or false)"
        )
    if not has_files(line):
        raise Refusal("must specify one of -f and -k")
    return Meaning(targets=objects_of(line, (), lone_kind=False), flags={"validate": VALIDATIONS[validate]})


def _create(line: Parsed) -> Meaning:
    return _files_only("create", line)


def _apply(line: Parsed) -> Meaning:
    meaning = _files_only("apply", line)
    values = line.values
    if values.get("force-conflicts") and not values.get("server-side"):
        raise Refusal("--force-conflicts only works with --server-side")
    if values.get("server-side") and values.get("force"):
        raise Refusal("--force cannot be used with --server-side")
    if values.get("all") and values.get("selector"):
        raise Refusal(ALL_AND_SELECTOR)
    if values.get("prune") and not values.get("all") and not values.get("selector"):
        raise Refusal(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass "
            "the --all flag. If you did not mean to prune all resources, specify a label selector"
        )
    if values.get("subresource") and not values.get("server-side"):
        raise Refusal("--subresource can only be specified for --server-side")
    if values.get("force"):
        raise Unmodelled("apply --force is not modelled", "kubectl delete and kubectl create")
    return meaning


def _rollout(line: Parsed) -> Meaning:
    if not line.args and not has_files(line):
        raise Refusal("required resource not specified")
    revision = line.values.get("revision", 0)
    if revision < 0:
        raise Refusal(f"revision must be a positive integer: {revision}")
    return Meaning(targets=objects_of(line, line.args, lone_kind=True))


def _get(line: Parsed) -> Meaning:
    values = line.values
    if values.get("raw") and line.args:
        raise Refusal("arguments may not be passed when --raw is specified")
    watching = values.get("watch") or values.get("watch-only")
    if not (line.args or has_files(line) or watching or values.get("raw")):
        raise Refusal(_GET_EMPTY, before=_GET_BEFORE)
    if values.get("show-labels") and values.get("output", "") not in ("", "wide"):
        raise Refusal(f"--show-labels option cannot be used with {values['output']} printer")
    if values.get("output-watch-events") and not watching:
        raise Refusal("--output-watch-events option can only be used with --watch or --watch-only")
    if values.get("watch"):
        raise Unmodelled("get does not watch", "kubectl rollout status, or kubectl get at several times")
    if not values.get("server-print", True):
        raise Unmodelled("--server-print=false is not modelled")
    return Meaning(targets=objects_of(line, line.args, lone_kind=True))


def _describe(line: Parsed) -> Meaning:
    if not line.args and not has_files(line):
        raise Refusal(_DESCRIBE_EMPTY)
    return Meaning(targets=objects_of(line, line.args, lone_kind=True))


def _delete(line: Parsed) -> Meaning:
    values = line.values
    grace = values.get("grace-period", -1)
    if values.get("now"):
        if grace != -1:
            raise Refusal("--now and --grace-period cannot be specified together")
        grace = 1
    everything, forced = bool(values.get("all")), bool(values.get("force"))
    if grace == 0 and not forced:
        grace = 1  # kubectl's guard against losing data by accident
    if forced and grace < 0:
        grace = 0
    filtered = bool(values.get("selector", "").strip() or values.get("field-selector"))
    if everything and filtered:
        raise Refusal("setting 'all' parameter but found a non empty selector. ")
    targets = targets_of(line.args, lone_kind=False, selected=everything or filtered, files=has_files(line))
    if forced and grace > 0:
        raise Refusal("--force and --grace-period greater than 0 cannot be specified together")
    flags: dict[str, Any] = {"grace-period": grace} if grace >= 0 else {}
    if (everything or filtered) and "ignore-not-found" not in values:
        flags["ignore-not-found"] = True
    return Meaning(targets=targets, flags=flags, warnings=_FORCED if forced else "")


def _wait(line: Parsed) -> Meaning:
    condition = line.values.get("for", "")
    if condition.startswith("jsonpath="):
        raise Unmodelled(
            "wait for a JSONPath is not modelled", "--for=condition=Available, or rollout status"
        )
    if condition.lower() not in ("delete", "create") and not condition.startswith("condition="):
        raise Refusal(f"unrecognized condition: {quoted(condition)}")
    timeout = line.values.get("timeout", 30.0)
    return Meaning(
        targets=objects_of(line, line.args, lone_kind=bool(line.values.get("all"))),
        flags={"timeout": _WEEK_S if timeout < 0 else timeout},
    )


CHECKS: Mapping[str, Callable[[Parsed], Meaning]] = {
    "create": _create,
    "apply": _apply,
    "set image": set_image,
    "set env": set_env,
    "set resources": set_resources,
    "scale": scale,
    "patch": patch,
    "annotate": annotate,
    "get": _get,
    "describe": _describe,
    "delete": _delete,
    "wait": _wait,
    **{f"rollout {verb}": _rollout for verb in ("status", "history", "undo", "pause", "resume", "restart")},
}
