"""Kubernetes' own unit tables as tests: one test a table, one id a case, and no column that nobody reads.

A check takes the case and the table (its `fixed` values and named objects) as `Row`s, which remember what
was read; what was not read is a failure. `perturbed` makes the counter-check possible: a wrong expected value
must turn a check red.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "tables"
ENVELOPE = {"source", "under_test", "n_cases", "note", "cases"}
EXPECTED = re.compile(
    r"expect|result|scaleExpected|cleanupCountExpected|notUpdated"
    r"|(done|numbers|onHold|continue|keepsLastTransition)$"
)
# Columns that say what must come out, though their name does not.
ALSO_EXPECTED = {"kubectl__rollout_status": {"kind"}}


class Row(Mapping[str, Any]):
    """A JSON object that remembers which of its fields were read, at any depth."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._fields = {key: _wrapped(value) for key, value in data.items()}
        self._read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        value = self._fields[key]
        self._read.add(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def not_an_input(self, *keys: str) -> None:
        """Say aloud that the rule does not look at these columns."""
        for key in keys:
            assert key in self._fields
            self._read.add(key)

    def opened(self) -> list[tuple[str, Any]]:
        """Give the fields that were read."""
        return [(key, value) for key, value in self._fields.items() if key in self._read]

    def unread(self) -> list[str]:
        """Name the fields that nobody read, also inside those that were."""
        missing = [key for key in self._fields if key not in self._read]
        for key, value in self.opened():
            rows = value if isinstance(value, list) else [value]
            missing += [f"{key}.{inner}" for row in rows if isinstance(row, Row) for inner in row.unread()]
        return missing


def _wrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return Row(value)
    return [_wrapped(one) for one in value] if isinstance(value, list) else value


Check = Callable[[Row, Row], None]
CHECKS: dict[str, Check] = {}


def document(name: str) -> dict[str, Any]:
    """Read one table."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def named(table: dict[str, Any]) -> Row:
    """Give what a check needs besides the case: the fixed values and the named objects."""
    return Row({key: value for key, value in table.items() if key not in ENVELOPE})


def run(check: Check, table: dict[str, Any], case: dict[str, Any]) -> list[str]:
    """Run one case and return the columns that were not read."""
    row, around = Row(case), named(table)
    check(row, around)
    # The id of the test shows these.
    unread = [column for column in row.unread() if column not in {"name", "test"}]
    for kind, objects in around.items():
        if kind == "fixed":
            unread += [f"fixed.{key}" for key in objects.unread()]
        else:
            unread += [f"{kind}.{name}.{key}" for name, one in objects.opened() for key in one.unread()]
    return unread


def table(name: str) -> Callable[[Check], Callable[[int], None]]:
    """Make a check of one case into the test of a whole table."""

    def decorate(check: Check) -> Callable[[int], None]:
        CHECKS[name] = check
        whole = document(name)
        ids = [str(case.get("name", case.get("test", n))) for n, case in enumerate(whole["cases"])]

        @pytest.mark.parametrize("number", range(len(ids)), ids=ids)
        def test(number: int) -> None:
            assert run(check, whole, whole["cases"][number]) == []

        return test

    return decorate


def perturbed(name: str, case: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give copies of a case, each with one expected value made wrong."""
    for path in _expected_leaves(case, (), ALSO_EXPECTED.get(name, set()), False):
        wrong = copy.deepcopy(case)
        inner: Any = wrong
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = _wrong(inner[path[-1]])
        yield ".".join(map(str, path)), wrong


def _expected_leaves(
    value: Any, path: tuple[Any, ...], also: set[str], inside: bool
) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            expects = inside or bool(EXPECTED.match(key)) or key in also
            yield from _expected_leaves(inner, (*path, key), also, expects)
    elif isinstance(value, list) and value:
        for n, inner in enumerate(value):
            yield from _expected_leaves(inner, (*path, n), also, inside)
    elif inside:
        yield path


def _wrong(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return value + "?"
    return [7] if isinstance(value, list) else 7
