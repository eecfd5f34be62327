"""`kubectl describe` and `kubectl rollout history`, against kubectl's own tests and real outputs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sim.kubectl import describe, template_text
from sim.kubectl.container_text import container_lines, probe_text
from sim.kubectl.volume_text import volume_lines

TEMPLATE = {
    "metadata": {"labels": {"app": "allen"}},
    "spec": {
        "containers": [
            {
                "name": "nodejs",
                "image": "qinchaowhut/allen:v2",
                "ports": [{"containerPort": 8080}],
                "resources": {"requests": {"memory": "1024Mi", "cpu": "0.5"}},
                "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 2},
            }
        ]
    },
}

# The blocks are those of TestDescribeDeployment and of the Deployments page of the Kubernetes documentation.
DESCRIBED = """\
Name:                   testqc
Namespace:              default
CreationTimestamp:      Fri, 01 Jan 2021 00:00:00 +0000
Labels:                 app=allen
                        tier=x
Annotations:            deployment.kubernetes.io/revision: 2
                        kubernetes.io/change-cause: by hand
Selector:               app=allen
Replicas:               3 desired | 3 updated | 3 total | 3 available | 0 unavailable
StrategyType:           RollingUpdate
MinReadySeconds:        5
RollingUpdateStrategy:  25% max unavailable, 1 max surge
Pod Template:
  Labels:  app=allen
  Containers:
   nodejs:
    Image:      qinchaowhut/allen:v2
    Port:       8080/TCP
    Host Port:  0/TCP
    Requests:
      cpu:         500m
      memory:      1Gi
    Readiness:     http-get http://:8080/healthz delay=0s timeout=1s period=2s #success=1 #failure=3
    Environment:   <none>
    Mounts:        <none>
  Volumes:         <none>
  Node-Selectors:  <none>
  Tolerations:     <none>
Conditions:
  Type           Status  Reason
  ----           ------  ------
  Available      True    MinimumReplicasAvailable
  Progressing    True    NewReplicaSetAvailable
OldReplicaSets:  testqc-1 (0/0 replicas created)
NewReplicaSet:   testqc-2 (3/3 replicas created)
Events:
  Type    Reason             Age                From                   Message
  ----    ------             ----               ----                   -------
  Normal  ScalingReplicaSet  2m5s               deployment-controller  Scaled up replica set testqc-1 to 3
  Normal  ScalingReplicaSet  10s (x2 over 20s)  deployment-controller  Scaled up replica set testqc-2 to 3
