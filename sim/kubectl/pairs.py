"""The changes on a line, KEY=VALUE and KEY- (kubectl pkg/cmd/util/helpers.go, set/env/env_parse.go)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sim.kubectl.outcome import Refusal, Unmodelled
from sim.kubectl.values import quoted

_ENV_NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
_ENV_RULE = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and "
    "must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for "
    "validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"
)


def _is_pair(arg: str) -> bool:
    return arg.find("=") > 0


def _is_removal(arg: str) -> bool:
    return arg.endswith("-") and arg != "-"


def split_pairs(args: Sequence[str], what: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The resources and the changes: ("deploy/web", "a=b", "c-") is ("deploy/web",), ("a=b", "c-")."""
    changes = [_is_pair(arg) or _is_removal(arg) for arg in args]
    at = changes.index(True) if True in changes else len(args)
    if False in changes[at:]:
        late = args[changes.index(False, at)]
        raise Refusal(f"all resources must be specified before {what} changes: {late}")
    return tuple(args[:at]), tuple(args[at:])


def pairs(changes: Sequence[str], what: str, *, removing: bool) -> tuple[dict[str, str], list[str]]:
    """The new values by key and the keys to remove: ("a=b", "c-") is {"a": "b"}, ["c"]."""
    new: dict[str, str] = {}
    removed: list[str] = []
    wrong = []
    for change in changes:
        if _is_pair(change):
            key, _, value = change.partition("=")
            new[key] = value
        elif removing and _is_removal(change):
            removed.append(change[:-1])
        else:
            wrong.append(change)
    if wrong:
        raise Refusal(f"invalid {what} format: {', '.join(wrong)}")
    return new, removed


def environment(changes: Sequence[str]) -> None:
    """Refuse environment variables that `set env` refuses."""
    names: set[str] = set()
    removed: list[str] = []
    for change in changes:
        if change == "-":
            raise Unmodelled("environment variables are not read from standard input", "NAME=VALUE")
        if "=" in change:
            name = change.split("=", 1)[0]
            error = _wrong_name(name)
            if error:
                raise Refusal(f"{quoted(name)} is not a valid key name: {error}")
            names.add(name)
        elif change.endswith("-"):
            removed.append(change[:-1])
        else:
            raise Refusal(f"unknown environment variable: {change}")
    if names.intersection(removed):
        raise Refusal("can not both modify and remove the same environment variable in the same command")


def _wrong_name(name: str) -> str:
    if not _ENV_NAME.fullmatch(name):
        return _ENV_RULE
    if name in (".", ".."):
        return f"must not be '{name}'"
    return "must not start with '..'" if name.startswith("..") else ""
