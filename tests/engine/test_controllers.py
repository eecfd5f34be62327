"""Whole rollouts, small enough to be worked out by hand: the sums are in the comments.

Unless a test says otherwise the control plane and the kubelet take no time, and a container takes 10 s to
start and nothing to be ready or to stop.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from sim.engine import simulate
from sim.engine.clock import SECOND
from sim.engine.model import Model
from sim.trace import Trace
from tests.engine.build import Stepper, applied, deployment, pods, profile, rows, service, sizes, stepped

# A write takes 10 ms and its event 2 ms more to the watchers; everything else stays at nothing.
SLOW = {
    "preset": "default", "qps": 0, "scheduler_qps": 0, "events": False, "stamp_s": 0,
    "write": 0.010, "watch": 0.002,
}  # fmt: skip
AT_ONCE = {"relist_s": 0, "status": 0}
NEVER_READY = {"faults": {"never_ready": 1}}


def probed(period: int = 5, **more: Any) -> dict[str, Any]:
    """Return what gives a container a readiness probe."""
    return {"readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": period} | more}


def conditions(trace: Trace) -> list[tuple[float, str, str]]:
    """Return every change of the Progressing condition."""
    found: list[tuple[float, str, str]] = []
    for row in rows(trace, "deployments"):
        if not found or found[-1][1:] != (row.progressing_status, row.progressing_reason):
            found.append((row.time_s, row.progressing_status, row.progressing_reason))
    return found


def completed_s(trace: Trace) -> float:
    """Return when the Deployment was last seen to become complete, nan if its record ends incomplete."""
    at = math.nan
    for row in rows(trace, "deployments"):
        counts = {row.desired, row.updated, row.current, row.available}
        at = math.nan if len(counts) > 1 else row.time_s if math.isnan(at) else at
    return at


def crashes(trace: Trace) -> list[float]:
    """Return when containers were seen to have ended."""
    return [row.time_s for row in rows(trace, "states") if row.state == "crashed"]


def availability(trace: Trace) -> list[tuple[float, int]]:
    """Return the number of available pods whenever it changed, the last one of each instant."""
    by_time: dict[float, int] = {}
    for row in rows(trace, "deployments"):
        by_time[row.time_s] = row.available
    found: list[tuple[float, int]] = []
    for at, available in by_time.items():
        if not found or found[-1][1] != available:
            found.append((at, available))
    return found


def endpoints(trace: Trace, name: str = "front") -> list[tuple[float, int]]:
    """Return the number of addresses of a Service whenever it changed, the last one of each instant."""
    return list({row.time_s: row.ready for row in rows(trace, "endpoints") if row.service == name}.items())


def moments(found: list[SimpleNamespace], name: str) -> list[float]:
    """Return one moment of each pod, in order of time."""
    return sorted(getattr(pod, name) for pod in found)


# Rolling updates.


def test_three_replicas_by_default_go_one_by_one() -> None:
    # maxSurge ceil(0.75) = 1, maxUnavailable floor(0.75) = 0. A new pod, 10 s, an old one less, three times
    # over.
    trace = simulate(applied(deployment(3)))
    assert sizes(trace) == [
        (0, "new", 1), (10, "old", 2), (10, "new", 2), (20, "old", 1), (20, "new", 3), (30, "old", 0),
    ]  # fmt: skip
    assert conditions(trace) == [
        (0, "True", "NewReplicaSetAvailable"),  # of the rollout before
        (0, "True", "NewReplicaSetCreated"),
        (0, "True", "ReplicaSetUpdated"),
        (30, "True", "NewReplicaSetAvailable"),
    ]
    assert {row.available for row in rows(trace, "deployments")} == {3, 4}
    assert completed_s(trace) == 30
    assert trace.quiet
    assert trace.ended_s == 30
    assert [(row.desired, row.ceiling, row.floor) for row in rows(trace, "limits")] == [(3, 4, 3)]


def test_the_same_with_hops() -> None:
    # 2 ms: the changed template is seen. 12: the new ReplicaSet is written, 14: seen. 24: its pod is
    # written, 26: seen, and ready at 10,026. 10,036: so says the ReplicaSet's status, 10,038: seen by the
    # Deployment. 10,048: the old one is written down to 2, 10,050: seen; 10,058: the same sync has written
    # the Deployment's status. The next sync begins there: 10,068: the new one is up to 2, 10,070: seen, pod
    # at 10,082, ready at 20,082. From one ready to the next: 10,056 ms.
    trace = simulate(applied(deployment(3), profile(plane=SLOW, kubelet=AT_ONCE)))
    assert moments(pods(trace, 2), "created_s") == [0.026, 10.082, 20.138]
    assert sizes(trace) == [
        (0.014, "new", 1), (10.050, "old", 2), (10.070, "new", 2),
        (20.106, "old", 1), (20.126, "new", 3), (30.162, "old", 0),
    ]  # fmt: skip


def test_the_first_sync_scales_both_up_and_down() -> None:
    # 3 replicas, surge 1, unavailable 1: at once new 1, old 2 (three available, two have to be); the next
    # sync has room for one more, 1 + 2 = 3 of 4. Both are ready at 10 s: 4 available, so old 0, and then new
    # 3.
    trace = simulate(applied(deployment(3, 1, 1)))
    assert sizes(trace) == [(0, "new", 1), (0, "old", 2), (0, "new", 2), (10, "old", 0), (10, "new", 3)]
    assert completed_s(trace) == 20
    # With hops: created at 12 ms; 22: the status with the new condition; 32: old down to 2, in the same
    # sync. 42: its second status write conflicts with the first. The ReplicaSet's events woke it meanwhile:
    # 52: new 2.
    slow = simulate(applied(deployment(3, 1, 1), profile(plane=SLOW, kubelet=AT_ONCE)))
    assert sizes(slow)[:3] == [(0.014, "new", 1), (0.034, "old", 2), (0.054, "new", 2)]


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected", "complete"),
    [
        # All new ones at once; when they are ready all old ones go.
        (3, "100%", 0, [(0, "new", 3), (10, "old", 0)], 10),
        # No room for a new pod before an old one is gone.
        (
            3, 0, 1,
            [
                (0, "new", 0), (0, "old", 2), (0, "new", 1), (10, "old", 1), (10, "new", 2),
                (20, "old", 0), (20, "new", 3),
            ],
            30,
        ),
        (3, 0, 3, [(0, "new", 0), (0, "old", 0), (0, "new", 3)], 10),
        # 25 % of 10: surge 3, unavailable 2, so 13 at most and 8 available at least. New 3, old 8; 11 of 13:
        # new 5. At 10 s 13 are available: old 8 - 5 = 3, then 5 + 3 = 8 of 13: new 10. At 20 s the other
        # five.
        (
            10, None, None,
            [(0, "new", 3), (0, "old", 8), (0, "new", 5), (10, "old", 3), (10, "new", 10), (20, "old", 0)],
            20,
        ),
        # 30 % and 19 % of 7: 2.1 up is 3, 1.33 down is 1. New 3, old 6, new 4 (10 at most); at 10 s 10
        # available, 6 have to be: old 6 - 4 = 2, new 7 (6 of 10 before).
        (
            7, "30%", "19%",
            [(0, "new", 3), (0, "old", 6), (0, "new", 4), (10, "old", 2), (10, "new", 7), (20, "old", 0)],
            20,
        ),
        # Both 0 after rounding: unavailable is 1 then.
        (2, 0, "25%", [(0, "new", 0), (0, "old", 1), (0, "new", 1), (10, "old", 0), (10, "new", 2)], 20),
    ],
)  # fmt: skip
def test_limits(
    replicas: int, surge: Any, unavailable: Any, expected: list[tuple[float, str, int]], complete: float
) -> None:
    trace = simulate(applied(deployment(replicas, surge, unavailable)))
    assert sizes(trace) == expected
    assert completed_s(trace) == complete
    assert trace.quiet


def test_available_pods_never_fall_below_the_floor() -> None:
    cluster = profile(start={"uniform": [1, 20]}, stop={"uniform": [0, 5]}, plane="default")
    for surge, unavailable in ((1, 0), (0, 1), (2, 3), ("25%", "25%")):
        trace = simulate(applied(deployment(8, surge, unavailable), cluster))
        limits = rows(trace, "limits")[0]
        desired: dict[str, int] = {}
        for row in rows(trace, "replicasets"):
            desired[row.replicaset] = row.desired
            assert sum(desired.values()) <= limits.ceiling
        least = min(row.available for row in rows(trace, "deployments"))
        assert least == limits.floor == 8 - (2 if unavailable == "25%" else int(unavailable))
        assert not math.isnan(completed_s(trace))


# Recreate.


def test_recreate_waits_until_the_old_pods_are_gone() -> None:
    # Old pods are told to stop at 0 and gone at 4 s; only then are there new ones, and ready 10 s later.
    trace = simulate(applied(deployment(3, recreate=True), profile(stop=4)))
    assert sizes(trace) == [(0, "old", 0), (4, "new", 3)]
    assert moments(pods(trace, 1), "gone_s") == [4, 4, 4]
    assert moments(pods(trace, 2), "created_s") == [4, 4, 4]
    assert availability(trace) == [(0, 0), (14, 3)]
    assert completed_s(trace) == 14


def test_recreate_waits_for_the_last_old_pod() -> None:
    trace = simulate(applied(deployment(3, recreate=True), profile(stop={"cycle": [1, 9, 4]})))
    assert moments(pods(trace, 1), "gone_s") == [1, 4, 9]
    assert sizes(trace) == [(0, "old", 0), (9, "new", 3)]


def test_a_rolling_update_does_not_wait_for_terminating_pods() -> None:
    # Complete at 30 s as ever, though every old pod takes 25 s to go.
    trace = simulate(applied(deployment(3), profile(stop=25)))
    assert completed_s(trace) == 30
    assert moments(pods(trace, 1), "gone_s") == [35, 45, 55]


def test_pods_stop_by_their_hook_and_grace() -> None:
    # The hook takes 3 of 8 s of grace; the process would need 20 and gets the 5 that are left.
    hook = {"lifecycle": {"preStop": {"sleep": {"seconds": 3}}}}
    manifest = deployment(1, 1, 0, container=hook, pod={"terminationGracePeriodSeconds": 8})
    assert moments(pods(simulate(applied(manifest, profile(stop=20))), 1), "gone_s") == [18]
    assert moments(pods(simulate(applied(manifest, profile(stop=1))), 1), "gone_s") == [14]


# The progress deadline.


def test_a_version_that_is_never_ready_exceeds_the_deadline() -> None:
    # Last progress at 0, when the new pod was counted. A look at 30 + 1 s finds 30 s over.
    manifest = deployment(3, container=probed(), progressDeadlineSeconds=30)
    trace = simulate(applied(manifest, profile(**NEVER_READY)))
    assert conditions(trace)[-2:] == [
        (0, "True", "ReplicaSetUpdated"),
        (31, "False", "ProgressDeadlineExceeded"),
    ]
    assert sizes(trace) == [(0, "new", 1)]
    last = rows(trace, "deployments")[-1]
    assert (last.current, last.updated, last.available, last.unavailable) == (4, 1, 3, 1)
    assert trace.quiet
    assert trace.ended_s == trace.horizon_s  # it stays so


def test_the_deadline_counts_from_the_last_progress() -> None:
    # The first new pod is ready at 10 s and an old one goes; then start-ups take 1000 s. 10 + 30 + 1.
    manifest = deployment(3, progressDeadlineSeconds=30)
    trace = simulate(applied(manifest, profile(start={"cycle": [10, 1000]}), horizon_s=900))
    assert conditions(trace)[-1] == (41, "False", "ProgressDeadlineExceeded")
    assert sizes(trace) == [(0, "new", 1), (10, "old", 2), (10, "new", 2)]


def test_a_late_pod_ends_the_exceeded_deadline() -> None:
    # Exceeded at 31 s; the pod that is ready at 60 s is progress, and then the old one goes.
    manifest = deployment(1, 1, 0, progressDeadlineSeconds=30)
    trace = simulate(applied(manifest, profile(start=60)))
    assert conditions(trace)[-3:] == [
        (31, "False", "ProgressDeadlineExceeded"),
        (60, "True", "ReplicaSetUpdated"),
        (60, "True", "NewReplicaSetAvailable"),
    ]


def test_without_a_deadline_a_stuck_rollout_says_nothing() -> None:
    manifest = deployment(3, container=probed(), progressDeadlineSeconds=2**31 - 1)
    trace = simulate(applied(manifest, profile(**NEVER_READY)))
    assert conditions(trace) == [(0, "", "")]
    assert math.isnan(completed_s(trace))
    assert trace.quiet
    assert sizes(trace) == [(0, "new", 1)]


# minReadySeconds and stamps.


def spread_starts(kubernetes: str) -> Trace:
    """Play two new pods at once, ready at 10 and 13 s, that have to be ready for 5 s."""
    cluster = profile(kubernetes=kubernetes, start={"cycle": [10, 13]})
    return simulate(applied(deployment(2, "100%", 0, minReadySeconds=5), cluster))


def test_min_ready_seconds_is_exact_since_1_34() -> None:
    trace = spread_starts("1.34")
    assert [(pod.ready_s, pod.available_s) for pod in pods(trace, 2)] == [(10, 15), (13, 18)]
    assert sizes(trace) == [(0, "new", 2), (15, "old", 1), (18, "old", 0)]


def test_each_waiting_pod_is_looked_at_in_its_turn() -> None:
    # Ready at 10, 12 and 14 s: at 15 two are still waiting, and the next look is for the earlier of them.
    cluster = profile(start={"cycle": [10, 12, 14]})
    trace = simulate(applied(deployment(3, "100%", 0, minReadySeconds=5), cluster))
    assert moments(pods(trace, 2), "available_s") == [15, 17, 19]


def test_a_pod_that_was_unready_waits_all_over_again() -> None:
    # Ready at 10 s; silent from 15 to 19, and a probe every second with one failure allowed: unready at 15,
    # ready at 19. The look that was due at 20 must not take the old stamp: available at 19 + 10.
    cluster = profile(images={"web:v1": {"faults": {"unready": {"probability": 1, "after": 5, "for": 4}}}})
    container = probed(1, failureThreshold=1)
    trace = simulate(applied(deployment(1, 1, 0, container=container, minReadySeconds=10), cluster))
    assert [pod.available_s for pod in pods(trace, 2)] == [29]


def test_min_ready_seconds_was_late_until_1_33() -> None:
    # k#101319. At 10 s a look is set for 10 + 5 + 1 = 16. At 13 the second pod asks for 19 and, all being
    # ready, the sync for 18; both are later than 16 and dropped. At 16 one is available and the other, ready
    # for 3 s, is not: the next look is 5 s away, at 21. It was available from 18 on.
    trace = spread_starts("1.33")
    assert [(pod.ready_s, pod.available_s) for pod in pods(trace, 2)] == [(10, 16), (13, 21)]
    assert sizes(trace) == [(0, "new", 2), (16, "old", 1), (21, "old", 0)]


@pytest.mark.parametrize(("kubernetes", "available"), [("1.33", 15), ("newest", 15)])
def test_when_all_are_ready_the_sync_itself_looks_again_in_time(kubernetes: str, available: float) -> None:
    # One pod: until 1.33 the event asks for 16 and the sync, all being ready, for 15.
    cluster = profile(kubernetes=kubernetes)
    trace = simulate(applied(deployment(1, 1, 0, minReadySeconds=5), cluster))
    assert [pod.available_s for pod in pods(trace, 2)] == [available]


@pytest.mark.parametrize("seed", range(5))
def test_whole_second_stamps_make_pods_available_early(seed: int) -> None:
    # Ready at 10 s; the stamp cuts what the wall clock is past its second. 5 s after the stamp it is
    # available.
    plane = {"preset": "instant", "stamp_s": 1}
    scenario = applied(deployment(1, 1, 0, minReadySeconds=5), profile(plane=plane))
    (pod,) = pods(simulate(scenario, seed), 2)
    stamps = Model(scenario, seed, 0).pods.stamps  # the phase of the wall clock is the seed's
    assert stamps.unit == SECOND
    assert pod.ready_s == 10
    assert pod.available_s == pytest.approx(15 - stamps.phase / SECOND)
    assert 14 < pod.available_s <= 15
    exact = applied(deployment(1, 1, 0, minReadySeconds=5), profile())
    assert [pod.available_s for pod in pods(simulate(exact, seed), 2)] == [15]


# Faults.


def test_a_crash_loop_backs_off() -> None:
    # Started at 1 s, each start takes 1 s and lives for 2. After the first end it starts again at once, then
    # after 10, 20, 40 … up to 300 s: ends at 3, 3 + 0 + 3 = 6, 6 + 10 + 3 = 19, 42, 85, 168, 331, 331 + 300
    # + 3 = 634, 937.
    cluster = profile(start=1, faults={"crash": {"probability": 1, "after": 2}})
    trace = simulate(applied(deployment(1, 1, 0), cluster, horizon_s=1000))
    assert crashes(trace) == [3, 6, 19, 42, 85, 168, 331, 634, 937]


def test_the_back_off_starts_afresh_after_ten_minutes() -> None:
    # 601 s from restart to end is more than twice 300: at once, again and again. 598 s is not: 10 s, then 20.
    def ends(after: float) -> list[float]:
        cluster = profile(start=1, faults={"crash": {"probability": 1, "after": after}})
        return crashes(simulate(applied(deployment(1, 1, 0), cluster, horizon_s=2600)))

    assert ends(600) == [601, 1202, 1803, 2404]
    assert ends(597) == [598, 1196, 1196 + 10 + 598, 1804 + 20 + 598]


def test_a_crash_makes_a_pod_unready_and_its_restart_ready() -> None:
    cluster = profile(start=1, faults={"crash": {"probability": 1, "after": 20}})
    trace = simulate(applied(deployment(1, 1, 0), cluster, service(), horizon_s=70))
    # Beside the old pod for an instant at 1 s; down from 21 to 22, from 42 to 42 + 10 + 1.
    assert endpoints(trace) == [(0, 1), (1, 1), (21, 0), (22, 1), (42, 0), (53, 1)]
    assert availability(trace)[1:] == [(21, 0), (22, 1), (42, 0), (53, 1)]


def test_an_unready_fault_needs_a_readiness_probe() -> None:
    # Ready at 10 s by its first probe, then one every 5 s. Silent from 30 to 45: the probes at 30, 35 and 40
    # fail, the third makes it unready; that at 45 succeeds.
    cluster = profile(faults={"unready": {"probability": 1, "after": 20, "for": 15}})
    trace = simulate(applied(deployment(1, 1, 0, container=probed(5)), cluster, service()))
    assert endpoints(trace) == [(0, 1), (10, 1), (40, 0), (45, 1)]
    assert availability(trace)[-2:] == [(40, 0), (45, 1)]
    # Without a probe nobody notices.
    trace = simulate(applied(deployment(1, 1, 0), cluster, service()))
    assert endpoints(trace) == [(0, 1), (10, 1)]


def test_a_short_silence_goes_unnoticed() -> None:
    # Silent from 30 to 40: the probe at 40 is the third, and succeeds.
    cluster = profile(faults={"unready": {"probability": 1, "after": 20, "for": 10}})
    trace = simulate(applied(deployment(1, 1, 0, container=probed(5)), cluster, service()))
    assert endpoints(trace) == [(0, 1), (10, 1)]


def test_a_liveness_probe_kills_a_slow_starter_for_ever() -> None:
    # It needs 20 s and is given three probes, 5 s apart. On its node since 0, started at 1 s: probes at 5,
    # 10, 15; killed, and 2 s to stop: 17. Started 0 + 1 s later, at 18: probes at 20, 25, 30, end at 32.
    # Then 10 + 1: at 43, probes at 45, 50, 55, end at 57; 20 + 1: 78, end at 92; 40 + 1: 133, probes 135,
    # 140, 145, end at 147.
    container = probed(1) | {"livenessProbe": {"httpGet": {"port": 80}, "periodSeconds": 5}}
    cluster = profile(start=1, ready=20, stop=2)
    trace = simulate(applied(deployment(1, 1, 0, container=container), cluster, horizon_s=200))
    assert crashes(trace) == [17, 32, 57, 92, 147]
    assert moments(pods(trace, 1), "deleted_s") == pytest.approx([math.nan], nan_ok=True)
    # With a startup probe of ten failures it has the time.
    container |= {"startupProbe": {"httpGet": {"port": 80}, "periodSeconds": 5, "failureThreshold": 10}}
    trace = simulate(applied(deployment(1, 1, 0, container=container), cluster, horizon_s=200))
    assert crashes(trace) == []
    assert completed_s(trace) == 25  # up at 21, found by the probe at 25


def test_a_container_that_restarts_before_its_end_is_seen_counts_once() -> None:
    # The kubelet looks once a second; the container is back 0.1 s after it ended.
    cluster = profile(
        start=0.1,
        kubelet={"relist_s": 1, "status": 0.1},
        faults={"crash": {"probability": 1, "after": 5.25}},
    )
    for seed in range(4):
        Stepper(applied(deployment(2, 1, 0), cluster, horizon_s=30), seed).run()


# The kubelet's looks.


def test_a_kubelet_sees_its_containers_when_it_looks() -> None:
    # Every second, each node at its own moment of it, and 0.1 s more to the API. Before 1.29 a start is
    # found by a look, too; since then the kubelet knows what it has started.
    kubelet = {"relist_s": 1, "status": 0.1}
    for kubernetes, found_by_look in (("1.28", True), ("newest", False)):
        cluster = profile(kubernetes=kubernetes, kubelet=kubelet, stop=2, schedule={"uniform": [0, 1]})
        trace = simulate(applied(deployment(6, "100%", 0), cluster))
        looks: dict[str, set[int]] = {}
        for pod in pods(trace, 1):
            looks.setdefault(pod.node, set()).add(round((pod.gone_s - 0.1) % 1 * 1e6))
            assert 2.1 <= pod.gone_s - pod.deleted_s <= 3.1
        assert all(len(moments) == 1 for moments in looks.values())
        assert len({min(moments) for moments in looks.values()}) == 3
        for pod in pods(trace, 2):
            if found_by_look:
                assert round((pod.running_s - 0.1) % 1 * 1e6) in looks[pod.node]
                assert 10.1 <= pod.running_s - pod.scheduled_s <= 11.1
            else:
                assert pod.running_s - pod.scheduled_s == pytest.approx(10.1)
            assert pod.ready_s == pod.running_s


def test_a_probes_success_is_seen_a_status_update_later() -> None:
    # One node, up at once: the look after the container was seen running probes it.
    cluster = profile(nodes=1, kubelet={"relist_s": 1, "status": 0.1})
    trace = simulate(applied(deployment(1, 1, 0, container=probed(10)), cluster), 3)
    (old,), (new,) = pods(trace, 1), pods(trace, 2)
    look = (old.gone_s - 0.1) % 1
    assert new.running_s == pytest.approx(10.1)
    assert (new.ready_s - 0.1 - look) % 1 == pytest.approx(0, abs=1e-6)
    assert 0.1 < new.ready_s - new.running_s <= 1.1


def test_before_1_21_probes_begin_at_a_random_moment() -> None:
    # Every 10 s from somewhere in the first 10: the first probe of a container of 10 s comes 0 to 10 s later.
    cluster = profile(kubernetes="1.20")
    trace = simulate(applied(deployment(20, "100%", 0, container=probed(10)), cluster))
    ready = moments(pods(trace, 2), "ready_s")
    assert 10 <= ready[0] < 12
    assert 18 < ready[-1] < 20
    assert len(set(ready)) == 20


def test_a_pod_that_never_ran_has_nothing_to_stop() -> None:
    # The roll-over below: v2's second pod, still starting, is gone at once; its first takes 5 s.
    steps = [{"at": 1, "image": "web:v2"}, {"at": 15, "image": "web:v3"}]
    first, second = pods(simulate(stepped(deployment(3), steps, profile(stop=5))), 2)
    assert (first.deleted_s, first.gone_s) == (45, 50)
    assert (second.deleted_s, second.gone_s) == (15, 15)


def test_played_kubelets_follow_the_application() -> None:
    # Whatever the probes say: up 7 s after it runs, down for 2 s 3 s later, and it takes its time to stop.
    # The pod that runs at 0 is down once too.
    cluster = profile(
        readiness="application",
        ready=7,
        stop=40,
        faults={"unready": {"probability": 1, "after": 3, "for": 2}},
    )
    trace = simulate(
        applied(deployment(1, 1, 0, container=probed(60, initialDelaySeconds=30)), cluster, service())
    )
    assert endpoints(trace) == [(0, 1), (3, 0), (5, 1), (17, 1), (20, 0), (22, 1)]
    assert moments(pods(trace, 1), "gone_s") == [57]


# History and more than one change.


def deleted_replicasets(trace: Trace) -> list[tuple[float, str]]:
    """Return when which revision's ReplicaSet was deleted."""
    return [
        (row.time_s, row.message.split()[-1])
        for row in rows(trace, "events")
        if row.reason == "ReplicaSetDeleted"
    ]


