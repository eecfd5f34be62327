"""The Deployment controller's arithmetic against Kubernetes' own tables, and what always holds."""

from __future__ import annotations

from fractions import Fraction
from functools import cmp_to_key
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules import deployment as rules
from sim.rules.history import parse_replicas
from sim.units import IntOrPercent
from tests.rules.cases import table

SHORT = {"desired-replicas": 0, "max-replicas": 1}


def fenceposts(surge, unavailable, desired):
    """Resolve both as the manifest writes them; None is unset."""
    up = IntOrPercent(0, False) if surge is None else IntOrPercent.parse(surge)
    down = IntOrPercent(0, False) if unavailable is None else IntOrPercent.parse(unavailable)
    return rules.resolve_fenceposts(up.value, up.is_percent, down.value, down.is_percent, desired)


@table("util__ResolveFenceposts")
def test_fenceposts(row, around):
    got, error = (0, 0), False
    try:
        got = fenceposts(row["maxSurge"], row["maxUnavailable"], row["desired"])
    except ValueError:
        error = True
    assert got == (row["expectSurge"], row["expectUnavailable"])
    assert error is row["expectError"]


def _most_missing(row, around):
    rolling = row["strategy"] == "RollingUpdate"
    desired = 1 if row["replicas"] is None else row["replicas"]
    unavailable = fenceposts(around["fixed"]["maxSurge"], row["maxUnavailable"], desired)[1]
    return rolling, desired, rules.max_unavailable(rolling, unavailable, desired)


@table("util__MaxUnavailable")
def test_max_unavailable(row, around):
    assert _most_missing(row, around)[2] == row["expected"]


@table("util__MinAvailable")
def test_min_available(row, around):
    rolling, desired, most = _most_missing(row, around)
    assert rules.min_available(desired, most, rolling) == row["expected"]


@table("util__NewRSNewReplicas")
def test_new_replicaset_size(row, around):
    desired, new = row["deploymentReplicas"], row["newRSReplicas"]
    rolling = row["strategy"] == "RollingUpdate"
    surge = fenceposts(row["maxSurge"], around["fixed"]["maxUnavailable"], desired)[0]
    assert around["fixed"]["allRSs"].startswith("one RS with spec.replicas 5")
    assert rules.new_replicaset_size(rolling, desired, surge, 5, new) == row["expected"]


@table("rolling__reconcileNewReplicaSet")
def test_reconcile_new(row, around):
    desired, old, new = row["deploymentReplicas"], row["oldReplicas"], row["newReplicas"]
    rolling = around["fixed"]["strategy"] == "RollingUpdate"
    surge = fenceposts(row["maxSurge"], around["fixed"]["maxUnavailable"], desired)[0]
    surge = rules.max_surge(rolling, surge)
    size = rules.reconciled_new_size(rolling, desired, surge, old + new, new)
    assert size == row["expectedNewReplicas"]
    assert (size != new) is row["scaleExpected"]


@table("rolling__reconcileOldReplicaSets")
def test_reconcile_old(row, around):
    fixed = around["fixed"]
    desired, old, new = row["deploymentReplicas"], row["oldReplicas"], row["newReplicas"]
    rolling = fixed["strategy"] == "RollingUpdate"
    assert fixed["status.availableReplicas"] == "readyPods*"
    old_available, new_available = row["readyPodsFromOldRS"], row["readyPodsFromNewRS"]
    unavailable = fenceposts(fixed["maxSurge"], row["maxUnavailable"], desired)[1]
    floor = rules.min_available(desired, rules.max_unavailable(rolling, unavailable, desired), rolling)
    most = rules.max_scaled_down(old + new, floor, new, new_available)
    size = old
    if most > 0:
        size -= rules.unhealthy_cut(old, old_available, most)
        size -= rules.old_cut(size, rules.scale_down_budget(old_available + new_available, floor))
    assert size == row["expectedOldReplicas"]
    assert (size != old) is row["scaleExpected"]


