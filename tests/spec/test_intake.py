"""How manifests are taken: one namespace of several, folders in folders, what has to be rendered first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import Diagnostic, InputError
from sim.spec.intake import Intake
from sim.spec.manifest import load_manifests, parse_manifests
from sim.spec.scenario import load

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: "shop:1", readinessProbe: {tcpSocket: {port: 80}}}]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


def of(namespace: str, text: str = SHOP) -> str:
    return text.replace("name: web}", f"name: web, namespace: {namespace}}}", 1)


def problems(read: Callable[[], object]) -> list[Diagnostic]:
    with pytest.raises(InputError) as caught:
        read()
    return list(caught.value.diagnostics)


def found(text: str, namespace: str | None) -> tuple[list[str], list[str], list[str]]:
    made = parse_manifests(text, "f.yaml", Intake(namespace=namespace))
    told = [str(d) for d in made.diagnostics if d.code != "W211"]
    return [d.namespace for d in made.deployments], [s.namespace for s in made.services], told


def test_one_namespace_of_several() -> None:
    text = "---\n".join([of("one"), of("two"), of("two", SERVICE)])
    assert found(text, None) == (["one", "two"], ["two"], [])
    left_out = "is left out; expected"
    assert found(text, "one") == (
        ["one"],
        [],
        [f"f.yaml:12: W221 metadata.namespace: what is in the namespace 'two' {left_out} one"],
    )
    assert found(text, "two")[:2] == (["two"], ["two"])


def test_objects_that_say_no_namespace_are_in_the_one_that_is_asked_for() -> None:
    assert found(f"{SHOP}---\n{SERVICE}", "team") == (["team"], ["team"], [])
    listed = "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: web}\n"
    listed += "".join(f"  {line}\n" for line in SHOP.splitlines()[3:])
    assert found(listed, "team") == (["team"], [], [])
    # The document says so, too: what is patched later stays there.
    made = parse_manifests(SHOP, "f.yaml", Intake(namespace="team"))
    assert made.deployments[0].document["metadata"] == {"name": "web", "namespace": "team"}


def test_object_that_says_none_is_not_the_one_of_its_name_that_does() -> None:
    text = f"{SHOP}---\n{of('two')}"
    assert found(text, "two")[0] == ["two"]
    assert found(text, "default")[0] == ["default"]


def test_autoscaler_finds_its_target_in_the_namespace() -> None:
    target = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}"
    scaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
    scaler += f"spec: {{minReplicas: 3, maxReplicas: 9, {target}}}\n"
    made = parse_manifests(SHOP + scaler, "f.yaml", Intake(namespace="team"))
    assert made.deployments[0].replicas == 3


def test_bad_object_of_another_namespace_is_not_judged() -> None:
    bad = of("two").replace("spec:\n", "spec:\n  replicas: x\n", 1)
    assert found(f"{of('one')}---\n{bad}", "one")[0] == ["one"]


def test_one_name_in_two_namespaces_needs_a_choice(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"{of('one')}---\n{of('two')}")
    (problem,) = problems(lambda: load(str(file)))
    assert str(problem) == (
        f"{file}: E409 Deployment 'web' is in two namespaces, one and two; expected one namespace at a time:"
        " -n one"
    )
    assert [d.namespace for d in load(str(file), intake=Intake(namespace="two")).deployments] == ["two"]
    (tmp_path / "s.yaml").write_text("manifests: a.yaml\n")
    scenario = load(str(tmp_path / "s.yaml"), intake=Intake(namespace="two"))
    assert [d.namespace for d in scenario.deployments] == ["two"]


def test_file_of_a_folder_that_is_no_object_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SHOP)
    (tmp_path / "settings.yaml").write_text("debug: true\n---\n[1, 2]\n")
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    made = load_manifests([str(tmp_path)])
    assert [(d.code, Path(str(d.file)).name) for d in made.diagnostics] == [
        ("W222", "settings.yaml"),
        ("W222", "values.yaml"),
    ]
    # A file that somebody named was meant.
    assert "E104" in [d.code for d in problems(lambda: load_manifests([str(tmp_path / "settings.yaml")]))]
    (tmp_path / "half.yaml").write_text("kind: Deployment\n")
    assert [d.code for d in problems(lambda: load_manifests([str(tmp_path)])) if d.is_error] == ["E104"]


def test_scenario_among_the_manifests_of_a_folder_is_still_told(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SHOP)
    (tmp_path / "s.yaml").write_text("manifests: shop.yaml\n")
    assert [d.code for d in problems(lambda: load_manifests([str(tmp_path)])) if d.is_error] == ["E402"]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "my base/kustomization.yaml": "resources: [shop.yaml]\n",
        "my base/shop.yaml": SHOP,
        "chart/Chart.yaml": "name: shop\n",
        "chart/values.yaml": "tag: 1\n",
        "chart/templates/shop.yaml": SHOP.replace('"shop:1"', "{{ .Values.image }}"),
        "chart/templates/quoted.yaml": SHOP.replace("shop:1", "{{ .Values.image }}"),
        "lone/shop.yaml": SHOP.replace('"shop:1"', "{{ .Values.image }}"),
        "lone/k.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


HELM = "helm template chart chart | rollsim run -"
KUSTOMIZE = "kubectl kustomize 'my base' | rollsim run -"


@pytest.mark.parametrize(
    ("source", "code", "expected"),
    [
        ("my base", "E109", KUSTOMIZE),
        ("my base/kustomization.yaml", "E109", KUSTOMIZE),
        ("chart", "E109", HELM),
        ("chart/", "E109", "helm template chart chart/ | rollsim run -"),
        ("chart/templates", "E109", HELM),
        ("chart/Chart.yaml", "E109", HELM),
        ("chart/values.yaml", "E109", HELM),
        ("chart/templates/shop.yaml", "E006", HELM),
        ("chart/templates/quoted.yaml", "E110", HELM),
        ("lone/shop.yaml", "E006", "helm template NAME DIR | rollsim run -"),
        ("lone/k.yaml", "E109", "kubectl kustomize lone | rollsim run -"),
    ],
)
def test_what_has_to_be_rendered_is_answered_with_the_pipe(
    tree: Path, source: str, code: str, expected: str
) -> None:
    first = next(d for d in problems(lambda: load_manifests([source])) if d.is_error)
    assert (first.code, first.expected) == (code, expected)


def test_every_folder_that_has_to_be_rendered_is_told(tree: Path) -> None:
    told = problems(lambda: load_manifests(["."], intake=Intake(recursive=True)))
    assert [(d.code, d.file, d.expected) for d in told] == [
        ("E109", "./chart", "helm template chart ./chart | rollsim run -"),
        ("E109", "./my base", "kubectl kustomize './my base' | rollsim run -"),
    ]


def test_folders_in_folders_are_read(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "shop.yaml").write_text(SHOP)
    (tmp_path / "a" / "ci.yaml").write_text("jobs: {}\n")
    made = load_manifests([str(tmp_path)], intake=Intake(recursive=True))
    assert [d.name for d in made.deployments] == ["web"]
    assert [d.code for d in made.diagnostics] == ["W222"]