def test_the_history_limit_deletes_what_is_old_when_all_is_done() -> None:
    assert deleted_replicasets(simulate(applied(deployment(3, revisionHistoryLimit=0)))) == [(30, "1")]
    assert deleted_replicasets(simulate(applied(deployment(3, revisionHistoryLimit=1)))) == []
    assert deleted_replicasets(simulate(applied(deployment(3)))) == []


def test_the_history_limit_deletes_the_oldest_revisions() -> None:
    # Revisions 1 to 4, each complete after 10 s; two old ones may stay.
    steps = [{"at": at, "image": f"web:v{at}"} for at in (100, 200, 300)]
    trace = simulate(stepped(deployment(2, "100%", 0, revisionHistoryLimit=2), steps))
    assert deleted_replicasets(trace) == [(310, "1")]
    trace = simulate(stepped(deployment(2, "100%", 0, revisionHistoryLimit=1), steps))
    assert deleted_replicasets(trace) == [(210, "1"), (310, "2")]


def test_a_roll_over_cleans_the_half_started_version_first() -> None:
    # v2 from 1 s: one pod ready at 11, so old 2 and new 2. v3 comes at 15: no room for it (2 + 2 of 4). 3
    # have to be available and are, so one unavailable pod may go, and it is v2's second one: then there is
    # room for v3's first. At 25 and 35 old pods go, they are older than v2's; at 45 v2's last one.
    trace = simulate(stepped(deployment(3), [{"at": 1, "image": "web:v2"}, {"at": 15, "image": "web:v3"}]))
    assert sizes(trace) == [
        (1, "new", 1), (11, "old", 2), (11, "new", 2),
        (15, "third", 0), (15, "new", 1), (15, "third", 1),
        (25, "old", 1), (25, "third", 2), (35, "old", 0), (35, "third", 3), (45, "new", 0),
    ]  # fmt: skip
    first, second = pods(trace, 2)
    assert (first.ready_s, first.deleted_s) == (11, 45)
    assert math.isnan(second.ready_s)
    assert second.deleted_s == 15
    assert min(row.available for row in rows(trace, "deployments")) == 3


