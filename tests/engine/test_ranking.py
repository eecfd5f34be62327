"""Who is deleted first: the flat ranking against the rule for two pods, and the counts of pods on nodes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine import simulate
from sim.engine.clock import SECOND, Clock
from sim.engine.ranking import Ranking
from sim.engine.scheduler import Spread
from sim.engine.state import NEVER, PENDING, RUNNING, UNKNOWN, Cluster, OwnedPods, ReplicaSetObject
from sim.rules.replicaset import colocation_counts, deletes_before
from tests.engine.build import Stepper, applied, deployment, pods, profile, stepped

NODES = 3
NOW = 5_000 * SECOND


@dataclass(frozen=True)
class Pod:
    """What decides of a pod's turn; ages in microseconds before NOW."""

    node: int = 0
    phase: int = RUNNING
    ready: bool = True
    restarts: int = 0
    ready_age: int = SECOND
    age: int = SECOND


def asked(
    pods: list[Pod], *, log2: bool, salt: int = 0, others: tuple[int, ...] = ()
) -> Callable[[int], list[int]]:
    """Return what tells which so many of ``pods`` go first; ``others``: nodes of other ReplicaSets' pods."""
    cluster, owned = Cluster(), OwnedPods()
    for pod in pods:
        row = cluster.pods.add(0, 0, NOW - pod.age, NOW - pod.age)
        cluster.pods.node[row] = pod.node
        cluster.pods.phase[row] = pod.phase
        cluster.pods.restarts[row] = pod.restarts
        owned.active[row] = None
        if pod.ready:
            cluster.pods.ready_stamp[row] = NOW - pod.ready_age
            owned.became_ready(cluster.pods, row)
    on_node = [0] * (NODES + 1)
    colocation_counts([*(pod.node for pod in pods), *others], on_node)
    rs = ReplicaSetObject()
    rs.key, rs.deployment = 0, "web"
    ranking = Ranking(Clock(NOW), cluster, log2, salt, {"web": on_node[1:]})
    return lambda number: ranking.first_to_go(rs, owned, number)


def ranked(
    pods: list[Pod], number: int, *, log2: bool, salt: int = 0, others: tuple[int, ...] = ()
) -> list[int]:
    """Return which of ``pods`` go first."""
    return asked(pods, log2=log2, salt=salt, others=others)(number)


@cache
def uids(number: int, salt: int) -> list[int]:
    """Return a number for each pod, ordered as the UIDs are: what decides when all else is equal."""
    first = asked([Pod(ready_age=900, age=900)] * number, log2=True, salt=salt)
    uid = [number] * number
    for k in range(number - 1, 0, -1):
        chosen = first(k)
        assert len(chosen) == k
        for pod in chosen:
            uid[pod] = k
    assert sorted(uid) == list(range(1, number + 1))
    return uid


def goes_before(a: int, b: int, pods: list[Pod], ranks: list[int], uid: list[int], log2: bool) -> bool:
    """Ask the rule for two pods; ages in nanoseconds."""

    def facts(i: int) -> tuple[Any, ...]:
        pod = pods[i]
        ready_age = pod.ready_age * 1000 if pod.ready else -1
        return (
            pod.node >= 0, pod.phase, pod.ready, 0, ranks[i],
            ready_age, pod.restarts, pod.age * 1000, uid[i],
        )  # fmt: skip

    return deletes_before(*facts(a), *facts(b), log2)


def check(pods: list[Pod], number: int, log2: bool, salt: int, others: tuple[int, ...]) -> None:
    """Assert that no pod that stays should have gone before one that goes."""
    chosen = ranked(pods, number, log2=log2, salt=salt, others=others)
    assert len(chosen) == len(set(chosen)) == number
    kept = set(range(len(pods))) - set(chosen)
    assert len(kept) == len(pods) - number
    counts = [0] * (NODES + 1)
    colocation_counts([*(pod.node for pod in pods), *others], counts)
    ranks = [counts[pod.node + 1] for pod in pods]
    uid = uids(len(pods), salt) if log2 else list(range(len(pods)))
    for stays in kept:
        for goes in chosen:
            assert not goes_before(stays, goes, pods, ranks, uid, log2), (pods[stays], pods[goes])


AGES = st.one_of(st.integers(0, 5).map(lambda s: s * SECOND), st.integers(0, NOW))


@st.composite
def some_pods(draw: st.DrawFn, ages: Any = AGES) -> Pod:
    """Return a pod as a cluster can have it: only what runs on a node is ready."""
    node = draw(st.sampled_from([-1, *range(NODES)]))
    phase = draw(st.sampled_from([PENDING, UNKNOWN, RUNNING, RUNNING, RUNNING])) if node >= 0 else PENDING
    ready = phase == RUNNING and draw(st.booleans())
    return Pod(node, phase, ready, draw(st.sampled_from([0, 0, 1, 2, 7])), draw(ages), draw(ages))


