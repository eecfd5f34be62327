"""The profiles and control planes that come with rollsim, as users write them, each figure with its source.

Sources, by their short names:

* k#N: issue or pull request N of github.com/kubernetes/kubernetes
* khan: Khan, arXiv 2602.15214, time of a warm `docker start`
* deckhouse: github.com/deckhouse/deckhouse#20415, speed of image pulls on one node
* joosen: Joosen et al., Serverless Cold Starts and Where to Find Them, EuroSys'25, Fig. 10 and section 4.1
* cce: Huawei Cloud CCE, cluster configuration, "QPS/Burst for Communicating with kube-apiserver"
* recordings: a real v1.20.2 control plane, some of whose recordings are in tests/recorded/
* assumption: no source; measure it in your own cluster and write it into a profile
"""

from __future__ import annotations

from typing import Any

# Why "node": of an unknown image nothing is known, so neither the quickest nor the slowest is a fair guess. A
# service that needs two seconds and is pulled once for each node is the middle of the three, and errs on the
# side of caution for small static binaries.
DEFAULT_PROFILE = "node"

# k#42000, kubemark: 9.3/13.1/24.6 ms at the 50th, 90th and 99th percentile; this is the log-normal through
# them.
_SCHEDULE = {"lognormal": {"mu": -4.678, "sigma": 0.42}}
# khan: 554-568 ms on SSD whatever the size; the spread is that of k#42000's starts.
_START = {"lognormal": {"median": 0.55, "sigma": 0.3}}
# deckhouse: 27.55 MiB/s serially, so 250 MB of compressed image take about 8 s; the spread is an assumption.
_PULL = {"lognormal": {"median": 8, "sigma": 0.4}}
# assumption: most services stop within seconds of SIGTERM; Kubernetes kills at the end of the grace period.
_STOP = {"lognormal": {"median": 2, "sigma": 0.7}}

_COMMON = "scheduling: k#42000 (kubemark); container start: arXiv 2602.15214; stopping: assumption"
_PULLED = _COMMON + "; image pull: deckhouse#20415, 250 MB at 30 MiB/s; application start: assumption"

PROFILES: dict[str, dict[str, Any]] = {
    # A Go service whose image is on every node.
    "fast": {
        "source": _COMMON + "; no pull: image present; application start of 0.3 s: assumption",
        "pods": {
            "schedule": _SCHEDULE,
            "pull": 0,  # by definition: the image is present
            "start": _START,
            "ready": {"lognormal": {"median": 0.3, "sigma": 0.4}},  # assumption
            "stop": _STOP,
        },
    },
    # A Node.js or Python service.
    "node": {
        "source": _PULLED + " (2 s)",
        "pods": {
            "schedule": _SCHEDULE,
            "pull": _PULL,
            "start": _START,
            "ready": {"lognormal": {"median": 2, "sigma": 0.4}},  # assumption
            "stop": _STOP,
        },
    },
    # A service on the Java virtual machine.
    "jvm": {
        "source": _PULLED + " (15 s)",
        "pods": {
            "schedule": _SCHEDULE,
            "pull": _PULL,
            "start": _START,
            "ready": {"lognormal": {"median": 15, "sigma": 0.4}},  # assumption
            "stop": _STOP,
        },
    },
    # Hollow nodes: pods of pause containers without a pull. Pod start-up has to come to 1.14/1.74/2.06 s
    # (k#42000).
    "kubemark": {
        "source": "k#42000 (kubemark): schedule 9.3/13.1/24.6 ms, run 200/602/731 ms, all 1.14/1.74/2.06 s",
        "pods": {
            "schedule": _SCHEDULE,
            "pull": 0,  # by definition: hollow nodes pull nothing
            "start": {"lognormal": {"mu": -1.609, "sigma": 0.56}},  # k#42000: "run after schedule"
            "ready": 0,  # by definition: a pause container
            "stop": {"lognormal": {"median": 0.2, "sigma": 0.56}},  # assumption: as quick as its start
        },
        "kubernetes": "1.20",  # k#42000 is of 2017, when the kubelet saw a container at its next relist
        # Fitted: with this the sum of the stages has 1.17/1.70/2.06 s, where k#42000 has 1.14/1.74/2.06 s.
        "kubelet": {"relist_s": 1, "status": {"uniform": [0, 0.85]}},
    },
    # The whole cold start in one distribution, so that all other stages are nothing.
    "huawei": {
        "source": "Joosen et al., EuroSys'25: 11.9 million cold starts, log-normal, mean 3.24 s, sd 7.10 s",
        "pods": {
            "schedule": 0,  # part of the cold start
            "pull": 0,  # part of the cold start
            "start": {"lognormal": {"mean": 3.24, "sd": 7.10}},  # joosen
            "ready": 0,  # part of the cold start
            "stop": _STOP,
        },
        "kubelet": {"relist_s": 0, "status": 0},  # part of the cold start
    },
    # What a textbook computes by hand: a control plane in no time, and starts that all take 10 s.
    "textbook": {
        "source": "no measurement: round numbers, to be checked by hand",
        "control_plane": "instant",
        "kubelet": {"relist_s": 0, "status": 0},
        "pods": {"schedule": 0, "pull": 0, "start": 10, "ready": 0, "stop": 0},
    },
}

