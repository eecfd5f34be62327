"""What an API server (v1.36, strict dry run) takes is taken, what it refuses is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import Diagnostic, InputError
from sim.spec.document import read_documents
from sim.spec.manifest import Manifests, parse_manifests
from sim.spec.scenario import load
from tests.spec.samples import DEPLOYMENT

SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  selector: {app: a}
  ports: [{name: web, port: 80}]
"""


def read(text: str) -> tuple[Manifests | None, list[Diagnostic]]:
    try:
        made = parse_manifests(text, "f.yaml")
    except InputError as error:
        return None, list(error.diagnostics)
    return made, list(made.diagnostics)


def told(text: str) -> list[tuple[str, int | None, str | None]]:
    return [(d.code, d.line, d.path) for d in read(text)[1] if d.code not in ("W201", "W202")]


def in_pod(lines: str) -> str:
    """The Deployment with more in its pod's spec; line 13 is the first of it."""
    return DEPLOYMENT + "".join(f"      {line}\n" for line in lines.splitlines())


def in_container(lines: str) -> str:
    """The Deployment with more in its container; line 13 is the first of it."""
    return DEPLOYMENT + "".join(f"          {line}\n" for line in lines.splitlines())


def test_manifest_of_these_tests_has_nothing_wrong() -> None:
    assert told(DEPLOYMENT + SERVICE) == []


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("admission-webhook", True),  # 17 characters: two more than a container's port may have
        ("a" * 63, True),
        ("a" * 64, False),
        ("80", True),
        ("8-0", True),
        ("a--b", True),
        ("Web", False),
        ("a_b", False),
        ("-a", False),
    ],
)
def test_port_of_service_is_named_by_dns_label(name: str, fine: bool) -> None:
    # validateServicePort: ValidateDNS1123Label
    found = told(DEPLOYMENT + SERVICE.replace("name: web", f'name: "{name}"'))
    assert found == ([] if fine else [("E107", 19, "spec.ports[0].name")])


@pytest.mark.parametrize("where", ["ports: [{containerPort: 80, name: %s}]", "%s"])
def test_port_of_container_and_aim_stay_short(where: str) -> None:
    name = "admission-webhook"
    aimed = DEPLOYMENT.replace("{port: 80}", f"{{port: {name}}}")
    text = in_container(where % name) if "Port" in where else aimed
    assert [code for code, _, _ in told(text)] == ["E107" if "Port" in where else "E118"]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("serving.knative.dev/v1", "Service"),
        ("acme.io/v1", "Deployment"),
        ("acme.io/v1", "HorizontalPodAutoscaler"),
        ("acme.io/v1", "PodDisruptionBudget"),
        ("acme.io/v1", "StatefulSet"),
    ],
)
def test_kind_of_another_group_is_another_object(version: str, kind: str) -> None:
    other = (
        f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: {{what: [1], ports: x}}\n"
    )
    made, found = read(DEPLOYMENT + other)
    assert made is not None
    assert (len(made.deployments), len(made.services)) == (1, 0)
    assert [str(d) for d in found] == [
        f"f.yaml:15: W204 kind: the kind '{kind}' of '{version.partition('/')[0]}' is not modelled"
    ]


@pytest.mark.parametrize("version", ["v1", "apps/v2", "extensions/v1beta1", "batch/v1"])
def test_version_of_own_group_is_refused(version: str) -> None:
    # Groups without a dot are Kubernetes' own (ValidateCustomResourceDefinitionSpec): nobody serves it.
    assert ("E109", 1, "apiVersion") in told(DEPLOYMENT.replace("apps/v1", version))


def test_autoscaler_of_another_group_owns_no_replicas() -> None:
    target = "{apiVersion: apps/v1, kind: Deployment, name: a}"
    scaler = "---\napiVersion: %s\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n"
    scaler += f"  minReplicas: 4\n  maxReplicas: 9\n  scaleTargetRef: {target}\n"
    for version, replicas in (("autoscaling/v2", 4), ("acme.io/v1", 1)):
        made, _ = read(DEPLOYMENT + scaler % version)
        assert made is not None
        assert made.deployments[0].replicas == replicas