@table("rolling__cleanupUnhealthyReplicas")
def test_cleanup_unhealthy(row, around):
    around["fixed"].not_an_input("deploymentReplicas", "maxSurge", "maxUnavailable")
    spec, available = row["oldReplicas"], row["readyPods"]
    assert available + row["unHealthyPods"] == spec
    assert rules.unhealthy_cut(spec, available, row["maxCleanupCount"]) == row["cleanupCountExpected"]


@table("rolling__scaleDownOldReplicaSetsForRollingUpdate")
def test_scale_down_old(row, around):
    desired, old = row["deploymentReplicas"], row["oldReplicas"]
    unavailable = fenceposts(around["fixed"]["maxSurge"], row["maxUnavailable"], desired)[1]
    floor = rules.min_available(desired, rules.max_unavailable(True, unavailable, desired))
    cut = rules.old_cut(old, rules.scale_down_budget(row["readyPods"], floor))
    assert old - cut == row["expectedOldReplicas"]
    assert (cut > 0) is row["scaleExpected"]


@table("util__DeploymentComplete")
def test_complete(row, around):
    row.not_an_input("maxUnavailable", "maxSurge")
    complete = rules.is_complete(row["desired"], row["updated"], row["current"], row["available"], 0, 0)
    assert complete is row["expected"]


@table("util__DeploymentProgressing")
def test_progressing(row, around):
    counts = [
        row[when][what] for when in ("old", "new") for what in ("replicas", "updated", "ready", "available")
    ]
    assert rules.is_progressing(*counts) is row["expected"]


@table("util__getReplicaSetFraction")
def test_fraction(row, around):
    desired = row["replicas"]
    surge = fenceposts(row["maxSurge"], around["fixed"]["maxUnavailable"], desired)[0]
    number, valid, _ = parse_replicas(row["maxReplicasAnnotation"])
    annotation = number if valid else -1
    change = rules.replicaset_fraction(row["rsReplicas"], desired, surge, annotation, row["statusReplicas"])
    assert change == row["expected"]


def scaled(desired, surge, new_index, rss):
    """Sizes after scale() of sync.go, from (spec, created, available, annotated desired, annotated max)."""
    specs, created, available, wanted, maxima = (list(column) for column in zip(*rss, strict=True))
    only = rules.active_or_latest(specs, created, new_index)
    if only >= 0:
        specs[only] = desired
        return specs
    of_new = (specs[new_index], wanted[new_index], available[new_index])
    if rules.is_saturated(desired, new_index >= 0, *of_new):
        return [spec if n == new_index else 0 for n, spec in enumerate(specs)]
    sizes = [0] * len(specs)
    total = sum(specs)
    added = rules.scale_proportionally(specs, created, maxima, desired, surge, 0, [0] * len(specs), sizes)
    assert added == sum(sizes) - total
    return sizes


@table("sync__TestScale")
def test_scale(row, around):
    desired, new, olds = row["replicas"], row["newRS"], row["oldRSs"]
    surge = fenceposts(row["maxSurge"], row["maxUnavailable"], desired)[0]
    if row["templateChanged"]:
        assert new is None, "there is no ReplicaSet of the new template yet"
    rss = olds if new is None else [new, *olds]
    names = ("spec", "created", "status_available", "ann_desired", "ann_max")
    sizes = scaled(desired, surge, -1 if new is None else 0, [[rs[name] for name in names] for rs in rss])
    after = {rs["name"]: size for rs, size in zip(rss, sizes, strict=True)}
    assert (None if new is None else after[new["name"]]) == row["expectedNew"]
    assert [after[rs["name"]] for rs in olds] == row["expectedOld"]
    before = {rs["name"]: rs["spec"] for rs in rss}
    assert [after[name] for name in row["notUpdatedBecauseWriteWasLost"]] == [
        before[name] for name in row["notUpdatedBecauseWriteWasLost"]
    ]


def deleted_history(rss, limit):
    """Names of the ReplicaSets that cleanupDeployment deletes, in its order."""
    alive = [rs for rs in rss if not rs.get("deleting", False)]
    revision = [rs.get("revision") or 0 for rs in alive]
    created = [rs.get("created", n) for n, rs in enumerate(alive)]

    def compare(a, b):
        before = rules.history_before(revision[a], created[a], revision[b], created[b])
        return -1 if before else int(rules.history_before(revision[b], created[b], revision[a], created[a]))

    order = sorted(range(len(alive)), key=cmp_to_key(compare))
    return [
        alive[n]["name"]
        for n in order[: rules.history_excess(len(alive), limit)]
        if rules.history_deletable(alive[n]["spec"], alive[n]["status"], 0, 0)
    ]


