"""Steps of a session as values: when they are taken, what is typed, which Service is asked."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sim.errors import Diagnostic, InputError, shown
from sim.kubectl.command import Command, Refused, Target, Unsupported, parse
from sim.kubectl.values import quoted
from sim.spec.autoscaler import Least, least_replicas
from sim.spec.document import Document, read_documents
from sim.spec.explain import Place
from sim.spec.intake import Intake
from sim.spec.manifest import Deployment, Service, manifests_from
from sim.spec.scenario_file import StepKeys
from sim.spec.sources import files_of, read_source
from sim.spec.steps import Applied, Condition, KubectlStep, Timing
from sim.spec.workload import REPLICAS_LIMIT
from sim.units import nearest

COUNTS = ("desired", "replicas", "updated", "ready", "available", "unavailable", "revision")
WORDS = {
    "progressing": ("True", "False", "Unknown"),
    "complete": ("True", "False"),
    "paused": ("True", "False"),
}
"""What a condition can compare: numbers of a Deployment's status, and words."""
_CONDITION = re.compile(r"\s*([A-Za-z]+)\s*(==|!=|<=|>=|<|>)\s*(\S+)\s*")
LONGEST_LINE = 100_000
TARGETS = {
    "set": ("deployments",),
    "scale": ("deployments",),
    "rollout": ("deployments",),
    "annotate": ("deployments",),
    "patch": ("deployments", "services"),
    "describe": ("deployments", "replicasets"),
    "wait": ("deployments", "pods"),
    "delete": ("deployments", "replicasets", "pods", "services"),
}
"""The kinds of object that each verb can be simulated on."""


def timing_of(step: StepKeys, place: Place) -> Timing:
    """Return when a step is taken; raises InputError (E402)."""
    for key, needs in (("limit", "when"), ("requests", "curl"), ("background", "kubectl")):
        if key in step.model_fields_set and getattr(step, needs) is None:
            raise InputError(place.problem("E402", f"{key} is for a step with {needs}", (key,)))
    if step.when is None:
        return Timing(at_s=step.at, settle_s=step.settle)
    condition = _condition(step.when, place.below("when"), step.deployment)
    return Timing(at_s=step.at, when=condition, settle_s=step.settle, limit_s=step.limit)


def unknown_deployment(name: str, names: Sequence[str], place: Place) -> Diagnostic:
    """Return the problem that a step at `place` names a Deployment that is not one of `names`."""
    expected = "one of " + ", ".join(names) if names else "a Deployment that the manifests or a step create"
    found, near = shown(name), nearest(name, names)
    return place.problem(
        "E404", "no such Deployment", ("deployment",), found=found, expected=expected, nearest=near
    )


def _condition(text: str, place: Place, deployment: str | None) -> Condition:
    match = _CONDITION.fullmatch(text)
    known = (*COUNTS, *WORDS)
    if match is None:
        expected = "a comparison such as updated == 1, available >= 8, progressing == False"
        raise InputError(place.problem("E402", "not a condition", found=shown(text), expected=expected))
    name, operator, value = match.groups()
    if name not in known:
        expected = "one of " + ", ".join(known)
        raise InputError(
            place.problem(
                "E402", "no such count", found=shown(name), expected=expected, nearest=nearest(name, known)
            )
        )
    if name in WORDS:
        word = value.capitalize()
        if word not in WORDS[name] or operator not in ("==", "!="):
            expected = f"{name} == or != one of " + ", ".join(WORDS[name])
            raise InputError(place.problem("E402", "not a condition", found=shown(text), expected=expected))
        return Condition(name, operator, word, deployment)
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise InputError(
            place.problem("E402", "not a number of pods", found=shown(value), expected="a whole number")
        )
    return Condition(name, operator, int(value), deployment)


