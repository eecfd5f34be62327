"""Resource quantities in their canonical form (apimachinery/pkg/api/resource/quantity.go)."""

from __future__ import annotations

import math
import re
from fractions import Fraction

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_DECIMAL_NAMES = {exponent: name for name, exponent in _DECIMAL.items()}
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_QUANTITY = re.compile(
    r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?[0-9]{1,3}))?"
)


def quantity(value: object) -> Fraction:
    """The exact number a quantity means: "500m" is 1/2, "1Ki" is 1024; ValueError for other text."""
    return _parsed(value)[0]


def quantity_text(value: object) -> str:
    """The form in which the API server gives a quantity back: the largest suffix that needs no fraction.

    "0.5" is "500m", "1024Mi" is "1Gi", "1.5Gi" is "1536Mi", "2000m" is "2"; other text is itself.
    """
    try:
        number, form = _parsed(value)
    except ValueError:
        return str(value)
    if form == "binary" and abs(number) >= 1024 and number.denominator == 1:
        whole, power = number.numerator, 0
        while whole % 1024 == 0 and power < len(_BINARY) - 1:
            whole, power = whole // 1024, power + 1
        return f"{whole}{_BINARY[power]}"
    if number == 0:
        return "0"
    exponent = -9
    nanos = math.ceil(abs(number) * 10**9)
    while nanos % 1000 == 0 and exponent < 18:
        nanos, exponent = nanos // 1000, exponent + 3
    sign = "-" if number < 0 else ""
    if form == "exponent":
        return f"{sign}{nanos}" + (f"e{exponent}" if exponent else "")
    return f"{sign}{nanos}{_DECIMAL_NAMES[exponent]}"


def _parsed(value: object) -> tuple[Fraction, str]:
    match = _QUANTITY.fullmatch(str(value).strip())
    if match is None:
        raise ValueError("not a quantity")
    digits, binary, decimal, exponent = match.groups()
    number = Fraction(digits.rstrip(".") or "0")
    if binary:
        return number * 1024 ** _BINARY.index(binary), "binary"
    if exponent is not None:
        return number * Fraction(10) ** int(exponent), "exponent"
    return number * Fraction(10) ** _DECIMAL[decimal or ""], "decimal"
