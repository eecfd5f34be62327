"""The tables themselves: all of them are tests, and no expected value is there for show."""

from __future__ import annotations

import pytest

from tests.rules import (
    test_deployment,
    test_history,
    test_kubelet,
    test_progress,
    test_replicaset,
    test_status,
)
from tests.rules.cases import CHECKS, FOLDER, Row, document, named, perturbed, run

# Importing them has filled CHECKS.
MODULES = (test_deployment, test_history, test_kubelet, test_progress, test_replicaset, test_status)
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
# Its claim is the order of the two pods in each row: there is no expected value to make wrong.
WITHOUT_EXPECTED = {"controller_utils__ActivePodsWithRanks"}


def test_every_table_is_a_test():
    assert sorted(CHECKS) == NAMES
    assert len(NAMES) == 37
    assert sum(len(document(name)["cases"]) for name in NAMES) == 252


@pytest.mark.parametrize("name", NAMES)
def test_the_envelope_is_whole(name):
    table = document(name)
    assert table["n_cases"] == len(table["cases"])
    assert table["source"]["project"].startswith("kubernetes/kubernetes")
    assert table["source"]["path"].endswith("_test.go")
    assert table["source"]["test_function"].startswith("Test")


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_expected_value_is_noticed(name):
    table = document(name)
    wrong = 0
    for case in table["cases"]:
        for path, changed in perturbed(name, case):
            wrong += 1
            try:
                CHECKS[name](Row(changed), named(table))
            except (AssertionError, KeyError, IndexError, TypeError):
                continue
            pytest.fail(f"{name}: {path} can be wrong and nobody notices, in {case}")
    assert (wrong == 0) == (name in WITHOUT_EXPECTED)


def test_a_column_that_nobody_reads_is_named():
    table = {"cases": [], "fixed": {"a": 1}, "podDefs": {"p": {"node": "x"}, "q": {"node": "y"}}}

    def check(row, around):
        assert row["steps"][0]["outcome"] == 1
        assert around["podDefs"]["p"] is not None

    unread = run(check, table, {"steps": [{"outcome": 1, "result": 2}], "other": 3})
    assert unread == ["other", "steps.result", "fixed.a", "podDefs.p.node"]


def test_every_named_object_is_used():
    for name in NAMES:
        table = document(name)
        for kind in ("podDefs", "replicaSets"):
            used = str(table["cases"])
            assert [one for one in table.get(kind, {}) if f"'{one}'" not in used] == [], name