def test_the_clean_up_takes_no_more_than_it_may_from_all_old_ones_together() -> None:
    # v1's four pods are unready for good from 15 s on. 30 s: v2 of 1, so 5 - 3 - 1 = 1 may go: v1 is 3, v2
    # is 2. 35 s: v3 has no room. 5 - 3 = 2 may go, and v1, the older, gives both; v2's two unready pods
    # stay. v3 is 2.
    silent = {"faults": {"unready": {"probability": 1, "after": 1, "for": 5000}}}
    steps = [{"at": 30, "image": "web:v2"}, {"at": 35, "image": "web:v3"}]
    trace = simulate(
        stepped(deployment(4, 1, 1, container=probed(5)), steps, profile(images={"web:v1": silent}))
    )
    assert [size for size in sizes(trace) if size[0] <= 35] == [
        (30, "new", 1), (30, "old", 3), (30, "new", 2), (35, "third", 0), (35, "old", 1), (35, "third", 2),
    ]  # fmt: skip


def test_the_way_back_reuses_the_old_replicaset() -> None:
    # At 15 s v1 again: its ReplicaSet, still of 2, becomes revision 3. v2's unready pod goes, v1 is 3; ready
    # at 25, and v2's other pod goes.
    trace = simulate(stepped(deployment(3), [{"at": 1, "image": "web:v2"}, {"at": 15, "image": "web:v1"}]))
    assert sizes(trace) == [
        (1, "new", 1), (11, "old", 2), (11, "new", 2), (15, "new", 1), (15, "old", 3), (25, "new", 0),
    ]  # fmt: skip
    table = rows(trace, "replicasets")
    assert len({row.replicaset for row in table}) == 2
    revisions: dict[str, list[int]] = {}
    for row in table:
        of = revisions.setdefault(row.image, [])
        if row.revision not in of:
            of.append(row.revision)
    assert revisions == {"web:v1": [1, 3], "web:v2": [2]}
    assert completed_s(trace) == 25


