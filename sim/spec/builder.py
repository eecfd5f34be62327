"""YAML parser events to plain data and its lines, within limits.

Data is built from events and never from composed nodes, so that a limit stops the reading itself and not
what comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from sim.errors import Diagnostic, shown
from sim.spec.places import Lines, dotted
from sim.spec.scalars import resolve

NODE_LIMIT = 200_000
"""Values in one text, aliases expanded."""
ALIAS_TEXT_LIMIT = 20_000_000
"""Characters that aliases may repeat: a long text behind many aliases is a bomb of few values."""
DEPTH_LIMIT = 100
_PROBLEM_LIMIT = 100
_TAG = "tag:yaml.org,2002:"
_NO_KEY = object()
_BAD_KEY = object()


class StopReadingError(Exception):
    """What follows in this text cannot be read, or must not be."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(slots=True)
class _Frame:
    """A mapping or list being built."""

    value: dict[str, Any] | list[Any]
    lines: Lines
    anchor: str | None
    key: Any = _NO_KEY
    key_line: int = 0
    merged: list[tuple[dict[str, Any], Lines]] = field(default_factory=list)


class Builder:
    """Takes parser events and builds documents, within the limits.

    `last_counts`: a key that is given twice is no error, as where kubectl makes JSON of YAML.
    """

    def __init__(self, file: str, *, last_counts: bool = False) -> None:
        self.file = file
        self._last_counts = last_counts
        self.documents: list[tuple[Any, Lines]] = []
        self.problems: list[Diagnostic] = []
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, Lines] | None] = {}
        self._nodes = 0
        self._alias_text = 0

    def problem(self, code: str, message: str, line: int | None, **more: str | None) -> None:
        """Note a problem that does not stop the reading; the hundredth does."""
        found = Diagnostic(code=code, message=message, file=self.file, line=line, path=self._path(), **more)
        if len(self.problems) + 1 >= _PROBLEM_LIMIT:
            raise StopReadingError(found)
        self.problems.append(found)

    def _stop(self, code: str, message: str, line: int, **more: str | None) -> NoReturn:
        raise StopReadingError(Diagnostic(code=code, message=message, file=self.file, line=line, **more))

    def _path(self) -> str | None:
        keys = [f.key if isinstance(f.value, dict) else len(f.value) for f in self._stack]
        return dotted(tuple(k for k in keys if isinstance(k, str | int))) or None

    def take(self, event: Any) -> None:
        """The next event of the parser, in order."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._count(1, line)
            value = self._scalar(event, line)
            merge = value == "<<" and event.implicit[0]
            self._add(value, Lines(line), event.anchor, is_merge=merge)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event, line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            frame = self._stack.pop()
            if isinstance(frame.value, dict):
                self._merge(frame, frame.value)
            self._add(frame.value, frame.lines, frame.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._add(*self._expanded(str(event.anchor), line), None)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors.clear()

    def _open(self, event: Any, line: int) -> None:
        self._count(1, line)
        if len(self._stack) >= DEPTH_LIMIT:
            self._stop("E010", f"nested deeper than {DEPTH_LIMIT} levels", line)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", _TAG + ("map" if is_mapping else "seq")):
            self._bad_tag(event.tag, line)
        if event.anchor:
            self._anchors[event.anchor] = None  # open: an alias to it from inside would never end
        self._stack.append(_Frame({} if is_mapping else [], Lines(line), event.anchor))

    def _count(self, nodes: int, line: int) -> None:
        self._nodes += nodes
        if self._nodes > NODE_LIMIT:
            self._stop("E008", f"more than {NODE_LIMIT} values, counting each use of an alias", line)

    def _add(self, value: Any, lines: Lines, anchor: str | None, *, is_merge: bool = False) -> None:
        """Put a finished value where it belongs: the document, a list, a key, or the value of a key."""
        if anchor:
            self._anchors[anchor] = (value, lines)
        if not self._stack:
            if value is not None:
                self.documents.append((value, lines))
            return
        frame = self._stack[-1]
        if isinstance(frame.value, list):
            frame.lines.children[len(frame.value)] = lines
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            self._take_key(frame, value, lines.line, is_merge)
        else:
            self._take_value(frame, frame.value, value, lines)

    def _take_key(self, frame: _Frame, value: Any, line: int, is_merge: bool) -> None:
        frame.key_line = line
        if isinstance(value, dict | list) or value is None:
            self.problem("E014", "a key must be plain text", line, found=shown(value))
            frame.key = _BAD_KEY
        elif is_merge:
            frame.key = "<<"
            return
        else:
            frame.key = value if isinstance(value, str) else shown(value)
        first = frame.lines.children.get(frame.key) if isinstance(frame.key, str) else None
        if first is not None:
            self._repeated(frame.key, first.line, line)

    def _repeated(self, key: str, first: int, line: int) -> None:
        message = f"the key is given twice, first in line {first}"
        if not self._last_counts:
            self.problem("E007", message, line, found=key)
        elif len(self.problems) + 1 < _PROBLEM_LIMIT:  # no warning may end the reading
            self.problem("W220", f"{message}; the last one counts", line, found=key)

    def _take_value(self, frame: _Frame, mapping: dict[str, Any], value: Any, lines: Lines) -> None:
        key, frame.key = frame.key, _NO_KEY
        if key is _BAD_KEY:
            return
        if key == "<<":
            for at, part in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(part, dict):
                    place = lines.children[at] if isinstance(value, list) else lines
                    frame.merged.append((part, place))
                else:
                    found = shown(part)
                    self.problem("E015", "only a mapping can be merged with <<", lines.line, found=found)
            return
        # A value is looked for at its key; a list of text over several lines begins below it.
        lines.line = frame.key_line
        frame.lines.children[key] = lines
        mapping[key] = value

    @staticmethod
    def _merge(frame: _Frame, mapping: dict[str, Any]) -> None:
        """What a mapping says itself wins over `<<`, and an earlier source over a later one."""
        for part, lines in frame.merged:
            for key, value in part.items():
                if key not in mapping:
                    mapping[key] = value
                    frame.lines.children[key] = lines.children.get(key, lines)

    def _expanded(self, anchor: str, line: int) -> tuple[Any, Lines]:
        """A copy of what an alias stands for: shared values would change together when one is patched."""
        if anchor not in self._anchors:
            self._stop("E009", "the alias has no anchor before it", line, found=f"*{anchor}")
        target = self._anchors[anchor]
        if target is None:
            self._stop("E009", "the alias stands inside its own anchor", line, found=f"*{anchor}")
        return self._copy(*target, len(self._stack), line)

    def _copy(self, value: Any, lines: Lines, depth: int, line: int) -> tuple[Any, Lines]:
        self._count(1, line)
        if isinstance(value, str):
            self._alias_text += len(value)
            if self._alias_text > ALIAS_TEXT_LIMIT:
                self._stop("E008", f"aliases repeat more than {ALIAS_TEXT_LIMIT} characters", line)
        if not isinstance(value, dict | list):
            return value, Lines(lines.line)
        if depth >= DEPTH_LIMIT:
            self._stop("E010", f"nested deeper than {DEPTH_LIMIT} levels, by an alias", line)
        items: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
        place = Lines(lines.line)
        copied: dict[Any, Any] = {}
        for key, item in items:
            if isinstance(key, str):
                self._alias_text += len(key)
            copied[key], place.children[key] = self._copy(item, lines.children[key], depth + 1, line)
        return (copied if isinstance(value, dict) else list(copied.values())), place

    def _bad_tag(self, tag: str, line: int) -> None:
        self.problem("E012", "tags are not understood", line, found=shown(tag.replace(_TAG, "!!")))

    def _scalar(self, event: Any, line: int) -> Any:
        text: str = event.value
        if event.tag is None or event.tag == "!":
            plain = event.implicit[0] and event.tag is None
            kind, value = resolve(text) if plain else ("str", text)
        elif event.tag == _TAG + "str":
            kind, value = "str", text
        else:
            kind, value = resolve(text)
            wanted = event.tag.removeprefix(_TAG)
            if wanted == "float" and kind == "int":
                kind, value = "float", float(value)
            if wanted not in ("int", "float", "bool", "null") or wanted != kind:
                self._bad_tag(event.tag, line)
                return text
        if kind == "infinite":
            self.problem("E011", "a number must be finite", line, found=shown(text))
            return 0.0
        return value
