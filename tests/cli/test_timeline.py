"""The timeline of text: no dip is lost, no line is too wide, nothing else looks like zero or full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cli.timeline import Row, axis, bins, block, draw


@pytest.mark.parametrize(
    ("steps", "start", "end", "columns", "least", "expected"),
    [
        ([(0.0, 3), (1.5, 2)], 0.0, 4.0, 4, True, [3, 2, 2, 2]),
        ([(0.0, 3), (1.5, 2)], 0.0, 4.0, 4, False, [3, 3, 2, 2]),
        # A change on the border belongs to the column that begins there.
        ([(0.0, 3), (2.0, 1)], 0.0, 4.0, 2, True, [3, 1]),
        # The last column has its end, too.
        ([(0.0, 3), (4.0, 0)], 0.0, 4.0, 2, True, [3, 0]),
        ([(0.0, 3), (4.1, 0)], 0.0, 4.0, 2, True, [3, 3]),
        # Up and down within a column.
        ([(0.0, 3), (0.2, 0), (0.3, 3)], 0.0, 1.0, 1, True, [0]),
        ([(0.0, 3), (0.2, 9), (0.3, 3)], 0.0, 1.0, 1, False, [9]),
        ([(5.0, 3)], 0.0, 4.0, 2, False, [0, 0]),
        ([], 0.0, 1.0, 3, True, [0, 0, 0]),
        # What happened before the start counts only by its last value.
        ([(0.0, 0), (1.0, 7)], 2.0, 4.0, 2, True, [7, 7]),
    ],
)
def test_bins(
    steps: list[tuple[float, int]], start: float, end: float, columns: int, least: bool, expected: list[int]
) -> None:
    assert bins(steps, start, end, columns, least=least) == expected


@pytest.mark.property
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9)), min_size=1, max_size=12),
    st.integers(1, 20),
    st.booleans(),
)
def test_bins_agree_with_brute_force(raw: list[tuple[int, int]], columns: int, least: bool) -> None:
    """On a grid with every change and every border on it, each moment is looked at by itself."""
    last_of_time = dict(sorted(raw, key=lambda pair: pair[0]))
    steps = [(float(t), v) for t, v in sorted(last_of_time.items())]
    end = 20 * columns  # borders at whole numbers

    def value_at(moment: int) -> int:
        return next((v for t, v in reversed(steps) if t <= moment), 0)

    pick = min if least else max
    wanted = []
    for column in range(columns):
        last = 20 * (column + 1) + (column == columns - 1)
        wanted.append(pick(value_at(moment) for moment in range(20 * column, last)))
    assert bins(steps, 0.0, float(end), columns, least=least) == wanted


@pytest.mark.parametrize(
    ("value", "full", "expected"),
    [
        (0, 3, " "),
        (1, 3, "▂"),
        (2, 3, "▅"),
        (3, 3, "█"),
        (4, 3, "█"),
        (1, 1000, "▁"),
        (999, 1000, "▇"),
        (-1, 3, " "),
    ],
)
def test_block(value: int, full: int, expected: str) -> None:
    assert block(value, full) == expected


@pytest.mark.property
@given(st.integers(0, 2000), st.integers(1, 2000))
def test_only_nothing_is_blank_and_only_full_is_full(value: int, full: int) -> None:
    shown = block(value, full)
    assert (shown == " ") == (value == 0)
    assert (shown == "█") == (value >= full)


ROWS = [
    Row("old", [(0.0, 3), (5.0, 2), (10.0, 0)], 3, least=False),
    Row("new", [(0.0, 0), (1.0, 1), (10.0, 3)], 0, least=False),
    Row("available", [(0.0, 3), (5.0, 1), (9.0, 3)], 3, least=True, wanted=[(0.0, 3)]),
]


@pytest.mark.parametrize("width", [40, 80, 100, 200])
@pytest.mark.parametrize("unicode", [True, False])
def test_lines_fit(width: int, unicode: bool) -> None:
    lines = [line.text for line in draw(ROWS, 3, 0.0, 10.0, width=width, unicode=unicode)]
    assert max(map(len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)
    assert all(line.isascii() for line in lines) or unicode


def test_notes_tell_the_ends_and_the_dip() -> None:
    old, new, available, _ = (line.text for line in draw(ROWS, 3, 0.0, 10.0, width=80, unicode=True))
    assert old.endswith("  3 → 0")
    assert new.endswith("  0 → 3")
    assert available.endswith("  3 of 3, least 1")


def test_what_is_missing_is_painted_and_nothing_else() -> None:
    old, new, available, _ = draw(ROWS, 3, 0.0, 10.0, width=80, unicode=True)
    assert old.lacking == new.lacking == ()
    painted = {available.text[column] for column in available.lacking}
    assert painted == {"▂"}
    shown = available.text[13 : available.text.index("  3 of")]
    assert [13 + i for i, c in enumerate(shown) if c != "█"] == list(available.lacking)


@pytest.mark.parametrize(
    ("span", "ticks"),
    [
        (25.0, ["0 s", "5 s", "10 s", "15 s", "20 s", "25 s"]),
        (0.9, ["0 s", "0.2 s", "0.4 s", "0.6 s", "0.8 s"]),
        (65.0, ["0 s", "20 s", "40 s", "60 s"]),
        (640.0, ["0 min", "2 min", "4 min", "6 min", "8 min", "10 min"]),
        (3900.0, ["0 min", "20 min", "40 min", "60 min"]),
        (5 * 86400.0, ["0 h", "24 h", "48 h", "72 h", "96 h", "120 h"]),
    ],
)
def test_an_axis_has_round_ticks_in_one_unit(span: float, ticks: list[str]) -> None:
    line = axis(span, 72)
    assert [" ".join(pair) for pair in zip(*[iter(line.split())] * 2, strict=True)] == ticks
    assert len(line) <= 72


@given(st.floats(0.01, 1e7), st.integers(16, 190))
def test_any_axis_fits_and_begins_at_zero(span: float, columns: int) -> None:
    line = axis(span, columns)
    assert line.startswith("0 ")
    assert len(line) <= columns