@table("sync__cleanupDeployment")
def test_history_count(row, around):
    rss = row["oldRSs"]
    for rs in rss:
        if rs["deleting"]:
            rs.not_an_input("name", "spec", "status")
    deleted = deleted_history(rss, row["revisionHistoryLimit"])
    for rs in rss:
        sizes = (rs["spec"], rs["status"])
        assert rs["name"] not in deleted or sizes == (0, 0)
    assert len(deleted) == row["expectedDeletions"]


@table("sync__cleanupDeploymentOrder")
def test_history_order(row, around):
    rss = row["oldRSs"]
    deleted = deleted_history(rss, row["revisionHistoryLimit"])
    for rs in rss:
        sizes = (rs["spec"], rs["status"])
        assert rs["name"] not in deleted or sizes == (0, 0)
    assert deleted == row["expectedDeleted"]


@table("util__ReplicasAnnotationsNeedUpdate")
def test_annotations_need_update(row, around):
    found = [-1, -1]
    for name, value in (row["annotations"] or {}).items():
        found[SHORT[name]] = parse_replicas(value)[0]
    due = around["fixed"]
    assert rules.annotations_need_update(*found, due["desired"], due["max"]) is row["expected"]


TEMPLATES = {"current": 7, "old": 3}
ZERO_TIME = -100


def _listed(row, around):
    rss = {name: around["replicaSets"][name] for name in row["rsList"]}
    created = [ZERO_TIME if rs["created"] is None else rs["created"] for rs in rss.values()]
    templates = [TEMPLATES[rs["template"]] for rs in rss.values()]
    return rss, created, rules.find_new(templates, created, TEMPLATES["current"])


@table("util__FindNewReplicaSet")
def test_find_new(row, around):
    rss, _, new = _listed(row, around)
    assert (None if new < 0 else list(rss)[new]) == row["expected"]


@table("util__FindOldReplicaSets")
def test_find_old(row, around):
    rss, created, new = _listed(row, around)
    by_age = sorted(range(len(created)), key=created.__getitem__)
    for column, active in (("expectedAll", False), ("expectedActive", True)):
        old = [list(rss)[n] for n in by_age if rules.is_old(n, new, list(rss.values())[n]["spec"], active)]
        assert old == row[column]


@table("util__GetReplicaCountForReplicaSets")
def test_counts(row, around):
    rss = [around["replicaSets"][name] for name in row["sets"]]
    assert rules.replica_count([rs["spec"] for rs in rss]) == row["expectedCount"]
    assert rules.replica_count([rs["status"] for rs in rss]) == row["expectedActual"]
    missing = [-1 if rs["terminating"] is None else rs["terminating"] for rs in rss]
    total = rules.terminating_count(missing, [rs["observedGeneration"] for rs in rss])
    assert (None if total < 0 else total) == row["expectedTerminating"]


@table("deployment_controller__recreate_enqueue")
def test_recreate_enqueue(row, around):
    left = row["podsStillListed"]
    assert rules.recreate_enqueues(True, left) is row["expectedEnqueued"]
    assert not rules.recreate_enqueues(False, left)


PHASES = {"": -1, "Pending": 0, "Unknown": 1, "Running": 2, "Succeeded": 3, "Failed": 4}


@table("recreate__oldPodsRunning")
def test_old_pods_running(row, around):
    status = row["oldRSStatusReplicas"]
    pods = [(n, PHASES[phase]) for n, phases in enumerate(row["podMapPhases"].values()) for phase in phases]
    owners, phases = [owner for owner, _ in pods], [phase for _, phase in pods]
    running = rules.old_pods_running(status, owners, phases, -1)
    assert running is row["expected"]


@table("recreate__scaleDownOldReplicaSets")
def test_recreate_scales_down(row, around):
    sizes = row["oldRSSizes"]
    action = rules.recreate_action(sum(sizes), True, False, 0, row["replicas"])
    after = [0 for _ in sizes] if action == rules.RECREATE_SCALE_DOWN else sizes
    assert after == row["expectedSizes"]


