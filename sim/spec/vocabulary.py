"""What the simulator does with each field of what is read; which fields there are is in `field_names`."""

from __future__ import annotations

from sim.spec.fields import Vocabulary


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OBJECT = Vocabulary(read=_names("apiVersion kind metadata spec"), silent=_names("status"))

METADATA = Vocabulary(
    read=_names("name namespace labels annotations"),
    silent=_names(
        "generateName creationTimestamp uid resourceVersion generation managedFields ownerReferences"
        " finalizers selfLink deletionTimestamp deletionGracePeriodSeconds clusterName"
    ),
)

DEPLOYMENT_SPEC = Vocabulary(
    read=_names(
        "replicas selector template strategy minReadySeconds revisionHistoryLimit paused"
        " progressDeadlineSeconds"
    ),
)
STRATEGY = Vocabulary(read=_names("type rollingUpdate"))
ROLLING_UPDATE = Vocabulary(read=_names("maxSurge maxUnavailable"))
SELECTOR = Vocabulary(read=_names("matchLabels matchExpressions"))
REQUIREMENT = Vocabulary(read=_names("key operator values"))
TEMPLATE = Vocabulary(read=_names("metadata spec"))

_PLACEMENT = "every pod can run on every node"
POD_SPEC = Vocabulary(
    read=_names(
        "containers terminationGracePeriodSeconds restartPolicy activeDeadlineSeconds ephemeralContainers"
    ),
    unmodelled=_names(
        "automountServiceAccountToken evictionResponders hostAliases hostIPC hostPID hostUsers hostname"
        " hostnameOverride imagePullSecrets os serviceAccount serviceAccountName setHostnameAsFQDN subdomain"
        " tolerations volumes dnsConfig"
    ),
    defaults={
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        "hostNetwork": False,
        "preemptionPolicy": "PreemptLowerPriority",
        "priority": 0,
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "shareProcessNamespace": False,
    },
    optimistic={
        "initContainers": "init containers take no time",
        "readinessGates": "nothing outside the pod holds its readiness back",
        "schedulingGates": "nothing holds its scheduling back",
        "affinity": _PLACEMENT,
        "nodeName": _PLACEMENT,
        "nodeSelector": _PLACEMENT,
        "topologySpreadConstraints": _PLACEMENT,
        "priorityClassName": "no pod is pre-empted",
        "overhead": "only the containers' own requests are counted",
        "resourceClaims": "devices are never scarce",
        "schedulingGroup": "pods are scheduled one by one",
        "resources": "only the containers' own requests are counted",
        "runtimeClassName": "containers start as under the profile's runtime",
        "workloadRef": "pods are scheduled one by one",
    },
)

CONTAINER = Vocabulary(
    read=_names(
        "name image imagePullPolicy readinessProbe livenessProbe startupProbe resources lifecycle ports"
    ),
    unmodelled=_names(
        "args command env envFrom resizePolicy restartPolicyRules stdin stdinOnce tty volumeDevices"
        " volumeMounts workingDir"
    ),
    defaults={
        "restartPolicy": "Always",
        "securityContext": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    },
)
CONTAINER_PORT = Vocabulary(
    read=_names("name containerPort protocol"),
    silent=_names("hostIP"),
    optimistic={"hostPort": "two pods with one host port may share a node"},
)
RESOURCES = Vocabulary(read=_names("requests limits"), unmodelled=_names("claims"))
LIFECYCLE = Vocabulary(
    read=_names("preStop"),
    unmodelled=_names("stopSignal"),
    optimistic={"postStart": "the postStart hook takes no time"},
)
PRE_STOP = Vocabulary(read=_names("exec httpGet tcpSocket sleep"))
PROBE = Vocabulary(
    read=_names(
        "exec httpGet tcpSocket grpc initialDelaySeconds timeoutSeconds periodSeconds successThreshold"
        " failureThreshold"
    ),
    unmodelled=_names("terminationGracePeriodSeconds"),
)
HANDLERS = {
    "exec": Vocabulary(read=_names("command")),
    "httpGet": Vocabulary(read=_names("port"), silent=_names("path host scheme httpHeaders protocol")),
    "tcpSocket": Vocabulary(read=_names("port"), silent=_names("host")),
    "grpc": Vocabulary(read=_names("port"), silent=_names("service mode")),
    "sleep": Vocabulary(read=_names("seconds")),
}

SERVICE_SPEC = Vocabulary(
    read=_names("type selector ports publishNotReadyAddresses externalName clusterIP"),
    silent=_names(
        "clusterIPs ipFamilies ipFamilyPolicy internalTrafficPolicy externalTrafficPolicy healthCheckNodePort"
        " allocateLoadBalancerNodePorts loadBalancerIP loadBalancerClass loadBalancerSourceRanges externalIPs"
    ),
    unmodelled=_names("sessionAffinityConfig topologyKeys trafficDistribution"),
    defaults={"sessionAffinity": "None"},
)
SERVICE_PORT = Vocabulary(read=_names("name protocol port targetPort nodePort"), silent=_names("appProtocol"))
