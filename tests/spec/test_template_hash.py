"""The pod-template-hash: the names that ReplicaSets had in real clusters, and what has no hash."""

from __future__ import annotations

from typing import Any

import pytest

from sim.spec.template_hash import pod_template_hash


def template(labels: dict[str, str], spec: dict[str, Any] | None = None, **container: Any) -> dict[str, Any]:
    return {"metadata": {"labels": labels}, "spec": {**(spec or {}), "containers": [container]}}


def nginx(**container: Any) -> dict[str, Any]:
    return template({"app": "nginx"}, **{"name": "nginx", "image": "nginx:1.14.2", **container})


def pod(**spec: Any) -> dict[str, Any]:
    return template({"app": "nginx"}, spec, name="nginx", image="nginx:1.14.2")


@pytest.mark.parametrize(
    ("tag", "expected"), [("v1", "6fd65fb77b"), ("v2", "7ccd96d697"), ("v3", "85df4bd5b6")]
)
def test_the_recorded_cluster(tag: str, expected: str) -> None:
    image = f"qinchaowhut/allen:{tag}"
    written = template({"app": "testing"}, name="nodejs", image=image, imagePullPolicy="IfNotPresent")
    assert pod_template_hash(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # The documentation's nginx-deployment, and its update.
        (nginx(ports=[{"containerPort": 80}]), "66b6c48dd5"),
        (nginx(ports=[{"containerPort": 80}], image="nginx:1.16.1"), "559d658b74"),
        # kubectl create deployment nginx --image=nginx
        (nginx(image="nginx", resources={}), "6799fc88d8"),
        # The walkthrough of the HorizontalPodAutoscaler.
        (
            template(
                {"run": "php-apache"},
                name="php-apache",
                image="k8s.gcr.io/hpa-example",
                ports=[{"containerPort": 80}],
                resources={"limits": {"cpu": "500m"}, "requests": {"cpu": "200m"}},
            ),
            "d4cf67d68",
        ),
        # The guestbook; 4 divides the 100 of 100Mi and 8 does not: the text is kept.
        (
            template(
                {"tier": "backend", "role": "master", "app": "redis"},
                name="master",
                image="k8s.gcr.io/redis:e2e",
                resources={"requests": {"memory": "100Mi", "cpu": "100m"}},
                ports=[{"containerPort": 6379}],
            ),
            "f46ff57fd",
        ),
        (
            template(
                {"app": "guestbook", "tier": "frontend"},
                name="php-redis",
                image="gcr.io/google-samples/gb-frontend:v4",
                resources={"requests": {"cpu": "100m", "memory": "100Mi"}},
                env=[{"name": "GET_HOSTS_FROM", "value": "dns"}],
                ports=[{"containerPort": 80}],
            ),
            "6c6d6dfd4d",
        ),
    ],
)
def test_what_the_documentation_s_examples_became(written: dict[str, Any], expected: str) -> None:
    assert pod_template_hash(written) == expected


def coredns(*tolerated: str) -> dict[str, Any]:
    tolerations = [{"key": key, "effect": "NoSchedule"} for key in tolerated]
    ports = [(53, "dns", "UDP"), (53, "dns-tcp", "TCP"), (9153, "metrics", "TCP")]
    spec = {
        "priorityClassName": "system-cluster-critical",
        "serviceAccountName": "coredns",
        "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}, *tolerations],
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "dnsPolicy": "Default",
        "volumes": [
            {
                "name": "config-volume",
                "configMap": {"name": "coredns", "items": [{"key": "Corefile", "path": "Corefile"}]},
            }
        ],
    }
    return template(
        {"k8s-app": "kube-dns"},
        spec,
        name="coredns",
        image="k8s.gcr.io/coredns:1.7.0",
        resources={"limits": {"memory": "170Mi"}, "requests": {"cpu": "100m", "memory": "70Mi"}},
        args=["-conf", "/etc/coredns/Corefile"],
        volumeMounts=[{"name": "config-volume", "mountPath": "/etc/coredns", "readOnly": True}],
        ports=[{"containerPort": port, "name": name, "protocol": protocol} for port, name, protocol in ports],
        livenessProbe={
            "httpGet": {"path": "/health", "port": 8080},
            "initialDelaySeconds": 60,
            "timeoutSeconds": 5,
            "failureThreshold": 5,
        },
        readinessProbe={"httpGet": {"path": "/ready", "port": 8181}},
        securityContext={
            "allowPrivilegeEscalation": False,
            "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["all"]},
            "readOnlyRootFilesystem": True,
        },
    )


def test_coredns_of_kubeadm() -> None:
    master, control_plane = "node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane"
    assert pod_template_hash(coredns(master)) == "f9fd979d6"  # v1.19
    assert pod_template_hash(coredns(master, control_plane)) == "74ff55c5b"  # v1.20


