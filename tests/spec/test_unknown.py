"""Fields that Kubernetes does not know, in kinds that are read: refused as by kubectl --validate=strict."""

from __future__ import annotations

from typing import Any

import pytest

from sim.errors import Diagnostic, InputError
from sim.spec import vocabulary
from sim.spec.document import parse_documents
from sim.spec.field_names import TYPES
from sim.spec.fields import Vocabulary
from sim.spec.intake import Intake
from sim.spec.manifest import manifests_from
from sim.spec.template_types import STRUCTS
from tests.spec.samples import DEPLOYMENT

SCALER = """\
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: a}
spec:
  maxReplicas: 4
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}
  %s
"""
SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec:
  selector: {app: a}
  %s
"""


def found(text: str, validate: Any = "strict") -> list[Diagnostic]:
    try:
        every = manifests_from(parse_documents(text, "f.yaml"), intake=Intake(validate)).diagnostics
    except InputError as error:
        every = error.diagnostics
    return [d for d in every if d.code in ("E123", "W203")]


def told(text: str) -> list[tuple[int | None, str | None, str | None]]:
    return [(d.line, d.path, d.nearest) for d in found(text)]


CONTAINER = "spec.template.spec.containers[0]"


@pytest.mark.parametrize(
    ("text", "line", "path", "nearest"),
    [
        (DEPLOYMENT + "          readynessProbe: {}\n", 13, f"{CONTAINER}.readynessProbe", "readinessProbe"),
        (
            DEPLOYMENT + "          readynessProbe: null\n",
            13,
            f"{CONTAINER}.readynessProbe",
            "readinessProbe",
        ),
        (
            DEPLOYMENT + "      volumes: [{name: a}, {name: v, configMap: {nam: c}}]\n",
            13,
            "spec.template.spec.volumes[1].configMap.nam",
            "name",
        ),
        (
            DEPLOYMENT + "          env: [{name: A, valuefrom: {}}]\n",
            13,
            f"{CONTAINER}.env[0].valuefrom",
            "valueFrom",
        ),
        (
            DEPLOYMENT + "      affinity: {nodeAffinity: {required: {}}}\n",
            13,
            "spec.template.spec.affinity.nodeAffinity.required",
            None,
        ),
        (
            DEPLOYMENT + "      initContainers: [{name: i, image: 'i:1', comand: [x]}]\n",
            13,
            "spec.template.spec.initContainers[0].comand",
            "command",
        ),
        (
            DEPLOYMENT + SERVICE % "type: ClusterIP\n  clusterip: None\n  ports: [{port: 1}]",
            20,
            "spec.clusterip",
            "clusterIP",
        ),
        (DEPLOYMENT + SERVICE % "ports: [{port: 80, target: 8}]", 19, "spec.ports[0].target", "targetPort"),
        (DEPLOYMENT + SCALER % "minReplica: 2", 20, "spec.minReplica", "minReplicas"),
        (
            DEPLOYMENT + SCALER % "behavior: {scaleUp: {policy: []}}",
            20,
            "spec.behavior.scaleUp.policy",
            "policies",
        ),
        (
            DEPLOYMENT + SCALER.replace("v2", "v1") % "metrics: []",
            20,
            "spec.metrics",
            None,
        ),
    ],
)
def test_unknown_field_is_refused_at_any_depth(text: str, line: int, path: str, nearest: str | None) -> None:
    assert told(text) == [(line, path, nearest)]


@pytest.mark.parametrize(
    "more",
    [
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, x: 1}\nfoo: 1\n",
        "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec: {foo: 1}\n",
        "---\napiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\nspec: {foo: 1}\n",
        (SCALER % "foo: 1").replace("autoscaling/v2", "autoscaling/v2beta2"),
        "status: {foo: 1}\n",
        "          resources: {limits: {example.com/gpu: 1}}\n      nodeSelector: {foo: bar}\n",
    ],
)
def test_what_is_not_read_is_not_judged(more: str) -> None:
    assert told(DEPLOYMENT + more) == []


def test_words_of_validate() -> None:
    text = DEPLOYMENT + "          readynessProbe: {}\n"
    assert {v: [str(d) for d in found(text, v)] for v in ("strict", "warn", "ignore")} == {
        "strict": [
            f"f.yaml:13: E123 {CONTAINER}.readynessProbe: Kubernetes does not know this field, and kubectl"
            " refuses it (--validate=warn takes it); did you mean readinessProbe?"
        ],
        "warn": [
            f"f.yaml:13: W203 {CONTAINER}.readynessProbe: Kubernetes does not know this field, and it has no"
            " effect; did you mean readinessProbe?"
        ],
        "ignore": [],
    }


def test_place_where_a_field_belongs_is_told() -> None:
    (one,) = found(DEPLOYMENT.replace("spec:\n", "spec:\n  maxSurge: 1\n", 1))
    assert one.expected == "it in spec.strategy.rollingUpdate"
    (one,) = found(DEPLOYMENT + "$patch: delete\n")
    assert one.expected == "whole objects, such as `kubectl kustomize DIR` prints"


SPOKEN_OF: dict[str, Vocabulary] = {
    "Deployment": vocabulary.OBJECT,
    "Service": vocabulary.OBJECT,
    "ObjectMeta": vocabulary.METADATA,
    "DeploymentSpec": vocabulary.DEPLOYMENT_SPEC,
    "DeploymentStrategy": vocabulary.STRATEGY,
    "RollingUpdateDeployment": vocabulary.ROLLING_UPDATE,
    "LabelSelector": vocabulary.SELECTOR,
    "LabelSelectorRequirement": vocabulary.REQUIREMENT,
    "PodTemplateSpec": vocabulary.TEMPLATE,
    "PodSpec": vocabulary.POD_SPEC,
    "Container": vocabulary.CONTAINER,
    "ContainerPort": vocabulary.CONTAINER_PORT,
    "ResourceRequirements": vocabulary.RESOURCES,
    "Lifecycle": vocabulary.LIFECYCLE,
    "LifecycleHandler": vocabulary.PRE_STOP,
    "Probe": vocabulary.PROBE,
    "ExecAction": vocabulary.HANDLERS["exec"],
    "HTTPGetAction": vocabulary.HANDLERS["httpGet"],
    "TCPSocketAction": vocabulary.HANDLERS["tcpSocket"],
    "GRPCAction": vocabulary.HANDLERS["grpc"],
    "SleepAction": vocabulary.HANDLERS["sleep"],
    "ServiceSpec": vocabulary.SERVICE_SPEC,
    "ServicePort": vocabulary.SERVICE_PORT,
}


@pytest.mark.parametrize("go", SPOKEN_OF)
def test_every_field_that_there_is_has_a_word_said_about_it(go: str) -> None:
    assert SPOKEN_OF[go].names == TYPES[go].keys()


def test_every_field_of_the_hash_is_known() -> None:
    def keys(go: str) -> set[str]:
        fields = STRUCTS[go]
        return {k for f in fields for k in (keys(f.go) if f.inline else {f.key})}

    for go in STRUCTS:
        name = go.removeprefix("v1.")
        if name in TYPES:
            assert keys(go) <= TYPES[name].keys(), name


def test_every_type_of_the_table_is_in_it() -> None:
    assert {go for fields in TYPES.values() for go in fields.values()} - {""} <= TYPES.keys()
