"""The patch makes the one manifest of the other, in our merge and as kubectl reads it."""

from __future__ import annotations

import copy
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import load
from sim.choose import kubectl_command, patch_of, patch_yaml
from sim.kubectl.command import Command, parse
from sim.spec.assignments import PROBE_KEYS, SHORT
from sim.spec.document import dump, parse_documents
from sim.spec.override import override
from sim.spec.patch import strategic_merge
from sim.spec.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 10
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: proxy
          image: proxy:1
          ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53, protocol: TCP}]
        - name: app
          image: app:1
          args: [serve, --fast]
          ports: [{containerPort: 8080}]
          env: [{name: A, value: "1"}, {name: B, value: "2"}]
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 5}
          livenessProbe: {httpGet: {path: /, port: 8080}, failureThreshold: 5}
          startupProbe: {httpGet: {path: /, port: 8080}}
"""


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> list[Scenario]:
    """Return scenarios with many settings, with few, and with Recreate."""
    path = tmp_path_factory.mktemp("web") / "web.yaml"
    path.write_text(MANIFEST)
    manifests = ROOT / "scenarios" / "manifests"
    return [load(path), load(manifests / "testqc-guarded.yaml"), load(manifests / "testqc-recreate.yaml")]


def document(scenario: Scenario) -> dict[str, Any]:
    return dict(scenario.deployments[0].document)


VALUES = {
    "replicas": ["3", "0", "null"],
    "paused": ["true", "false", "null"],
    "strategy": ["Recreate", "RollingUpdate", "null"],
    "maxSurge": ["2", "50%", "100%"],
    "maxUnavailable": ["1", "10%"],
    "minReadySeconds": ["7", "null"],
    "progressDeadlineSeconds": ["300", "null"],
    "revisionHistoryLimit": ["2", "null"],
    "terminationGracePeriodSeconds": ["5", "null"],
}
PROBED = {
    **{key: ["3"] for key in PROBE_KEYS if key != "successThreshold"},
    "successThreshold": ["1", "null"],
}
single = [f"{key}={text}" for key, texts in VALUES.items() for text in texts] + [
    f"readinessProbe.{key}={text}" for key, texts in PROBED.items() for text in texts
]


def test_every_short_key_is_tried() -> None:
    assert set(VALUES) == set(SHORT)


@pytest.mark.property
@given(
    st.integers(0, 2),
    st.lists(st.sampled_from(single), min_size=1, max_size=4, unique_by=lambda s: s.split("=")[0]),
)
def test_the_patch_is_what_an_override_changes(
    scenarios: list[Scenario], which: int, assignments: list[str]
) -> None:
    scenario = scenarios[which]
    is_recreate = which == 2 or "strategy=Recreate" in assignments
    if is_recreate or "strategy=null" in assignments:
        # What means nothing to Recreate is refused beside it.
        assignments = [text for text in assignments if not text.startswith(("maxSurge", "maxUnavailable"))]
    if which == 2:
        assignments = [text for text in assignments if not text.startswith("readinessProbe")]
    before = document(scenario)
    after = document(override(scenario, assignments))
    patch = patch_of(before, after)
    assert strategic_merge(before, patch) == after
    assert patch == parse_documents(patch_yaml(patch), "patch.yaml")[0].data if patch else before == after


def test_patches_worked_out_by_hand(scenarios: list[Scenario]) -> None:
    many, few, recreate = scenarios

    def made(scenario: Scenario, *assignments: str) -> dict[str, Any]:
        return patch_of(document(scenario), document(override(scenario, assignments)))

    assert made(many) == {}
    assert made(many, "maxSurge=25%", "minReadySeconds=5") == {
        "spec": {"strategy": {"rollingUpdate": {"maxSurge": "25%"}}, "minReadySeconds": 5}
    }
    gone = {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}
    assert made(many, "strategy=Recreate") == gone
    # The manifest says nothing of a strategy, but the cluster has its defaults.
    assert made(few, "strategy=Recreate") == gone
    assert made(recreate, "strategy=RollingUpdate") == {"spec": {"strategy": {"type": "RollingUpdate"}}}
    assert made(many, "strategy=null") == {"spec": {"strategy": None}}
    assert made(many, "readinessProbe.periodSeconds=1", "replicas=null") == {
        "spec": {
            "replicas": None,
            "template": {"spec": {"containers": [{"name": "app", "readinessProbe": {"periodSeconds": 1}}]}},
        }
    }
    by_path = made(
        many, "spec.template.spec.containers[1].image=app:2", "livenessProbe.failureThreshold=null"
    )
    assert by_path["spec"]["template"]["spec"]["containers"] == [
        {"name": "app", "image": "app:2", "livenessProbe": {"failureThreshold": None}}
    ]


def containers(*items: Any) -> dict[str, Any]:
    return {"containers": list(items)}


A, B = {"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1", "args": ["x"]}
WHOLE = {"$patch": "replace"}


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "c": [1]}, {"c": [1], "a": None}),
        ({"a": [1, 2]}, {"a": [2]}, {"a": [2]}),
        ({"a": {"b": 1}}, {"a": 3}, {"a": 3}),
        ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": None}}),
        (containers(A), containers(A, B), containers(B)),
        (containers(A, B), containers(B), containers({"name": "a", "$patch": "delete"})),
        (containers(A, B), containers(A, {**B, "args": []}), containers({"name": "b", "args": []})),
        (containers(A, B), containers(B, A), containers(WHOLE, B, A)),
        (containers(A, B), containers(B, {"name": "c"}, A), containers(WHOLE, B, {"name": "c"}, A)),
        (containers(A), containers({"image": "nameless"}), containers(WHOLE, {"image": "nameless"})),
        (containers(A), containers("text"), containers(WHOLE, "text")),
        (containers(A), containers({"name": []}), containers(WHOLE, {"name": []})),
        (
            {"ports": [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "protocol": "TCP"}]},
            {"ports": [{"containerPort": 53, "protocol": "UDP"}]},
            {"ports": [WHOLE, {"containerPort": 53, "protocol": "UDP"}]},
        ),
        (
            {"ports": [{"containerPort": 1}]},
            {"ports": []},
            {"ports": [{"containerPort": 1, "$patch": "delete"}]},
        ),
    ],
)
def test_differences(before: dict[str, Any], after: dict[str, Any], patch: dict[str, Any]) -> None:
    unchanged = copy.deepcopy((before, after))
    assert patch_of(before, after) == patch
    assert strategic_merge(before, patch) == after
    assert (before, after) == unchanged


def test_a_patch_is_a_copy() -> None:
    after = containers({**B, "args": ["x"]}, A)
    for before in ({}, containers(A), containers(A, B)):
        patch = patch_of(before, after)
        for item in patch["containers"]:
            item.setdefault("args", []).append("changed")
    assert after == containers({**B, "args": ["x"]}, A)


names = st.sampled_from(["a", "b", "c"])
leaves = st.one_of(st.integers(0, 2), st.sampled_from(["x", "1e3", "y", ""]), st.booleans())
items = st.dictionaries(st.sampled_from(["name", "containerPort", "image"]), names, max_size=3)
data = st.recursive(
    leaves,
    lambda below: st.one_of(
        st.lists(below, max_size=2),
        st.dictionaries(st.sampled_from(["spec", "strategy", "type", "k"]), below, max_size=3),
        st.fixed_dictionaries(
            {}, optional={"containers": st.lists(items, max_size=3), "ports": st.lists(items, max_size=2)}
        ),
    ),
    max_leaves=8,
)
mappings = st.dictionaries(st.sampled_from(["spec", "containers", "k"]), data, max_size=3)


@pytest.mark.property
@given(mappings, mappings)
def test_any_document_can_be_made_of_any_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert strategic_merge(before, patch_of(before, after)) == after


def test_the_line_for_kubectl() -> None:
    assert kubectl_command("web", "default", {"spec": {"replicas": 3}}) == (
        """kubectl patch deployment web -n default --patch '{"spec":{"replicas":3}}'"""
    )
    hostile = {"metadata": {"annotations": {"a": 'it\'s $HOME `x` "q"\n\u202e'}}}
    line = kubectl_command("web", "shop", hostile)
    assert line.isprintable()
    words = shlex.split(line)
    assert json.loads(words[-1]) == hostile
    command = parse(words[1:])
    assert isinstance(command, Command)
    assert (command.verb, command.namespace) == ("patch", "shop")
    assert [(target.kind, target.name) for target in command.targets] == [("deployments", "web")]
    assert json.loads(command.flags["patch"]) == hostile


def test_the_yaml_of_a_patch() -> None:
    patch = {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}, "replicas": 3}}
    assert patch_yaml(patch) == (
        "spec:\n  strategy:\n    type: Recreate\n    rollingUpdate: null\n  replicas: 3\n"
    )


TEXTS = [
    "1e3",
    "y",
    "on",
    "0o14",
    "1_000",
    "~",
    "",
    ".inf",
    "=",
    "<<",
    "8080:80",
    "2020-01-01",
    " x",
    "a: b",
    "#",
    "é😀",
]
TEXTS += ["multi\nline\n", "x" * 300 + " y", "\x7f\t", "---", "25%", "@", "\u2028"]


texts = st.one_of(st.sampled_from(TEXTS), st.text("aY10e.:#-\n '\"", max_size=6))
# As a key, "<<" merges a mapping.
keys = texts.filter(lambda text: text != "<<")
numbers = st.one_of(st.integers(-(2**62), 2**62), st.floats(allow_nan=False, allow_infinity=False))
values = st.recursive(
    st.one_of(texts, numbers, st.booleans(), st.none()),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(keys, below, max_size=3)),
    max_leaves=6,
)


@pytest.mark.property
@given(values)
def test_what_is_dumped_is_read_back(value: Any) -> None:
    assert repr(parse_documents(dump({"a": value}), "x")[0].data) == repr({"a": value})


def test_no_value_is_written_as_a_reference_to_another() -> None:
    shared = {"port": 1}
    assert dump({"a": shared, "b": shared}) == "a:\n  port: 1\nb:\n  port: 1\n"
