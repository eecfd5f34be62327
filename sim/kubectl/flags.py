"""How flags are read off a command line: spf13/pflag 1.0.5 (flag.go), with kubectl's kinds of value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.kubectl.values import csv_fields, parse_bool, parse_go_duration, parse_int, quoted

TEXT, BOOL, INT, DURATION, LIST, ARRAY = "text", "bool", "int", "duration", "list", "array"

_READERS: Mapping[str, Callable[[str], Any]] = {
    TEXT: str,
    BOOL: parse_bool,
    INT: parse_int,
    DURATION: parse_go_duration,
    LIST: csv_fields,
    ARRAY: lambda text: (text,),
}


class FlagError(ValueError):
    """A flag that cannot be read, in pflag's words."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag that a command knows; `bare` is its value when none is written (pflag's NoOptDefVal)."""

    name: str
    short: str = ""
    kind: str = TEXT
    bare: str = ""
    deprecated: str = ""

    @property
    def title(self) -> str:
        """How pflag names the flag in a complaint about its value: "-w, --watch" or "--timeout"."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


def switch(name: str, short: str = "", deprecated: str = "") -> Flag:
    """A flag that is true when no value is written."""
    return Flag(name, short, BOOL, "true", deprecated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What was on a line: arguments, typed values by long name, the flags as given, what pflag warns of."""

    args: tuple[str, ...]
    values: Mapping[str, Any]
    given: tuple[tuple[str, str], ...]
    notices: str = ""


class FlagSet:
    """The flags of one command.

    FlagSet([Flag("replicas", kind=INT), switch("all")]).parse(["web", "--replicas", "3", "--all"]) has the
    args ("web",) and the values {"replicas": 3, "all": True}.
    """

    def __init__(self, flags: Iterable[Flag]) -> None:
        self._by_name = {flag.name: flag for flag in flags}
        self._by_short = {flag.short: flag for flag in self._by_name.values() if flag.short}

    def named(self, name: str) -> Flag | None:
        """The flag of a long name; kubectl reads "_" as "-"."""
        return self._by_name.get(name.replace("_", "-"))

    def lettered(self, short: str) -> Flag | None:
        """The flag of a one-letter name."""
        return self._by_short.get(short)

    def parse(self, words: Sequence[str]) -> Parsed:
        """Read a line, flags and arguments intermixed; "--" ends the flags. Raises FlagError."""
        rest = list(words)
        args: list[str] = []
        given: list[tuple[Flag, str]] = []
        while rest:
            word = rest.pop(0)
            if not word.startswith("-") or word == "-":
                args.append(word)
            elif word == "--":
                args += rest
                break
            elif word.startswith("--"):
                given.append(self._long(word, rest))
            else:
                given += self._short(word[1:], rest)
        values: dict[str, Any] = {}
        for flag, text in given:
            value = _typed(flag, text)
            values[flag.name] = (*values.get(flag.name, ()), *value) if flag.kind in (LIST, ARRAY) else value
        return Parsed(
            args=tuple(args),
            values=values,
            given=tuple((flag.name, text) for flag, text in given),
            notices="".join(
                f"Flag --{flag.name} has been deprecated, {flag.deprecated}\n"
                for flag, _ in given
                if flag.deprecated
            ),
        )

    def _long(self, word: str, rest: list[str]) -> tuple[Flag, str]:
        name, equals, value = word[2:].partition("=")
        if not name or name.startswith("-"):
            raise FlagError(f"bad flag syntax: {word}")
        flag = self.named(name)
        if flag is None:
            raise FlagError(f"unknown flag: --{name}")
        if equals:
            return flag, _checked(flag, value)
        if flag.bare:
            return flag, flag.bare
        if not rest:
            raise FlagError(f"flag needs an argument: {word}")
        return flag, _checked(flag, rest.pop(0))

    def _short(self, letters: str, rest: list[str]) -> Iterable[tuple[Flag, str]]:
        while letters:
            flag = self.lettered(letters[0])
            if flag is None:
                # pflag takes one byte, not one letter, of a word that is not ASCII.
                first = chr(letters.encode("utf-8", "replace")[0])
                raise FlagError(f"unknown shorthand flag: {quoted(first, mark=chr(39))} in -{letters}")
            if len(letters) > 2 and letters[1] == "=":
                yield flag, _checked(flag, letters[2:])
                return
            if flag.bare:
                yield flag, flag.bare
                letters = letters[1:]
                continue
            if len(letters) > 1:
                yield flag, _checked(flag, letters[1:])
            elif rest:
                yield flag, _checked(flag, rest.pop(0))
            else:
                raise FlagError(f"flag needs an argument: {quoted(letters[0], mark=chr(39))} in -{letters}")
            return


def _checked(flag: Flag, text: str) -> str:
    """The text again: a line's first mistake is the one that is told, so values are read as they come."""
    _typed(flag, text)
    return text


def _typed(flag: Flag, text: str) -> Any:
    try:
        return _READERS[flag.kind](text)
    except ValueError as error:
        raise FlagError(f"invalid argument {quoted(text)} for {quoted(flag.title)} flag: {error}") from None
