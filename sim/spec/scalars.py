"""Plain YAML scalars to values, as `sigs.k8s.io/yaml` reads them for kubectl.

YAML 1.1 booleans ("on", "yes", "y") and octal numbers, "1e3" is a number; dates and "8080:80" stay text.
"""

from __future__ import annotations

import math
import re
from typing import Any

_TRUE = frozenset(["true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON"])
_FALSE = frozenset(["false", "False", "FALSE", "no", "No", "NO", "n", "N", "off", "Off", "OFF"])
_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_INT = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 400


def resolve(text: str) -> tuple[str, Any]:
    """The kind of a plain scalar ("null", "bool", "int", "float", "infinite", "str") and its value."""
    if text in _NULL:
        return "null", None
    if text in _TRUE or text in _FALSE:
        return "bool", text in _TRUE
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST_NUMBER:
        return "str", text
    if _NOT_FINITE.fullmatch(text):
        return "infinite", None
    if _INT.fullmatch(text):
        bare = text.replace("_", "")
        sign, digits = (bare[0], bare[1:]) if bare[0] in "+-" else ("", bare)
        if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
            digits = "0o" + digits[1:]
        number = int(sign + digits, 0) if digits not in ("0b", "0o", "0x") else None
        if number is not None and abs(number) < 2**63:
            return "int", number
    if _FLOAT.fullmatch(text):
        decimal = float(text.replace("_", ""))
        if math.isfinite(decimal):  # a commit like 7e1234567 is text
            return "float", decimal
    return "str", text
