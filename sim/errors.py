"""Mistakes a user can act on: the file, the place in it, what was found and what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FOUND_LIMIT = 60
_TEXT_LIMIT = 300


def one_line(text: str, limit: int = _TEXT_LIMIT) -> str:
    """`text` with control characters, line breaks and lone surrogates escaped, cut to `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isprintable():
        return text
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def unprintable(text: str) -> str | None:
    """The first character that a terminal would obey and not show, as "U+001B"; not line ends and tabs."""
    return next((f"U+{ord(c):04X}" for c in text if not (c.isprintable() or c in "\n\t")), None)


def shown(value: object) -> str:
    """A value as the user would recognise it in YAML, at most 60 characters, for `Diagnostic.found`.

    >>> shown("three"), shown(True), shown(None), shown([1, 2])
    ("'three'", 'true', 'null', 'a list of 2')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # Cut before repr: a value of megabytes must not cost megabytes of escaping.
        return one_line(repr(value[: FOUND_LIMIT * 2]), FOUND_LIMIT)
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a number of {value.bit_length()} bits"  # Python refuses to print the largest ones
    if isinstance(value, Mapping):
        return f"a mapping of {len(value)}" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    return one_line(repr(value), FOUND_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One problem in what the user gave us; `str()` is always exactly one line.

    `code` begins with E (cannot work) or W (not modelled, or probably not meant); `message` is one clause
    without a full stop; `file` is named as the user named it ("<stdin>" for standard input);
    `line` is 1-based;
    `path` is like "spec.template.spec.containers[0].image"; `found` is cut to 60 characters.
    """

    code: str
    message: str
    file: str | None = None
    line: int | None = None
    path: str | None = None
    found: str | None = None
    expected: str | None = None
    nearest: str | None = None

    def __post_init__(self) -> None:
        if self.found is not None and len(self.found) > FOUND_LIMIT:
            object.__setattr__(self, "found", self.found[: FOUND_LIMIT - 1] + "…")

    @property
    def is_error(self) -> bool:
        """Whether nothing can be simulated with this problem in place."""
        return self.code.startswith("E")

    def __str__(self) -> str:
        place = ""
        if self.file is not None:
            place = one_line(self.file) + (f":{self.line}: " if self.line is not None else ": ")
        elif self.line is not None:
            place = f"line {self.line}: "
        path = f"{one_line(self.path)}: " if self.path else ""
        clauses = [one_line(self.message)]
        if self.found is not None:
            clauses.append(f"found {one_line(self.found)}")
        if self.expected is not None:
            clauses.append(f"expected {one_line(self.expected)}")
        if self.nearest is not None:
            clauses.append(f"did you mean {one_line(self.nearest)}?")
        return f"{place}{self.code} {path}{'; '.join(clauses)}"


class InputError(Exception):
    """The user's input cannot be used: `.diagnostics` holds all problems found, `str()` a line for each."""

    def __init__(self, *diagnostics: Diagnostic | Iterable[Diagnostic]) -> None:
        found: list[Diagnostic] = []
        for item in diagnostics:
            found.extend([item] if isinstance(item, Diagnostic) else item)
        # The arguments are what pickle hands to a fresh instance when a worker process raises.
        super().__init__(*found)
        self.diagnostics: tuple[Diagnostic, ...] = tuple(found)

    def __str__(self) -> str:
        return "\n".join(map(str, self.diagnostics))