def test_pods_of_the_new_replicaset_do_not_hold_up_recreate():
    assert not rules.old_pods_running([0], [5, 5], [rules.RUNNING, rules.PENDING], 5)
    assert rules.old_pods_running([0], [5, 4], [rules.RUNNING, rules.PENDING], 5)


@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        ((3, True, False, 0, 3), rules.RECREATE_SCALE_DOWN),
        ((0, True, True, 0, 3), rules.RECREATE_WAIT),
        ((0, False, False, 0, 3), rules.RECREATE_CREATE),
        ((0, False, True, 1, 3), rules.RECREATE_SCALE_UP),
        ((0, False, True, 3, 3), rules.RECREATE_SETTLED),
    ],
)
def test_recreate_takes_one_step_at_a_time(arguments, action):
    assert rules.recreate_action(*arguments) == action


def test_worked_examples_of_the_docstrings():
    assert rules.resolve_int_or_percent(39, True, 10, True) == 4
    assert rules.resolve_int_or_percent(39, True, 10, False) == 3
    assert rules.resolve_int_or_percent(3, False, 99, True) == 3
    assert rules.max_surge(True, 2) == 2
    assert rules.max_surge(False, 2) == 0
    assert rules.is_min_available(8, 10, 2)
    assert not rules.is_min_available(9, 10, 0)
    assert rules.max_scaled_down(10, 8, 2, 0) == 0
    assert rules.unhealthy_cut(8, 10, 3) == -1
    assert rules.unavailable_replicas(12, 10) == 2
    assert rules.unavailable_replicas(8, 10) == 0
    assert rules.is_scaling_event(5, 10, 12)
    assert not rules.is_scaling_event(5, 12, 12)
    assert not rules.is_scaling_event(5, -1, 12)
    assert not rules.is_scaling_event(0, 10, 12)
    assert rules.active_or_latest([0, 3, 0], [0, 1, 2], 2) == 1
    assert rules.active_or_latest([0, 0, 0], [0, 2, 1], -1) == 1
    assert rules.active_or_latest([0, 0], [0, 1], 0) == 0
    assert rules.active_or_latest([1, 1], [0, 1], 0) == -1
    assert rules.active_or_latest([], [], -1) == -1
    assert not rules.history_before(2, -1, 1, 0)
    assert not rules.history_before(0, 0, 0, -1)
    assert rules.history_excess(3, -1) == 0
    assert not rules.history_deletable(0, 0, 2, 1)
    assert not rules.is_complete(5, 5, 5, 5, 1, 2)
    assert rules.reconciled_new_size(False, 4, 0, 0, 1) == 4


def test_saturated_new_replicaset_ends_the_old_ones():
    assert rules.is_saturated(2, True, 2, 2, 2)
    for field in range(4):
        values = [True, 2, 2, 2]
        values[field] = False if field == 0 else 1
        assert not rules.is_saturated(2, *values)
    assert scaled(2, 1, 0, [(2, 1, 2, 2, 3), (1, 0, 1, 2, 3)]) == [2, 0]


@pytest.mark.parametrize(
    ("desired", "sizes"), [(0, [0, 0]), (10, [5, 5]), (12, [6, 6]), (8, [4, 4]), (11, [6, 5]), (9, [5, 4])]
)
def test_without_annotations_the_status_is_the_measure(desired, sizes):
    """Two of 5: the newest, listed first, gets the odd pod when growing, the oldest gives it up."""
    got = [0, 0]
    rules.scale_proportionally([5, 5], [2, 1], [-1, 0], desired, 0, 10, [0, 0], got)
    assert got == sizes


def test_the_leftover_goes_to_the_oldest_when_shrinking_and_the_newest_when_growing():
    for desired, expected in ((4, [2, 1, 1]), (2, [1, 1, 0])):
        got = [0] * 3
        rules.scale_proportionally([1, 1, 1], [2, 1, 0], [3, 3, 3], desired, 0, 0, [0] * 3, got)
        assert got == expected


