"""Tables of results in words."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sim.report.words import escaped, markdown, unit_of, worded, worded_differences


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("duration_s", "s"),
        ("p95(duration_s)", "s"),
        ("p99(duration_s)<=300", "s"),
        ("min_availability>=0.95", "ratio"),
        ("mean(stuck)", "ratio"),
        ("stuck", "yes/no"),
        ("label", None),
        ("p95(durations)", None),
    ],
)
def test_the_unit_of_a_column(column: str, unit: str | None) -> None:
    assert unit_of(column) == unit


def test_values_in_words() -> None:
    table = pd.DataFrame({"label": ["a"], "p95(duration_s)": [math.inf], "min_availability>=0.5": [0.975]})
    assert worded(table).to_numpy().tolist() == [["a", "never", "97.5 %"]]


@pytest.mark.parametrize(
    ("measure", "mean", "low", "high", "words"),
    [
        ("duration_s", -1.3, -3.2, 0.578, ("-1.3 s", "-3.2 to +0.578")),
        ("duration_s", 0.0, 0.0, 0.0, ("0 s", "0 to 0")),
        ("duration_s", 10.2, math.nan, math.nan, ("+10.2 s", "")),
        ("peak_physical", -1.0, math.nan, math.nan, ("-1 pod", "")),
        ("duration_s", 700.0, 601.0, 7500.0, ("+11 min 40 s", "+10 min 1 s to +2 h 5 min")),
        ("duration_s", 100.0, 90.0, 121.0, ("+100 s", "+90 s to +2 min 1 s")),
        ("duration_s", 660.0, 600.0, 720.0, ("+11 min", "+10 to +12")),
        ("min_availability", 0.1, 0.05, 0.15, ("+10 points", "+5 to +15")),
        ("peak_pods", 1.6, 1.0, 2.0, ("+2 pods", "+1 pod to +2 pods")),
        ("peak_pods", -0.3, -1.2, 0.0, ("-<1 pod", "-1 pod to 0 pods")),
        ("duration_s", math.nan, math.nan, math.nan, ("-", "")),
    ],
)
def test_a_difference_in_words(
    measure: str, mean: float, low: float, high: float, words: tuple[str, str]
) -> None:
    row = {"strategy": 1, "measure": measure, "mean": mean, "low": low, "high": high, "better": 0.25}
    told = worded_differences(pd.DataFrame([row]), {1: "other"})
    assert told.to_numpy().tolist() == [["other", measure, *words, "25 %"]]


def test_markdown_keeps_its_cells() -> None:
    text = markdown(["a|b", "n"], [["x\ny *z*", "1"]])
    assert text.splitlines() == ["| a\\|b | n |", "| --- | ---: |", "| x y \\*z\\* | 1 |"]
    assert escaped("<b>[x](y)`") == "\\<b\\>\\[x\\](y)\\`"
