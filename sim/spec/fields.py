"""Reading a mapping field by field: each mistake becomes one diagnostic with its place, and reading goes on.

A field that is wrong reads as if it were absent, so that one mistake is reported once. `null` is absent, as
in Kubernetes, and 3.0 is the whole number 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.errors import Diagnostic, shown
from sim.spec.document import Document, Path, dotted
from sim.spec.syntax import expected_label_key, expected_label_value
from sim.spec.unrendered import template_pipe
from sim.units import nearest

MAX_INT32 = 2**31 - 1
PROBLEM_LIMIT = 1000
"""Problems told of one document."""


@dataclass(slots=True)
class Hints:
    """Right names near wrong ones. Comparing is slow, so a hostile document gets only so many."""

    left: int = 500

    def nearest(self, name: str, choices: Iterable[str]) -> str | None:
        """The choice `name` probably meant, or None."""
        self.left -= 1
        return nearest(name, choices) if self.left >= 0 else None


@dataclass(slots=True)
class Notes:
    """What was noticed in one document; `unmodelled` are fields that change nothing the simulator knows."""

    document: Document
    found: list[Diagnostic] = field(default_factory=list)
    unmodelled: dict[tuple[str, ...], Path] = field(default_factory=dict)
    hints: Hints = field(default_factory=Hints)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def add(self, code: str, message: str, path: Path, **more: str | None) -> None:
        """Note a problem at `path`, with its line."""
        if "{{" in (more.get("found") or ""):
            message = "a template that is not rendered"
            more = {"found": more["found"], "expected": template_pipe(self.document.file)}
        if len(self.found) >= PROBLEM_LIMIT:
            return
        line = self.document.line_of(path)
        where = dotted(path) or None
        if len(self.found) == PROBLEM_LIMIT - 1:
            code, message, more = "E199", "too many problems in one document; this and more are not shown", {}
        self.found.append(
            Diagnostic(code=code, message=message, file=self.document.file, line=line, path=where, **more)
        )

    def once(self, code: str, message: str, path: Path, **more: str | None) -> None:
        """Note a problem unless it was already noted of the same field in another item of the same list."""
        key = (code, ".".join(k for k in path if isinstance(k, str)))
        if key not in self._told:
            self._told.add(key)
            self.add(code, message, path, **more)

    @property
    def has_errors(self) -> bool:
        """Whether the document cannot be used."""
        return any(d.is_error for d in self.found)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The fields Kubernetes knows in one kind of mapping, by what the simulator does with them.

    `read`: understood. `silent`: bookkeeping. `unmodelled`: listed in one line. `defaults`: silent with the
    value that the API server fills in, else listed. `optimistic`: a line each, with what the simulation
    leaves out.
    """

    read: frozenset[str]
    silent: frozenset[str] = frozenset()
    unmodelled: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    optimistic: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Every known field."""
        return self.read | self.silent | self.unmodelled | self.defaults.keys() | self.optimistic.keys()


def whole_number(value: object) -> int | None:
    """The whole number that kubectl would send for `value`, or None; booleans and text are not numbers."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


