"""`expect` in a scenario file: what is read, what is refused, and what it does not change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sim.api import load as load_with_verbs
from sim.errors import Diagnostic, InputError
from sim.spec.expectations import OUTCOMES
from sim.spec.scenario import Scenario, load, override
from sim.spec.schema import schema

SHOP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 4
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      initContainers: [{name: init, image: "init:i1"}]
      containers: [{name: web, image: "reg:5000/shop:v1"}]
"""
LATER = SHOP.replace("shop:v1", "later:1.30").replace("shop", "later")
IMAGES = """steps:
- {at: 5, image: 'shop:v2'}
- {at: 9, template: {spec: {containers: [{name: web, image: 'b:v3'}]}}}
"""
SESSION = """steps:
- kubectl: set image deployment/shop web=shop:v2
- kubectl: [patch, deploy, shop, -p, "spec: {template: {spec: {containers: [{name: web, image: 'b:v3'}]}}}"]
- kubectl: apply -f later.yaml
- kubectl: apply -f -
  input: {apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {image: "cron:c1"}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "later.yaml").write_text(LATER, encoding="utf-8")
    return tmp_path


def written(folder: Path, expect: str, steps: str = IMAGES) -> Scenario:
    (folder / "s.yaml").write_text(f"manifests: shop.yaml\nexpect: {expect}\n{steps}", encoding="utf-8")
    return load(folder / "s.yaml")


def refused(folder: Path, expect: str, steps: str = IMAGES) -> list[Diagnostic]:
    with pytest.raises(InputError) as error:
        written(folder, expect, steps)
    return list(error.value.diagnostics)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_one_outcome_is_that_of_everything(folder: Path, outcome: str) -> None:
    assert written(folder, outcome).expect == ((None, outcome),)
    assert written(folder, outcome, "").expect == ((None, outcome),)


def test_these_are_the_outcomes() -> None:
    words = "complete rolled_back superseded stuck paused running scaled unchanged"
    assert words.split() == list(OUTCOMES)


@pytest.mark.parametrize("steps", [IMAGES, SESSION])
def test_deployments_and_versions_are_named(folder: Path, steps: str) -> None:
    text = (
        "{shop: stuck, v1: rolled_back, v2: superseded, 'shop:v2': superseded, b:v3: complete, i1: running}"
    )
    names = ("shop", "v1", "v2", "shop:v2", "b:v3", "i1")
    outcomes = ("stuck", "rolled_back", "superseded", "superseded", "complete", "running")
    assert written(folder, text, steps).expect == tuple(zip(names, outcomes, strict=True))


def test_what_a_step_creates_is_named(folder: Path) -> None:
    made = written(folder, "{later: complete, 'reg:5000/later:1.30': paused, c1: running}", SESSION)
    assert [name for name, _ in made.expect] == ["later", "reg:5000/later:1.30", "c1"]


@pytest.mark.parametrize(
    ("tags", "key", "meant"),
    [
        (("1.27", "1.28"), "1.27", "1.27"),
        (("1.30", "1.28"), "1.30", "1.30"),  # the number 1.3
        (("1.30", "1.3"), "1.3", "1.3"),
        (("3", "4"), "3", "3"),
        (("07", "4"), "'07'", "07"),
    ],
)
def test_a_tag_that_is_a_number_counts_as_its_text(
    folder: Path, tags: tuple[str, str], key: str, meant: str
) -> None:
    first, second = tags
    steps = f"steps: [{{at: 5, image: 'shop:{first}'}}, {{at: 9, image: 'shop:{second}'}}]\n"
    assert written(folder, f"{{{key}: complete}}", steps).expect == ((meant, "complete"),)


def test_an_image_without_a_tag_is_the_latest(folder: Path) -> None:
    steps = "steps: [{at: 5, image: shop}]\n"
    assert written(folder, "{latest: complete}", steps).expect == (("latest", "complete"),)


WRONG: list[tuple[str, str, str, str, str | None]] = [
    ("completed", "E402", "expect", "'completed'", "complete"),
    ("rolled-back", "E402", "expect", "'rolled-back'", "rolled_back"),
    ("5", "E402", "expect", "5", None),
    ("[complete]", "E402", "expect", "a list of 1", None),
    ("{}", "E402", "expect", "an empty mapping", None),
    ("{shop: done}", "E402", "expect.shop", "'done'", None),
    ("{shop: stuk}", "E402", "expect.shop", "'stuk'", "stuck"),
    ("{shop: null}", "E402", "expect.shop", "null", None),
    ("{shpo: stuck}", "E404", "expect.shpo", "'shpo'", "shop"),
    ("{v4: stuck}", "E404", "expect.v4", "'v4'", None),
    ("{'shop:v22': stuck}", "E404", 'expect["shop:v22"]', "'shop:v22'", "shop:v2"),
    ("{1.5: stuck}", "E404", 'expect["1.5"]', "'1.5'", None),
    ("{v: stuck}", "E404", "expect.v", "'v'", None),
]


@pytest.mark.parametrize(("expect", "code", "path", "found", "near"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_one_diagnostic(
    folder: Path, expect: str, code: str, path: str, found: str, near: str | None
) -> None:
    (problem,) = refused(folder, expect)
    assert (problem.code, problem.line, problem.path) == (code, 2, path)
    assert problem.found == found
    if near is not None:
        assert problem.nearest == near
    expected = {"E402": "complete, rolled_back", "E404": "one of shop, "}
    assert expected[code] in (problem.expected or "") or expect == "{}"


def test_every_wrong_name_is_told(folder: Path) -> None:
    text = "\n  shop: complete\n  x: stuck\n  y: stuck"
    assert [(p.code, p.line) for p in refused(folder, text)] == [("E404", 4), ("E404", 5)]


def test_it_changes_no_result_and_survives_settings(folder: Path) -> None:
    plain, made = written(folder, "null"), written(folder, "{shop: complete}")
    assert plain.expect == ()
    assert made.digest == plain.digest
    assert override(made, ["replicas=9", "seed=4"]).expect == made.expect
    assert load_with_verbs(folder / "s.yaml").set(maxSurge=2).expect == made.expect == (("shop", "complete"),)


@pytest.mark.parametrize(
    ("expect", "is_valid"),
    [
        ("complete", True),
        ({"shop": "stuck"}, True),
        (None, True),
        ("completed", False),
        ({"shop": "completed"}, False),
        ({}, False),
        (["complete"], False),
    ],
)
def test_the_schema_and_the_loader_agree(folder: Path, expect: Any, is_valid: bool) -> None:
    data = {"manifests": "shop.yaml", "expect": expect}
    validator = jsonschema.Draft202012Validator(schema("scenario"))
    assert validator.is_valid(data) is is_valid
    if is_valid:
        assert written(folder, json.dumps(expect), "").deployments
    else:
        assert refused(folder, json.dumps(expect), "")
