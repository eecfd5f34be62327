"""Axes as they are typed, and what they span."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.sweep.axes import (
    MOST_STRATEGIES,
    Axis,
    grid,
    is_circumstance,
    latin_hypercube,
    parse_axis,
    read_points,
)


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("maxSurge=0,1,25%", "maxSurge", ("0", "1", "25%")),
        (" maxSurge = 0 , 1 ", "maxSurge", ("0", "1")),
        ("maxUnavailable=0..3", "maxUnavailable", ("0", "1", "2", "3")),
        ("replicas=10..50..20", "replicas", ("10", "30", "50")),
        ("replicas=10..55..20", "replicas", ("10", "30", "50")),
        ("maxSurge=0%..100%..50%,1", "maxSurge", ("0%", "50%", "100%", "1")),
        ("maxSurge=1,1,2", "maxSurge", ("1", "2")),
        ("strategy=RollingUpdate,Recreate", "strategy", ("RollingUpdate", "Recreate")),
        (
            "pods.ready={uniform: [1, 2]},{exponential: {mean: 3}}",
            "pods.ready",
            ("{uniform: [1, 2]}", "{exponential: {mean: 3}}"),
        ),
        ('profile="a,b",jvm', "profile", ('"a,b"', "jvm")),
        ("readinessProbe.periodSeconds=1,2", "readinessProbe.periodSeconds", ("1", "2")),
        ("kubernetes=1.20,1.30", "kubernetes", ("1.20", "1.30")),
    ],
)
def test_an_axis(text: str, key: str, values: tuple[str, ...]) -> None:
    assert parse_axis(text) == Axis(key, values)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("maxSurge", "E407", "not an assignment"),
        ("maxSurge=", "E501", "an axis needs values"),
        ("maxSurge=1,,2", "E501", "an axis needs values"),
        ("maxSurg=1", "E407", "did you mean maxSurge?"),
        ("seed=1,2", "E501", "replications differ by chance already"),
        ("maxSurge=3..1", "E501", "3..1 is no range"),
        ("maxSurge=0..10..0", "E501", "no range"),
        ("maxSurge=0..10%", "E501", "no range"),
        ("maxSurge=0%..10%..5", "E501", "no range"),
        ("replicas=0..999999999", "E503", "1,000,000,000 combinations"),
    ],
)
def test_a_wrong_axis(text: str, code: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_axis(text)
    (problem,) = raised.value.diagnostics
    assert problem.code == code
    assert words in str(problem)
    assert problem.file == "--axis"


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("profile", True),
        ("pods.ready", True),
        ("kubernetes", True),
        ("control_plane.qps", True),
        ("horizon", True),
        ("maxSurge", False),
        ("replicas", True),
        ("spec.replicas", True),
        ("spec.paused", True),
        ("spec.minReadySeconds", False),
        ("strategy", False),
        ("readinessProbe.periodSeconds", False),
    ],
)
def test_what_is_given_with_the_cluster(key: str, given: bool) -> None:
    assert is_circumstance(key) is given


def test_a_grid_has_every_combination_the_last_axis_fastest() -> None:
    points = grid([Axis("a", ("1", "2")), Axis("b", ("x", "y"))])
    assert points == [
        (("a", "1"), ("b", "x")),
        (("a", "1"), ("b", "y")),
        (("a", "2"), ("b", "x")),
        (("a", "2"), ("b", "y")),
    ]


def test_zipped_axes_advance_together() -> None:
    points = grid([Axis("a", ("1", "2"))], [Axis("b", ("x", "y")), Axis("c", ("5", "6"))])
    assert [dict(point) for point in points] == [
        {"a": "1", "b": "x", "c": "5"},
        {"a": "1", "b": "y", "c": "6"},
        {"a": "2", "b": "x", "c": "5"},
        {"a": "2", "b": "y", "c": "6"},
    ]


@pytest.mark.parametrize(
    ("axes", "zipped", "code", "words"),
    [
        ([Axis("a", ("1",)), Axis("a", ("2",))], [], "E501", "an axis is given twice"),
        ([Axis("a", ("1",))], [Axis("a", ("2",))], "E501", "an axis is given twice"),
        ([], [Axis("a", ("1",)), Axis("b", ("1", "2"))], "E501", "equally many values"),
        ([Axis(k, tuple(map(str, range(1000)))) for k in "abc"], [], "E503", "1,000,000,000 combinations"),
    ],
)
def test_a_wrong_grid(axes: list[Axis], zipped: list[Axis], code: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        grid(axes, zipped)
    assert raised.value.diagnostics[0].code == code
    assert words in str(raised.value)


@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    points=st.integers(1, 60),
    seed=st.integers(0, 2**40),
)
def test_a_latin_hypercube_covers_every_axis_evenly(sizes: list[int], points: int, seed: int) -> None:
    # One axis more, with a value a stratum, keeps all points apart.
    axes = [Axis(f"k{i}", tuple(map(str, range(n)))) for i, n in enumerate(sizes)]
    axes.append(Axis("apart", tuple(map(str, range(points)))))
    found = latin_hypercube(axes, points, seed)
    assert len(found) == points
    for axis in axes:
        counts = Counter(dict(point)[axis.key] for point in found)
        even = points / len(axis.values)
        # A stratum belongs to one value: none has more than one stratum beyond its share.
        assert all(abs(counts[value] - even) < 1 for value in axis.values)
    assert latin_hypercube(axes, points, seed) == found


def test_a_latin_hypercube_refuses_an_absurd_number() -> None:
    with pytest.raises(InputError, match="E503"):
        latin_hypercube([Axis("a", ("1", "2"))], MOST_STRATEGIES + 1, 1)


def test_points_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("\ufeffmaxSurge, maxUnavailable\n1,0\n25%,\n\n1,0\n")
    assert read_points(str(file)) == [
        (("maxSurge", "1"), ("maxUnavailable", "0")),
        (("maxSurge", "25%"),),
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("maxSurge\n", None, "there are no points in it"),
        ("", None, "there are no points in it"),
        ("maxSurg\n1\n", 1, "did you mean maxSurge?"),
        ("maxSurge,maxSurge\n1,2\n", 1, "this setting comes twice"),
        ("seed\n1\n", 1, "the seed is no axis"),
        ("maxSurge,replicas\n1,3\n2\n", 3, "1 cells under a header of 2"),
        ('maxSurge\n"1\n', None, "this is not CSV"),
        ("maxSurge\n\udcff\n", None, "this is not CSV"),
    ],
)
def test_a_wrong_file_of_points(tmp_path: Path, text: str, line: int | None, words: str) -> None:
    file = tmp_path / "points.csv"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError) as raised:
        read_points(str(file))
    problem = raised.value.diagnostics[0]
    assert (problem.file, problem.line) == (str(file), line)
    assert words in str(problem)
