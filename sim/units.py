"""Kubernetes' notations for time, amounts and shares ("1m30s", "250m", "1Gi", "25%") to numbers and back."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_UNITS_S = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "μs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
}
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_DURATION_PART = re.compile(rf"({_NUMBER})(ns|us|µs|μs|ms|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_NUMBER}(?:ns|us|µs|μs|ms|s|m|h|d))+")
_PLAIN_NUMBER = re.compile(_NUMBER)

_SUFFIXES = {
    "": 1.0,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    **{f"{letter}i": 1024.0 ** (i + 1) for i, letter in enumerate("KMGTPE")},
}
_QUANTITY = re.compile(rf"([+-]?{_NUMBER})(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]{{1,3}}))?")
_PERCENT = re.compile(r"[0-9]{1,9}%")
_TEXT_LIMIT = 64
_COUNTED_S = 1e12


def parse_duration(value: str | float) -> float:
    """Seconds from a number of seconds or text such as "30s", "1m30s", "250ms", "1h"; finite and >= 0.

    Text without a unit is seconds too. Raises ValueError with one clause that says what is wrong.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("not a duration")
    if isinstance(value, str):
        text = value.strip()
        if len(text) > _TEXT_LIMIT:
            raise ValueError("too long for a duration")
        if _PLAIN_NUMBER.fullmatch(text):
            return float(text)
        if not _DURATION.fullmatch(text):
            raise ValueError("not a duration; write seconds or, for example, 30s, 1m30s, 250ms")
        return float(sum(Fraction(n.rstrip(".")) * _UNITS_S[u] for n, u in _DURATION_PART.findall(text)))
    try:
        seconds = float(value)
    except OverflowError:
        raise ValueError("a duration must be finite") from None
    if not math.isfinite(seconds):
        raise ValueError("a duration must be finite")
    if seconds < 0:
        raise ValueError("a duration must not be negative")
    return seconds + 0.0  # -0.0 would be printed with its sign


def format_duration(seconds: float) -> str:
    """Text for people, to the millisecond ("1m30s", "250ms", "2h"), to the microsecond below 1 ms; of more
    than anybody waits the seconds ("1e+308s").
    """
    if not math.isfinite(seconds):
        return str(seconds)
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if seconds < 0.0009995:
        micros = round(seconds * 1e6)
        return f"{micros}us" if micros else "0s"
    if seconds >= _COUNTED_S:
        return f"{seconds:g}s"
    millis = round(seconds * 1000)
    if millis < 1000:
        return f"{millis}ms"
    minutes, rest = divmod(millis, 60_000)
    hours, minutes = divmod(minutes, 60)
    second_text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s" if rest else ""
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "") + second_text


def parse_quantity(value: str | float) -> float:
    """A Kubernetes resource quantity ("250m", "1Gi", "2", 1e3) as a plain number: cores, or bytes.

    Raises ValueError with one clause. The sign is kept: the caller knows whether it makes sense.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("not a quantity")
    if not isinstance(value, str):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    else:
        match = _QUANTITY.fullmatch(value.strip()) if len(value) <= _TEXT_LIMIT else None
        if match is None:
            raise ValueError("not a quantity; write, for example, 250m, 0.5, 64Mi, 1Gi")
        digits, suffix, exponent = match.groups()
        number = float(f"{digits}e{exponent}") if exponent else float(digits) * _SUFFIXES[suffix or ""]
    if not math.isfinite(number):
        raise ValueError("a quantity must be finite")
    return number


@dataclass(frozen=True, slots=True)
class IntOrPercent:
    """A count of pods (`IntOrPercent(3, False)`) or a share of the replicas (`IntOrPercent(25, True)`)."""

    value: int
    is_percent: bool

    @classmethod
    def parse(cls, value: object) -> IntOrPercent:
        """From a whole number >= 0 or text like "25%"; ValueError for all else, also "25" in quotes."""
        if isinstance(value, str):
            if _PERCENT.fullmatch(value):
                number = int(value[:-1])
                if number > 2**31 - 1:
                    raise ValueError("the percentage is out of range")
                return cls(number, True)
            if value.strip().isdecimal():
                raise ValueError("a number in quotes is neither a count nor a percentage")
            raise ValueError("neither a whole number nor a percentage")
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("neither a whole number nor a percentage")
        if value < 0:
            raise ValueError("must not be negative")
        if value > 2**31 - 1:
            raise ValueError("the number is out of range")
        return cls(value, False)

    def of(self, total: int, *, round_up: bool) -> int:
        """The count this means for `total` replicas: surge rounds up, unavailable rounds down.

        25 % of 10 is 3 rounded up and 2 rounded down; a plain number is itself.
        """
        if not self.is_percent:
            return self.value
        scaled = self.value * total
        return -(-scaled // 100) if round_up else scaled // 100

    def __str__(self) -> str:
        return f"{self.value}%" if self.is_percent else str(self.value)


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that `name` most probably meant, or None when nothing is near enough."""
    if not name or len(name) > _TEXT_LIMIT * 2:
        return None
    by_lower: dict[str, str] = {}
    for choice in choices:
        by_lower.setdefault(choice.lower(), choice)
    hits = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.65)
    return by_lower[hits[0]] if hits else None


def format_value(value: Any, unit: str) -> str:
    """Return a measure for people: "15.2 s", "10 min 1 s", "66.7 %", "never", "yes".

    `unit` is that of MEASURES; infinity reads "never", since only moments are infinite; no value reads "-".
    """
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return "never" if value == "inf" else value
    if math.isinf(value):
        return "never"
    if unit == "ratio":
        # Three digits must not turn 99.97 % into 100 %: that is the one figure that says "no dip at all".
        percent = min(round(value * 100, 1), 99.9) if value < 1 else value * 100
        # One in ten thousand is not nothing.
        return f"{percent:g} %" if percent or not value else f"{value * 100:.1g} %"
    if unit == "s":
        return format_seconds(value)
    number = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.3g}"
    return f"{number} {'pod' if unit == 'pods' and value == 1 else unit}".rstrip()


def format_seconds(seconds: float) -> str:
    """Return a time with about three digits: "0.13 s", "15.2 s", "10 min 1 s", "2 h 5 min"."""
    if seconds < 119.95:
        return f"{round(seconds, 6):.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
