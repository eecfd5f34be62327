"""Flags as pflag reads them; the complaints are those of kubectl v1.32.4."""

from __future__ import annotations

import pytest

from sim.kubectl.flags import ARRAY, DURATION, INT, LIST, Flag, FlagError, FlagSet, switch
from sim.kubectl.values import csv_fields, parse_bool, parse_go_duration, parse_int, quoted

FLAGS = FlagSet(
    [
        Flag("namespace", "n"),
        Flag("to-revision", kind=INT),
        Flag("timeout", kind=DURATION),
        Flag("filename", "f", LIST),
        Flag("env", "e", ARRAY),
        Flag("dry-run", bare="unchanged"),
        switch("watch", "w"),
        switch("all", "A"),
        switch("record", deprecated="--record will be removed in the future"),
    ]
)


@pytest.mark.parametrize(
    ("words", "args", "values"),
    [
        ("--namespace=x a", ("a",), {"namespace": "x"}),
        ("--namespace x a", ("a",), {"namespace": "x"}),
        ("-n x", (), {"namespace": "x"}),
        ("-nx", (), {"namespace": "x"}),
        ("-n=x", (), {"namespace": "x"}),
        ("-n=", (), {"namespace": "="}),
        ("--namespace=", (), {"namespace": ""}),
        ("-wn x", (), {"watch": True, "namespace": "x"}),
        ("-wA a", ("a",), {"watch": True, "all": True}),
        ("-w=false", (), {"watch": False}),
        ("--watch false", ("false",), {"watch": True}),
        ("--dry-run client", ("client",), {"dry-run": "unchanged"}),
        ("--to_revision=3", (), {"to-revision": 3}),
        ("--to-revision 1 --to-revision 2", (), {"to-revision": 2}),
        ("--timeout 1m30s", (), {"timeout": 90.0}),
        ("-f a,b -f c", (), {"filename": ("a", "b", "c")}),
        ("-e A=1,2 -e B=3", (), {"env": ("A=1,2", "B=3")}),
        ("a -- -n x --foo", ("a", "-n", "x", "--foo"), {}),
        ("a - b", ("a", "-", "b"), {}),
    ],
)
def test_values(words: str, args: tuple[str, ...], values: dict[str, object]) -> None:
    parsed = FLAGS.parse(words.split())
    assert parsed.args == args
    assert parsed.values == values


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--foo", "unknown flag: --foo"),
        ("--foo=1", "unknown flag: --foo"),
        ("-z", "unknown shorthand flag: 'z' in -z"),
        ("-wzx=3", "unknown shorthand flag: 'z' in -zx=3"),
        ("-ü", "unknown shorthand flag: 'Ã' in -ü"),
        ("--to-revision", "flag needs an argument: --to-revision"),
        ("-wn", "flag needs an argument: 'n' in -n"),
        ("--=x", "bad flag syntax: --=x"),
        ("---x", "bad flag syntax: ---x"),
        (
            "--to-revision=x --foo",
            'invalid argument "x" for "--to-revision" flag: strconv.ParseInt: parsing "x": invalid syntax',
        ),
        (
            "-w=maybe",
            'invalid argument "maybe" for "-w, --watch" flag: '
            'strconv.ParseBool: parsing "maybe": invalid syntax',
        ),
        ("--timeout=5", 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'),
        (
            '-f a"b',
            'invalid argument "a\\"b" for "-f, --filename" flag: parse error on line 1, column 2: '
            'bare " in non-quoted-field',
        ),
    ],
)
def test_complaints(words: str, complaint: str) -> None:
    with pytest.raises(FlagError) as error:
        FLAGS.parse(words.split())
    assert str(error.value) == complaint


def test_what_was_given_and_the_notices() -> None:
    parsed = FLAGS.parse(["-w", "--record", "-nx", "--record=0"])
    assert parsed.given == (("watch", "true"), ("record", "true"), ("namespace", "x"), ("record", "0"))
    assert parsed.notices == "Flag --record has been deprecated, --record will be removed in the future\n" * 2


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10", 10),
        ("-1", -1),
        ("+3", 3),
        ("0x1f", 31),
        ("0X1F", 31),
        ("010", 8),
        ("0b11", 3),
        ("0o7", 7),
        ("1_0", 10),
    ],
)
def test_numbers(text: str, number: int) -> None:
    assert parse_int(text) == number


@pytest.mark.parametrize("text", ["", " 1", "08", "_1", "1__0", "1.0", "0x", "٣"])
def test_not_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="invalid syntax"):
        parse_int(text)


def test_numbers_have_64_bits() -> None:
    assert parse_int("9223372036854775807") == 2**63 - 1
    for text in ("9223372036854775808", "9" * 5000):
        with pytest.raises(ValueError, match="value out of range"):
            parse_int(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("-0", 0.0),
        ("1h2m3.5s", 3723.5),
        ("1.s", 1.0),
        (".5m", 30.0),
        ("-5s", -5.0),
        ("250ms", 0.25),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_go_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        ("x", 'time: invalid duration "x"'),
        (".s", 'time: invalid duration ".s"'),
        ("9999999999999h", 'time: invalid duration "9999999999999h"'),
        ("5", 'time: missing unit in duration "5"'),
        ("5x", 'time: unknown unit "x" in duration "5x"'),
        ("5 s", 'time: unknown unit " s" in duration "5 s"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
    ],
)
def test_not_durations(text: str, complaint: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_go_duration(text)
    assert str(error.value) == complaint


def test_truth_lists_and_quotes() -> None:
    assert [parse_bool(text) for text in ("1", "T", "true", "0", "F", "False")] == [True] * 3 + [False] * 3
    assert csv_fields('a,"b,""c",') == ("a", 'b,"c', "")
    assert quoted('a"\\\t\x01ü\u200b') == '"a\\"\\\\\\t\\x01ü\\u200b"'