@dataclass(frozen=True, slots=True)
class Fields:
    """One mapping of a document, at `path`; an absent one has no data and is not `present`."""

    notes: Notes
    path: Path
    data: Mapping[str, Any]
    present: bool = True

    def raw(self, key: str) -> Any:
        """The value as it stands; None when absent."""
        return self.data.get(key)

    def problem(self, code: str, message: str, *keys: str | int, **more: str | None) -> None:
        """Note a problem of a field (or of the mapping itself, without keys)."""
        self.notes.add(code, message, (*self.path, *keys), **more)

    def wrong_type(self, key: str, expected: str) -> None:
        """Note that a field holds another type of value."""
        self.problem("E103", "the wrong type of value", key, found=shown(self.raw(key)), expected=expected)

    def missing(self, key: str, expected: str | None = None) -> None:
        """Note that a required field is absent; the place is the mapping that should hold it."""
        self.problem("E104", "a required field is missing", key, expected=expected)

    def text(self, key: str, check: Callable[[str], str | None] | None = None, code: str = "E107") -> str:
        """Text; "" when absent or wrong. `check` gives what is expected of bad text."""
        value = self.raw(key)
        if value is None or value == "":
            return ""
        if not isinstance(value, str):
            self.wrong_type(key, "text (put it in quotes)" if not isinstance(value, dict | list) else "text")
            return ""
        expected = check(value) if check else None
        if expected is not None:
            self.problem(code, "not a valid value", key, found=shown(value), expected=expected)
            return ""
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = self.text(key)
        if not value or value in choices:
            return value or default
        words = " or ".join(choices)
        near = self.notes.hints.nearest(value, choices)
        message = "not one of the values Kubernetes knows"
        self.problem("E106", message, key, found=shown(value), expected=words, nearest=near)
        return default

    def whole(self, key: str, default: int, *, least: int = 0, most: int = MAX_INT32) -> int:
        """A whole number in a range."""
        value = self.raw(key)
        if value is None:
            return default
        upper = f"{least} or more" if most == MAX_INT32 else f"{least} to {most}"
        number = whole_number(value)
        if number is None:
            self.wrong_type(key, f"a whole number, {upper}")
            return default
        if not least <= number <= most:
            expected = f"a whole number, {upper}"
            self.problem("E105", "out of range", key, found=shown(number), expected=expected)
            return default
        return number

    def flag(self, key: str, default: bool = False) -> bool:
        """True or false."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong_type(key, "true or false")
            return default
        return value

    def mapping(self, key: str) -> Fields:
        """A mapping; not `present` when absent or wrong."""
        value = self.raw(key)
        if value is not None and not isinstance(value, dict):
            self.wrong_type(key, "a mapping")
        is_mapping = isinstance(value, dict)
        return Fields(self.notes, (*self.path, key), value if is_mapping else {}, is_mapping)

    def items(self, key: str) -> list[Fields]:
        """A list of mappings; items of another type are noted and left out."""
        found = []
        for at, item in enumerate(self.values(key)):
            if isinstance(item, dict):
                found.append(Fields(self.notes, (*self.path, key, at), item))
            else:
                message = "the wrong type of value"
                self.problem("E103", message, key, at, found=shown(item), expected="a mapping")
        return found

    def values(self, key: str) -> list[Any]:
        """A list of anything; [] when absent or wrong."""
        value = self.raw(key)
        if value is not None and not isinstance(value, list):
            self.wrong_type(key, "a list")
        return value if isinstance(value, list) else []

    def check_unique(self, key: str, field: str = "name") -> None:
        """Note a name (or another `field`) that a second item of a list has."""
        seen: set[str] = set()
        items = self.raw(key)
        for at, item in enumerate(items if isinstance(items, list) else []):
            name = item.get(field) if isinstance(item, dict) else None
            if isinstance(name, str) and name in seen:
                message = f"the {field} is given twice in one list"
                self.problem("E115", message, key, at, field, found=shown(name))
            elif isinstance(name, str):
                seen.add(name)

    def labels(self, key: str, *, annotations: bool = False) -> dict[str, str]:
        """A mapping of text to text with Kubernetes' syntax of labels, or of annotations."""
        inner = self.mapping(key)
        found: dict[str, str] = {}
        for name, value in inner.data.items():
            expected = expected_label_key(name.lower() if annotations else name)
            if expected is not None:
                inner.problem("E108", "not a valid key", name, found=shown(name), expected=expected)
            elif value is None and annotations:
                found[name] = ""
            elif not isinstance(value, str):
                inner.wrong_type(name, "text (put it in quotes)")
            elif not annotations and (expected := expected_label_value(value)) is not None:
                inner.problem("E108", "not a valid label value", name, found=shown(value), expected=expected)
            else:
                found[name] = value
        return found

    def check_names(self, known: Vocabulary) -> None:
        """Note the fields that are present but not modelled."""
        for key, value in self.data.items():
            if value is None or key in known.read or key in known.silent:
                continue
            path = (*self.path, key)
            if key in known.optimistic:
                if value not in ({}, [], "", False):
                    reason = known.optimistic[key]
                    self.notes.once("W202", f"not modelled, the result may be optimistic: {reason}", path)
            elif key in known.defaults and value == known.defaults[key]:
                continue
            elif key in known.unmodelled or key in known.defaults:
                if value in ({}, [], ""):
                    continue
                names = tuple(k for k in path if isinstance(k, str))
                self.notes.unmodelled.setdefault(names, path)