OTHERS = st.lists(st.integers(0, NODES - 1), max_size=6).map(tuple)


@given(st.lists(some_pods(), min_size=2, max_size=12), st.data(), OTHERS)
def test_nobody_stays_who_should_have_gone_first(pods: list[Pod], data: Any, others: tuple[int, ...]) -> None:
    check(pods, data.draw(st.integers(1, len(pods) - 1)), False, 0, others)


@given(
    st.lists(some_pods(), min_size=2, max_size=8),
    st.permutations(range(1, 20)),
    st.sampled_from([1, 1000, SECOND, 240 * SECOND]),
    st.integers(0, 2**32 - 1),
    st.data(),
    OTHERS,
)
def test_with_buckets_nobody_stays_who_should_have_gone_first(
    pods: list[Pod], order: list[int], unit: int, salt: int, data: Any, others: tuple[int, ...]
) -> None:
    # Stamps that differ pairwise: only then is the rule an order at all (see its docstring).
    pods = [
        replace(pod, ready_age=order[i] * unit, age=order[-1 - i] * unit + unit // 2)
        for i, pod in enumerate(pods)
    ]
    check(pods, data.draw(st.integers(1, len(pods) - 1)), True, salt, others)


@pytest.mark.parametrize("log2", [False, True])
@pytest.mark.parametrize("number", [1, 7, 100, 299])
def test_many_pods_are_ranked_like_few(number: int, log2: bool) -> None:
    rng = random.Random(5)
    stamps = rng.sample(range(1, NOW // 1000), 600)
    crowd = []
    for i in range(300):
        node = rng.choice([-1, 0, 1, 2])
        phase = rng.choice([PENDING, RUNNING, RUNNING, RUNNING]) if node >= 0 else PENDING
        ready = phase == RUNNING and rng.random() < 0.7
        crowd.append(Pod(node, phase, ready, rng.choice([0, 1, 2]), stamps[2 * i], stamps[2 * i + 1]))
    check(crowd, number, log2, 99, (0, 0, 1))


def test_nothing_is_ranked_when_all_go() -> None:
    # As listed, oldest first, though the ranking would turn it round.
    listed = [Pod(), Pod(ready=False), Pod(node=-1, phase=PENDING, ready=False)]
    assert ranked(listed, 2, log2=False) == [2, 1]
    assert ranked(listed, 3, log2=False) == [0, 1, 2]


# Each rule on its own: the first pod differs from the second one in that rule for the better, in all later
# rules for the worse, and goes first.
BY_RULE = {
    "unassigned": (Pod(-1, PENDING, False, 0, 9, 9), Pod(0, PENDING, False, 9, 1, 1)),
    "pending before unknown": (Pod(0, PENDING, False, 0, 9, 9), Pod(1, UNKNOWN, False, 9, 1, 1)),
    "unknown before running": (Pod(0, UNKNOWN, False, 0, 9, 9), Pod(1, RUNNING, False, 9, 1, 1)),
    "not ready": (Pod(0, RUNNING, False, 0, 9, 9), Pod(1, RUNNING, True, 9, 1, 1)),
    "crowded": (Pod(1, RUNNING, True, 0, 9, 9), Pod(0, RUNNING, True, 9, 1, 1)),
    "ready for a shorter time": (Pod(0, RUNNING, True, 0, 1, 9), Pod(0, RUNNING, True, 9, 9, 1)),
    "more restarts": (Pod(0, RUNNING, True, 9, 5, 9), Pod(0, RUNNING, True, 0, 5, 1)),
    "younger": (Pod(0, RUNNING, True, 5, 5, 1), Pod(0, RUNNING, True, 5, 5, 9)),
}


@pytest.mark.parametrize("rule", BY_RULE)
def test_each_rule_in_its_place(rule: str) -> None:
    first, second = BY_RULE[rule]
    # Two pods of another ReplicaSet on node 1, one on node 0.
    first, second = (replace(p, ready_age=p.ready_age * SECOND, age=p.age * SECOND) for p in (first, second))
    others = (1, 1, 0)
    assert ranked([first, second], 1, log2=False, others=others) == [0]
    assert ranked([second, first], 1, log2=False, others=others) == [1]


def test_a_crowded_node_goes_first_whoever_crowds_it() -> None:
    # One pod on each of three nodes, ready for 1, 2 and 3 s; another ReplicaSet's pod shares node 2.
    three = [Pod(node, ready_age=(node + 1) * SECOND) for node in range(3)]
    assert ranked(three, 1, log2=False) == [0]
    assert ranked(three, 1, log2=False, others=(2,)) == [2]
    assert ranked(three, 1, log2=False, others=(2, 1, 1)) == [1]


def test_equal_buckets_are_equal_and_uids_decide() -> None:
    # 5 h and 8 h share a bucket (2**44 ns to 2**45 ns are 4.9 h to 9.8 h): over many salts either goes first.
    hour = 3600 * SECOND
    pair = [Pod(ready_age=5 * hour), Pod(ready_age=8 * hour)]
    assert {ranked(pair, 1, log2=True, salt=salt)[0] for salt in range(40)} == {0, 1}
    assert {ranked(pair, 1, log2=False, salt=salt)[0] for salt in range(40)} == {0}
    # 2 h is in a younger bucket.
    pair = [Pod(ready_age=5 * hour), Pod(ready_age=2 * hour)]
    assert {ranked(pair, 1, log2=True, salt=salt)[0] for salt in range(40)} == {1}


@pytest.mark.parametrize("exponent", [13, 20, 30, 42])
def test_a_bucket_begins_at_its_power_of_two(exponent: int) -> None:
    # The first whole microsecond of the bucket of 2**k ns, and the one before: always the younger one goes.
    border = -(-(2**exponent) // 1000)
    pair = [Pod(ready_age=border), Pod(ready_age=border - 1)]
    assert {ranked(pair, 1, log2=True, salt=salt)[0] for salt in range(40)} == {1}
    # A microsecond on either side of that border the bucket is the same, and UIDs decide.
    pair = [Pod(ready_age=border + 1), Pod(ready_age=border)]
    assert {ranked(pair, 1, log2=True, salt=salt)[0] for salt in range(40)} == {0, 1}


def test_the_order_of_uids_has_no_favourites() -> None:
    # Of 8 equal pods each is the first to go under about one salt in 8: of 400, 50 give or take 7.
    first = [ranked([Pod()] * 8, 1, log2=True, salt=salt)[0] for salt in range(400)]
    assert all(20 < first.count(pod) < 80 for pod in range(8))


# The counts of pods on nodes, in whole runs.


def test_the_spread_chooses_the_emptiest_node() -> None:
    counts: dict[str, list[int]] = {}
    spread = Spread(counts, 3, repeat(0))
    spread.add("web")
    spread.add("api")
    assert sorted(spread.place("web") for _ in range(3)) == [0, 1, 2]
    first = spread.place("web")
    assert counts["web"][first] == 2
    others = [node for node in range(3) if node != first]
    assert spread.place("web") in others
    for node in others:
        while counts["web"][node]:
            spread.leave("web", node)
    assert spread.place("web") in others
    spread.add("web")
    assert sum(counts["web"]) == 3
    assert counts["api"] == [0, 0, 0]


@given(st.lists(st.integers(-4, 9), max_size=80), st.integers(1, 5))
def test_the_spread_always_chooses_an_emptiest_node(moves: list[int], nodes: int) -> None:
    # A negative number is a pod that leaves the node of that number, if there is one; others arrive.
    counts: dict[str, list[int]] = {}
    rng = random.Random(1)
    spread = Spread(counts, nodes, iter(lambda: rng.randrange(10**6), None))
    spread.add("web")
    plain = [0] * nodes
    for move in moves:
        if move < 0 and -move - 1 < nodes and plain[-move - 1]:
            spread.leave("web", -move - 1)
            plain[-move - 1] -= 1
        elif move >= 0:
            node = spread.place("web")
            assert plain[node] == min(plain)
            plain[node] += 1
        assert counts["web"] == plain


@pytest.mark.parametrize("seed", range(6))
def test_the_old_pod_beside_the_first_new_one_goes_first(seed: int) -> None:
    # Three old pods on three nodes; the first new pod joins one of them, and that old pod is the first to go.
    trace = simulate(applied(deployment(3, 1, 0), profile(nodes=3)), seed)
    old = min(pods(trace, 1), key=lambda pod: pod.deleted_s)
    assert old.deleted_s == 10
    assert old.node == pods(trace, 2)[0].node
    assert len({pod.node for pod in pods(trace, 1)}) == 3


def test_counts_on_nodes_are_the_active_pods_of_all_replicasets() -> None:
    # A roll-over: three ReplicaSets at once, pods unassigned for 2 s and terminating for 4 s.
    cluster = profile(
        nodes=4, schedule={"uniform": [0, 2]}, start={"uniform": [1, 9]}, stop={"uniform": [0, 4]}
    )
    scenario = stepped(
        deployment(9, 3, 2), [{"at": 1, "image": "web:v2"}, {"at": 11, "image": "web:v3"}], cluster
    )
    seen: set[int] = set()

    def counted(model: Any) -> None:
        table, wanted = model.cluster.pods, [0] * 4
        for owned in model.cluster.owned.values():
            for pod in owned.active:
                if table.node[pod] >= 0:
                    wanted[table.node[pod]] += 1
        assert model.pods.replicasets.ranking.on_node["web"] == wanted
        seen.add(sum(bool(owned.active) for owned in model.cluster.owned.values()))
        assert all(node == NEVER or 0 <= node < 4 for node in table.node)

    Stepper(scenario, also=counted).run()
    assert 3 in seen
