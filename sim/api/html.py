"""What Jupyter shows of a result: a heading, some sentences, tables; everything escaped.

Colours and fonts are the reader's own, light or dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from sim.errors import one_line

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 40
_LONGEST = 600
# Of a column of numbers every cell begins with one of these.
_NUMERIC = frozenset("0123456789+-")
_SILENT = ("", "never")


def fragment(heading: str, sentences: Iterable[str], tables: Iterable[str] = (), code: str = "") -> str:
    """Return a heading, a paragraph a sentence (empty ones left out), a block of ``code``, and tables, which
    are HTML already.
    """
    parts = [f"<h4>{_text(heading)}</h4>"]
    parts += [f"<p>{_text(sentence)}</p>" for sentence in sentences if sentence]
    parts += [f'<pre style="white-space: pre-wrap">{escape(code)}</pre>'] if code else []
    return "\n".join([*parts, *tables])


def table_html(heads: Sequence[str], rows: Sequence[Sequence[str]], all_of_them: str) -> str:
    """Return a table of texts, numbers to the right: its first MOST_ROWS rows, and ``all_of_them`` says where
    the others are.
    """
    shown, left = rows[:MOST_ROWS], len(rows) - MOST_ROWS
    sides = [_side([row[place] for row in shown]) for place in range(len(heads))]
    head, body = _row("th", heads, sides), "\n".join(_row("td", row, sides) for row in shown)
    # "p95(duration_s)" may take two lines: more columns find room.
    head = head.replace("(", "<wbr>(")
    table = f"<table>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    more = f"\n<p>… and {left:,} more: {escape(all_of_them)}</p>" if left > 0 else ""
    return f'<div style="overflow-x: auto">{table}</div>{more}'


def frame_html(table: pd.DataFrame, all_of_them: str = "the attribute .table has all") -> str:
    """Return a table of results as people read it (see `table_html`)."""
    from sim.report.words import worded

    # What is not shown need not be put into words.
    words = worded(table.head(MOST_ROWS)).to_numpy().tolist()
    words += [[]] * (len(table) - len(words))
    return table_html([str(head) for head in table.columns], words, all_of_them)


def _side(texts: Sequence[str]) -> str:
    told = [text for text in texts if text not in _SILENT]
    return "right" if told and all(text[0] in _NUMERIC for text in told) else "left"


def _row(tag: str, texts: Sequence[str], sides: Sequence[str]) -> str:
    cells = [
        f'<{tag} style="text-align: {side}">{_text(text)}</{tag}>'
        for text, side in zip(texts, sides, strict=True)
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _text(text: str) -> str:
    return escape(one_line(" ".join(text.split()), _LONGEST))
