"""The verbs that change an object (kubectl pkg/cmd: set, scale, patch, annotate)."""

from __future__ import annotations

import re

from sim.kubectl.flags import Parsed
from sim.kubectl.meaning import ALL_AND_SELECTOR, Meaning, has_files, objects_of
from sim.kubectl.outcome import Refusal, Unmodelled
from sim.kubectl.pairs import environment, pairs, split_pairs
from sim.kubectl.values import quoted
from sim.units import parse_quantity

_UNNAMED = "one or more resources must be specified as <resource> <name> or <resource>/<name>"
_QUANTITY = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"


def set_image(line: Parsed) -> Meaning:
    """`set image`: the containers and their images."""
    resources, changes = split_pairs(line.args, "image")
    images, _ = pairs(changes, "image", removing=False)
    everything = bool(line.values.get("all"))
    targets = objects_of(line, resources, lone_kind=everything)
    errors = []
    if everything and line.values.get("selector"):
        errors.append(ALL_AND_SELECTOR)
    if not images:
        errors.append("at least one image update is required")
    elif len(images) > 1 and "*" in images:
        errors.append(
            "all containers are already specified by *, but saw more than one "
            "container_name=container_image pairs"
        )
    if errors:
        raise Refusal(*errors)
    return Meaning(targets=targets, args=tuple(f"{name}={image}" for name, image in images.items()))


def set_env(line: Parsed) -> Meaning:
    """`set env`: variables to set and to remove."""
    values = line.values
    if values.get("all") and values.get("selector"):
        raise Refusal(ALL_AND_SELECTOR)
    is_change = [bool(re.match(r"(?s).+=", arg)) or arg.endswith("-") for arg in line.args]
    at = is_change.index(True) if True in is_change else len(is_change)
    if not all(is_change[at:]):
        raise Refusal(f"all resources must be specified before environment changes: {' '.join(line.args)}")
    if not values.get("filename") and not at:
        raise Refusal(_UNNAMED)
    if values.get("list") and values.get("output"):
        raise Refusal("--list and --output may not be specified together")
    if values.get("keys") and not values.get("from"):
        raise Refusal("when specifying --keys, a configmap or secret must be provided with --from")
    changes = (*values.get("env", ()), *line.args[at:])
    environment(changes)
    return Meaning(
        targets=objects_of(line, line.args[:at], lone_kind=bool(values.get("all"))), args=tuple(changes)
    )


def set_resources(line: Parsed) -> Meaning:
    """`set resources`: limits and requests."""
    values = line.values
    targets = objects_of(line, line.args, lone_kind=bool(values.get("all")))
    if values.get("all") and values.get("selector"):
        raise Refusal(ALL_AND_SELECTOR)
    if not values.get("limits") and not values.get("requests"):
        raise Refusal("you must specify an update to requests or limits (in the form of --requests/--limits)")
    for text in (values.get("limits"), values.get("requests")):
        for statement in text.split(",") if text else ():
            _, equals, amount = statement.partition("=")
            if not equals or "=" in amount:
                raise Refusal(f"Invalid argument syntax {statement}, expected <resource>=<value>")
            try:
                parse_quantity(amount)
            except ValueError:
                raise Refusal(f"quantities must match the regular expression '{_QUANTITY}'") from None
    return Meaning(targets=targets)


def scale(line: Parsed) -> Meaning:
    """`scale`: the number of replicas."""
    values = line.values
    if "replicas" not in values:
        raise Refusal('required flag(s) "replicas" not set')
    if values["replicas"] < 0:
        raise Refusal("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    if values.get("current-replicas", -1) < -1:
        raise Refusal("The --current-replicas must specify an integer of -1 or greater")
    if values.get("timeout"):
        raise Unmodelled(
            "scale --timeout is not modelled", "kubectl scale, then kubectl rollout status --timeout"
        )
    return Meaning(targets=objects_of(line, line.args, lone_kind=bool(values.get("all"))))


def patch(line: Parsed) -> Meaning:
    """`patch`: a merge patch or a strategic one."""
    values = line.values
    if values.get("patch") and values.get("patch-file"):
        raise Refusal("cannot specify --patch and --patch-file together")
    if not values.get("patch") and not values.get("patch-file"):
        raise Refusal("must specify --patch or --patch-file containing the contents of the patch")
    if values.get("local") and line.args:
        raise Refusal("cannot specify --local and server resources")
    kind = values.get("type") or "strategic"
    if kind.lower() not in ("json", "merge", "strategic"):
        raise Refusal(f"--type must be one of [json merge strategic], not {quoted(kind)}")
    if kind.lower() == "json":
        raise Unmodelled("patches of the type json are not modelled", "--type=merge or --type=strategic")
    return Meaning(targets=objects_of(line, line.args, lone_kind=False), flags={"type": kind.lower()})


def annotate(line: Parsed) -> Meaning:
    """`annotate`: annotations to set and to remove."""
    values = line.values
    resources, changes = split_pairs(line.args, "annotation")
    new, removed = pairs(changes, "annotation", removing=True)
    if values.get("all") and values.get("selector"):
        raise Refusal(ALL_AND_SELECTOR)
    if values.get("all") and values.get("field-selector"):
        raise Refusal("cannot set --all and --field-selector at the same time")
    if not resources and not has_files(line):
        raise Refusal(_UNNAMED)
    if not new and not removed and not values.get("list"):
        raise Refusal("at least one annotation update is required")
    both = [key for key in removed if key in new]
    if both:
        raise Refusal(
            "can not both modify and remove the following annotation(s) in the same command: "
            + ", ".join(both)
        )
    targets = objects_of(line, resources, lone_kind=bool(values.get("all")))
    return Meaning(targets=targets, args=tuple(changes))
