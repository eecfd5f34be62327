"""The ReplicaSet controller's counts and its choice of pods, against Kubernetes' own tables."""

from __future__ import annotations

import random
from functools import cmp_to_key
from math import floor, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import deployment
from sim.rules import replicaset as rules
from tests.rules.cases import table

PHASES = {"Pending": rules.PENDING, "Unknown": rules.UNKNOWN, "Running": rules.RUNNING}
HOUR_NS = 3600 * 10**9


def scalars(pod, rank, uid=0):
    """Make of a table's pod what the comparator takes; now is 0, all UIDs are equal."""

    def age(stamp):
        return -1 if stamp is None else -stamp * 10**9

    cost = pod.get("deletionCost")
    since = pod.get("readySince")
    created = pod.get("created")
    restarts = pod.get("restarts", 0)
    return (
        bool(pod["node"]), PHASES[pod["phase"]], pod["ready"], cost or 0, rank,
        age(since), restarts, age(created), uid,
    )  # fmt: skip


@table("controller_utils__ActivePodsWithRanks")
def test_order_with_ranks(row, around):
    pods = around["podDefs"]
    if row["kind"] == "equal":
        one, other = scalars(pods[row["p1"]], row["rank1"]), scalars(pods[row["p2"]], row["rank2"])
        assert not rules.deletes_before(*one, *other, True)
        assert not rules.deletes_before(*other, *one, True)
        return
    assert row["kind"] == "less"
    lesser = scalars(pods[row["lesser"]], row["lesserRank"])
    greater = scalars(pods[row["greater"]], row["greaterRank"])
    assert rules.deletes_before(*lesser, *greater, True, row["podDeletionCostGate"])
    assert not rules.deletes_before(*greater, *lesser, True, row["podDeletionCostGate"])


@table("controller_utils__ActivePods")
def test_order_without_ranks(row, around):
    names = row["expectedOrder"]
    pods = {name: scalars(around["podDefs"][name], 1) for name in names}
    for n, name in enumerate(names):
        for later in names[n + 1 :]:
            assert rules.deletes_before(*pods[name], *pods[later], False, False), (name, later)
            assert not rules.deletes_before(*pods[later], *pods[name], False, False), (later, name)
    shuffled = list(names)
    for seed in range(20):
        random.Random(seed).shuffle(shuffled)
        assert _sorted(shuffled, pods, False) == names


def _sorted(names, pods, by_bucket):
    def compare(a, b):
        if rules.deletes_before(*pods[a], *pods[b], by_bucket):
            return -1
        return int(rules.deletes_before(*pods[b], *pods[a], by_bucket))

    return sorted(names, key=cmp_to_key(compare))


@table("replicaset__getPodsToDelete")
def test_pods_to_delete(row, around):
    names, delete = row["pods"], row["diff"]
    chosen = names
    if rules.needs_ranking(delete, len(names)):
        nodes = {"": -1, "fake-node": 0, "fake-node-1": 1, "fake-node-2": 2}
        related = names if row["related"] is None else row["related"]
        defs = around["podDefs"]
        counts = [0] * 4
        assert rules.colocation_counts([nodes[defs[one]["node"]] for one in related], counts) == len(related)
        pods = {one: scalars(defs[one], counts[nodes[defs[one]["node"]] + 1]) for one in names}
        chosen = _sorted(names, pods, True)
    else:
        row.not_an_input("related")
    assert chosen[:delete] == row["expected"]


# How many pods carry all labels of the template, which a row says only in its name. rollsim does not count
# them: its pods are made from the template.
FULLY_LABELLED = {
    "1 fully labelled": 1,
    "1 not fully labelled": 0,
    "2 fully labelled": 2,
    "2 not fully labelled": 0,
    "1 fully, 1 not": 1,
    "1 non-ready": 1,
    "ready, not available": 1,
}


@table("replicaset__calculateStatus")
def test_status_counts(row, around):
    row.not_an_input("rsReplicas")
    pods, expected = row["pods"], row["expected"]
    assert all(rules.is_active(PHASES[pod["phase"]], False) for pod in pods)
    ready, since = [pod["ready"] for pod in pods], [pod["readySince"] for pod in pods]
    counts = rules.status_counts(ready, since, row["minReadySeconds"], row["now"])
    assert counts == (expected["replicas"], expected["ready"], expected["available"])
    each = [
        rules.is_available(*pod, row["minReadySeconds"], row["now"]) for pod in zip(ready, since, strict=True)
    ]
    assert sum(each) == counts[2]
    assert expected["fullyLabeled"] == FULLY_LABELLED[row["name"]]