# recordings: in a row of writes by one controller, 5 to 6 ms pass between one and the next.
_WRITE = {"lognormal": {"median": 0.005, "p95": 0.009}}
# recordings: how much later than the writer's answer the informers hear of it. Mostly they hear first; when
# they do not, the writer goes on with a stale object and its next write fails. A longer lag makes rollouts
# slower than the recorded ones: every conflict costs tokens.
_WATCH = {"empirical": [0, 0, 0.001]}
# recordings: kubectl v1.32 on the control plane's own machine, 58 to 85 ms (median 67, 90 % under 78) from
# its start to the change of a Deployment.
_KUBECTL = {"lognormal": {"median": 0.067, "p95": 0.081}}

CONTROL_PLANES: dict[str, dict[str, Any]] = {
    # The defaults of the flags: kube-controller-manager --kube-api-qps 20 --kube-api-burst 30,
    # --concurrent-deployment-syncs 5, --concurrent-replicaset-syncs 5; kube-scheduler clientConnection qps
    # 50, burst 100.
    "default": {
        "qps": 20.0,
        "burst": 30,
        "scheduler_qps": 50.0,
        "scheduler_burst": 100,
        "write": _WRITE,
        "watch": _WATCH,
        "kubectl": _KUBECTL,
        "deployment_workers": 5,
        "replicaset_workers": 5,
        "events": True,
        "stamp_s": 1.0,
    },
    # cce: "100. If there are more than 1,000 worker nodes in a cluster, set the parameter to 200", for the
    # controller manager and for the scheduler, rate and burst alike. It is the one managed offering found
    # that publishes its rates.
    "managed": {
        "qps": 100.0,
        "burst": 100,
        "scheduler_qps": 100.0,
        "scheduler_burst": 100,
        "write": _WRITE,
        "watch": _WATCH,
        "kubectl": _KUBECTL,
        "deployment_workers": 5,
        "replicaset_workers": 5,
        "events": True,
        "stamp_s": 1.0,
    },
    # By definition: no latency, no limit, exact times. With it the kubelet sees states at once, too.
    "instant": {
        "qps": 0.0,
        "burst": 1,
        "scheduler_qps": 0.0,
        "scheduler_burst": 1,
        "write": 0,
        "watch": 0,
        "kubectl": 0,
        "deployment_workers": 5,
        "replicaset_workers": 5,
        "events": False,
        "stamp_s": 0.0,
    },
}

KUBELET: dict[str, Any] = {
    "relist_s": 1.0,  # kubelet: genericPlegRelistPeriod
    # k#42000: about 0.1 s from a container's state to its watchers beyond the relist; the spread is an
    # assumption.
    "status": {"uniform": [0.05, 0.15]},
}