# Images.


def test_an_image_is_pulled_once_on_each_node() -> None:
    # Two nodes, two new pods on each, all at 0: one pull of 6 s serves both. A later pod finds the image
    # there.
    trace = simulate(applied(deployment(4, "100%", 0), profile(nodes=2, pull=6)))
    assert moments(pods(trace, 2), "running_s") == [16] * 4
    assert {pod.node for pod in pods(trace, 2)} == {"node-000", "node-001"}
    trace = simulate(applied(deployment(2, 1, 0), profile(nodes=1, pull=6)))
    assert moments(pods(trace, 2), "running_s") == [16, 16 + 10]


def test_images_are_pulled_one_after_the_other_on_a_node() -> None:
    # One node. v2's pull begins at 1 s and ends at 7; v3's, asked for at 2, takes until 13.
    steps = [{"at": 1, "image": "web:v2"}, {"at": 2, "image": "web:v3"}]
    trace = simulate(stepped(deployment(1, 1, 0), steps, profile(nodes=1, pull=6)))
    (third,) = pods(trace, 3)
    assert (third.created_s, third.running_s) == (2, 13 + 10)
    states = [(row.time_s, row.state) for row in rows(trace, "states") if row.pod == third.pod]
    assert states[:2] == [(2, "pulling"), (13, "starting")]


