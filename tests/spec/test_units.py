"""Notations to numbers and back; diagnostics are one line whatever is in them."""

from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import Diagnostic, InputError, shown
from sim.units import IntOrPercent, format_duration, nearest, parse_duration, parse_quantity


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30s", 30.0),
        ("1m30s", 90.0),
        ("250ms", 0.25),
        ("1h", 3600.0),
        ("1.5h", 5400.0),
        ("1d", 86400.0),
        ("5us", 5e-6),
        ("3ms", 0.003),
        ("12", 12.0),
        (" 12s ", 12.0),
        (".5s", 0.5),
        (12, 12.0),
        (0.5, 0.5),
        (0, 0.0),
    ],
)
def test_durations_are_read(value: str | float, seconds: float) -> None:
    assert parse_duration(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "s",
        "-1s",
        "1 m",
        "1x",
        "1m 30s",
        "nan",
        "inf",
        "1e3",
        "9" * 65,
        -1,
        math.inf,
        math.nan,
        10**400,
        True,
        None,
        [1],
        {},
    ],
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (90, "1m30s"),
        (0.25, "250ms"),
        (1.5, "1.5s"),
        (3600, "1h"),
        (5400.25, "1h30m0.25s"),
        (59.9996, "1m"),
        (0.0005, "500us"),
        (0.0009999, "1ms"),
        (-90, "-1m30s"),
        (math.inf, "inf"),
    ],
)
def test_durations_are_written(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_what_nobody_waits_for_is_written_in_seconds() -> None:
    assert format_duration(1e308) == "1e+308s"


@pytest.mark.property
@given(st.floats(min_value=0, max_value=1e7))
def test_a_written_duration_reads_as_the_same_to_the_millisecond(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, abs=0.00051, rel=0)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("250m", 0.25),
        ("1Gi", 2**30),
        ("64Mi", 64 * 2**20),
        ("1G", 1e9),
        ("1k", 1e3),
        ("1e3", 1e3),
        ("1E", 1e18),
        ("1Ei", 2**60),
        ("1E2", 100),
        ("100n", 1e-7),
        ("0.5", 0.5),
        ("-1", -1),
        (2, 2),
        (1.5, 1.5),
    ],
)
def test_quantities_are_read(value: str | float, number: float) -> None:
    assert parse_quantity(value) == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize(
    "value", ["", "1 Gi", "1gi", "Gi", "1K", "1e999", "nan", "9" * 65, math.inf, True, None]
)
def test_what_is_no_quantity_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="quantity"):
        parse_quantity(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"), [("25%", (25, True)), ("0%", (0, True)), (3, (3, False)), (0, (0, False))]
)
def test_counts_and_shares_are_read(text: object, value: tuple[int, bool]) -> None:
    parsed = IntOrPercent.parse(text)
    assert (parsed.value, parsed.is_percent) == value
    assert str(parsed) == str(text)


@pytest.mark.parametrize(
    "value", ["25", "-1%", "2.5%", " 25%", "25 %", "%", "", "٢٥%", -1, 2**31, 2.5, True, None, []]
)
def test_what_is_neither_count_nor_share_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"neither|negative|range"):
        IntOrPercent.parse(value)


@pytest.mark.parametrize(
    ("share", "total", "up", "down"),
    # 25 % of 10 is 2.5, of 4 exactly 1, of 1 is 0.25; 110 % of 10 is 11, though 1.1 * 10 is more in binary.
    [
        ("25%", 10, 3, 2),
        ("25%", 4, 1, 1),
        ("25%", 1, 1, 0),
        ("110%", 10, 11, 11),
        ("0%", 9, 0, 0),
        (7, 3, 7, 7),
    ],
)
def test_a_share_rounds_up_for_surge_and_down_for_unavailable(
    share: object, total: int, up: int, down: int
) -> None:
    parsed = IntOrPercent.parse(share)
    assert (parsed.of(total, round_up=True), parsed.of(total, round_up=False)) == (up, down)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("minReadySecond", "minReadySeconds"),
        ("MINREADYSECONDS", "minReadySeconds"),
        ("replica", "replicas"),
        ("xyz", None),
        ("", None),
        ("m" * 10_000, None),
    ],
)
def test_the_nearest_name(name: str, near: str | None) -> None:
    assert nearest(name, ["replicas", "minReadySeconds"]) == near


def test_a_diagnostic_reads_as_a_sentence() -> None:
    problem = Diagnostic(
        code="E104",
        message="not a number",
        file="deploy.yaml",
        line=12,
        path="spec.replicas",
        found=shown("three"),
        expected="a whole number, 0 or more",
        nearest="3",
    )
    assert problem.is_error
    assert str(problem) == (
        "deploy.yaml:12: E104 spec.replicas: not a number; found 'three'; expected a whole number, 0 or more;"
        " did you mean 3?"
    )
    assert str(Diagnostic(code="W1", message="m")) == "W1 m"
    assert str(Diagnostic(code="W1", message="m", line=3)) == "line 3: W1 m"
    assert not Diagnostic(code="W1", message="m").is_error


@pytest.mark.property
@given(st.text(), st.text(), st.text())
def test_a_diagnostic_is_one_printable_line(text: str, name: str, path: str) -> None:
    line = str(
        Diagnostic(
            code="E1", message=text, file=name, path=path, found=shown(text), expected=text, nearest=name
        )
    )
    assert line.isprintable()
    assert line.encode("utf-8")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("a\nb", r"'a\nb'"),
        ({}, "an empty mapping"),
        ([1, 2], "a list of 2"),
        (1.5, "1.5"),
    ],
)
def test_values_are_shown_as_the_user_knows_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_number_too_long_to_print_is_shown_by_its_size() -> None:
    assert shown(10**5000) == "a number of 16610 bits"


def test_what_was_found_is_cut_to_sixty_characters() -> None:
    assert len(shown("x" * 10_000_000)) == 60
    assert len(Diagnostic(code="E1", message="m", found="x" * 100).found or "") == 60


def test_an_input_error_has_one_line_a_problem_and_survives_pickling() -> None:
    problems = [Diagnostic(code="E1", message="a"), Diagnostic(code="W2", message="b")]
    error = InputError(problems)
    assert str(error) == "E1 a\nW2 b"
    copy = pickle.loads(pickle.dumps(error))
    assert copy.diagnostics == error.diagnostics == InputError(*problems).diagnostics == tuple(problems)
