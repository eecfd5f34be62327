"""Values for people: times, shares, counts, and what to print where the encoding is poor."""

from __future__ import annotations

import math
import re
from typing import IO, Any

# Control characters beyond those that JSON escapes itself, and what changes the direction of a text.
_INVISIBLE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def can_show(characters: str, stream: IO[str]) -> bool:
    """Whether the encoding of `stream` has all these characters."""
    try:
        characters.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def plain(text: str, stream: IO[str]) -> str:
    """Return `text` as `stream` can show it: control characters escaped, the others in their nearest form.

    Control characters in a name from a file would otherwise steer the terminal.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    if can_show(text, stream):
        return text
    for fancy, simple in (
        ("→", "->"),
        ("≥", ">="),
        ("≤", "<="),
        ("·", "-"),
        ("×", "x"),
        ("–", "-"),
        ("…", "..."),
    ):
        text = text.replace(fancy, simple)
    encoding = getattr(stream, "encoding", None) or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def safe_json(text: str) -> str:
    """Return JSON text in which no character steers a terminal: what is invisible is written as an escape."""
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


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
        return f"{percent:g} %"
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