def test_nodes_pull_at_the_same_time() -> None:
    trace = simulate(applied(deployment(3, "100%", 0), profile(nodes=3, pull={"cycle": [6, 8, 7]})))
    assert moments(pods(trace, 2), "running_s") == [16, 17, 18]


@pytest.mark.parametrize(
    ("container", "images"),
    [({"imagePullPolicy": "Never"}, {}), ({}, {"web:v1": {"cached": True}}), ({}, {"*": {"cached": True}})],
)
def test_what_is_there_is_not_pulled(container: dict[str, Any], images: dict[str, Any]) -> None:
    trace = simulate(applied(deployment(2, 1, 0, container=container), profile(pull=6, images=images)))
    assert moments(pods(trace, 2), "running_s") == [10, 20]


# The clients' rate.


def hundred(**plane: Any) -> list[float]:
    """Return when each of 100 new pods was created, all asked for at once."""
    cluster = profile(nodes=10, plane={"preset": "instant", "qps": 20, "burst": 30} | plane)
    return moments(pods(simulate(applied(deployment(100, "100%", 0), cluster)), 2), "created_s")


def test_a_hundred_pods_wait_for_their_tokens() -> None:
    # 30 at once, 70 more at 20 a second.
    created = hundred(events=False)
    assert created[:30] == [0] * 30
    assert created[30:] == pytest.approx([0.05 * i for i in range(1, 71)])
    assert hundred(qps=0) == [0] * 100


