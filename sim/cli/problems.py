"""Diagnostics as lines for people: no more than anybody reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.errors import Diagnostic

MOST_LINES = 100


def problem_lines(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """Return a line a diagnostic, in their order; of more than 100, errors first chosen, and one that counts.

    An input of a few hundred kilobytes can have as many problems as it has lines.
    """
    if len(diagnostics) <= MOST_LINES:
        return [str(diagnostic) for diagnostic in diagnostics]
    order = sorted(range(len(diagnostics)), key=lambda i: not diagnostics[i].is_error)
    chosen = sorted(order[:MOST_LINES])
    left = len(diagnostics) - MOST_LINES
    count = "1 more problem" if left == 1 else f"{left:,} more problems"
    return [*(str(diagnostics[i]) for i in chosen), f"… and {count}"]