def kubectl_step(
    step: StepKeys, timing: Timing, place: Place, folder: str
) -> tuple[KubectlStep, list[Diagnostic]]:
    """Return the step that types a line, and warnings about its files; raises InputError (E402, E413)."""
    at = place.below("kubectl")
    words = _words(step.kubectl, at)
    command = parse(words)
    if isinstance(command, Unsupported):
        line = shown("kubectl " + shlex.join(words))
        raise InputError(at.problem("E413", command.message, found=line, expected=command.expected or None))
    objects: list[Applied] = []
    warnings: list[Diagnostic] = []
    if isinstance(command, Command) and "filename" in command.flags:
        objects, warnings = _objects(command, step, place, folder)
        command = _aimed(_in_its_namespace(command, objects), objects)
    elif step.input is not None:
        raise InputError(place.problem("E402", "the line does not read it: there is no -f -", ("input",)))
    if isinstance(command, Command) and command.flags.get("patch-file"):
        text = _read(os.path.join(folder, command.flags["patch-file"]), at)
        command = replace(command, flags={**command.flags, "patch": text})
    line = shlex.join(words)
    made = typed(command, line, timing, objects, background=step.background)
    why = unmodelled(made)
    if why:
        raise InputError(at.problem("E413", why, found=shown("kubectl " + line)))
    return made, warnings


def _read(path: str, place: Place) -> str:
    try:
        return read_source(path).decode("utf-8", "replace")
    except InputError as error:
        raise InputError(
            place.problem("E402", f"{problem.file}: {problem.message}") for problem in error.diagnostics
        ) from None


def typed(
    command: Command | Refused,
    line: str,
    timing: Timing,
    objects: Sequence[Applied] = (),
    *,
    background: bool = False,
) -> KubectlStep:
    """Return the step that types a line, which is shown as ``line``, and reads ``objects``."""
    patch = None
    if isinstance(command, Command) and command.verb == "patch":
        text = command.flags["patch"]
        documents, problems = read_documents(text, "patch", last_counts=True)
        problems = [problem for problem in problems if problem.is_error]
        if problems or not isinstance(documents[0].data, Mapping):
            why = problems[0].message if problems else "not a mapping"
            command = Refused(f"error: unable to parse {quoted(text)}: {why}\n")
        else:
            patch = documents[0].data
    return KubectlStep(timing, line, command, tuple(objects), patch, background)


def unmodelled(step: KubectlStep) -> str:
    """Return why a line cannot be simulated although kubectl could do it; "" when it can."""
    command = step.command
    if isinstance(command, Refused):
        return ""
    kinds = TARGETS.get(command.verb.split()[0], ())
    if command.verb == "wait" and command.flags["for"].lower() in ("delete", "create"):
        kinds = TARGETS["delete"]
    for target in command.targets:
        if kinds and target.kind not in kinds:
            return f"kubectl {command.verb} is not modelled for {target.kind}, only for {', '.join(kinds)}"
    for flag in ("force", "grace-period", "timeout") if command.verb == "delete" else ():
        if command.flags.get(flag):
            return f"kubectl delete --{flag} is not modelled; pods stop as their template says"
    if command.verb == "scale" and command.flags["replicas"] > REPLICAS_LIMIT:
        return f"more pods than this simulator carries, at most {REPLICAS_LIMIT:,}"
    return ""


def _words(value: Any, place: Place) -> list[str]:
    words = [str(word) for word in value] if isinstance(value, list) else _split(value, place)
    if sum(map(len, words)) > LONGEST_LINE:
        found = f"{sum(map(len, words)):,} characters"
        raise InputError(
            place.problem("E402", "the line is too long", found=found, expected=f"at most {LONGEST_LINE:,}")
        )
    return words[1:] if words[:1] == ["kubectl"] else words


def _split(text: str, place: Place) -> list[str]:
    """Return the words of a line as a shell finds them; there is no shell to do more with them."""
    problem, words = "", [""]
    if len(text) > LONGEST_LINE:
        return [text]
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError as error:
        problem = f"not a command line: {str(error).lower()}"
    if any(word and set(word) <= set("();<>|&") for word in words) or "\n" in text.strip():
        problem = "a step types one command, and no shell reads it"
    if problem:
        expected = "a line without | & ; < > outside of quotes; background: true for &"
        raise InputError(place.problem("E402", problem, found=shown(text), expected=expected))
    return words