def test_creates_and_deletes_share_a_bucket() -> None:
    # Never more than 30 + 20 t in any t seconds, the deletes of the last old pods among them.
    cluster = profile(nodes=5, start=1, plane={"preset": "instant", "qps": 20, "burst": 30})
    trace = simulate(applied(deployment(50, "50%", "50%"), cluster))
    writes = sorted(moments(pods(trace, 2), "created_s") + moments(pods(trace, 1), "deleted_s"))
    assert len(writes) == 100
    for i, first in enumerate(writes):
        for j in range(i, 100):
            assert j - i + 1 <= 30 + 20 * (writes[j] - first) + 1e-6


def test_events_take_tokens_from_the_pods() -> None:
    # At most 25 events, 1.25 s worth of tokens, less those that the last batches' reservations leave behind;
    # a real control plane took 3.9 s.
    created = hundred(events=True)
    assert created[:15] == [0] * 15  # the batches of 1, 2, 4 and 8 end before an event is through
    assert 3.7 <= created[-1] <= 4.2


def test_the_scheduler_has_a_rate_of_its_own() -> None:
    cluster = profile(nodes=10, plane={"preset": "instant", "scheduler_qps": 10, "scheduler_burst": 5})
    bound = moments(pods(simulate(applied(deployment(20, "100%", 0), cluster)), 2), "scheduled_s")
    assert bound == pytest.approx([0] * 5 + [0.1 * i for i in range(1, 16)])