counts = st.integers(0, 60)
shares = st.tuples(st.integers(0, 100), st.booleans())


@pytest.mark.property
@given(shares, shares, counts)
def test_fenceposts_never_block(surge, unavailable, desired):
    up, down = rules.resolve_fenceposts(*surge, *unavailable, desired)
    assert up + down >= 1
    assert up >= 0
    assert 0 <= rules.max_unavailable(True, down, desired) <= desired
    assert down >= rules.resolve_int_or_percent(*unavailable, desired, False)
    assert up == rules.resolve_int_or_percent(*surge, desired, True)


@pytest.mark.property
@given(counts, counts, counts, counts)
def test_reconcile_never_exceeds_desired_plus_surge(desired, surge, old, new):
    size = rules.reconciled_new_size(True, desired, surge, old + new, new)
    assert size <= desired or size == new
    if size > new:
        assert old + size <= desired + surge
        assert size == desired or old + size == desired + surge, "all the room there is, is used"
    assert (size < new) == (new > desired)
    if new <= desired:
        assert size == rules.new_replicaset_size(True, desired, surge, old + new, new)


@pytest.mark.property
@given(counts, counts, st.lists(st.tuples(counts, counts), min_size=1, max_size=4), counts)
def test_scaling_down_keeps_enough_available(desired, unavailable, olds, new):
    """Available pods are removed only as far as the floor allows, when unavailable ones are preferred."""
    floor = rules.min_available(desired, rules.max_unavailable(True, unavailable, desired))
    olds = [(max(pair), min(pair)) for pair in olds]
    available = new + sum(ready for _, ready in olds)
    most = rules.max_scaled_down(new + sum(spec for spec, _ in olds), floor, new, new)
    if most <= 0:
        return
    sizes, done = [], 0
    for spec, ready in olds:
        cut = rules.unhealthy_cut(spec, ready, most - done)
        assert 0 <= cut <= spec - ready
        done += cut
        sizes.append(spec - cut)
    assert done <= most
    budget = rules.scale_down_budget(available, floor)
    kept = []
    for size in sizes:
        cut = rules.old_cut(size, budget)
        budget -= cut
        kept.append(size - cut)
    left = new + sum(min(size, ready) for size, (_, ready) in zip(kept, olds, strict=True))
    assert left >= min(floor, available)


rows = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 60)), min_size=2, max_size=5)


@pytest.mark.property
@given(rows, counts, st.integers(0, 10), st.permutations(range(5)))
def test_proportional_scaling_meets_its_total(rows, desired, surge, ages):
    specs, maxima = [spec for spec, _ in rows], [top for _, top in rows]
    sizes = [0] * len(rows)
    added = rules.scale_proportionally(specs, ages, maxima, desired, surge, 0, [0] * len(rows), sizes)
    allowed = desired + surge if desired else 0
    assert added == sum(sizes) - sum(specs)
    assert min(sizes) >= 0
    assert sum(sizes) >= allowed
    if allowed >= sum(specs):
        assert sum(sizes) == allowed


@pytest.mark.property
@given(st.integers(0, 50), counts, st.integers(0, 10), st.integers(1, 60))
def test_fraction_rounds_half_away_from_zero(spec, desired, surge, before):
    change = rules.replicaset_fraction(spec, desired, surge, before, 0)
    exact = Fraction(spec * (desired + surge), before)
    assert change + spec == (0 if desired == 0 else floor(exact + Fraction(1, 2)))


def test_available_pods_of_the_new_replicaset_free_old_ones():
    assert rules.max_scaled_down(12, 8, 4, 3) == 3
    assert rules.max_scaled_down(12, 8, 4, 4) == 4


@pytest.mark.parametrize(
    ("spec", "available", "remaining", "cut"),
    [(2, 0, 0, 0), (2, 0, -3, 0), (2, 0, 1, 1), (0, 3, 5, 0), (1, 2, 5, -1)],
)
def test_an_unhealthy_cut_stops_in_time(spec, available, remaining, cut):
    """An empty ReplicaSet is skipped before its stale status can be an error."""
    assert rules.unhealthy_cut(spec, available, remaining) == cut


