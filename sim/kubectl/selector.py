"""Label selectors as `-l` takes them (k8s.io/apimachinery pkg/labels/selector.go)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from sim.kubectl.values import quoted

_TOKEN = re.compile(r"\s*(?:(?P<symbol>==|!=|[=!(),<>])|(?P<word>[^\s=!(),<>]+)|(?P<end>$))")
_OPERATORS = ("=", "==", "!=", ">", "<", "in", "notin")
_EXPECTED = "in, notin, =, ==, !=, gt, lt"
_NAME = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PREFIX = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_NAME_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_PREFIX_RULE = (
    "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_SHAPE_RULE = (
    "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
    "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. "
    "'example.com/MyName')"
)

Labels = Mapping[str, str]


class _Requirement(Protocol):
    def __call__(self, labels: Labels, /) -> bool: ...


def selector(text: str) -> Callable[[Labels], bool]:
    """A test of labels: selector("app=web,tier in (a,b),!old")({"app": "web", "tier": "a"}) is True.

    Understands =, ==, !=, in (), notin (), <, >, KEY and !KEY; the empty text selects everything. Raises
    ValueError with apimachinery's text.
    """
    parser = _Parser(text)
    requirements = parser.requirements()
    return lambda labels: all(requirement(labels) for requirement in requirements)


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        at = 0
        while match := _TOKEN.match(text, at):
            self.tokens.append(match["symbol"] or match["word"] or "")
            at = match.end()
            if match["end"] is not None:
                break
        self.at = 0

    @property
    def next(self) -> str:
        return self.tokens[min(self.at, len(self.tokens) - 1)]

    def take(self) -> str:
        token = self.next
        self.at += 1
        return token

    def requirements(self) -> list[_Requirement]:
        found: list[_Requirement] = []
        while self.next:
            if not (_is_word(self.next) or self.next == "!"):
                raise ValueError(f"found '{self.next}', expected: !, identifier, or 'end of string'")
            try:
                found.append(self.requirement())
            except ValueError as error:
                raise ValueError(f"unable to parse requirement: {error}") from None
            separator = self.take()
            if not separator:
                break
            if separator != ",":
                raise ValueError(f"found '{separator}', expected: ',' or 'end of string'")
            if not (_is_word(self.next) or self.next == "!"):
                raise ValueError(f"found '{self.next}', expected: identifier after ','")
        return found

    def requirement(self) -> _Requirement:
        absent = self.next == "!"
        if absent:
            self.take()
        key = self.take()
        if not _is_word(key):
            raise ValueError(f"found '{key}', expected: identifier")
        _check_key(key)
        if absent:
            return lambda labels: key not in labels
        if self.next in ("", ","):
            return lambda labels: key in labels
        operator = self.take()
        if operator not in _OPERATORS:
            raise ValueError(f"found '{operator}', expected: {_EXPECTED}")
        values = self.values() if operator in ("in", "notin") else {self.value()}
        for i, value in enumerate(sorted(values)):
            _check_value(key, i, value, operator)
        return _requirement(key, operator, frozenset(values))

    def value(self) -> str:
        if self.next in ("", ","):
            return ""
        value = self.take()
        if not _is_word(value):
            raise ValueError(f"found '{value}', expected: identifier")
        return value

    def values(self) -> set[str]:
        opening = self.take()
        if opening != "(":
            raise ValueError(f"found '{opening}' expected: '('")
        values: set[str] = set()
        if not (_is_word(self.next) or self.next in (",", ")")):
            raise ValueError(f"found '{self.next}', expected: ',', ')' or identifier")
        while True:
            # Between two commas, and next to a bracket, is the empty value.
            values.add(self.take() if _is_word(self.next) else "")
            separator = self.take()
            if separator == ")":
                return values
            if separator != ",":
                raise ValueError(f"found '{separator}', expected: ',' or ')'")
            if not (_is_word(self.next) or self.next in (",", ")")):
                raise ValueError(f"found '{self.next}', expected: ',', or identifier")


def _is_word(token: str) -> bool:
    return bool(token) and token[0] not in "=!(),<>"


def _requirement(key: str, operator: str, values: frozenset[str]) -> _Requirement:
    if operator in ("=", "==", "in"):
        return lambda labels: labels.get(key) in values
    if operator in ("!=", "notin"):
        return lambda labels: labels.get(key) not in values
    (bound,) = (int(value) for value in values)
    sign = 1 if operator == ">" else -1

    def compared(labels: Labels) -> bool:
        value = labels.get(key, "")
        return bool(re.fullmatch(r"[+-]?[0-9]{1,19}", value)) and sign * int(value) > sign * bound

    return compared


def _check_key(key: str) -> None:
    prefix, slash, name = key.rpartition("/")
    errors = []
    if key.count("/") > 1:
        errors = [_SHAPE_RULE]
    else:
        if slash and not prefix:
            errors.append("prefix part must be non-empty")
        elif slash and not _PREFIX.fullmatch(prefix):
            errors.append(_PREFIX_RULE)
        if not name:
            errors.append("name part must be non-empty")
        elif len(name) > 63:
            errors.append("name part must be no more than 63 characters")
        if not _NAME.fullmatch(name):
            errors.append(f"name part {_NAME_RULE}")
    if errors:
        raise ValueError(f"<nil>: Invalid value: {quoted(key)}: {'; '.join(errors)}")


def _check_value(key: str, at: int, value: str, operator: str) -> None:
    errors = []
    if operator in ("<", ">") and not re.fullmatch(r"[+-]?[0-9]{1,19}", value):
        rule = "for 'Gt', 'Lt' operators, the value must be an integer"
        raise ValueError(f"values[{at}]: Invalid value: {quoted(value)}: {rule}")
    if len(value) > 63:
        errors.append("must be no more than 63 characters")
    if value and not _NAME.fullmatch(value):
        errors.append(_VALUE_RULE)
    if errors:
        raise ValueError(f"values[{at}][{key}]: Invalid value: {quoted(value)}: {'; '.join(errors)}")