# Services.


def test_endpoints_follow_readiness() -> None:
    # Up 17 s after creation; probes at 10 and 11, then every 5: ready at 21 and 42. An old pod leaves when
    # it is told to stop, though it needs 3 s for that.
    manifest = deployment(2, 1, 0, container=probed(5))
    trace = simulate(
        applied(manifest, profile(ready=7, stop=3), service(), service("other", selector={"app": "x"}))
    )
    assert moments(pods(trace, 2), "ready_s") == [21, 42]
    table = [(row.time_s, row.ready) for row in rows(trace, "endpoints") if row.service == "front"]
    assert table == [(0, 2), (21, 3), (21, 2), (42, 3), (42, 2)]
    other = [(row.time_s, row.ready) for row in rows(trace, "endpoints") if row.service == "other"]
    assert other == [(0, 0)]


def test_endpoints_are_written_and_seen_a_hop_later() -> None:
    # As in the rollout with hops, the pod is ready at 10,026 and 20,082 ms; 10 to write and 2 to see.
    trace = simulate(applied(deployment(2, 1, 0), profile(plane=SLOW, kubelet=AT_ONCE), service()))
    table = endpoints(trace)
    assert (10.038, 3) in table
    # The old pod: its ReplicaSet is down at 10,050 (seen), the pod's deletion at 10,062, and 12 ms more.
    assert (10.074, 2) in table


def test_a_service_that_publishes_unready_addresses_has_them_too() -> None:
    # Never ready, but it runs from 10 s on and has an address.
    manifest = deployment(2, 1, 0, container=probed(5))
    everything = service(publishNotReadyAddresses=True)
    trace = simulate(applied(manifest, profile(**NEVER_READY), everything))
    assert endpoints(trace)[0] == (0, 2)
    assert endpoints(trace)[-1][1] == 3
    # And in a whole rollout it never has fewer than there are pods.
    trace = simulate(applied(manifest, profile(), everything))
    assert endpoints(trace)[-1][1] == 2
    assert min(ready for _, ready in endpoints(trace)) == 2


def test_a_pod_that_never_ran_had_no_address_to_take_off() -> None:
    # v2's pod exists from 1 to 2 s and would run at 11; v3's runs at 12, and the old one goes.
    steps = [{"at": 1, "image": "web:v2"}, {"at": 2, "image": "web:v3"}]
    everything = service(publishNotReadyAddresses=True)
    trace = simulate(stepped(deployment(1, 1, 0), steps, profile(), everything))
    assert endpoints(trace) == [(0, 1), (12, 1)]