"""


def deployment(**fields):
    values = {
        "name": "testqc",
        "namespace": "default",
        "creation_timestamp": datetime(2021, 1, 1, tzinfo=UTC),
        "selector": {"matchLabels": {"app": "allen"}},
        "template": TEMPLATE,
        "desired": 3,
        "updated": 3,
        "replicas": 3,
        "available": 3,
        "unavailable": 0,
        **fields,
    }
    return describe.DeploymentView(**values)


def event(age, message, **fields):
    values = {"type": "Normal", "reason": "ScalingReplicaSet", "source": "deployment-controller", **fields}
    return describe.Event(age=age, message=message, **values)


def test_a_deployment():
    view = deployment(
        labels={"tier": "x", "app": "allen"},
        annotations={
            "kubernetes.io/change-cause": "by hand",
            "deployment.kubernetes.io/revision": "2",
            "kubectl.kubernetes.io/last-applied-configuration": "{}",
        },
        min_ready_seconds=5,
        max_unavailable="25%",
        max_surge="1",
        conditions=(
            describe.Condition(type="Available", status="True", reason="MinimumReplicasAvailable"),
            describe.Condition(type="Progressing", status="True", reason="NewReplicaSetAvailable"),
        ),
        old_replica_sets=(describe.ReplicaSetRef(name="testqc-1", created=0, desired=0),),
        new_replica_set=describe.ReplicaSetRef(name="testqc-2", created=3, desired=3),
    )
    events = [
        event(10, "Scaled up replica set testqc-2 to 3\n", first_age=20, count=2),
        event(125, "Scaled up replica set testqc-1 to 3"),
    ]
    assert describe.describe_deployment(view, events) == DESCRIBED


def test_a_deployment_with_nothing_yet():
    """TestDescribeDeployment: the last lines are one block with those of the template."""
    template = {"spec": {"containers": [{"name": "", "image": "mytest-image:latest", "volumeMounts": [
        {"name": "vol-foo", "mountPath": "/tmp/vol-foo"}, {"name": "vol-bar", "mountPath": "/tmp/vol-bar"},
    ]}], "volumes": [{"name": "vol-foo", "emptyDir": {}}, {"name": "vol-bar", "emptyDir": {}}]}}  # fmt: skip
    new = describe.ReplicaSetRef(name="bar-001", created=1, desired=1)
    view = deployment(
        name="bar", namespace="foo", strategy="Recreate", template=template, new_replica_set=new
    )
    text = describe.describe_deployment(view, [])
    for part in (
        "Name:               bar\nNamespace:          foo",
        "CreationTimestamp:  Fri, 01 Jan 2021 00:00:00 +0000",
        "Annotations:        <none>",
        "Image:        mytest-image:latest",
        "Mounts:\n      /tmp/vol-bar from vol-bar (rw)\n      /tmp/vol-foo from vol-foo (rw)",
        "OldReplicaSets:    <none>",
        "NewReplicaSet:     bar-001 (1/1 replicas created)",
        "Events:            <none>",
        "Node-Selectors:  <none>",
        "Tolerations:     <none>",
    ):
        assert part in text
    assert "RollingUpdateStrategy" not in text
    assert "ReplicaSet" not in describe.describe_deployment(deployment(), [])


def test_a_replica_set():
    view = describe.ReplicaSetView(
        name="testqc-1", namespace="default", selector={"matchLabels": {"app": "allen"}}, template=TEMPLATE,
        current=3, desired=3, running=2, waiting=1, controlled_by="Deployment/testqc",
    )  # fmt: skip
    text = describe.describe_replicaset(view, [])
    assert text.startswith(
        "Name:           testqc-1\nNamespace:      default\nSelector:       app=allen\n"
        "Labels:         <none>\nAnnotations:    <none>\nControlled By:  Deployment/testqc\n"
        "Replicas:       3 current / 3 desired\n"
        "Pods Status:    2 Running / 1 Waiting / 0 Succeeded / 0 Failed\n"
        "Pod Template:\n  Labels:  app=allen\n"
    )
    assert text.endswith("  Tolerations:     <none>\nEvents:            <none>\n")


def test_two_empty_lines_between_objects():
    assert describe.described(["a\n", "b\n"]) == "a\n\n\nb\n"


@pytest.mark.parametrize(
    ("probe", "text"),
    [
        ({"exec": {"command": ["cat", "/x"]}}, "exec [cat /x]"),
        ({"httpGet": {"port": 8080}}, "http-get http://:8080/"),
        (
            {"httpGet": {"port": "web", "host": "h", "scheme": "HTTPS", "path": "a?b"}},
            "http-get https://h:web/a%3Fb",
        ),
        ({"httpGet": {"port": 80, "host": "::1"}}, "http-get http://[::1]:80/"),
        ({"tcpSocket": {"port": 80}}, "tcp-socket :80"),
        ({"grpc": {"port": 80}}, "grpc <pod>:80 "),
        ({}, "unknown"),
    ],
)
def test_probes(probe, text):
    assert probe_text(probe) == f"{text} delay=0s timeout=1s period=10s #success=1 #failure=3"


def test_everything_in_a_container():
    container = {
        "name": "c", "image": "i", "command": ["sh", "-c"], "args": ["a\nb"],
        "ports": [{"containerPort": 80, "hostPort": 8080}, {"containerPort": 53, "protocol": "UDP"}],
        "resources": {"limits": {"cpu": 2}},
        "envFrom": [
            {"configMapRef": {"name": "m"}},
            {"secretRef": {"name": "s", "optional": True}, "prefix": "P_"},
        ],
        "env": [
            {"name": "A", "value": "1\n2"},
            {"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "L", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}},
            {"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            {"name": "M", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k", "optional": True}}},
        ],
        "volumeMounts": [{"name": "v", "mountPath": "/b", "readOnly": True, "subPath": "x"}],
        "volumeDevices": [{"name": "d", "devicePath": "/dev/x"}],
        "securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "p.json"}},
    }  # fmt: skip
    assert container_lines("Containers", [container], "  ") == [
        "  Containers:",
        "   c:",
        "    Image:\ti",
        "    Ports:\t80/TCP, 53/UDP",
        "    Host Ports:\t8080/TCP, 0/UDP",
        "    SeccompProfile:\tLocalhost",
        "      LocalhostProfile:\tp.json",
        "    Command:",
        "      sh",
        "      -c",
        "    Args:",
        "      a",
        "      b",
        "    Limits:",
        "      cpu:\t2",
        "    Environment Variables from:",
        "      m\tConfigMap\tOptional: false",
        "      s\tSecret with prefix 'P_'\tOptional: true",
        "    Environment:",
        "      A:\t1",
        "      \t2",
        "      N:\t (v1:metadata.name)",
        "      L:\t2000 (limits.cpu)",
        "      S:\t<set to the key 'k' in secret 's'>\tOptional: false",
        "      M:\t<set to the key 'k' of config map 'm'>\tOptional: true",
        "    Mounts:",
        '      /b from v (ro,path="x")',
        "    Devices:",
        "      /dev/x from d",
    ]
    assert container_lines("Containers", [], "") == ["Containers: <none>"]


def test_volumes():
    volumes = [
        {"name": "h", "hostPath": {"path": "/x"}},
        {"name": "e", "emptyDir": {"medium": "Memory", "sizeLimit": "1024Mi"}},
        {"name": "s", "secret": {"secretName": "t", "optional": True}},
        {"name": "c", "csi": {"driver": "d", "volumeAttributes": {"b": "2", "a": "1"}}},
        {"name": "d", "downwardAPI": {
            "items": [{"path": "p", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
        {"name": "p", "projected": {
            "sources": [{"serviceAccountToken": {"path": "t"}}, {"configMap": {"name": "m"}}]}},
        {"name": "x", "cephfs": {}},
        {"name": "n"},
    ]  # fmt: skip
    assert volume_lines(volumes, "  ") == [
        "  Volumes:",
        "   h:",
        "    Type:\tHostPath (bare host directory volume)",
        "    Path:\t/x",
        "    HostPathType:\t",
        "   e:",
        "    Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
        "    Medium:\tMemory",
        "    SizeLimit:\t1Gi",
        "   s:",
        "    Type:\tSecret (a volume populated by a Secret)",
        "    SecretName:\tt",
        "    Optional:\ttrue",
        "   c:",
        "    Type:\tCSI (a Container Storage Interface (CSI) volume source)",
        "    Driver:\td",
        "    FSType:\t",
        "    ReadOnly:\tfalse",
        "    VolumeAttributes:\t    a=1",
        "        \t    b=2",
        "   d:",
        "    Type:\tDownwardAPI (a volume populated by information about the pod)",
        "    Items:",
        "      metadata.labels -> p",
        "   p:",
        "    Type:\tProjected (a volume that contains injected data from multiple sources)",
        "    TokenExpirationSeconds:\t3600",
        "    ConfigMapName:\tm",
        "    ConfigMapOptional:\t<nil>",
        "   x:",
        "    Type:\tcephfs",
        "   n:",
        "    Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
        "    Medium:\t",
        "    SizeLimit:\t<unset>",
    ]
    assert volume_lines([], "") == ["Volumes:\t<none>"]


def test_what_else_a_template_says():
    spec = {
        "serviceAccountName": "robot", "initContainers": [{"name": "i", "image": "x"}], "containers": [],
        "topologySpreadConstraints": [
            {"topologyKey": "z", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"},
            {"topologyKey": "a", "maxSkew": 3, "whenUnsatisfiable": "DoNotSchedule",
             "labelSelector": {"matchLabels": {"k": "v"}}},
        ],
        "priorityClassName": "high", "nodeSelector": {"disk": "ssd"},
        "tolerations": [
            {"operator": "Exists"},
            {"key": "k", "value": "v", "effect": "NoExecute", "tolerationSeconds": 300},
            {"key": "b", "operator": "Exists"},
        ],
    }  # fmt: skip
    lines = template_text.pod_template_lines({"metadata": {"annotations": {"b": "x" * 150}}, "spec": spec})
    assert lines[:5] == [
        "Pod Template:",
        "  Labels:\t<none>",
        "  Annotations:\tb:",
        f"\t  {'x' * 138}...",
        "  Service Account:\trobot",
    ]
    assert lines[5:7] == ["  Init Containers:", "   i:"]
    assert lines[-8:] == [
        "  Volumes:\t<none>",
        "  Topology Spread Constraints:\ta:DoNotSchedule when max skew 3 is exceeded for selector k=v",
        "  \tz:ScheduleAnyway when max skew 1 is exceeded",
        "  Priority Class Name:\thigh",
        "  Node-Selectors:\tdisk=ssd",
        "  Tolerations:\top=Exists",
        "\tb op=Exists",
        "\tk=v:NoExecute for 300s",
    ]


def test_history_as_recorded():
    body = template_text.history_table([(2, ""), (1, "")])
    assert template_text.rollout_history("testqc", body) == (
        "deployment.apps/testqc \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n"
    )
    cause = "kubectl create --filename=- --record=true"
    assert template_text.history_table([(10, cause)]) == f"REVISION  CHANGE-CAUSE\n10        {cause}\n"
    assert template_text.rollout_history("x", template_text.history_table([])) == (
        "deployment.apps/x \nNo rollout history found.\n"
    )


def test_one_revision_keeps_its_tabs():
    template = {
        "metadata": {"labels": {"app": "allen", "pod-template-hash": "6fd65fb77b"}},
        "spec": {"containers": [{"name": "nodejs", "image": "allen:v1"}]},
    }
    body = template_text.history_detail(template, "by hand")
    assert template_text.rollout_history("testqc", body, 2) == (
        "deployment.apps/testqc with revision #2\n"
        "Pod Template:\n"
        "  Labels:\tapp=allen\n"
        "\tpod-template-hash=6fd65fb77b\n"
        "  Annotations:\tkubernetes.io/change-cause: by hand\n"
        "  Containers:\n"
        "   nodejs:\n"
        "    Image:\tallen:v1\n"
        "    Port:\t<none>\n"
        "    Host Port:\t<none>\n"
        "    Environment:\t<none>\n"
        "    Mounts:\t<none>\n"
        "  Volumes:\t<none>\n"
        "  Node-Selectors:\t<none>\n"
        "  Tolerations:\t<none>\n"
        "\n"
    )
    assert template["metadata"].get("annotations") is None