def _objects(
    command: Command, step: StepKeys, place: Place, folder: str
) -> tuple[list[Applied], list[Diagnostic]]:
    at = place.below("kubectl")
    names: Sequence[str] = command.flags.get("filename", ())
    documents: list[Document] = []
    problems: list[Diagnostic] = []
    for name in names:
        if name == "-":
            documents += _input(step, place)
            continue
        recursive = bool(command.flags.get("recursive"))
        found, wrong = documents_at(os.path.join(folder, name), at, recursive=recursive)
        documents += found
        problems += wrong
    if step.input is not None and "-" not in names:
        problems.append(place.problem("E402", "the line does not read it: there is no -f -", ("input",)))
    validate = command.flags.get("validate", "ignore")  # only create and apply ask after unknown fields
    try:
        # All at once, so that a Service is held against the Deployments beside it.
        problems += manifests_from(documents, intake=Intake(validate)).diagnostics
    except InputError as error:
        problems += error.diagnostics
    if any(problem.is_error for problem in problems):
        raise InputError(problems)
    least = least_replicas(documents)
    made = [one for document in documents for one in applied(document, command.namespace, least)]
    return made, problems


def documents_at(
    path: str, place: Place, *, recursive: bool = False
) -> tuple[list[Document], list[Diagnostic]]:
    """Return the documents of a file or a folder that `place` names, and what is wrong with them."""
    documents: list[Document] = []
    problems: list[Diagnostic] = []
    try:
        for file in files_of(path, recursive=recursive):
            found, wrong = read_documents(read_source(file), file, last_counts=True)
            documents += found
            problems += wrong
    except InputError as error:
        problems += [
            place.problem("E402", f"{problem.file}: {problem.message}")
            if problem.code in ("E001", "E002")
            else problem
            for problem in error.diagnostics
        ]
    return documents, problems


def _input(step: StepKeys, place: Place) -> list[Document]:
    if step.input is None:
        expected = "input: with the objects that are typed in"
        raise InputError(
            place.problem("E402", "standard input is not for scenario files", ("kubectl",), expected=expected)
        )
    at = place.below("input")
    is_list = isinstance(at.document.under(at.prefix).data, list)
    places = [at.below(i) if is_list else at for i in range(len(step.input))]
    for item, where in zip(step.input, places, strict=True):
        if not isinstance(item, Mapping):
            raise InputError(
                where.problem("E402", "not an object", found=shown(item), expected="apiVersion, kind, …")
            )
    return [where.document.under(where.prefix) for where in places]


def _in_its_namespace(command: Command, objects: Sequence[Applied]) -> Command | Refused:
    """Return the command, or kubectl's refusal when its -n contradicts an object of its files."""
    for made in objects:
        own = (made.document.get("metadata") or {}).get("namespace")
        if command.namespace is not None and own not in (None, command.namespace):
            return Refused(
                f'error: the namespace from the provided object "{own}" does not match the namespace '
                f"\"{command.namespace}\". You must pass '--namespace={own}' to perform this operation.\n"
            )
    return command


def _aimed(command: Command | Refused, objects: Sequence[Applied]) -> Command | Refused:
    """Return the command with the objects of its files as targets."""
    if isinstance(command, Refused) or command.verb in ("create", "apply"):
        return command
    targets = tuple(
        Target("deployments" if isinstance(made.model, Deployment) else "services", made.name)
        for made in objects
        if made.model is not None
    )
    return replace(command, targets=targets)


def applied(document: Document, namespace: str | None, least: Least | None = None) -> list[Applied]:
    """Return the objects of a document in ``namespace`` (None: their own); raises InputError.

    ``least``: as for `manifests_from`. Unknown fields are no longer asked after.
    """
    made = manifests_from([document], least, Intake("ignore"))
    models: list[Deployment | Service] = [*made.deployments, *made.services]
    if not models:
        data = document.data
        group = str(data.get("apiVersion", "")).rpartition("/")[0]
        kind = str(data.get("kind", "")).lower()
        resource = f"{kind}.{group}" if group else kind
        return [Applied(resource, str((data.get("metadata") or {}).get("name", "")), None, data)]
    if namespace is not None:
        models = [model.model_copy(update={"namespace": namespace}) for model in models]
    return [
        Applied(
            "deployment.apps" if isinstance(model, Deployment) else "service",
            model.name,
            model,
            model.document,
        )
        for model in models
    ]
