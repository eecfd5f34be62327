"""Values for people: exact where it matters, short everywhere else."""

from __future__ import annotations

import io
import math

import pytest

from sim.cli.format import can_show, plain
from sim.units import format_seconds, format_value


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (15.2, "s", "15.2 s"),
        (0.1 + 0.2, "s", "0.3 s"),
        (0.0, "s", "0 s"),
        (119.94, "s", "120 s"),
        (601.0, "s", "10 min 1 s"),
        (3600.0, "s", "1 h"),
        (7500.0, "s", "2 h 5 min"),
        ("inf", "s", "never"),
        (math.inf, "s", "never"),
        (None, "s", "-"),
        (math.nan, "ratio", "-"),
        (1.0, "ratio", "100 %"),
        (0.9999, "ratio", "99.9 %"),  # not 100: there was a dip
        (2 / 3, "ratio", "66.7 %"),
        (0.0, "ratio", "0 %"),
        (0.0004, "ratio", "0.04 %"),  # not 0: it happens
        (1, "pods", "1 pod"),
        (0, "pods", "0 pods"),
        (2000, "pods", "2,000 pods"),
        (18.06, "pod s", "18.1 pod s"),
        (3601.3, "pod s", "3,601 pod s"),
        (True, "yes/no", "yes"),
        (False, "yes/no", "no"),
        ("", "text", "-"),
        ("2 pods never ready", "text", "2 pods never ready"),
    ],
)
def test_format_value(value: object, unit: str, expected: str) -> None:
    assert format_value(value, unit) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(119.96, "2 min"), (7199.6, "2 h"), (59.999, "60 s"), (0.00217, "0.00217 s")]
)
def test_format_seconds(seconds: float, expected: str) -> None:
    assert format_seconds(seconds) == expected


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


def test_poor_encodings_get_plain_text() -> None:
    assert can_show("█→", stream("utf-8"))
    assert not can_show("█", stream("latin-1"))
    assert plain("a:v1 → a:v2 · 3 × 4", stream("ascii")) == "a:v1 -> a:v2 - 3 x 4"
    assert plain("a → b", stream("utf-8")) == "a → b"
    assert plain("größe 語", stream("latin-1")) == "größe \\u8a9e"
    assert plain("語", io.StringIO()) == "\\u8a9e"  # a stream without an encoding gets ASCII
