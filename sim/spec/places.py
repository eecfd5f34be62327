"""Places in a document: the path of a value, and the line it stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")


@dataclass(slots=True)
class Lines:
    """Where a value begins (1-based line), and the same for what is in it."""

    line: int
    children: dict[str | int, Lines] = field(default_factory=dict)


def dotted(path: Path) -> str:
    """`("spec", "containers", 0, "image")` as "spec.containers[0].image"; unusual keys as ["a.b/c"]."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        elif _PLAIN_KEY.fullmatch(key):
            text += f".{key}" if text else key
        else:
            text += f'["{key}"]'
    return text
