"""Manifests as the API server takes them: its defaults, and every mistake with its code, line and path."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from sim.errors import Diagnostic, InputError
from sim.spec.manifest import (
    Deployment,
    Manifests,
    PodTemplate,
    Probe,
    ServicePort,
    deployment_from,
    immutable_changes,
    load_manifests,
    parse_manifests,
)
from sim.units import IntOrPercent

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "manifests"
GOLDEN = ROOT / "tests" / "golden"

# Each name in braces is a place where a case puts its own line.
BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: app
          image: shop/web:v1
          readinessProbe:
            tcpSocket: {port: 80}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
    - port: 80
"""


def changed(old: str, new: str, text: str = BASE) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def deployment(text: str = BASE) -> Deployment:
    (found,) = parse_manifests(text, "f.yaml").deployments
    return found


def places(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[str, int | None, str | None]]:
    return [(d.code, d.line, d.path) for d in diagnostics]


def refused(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(InputError) as caught:
        parse_manifests(text, "f.yaml")
    return caught.value.diagnostics


def spec_line(line: str) -> str:
    """The base with one more line at line 6, in `spec`."""
    return changed(
        "  replicas: 3\n", f"  {line}\n" + ("" if line.startswith("replicas") else "  replicas: 3\n")
    )


def strategy(text: str) -> str:
    return spec_line(f"strategy: {text}")


def container(line: str) -> str:
    """The base with one more line at line 16, in the container."""
    return changed("          readinessProbe:\n", f"          {line}\n          readinessProbe:\n")


def probe(line: str) -> str:
    """The base with one more line at line 17, in the readiness probe."""
    return changed("            tcpSocket", f"            {line}\n            tcpSocket")


CONTAINER = "spec.template.spec.containers[0]"


def test_the_practitioners_manifest_loads_as_it_stands() -> None:
    found = load_manifests([str(ROOT / "scenarios" / "manifests" / "testqc.yaml")])
    (testqc,), (service,) = found.deployments, found.services
    (nodejs,) = testqc.template.containers
    assert (testqc.name, testqc.replicas, testqc.selector) == ("testqc", 3, {"app": "testing"})
    assert (nodejs.name, nodejs.image) == ("nodejs", "qinchaowhut/allen:v1")
    assert nodejs.image_pull_policy == "IfNotPresent"
    assert (service.name, service.type) == ("allen-loadbalancer", "LoadBalancer")
    assert service.ports == (ServicePort(port=80, target_port=8080),)
    assert service.selects(testqc.template.labels)
    assert [d.code for d in found.diagnostics] == ["W210"]


def test_what_kubectl_exports_loads_without_a_word() -> None:
    found = load_manifests([str(HERE / "exported.yaml")])
    assert found.diagnostics == ()
    assert [(d.namespace, d.name) for d in found.deployments] == [("shop", "web")]
    assert [s.name for s in found.services] == ["web"]


def test_the_api_servers_defaults_are_filled_in() -> None:
    bare = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
    bare += "spec:\n  selector: {matchLabels: {a: b}}\n"
    bare += (
        "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i:1, readinessProbe: "
    )
    bare += "{exec: {command: [x]}, periodSeconds: 0, failureThreshold: null}}]}}\n"
    found = deployment(bare)
    share = IntOrPercent(25, True)
    assert found.namespace == "default"
    assert (found.replicas, found.paused, found.min_ready_seconds) == (1, False, 0)
    assert (found.progress_deadline_seconds, found.revision_history_limit) == (600, 10)
    assert found.strategy.type == "RollingUpdate"
    assert found.strategy.max_surge == found.strategy.max_unavailable == share
    assert found.template.termination_grace_period_seconds == 30
    (only,) = found.template.containers
    # 0 is how Go says "not given": the API server replaces it by the default.
    expected = Probe(
        initial_delay_seconds=0,
        timeout_seconds=1,
        period_seconds=10,
        success_threshold=1,
        failure_threshold=3,
    )
    assert only.readiness_probe == expected
    assert (only.liveness_probe, only.startup_probe, only.pre_stop_seconds, only.requests) == (
        None,
        None,
        0.0,
        {},
    )


def test_every_field_that_is_modelled_is_read() -> None:
    text = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {a: b}, annotations: {note: ""}}
