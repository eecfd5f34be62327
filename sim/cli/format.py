"""Text for a stream: what to print where the encoding is poor, and nothing that steers a terminal."""

from __future__ import annotations

import re
import sys
from typing import IO

import click

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


def shown_lines(text: str, stream: IO[str]) -> str:
    """Return `text` line by line as `plain` has each."""
    return "\n".join(plain(line, stream) for line in text.split("\n"))


def echo(text: str = "", *, err: bool = False) -> None:
    """Print lines to standard output, or standard error, as it can show them."""
    click.echo(shown_lines(text, sys.stderr if err else sys.stdout), err=err)


def safe_json(text: str) -> str:
    """Return JSON text in which no character steers a terminal: what is invisible is written as an escape."""
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
