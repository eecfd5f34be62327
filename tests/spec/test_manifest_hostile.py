"""Whatever is in a manifest: a value or an InputError, and soon."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import Diagnostic, InputError
from sim.spec.manifest import Manifests, deployment_from, parse_manifests

BASE: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"a": "b"}, "annotations": {"x": "y"}},
    "spec": {
        "replicas": 3,
        "minReadySeconds": 1,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}},
        "selector": {
            "matchLabels": {"app": "web"},
            "matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}],
        },
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "terminationGracePeriodSeconds": 30,
                "containers": [
                    {
                        "name": "a",
                        "image": "a:1",
                        "ports": [{"containerPort": 80, "name": "http"}],
                        "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": 2}},
                        "readinessProbe": {"httpGet": {"port": "http"}, "periodSeconds": 1},
                        "livenessProbe": {"exec": {"command": ["x"]}},
                        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
                    }
                ],
            },
        },
    },
}
SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"type": "ClusterIP", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "http"}]},
}
ROOT = Path(__file__).parents[2]
WORDS = st.sampled_from(
    [
        "replicas",
        "name",
        "image",
        "port",
        "app",
        "List",
        "Deployment",
        "maxSurge",
        "25%",
        "0",
        "-1",
        "web",
        "command",
        "sleep",
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    WORDS,
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def places_of(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [at] if at else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places_of(item, (*at, key))
    return found


def mutated(draw: Any, base: dict[str, Any]) -> dict[str, Any]:
    """The base with one to three of its values replaced by anything."""
    document = copy.deepcopy(base)
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from(places_of(document)))
        parent: Any = document
        for key in path:
            parent = parent[key]
        parent[last] = draw(VALUES)
        if not places_of(document):
            break
    return document


@st.composite
def documents(draw: Any) -> dict[str, Any]:
    return mutated(draw, draw(st.sampled_from([BASE, SERVICE])))


def problems_of(call: Callable[[], object]) -> tuple[Diagnostic, ...] | None:
    """What a call refuses with; None when it does not."""
    try:
        call()
    except InputError as error:
        return error.diagnostics
    return None


def read_or_refuse(text: str | bytes) -> Manifests | None:
    problems = problems_of(lambda: parse_manifests(text, "f.yaml"))
    if problems is not None:
        assert any(d.is_error for d in problems)
        assert all(str(d).isprintable() for d in problems)
        return None
    found = parse_manifests(text, "f.yaml")
    assert not any(d.is_error for d in found.diagnostics)
    return found


def test_the_bases_are_good() -> None:
    found = read_or_refuse(json.dumps(BASE) + "\n---\n" + json.dumps(SERVICE))
    assert found is not None
    assert found.diagnostics == ()


@pytest.mark.property
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents())
def test_only_an_input_error_ever_escapes(document: dict[str, Any]) -> None:
    found = read_or_refuse(json.dumps(document, ensure_ascii=True).replace("\\ud", "\\u00"))
    if found is not None:
        for deployment in found.deployments:
            again = deployment_from(deployment.document)
            assert again == deployment
            assert len(again.template.hash) == 10
            assert again.selects(again.template.labels)
            surge, unavailable = again.strategy.max_surge, again.strategy.max_unavailable
            assert again.strategy.type == "Recreate" or (surge.value, unavailable.value) != (0, 0)


@pytest.mark.property
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents())
def test_a_patched_document_is_a_deployment_or_an_input_error(document: dict[str, Any]) -> None:
    problems = problems_of(lambda: deployment_from(document))
    assert problems is None or problems
    assert all(d.is_error for d in problems or ())


@pytest.mark.property
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_text_is_read_or_refused(text: bytes | str) -> None:
    read_or_refuse(text)


def deployment_text(number: int, selector: str = "{matchLabels: {a: b}}") -> str:
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{number}}}\n"
        f"spec:\n  selector: {selector}\n"
        "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i:1}]}}\n---\n"
    )


NO_OVERLAP = (
    "{matchExpressions: [{key: a, operator: In, values: [b]}, {key: zz, operator: NotIn, values: [b]}]}"
)
MANY_NAMES = "\n".join(f"  minReadySecond{i}: 1" for i in range(90_000))
MANY_CONTAINERS = "[" + ",".join("{name: same}" for _ in range(60_000)) + "]"
MANY_WORDS = ",".join(["RollingUpdat"] * 60_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        deployment_text(0) + "".join(deployment_text(i + 1) for i in range(6_000)),
        "".join(
            deployment_text(i, "{matchExpressions: [{key: zz, operator: NotIn, values: [b]}]}")
            for i in range(990)
        ),
        deployment_text(0).replace("spec:\n", f"spec:\n{MANY_NAMES}\n", 1),
        deployment_text(0).replace("[{name: c, image: i:1}]", MANY_CONTAINERS),
        deployment_text(0).replace("{a: b}, ", "{" + ",".join(f"k{i}: '?'" for i in range(90_000)) + "}, "),
        deployment_text(0).replace("i:1", "a" * 4_000_000),
        deployment_text(0).replace("i:1", "a-" * 1_000_000),
        deployment_text(0).replace("d0", "a." * 1_000_000),
        "".join(f"apiVersion: v1\nkind: Deploymen{i}\n---\n" for i in range(60_000)),
    ],
    ids=["deployments", "selectors", "unknown", "containers", "labels", "image", "dashes", "name", "kinds"],
)
def test_floods_end_in_bounded_time(text: str) -> None:
    began = time.process_time()
    problems_of(lambda: parse_manifests(text, "f.yaml"))
    assert time.process_time() - began < 10  # 5 s on a quiet machine


def test_the_module_is_quick_to_import() -> None:
    """0.25 s on a quiet machine; held against pydantic's own import, as this one may be busy."""

    def import_s(module: str) -> float:
        code = f"import time; a = time.process_time(); {module}; print(time.process_time() - a)"
        return min(float(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT)) for _ in range(4))

    assert import_s("import sim.spec.manifest") < 3 * import_s("from pydantic import BaseModel")


def test_the_problems_of_one_document_are_limited() -> None:
    names = "\n".join(f"  x{i}: 1" for i in range(2000))
    text = deployment_text(0).replace("spec:\n", f"spec:\n{names}\n")
    problems = problems_of(lambda: parse_manifests(text, "f"))
    assert problems is not None
    assert len(problems) == 1000
    assert [d.code for d in problems][-2:] == ["E123", "E199"]


def test_the_number_of_deployments_is_limited() -> None:
    texts = [deployment_text(i) for i in range(1005)]
    assert problems_of(lambda: parse_manifests("".join(texts[:1000]), "f")) is None
    problems = problems_of(lambda: parse_manifests("".join(texts), "f"))
    assert [d.code for d in problems or () if d.is_error] == ["E120"]
