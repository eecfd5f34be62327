"""YAML and JSON text to documents: plain data that remembers the line of every value.

Whatever the text, reading it ends in bounded time and memory, with documents or with diagnostics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from sim.errors import Diagnostic, InputError, shown
from sim.spec.builder import Builder, StopReadingError
from sim.spec.places import Lines, Path, dotted
from sim.spec.scalars import resolve
from sim.spec.unrendered import template_pipe

__all__ = ["Document", "Lines", "Path", "dotted", "dump", "parse_documents", "read_documents"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Where it stands elsewhere, as between two words, it is an invisible space.
_MARK_INSIDE = re.compile("^\ufeff|\ufeff(?=---|apiVersion:|kind:)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: plain data (dict, list, str, int, float, bool, None), its file and its lines."""

    data: Any
    file: str | None = None
    lines: Lines | None = None

    def line_of(self, path: Path = ()) -> int | None:
        """The 1-based line of `path`, of its nearest parent where it does not exist; None without lines."""
        at = self.lines
        if at is None:
            return None
        for key in path:
            below = at.children.get(key)
            if below is None:
                break
            at = below
        return at.line

    def under(self, path: Path) -> Document:
        """The value at `path` as a document of its own; KeyError or IndexError where there is none."""
        data, lines = self.data, self.lines
        for key in path:
            data = data[key]
            lines = lines.children.get(key) if lines is not None else None
        return Document(data, self.file, lines)


def parse_documents(text: str | bytes, file: str) -> list[Document]:
    """Every document of `text` that is not empty; raises InputError (E0xx) with all that is wrong."""
    documents, problems = read_documents(text, file)
    if problems:
        raise InputError(problems)
    return documents


def read_documents(
    text: str | bytes, file: str, *, last_counts: bool = False
) -> tuple[list[Document], list[Diagnostic]]:
    """What could be read, and what is wrong with the rest; no document at all is an error (E013).

    `last_counts`: of a key that is given twice the last one counts, with a warning (W220).
    """
    if isinstance(text, bytes):
        decoded = _decode(text, file)
        if isinstance(decoded, Diagnostic):
            return [], [decoded]
        text = decoded
    text = text.removeprefix("\ufeff")
    bad = _FORBIDDEN.search(text)
    if bad is not None:
        line = text.count("\n", 0, bad.start()) + 1
        message = f"the character U+{ord(bad.group()):04X} is not allowed in YAML"
        return [], [Diagnostic(code="E004", message=message, file=file, line=line)]
    mark = _MARK_INSIDE.search(text)
    if mark is not None:
        line = text.count("\n", 0, mark.start()) + 1
        message = "there is a byte order mark in the middle, as where files were put together"
        expected = "UTF-8 without byte order marks"
        return [], [Diagnostic(code="E004", message=message, file=file, line=line, expected=expected)]
    builder = Builder(file, last_counts=last_counts)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except StopReadingError as stop:
        builder.problems.append(stop.problem)
    except yaml.YAMLError as error:
        builder.problems.append(_syntax_problem(error, text, file))
    if not builder.documents and not builder.problems:
        builder.problem("E013", "there is no document in it, only space or comments", None)
    problems = [_template_problem(problem, text) for problem in builder.problems]
    return [Document(data, file, lines) for data, lines in builder.documents], problems


def _decode(raw: bytes, file: str) -> str | Diagnostic:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        name = "UTF-32" if raw.startswith(b"\xff\xfe\0\0") else "UTF-16"
        message = f"the text is {name} (it begins with its byte order mark)"
        return Diagnostic(code="E004", message=message, file=file, expected="UTF-8")
    if b"\0" in raw:
        message = f"this is not text: there is a zero byte at offset {raw.index(0)}"
        return Diagnostic(code="E004", message=message, file=file, expected="YAML or JSON in UTF-8")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"the text is not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}"
        return Diagnostic(code="E004", message=message, file=file, line=line, expected="UTF-8")


def _syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Diagnostic:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    context = getattr(error, "context", None)
    message = " ".join((f"{context}, {problem}" if context else problem).split())
    line = mark.line + 1 if mark is not None else None
    if line is not None:
        # The parser reports the end of the text one line below the last one.
        line = min(line, text.count("\n") + 1)
    return Diagnostic(code="E005", message=f"not valid YAML: {message}", file=file, line=line)


def _template_problem(problem: Diagnostic, text: str) -> Diagnostic:
    """A syntax problem beside "{{" is a template that nobody has rendered: say that instead."""
    if problem.code not in ("E005", "E014") or problem.line is None:
        return problem
    lines = text.splitlines()
    for number in range(max(problem.line - 2, 1), min(problem.line + 2, len(lines) + 1)):
        if "{{" in lines[number - 1]:
            found = shown(lines[number - 1].strip())
            return Diagnostic(
                code="E006",
                message="a template that is not rendered",
                file=problem.file,
                line=number,
                found=found,
                expected=template_pipe(problem.file),
            )
    return problem


class _Dumper(yaml.SafeDumper):
    """Writes every value where it stands, without anchors, and quotes text that would be read as another
    kind.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # PyYAML leaves "1e3" and "y" bare, which are a number and a truth value to kubectl.
    style = "'" if resolve(text)[0] != "str" else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def dump(data: Any) -> str:
    """The YAML text of plain data, keys in their order; `parse_documents` and kubectl read the same back."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