def test_near_kinds_are_no_misspellings() -> None:
    other = "---\napiVersion: %s\nkind: %s\nmetadata: {name: a}\n"
    hints = {}
    for version, kind in (
        ("v1", "ServiceAccount"),
        ("apps.openshift.io/v1", "DeploymentConfig"),
        ("apps/v1", "Deploymnet"),
    ):
        found = read(DEPLOYMENT + other % (version, kind))[1]
        hints[kind] = [d.nearest for d in found if d.code == "W204"]
    assert hints == {"ServiceAccount": [None], "DeploymentConfig": [None], "Deploymnet": ["Deployment"]}


@pytest.mark.parametrize(
    "image",
    [
        "ko://knative.dev/serving/cmd/webhook",
        "REGION-docker.pkg.dev/PROJECT/app:v1",
        "/proxyv2:",
        " a:1",
        "$IMAGE",
    ],
)
def test_image_of_any_text_is_taken_with_a_warning(image: str) -> None:
    # validateContainerCommon asks only that there is one.
    text = DEPLOYMENT.replace("shop/a:1", f'"{image}"')
    assert told(text) == [("W218", 11, "spec.template.spec.containers[0].image")]
    made, _ = read(text)
    assert made is not None
    container = made.deployments[0].template.containers[0]
    # Where the name cannot be parsed there is no tag, and no default for "latest".
    assert (container.image, container.image_pull_policy) == (image, "IfNotPresent")


def test_scenario_of_placeholder_image_can_be_played(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(DEPLOYMENT.replace("shop/a:1", "ko://shop/a"))
    scenario = load(str(file))
    assert [d.code for d in scenario.diagnostics if d.code != "W406"] == ["W218"]
    assert [t.image for t in scenario.templates("a")] == ["ko://shop/a:previous", "ko://shop/a"]


def test_key_given_twice_counts_the_last_time() -> None:
    text = DEPLOYMENT.replace("spec:\n  selector", "spec:\n  replicas: 2\n  replicas: 7\n  selector")
    made, found = read(text)
    assert made is not None
    assert made.deployments[0].replicas == 7
    assert [str(d) for d in found] == [
        "f.yaml:6: W220 spec.replicas: the key is given twice, first in line 5; the last one counts;"
        " found replicas"
    ]


def test_many_keys_given_twice_end_no_reading() -> None:
    text = DEPLOYMENT + "---\nkind: ConfigMap\napiVersion: v1\n" + "a: 1\n" * 500 + "---\n"
    text += DEPLOYMENT.replace("name: a}", "name: b}").replace("app: a", "app: b")
    made, found = read(text)
    assert made is not None
    assert [d.name for d in made.deployments] == ["a", "b"]
    assert 1 < sum(d.code == "W220" for d in found) < 100


def test_key_given_twice_in_own_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        DEPLOYMENT.replace("spec:\n", "spec:\n  paused: true\n  paused: false\n", 1)
    )
    scenario = tmp_path / "s.yaml"
    scenario.write_text("manifests: a.yaml\n")
    assert "W220" in [d.code for d in load(str(scenario)).diagnostics]
    scenario.write_text("manifests: a.yaml\nseed: 1\nseed: 2\n")
    with pytest.raises(InputError, match="E007 seed"):
        load(str(scenario))
    assert [p.code for p in read_documents("a: 1\na: 2\n", "p.yaml")[1]] == ["E007"]