def test_terminating_pods_of_nobody_are_a_known_zero():
    assert rules.terminating_count([0, 2], [1, 1]) == 2
    assert rules.terminating_count([-1, 2], [2, 1]) == -1


def test_the_first_of_the_list_can_be_the_one():
    assert rules.find_new([7, 7], [0, 1], 7) == 0
    assert rules.find_new([7, 7, 7], [5, 0, 3], 7) == 1
    assert rules.active_or_latest([0, 0, 0], [9, 2, 1], -1) == 0
    assert rules.active_or_latest([0, 0], [0, 1], 1) == 1
    assert not rules.old_pods_running([0], [0], [rules.RUNNING], 0), "owner 0 is an owner"
    assert rules.old_pods_running([0], [1], [rules.RUNNING], 0)


def test_annotated_zero_is_a_number_and_one_pod_is_active():
    assert rules.is_scaling_event(5, 0, 12)
    assert rules.is_scaling_event(1, 10, 12)
    assert rules.replicaset_fraction(4, 8, 0, 1, 0) == 28, "annotated 1 is not missing"
    assert rules.active_or_latest([1, 0], [0, 1], 1) == 0
    assert rules.history_excess(2, 0) == 2
    assert rules.history_deletable(0, 0, 1, 1)
    assert not rules.history_before(1, 0, 1, 0), "nobody is before oneself"
    assert rules.max_unavailable(True, 3, 1) == 1


@pytest.mark.parametrize(
    ("specs", "maxima", "desired", "expected"),
    [
        ([1, 5, 3], [9, 9, 9], 10, [1, 6, 3]),
        ([1, 5, 3], [9, 9, 9], 8, [1, 4, 3]),
        ([3, 5, 1], [9, 9, 9], 20, [7, 11, 2]),
        ([4, 4, 4], [1, 12, 12], 20, [12, 4, 4]),
        ([0, 5, 4], [9, 9, 9], 10, [0, 6, 4]),
        ([1, 5], [1, 12], 1, [1, 0]),
        ([5, 1], [12, 1], 0, [0, 0]),
        ([1, 4], [6, 6], 6, [1, 5]),
        ([1, 4], [4, 4], 4, [1, 3]),
        ([5, 4], [-1, -1], 12, [8, 4]),
        ([10, 10], [19, 18], 25, [13, 12]),
        ([10, 10], [21, 22], 15, [8, 7]),
    ],
)
def test_the_largest_goes_first_and_takes_what_is_left(specs, maxima, desired, expected):
    sizes = [0] * len(specs)
    created = list(range(len(specs)))[::-1]
    added = rules.scale_proportionally(specs, created, maxima, desired, 0, 0, [0] * len(specs), sizes)
    assert sizes == expected
    assert added == sum(expected) - sum(specs)


def test_nothing_is_added_where_nothing_is_active():
    sizes = [7, 7]
    assert rules.scale_proportionally([0, 0], [1, 0], [9, 9], 5, 0, 0, [0, 0], sizes) == 0
    assert sizes == [0, 0]


def test_going_to_zero_leaves_no_surge():
    sizes = [0, 0]
    assert rules.scale_proportionally([4, 3], [1, 0], [9, 9], 0, 2, 7, [0, 0], sizes) == -7
    assert sizes == [0, 0]


def test_a_new_replicaset_is_not_shrunk_when_the_room_is_just_used_up():
    assert rules.new_replicaset_size(True, 1, 1, 2, 2) == 2


def test_the_whole_of_a_total_is_the_total():
    assert [rules.resolve_int_or_percent(100, True, n, up) for n in (1, 10) for up in (True, False)] == [
        1,
        1,
        10,
        10,
    ]


def test_nothing_more_than_the_last_cases():
    assert rules.unhealthy_cut(1, 2, 0) == 0, "with nothing left to take a stale status is no error"
    assert rules.find_new([], [], 7) == -1
    assert rules.recreate_action(1, True, True, 0, 3) == rules.RECREATE_SCALE_DOWN
    assert rules.active_or_latest([0, 0, 0], [5, 9, 1], -1) == 1
    assert rules.history_excess(1, 1) == 0
    assert rules.max_unavailable(False, 5, 10) == 0