@table("replicaset__burstReplicas")
def test_burst(row, around):
    spec, burst = row["numReplicas"], row["burstReplicas"]
    for rule, active, target in ((rules.creates, 0, spec), (rules.deletes, spec, 0)):
        steps = []
        while step := rule(active, target, burst):
            steps.append(step)
            active += step if rule is rules.creates else -step
        assert steps == row["expectedPerSync"]
        assert active == target


def slow_start(count, limit):
    """Count (calls, successes) of a slow start whose calls beyond `limit` fail."""
    calls = 0
    batch = rules.slow_start_next(0, count)
    while batch:
        calls += batch
        count -= batch
        if calls > limit:
            return calls, limit
        batch = rules.slow_start_next(batch, count)
    return calls, calls


@table("replicaset__slowStartBatch")
def test_slow_start(row, around):
    calls, successes = slow_start(row["count"], row["callLimit"])
    assert (calls, successes) == (row["expectedCalls"], row["expectedSuccesses"])
    assert (successes < row["count"]) is row["expectedError"]


@table("replicaset__createFailures")
def test_create_failures(row, around):
    calls, successes = slow_start(rules.creates(0, row["replicas"]), row["createLimit"])
    assert successes == row["expectedSuccessfulCreates"]
    assert calls == row["expectedCreateCallsAtMost"], "1 + 2 + 4 + 8"


def test_examples_of_the_docstrings():
    assert rules.creates(12, 10) == 0
    assert rules.deletes(12, 10) == 2
    assert rules.creates(0, 501) == rules.BURST_REPLICAS == 500
    assert [rules.slow_start_next(*pair) for pair in ((0, 10), (1, 9), (2, 7), (4, 3), (3, 0))] == [
        1,
        2,
        4,
        3,
        0,
    ]
    assert rules.slow_start_next(0, 0) == 0
    assert rules.is_available(True, 100, 5, 105)
    assert not rules.is_available(True, 100, 5, 104.999)
    assert not rules.is_available(False, 100, 0, 105)
    assert not rules.is_active(rules.FAILED, False)
    assert not rules.is_active(rules.SUCCEEDED, False)
    assert not rules.is_active(rules.RUNNING, True)
    assert rules.age_bucket(5 * HOUR_NS) == rules.age_bucket(8 * HOUR_NS) == 44
    assert rules.age_bucket(2 * HOUR_NS) == 42
    assert rules.age_bucket(0) == rules.age_bucket(-5) == -1
    assert rules.deletion_class(False, rules.PENDING, False) == 0
    assert rules.deletion_class(True, rules.PENDING, False) == 6
    assert rules.deletion_class(True, rules.RUNNING, False) == 10
    assert rules.deletion_class(True, rules.RUNNING, True) == 11
    assert rules.status_counts([True, False], [0, 0], 0, 0) == (2, 1, 1)
    assert rules.status_counts([True, False], [0, 0], 3600, 0) == (2, 1, 0)


@pytest.mark.parametrize(
    ("arguments", "wait"),
    [
        ((5, 3, 2, 3, 1.5, False), 5),
        ((5, 2, 1, 3, 1.5, False), -1),
        ((5, 3, 3, 3, 1.5, False), -1),
        ((5, 2, 1, 3, 1.5, True), 1.5),
        ((5, 2, 1, 3, 0, True), 0),
        ((5, 2, 1, 3, -1, True), 5),
        ((5, 2, 2, 3, 1.5, True), -1),
        ((0, 3, 2, 3, 1.5, True), -1),
    ],
)
def test_recheck_after_a_sync(arguments, wait):
    assert rules.recheck_after_sync(*arguments) == wait


def test_recheck_on_ready():
    assert rules.recheck_on_ready(5, 1, False) == 6
    assert rules.recheck_on_ready(5, 1, True) == 5
    assert rules.recheck_on_ready(0, 1, False) == -1


def test_the_phases_of_two_modules_agree():
    for name in ("PENDING", "UNKNOWN", "RUNNING", "SUCCEEDED", "FAILED"):
        assert getattr(rules, name) == getattr(deployment, name)


def test_uids_decide_within_one_bucket_only():
    def pod(age, uid):
        return (True, rules.RUNNING, True, 0, 1, age, 0, 0, uid)

    older, younger = pod(8 * HOUR_NS, 1), pod(5 * HOUR_NS, 2)
    assert rules.deletes_before(*older, *younger, True), "the lower UID goes, though it is older"
    assert rules.deletes_before(*younger, *older, False)
    much_younger = pod(2 * HOUR_NS, 3)
    assert rules.deletes_before(*much_younger, *older, True)


