"""Distributions: what they draw, their closed forms, common random numbers, and what is refused."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.spec.columns import MOST_VALUES, FormError, read_column
from sim.spec.distributions import LONGEST_S, Cycle, Distribution
from sim.spec.families import Gamma, LogNormal, Weibull, lower_gamma
from sim.spec.forms import KINDS, parse_distribution


def draw(form: Any, size: int = 200_000, seed: int = 7) -> np.ndarray[Any, np.dtype[np.float64]]:
    return parse_distribution(form).sample(np.random.default_rng(seed), size)


FORMS: list[Any] = [
    2,
    "250ms",
    {"constant": "1m30s"},
    {"constant": 2, "shift": 1, "min": 1, "max": 4},
    {"uniform": [0, 1]},
    {"uniform": [1, 4], "min": 2, "max": "3s", "shift": 0.5},
    {"exponential": {"mean": 3}},
    {"exponential": {"mean": 3}, "min": 5, "max": 8, "shift": 1},
    {"lognormal": {"median": 2, "p95": 6}},
    {"lognormal": {"median": 2, "p95": 6}, "shift": 4},
    {"lognormal": {"mean": 3.24, "sd": 7.10}, "max": 60},
    {"lognormal": {"median": 2, "sigma": 0.4}, "min": 1, "max": 4, "shift": 0.5},
    {"lognormal": {"mu": -4.678, "sigma": 0.42}},
    {"gamma": {"mean": 3, "sd": 2}},
    {"gamma": {"shape": 0.5, "scale": 4}, "min": 1, "max": 4},
    {"weibull": {"shape": 1.5, "scale": 2}},
    {"weibull": {"shape": 0.6, "scale": 2}, "max": 3},
    {"empirical": [1, 2, 2.5, "4s"]},
    {"empirical": [1, 2, 2.5, 40], "max": 10, "shift": 1},
]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_mean_is_the_mean_of_the_samples(form: Any) -> None:
    values = draw(form)
    tolerance = 6 * values.std() / math.sqrt(values.size) + 1e-12
    assert parse_distribution(form).mean() == pytest.approx(values.mean(), abs=tolerance)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_document_reads_back_as_the_same_distribution(form: Any) -> None:
    made = parse_distribution(form)
    assert parse_distribution(made.document()) == made
    assert pickle.loads(pickle.dumps(made)) == made


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_samples_have_the_asked_shape_and_are_float64(form: Any) -> None:
    values = parse_distribution(form).sample(np.random.default_rng(1), (3, 4, 5))
    assert values.shape == (3, 4, 5)
    assert values.dtype == np.float64
    assert (values >= 0).all()


def test_lognormal_from_median_and_p95_has_them() -> None:
    made = LogNormal.from_median_p95(2, 6)
    assert made.mu == pytest.approx(math.log(2))
    assert made.sigma == pytest.approx(math.log(3) / 1.6448536269514722)
    values = draw({"lognormal": {"median": 2, "p95": 6}})
    assert np.percentile(values, [50, 95]) == pytest.approx([2, 6], rel=0.01)


def test_lognormal_from_mean_and_sd_is_the_published_conversion() -> None:
    """Serverless cold starts: mean 3.24 s, sd 7.10 s: mu 0.296, sigma 1.326, median 1.35, p90 7.4, p99 29."""
    made = LogNormal.from_mean_sd(3.24, 7.10)
    assert (made.mu, made.sigma) == (pytest.approx(0.296, abs=5e-4), pytest.approx(1.326, abs=5e-4))
    assert made.mean() == pytest.approx(3.24)
    assert np.percentile(draw({"lognormal": {"mean": 3.24, "sd": 7.1}}), [50, 90, 99]) == pytest.approx(
        [1.35, 7.4, 29], rel=0.03
    )


def test_gamma_from_mean_and_sd_has_them() -> None:
    made = Gamma.from_mean_sd(3, 2)
    assert (made.shape, made.scale) == (pytest.approx(2.25), pytest.approx(4 / 3))
    values = draw({"gamma": {"mean": 3, "sd": 2}})
    assert (values.mean(), values.std()) == (pytest.approx(3, rel=0.01), pytest.approx(2, rel=0.01))


def test_weibull_mean_is_the_closed_form() -> None:
    assert Weibull(shape=0.418, scale=0.422).mean() == pytest.approx(0.422 * math.gamma(1 + 1 / 0.418))


@pytest.mark.parametrize(
    ("a", "x", "expected"),
    [
        (1.0, 2.0, 1 - math.exp(-2)),
        (2.0, 3.0, 1 - math.exp(-3) * 4),
        (0.5, 0.7, math.erf(math.sqrt(0.7))),
        (0.5, 9.0, math.erf(3)),
        (50.0, 50.0, 0.5188083154720433),
        (1e6, 1e6, 0.5001329807608725),
        (3.0, 0.0, 0.0),
        (3.0, math.inf, 1.0),
    ],
)
def test_incomplete_gamma_is_the_known_value(a: float, x: float, expected: float) -> None:
    assert lower_gamma(a, x) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ({"lognormal": {"median": 1, "sigma": 0.4}}, {"lognormal": {"median": 3, "sigma": 0.4}}, 3),
        ({"exponential": {"mean": 1}}, {"exponential": {"mean": 5}}, 5),
        ({"uniform": [0, 1]}, {"uniform": [0, 4]}, 4),
        ({"weibull": {"shape": 0.7, "scale": 1}}, {"weibull": {"shape": 0.7, "scale": 2}}, 2),
        ({"gamma": {"shape": 2, "scale": 1}}, {"gamma": {"shape": 2, "scale": 7}}, 7),
        ({"empirical": [1, 2, 5]}, {"empirical": [2, 4, 10]}, 2),
    ],
)
def test_parameters_change_without_changing_the_luck(one: Any, other: Any, ratio: float) -> None:
    assert draw(other, 1000) == pytest.approx(draw(one, 1000) * ratio)


@pytest.mark.parametrize(
    "form",
    [
        {"lognormal": {"median": 2, "p95": 6}},
        {"exponential": {"mean": 3}},
        {"weibull": {"shape": 0.6, "scale": 2}},
        {"gamma": {"shape": 2, "scale": 1}},
        {"uniform": [0, 4]},
    ],
    ids=str,
)
def test_a_truncation_uses_the_generator_once_and_keeps_what_is_inside(form: Any) -> None:
    plain, cut = np.random.default_rng(3), np.random.default_rng(3)
    whole = parse_distribution(form).sample(plain, 5000)
    inside = parse_distribution(form | {"min": 1, "max": 3}).sample(cut, 5000)
    assert plain.random() == cut.random(), "the next draw differs: redrawing has used the caller's generator"
    kept = (whole >= 1) & (whole <= 3)
    assert 0 < kept.sum() < 5000
    assert (inside[kept] == whole[kept]).all()
    assert inside.min() >= 1
    assert inside.max() <= 3
    assert (inside[~kept] > 1).all(), "redrawn, not cut to the bounds"
    assert (inside[~kept] < 3).all(), "redrawn, not cut to the bounds"


def test_bounds_are_those_of_the_sum_with_the_shift() -> None:
    values = draw({"uniform": [0, 10], "shift": 5, "max": 7})
    assert values.min() == pytest.approx(5, abs=0.01)
    assert values.max() == pytest.approx(7, abs=0.01)


def test_observations_outside_the_bounds_are_never_drawn() -> None:
    assert set(draw({"empirical": [1, 2, 30], "max": 10}, 500)) == {1.0, 2.0}


def test_samples_are_cut_off_at_the_longest_time() -> None:
    form = {"weibull": {"shape": 0.05, "scale": 1e6}}
    values = draw(form, 10_000)
    assert values.max() == LONGEST_S
    assert parse_distribution(form).mean() == pytest.approx(values.mean(), rel=0.05)


def test_a_cycle_has_values_and_cannot_be_drawn() -> None:
    made = parse_distribution({"cycle": [2, "3s", 5], "shift": 0.5})
    assert made.is_cycle
    assert made.values == (2.5, 3.5, 5.5)
    assert made.mean() == pytest.approx(11.5 / 3)
    with pytest.raises(TypeError, match="a cycle is not drawn"):
        made.sample(np.random.default_rng(1), 3)


@pytest.mark.parametrize("form", [form for form in FORMS if form != 2], ids=str)
def test_only_a_cycle_has_values(form: Any) -> None:
    assert parse_distribution(form).values is None
    assert not parse_distribution(form).is_cycle


@pytest.mark.parametrize(
    ("form", "is_constant"),
    [
        (3, True),
        ({"uniform": [2, 2]}, True),
        ({"uniform": [2, 3]}, False),
        ({"empirical": [4, 4]}, True),
        ({"empirical": [4, 5]}, False),
        ({"empirical": [4, 5], "max": 4}, True),
        ({"cycle": [1]}, True),
        ({"cycle": [1, 2]}, False),
        ({"exponential": {"mean": 1}}, False),
    ],
    ids=str,
)
def test_is_constant_says_whether_all_values_are_the_same(form: Any, is_constant: bool) -> None:
    made = parse_distribution(form)
    assert made.is_constant is is_constant
    if is_constant and not isinstance(made, Cycle):
        assert set(made.sample(np.random.default_rng(1), 50)) == {made.mean()}


REFUSED: list[tuple[Any, tuple[str | int, ...], str]] = [
    (None, (), "not a duration"),
    (True, (), "not a duration"),
    ("soon", (), "not a duration"),
    (-1, (), "must not be negative"),
    (math.nan, (), "must be finite"),
    (math.inf, (), "must be finite"),
    (2e7, (), "longer than 10,000,000 s"),
    ([1, 2], (), "not a duration"),
    ({}, (), "without its kind"),
    ({"shift": 1}, (), "without its kind"),
    ({"lognorml": {"median": 1, "p95": 2}}, ("lognorml",), "unknown key"),
    ({"constant": 1, "maximum": 2}, ("maximum",), "unknown key"),
    ({"constant": 1, "uniform": [0, 1]}, (), "more than one kind"),
    ({"constant": None}, ("constant",), "not a duration"),
    ({"constant": 1, "shift": -1}, ("shift",), "must not be negative"),
    ({"constant": 1, "max": 0.5}, (), "leave nothing"),
    ({"uniform": [2, 1]}, ("uniform",), "low end is above"),
    ({"uniform": [2]}, ("uniform",), "two ends"),
    ({"uniform": 3}, ("uniform",), "needs a list"),
    ({"uniform": [0, "x"]}, ("uniform", 1), "not a duration"),
    ({"exponential": 3}, ("exponential",), "by name"),
    ({"exponential": {"mean": 0}}, ("exponential", "mean"), "above 0"),
    ({"exponential": {"rate": 2}}, ("exponential", "rate"), "unknown parameter"),
    ({"lognormal": {"median": 2}}, ("lognormal",), "other parameters"),
    ({"lognormal": {"median": 2, "sd": 2}}, ("lognormal",), "other parameters"),
    ({"lognormal": {"median": 2, "p95": 2}}, ("lognormal", "p95"), "above the median"),
    ({"lognormal": {"median": 6, "p95": 2}}, ("lognormal", "p95"), "above the median"),
    ({"lognormal": {"mean": 2, "sd": 0}}, ("lognormal", "sd"), "above 0"),
    ({"lognormal": {"mean": 0, "sd": 1}}, ("lognormal", "mean"), "above 0"),
    ({"lognormal": {"mu": math.nan, "sigma": 1}}, ("lognormal", "mu"), "not a number in range"),
    ({"lognormal": {"mu": 0, "sigma": "1"}}, ("lognormal", "sigma"), "not a number in range"),
    ({"gamma": {"mean": 2, "sd": 0}}, ("gamma", "sd"), "above 0"),
    ({"gamma": {"mean": 1, "sd": 1000}}, ("gamma",), "spread"),
    ({"weibull": {"shape": 0, "scale": 1}}, ("weibull", "shape"), "not a number in range"),
    ({"weibull": {"shape": True, "scale": 1}}, ("weibull", "shape"), "not a number in range"),
    ({"empirical": []}, ("empirical",), "empty"),
    ({"empirical": [1, -2]}, ("empirical", 1), "must not be negative"),
    ({"empirical": [0.0] * (MOST_VALUES + 1)}, ("empirical",), "more than 1,000,000"),
    ({"empirical": [1, 2], "min": 3}, (), "leave nothing"),
    ({"cycle": []}, ("cycle",), "empty"),
    ({"cycle": [1], "max": 2}, (), "no bounds"),
    ({"exponential": {"mean": 1}, "min": 3, "max": 2}, ("min",), "min is above max"),
    ({"exponential": {"mean": 1}, "min": 2, "max": 2}, ("min",), "min equals max"),
    ({"exponential": {"mean": 1}, "min": 4.7}, (), "to draw from"),
    ({"lognormal": {"median": 2, "p95": 6}, "min": 500}, (), "to draw from"),
    ({"uniform": [0, 100], "max": 0.5}, (), "to draw from"),
]


@pytest.mark.parametrize(
    ("form", "path", "message"), REFUSED, ids=[f"{i}-{m}" for i, (_, _, m) in enumerate(REFUSED)]
)
def test_what_cannot_be_drawn_is_refused_at_its_place(
    form: Any, path: tuple[str | int, ...], message: str
) -> None:
    with pytest.raises(FormError) as caught:
        parse_distribution(form)
    assert caught.value.path == path
    assert message in caught.value.message


def test_one_percent_inside_is_enough() -> None:
    """exp(-4.6) is 1.005 %, exp(-4.7) 0.91 %."""
    values = draw({"exponential": {"mean": 1}, "min": 4.6}, 20_000)
    assert values.min() >= 4.6
    assert values.mean() == pytest.approx(5.6, rel=0.02)


def test_the_nearest_name_is_given() -> None:
    with pytest.raises(FormError) as caught:
        parse_distribution({"lognormal": {"median": 1, "p9": 2}})
    assert caught.value.nearest == "p95"


def test_a_column_of_a_csv_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "starts.csv"
    file.write_text("pod,seconds\na,1\nb, 2.5 \n\nc,250ms\n", encoding="utf-8")
    assert read_column(file, "seconds", "starts.csv") == [1.0, 2.5, 0.25]


@pytest.mark.parametrize(
    ("content", "column", "at", "message"),
    [
        ("pod,second\na,1\n", "seconds", "column", "no such column"),
        ("pod,seconds\na,1\n", None, "column", "2 columns"),
        ("seconds\n", "seconds", "file", "no values"),
        ("", "seconds", "column", "no such column"),
        ("seconds\n1\nsoon\n", "seconds", "column", "line 3"),
        ("seconds\n1\n-2\n", "seconds", "column", "line 3"),
        ("seconds\n1\nnan\n", "seconds", "column", "line 3"),
        ("seconds\n1\n1e9\n", "seconds", "column", "line 3"),
        ("pod,seconds\na,1\nb\n", "seconds", "column", "line 3"),
        ("seconds\n\xff\n", "seconds", "file", "not UTF-8"),
        ("seconds\n" + "1\n" * (MOST_VALUES + 1), "seconds", "file", "more than 1,000,000"),
    ],
    ids=["wrong", "which", "none", "empty", "text", "negative", "nan", "long", "short", "latin1", "many"],
)
def test_a_csv_file_that_cannot_be_used_is_refused(
    tmp_path: Path, content: str, column: str | None, at: str, message: str
) -> None:
    file = tmp_path / "starts.csv"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(FormError, match=message) as caught:
        read_column(file, column, "starts.csv")
    assert caught.value.path == (at,)


def test_a_csv_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormError, match="no such file"):
        read_column(tmp_path / "nothing.csv", "seconds", "nothing.csv")


_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["2s", "x", "", "1m", "constant", "lognormal", "mean", "sd"]),
    st.text(max_size=5),
)
_keys = st.sampled_from(
    [*KINDS, "shift", "min", "max", "mean", "sd", "median", "p95", "mu", "sigma", "shape", "scale", "other"]
)
_trees = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.property
@given(_trees)
def test_whatever_is_written_is_a_distribution_or_a_form_error(form: Any) -> None:
    try:
        made = parse_distribution(form)
    except FormError:
        return
    assert isinstance(made, Distribution)
    assert 0 <= made.mean() <= LONGEST_S * 1.000001
    if not made.is_cycle:
        values = made.sample(np.random.default_rng(1), 100)
        assert np.isfinite(values).all()
        assert values.min() >= 0
        assert values.max() <= LONGEST_S


_positive = st.floats(0.01, 1000)


@pytest.mark.property
@given(_positive, _positive, st.floats(0.0, 100), st.floats(0.01, 100))
def test_every_sample_is_within_the_bounds(mean: float, sd: float, low: float, width: float) -> None:
    for kind in ("lognormal", "gamma"):
        try:
            made = parse_distribution({kind: {"mean": mean, "sd": sd}, "min": low, "max": low + width})
        except FormError:
            continue
        values = made.sample(np.random.default_rng(1), 200)
        assert values.min() >= low
        assert values.max() <= low + width
        assert low - 1e-9 <= made.mean() <= low + width + 1e-9
