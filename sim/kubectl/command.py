"""One kubectl command line to what it asks for, or to what kubectl v1.32.4 answers when the line is wrong.

Follows kubectl's pkg/cmd, with cobra and pflag below it, up to the first request to the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.kubectl.checks import CHECKS
from sim.kubectl.flags import FlagError, Parsed
from sim.kubectl.lookup import find
from sim.kubectl.meaning import Meaning
from sim.kubectl.outcome import Command, Refusal, Refused, Target, Unmodelled, Unsupported
from sim.kubectl.selector import selector
from sim.kubectl.values import quoted
from sim.kubectl.verbs import (
    CHILDREN,
    COMPLETE,
    DEFAULTS,
    IGNORED,
    KNOWN,
    RECORD_DEPRECATED,
    UNMODELLED_FLAGS,
    why_not,
)

__all__ = ["RECORD_DEPRECATED", "Command", "Refused", "Target", "Unsupported", "parse", "selector"]

_TEMPLATES = (
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "name",
)
_FORMATS = (*_TEMPLATES, "template", "templatefile", "yaml")
_GET_FORMATS = (
    "custom-columns",
    "custom-columns-file",
    *_TEMPLATES,
    "template",
    "templatefile",
    "wide",
    "yaml",
)
_RESOURCES = {
    "deployments": "apps/v1, Resource=deployments",
    "replicasets": "apps/v1, Resource=replicasets",
    "pods": "/v1, Resource=pods",
    "services": "/v1, Resource=services",
    "endpoints": "/v1, Resource=endpoints",
}
# These look at their arguments before they look at -o and --dry-run.
_CHOICES_LATE = ("create", "apply", "get", "delete")
_ONLY_FOR = {"set": ("deployments",), "rollout": ("deployments",), "scale": ("deployments", "replicasets")}


def parse(words: Sequence[str]) -> Command | Refused | Unsupported:
    """What a line means; `words` are those after "kubectl". Never raises.

    ["set", "image", "deploy/web", "app=web:v2", "--record"] is a Command with the verb "set image", the
    targets (Target("deployments", "web"),), the args ("app=web:v2",) and the cause "kubectl set image
    deploy/web app=web:v2 --record=true"; ["rollout", "undo"] is
    Refused("error: required resource not specified\\n", 1).
    """
    try:
        return _read(tuple(words))
    except Refusal as refusal:
        return Refused(refusal.output)
    except Unmodelled as limit:
        return Unsupported(limit.message, limit.expected)


def _read(words: tuple[str, ...]) -> Command:
    path, rest = find(words, KNOWN, CHILDREN)
    if path and path not in COMPLETE and path not in CHILDREN:
        raise Unmodelled(*why_not(path))
    try:
        line = COMPLETE.get(path, COMPLETE[""]).parse(rest)
    except FlagError as error:
        raise Refusal(f"{error}\nSee '{f'kubectl {path}'.strip()} --help' for usage.") from None
    if line.values.get("help") or not path or (path not in CHECKS and not line.args):
        raise Unmodelled("kubectl's help is not printed", "a command and its arguments")
    if path not in CHECKS:
        unknown = f"unknown command {quoted(' '.join(line.args))}"
        raise Refusal(f"{unknown}\nSee 'kubectl {path} -h' for help and examples")
    if path not in _CHOICES_LATE:
        _check_choices(path, line)
    try:
        meaning = CHECKS[path](line)
    except Refusal as refusal:
        # pflag's warnings come first, and only when all flags could be read.
        refusal.before = line.notices + refusal.before
        raise
    if path in _CHOICES_LATE:
        _check_choices(path, line)
    for name, reason in UNMODELLED_FLAGS.items():
        if line.values.get(name):
            raise Unmodelled(reason)
    _check_kinds(path, meaning)
    _check_selector(line, meaning)
    return Command(
        verb=path,
        words=words,
        targets=meaning.targets,
        args=meaning.args,
        flags=_flags(path, line, meaning),
        namespace=line.values.get("namespace") or None,
        cause=_cause(words, path) if line.values.get("record") else None,
        warnings=line.notices + _cascade_warning(line) + meaning.warnings,
    )


def _flags(verb: str, line: Parsed, meaning: Meaning) -> dict[str, Any]:
    given = {name: value for name, value in line.values.items() if name not in IGNORED}
    return {**DEFAULTS.get(verb, {}), **given, **meaning.flags}


def _cause(words: tuple[str, ...], verb: str) -> str:
    """The change cause (cli-runtime pkg/genericclioptions/record_flags.go): the arguments, then the flags."""
    line = COMPLETE[verb].parse(words)
    flags = [f"--{name}={text}" for name, text in line.given]
    return " ".join(["kubectl", *line.args, *flags])


def _check_choices(verb: str, line: Parsed) -> None:
    """The flags whose value is one of a few words."""
    dry_run = line.values.get("dry-run", "none")
    if dry_run not in ("none", "client", "server", "unchanged") and dry_run not in _BOOLEANS:
        raise Refusal(f'Invalid dry-run value ({dry_run}). Must be "none", "server", or "client".')
    if dry_run != "none" and dry_run not in _NO:
        raise Unmodelled("a dry run changes nothing in the cluster", "the command without --dry-run")
    cascade = line.values.get("cascade", "background")
    if cascade not in ("background", "foreground", "orphan") and cascade not in _BOOLEANS:
        raise Refusal(f'invalid cascade value ({cascade}). Must be "background", "foreground", or "orphan"')
    if cascade in ("foreground", "orphan") or cascade in _NO:
        raise Unmodelled("only --cascade=background is modelled", "the command without --cascade")
    _check_output(verb, line.values.get("output", ""))


_NO = ("0", "f", "F", "false", "FALSE", "False")
_BOOLEANS = (*_NO, "1", "t", "T", "true", "TRUE", "True")


def _check_output(verb: str, output: str) -> None:
    if not output or (output.lower() == "name" and verb != "rollout history"):
        return
    if verb == "get" and output == "wide":
        return
    if verb == "delete":
        raise Refusal(f"unexpected -o output mode: {output}. We only support '-o name'")
    formats = _GET_FORMATS if verb == "get" else _FORMATS
    if output.partition("=")[0] not in formats and output.lower() not in ("json", "yaml", "name"):
        raise Refusal(
            f"unable to match a printer suitable for the output format {quoted(output)}, "
            f"allowed formats are: {','.join(formats)}"
        )
    expected = {"get": "-o wide, -o name or no -o", "rollout history": "no -o"}.get(verb, "-o name or no -o")
    raise Unmodelled(f"the output format {output} is not modelled", expected)


def _check_kinds(verb: str, meaning: Meaning) -> None:
    """Kinds that kubectl does not change so (it says it after asking the server), or the simulator."""
    allowed = _ONLY_FOR.get(verb.split()[0], ())
    for target in meaning.targets if allowed else ():
        if target.kind not in allowed:
            raise Unmodelled(f"kubectl {verb} is not modelled for {target.kind}", ", ".join(allowed))


def _check_selector(line: Parsed, meaning: Meaning) -> None:
    """The server's answer to a selector it cannot read, once for each kind that was asked for."""
    text = line.values.get("selector", "").strip()
    try:
        selector(text)
    except ValueError as error:
        errors = [
            "Error from server (BadRequest): "
            f"Unable to find {quoted(_RESOURCES[target.kind])} that match label selector {quoted(text)}, "
            f'field selector "": {error}'
            for target in meaning.targets
            if target.kind in _RESOURCES
        ]
        if not errors:
            raise Unmodelled(f"the selector cannot be read: {error}") from None
        raise Refusal(*errors, before=line.notices, prefix="") from None


def _cascade_warning(line: Parsed) -> str:
    cascade = line.values.get("cascade", "")
    if cascade not in _BOOLEANS:
        return ""
    replaced = "can be replaced with --cascade=background."
    return f"warning: --cascade={cascade} is deprecated (boolean value) and {replaced}\n"
