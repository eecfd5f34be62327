"""A choice as people read it: the numbers now and then, the candidates worth a row, what was assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.choose import NO_POD, Choice, excess_text, limit_unit, phrase_of
from sim.stats import Limit
from sim.units import format_value

MOST_ROWS, MOST_NEAR = 8, 4


def numbers_table(choice: Choice) -> pd.DataFrame:
    """Return the numbers of the answer as text: a row a number, the columns now and then, what changes."""
    fails = choice.table.set_index("strategy")["fails"]
    then = choice.recommended if choice.recommended is not None else choice.nearest
    head = "then" if choice.recommended is not None else "nearest"
    rows = [[one.name, one.now_text, one.then_text, one.change] for one in choice.numbers]
    if choice.sure or choice.recommended is None:
        kept = ["" if one is None else _within(str(fails[one])) for one in (choice.now, then)]
        rows.append(["within limits", *kept, choice.sure])
    table = pd.DataFrame(rows, columns=["", "now", head, "change"], dtype="str")
    # What is in force is kept: it differs from nothing.
    dropped = head if choice.now == then else "now" if choice.now is None else None
    return table if dropped is None else table.drop(columns=dropped)


def _within(fails: str) -> str:
    return fails if fails == NO_POD else "no" if fails else "yes"


def limits_table(choice: Choice, limits: Sequence[Limit]) -> pd.DataFrame:
    """Return what the candidates that come nearest reach of each limit, and by how much they miss it: a row a
    candidate, the nearest first; the one in force is always there.
    """
    ranked = choice.table.sort_values("rank")
    shown = ranked[(ranked["rank"] < MOST_NEAR) | ranked["now"]]
    columns = {str(limit): [_reached(limit, value) for value in shown[str(limit)]] for limit in limits}
    return pd.DataFrame({"strategy": shown["name"].tolist(), "": _roles(shown), **columns}, dtype="str")


def _reached(limit: Limit, value: float) -> str:
    text = format_value(bool(value) if limit_unit(limit) == "yes/no" else value, limit_unit(limit))
    if limit.holds(np.asarray(value)):
        return text
    beyond = excess_text(limit, value)
    return text if beyond == text else f"{text} ({beyond})"


def shown_rows(table: pd.DataFrame, most: int = MOST_ROWS) -> pd.DataFrame:
    """Return the candidates of a choice that are worth a row, in their order: those with a role, the one in
    force, then the best of the others.
    """
    told = (table["role"] != "") | table["now"]
    ranked = table.assign(told=told).sort_values(["told", "rank"], ascending=[False, True])
    shown = ranked.head(max(most, int(told.sum()))).drop(columns="told").sort_values("strategy")
    return shown.assign(role=_roles(shown))


def _roles(table: pd.DataFrame) -> list[str]:
    """Return what each is: "recommended", "keep" (recommended, and in force), "now", …"""
    pairs = zip(table["role"], table["now"], strict=True)
    kept = {"recommended": "keep", "": "now"}
    return [kept.get(role, f"{role}, now") if now else role for role, now in pairs]


def assumed_text(assumed: Sequence[str], patched: bool) -> str:
    """Return what was assumed, "" for nothing; where there is a patch it is no part of it."""
    if not assumed:
        return ""
    settings = phrase_of(dict(text.split("=", 1) for text in assumed))
    return f"Judged with {settings} (--set){', which is not part of the patch' if patched else ''}."


def not_in_force(about: Mapping[str, Any]) -> str:
    """Return why what is in force is not among the strategies."""
    return f"What is in force today is refused by Kubernetes under these settings: {about['not_now']}."