spec:
  replicas: 3.0
  paused: true
  minReadySeconds: 5
  progressDeadlineSeconds: 2147483647
  revisionHistoryLimit: 2147483647
  selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: NotIn, values: [db]}]}
  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 50%}}
  template:
    metadata: {labels: {app: web}, annotations: {x/y: z}}
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: a
          image: i
          resources: {requests: {cpu: 250m}, limits: {cpu: 1, memory: 1Gi}}
          lifecycle: {preStop: {exec: {command: [/bin/sh, -c, sleep 15 && nginx -s quit]}}}
          readinessProbe: {grpc: {port: 5}, initialDelaySeconds: 1, timeoutSeconds: 2, periodSeconds: 3,
                           successThreshold: 4, failureThreshold: 5}
          livenessProbe: {httpGet: {port: web}, failureThreshold: 7}
          startupProbe: {exec: {command: [x]}, failureThreshold: 30}
        - {name: b, image: "i:2", lifecycle: {preStop: {sleep: {seconds: 7}}}}
"""
    found = deployment(text)
    assert (found.namespace, found.labels, found.annotations) == ("shop", {"a": "b"}, {"note": ""})
    assert (found.replicas, found.paused, found.min_ready_seconds) == (3, True, 5)
    assert (found.progress_deadline_seconds, found.revision_history_limit) == (None, None)
    assert (str(found.strategy.max_surge), str(found.strategy.max_unavailable)) == ("0", "50%")
    assert found.selects({"app": "web"})
    assert not found.selects({"app": "web", "tier": "db"})
    assert found.template.annotations == {"x/y": "z"}
    assert found.template.termination_grace_period_seconds == 60
    assert found.template.image == "i,i:2"
    first, second = found.template.containers
    assert first.requests == {"cpu": 0.25, "memory": 2**30}
    assert (first.image_pull_policy, second.image_pull_policy) == ("Always", "IfNotPresent")
    assert (first.pre_stop_seconds, second.pre_stop_seconds) == (15.0, 7.0)
    assert first.readiness_probe is not None
    assert tuple(first.readiness_probe.model_dump().values()) == (1, 2, 3, 4, 5)
    assert first.liveness_probe == Probe(failure_threshold=7)
    assert first.startup_probe == Probe(failure_threshold=30)


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("app", "Always"),
        ("app:latest", "Always"),
        ("reg:5000/app", "Always"),
        ("app:v1", "IfNotPresent"),
        ("reg:5000/app:v1", "IfNotPresent"),
        ("app@sha256:" + "0" * 64, "IfNotPresent"),
        ("app:latest@sha256:" + "0" * 64, "Always"),
    ],
)
def test_the_pull_policy_follows_the_tag(image: str, policy: str) -> None:
    (only,) = deployment(changed("shop/web:v1", image)).template.containers
    assert only.image_pull_policy == policy


BAD_DEPLOYMENTS: list[tuple[str, str, int, str]] = [
    (changed("  name: web\n", "  {}\n"), "E104", 3, "metadata.name"),
    (changed("name: web\n", "name: Web\n"), "E107", 4, "metadata.name"),
    (changed("name: web\n", "name: 7\n"), "E103", 4, "metadata.name"),
    (changed("name: web\n", f"name: {'a' * 254}\n"), "E107", 4, "metadata.name"),
    (changed("name: web\n", "generateName: web-\n"), "E104", 4, "metadata.generateName"),
    (changed("name: web\n", "name: web\n  namespace: a.b\n"), "E107", 5, "metadata.namespace"),
    (changed("name: web\n", "name: web\n  labels: {v: 1.0}\n"), "E103", 5, "metadata.labels.v"),
    (changed("name: web\n", "name: web\n  labels: {v: a b}\n"), "E108", 5, "metadata.labels.v"),
    (changed("name: web\n", "name: web\n  labels: {a/b/c: d}\n"), "E108", 5, 'metadata.labels["a/b/c"]'),
    (changed("name: web\n", "name: web\n  annotations: [a]\n"), "E103", 5, "metadata.annotations"),
    (changed("apps/v1", "apps/v1beta2"), "E109", 1, "apiVersion"),
    (changed("apps/v1", "v1"), "E109", 1, "apiVersion"),
    (changed("apiVersion: apps/v1", "a: b"), "E104", 1, "apiVersion"),
    (changed("kind: Deployment", "a: b"), "E104", 1, "kind"),
    (spec_line("replicas: -1"), "E105", 6, "spec.replicas"),
    (spec_line("replicas: 100001"), "E120", 6, "spec.replicas"),
    (spec_line("replicas: 2147483648"), "E105", 6, "spec.replicas"),
    (spec_line("replicas: '3'"), "E103", 6, "spec.replicas"),
    (spec_line("replicas: 2.5"), "E103", 6, "spec.replicas"),
    (spec_line("replicas: true"), "E103", 6, "spec.replicas"),
    (spec_line("minReadySeconds: -1"), "E105", 6, "spec.minReadySeconds"),
    (spec_line("minReadySeconds: 600"), "E112", 6, "spec.minReadySeconds"),
    (spec_line("progressDeadlineSeconds: 0"), "E112", 6, "spec.progressDeadlineSeconds"),
    (spec_line("revisionHistoryLimit: -1"), "E105", 6, "spec.revisionHistoryLimit"),
    (spec_line("paused: 1"), "E103", 6, "spec.paused"),
    (strategy("{type: Rolling}"), "E106", 6, "spec.strategy.type"),
    (strategy("[]"), "E103", 6, "spec.strategy"),
    (strategy("{type: Recreate, rollingUpdate: {maxSurge: 1}}"), "E114", 6, "spec.strategy.rollingUpdate"),
    (
        strategy("{rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}"),
        "E122",
        6,
        "spec.strategy.rollingUpdate.maxUnavailable",
    ),
    (
        strategy("{rollingUpdate: {maxSurge: 0%, maxUnavailable: 0}}"),
        "E122",
        6,
        "spec.strategy.rollingUpdate.maxUnavailable",
    ),
    (strategy("{rollingUpdate: {maxSurge: '25'}}"), "E111", 6, "spec.strategy.rollingUpdate.maxSurge"),
    (strategy("{rollingUpdate: {maxSurge: -1}}"), "E111", 6, "spec.strategy.rollingUpdate.maxSurge"),
    (strategy("{rollingUpdate: {maxSurge: 1.5}}"), "E111", 6, "spec.strategy.rollingUpdate.maxSurge"),
    (
        strategy("{rollingUpdate: {maxUnavailable: 101%}}"),
        "E111",
        6,
        "spec.strategy.rollingUpdate.maxUnavailable",
    ),
    (changed("  selector:\n    matchLabels: {app: web}\n", ""), "E104", 5, "spec.selector"),
    (changed("    matchLabels: {app: web}\n", "    {}\n"), "E113", 7, "spec.selector"),
    (
        changed("matchLabels: {app: web}", "matchLabels: {app: db}"),
        "E113",
        11,
        "spec.template.metadata.labels",
    ),
    (changed("    metadata:\n      labels: {app: web}\n", ""), "E113", 9, "spec.template.metadata.labels"),
    (
        changed("matchLabels: {app: web}", "matchExpressions: [{key: app, operator: In}]"),
        "E113",
        8,
        "spec.selector.matchExpressions[0].values",
    ),
    (
        changed("matchLabels: {app: web}", "matchExpressions: [{key: app, operator: Is}]"),
        "E106",
        8,
        "spec.selector.matchExpressions[0].operator",
    ),
    (
        changed("      containers:\n", "      restartPolicy: Never\n      containers:\n"),
        "E119",
        13,
        "spec.template.spec.restartPolicy",
    ),
    (
        changed("      containers:\n", "      activeDeadlineSeconds: 5\n      containers:\n"),
        "E119",
        13,
        "spec.template.spec.activeDeadlineSeconds",
    ),
    (
        BASE[: BASE.index("      containers:")] + "      containers: []\n",
        "E104",
        13,
        "spec.template.spec.containers",
    ),
    (BASE[: BASE.index("    spec:")] + "    spec:\n", "E104", 12, "spec.template.spec"),
    (BASE[: BASE.index("  template:")], "E104", 5, "spec.template"),
    (BASE + "        - {name: app, image: b:1}\n", "E115", 18, "spec.template.spec.containers[1].name"),
    (BASE + "        - {name: b}\n", "E104", 18, "spec.template.spec.containers[1].image"),
    (BASE + "        - {name: b, image: ''}\n", "E104", 18, "spec.template.spec.containers[1].image"),
    (BASE + "        - {image: b:1}\n", "E104", 18, "spec.template.spec.containers[1].name"),
    (BASE + "        - 7\n", "E103", 18, "spec.template.spec.containers[1]"),
    (changed("name: app", "name: a.b"), "E107", 14, f"{CONTAINER}.name"),
    (changed("shop/web:v1", "'{{ .Values.image }}'"), "E110", 15, f"{CONTAINER}.image"),
    (container("imagePullPolicy: Sometimes"), "E106", 16, f"{CONTAINER}.imagePullPolicy"),
    (container("ports: [{containerPort: 0}]"), "E105", 16, f"{CONTAINER}.ports[0].containerPort"),
    (container("ports: [{name: http}]"), "E104", 16, f"{CONTAINER}.ports[0].containerPort"),
    (container("resources: {requests: {cpu: 1x}}"), "E117", 16, f"{CONTAINER}.resources.requests.cpu"),
    (container("resources: {requests: {cpu: -1}}"), "E117", 16, f"{CONTAINER}.resources.requests.cpu"),
    (container("resources: {limits: {mem: 1}}"), "E117", 16, f"{CONTAINER}.resources.limits.mem"),
    (
        container("resources: {requests: {cpu: 2}, limits: {cpu: 500m}}"),
        "E117",
        16,
        f"{CONTAINER}.resources.requests.cpu",
    ),
    (
        container("resources: {requests: {cpu: 501m}, limits: {cpu: 0.5}}"),
        "E117",
        16,
        f"{CONTAINER}.resources.requests.cpu",
    ),
    (probe("exec: {command: [x]}"), "E116", 16, f"{CONTAINER}.readinessProbe"),
    (probe("periodSeconds: -1"), "E105", 17, f"{CONTAINER}.readinessProbe.periodSeconds"),
    (container("livenessProbe: {}"), "E116", 16, f"{CONTAINER}.livenessProbe"),
    (container("startupProbe: {exec: {}}"), "E104", 16, f"{CONTAINER}.startupProbe.exec.command"),
    (container("startupProbe: {grpc: {port: web}}"), "E118", 16, f"{CONTAINER}.startupProbe.grpc.port"),
    (
        container("startupProbe: {httpGet: {port: 70000}}"),
        "E118",
        16,
        f"{CONTAINER}.startupProbe.httpGet.port",
    ),
    (
        container("livenessProbe: {exec: {command: [x]}, successThreshold: 2}"),
        "E116",
        16,
        f"{CONTAINER}.livenessProbe.successThreshold",
    ),
    (
        container("lifecycle: {preStop: {sleep: {seconds: 31}}}"),
        "E116",
        16,
        f"{CONTAINER}.lifecycle.preStop.sleep.seconds",
    ),
    (spec_line("minReadySecond: 5"), "E123", 6, "spec.minReadySecond"),
    (spec_line("maxSurge: 5"), "E123", 6, "spec.maxSurge"),
    (container("foo: 1") + "        - {name: b, image: b:1, foo: 2}\n", "E123", 16, f"{CONTAINER}.foo"),
]


@pytest.mark.parametrize(("text", "code", "line", "path"), BAD_DEPLOYMENTS)
def test_a_bad_deployment_is_refused_in_one_place(text: str, code: str, line: int, path: str) -> None:
    assert places(tuple(d for d in refused(text) if d.is_error)) == [(code, line, path)]


@pytest.mark.parametrize(
    ("text", "code", "line", "path"),
    [
        (changed("name: web", "name: 1web", SERVICE), "E107", 4, "metadata.name"),
        (changed("  ports:\n    - port: 80\n", "", SERVICE), "E104", 5, "spec.ports"),
        (changed("port: 80", "port: 0", SERVICE), "E118", 8, "spec.ports[0].port"),
        (changed("port: 80", "targetPort: 80", SERVICE), "E104", 8, "spec.ports[0].port"),
        (changed("port: 80", "{port: 80, targetPort: Web}", SERVICE), "E118", 8, "spec.ports[0].targetPort"),
        (changed("port: 80", "{port: 80, protocol: tcp}", SERVICE), "E106", 8, "spec.ports[0].protocol"),
        (changed("  ports:", "  type: Balancer\n  ports:", SERVICE), "E106", 7, "spec.type"),
        (changed("  ports:", "  type: ExternalName\n  ports:", SERVICE), "E104", 5, "spec.externalName"),
        (changed("{app: web}", "{app: 1}", SERVICE), "E103", 6, "spec.selector.app"),
        (
            changed("port: 80", "{port: 80, name: a}\n    - {port: 81, name: a}", SERVICE),
            "E115",
            9,
            "spec.ports[1].name",
        ),
        (changed("apiVersion: v1", "apiVersion: v2", SERVICE), "E109", 1, "apiVersion"),
    ],
)
def test_a_bad_service_is_refused_in_one_place(text: str, code: str, line: int, path: str) -> None:
    assert places(refused(text)) == [(code, line, path)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (container("env: [{name: A}]"), [("W201", 16, "spec.template.spec.containers")]),
        (
            container("{env: [{name: A}], args: [b]}".strip("{}").replace(", args", "\n          args")),
            [("W201", 16, "spec.template.spec.containers")],
        ),
        (
            changed("      containers:\n", "      initContainers: [{name: i}]\n      containers:\n"),
            [("W202", 13, "spec.template.spec.initContainers")],
        ),
        (
            changed("      containers:\n", "      readinessGates: [{conditionType: x}]\n      containers:\n"),
            [("W202", 13, "spec.template.spec.readinessGates")],
        ),
        (
            changed("      containers:\n", "      dnsPolicy: Default\n      containers:\n"),
            [("W201", 13, "spec.template.spec")],
        ),
        (changed("      containers:\n", "      dnsPolicy: ClusterFirst\n      containers:\n"), []),
        (BASE[: BASE.index("          readinessProbe")], [("W210", 13, "spec.template.spec.containers")]),
        (changed("shop/web:v1", "shop/web"), [("W213", 15, f"{CONTAINER}.image")]),
        (spec_line("revisionHistoryLimit: 0"), [("W217", 6, "spec.revisionHistoryLimit")]),
        (
            strategy("{rollingUpdate: {maxSurge: 0}}"),
            [("W216", 6, "spec.strategy.rollingUpdate.maxUnavailable")],
        ),
        (strategy("{rollingUpdate: {maxSurge: 0, maxUnavailable: 34%}}"), []),
        (
            strategy("{rollingUpdate: {maxSurge: 0, maxUnavailable: 33%}}"),
            [("W216", 6, "spec.strategy.rollingUpdate.maxUnavailable")],
        ),
        (
            strategy("{rollingUpdate: {maxUnavailable: 3}}"),
            [("W214", 6, "spec.strategy.rollingUpdate.maxUnavailable")],
        ),
        (strategy("{rollingUpdate: {maxUnavailable: 2}}"), []),
        (strategy("{type: Recreate}"), []),
        (container("resources: {requests: {cpu: 0.5}, limits: {cpu: 500m}}"), []),
        (
            container("lifecycle: {preStop: {exec: {command: [sleep, '30']}}}"),
            [("W215", 16, f"{CONTAINER}.lifecycle.preStop")],
        ),
        (container("lifecycle: {preStop: {exec: {command: [sleep, '29']}}}"), []),
        (
            container(f"lifecycle: {{preStop: {{exec: {{command: [sleep, '{'9' * 70}']}}}}}}"),
            [("W215", 16, f"{CONTAINER}.lifecycle.preStop")],
        ),
        (
            container("lifecycle: {preStop: {exec: {command: [/stop]}}}"),
            [("W219", 16, f"{CONTAINER}.lifecycle.preStop")],
        ),
        (SERVICE, [("W211", 6, "spec.selector")]),
        (changed("  selector: {app: web}\n", "", SERVICE), [("W211", 5, "spec")]),
        (BASE + "---\n" + SERVICE, []),
        (
            BASE + "---\n" + changed("name: web\n", "name: web\n  namespace: b\n", SERVICE),
            [("W211", 25, "spec.selector")],
        ),
        (BASE + "---\n" + changed("name: web\n", "name: b\n"), [("W212", 25, "spec.selector")]),
        (BASE + "---\n" + changed("name: web\n", "name: b\n  namespace: b\n"), []),
        ("apiVersion: v1\nkind: Secret\n---\napiVersion: v1\nkind: Secret\n", [("W204", 2, "kind")]),
        ("apiVersion: apps/v1\nkind: StatefulSet\n", [("W207", 2, "kind")]),
        ("apiVersion: policy/v1\nkind: PodDisruptionBudget\n", [("W206", 2, "kind")]),
    ],
)
def test_what_is_doubtful_is_told_once(text: str, found: list[tuple[str, int, str]]) -> None:
    assert places(parse_manifests(text, "f.yaml").diagnostics) == found


def test_messages_name_what_matters() -> None:
    def message(text: str) -> str:
        return str(parse_manifests(text, "f.yaml").diagnostics[0])

    scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: auto}\n"
    scaler += "spec: {scaleTargetRef: {kind: Deployment, name: web}}\n"
    assert "'auto'" in message(scaler)
    assert "Deployment 'web'" in message(scaler)
    for text in (scaler, "apiVersion: policy/v1\nkind: PodDisruptionBudget\n"):
        assert "optimistic" in message(text)
    assert message("apiVersion: v1\nkind: deployment\n").endswith("did you mean Deployment?")
    assert message(container("env: [{name: A}]\n          args: [b]")).endswith("not modelled: args, env")
    (error,) = refused(changed("shop/web:v1", "'{{ .Values.image }}'"))
    assert error.expected == "helm template NAME DIR | rollsim run -"
    (error,) = refused(changed("apps/v1", "extensions/v1beta1"))
    assert "use apps/v1" in error.message


def test_files_that_manifests_are_made_from_are_sent_back_to_be_rendered(tmp_path: Path) -> None:
    for name, words in [("kustomization.yaml", "kubectl kustomize"), ("Chart.yaml", "helm template")]:
        (tmp_path / name).write_text("resources: [a.yaml]\n")
        with pytest.raises(InputError, match=words):
            load_manifests([str(tmp_path / name)])


def test_all_problems_of_all_documents_come_together_in_order() -> None:
    """Compared with a golden file; ROLLSIM_REGENERATE=1 writes it anew."""
    text = (HERE / "bad.yaml").read_text()
    with pytest.raises(InputError) as caught:
        parse_manifests(text, "bad.yaml")
    golden = GOLDEN / "bad-manifest.txt"
    if os.environ.get("ROLLSIM_REGENERATE"):
        golden.write_text(f"{caught.value}\n")
    assert f"{caught.value}\n" == golden.read_text()
    lines = [d.line for d in caught.value.diagnostics]
    assert lines == sorted(line for line in lines if line is not None)


def test_problems_of_several_files_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    for name, text in [
        ("b.yaml", "a: ["),
        ("a.yaml", spec_line("replicas: x")),
        ("empty.yaml", "# nothing\n"),
    ]:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        load_manifests([str(tmp_path), str(tmp_path / "gone.yaml"), "-"], stdin=io.BytesIO(b"\xff"))
    names = [(Path(d.file or "").name, d.code) for d in caught.value.diagnostics]
    assert names == [("a.yaml", "E103"), ("b.yaml", "E005"), ("gone.yaml", "E001"), ("<stdin>", "E004")]


def test_what_is_given_twice_names_the_first_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BASE)
    with pytest.raises(InputError, match=rf"given twice, first in {tmp_path}/a.yaml:4"):
        load_manifests([str(tmp_path / "a.yaml"), "-"], stdin=io.StringIO(BASE))
    two = parse_manifests(BASE + "---\n" + changed("name: web\n", "name: web\n  namespace: b\n"), "f")
    assert [d.namespace for d in two.deployments] == ["default", "b"]


def test_a_list_is_its_items() -> None:
    inner = "\n".join("    " + line for line in BASE.splitlines())
    text = "apiVersion: v1\nkind: List\nitems:\n  -\n" + inner.replace("replicas: 3", "replicas: x")
    assert places(refused(text)) == [("E103", 10, "spec.replicas")]
    typed = text.replace("kind: List", "kind: DeploymentList").replace("replicas: x", "replicas: 4")
    typed = typed.replace("apiVersion: v1", "apiVersion: apps/v1", 1).replace("    kind: Deployment\n", "")
    typed = typed.replace("    apiVersion: apps/v1\n", "")
    assert deployment(typed).replicas == 4
    assert parse_manifests("apiVersion: v1\nkind: List\nitems: []\n", "f") == Manifests()


def test_the_hash_follows_everything_in_the_template_and_not_the_order() -> None:
    base = deployment().template.hash
    assert set(base) <= set("bcdfghjklmnpqrstvwxz2456789")
    assert base == "7fb5767cbf"
    reordered = changed(
        "        - name: app\n          image: shop/web:v1\n",
        "        - image: shop/web:v1\n          name: app\n",
    )
    assert deployment(reordered).template.hash == base
    assert deployment(spec_line("minReadySeconds: 5")).template.hash == base
    nulled = changed("    metadata:\n", "    metadata:\n      creationTimestamp: null\n")
    assert deployment(nulled).template.hash == base
    different = [
        container("env: [{name: A, value: b}]"),
        probe("periodSeconds: 3"),
        changed(":v1\n", ":v2\n"),
    ]
    assert len({base, *(deployment(text).template.hash for text in different)}) == 4


def test_a_template_built_by_hand_has_a_hash_too() -> None:
    template = deployment().template
    bare = PodTemplate(labels=template.labels, containers=template.containers)
    other = PodTemplate(labels={"a": "b"}, containers=template.containers)
    assert bare.hash != other.hash


def test_values_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        deployment().replicas = 5


def test_a_patched_document_is_validated_again() -> None:
    document = deployment().document
    patched = {**document, "spec": {**document["spec"], "replicas": 7}}
    assert deployment_from(patched).replicas == 7
    assert deployment_from(document) == deployment()
    with pytest.raises(InputError) as caught:
        deployment_from({**document, "spec": {**document["spec"], "replicas": -7}}, file="f.yaml")
    assert places(caught.value.diagnostics) == [("E105", None, "spec.replicas")]
    assert caught.value.diagnostics[0].file == "f.yaml"


@pytest.mark.parametrize(
    "document", [{}, {"kind": "Service"}, {"apiVersion": "v1"}, {"spec": {}}, {"spec": []}]
)
def test_what_is_no_deployment_is_refused_after_a_patch(document: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        deployment_from(document)
    assert caught.value.diagnostics


def test_the_selector_cannot_change() -> None:
    old = deployment()
    both = BASE.replace("{app: web}", "{app: web, v: b}")
    assert [d.path for d in immutable_changes(old, deployment(both))] == ["spec.selector"]
    assert [d.path for d in immutable_changes(old, deployment(changed("name: web\n", "name: b\n")))] == [
        "metadata.name"
    ]
    assert immutable_changes(old, deployment(spec_line("replicas: 9"))) == ()


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("env: 5", "containers[0].env"),
        ("env: [{value: x}]", "containers[0].env[0].name"),
        ("env: [{name: A, value: 5}]", "containers[0].env[0].value"),
        ("envFrom: [5]", "containers[0].envFrom[0]"),
        ("volumeMounts: [{}]", "containers[0].volumeMounts[0].name"),
        ("command: 5", "containers[0].command"),
        ("securityContext: {privileged: 1}", "containers[0].securityContext.privileged"),
        ("lifecycle: {preStop: {exec: {command: x}}}", "containers[0].lifecycle.preStop.exec.command"),
    ],
)
def test_what_is_not_of_its_type_is_refused_wherever_it_stands(line: str, path: str) -> None:
    codes = [place for place in places(refused(container(line))) if place[2] == f"spec.template.spec.{path}"]
    assert codes
    assert {code for code, _, _ in codes} <= {"E103", "E104"}