def test_metrics_server() -> None:
    spec = {
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "priorityClassName": "system-cluster-critical",
        "serviceAccountName": "metrics-server",
        "volumes": [{"name": "tmp-dir", "emptyDir": {}}],
    }
    written = template(
        {"k8s-app": "metrics-server"},
        spec,
        name="metrics-server",
        image="k8s.gcr.io/metrics-server/metrics-server:v0.5.0",
        args=[
            "--cert-dir=/tmp",
            "--secure-port=443",
            "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
            "--kubelet-use-node-status-port",
            "--metric-resolution=15s",
        ],
        ports=[{"containerPort": 443, "name": "https"}],
        livenessProbe={"httpGet": {"path": "/livez", "port": "https", "scheme": "HTTPS"}},
        readinessProbe={
            "httpGet": {"path": "/readyz", "port": "https", "scheme": "HTTPS"},
            "initialDelaySeconds": 20,
        },
        resources={"requests": {"cpu": "100m", "memory": "200Mi"}},  # 8 divides 200: the text is not kept
        securityContext={"readOnlyRootFilesystem": True, "runAsNonRoot": True, "runAsUser": 1000},
        volumeMounts=[{"name": "tmp-dir", "mountPath": "/tmp"}],
    )
    assert pod_template_hash(written) == "9f459d97b"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (nginx(), nginx(imagePullPolicy="IfNotPresent")),
        (nginx(image="a.b:5000/nginx"), nginx(image="a.b:5000/nginx", imagePullPolicy="Always")),
        (nginx(image="nginx:latest"), nginx(image="nginx:latest", imagePullPolicy="Always")),
        (nginx(image="n@sha256:0"), nginx(image="n@sha256:0", imagePullPolicy="IfNotPresent")),
        (nginx(), nginx(terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")),
        (nginx(), nginx(resources={}, env=[], command=None)),
        (
            nginx(livenessProbe={"tcpSocket": {"port": 80}, "timeoutSeconds": 0}),
            nginx(
                livenessProbe={
                    "tcpSocket": {"port": 80},
                    "timeoutSeconds": 1,
                    "periodSeconds": 10,
                    "successThreshold": 1,
                    "failureThreshold": 3,
                }
            ),
        ),
        (
            nginx(lifecycle={"preStop": {"httpGet": {"port": 80}}}),
            nginx(lifecycle={"preStop": {"httpGet": {"port": 80, "path": "/", "scheme": "HTTP"}}}),
        ),
        (
            nginx(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]),
            nginx(
                env=[
                    {
                        "name": "A",
                        "valueFrom": {"fieldRef": {"fieldPath": "status.podIP", "apiVersion": "v1"}},
                    }
                ]
            ),
        ),
        (pod(), pod(restartPolicy="Always", dnsPolicy="ClusterFirst", schedulerName="default-scheduler")),
        (pod(), pod(terminationGracePeriodSeconds=30, securityContext={}, nodeSelector={})),
        (pod(serviceAccountName="a"), pod(serviceAccount="a")),
        (pod(volumes=[{"name": "v"}]), pod(volumes=[{"name": "v", "emptyDir": {}}])),
        (
            pod(volumes=[{"name": "v", "secret": {"secretName": "s"}}]),
            pod(volumes=[{"name": "v", "secret": {"secretName": "s", "defaultMode": 420}}]),
        ),
    ],
)
def test_a_default_written_out_is_the_default(short: dict[str, Any], long: dict[str, Any]) -> None:
    assert pod_template_hash(short) == pod_template_hash(long) is not None


@pytest.mark.parametrize(
    "other",
    [
        nginx(command=["sleep", "1"]),
        nginx(args=["sleep", "1"]),
        nginx(securityContext={}),
        nginx(env=[{"name": "A"}]),
        pod(terminationGracePeriodSeconds=0),
        pod(volumes=[{"name": "v"}]),
        pod(initContainers=[{"name": "i", "image": "i"}]),
        {**nginx(), "metadata": {"labels": {"app": "nginx"}, "annotations": {"a": "b"}}},
    ],
)
def test_a_change_changes_the_hash(other: dict[str, Any]) -> None:
    assert pod_template_hash(other) not in (pod_template_hash(nginx()), None)


@pytest.mark.parametrize(
    ("resource", "written", "canonical"),
    [
        ("cpu", 1, "1"),
        ("cpu", 0.5, "500m"),
        ("cpu", "1000m", "1"),
        ("cpu", "1.5", "1500m"),
        ("cpu", 2000, "2k"),
        ("memory", "1024Mi", "1Gi"),
        ("memory", "1.5Gi", "1536Mi"),
        ("memory", "0.5Ki", "512"),
        ("memory", "0.98Ki", "1003520m"),
        ("memory", "0Mi", "0"),
    ],
)
def test_quantities_are_hashed_in_their_canonical_form(resource: str, written: Any, canonical: str) -> None:
    hashes = {pod_template_hash(nginx(resources={"limits": {resource: q}})) for q in (written, canonical)}
    assert len(hashes) == 1
    assert None not in hashes


@pytest.mark.parametrize(
    "quantity", ["1Ei", "1.05Ki", "1.500", "0.0001", "1e3", "-1", "ki", "1ki", "", True, None, [1]]
)
def test_a_quantity_that_is_not_covered(quantity: Any) -> None:
    assert pod_template_hash(nginx(resources={"limits": {"cpu": quantity}})) is None


@pytest.mark.parametrize(
    "written",
    [
        nginx(colour="red"),
        nginx(image=1),
        nginx(stdin="yes"),
        nginx(ports=[{"containerPort": "80"}]),
        nginx(ports=[{"containerPort": 2**31}]),
        nginx(ports={"containerPort": 80}),
        nginx(env="A=B"),
        nginx(securityContext={"procMount": "Default"}),
        pod(hostNetwork=True),
        pod(ephemeralContainers=[{"name": "e"}]),
        pod(volumes=[{"name": "v", "rbd": {"image": "i"}}]),
        {"metadata": {"labels": {"version": 1}}},
        {"metadata": {"creationTimestamp": "2021-01-01T00:00:00Z"}},
        {"spec": []},
        {"spec": {"containers": ["nginx"]}},
    ],
)
def test_what_is_not_covered_has_no_hash(written: dict[str, Any]) -> None:
    assert pod_template_hash(written) is None
