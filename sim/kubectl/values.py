"""Go's notations for the values of flags: strconv, time.ParseDuration, encoding/csv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

_INT = re.compile(r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)")
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
VALIDATIONS: Mapping[str, Literal["strict", "warn", "ignore"]] = {
    "strict": "strict",
    "warn": "warn",
    "ignore": "ignore",
    **dict.fromkeys(sorted(_TRUE), "strict"),
    **dict.fromkeys(sorted(_FALSE), "ignore"),
}
"""What --validate says of fields that the API server does not know."""
_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
}
_UNITS_NS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_AMOUNT = re.compile(r"(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?P<unit>[^0-9.]*)")
_INT64_MAX = 2**63 - 1


def quoted(text: str, mark: str = '"') -> str:
    """A text in quotes as Go's %q writes it: `a"b` is `"a\\"b"`."""
    return mark + "".join(f"\\{mark}" if char == mark else _escaped(char) for char in text) + mark


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def parse_int(text: str) -> int:
    """A whole number of 64 bits in any base Go reads: "10", "0x1f" (31), "1_000" (1000), "010" (8)."""
    if not _INT.fullmatch(text):
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax")
    octal = re.fullmatch(r"([+-]?)0(_?[0-7].*)", text)
    # Longer than any number of 64 bits, and Python refuses to read thousands of digits.
    number = 2**64 if len(text) > 200 else int(f"{octal[1]}0o{octal[2]}" if octal else text, 0)
    if not -_INT64_MAX - 1 <= number <= _INT64_MAX:
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: value out of range")
    return number


def parse_bool(text: str) -> bool:
    """Go's truth values: 1, t, T, true, TRUE, True and their opposites."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueError(f"strconv.ParseBool: parsing {quoted(text)}: invalid syntax")


def parse_go_duration(text: str) -> float:
    """Seconds of a Go duration: "1m30s" is 90.0, "-1.5h" is -5400.0; a number needs its unit, but for 0."""
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0.0
    nanoseconds = 0
    at = 0
    while at < len(rest) or not rest:
        amount = _AMOUNT.match(rest, at)
        if amount is None or not (amount["whole"] or amount["part"]) or len(rest) > 200:
            raise ValueError(f"time: invalid duration {quoted(text)}")
        if not amount["unit"]:
            raise ValueError(f"time: missing unit in duration {quoted(text)}")
        unit = _UNITS_NS.get(amount["unit"])
        if unit is None:
            raise ValueError(f"time: unknown unit {quoted(amount['unit'])} in duration {quoted(text)}")
        part = amount["part"] or ""
        nanoseconds += int(amount["whole"] or "0") * unit + int(part or "0") * unit // 10 ** len(part)
        at = amount.end()
    if nanoseconds > _INT64_MAX:
        raise ValueError(f"time: invalid duration {quoted(text)}")
    return (-nanoseconds if text.startswith("-") else nanoseconds) / 10**9


def csv_fields(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated value, quotes around a part allowed: `a,"b,c"` is ("a", "b,c")."""
    if not text:
        return ()
    fields: list[str] = []
    at = 0
    while True:
        field, at = _quoted_field(text, at) if text.startswith('"', at) else _bare_field(text, at)
        fields.append(field)
        if at >= len(text):
            return tuple(fields)
        at += 1


def _bare_field(text: str, at: int) -> tuple[str, int]:
    end = text.find(",", at)
    end = len(text) if end < 0 else end
    mark = text.find('"', at, end)
    if mark >= 0:
        raise ValueError(f'parse error on line 1, column {mark + 1}: bare " in non-quoted-field')
    return text[at:end], end


def _quoted_field(text: str, at: int) -> tuple[str, int]:
    field = ""
    start = at + 1
    while True:
        end = text.find('"', start)
        if end < 0 or text[end + 1 : end + 2] not in ("", ",", '"'):
            column = (len(text) if end < 0 else end) + 1
            raise ValueError(
                f'parse error on line 1, column {column}: extraneous or missing " in quoted-field'
            )
        field += text[start:end]
        if not text.startswith('""', end):
            return field, end + 1
        field += '"'
        start = end + 2
