"""Deployments that leave their replicas to a HorizontalPodAutoscaler."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.engine import simulate
from sim.errors import Diagnostic, InputError
from sim.spec.manifest import load_manifests, parse_manifests
from sim.spec.scenario import load, override
from sim.spec.steps import KubectlStep

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers: [{name: a, image: "a:1", readinessProbe: {httpGet: {path: /, port: 80}}}]
"""
TARGET = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}"
SCALER = f"""\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: a}}
spec: {{minReplicas: 4, maxReplicas: 10, {TARGET}}}
"""
BOTH = f"{DEPLOYMENT}---\n{SCALER}"
SAYS = (
    "f.yaml:12: W208 kind: HorizontalPodAutoscaler 'a' is not modelled: Deployment 'a' says no replicas and"
    " is played with its minReplicas, 4, unless they are set"
)


def said(text: str) -> tuple[int, list[str]]:
    """Return the replicas of the Deployment, and the codes of what is told."""
    made = parse_manifests(text, "f.yaml")
    return made.deployments[0].replicas, [d.code for d in made.diagnostics]


def test_it_is_played_with_the_least_and_a_line_says_so() -> None:
    made = parse_manifests(BOTH, "f.yaml")
    assert made.deployments[0].replicas == 4
    assert [str(d) for d in made.diagnostics] == [SAYS]


@pytest.mark.parametrize(
    ("old", "new", "replicas", "code"),
    [
        ("minReplicas: 4, ", "", 1, "W208"),
        ("minReplicas: 4", "minReplicas: null", 1, "W208"),
        ("minReplicas: 4", "minReplicas: 6.0", 6, "W208"),
        ("minReplicas: 4", "minReplicas: 0", 0, "W208"),
        ("apps/v1, kind: Deployment, n", "apps/v1beta2, kind: Deployment, n", 4, "W208"),
        ("autoscaling/v2", "autoscaling/v1", 4, "W208"),
        ("metadata: {name: a}\nspec:\n", "metadata: {name: a}\nspec:\n  replicas: 7\n", 7, "W205"),
        ("metadata: {name: a}\nspec:\n", "metadata: {name: a}\nspec:\n  replicas: null\n", 4, "W208"),
        ("kind: Deployment, name: a", "kind: Deployment, name: b", 1, "W205"),
        ("kind: Deployment, name: a", "kind: StatefulSet, name: a", 1, "W205"),
        ("apps/v1, kind: Deployment, n", "extensions/v1, kind: Deployment, n", 1, "W205"),
        ("metadata: {name: a}\nspec: {min", "metadata: {name: a, namespace: b}\nspec: {min", 1, "W205"),
        ("metadata: {name: a}\nspec: {min", "metadata: {name: a, namespace: default}\nspec: {min", 4, "W208"),
    ],
)
def test_whom_it_scales_and_to_what(old: str, new: str, replicas: int, code: str) -> None:
    assert old in BOTH
    assert said(BOTH.replace(old, new)) == (replicas, [code])


@pytest.mark.parametrize(
    ("least", "code"), [("four", "E103"), ("-1", "E105"), ("100001", "E105"), ("true", "E103")]
)
def test_a_least_that_is_no_number_of_pods_is_refused(least: str, code: str) -> None:
    with pytest.raises(InputError) as error:
        parse_manifests(BOTH.replace("minReplicas: 4", f"minReplicas: {least}"), "f.yaml")
    errors: list[Diagnostic] = [d for d in error.value.diagnostics if d.is_error]
    assert [(d.code, d.line, d.path) for d in errors] == [(code, 14, "spec.minReplicas")]


def test_order_lists_and_files_make_no_difference(tmp_path: Path) -> None:
    assert said(f"{SCALER}---\n{DEPLOYMENT}") == (4, ["W208"])
    items = "".join("\n- " + text.replace("\n", "\n  ").rstrip() for text in (DEPLOYMENT, SCALER))
    assert said(f"apiVersion: v1\nkind: List\nitems:{items}\n") == (4, ["W208"])
    (tmp_path / "1.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (tmp_path / "2.yaml").write_text(SCALER, encoding="utf-8")
    for names in (["1.yaml", "2.yaml"], ["2.yaml", "1.yaml"]):
        assert load_manifests([str(tmp_path / name) for name in names]).deployments[0].replicas == 4
    assert load_manifests([str(tmp_path)]).deployments[0].replicas == 4
    assert load_manifests([str(tmp_path / "1.yaml")]).deployments[0].replicas == 1


def test_of_two_the_first_counts() -> None:
    other = SCALER.replace("name: a}\nspec: {minReplicas: 4", "name: b}\nspec: {minReplicas: 8")
    made = parse_manifests(f"{BOTH}---\n{other}", "f.yaml")
    assert made.deployments[0].replicas == 4
    assert [d.message.endswith("minReplicas, 4, unless they are set") for d in made.diagnostics] == [
        True,
        True,
    ]


def test_what_is_doubtful_goes_by_the_pods_that_there_are() -> None:
    rolling = "spec:\n  strategy: {rollingUpdate: {maxUnavailable: 2}}\n  selector"
    assert said(BOTH.replace("spec:\n  selector", rolling)) == (4, ["W208"])
    assert said(DEPLOYMENT.replace("spec:\n  selector", rolling)) == (1, ["W214"])


def test_settings_and_steps_find_the_replicas(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BOTH, encoding="utf-8")
    made = load(tmp_path / "a.yaml", profile="textbook")
    assert [d.replicas for d in made.deployments] == [4]
    assert [d.replicas for d in override(made, ["maxSurge=2"]).deployments] == [4]
    assert [d.replicas for d in override(made, ["replicas=9"]).deployments] == [9]
    assert len(simulate(made).tables["pods"]["pod"]) == 8


def test_what_a_step_creates_has_them_too(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BOTH, encoding="utf-8")
    text = "profile: textbook\nsteps: [{kubectl: create -f a.yaml}]\n"
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    made = load(tmp_path / "s.yaml")
    (step,) = made.steps
    assert isinstance(step, KubectlStep)
    assert [one.name for one in step.objects] == ["a", "a"]
    assert [d.replicas for d in made.all_deployments] == [4]
    assert [d.code for d in made.diagnostics] == ["W208"]
    assert len(simulate(made).tables["pods"]["pod"]) == 4
