"""The overview: a row a strategy, the statistics of its runs."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from sim.report.overview import OVERVIEW, overview
from tests.report.samples import REPLICATIONS, grid, made, usual


def test_a_row_a_strategy_with_the_statistics_of_its_own_runs():
    sample = made(grid(maxSurge=["1", "3"], maxUnavailable=["0", "1"]), usual)
    table = overview(sample)
    assert list(table.columns) == ["strategy", "label", *OVERVIEW]
    assert table["strategy"].tolist() == [0, 1, 2, 3]
    assert table["label"].tolist()[1] == "maxSurge=1 maxUnavailable=1"
    # 60 / (1 + 1 + 1) plus 0, 1, …, 19: the middle is 9.5 above.
    assert table["median(duration_s)"].tolist() == pytest.approx([39.5, 29.5, 24.5, 21.5])
    assert table["p5(min_availability)"].tolist() == [1.0, 0.75, 1.0, 0.75]
    assert table["mean(extra_pod_s)"].tolist() == pytest.approx([12.5, 12.5, 18.5, 18.5])
    assert table["p95(peak_pods)"].tolist() == [5, 5, 7, 7]


def test_runs_that_never_complete_are_infinite_and_counted():
    def measured(settings, replication):
        stuck = settings["maxSurge"] == "1" and replication < 15
        return {"duration_s": np.inf if stuck else 3.0, "stuck": stuck, "complete": not stuck}

    table = overview(made(grid(maxSurge=["1", "2"]), measured))
    assert table["median(duration_s)"].tolist() == [np.inf, 3.0]
    assert table["mean(complete)"].tolist() == [1 - 15 / REPLICATIONS, 1.0]


def test_an_axis_may_be_called_strategy():
    table = overview(made(grid(strategy=["RollingUpdate", "Recreate"])))
    assert table["strategy"].tolist() == [0, 1]
    assert table["label"].tolist() == ["strategy=RollingUpdate", "strategy=Recreate"]


def test_neither_charts_nor_templates_are_imported_for_it():
    code = "import sys, sim.report.overview; print(sorted({'matplotlib', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
