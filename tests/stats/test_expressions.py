"""Statistics, limits and precisions as text: read, written, and pointed at where they are wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics import Requirement, RequirementError, parse_requirement
from sim.stats import Limit, Precision, Statistic, parse_limit, parse_precision, parse_statistic


@pytest.mark.parametrize(
    ("text", "name", "measure", "quantile", "unit"),
    [
        ("p95(duration_s)", "p95", "duration_s", 0.95, "s"),
        ("p99.9(duration_s)", "p99.9", "duration_s", 0.999, "s"),
        ("p0.5(min_availability)", "p0.5", "min_availability", 0.005, "ratio"),
        ("median(peak_pods)", "median", "peak_pods", 0.5, "pods"),
        ("min(min_ready)", "min", "min_ready", 0.0, "pods"),
        ("max(extra_pod_s)", "max", "extra_pod_s", 1.0, "pod s"),
        ("mean(stuck)", "mean", "stuck", None, "ratio"),
        ("mean(duration_s)", "mean", "duration_s", None, "s"),
    ],
)
def test_statistics_are_read(text: str, name: str, measure: str, quantile: float | None, unit: str) -> None:
    statistic = parse_statistic(text)
    assert statistic == Statistic(name, measure)
    assert (statistic.quantile, statistic.unit) == (quantile, unit)
    assert str(statistic) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("peak_pods", "mean(peak_pods)"),
        ("  stuck ", "mean(stuck)"),
        (" p95 ( duration_s ) ", "p95(duration_s)"),
        ("p095.50(duration_s)", "p95.5(duration_s)"),
        ("p50.0(duration_s)", "p50(duration_s)"),
    ],
)
def test_equal_statistics_are_equal(text: str, same: str) -> None:
    assert str(parse_statistic(text)) == same
    assert parse_statistic(text) == parse_statistic(same)


@pytest.mark.parametrize(
    ("text", "shown", "limit"),
    [
        ("p99(duration_s)<=5m", "p99(duration_s)<=300", ("p99", "duration_s", "<=", 300.0)),
        (
            "min(min_availability) >= 95%",
            "min(min_availability)>=0.95",
            ("min", "min_availability", ">=", 0.95),
        ),
        ("mean(stuck)<=1%", "mean(stuck)<=0.01", ("mean", "stuck", "<=", 0.01)),
        ("mean(complete)==1", "mean(complete)==1", ("mean", "complete", "==", 1.0)),
        ("max(duration_s)<inf", "max(duration_s)<inf", ("max", "duration_s", "<", math.inf)),
        (" p5(min_ready)>2.5 ", "p5(min_ready)>2.5", ("p5", "min_ready", ">", 2.5)),
    ],
)
def test_limits_on_statistics_are_read(text: str, shown: str, limit: tuple[str, str, str, float]) -> None:
    name, measure, op, value = limit
    assert parse_limit(text) == Limit(Statistic(name, measure), Requirement(measure, op, value))
    # Who typed it gets it back; what nobody typed has its own words.
    assert str(parse_limit(text)) == text.strip()
    assert str(replace(parse_limit(text), text="")) == shown
    assert parse_limit(shown) == parse_limit(text)


@pytest.mark.parametrize("text", ["min_availability>=95%", "stuck==false", " duration_s <= 5m "])
def test_a_limit_on_a_measure_is_the_requirement(text: str) -> None:
    limit = parse_limit(text)
    assert limit == Limit(None, parse_requirement(text))
    assert str(replace(limit, text="")) == str(parse_requirement(text))


def test_an_older_word_for_a_measure_is_not_given_back() -> None:
    assert str(parse_limit("peak_counted<=9")) == "peak_pods<=9"
    assert str(parse_limit("max(peak_counted) <= 9")) == "max(peak_pods)<=9"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("duration_s>=2", [False, True, True, True, False]),
        ("duration_s<=2", [True, True, False, False, False]),
        ("duration_s>2", [False, False, True, True, False]),
        ("duration_s<2", [True, False, False, False, False]),
        ("duration_s==2", [False, True, False, False, False]),
        ("p95(duration_s)<inf", [True, True, True, False, False]),
    ],
)
def test_limits_hold_as_requirements_do(text: str, kept: list[bool]) -> None:
    values = np.array([1.0, 2.0, 3.0, math.inf, math.nan])
    limit = parse_limit(text)
    assert limit.holds(values).tolist() == kept
    assert [limit.requirement.check({"duration_s": float(v)}) for v in values] == kept


@pytest.mark.parametrize(
    ("text", "shown", "amount", "relative"),
    [
        ("p95(duration_s)=2%", "p95(duration_s)=2%", 0.02, True),
        ("p95(duration_s) = 500ms", "p95(duration_s)=0.5s", 0.5, False),
        ("duration_s=1m", "mean(duration_s)=60s", 60.0, False),
        ("mean(min_availability)=1%", "mean(min_availability)=1%", 0.01, True),
        ("mean(min_availability)=0.01", "mean(min_availability)=0.01", 0.01, False),
        ("stuck=0.005", "mean(stuck)=0.005", 0.005, False),
        ("median(peak_pods)=0.5", "median(peak_pods)=0.5", 0.5, False),
        ("p5(extra_pod_s)=12.5%", "p5(extra_pod_s)=12.5%", 0.125, True),
    ],
)
def test_precisions_are_read(text: str, shown: str, amount: float, relative: bool) -> None:
    precision = parse_precision(text)
    assert precision == Precision(parse_statistic(text.split("=")[0]), amount, relative)
    assert str(precision) == shown
    assert parse_precision(shown) == precision


WRONG: list[tuple[Callable[[str], object], str, int, str | None, str]] = [
    (parse_statistic, "p95(duraton_s)", 4, "duration_s", "no measure is called 'duraton_s'"),
    (parse_statistic, "  meen(duration_s)", 2, "mean", "no statistic is called 'meen'"),
    (parse_statistic, "quux(duration_s)", 0, None, "no statistic is called 'quux'"),
    (parse_statistic, "(duration_s)", 0, None, "a statistic's name comes before"),
    (parse_statistic, "p95()", 4, None, "a measure's name is missing"),
    (parse_statistic, "", 0, None, "a measure's name is missing"),
    (parse_statistic, "p95(duration_s", 14, None, "ends with"),
    (parse_statistic, "p95(duration_s)  x", 17, None, "nothing may follow"),
    (parse_statistic, "duration_s<=5", 10, None, "nothing may follow"),
    (parse_statistic, " p0(duration_s)", 1, None, "between p0 and p100"),
    (parse_statistic, "p100(duration_s)", 0, None, "between p0 and p100"),
    (parse_statistic, "p-5(duration_s)", 0, "p5", "no statistic is called 'p-5'"),
    (parse_statistic, "pnan(duration_s)", 0, None, "no statistic is called 'pnan'"),
    (parse_statistic, "p95(stuck)", 0, None, "has only a mean"),
    (parse_statistic, "mean(stuck_reason)", 5, None, "is text"),
    (parse_statistic, "duraton_s", 0, "duration_s", "no measure is called"),
    (parse_limit, "p99(duration_s)<=soon", 17, None, "not a duration"),
    (parse_limit, " p99( duration_s ) <= soon", 22, None, "not a duration"),
    (parse_limit, "p99(duration_s)=5", 15, "==", "'=' is not one of"),
    (parse_limit, "p99(duration_s)", 15, None, "is followed by one of"),
    (parse_limit, "p5(min_ready)>=50%", 15, None, "a percentage makes no sense"),
    (parse_limit, "mean(stuck)<=true", 13, None, "expected a number"),
    (parse_limit, "mean(stuck)<=150%", 13, None, "between 0 and 1"),
    (parse_limit, "mean(stuck)>= -1", 14, None, "between 0 and 1"),
    (parse_limit, "p5(min_availability)>=nan", 22, None, "expected a number"),
    (parse_limit, "p99(duration_s)<=-1", 17, None, "not a duration"),
    (parse_limit, "p99(duraton_s)<=1", 4, "duration_s", "no measure is called"),
    (parse_limit, "min_availabilty>=1", 0, "min_availability", "no measure is called"),
    (parse_precision, "p95(duration_s)=0%", 16, None, "more than 0"),
    (parse_precision, "p95(duration_s)=0", 16, None, "more than 0"),
    (parse_precision, "p95(duration_s)= -2%", 17, None, "more than 0"),
    (parse_precision, "p95(duration_s)=nan", 16, None, "not a duration"),
    (parse_precision, "p95(min_ready)=nan%", 15, None, "expected a number"),
    (parse_precision, "p95(duration_s)=inf", 16, None, "finite"),
    (parse_precision, "p95(duration_s)=", 16, None, "not a duration"),
    (parse_precision, "p95(duration_s)", 15, None, "is written like"),
    (parse_precision, "p95(duration_s)<=2%", 15, None, "is written like"),
    (parse_precision, " max(duration_s)=2%", 1, None, "has no interval"),
]


@pytest.mark.parametrize(("parse", "text", "position", "nearest", "message"), WRONG)
def test_what_is_wrong_is_pointed_at(
    parse: Callable[[str], object], text: str, position: int, nearest: str | None, message: str
) -> None:
    with pytest.raises(RequirementError, match=message) as caught:
        parse(text)
    assert (caught.value.text, caught.value.position) == (text, position)
    assert caught.value.nearest == nearest
    assert str(caught.value).count("did you mean") == (nearest is not None)


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("p100", "stuck"),
        ("p0", "duration_s"),
        ("sum", "duration_s"),
        ("mean", "stuck_reason"),
        ("max", "stuck"),
        ("mean", "quux"),
    ],
)
def test_no_statistic_is_made_of_nonsense(name: str, measure: str) -> None:
    with pytest.raises(ValueError):
        Statistic(name, measure)


PIECES = st.sampled_from(
    ["p95", "mean", "(", ")", "duration_s", "stuck", "<=", "=", "5", "%", "s", " ", "\n", "p", "nan"]
)


@pytest.mark.property
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=9).map("".join)))
def test_no_text_breaks_the_reading(text: str) -> None:
    for parse in (parse_statistic, parse_limit, parse_precision):
        place = 0
        try:
            found = parse(text)
        except RequirementError as error:
            place = error.position
        else:
            assert parse(str(found)) == found
        assert 0 <= place <= len(text)