MOUNT = "volumeMounts: [{name: %s, mountPath: /data}]"
SERVICES_OF: dict[str, str] = {
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "ReplicaSet": "apps/v1",
    "Job": "batch/v1",
    "Rollout": "argoproj.io/v1alpha1",
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (in_container(MOUNT % "data") + "      volumes: [{name: data}]\n", []),
        (in_container(MOUNT % "data"), [("E124", 13, "{c}.volumeMounts[0].name")]),
        (
            in_container(MOUNT % "dat") + "      volumes: [{name: data}]\n",
            [("E124", 13, "{c}.volumeMounts[0].name")],
        ),
        (
            in_container("volumeDevices: [{name: data, devicePath: /d}]"),
            [("E124", 13, "{c}.volumeDevices[0].name")],
        ),
        (
            in_pod("initContainers:\n- {name: i, image: 'i:1', " + MOUNT % "data" + "}"),
            [("E124", 14, "spec.template.spec.initContainers[0].volumeMounts[0].name")],
        ),
        (
            in_pod("volumes: [{name: data}, {name: data}]"),
            [("E115", 13, "spec.template.spec.volumes[1].name")],
        ),
        (in_pod("volumes: [{name: my.data}]"), [("E107", 13, "spec.template.spec.volumes[0].name")]),
        (
            in_container("volumeMounts: [{name: d, mountPath: /a}, {name: d, mountPath: /a}]")
            + "      volumes: [{name: d}]\n",
            [("E115", 13, "{c}.volumeMounts[1].mountPath")],
        ),
        (in_pod("serviceAccountName: a.b-1"), []),
        (in_pod("serviceAccountName: My_Account"), [("E107", 13, "spec.template.spec.serviceAccountName")]),
        (in_pod("serviceAccount: My_Account"), [("E107", 13, "spec.template.spec.serviceAccount")]),
        (in_pod("serviceAccount: My_Account\nserviceAccountName: a"), []),
    ],
)
def test_volumes_and_service_accounts(text: str, found: list[tuple[str, int, str]]) -> None:
    # ValidateVolumes, ValidateVolumeMounts, ValidateVolumeDevices, ValidatePodSpec
    container = "spec.template.spec.containers[0]"
    assert told(text) == [(code, line, path.format(c=container)) for code, line, path in found]


def test_missing_volume_is_told_with_the_nearest() -> None:
    text = in_container(MOUNT % "dta") + "      volumes: [{name: data}, {name: tmp}]\n"
    assert [str(d) for d in read(text)[1] if d.is_error] == [
        "f.yaml:13: E124 spec.template.spec.containers[0].volumeMounts[0].name: the pod has no such volume;"
        " found 'dta'; expected data, tmp; did you mean data?"
    ]


def selected_by_other(kind: str) -> str:
    template = "template: {metadata: {labels: {app: b}}}"
    spec = f"jobTemplate: {{spec: {{{template}}}}}" if kind == "CronJob" else template
    head = f"---\napiVersion: {SERVICES_OF.get(kind, 'batch/v1')}\nkind: {kind}\nmetadata: {{name: b}}\n"
    return DEPLOYMENT + SERVICE.replace("app: a", "app: b") + head + f"spec: {{{spec}}}\n"


@pytest.mark.parametrize("kind", [*SERVICES_OF, "CronJob"])
def test_service_of_another_kinds_pods_selects_something(kind: str) -> None:
    assert "W211" not in [code for code, _, _ in told(selected_by_other(kind))]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("labels: {app: b}", "labels: {app: c}"),
        lambda text: text.replace("metadata: {name: b}", "metadata: {name: b, namespace: there}"),
    ],
)
def test_service_of_nobodys_pods_is_told(change: Callable[[str], str]) -> None:
    assert "W211" in [code for code, _, _ in told(change(selected_by_other("StatefulSet")))]


def test_pod_may_be_behind_a_service() -> None:
    pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: b, labels: {app: b}}\nspec: {}\n"
    assert "W211" not in [c for c, _, _ in told(DEPLOYMENT + SERVICE.replace("app: a", "app: b") + pod)]


def test_objects_that_are_not_read_may_be_given_twice() -> None:
    other = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    assert "E102" not in [code for code, _, _ in told(DEPLOYMENT + other + other)]
    knative = SERVICE.replace("apiVersion: v1", "apiVersion: serving.knative.dev/v1")
    assert "E102" not in [code for code, _, _ in told(DEPLOYMENT + SERVICE + knative)]
    assert "E102" in [code for code, _, _ in told(DEPLOYMENT + SERVICE + SERVICE)]
