"""What reading a kubectl command line can end in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """An object by name, or all objects of a kind when `name` is None; the kind is a plural, or "all"."""

    kind: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A line that kubectl understands and that can be simulated."""

    verb: str
    words: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    args: tuple[str, ...] = ()
    flags: Mapping[str, Any]
    namespace: str | None = None
    cause: str | None = None
    warnings: str = ""  # what kubectl prints on stderr before it asks the server, each line ended


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is wrong: what kubectl prints on stderr, and how it exits."""

    output: str
    exit: int = 1


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A line that is right for kubectl and cannot be simulated; `expected` says what can."""

    message: str
    expected: str = ""


class Refusal(Exception):  # noqa: N818 - it is the answer to a line, not a fault of the program
    """Raised while a line is read: kubectl's errors, and what it prints before them."""

    def __init__(self, *errors: str, before: str = "", prefix: str = "error: ") -> None:
        super().__init__(*errors)
        self.errors = errors
        self.before = before
        self.prefix = prefix

    @property
    def output(self) -> str:
        """As cmdutil.CheckErr prints it: one error gets the prefix, of several each gets a line."""
        prefix = self.prefix if len(self.errors) == 1 else ""
        lines = (prefix + error + ("" if error.endswith("\n") else "\n") for error in self.errors)
        return self.before + "".join(lines)


class Unmodelled(Exception):  # noqa: N818 - as above
    """Raised while a line is read: the simulator cannot do this."""

    def __init__(self, message: str, expected: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