def test_age_buckets_are_not_transitive():
    """Upstream too: the same stamp goes on to restarts, another one of the bucket to the UID."""
    a = (True, rules.RUNNING, True, 0, 1, 5 * HOUR_NS, 9, 0, 3)
    b = (True, rules.RUNNING, True, 0, 1, 5 * HOUR_NS, 0, 0, 1)
    c = (True, rules.RUNNING, True, 0, 1, 6 * HOUR_NS, 0, 0, 2)
    assert rules.deletes_before(*a, *b, True)
    assert rules.deletes_before(*b, *c, True)
    assert rules.deletes_before(*c, *a, True)


small = st.integers(0, 2)
ages = st.sampled_from([-1, 0, 1, 2, 3, 4, 7, 8])
pods = st.tuples(st.booleans(), small, st.booleans(), small, small, ages, small, ages, st.integers(0, 3))


@pytest.mark.property
@given(pods, pods, st.booleans(), st.booleans())
def test_the_order_is_antisymmetric(a, b, by_bucket, cost):
    assert not (
        rules.deletes_before(*a, *b, by_bucket, cost) and rules.deletes_before(*b, *a, by_bucket, cost)
    )
    assert not rules.deletes_before(*a, *a, by_bucket, cost)


@pytest.mark.property
@given(pods, pods, pods, st.booleans())
def test_without_buckets_the_order_is_a_strict_weak_one(a, b, c, cost):
    def before(x, y):
        return rules.deletes_before(*x, *y, False, cost)

    if before(a, b) and before(b, c):
        assert before(a, c)
    if before(a, c):
        assert before(a, b) or before(b, c), "what is equal to b cannot lie on both sides of it"


@pytest.mark.property
@given(pods, pods, st.booleans())
def test_the_deletion_class_comes_first(a, b, by_bucket):
    one, other = rules.deletion_class(*a[:3]), rules.deletion_class(*b[:3])
    assert (one == other) == (a[:3] == b[:3])
    if one != other:
        assert rules.deletes_before(*a, *b, by_bucket) == (one < other)


@pytest.mark.property
@given(ages, ages)
def test_the_comparator_has_the_same_buckets(a, b):
    one = (True, rules.RUNNING, True, 0, 1, a, 0, 0, 0)
    other = (True, rules.RUNNING, True, 0, 1, b, 0, 0, 0)
    if min(a, b) >= 0:
        expected = rules.age_bucket(a) < rules.age_bucket(b)
        assert rules.deletes_before(*one, *other, True) == expected


@pytest.mark.property
@given(st.integers(1, 2**62 - 1))
def test_the_bucket_is_the_logarithm_rounded_down(age):
    bucket = rules.age_bucket(age)
    assert 2**bucket <= age < 2 ** (bucket + 1)
    if age < 2**40:
        assert bucket == floor(log2(age))


def test_a_wait_or_a_stamp_of_one_counts():
    assert rules.recheck_on_ready(1, 1, False) == 2
    assert rules.recheck_after_sync(1, 3, 2, 3, 9, False) == 1
    assert not rules.is_available(True, 100, 1, 100)
    assert rules.status_counts([True], [100], 5, 105) == (1, 1, 1)
    assert rules.status_counts([True], [100], 1, 100) == (1, 1, 0)
    assert rules.status_counts([True], [100], 0, 99) == (1, 1, 1), "no wait, no stamp"


def test_ages_of_pods_that_are_not_ready_do_not_matter():
    one = (True, rules.RUNNING, False, 0, 1, 5, 0, 7, 0)
    other = (True, rules.RUNNING, False, 0, 1, 9, 0, 2, 0)
    assert rules.deletes_before(*other, *one, False), "the younger, whatever their stale readiness"
    assert not rules.deletes_before(*one, *other, False)


def test_a_pod_without_a_stamp_goes_before_one_that_is_ready_since_now():
    stampless = (True, rules.RUNNING, True, 0, 1, -1, 0, 5, 0)
    now = (True, rules.RUNNING, True, 0, 1, 0, 0, 5, 0)
    for by_bucket in (False, True):
        assert rules.deletes_before(*stampless, *now, by_bucket)
        assert not rules.deletes_before(*now, *stampless, by_bucket)


def test_every_power_of_two_opens_a_bucket():
    for power in range(62):
        assert rules.age_bucket(2**power) == power
        assert rules.age_bucket(2 ** (power + 1) - 1) == power


def test_pods_are_counted_on_their_nodes():
    counts = [0, 0, 0]
    assert rules.colocation_counts([0, 1, 1, -1], counts) == 4
    assert counts == [1, 1, 2]
