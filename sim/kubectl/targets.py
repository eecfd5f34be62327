"""Which objects a line names (k8s.io/cli-runtime pkg/resource/builder.go)."""

from __future__ import annotations

from collections.abc import Sequence

from sim.kubectl.kinds import kind_named
from sim.kubectl.outcome import Refusal, Target

# What the category "all" stands for, among the kinds that are modelled.
ALL = ("pods", "services", "deployments", "replicasets")

MISSING = """You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""
_TYPE_TWICE = (
    "there is no need to specify a resource type as a separate argument when passing arguments in "
    "resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of "
    "'kubectl get resource resource/<resource_name>'"
)


def targets_of(args: Sequence[str], *, lone_kind: bool, selected: bool, files: bool) -> tuple[Target, ...]:
    """The objects that `args` name, in order; Refusal in the builder's words.

    `lone_kind`: a kind without a name means all of its objects; `selected`: a selector, or `delete --all`,
    was given; `files`: the objects are in files, and the result is empty. ["deploy,rs", "web"] are
    (Target("deployments", "web"), Target("replicasets", "web")); ["pods"] is (Target("pods"),) with
    `lone_kind` and an error without.
    """
    args = _one_kind_each(args)
    if any("/" in arg for arg in args):
        return _of_pairs(args, selected=selected, files=files)
    if args and files:
        raise Refusal(
            "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well"
        )
    if files:
        return ()
    kinds, names = _distinct(args[0].split(",")) if args else [], args[1:]
    if selected or (lone_kind and len(args) == 1):
        if names:
            raise Refusal("name cannot be provided when a selector is specified")
        if not kinds:
            raise Refusal("at least one resource must be specified to use a selector")
        return _of_kinds(kinds)
    if not kinds:
        raise Refusal(MISSING)
    if not names:
        _of_kinds(kinds)
        raise Refusal("resource(s) were provided, but no name was specified")
    if "all" in kinds:
        raise Refusal("you must specify only one resource")
    return tuple(_named(kinds[0], name) for name in names)


def _one_kind_each(args: Sequence[str]) -> list[str]:
    """["deploy,rs", "web"] as ["deploy/web", "rs/web"]; all else as it is."""
    kinds = _distinct(args[0].split(",")) if len(args) > 1 else []
    if len(kinds) < 2:
        return list(args)
    return [f"{kind}/{name}" for kind in kinds for name in args[1:]]


def _distinct(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _of_pairs(args: Sequence[str], *, selected: bool, files: bool) -> tuple[Target, ...]:
    if not all("/" in arg for arg in args):
        raise Refusal(_TYPE_TWICE)
    pairs = []
    for arg in args:
        kind, _, name = arg.partition("/")
        if "/" in name:
            raise Refusal("arguments in resource/name form may not have more than one slash")
        if not kind or not name or len(_distinct(kind.split(","))) != 1:
            raise Refusal("arguments in resource/name form must have a single resource and name")
        pairs.append((kind, name))
    if files:
        raise Refusal("resource/name arguments cannot be provided when a path is specified")
    if selected:
        raise Refusal("selectors and the all flag cannot be used when passing resource/name arguments")
    return tuple(_named(kind, name) for kind, name in pairs)


def _named(kind: str, name: str) -> Target:
    plural = kind_named(kind).plural
    if not name:
        raise Refusal("resource name may not be empty")
    return Target(plural, name)


def _of_kinds(names: Sequence[str]) -> tuple[Target, ...]:
    plurals = _distinct([name if name == "all" else kind_named(name).plural for name in names])
    return tuple(Target(plural) for plural in plurals if "all" not in plurals or plural not in ALL)
