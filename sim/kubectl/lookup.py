"""Which command a line means (spf13/cobra 1.8.1, command.go), and what kubectl says when there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.kubectl.flags import FlagSet
from sim.kubectl.outcome import Refusal
from sim.kubectl.values import quoted

# In the order in which kubectl adds them: suggestions come in it.
ROOT = (
    *("create", "expose", "run", "set", "explain", "get", "edit", "delete", "rollout", "scale", "autoscale"),
    *(
        "certificate",
        "cluster-info",
        "top",
        "cordon",
        "uncordon",
        "drain",
        "taint",
        "describe",
        "logs",
        "attach",
    ),
    *("exec", "port-forward", "proxy", "cp", "auth", "debug", "events", "diff", "apply", "patch", "replace"),
    *("wait", "kustomize", "label", "annotate", "completion", "config", "plugin", "version", "api-versions"),
    *("api-resources", "options"),
)
_HIDDEN = ("alpha", "help", "__complete", "__completeNoDesc")
_SUGGESTED_FOR = {"get": ("list", "ps"), "wait": ("list", "ps"), "delete": ("rm",)}
_DISTANCE = 2


def find(
    words: Sequence[str], flags: Mapping[str, FlagSet], children: Mapping[str, Sequence[str]]
) -> tuple[str, list[str]]:
    """The command of a line, and the line without its words.

    `flags` are those of each command ("" is kubectl itself), `children` the subcommands where there are.
    ["-n", "x", "rollout", "undo", "deploy/web"] is ("rollout undo", ["-n", "x", "deploy/web"]).
    """
    path = ""
    rest = list(words)
    while True:
        known = (*ROOT, *_HIDDEN) if not path else children.get(path, ())
        at = _first_argument(rest, flags.get(path, flags[""]))
        if at is None or rest[at] not in known:
            break
        path = f"{path} {rest.pop(at)}".lstrip()
    if not path and at is not None:
        raise _unknown(words, rest[at])
    return path, rest


def _first_argument(words: Sequence[str], flags: FlagSet) -> int | None:
    """Where the first word is that is neither a flag nor the value of one; an unknown flag takes one."""
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return None
        if _takes_next(word, flags):
            # The last word is never looked at after such a flag.
            if at + 2 >= len(words):
                return None
            at += 1
        elif word and not word.startswith("-"):
            return at
        at += 1
    return None


def _takes_next(word: str, flags: FlagSet) -> bool:
    if "=" in word:
        return False
    if word.startswith("--"):
        flag = flags.named(word[2:])
    elif word.startswith("-") and len(word) == 2:
        flag = flags.lettered(word[1])
    else:
        return False
    return flag is None or not flag.bare


def _unknown(words: Sequence[str], name: str) -> Exception:
    if words[0].startswith("-"):
        # kubectl looks for a plugin first, and stops here with a capital of its own.
        return Refusal(f"flags cannot be placed before plugin name: {words[0]}", prefix="Error: ")
    text = f'unknown command {quoted(name)} for "kubectl"'
    similar = suggestions(name)
    if similar:
        text += "\n\nDid you mean this?\n" + "".join(f"\t{command}\n" for command in similar)
    return Refusal(text)


def suggestions(name: str) -> list[str]:
    """The commands that `name` may have meant: two edits away at most, or beginning with it."""
    return [
        command
        for command in ROOT
        if _edits(name.lower(), command) <= _DISTANCE
        or command.startswith(name.lower())
        or name.lower() in _SUGGESTED_FOR.get(command, ())
    ]


def _edits(one: str, other: str) -> int:
    """The Levenshtein distance; anything above the limit when the lengths alone say so."""
    if abs(len(one) - len(other)) > _DISTANCE:
        return _DISTANCE + 1
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, match in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (char != match))
    return row[-1]
