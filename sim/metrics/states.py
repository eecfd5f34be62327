"""The pods' states over time, summed up for charts and reports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.metrics.rollout import Rollout
from sim.metrics.steps import Floats

GROUPS = ("available", "ready", "unready", "terminating")
# A crashed container's pod is alive and not ready, like one that is still on its way.
GROUP_OF = {
    "available": "available",
    "ready": "ready",
    "pending": "unready",
    "pulling": "unready",
    "starting": "unready",
    "unready": "unready",
    "crashed": "unready",
    "terminating": "terminating",
}


@dataclass(frozen=True, slots=True)
class Segments:
    """Stretches of pods' lives, one array element each: the pod's number, its state's number in `states`,
    from and to (s).

    Pods are numbered in the order of the ``pods`` table; a stretch that the record does not end goes on to
    `to_s` = inf.
    """

    states: tuple[str, ...]
    pod: NDArray[np.int64]
    state: NDArray[np.int64]
    from_s: Floats
    to_s: Floats


def segments(rollout: Rollout) -> Segments:
    """Return every stretch in which a pod of the rollout kept its state, pod by pod; a pod that is gone has
    none.
    """
    number = {pod: i for i, pod in enumerate(rollout.pods["pod"])}
    table = rollout.trace.tables["states"]
    names = tuple(dict.fromkeys(state for state in table["state"] if state != "gone"))
    code = {name: i for i, name in enumerate(names)} | {"gone": -1}
    count = len(table["pod"])
    pod = np.fromiter((number.get(name, -1) for name in table["pod"]), dtype=np.int64, count=count)
    state = np.fromiter((code[name] for name in table["state"]), dtype=np.int64, count=count)
    times = np.array(table["time_s"], dtype=np.float64)
    order = np.argsort(pod, kind="stable")
    pod, state, times = pod[order], state[order], times[order]
    ends = np.full(times.shape, np.inf)
    ends[:-1] = np.where(pod[1:] == pod[:-1], times[1:], np.inf)
    # A state that another one replaced in the same moment was never seen.
    kept = (pod >= 0) & (state >= 0) & (ends > times)
    return Segments(names, pod[kept], state[kept], times[kept], ends[kept])


def state_counts(rollout: Rollout) -> tuple[Floats, dict[tuple[str, str], Floats]]:
    """Return (times, pods by (ReplicaSet, one of GROUPS)): step functions on common times; groups that
    never occur are left out.
    """
    found = segments(rollout)
    owners = [generation.replicaset for generation in rollout.generations]
    row = {name: i for i, name in enumerate(owners)}
    owner_of = np.array([row[name] for name in rollout.pods["replicaset"]], dtype=np.int64)
    group_of = np.array([GROUPS.index(GROUP_OF[name]) for name in found.states], dtype=np.int64)
    if found.pod.size == 0:
        return np.empty(0), {}
    code = owner_of[found.pod] * len(GROUPS) + group_of[found.state]
    ended = np.isfinite(found.to_s)
    moments = np.concatenate((found.from_s, found.to_s[ended]))
    codes = np.concatenate((code, code[ended]))
    signs = np.concatenate((np.ones(code.size), -np.ones(int(ended.sum()))))
    times, at = np.unique(moments, return_inverse=True)
    change = np.zeros((len(owners) * len(GROUPS), times.size))
    np.add.at(change, (codes, at), signs)
    counts = np.cumsum(change, axis=1)
    return times, {
        (owners[i // len(GROUPS)], GROUPS[i % len(GROUPS)]): counts[i]
        for i in range(len(counts))
        if counts[i].any()
    }


def last_change_s(rollout: Rollout) -> float:
    """Return the moment of the last change of a pod, of a ReplicaSet's counts, or by a step; conditions do
    not count.
    """
    found = segments(rollout)
    moments = [rollout.record.began_s, rollout.series("counted")[0][-1], rollout.series("available")[0][-1]]
    moments += [time_s for time_s, _ in rollout.record.steps]
    for times in (found.from_s, found.to_s[np.isfinite(found.to_s)]):
        moments += [times.max()] if times.size else []
    return float(max(moments))
