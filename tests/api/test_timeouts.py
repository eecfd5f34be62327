"""Time-outs from Python, and whether rollouts of another seed keep them: `make long` asks more of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import load
from sim.api import Timeouts
from sim.engine.kernel import is_installed
from sim.errors import InputError
from tests.long.kept import ALLOWED, kept

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFEST = ROOT / "scenarios" / "manifests" / "testqc.yaml"


@pytest.fixture(scope="module")
def found() -> Timeouts:
    return load(MANIFEST).timeouts("90%", replicas=[1, 3, 6])


def test_it_shows_itself(found: Timeouts) -> None:
    assert repr(found) == f"<Timeouts {found.answer}>"
    html = found._repr_html_()
    assert found.answer in html
    assert "progressDeadlineSeconds" in html
    assert "<th" in html


def test_its_tables(found: Timeouts) -> None:
    assert found.table["what"].tolist() == ["deadline", "rollout status", "Helm 3 --wait", "Helm 4 --wait"]
    assert found.others["replicas"].tolist() == [1, 6], "3 are in force"
    assert list(found.words) == ["time-out", "waits for", "now, broken", "advised", "1 pod", "6 pods"]


def test_without_other_numbers_of_replicas() -> None:
    assert load(MANIFEST).timeouts(0.9, replicas=(), replications=64).others.empty


def test_mistakes() -> None:
    with pytest.raises(InputError, match="E506"):
        load(MANIFEST).timeouts("100%")
    with pytest.raises(InputError, match="E507"):
        load(MANIFEST).set(replicas=0).timeouts()


@pytest.mark.skipif(not is_installed(), reason="the model takes minutes for it")
@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_advised_is_kept_by_others(seed: int) -> None:
    for row in kept("web", seed):
        assert row.broken <= ALLOWED
        assert not row.too_long