# Nothing to do.


def test_a_paused_deployment_does_nothing() -> None:
    trace = simulate(applied(deployment(3, paused=True), horizon_s=30))
    assert sizes(trace) == []
    assert len(rows(trace, "pods")) == 3
    assert moments(rows(trace, "pods"), "deleted_s") == pytest.approx([math.nan] * 3, nan_ok=True)
    last = rows(trace, "deployments")[-1]
    assert (last.updated, last.available) == (0, 3)


def test_a_paused_deployment_is_not_looked_at_for_ever() -> None:
    trace = simulate(applied(deployment(3, paused=True), horizon_s=30))
    assert trace.quiet


def test_a_paused_deployment_says_so() -> None:
    trace = simulate(applied(deployment(3, paused=True), horizon_s=30))
    assert conditions(trace)[-1][1:] == ("Unknown", "DeploymentPaused")


def test_no_replicas_are_complete_at_once() -> None:
    trace = simulate(applied(deployment(0)))
    assert sizes(trace) == [(0, "new", 0)]
    assert conditions(trace)[-1] == (0, "True", "NewReplicaSetAvailable")
    assert rows(trace, "pods") == []
    assert (trace.quiet, trace.ended_s) == (True, 0)


# Reproducible.


def lively(**more: Any) -> Any:
    """Return a scenario with chance everywhere."""
    cluster = profile(
        kubernetes="1.28",
        plane="default",
        schedule={"uniform": [0, 0.1]},
        pull={"lognormal": {"median": 2, "p95": 4}},
        start={"exponential": {"mean": 2}},
        ready={"gamma": {"mean": 3, "sd": 2}},
        stop={"uniform": [0, 3]},
        kubelet={"relist_s": 1, "status": {"uniform": [0.05, 0.15]}},
        faults={"unready": {"probability": 0.3, "after": 5, "for": {"uniform": [0, 20]}}},
    )
    manifest = deployment(6, 2, 1, container=probed(3), minReadySeconds=4)
    steps = [{"at": 2, "image": "web:v2"}, {"at": 12, "image": "web:v3"}]
    return stepped(manifest, steps, cluster, service(), horizon_s=300, **more)


def test_the_same_seed_gives_the_same_bytes() -> None:
    scenario = lively()
    one = simulate(scenario, 5, 2).canonical()
    assert simulate(lively(), 5, 2).canonical() == one
    others = [simulate(scenario, 6, 2), simulate(scenario, 5, 3), simulate(scenario, 5, 18)]
    texts = {one, *(trace.canonical() for trace in others)}
    assert len(texts) == 4
    # Not only their names differ.
    assert len({str(trace.tables["deployments"]) for trace in others}) == 3


def test_the_scenarios_own_seed_is_the_default() -> None:
    scenario = lively()
    assert simulate(scenario).canonical() == simulate(scenario, scenario.seed, 0).canonical()


# The invariants, after every event.

JITTER = {"uniform": [0, 0.3]}
WATCHED = {
    "chance everywhere": lively(),
    "slow hops": applied(
        deployment(5, 2, 2, minReadySeconds=2, revisionHistoryLimit=0),
        profile(plane={"preset": "default", "write": JITTER, "watch": JITTER}, stop=2),
    ),
    "one worker": stepped(
        deployment(6, "50%", "50%"),
        [{"at": 0, "image": "web:v2"}, {"at": 0.1, "image": "web:v3"}, {"at": 5, "image": "web:v1"}],
        profile(
            plane={"preset": "default", "deployment_workers": 1, "replicaset_workers": 1, "write": JITTER},
        ),
    ),
    "recreate": stepped(
        deployment(4, recreate=True),
        [{"at": 1, "image": "web:v2"}, {"at": 3, "image": "web:v3"}],
        profile(plane="default", stop={"uniform": [0, 9]}),
        horizon_s=60,
    ),
    "crashes": applied(
        deployment(4, 1, 1, container=probed(2)),
        profile(start=1, ready={"uniform": [0, 9]}, faults={"crash": {"probability": 0.5, "after": 12}}),
        service(),
        horizon_s=120,
    ),
    "slow rate": applied(
        deployment(12, "100%", 0), profile(plane={"preset": "default", "qps": 5, "burst": 3}),
    ),
    "played kubelets": applied(
        deployment(5),
        profile(readiness="application", faults={"unready": {"probability": 1, "after": 3, "for": 2}}),
        horizon_s=120,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WATCHED)
def test_the_cluster_is_sound_after_every_event(name: str) -> None:
    stepper = Stepper(WATCHED[name], seed=3)
    trace = stepper.run()
    assert stepper.events > 100
    assert trace.canonical() == simulate(WATCHED[name], 3).canonical()
    # A watcher's counts are ordered: available <= ready <= current, and current is what pods there are.
    for row in rows(trace, "replicasets"):
        assert 0 <= row.available <= row.ready <= row.current


def test_the_watch_over_the_cluster_would_notice() -> None:
    scenario = applied(deployment(2), horizon_s=60)
    with pytest.raises(AssertionError, match="ready"):
        Stepper(
            scenario, also=lambda model: setattr(next(iter(model.cluster.owned.values())), "ready", 9)
        ).run()
