"""Measures mean what they say: on rollouts worked out by hand, on recordings, against brute force."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics import (
    MEASURES,
    SERIES,
    RequirementError,
    Rollout,
    availability,
    first_where,
    last_change_s,
    least_available,
    longest_where,
    measure,
    measure_rollout,
    parse_requirement,
    rollouts,
    segments,
    series,
    state_counts,
    step_at,
    step_integral,
    step_max,
    step_min,
    time_where,
)
from sim.trace import Table, Trace
from tests.traces import NAN, Life, Toy, build, recorded, recreate, replicaset_name, rolling

INF = math.inf


def dipping() -> Toy:
    """Old pods go at 1, 4, 4 and 7 s; new ones are available at 3, 6, 6 and 8 s."""
    old = [
        Life(1, deleted_s=at, gone_s=gone) for at, gone in ((1.0, 2.0), (4.0, 5.0), (4.0, 9.0), (7.0, 7.5))
    ]
    new = [
        Life(2, made, made, made, made, ready, ready + 1.0)
        for made, ready in ((0.5, 2.0), (1.0, 5.0), (2.0, 5.0), (6.0, 7.0))
    ]
    return Toy([*old, *new], 4, surge=1, unavailable=1, ended_s=10.0)


def test_every_measure_of_a_rollout_worked_out_by_hand() -> None:
    # available: 4 from 0, 3 from 1, 4 from 3, 2 from 4, 4 from 6, 3 from 7, 4 from 8
    # counted: 4; 5 at 0.5; 5 at 1 (one more, one less); 6 at 2; 4 at 4; 5 at 6; 4 at 7
    # physical: 4; 5 at 0.5; 6 at 1; 6 at 2 (one more, one gone); 5 at 5; 6 at 6; 5 at 7.5; 4 at 9
    # ready: 4; 3 at 1; 4 at 2; 2 at 4; 4 at 5; 4 at 7 (one more, one less)
    found = measure(build(dipping())).as_dict()
    assert found == {
        "outcome": "complete",
        "complete": True,
        "duration_s": 8.0,
        "drained_s": 9.0,
        "first_available_s": 3.0,
        "enough_ready_s": 5.0,
        "min_availability": 0.5,
        "mean_availability": round((1 + 2 * 0.75 + 1 + 2 * 0.5 + 1 + 0.75) / 8, 9),
        "below_desired_s": 5.0,
        "below_floor_s": 2.0,
        "min_ready": 2,
        "peak_pods": 6,
        "peak_physical": 6,
        "extra_pod_s": 0.5 * 1 + 1 * 2 + 3 * 2 + 1 * 1 + 1.5 * 2 + 1.5 * 1,
        "deepest_dip": 2,
        "longest_dip_s": 2.0,
        "stuck": False,
        "stuck_reason": "",
        "longest_gap_s": 1.0,  # every second something came or went
        "deadline_exceeded_s": None,
    }


def test_durations_count_from_the_first_template_change() -> None:
    found = measure(build(replace(dipping(), started_s=0.25, steps=((0.25, "image"),))))
    assert (found.duration_s, found.drained_s, found.first_available_s) == (7.75, 8.75, 2.75)
    assert found.extra_pod_s == 14.0  # nothing was extra before 0.5 s


def test_the_window_begins_with_the_first_template_change() -> None:
    found = measure(build(replace(dipping(), steps=((6.5, "image"),))))
    assert (found.min_availability, found.deepest_dip, found.min_ready) == (0.75, 1, 4)
    assert (found.below_desired_s, found.below_floor_s, found.longest_dip_s) == (1.0, 0.0, 1.0)


def test_each_rollout_has_a_completion_of_its_own() -> None:
    lives = [
        *(Life(1, deleted_s=at, gone_s=at) for at in (2.0, 3.0)),
        *(Life(2, 1.0, 1.0, 1.0, 1.0, at, at, deleted_s=at + 20, gone_s=at + 21) for at in (2.0, 3.0)),
        *(Life(3, 20.1, 20.1, 20.1, 20.1, at, at) for at in (22.0, 23.0)),
    ]
    trace = build(Toy(lives, 2, surge=2, steps=((0.0, "v2"), (20.0, "v3"))))
    first, second = map(measure_rollout, rollouts(trace))
    assert (first.duration_s, first.first_available_s, first.drained_s) == (3.0, 2.0, 3.0)
    assert (second.duration_s, second.first_available_s, second.drained_s) == (3.0, 2.0, 4.0)
    assert (first.outcome, second.outcome) == ("complete", "complete")
    assert measure(trace) == second
    assert measure(build(Toy(lives[:4], 2, surge=2, steps=((0.0, "v2"),)))).duration_s == 3.0


def test_the_status_of_before_the_change_does_not_complete_it() -> None:
    """At 0 the Deployment's status still says that all (old) pods are updated and available."""
    assert measure(rolling(3)).duration_s > 15
    assert measure(rolling(3, started_s=0.0, steps=())).duration_s > 15


def test_a_roll_back_makes_the_old_replicaset_the_newest() -> None:
    stays = [Life(1) for _ in range(2)]
    bad = Life(2, 1.0, 1.0, 1.0, 2.0, NAN, NAN, deleted_s=30.0, gone_s=31.0)
    trace = build(Toy([*stays, bad], 2, steps=((0.5, "v2"), (29.9, "undo")), started_s=0.5, asked=(1, 2, 1)))
    rows = trace.tables["replicasets"]
    last = {column: values[-1] for column, values in rows.items()}
    back = {"time_s": 29.95, "replicaset": replicaset_name("testqc", 1), "revision": 3, "image": "v1"}
    counts = {"desired": 2, "current": 2, "ready": 2, "available": 2}
    for column, value in ({**last, **back, **counts}).items():
        rows[column].insert(len(rows[column]) - 1, value)
    for column in ("updated",):
        trace.tables["deployments"][column][-1] = 2
    bad_one, undo = rollouts(trace)
    assert bad_one.target is not None
    assert undo.target is not None
    assert (undo.target.replicaset, undo.revision) == (replicaset_name("testqc", 1), 3)
    assert (undo.target.revisions[0], bad_one.revision) == ((0.0, 1), 2)
    assert [measure_rollout(one).outcome for one in (bad_one, undo)] == ["rolled_back", "complete"]
    found = measure_rollout(undo)
    assert (found.duration_s, found.drained_s, found.first_available_s) == (0.1, 1.1, 0.05)
    assert measure(trace) == measure_rollout(bad_one)
    assert (measure(trace).duration_s, measure(trace).drained_s) == (INF, INF)
    assert measure(trace).longest_dip_s == 0.0


def handed_over() -> Trace:
    """One new pod takes over from one old pod at 3 s, in every table at that moment."""
    lives = [Life(1, deleted_s=3.0, gone_s=3.5), Life(2, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0)]
    return build(Toy(lives, 1, ended_s=10.0))


def add_row(table: Table, **changed: Any) -> None:
    """Append a table's last row once more, changed."""
    for column, values in table.items():
        values.append(changed.get(column, values[-1]))


@pytest.mark.parametrize("column", ["updated", "current", "available"])
def test_the_status_must_say_that_it_is_complete(column: str) -> None:
    trace = handed_over()
    assert measure(trace).duration_s == 3.0
    rows = trace.tables["deployments"]
    full = rows[column][-1]
    rows[column][-1] = 0
    assert measure(trace).duration_s == INF
    add_row(rows, time_s=6.0, **{column: full})
    assert measure(trace).duration_s == 6.0


@pytest.mark.parametrize(
    ("revision", "column", "late"), [(2, "current", 0), (2, "available", 0), (1, "current", 1)]
)
def test_the_replicasets_must_have_the_counts_of_completion(revision: int, column: str, late: int) -> None:
    trace = handed_over()
    rows = trace.tables["replicasets"]
    from_then = [i for i, at in enumerate(rows["time_s"]) if at >= 3.0 and rows["revision"][i] == revision]
    full = {name: values[from_then[-1]] for name, values in rows.items()}
    for i in from_then:
        rows[column][i] = late
    add_row(rows, **{**full, "time_s": 6.0})
    assert measure(trace).duration_s == 6.0


def test_a_last_change_without_a_replicaset_is_not_complete() -> None:
    """The first change was rolled out by 3 s; of the second one, to a paused Deployment, nothing came."""
    trace = handed_over()
    add_row(trace.tables["specs"], time_s=5.0, replicaset="testqc-v3", paused=True)
    add_row(trace.tables["deployments"], time_s=5.1, updated=0, progressing_reason="DeploymentPaused")
    found = measure(trace)
    assert (found.duration_s, found.drained_s, found.stuck_reason) == (INF, INF, "the Deployment is paused")
    assert (found.outcome, found.stuck, found.complete) == ("paused", False, False)


def test_a_roll_back_to_what_still_runs_is_complete_when_it_has_its_revision() -> None:
    trace = build(Toy([Life(1)], 1, steps=((0.0, "v2"), (5.0, "undo")), asked=(1, 2, 1)))
    rows = trace.tables["replicasets"]
    first = {name: values[0] for name, values in rows.items()}
    add_row(
        rows, time_s=0.1, replicaset=replicaset_name("testqc", 2), revision=2, current=0, ready=0, available=0
    )
    add_row(rows, **{**first, "time_s": 5.1, "revision": 3})
    _, undo = map(measure_rollout, rollouts(replace(trace, ended_s=9.0)))
    assert (undo.duration_s, undo.first_available_s, undo.drained_s) == (0.1, 0.1, 0.0)


def test_nothing_to_do_is_complete_at_once() -> None:
    found = measure(build(Toy([Life(1) for _ in range(3)], 3, steps=())))
    assert (found.duration_s, found.drained_s, found.first_available_s) == (0.0, 0.0, 0.0)
    assert not found.stuck


def test_a_pod_that_fails_later_does_not_undo_a_completion() -> None:
    lives = [Life(1, unready=((5.0, 6.0),)), Life(1)]
    found = measure(build(Toy(lives, 2, steps=())))
    assert (found.duration_s, found.below_desired_s, found.min_availability) == (0.0, 1.0, 0.5)


def test_where_nothing_is_desired_availability_is_one() -> None:
    found = measure(build(Toy([Life(1, deleted_s=1.0, gone_s=2.0)], 0, surge=0)))
    assert (found.min_availability, found.mean_availability) == (1.0, 1.0)
    assert (found.below_desired_s, found.deepest_dip, found.duration_s) == (0.0, 0, 1.0)
    assert list(availability(np.array([0.0, 5.0, 1.0]), np.array([0.0, 0.0, 2.0]))) == [1.0, 1.0, 0.5]


def test_surplus_does_not_make_up_for_a_dip() -> None:
    lives = [Life(1, deleted_s=1.0, gone_s=1.0), Life(1, deleted_s=2.0, gone_s=2.0)]
    lives += [Life(2, 1.0, 1.0, 1.0, 1.0, at, at) for at in (1.5, 1.5, 1.5, 4.0)]
    found = measure(build(Toy(lives, 2, surge=2, ended_s=4.0, last_reason="x")))
    assert found.mean_availability == pytest.approx((1 + 0.5 * 0.5 + 2.5) / 4)


@pytest.mark.parametrize(
    ("toy", "reason"),
    [
        (
            {"bad": True, "deadline_s": 600.8, "ended_s": 605.0},
            "1 pod never ready, progress deadline exceeded at 10 min 1 s",
        ),
        (
            {"bad": True, "deadline_s": 15.76, "ended_s": 20.0},
            "1 pod never ready, progress deadline exceeded at 15.8 s",
        ),
        (
            {"bad": True, "horizon_s": 60.0},
            "1 pod never ready, nothing is left that could move it",
        ),
    ],
)
def test_a_stuck_rollout_says_why(toy: dict[str, Any], reason: str) -> None:
    found = measure(rolling(3, **toy))
    assert found.stuck
    assert not found.complete
    assert found.stuck_reason == reason
    assert found.duration_s == found.drained_s == found.first_available_s == INF


def test_a_rollout_that_is_cut_off_is_not_stuck() -> None:
    found = measure(rolling(3, bad=True, unavailable=2, quiet=False, horizon_s=3600.0))
    assert (found.outcome, found.stuck, found.complete) == ("running", False, False)
    cut = "not complete when the simulation ends at 1 h (horizon: sets that)"
    assert found.stuck_reason == f"3 pods not ready yet, {cut}"


def test_a_deadline_that_was_exceeded_on_the_way_is_no_reason_to_be_stuck() -> None:
    found = measure(rolling(3, deadline_s=6.0))
    assert (found.deadline_exceeded_s, found.stuck, found.stuck_reason) == (6.0, False, "")


def test_a_crash_loop_is_named_with_its_pod() -> None:
    crash = Life(
        2, 0.5, 0.5, 0.5, 1.0, NAN, NAN, crashes=((2.0, 12.0), (13.0, 33.0), (34.0, 74.0)), name="web-x"
    )
    found = measure(build(Toy([Life(1), crash], 1, quiet=False, horizon_s=80.0)))
    assert found.stuck_reason == (
        "crash loop: 3 restarts of web-x, not complete when the simulation ends at 80 s (horizon: sets that)"
    )
    twice = replace(crash, name="web-y", crashes=((2.0, 3.0), (5.0, 6.0)))
    found = measure(build(Toy([Life(1), crash, twice], 1)))
    assert found.stuck_reason.startswith("crash loop: 5 restarts of 2 pods")
    once = replace(crash, crashes=((2.0, 3.0),))
    assert measure(build(Toy([Life(1), once], 1))).stuck_reason.startswith("1 pod never ready")


def test_only_pods_that_live_and_still_fail_are_to_blame() -> None:
    recovered = Life(2, 0.5, 0.5, 0.5, 1.0, 9.0, 9.0, crashes=((2.0, 3.0), (4.0, 5.0)))
    given_up = Life(2, 0.5, 0.5, 0.5, 1.0, NAN, NAN, deleted_s=8.0, gone_s=9.0)
    waiting = Life(2, 0.5, 0.5, 0.5, 1.0, NAN, NAN)
    found = measure(build(Toy([Life(1), recovered, given_up, waiting], 3)))
    assert found.stuck_reason.startswith("1 pod never ready, nothing is left")


def test_a_paused_deployment_has_no_newest_version() -> None:
    lives = [Life(1, unready=((4.0, 5.0),)), Life(1)]
    found = measure(build(Toy(lives, 2, paused=True, last_reason="DeploymentPaused")))
    assert found.stuck_reason == "the Deployment is paused"
    assert found.duration_s == found.drained_s == found.first_available_s == INF


def test_recreate_has_a_time_without_any_pod() -> None:
    found = measure(recreate(3))
    assert (found.min_availability, found.min_ready, found.deepest_dip) == (0.0, 0, 3)
    assert found.drained_s < found.first_available_s <= found.duration_s
    assert found.below_floor_s == 0.0  # Recreate promises nothing
    assert found.longest_dip_s == found.below_desired_s == pytest.approx(found.duration_s - 0.05)


def test_deployments_of_one_trace_are_measured_apart() -> None:
    trace = build(dipping(), Toy([Life(1) for _ in range(7)], 7, name="other", steps=()))
    alone = measure(build(dipping()))
    assert measure(trace) == measure(trace, "testqc") == alone
    other = measure(trace, "other")
    assert (other.peak_pods, other.peak_physical, other.min_ready, other.duration_s) == (7, 7, 7, 0.0)
    with pytest.raises(ValueError, match=r"no Deployment 'x' .*testqc, other"):
        measure(trace, "x")


def test_a_record_without_limits_or_pods_can_be_measured() -> None:
    trace = build(dipping())
    for name in ("limits", "replicasets", "pods", "states"):
        for values in trace.tables[name].values():
            values.clear()
    found = measure(trace).as_dict()
    assert found["below_floor_s"] is None
    assert (found["min_ready"], found["peak_physical"], found["complete"]) == (0, 0, False)


# Read from the files: the last row of `deployments`, the last old pod's `gone` …, less `update_started`.
RECORDINGS = [
    ("seed-3-defaults", 15.2191, 16.2156, 1.0, 4, 5),
    ("four-25-25", 10.2229, 11.2097, 0.75, 5, 7),
    ("ten-surge100-slow-stop", 5.2275, 17.2082, 1.0, 20, 20),
    ("hundred-25-25", 23.3235, 18.9108, 0.75, 128, 136),
]


@pytest.mark.parametrize(("name", "duration_s", "drained_s", "least", "pods", "physical"), RECORDINGS)
def test_recordings_of_a_real_control_plane(
    name: str, duration_s: float, drained_s: float, least: float, pods: int, physical: int
) -> None:
    found = measure(recorded(name))
    assert (found.duration_s, found.drained_s) == (duration_s, drained_s)
    assert (found.min_availability, found.peak_pods, found.peak_physical) == (least, pods, physical)
    assert found.below_floor_s == 0.0
    assert found.complete


def test_measures_are_all_explained_in_their_order() -> None:
    found = measure(rolling(3)).as_dict()
    assert list(found) == list(MEASURES)
    for name, meaning in MEASURES.items():
        assert name.endswith("_s") == (meaning.unit in ("s", "pod s")), name
        assert meaning.better in ("lower", "higher", None)
    json.dumps(found, allow_nan=False)


def test_series_are_the_rows_of_the_record() -> None:
    trace = build(dipping())
    rows = {"available": [4, 3, 4, 2, 4, 3, 4], "floor": [3], "ceiling": [5], "desired": [4]}
    for name, values in rows.items():
        steps = series(trace, None, name)[1]
        assert list(steps[np.append(True, np.diff(steps) != 0)]) == values, name
    for name in SERIES:
        times, _ = series(trace, "testqc", name)
        assert (np.diff(times) > 0).all()
        assert times[0] == 0.0
    with pytest.raises(ValueError, match="no series 'pod'"):
        series(trace, None, "pod")


def test_of_several_rows_at_one_moment_only_the_last_counts() -> None:
    """One pod goes at the very moment at which another comes: there was never one too few."""
    lives = [Life(1, deleted_s=1.0, gone_s=1.0), Life(2, 0.5, 0.5, 0.5, 0.5, 1.0, 1.0)]
    found = measure(build(Toy(lives, 1)))
    assert (found.min_availability, found.peak_physical, found.duration_s) == (1.0, 2, 1.0)


def test_the_states_of_all_pods_add_up_to_the_pods() -> None:
    for trace in (build(dipping()), rolling(7, surge=2, unavailable=1), recorded("four-25-25")):
        times, groups = state_counts(Rollout(trace))
        physical = step_at(*series(trace, None, "physical"), times)
        assert np.array_equal(sum(groups.values()), physical)
    times, groups = state_counts(Rollout(build(dipping())))
    at = np.array([4.5])
    new, old = replicaset_name("testqc", 2), replicaset_name("testqc", 1)
    found = {key: float(step_at(times, values, at)[0]) for key, values in groups.items()}
    wanted = {(new, "available"): 1, (old, "available"): 1, (new, "unready"): 2, (old, "terminating"): 2}
    assert {key: value for key, value in found.items() if value} == wanted


def test_segments_and_the_last_change() -> None:
    rollout = Rollout(build(replace(dipping(), deadline_s=9.5)))
    found = segments(rollout)
    first = [(found.states[s], a, b) for p, s, a, b in zip(*_columns(found), strict=True) if p == 4]
    assert first == [("unready", 0.5, 2.0), ("ready", 2.0, 3.0), ("available", 3.0, INF)]
    assert last_change_s(rollout) == 9.0  # the condition of 9.5 s changes no pod
    assert least_available(rollout) == (4.0, 2.0, 4.0)


def test_a_state_that_lasted_for_no_time_is_no_segment() -> None:
    trace = handed_over()
    add_row(trace.tables["states"], time_s=4.0, pod=trace.tables["pods"]["pod"][1], state="unready")
    before = segments(Rollout(trace)).pod.size
    add_row(trace.tables["states"], time_s=4.0, state="available")
    assert segments(Rollout(trace)).pod.size == before


def test_a_crashed_pod_counts_as_not_ready() -> None:
    crash = Life(2, 1.0, 1.0, 1.0, 1.0, NAN, NAN, crashes=((2.0, 12.0),))
    times, groups = state_counts(Rollout(build(Toy([Life(1), crash], 1))))
    assert (
        list(step_at(times, groups[replicaset_name("testqc", 2), "unready"], np.array([1.5, 5.0, 13.0])))
        == [1] * 3
    )


def _columns(found: Any) -> tuple[Any, ...]:
    return found.pod, found.state, found.from_s, found.to_s


# Times on a grid of quarters of a second, so that brute force on that grid is exact.
steps_strategy = st.lists(st.tuples(st.integers(0, 40), st.integers(-5, 5)), min_size=1, max_size=12)
window = st.tuples(st.integers(-4, 44), st.integers(-4, 44)).map(sorted)


def _step(rows: list[tuple[int, int]]) -> tuple[Any, Any]:
    kept = dict(sorted(rows, key=lambda row: row[0]))
    return np.array(list(kept), dtype=float) / 4, np.array(list(kept.values()), dtype=float)


def _value(times: Any, values: Any, at: float) -> float:
    held = [value for time, value in zip(times, values, strict=True) if time <= at]
    return float(held[-1] if held else values[0])


@pytest.mark.property
@given(steps_strategy, window)
def test_step_functions_agree_with_brute_force(rows: list[tuple[int, int]], between: list[int]) -> None:
    times, values = _step(rows)
    start, end = (bound / 4 for bound in between)
    grid = [quarter / 4 for quarter in range(between[0], between[1])]
    sampled = [_value(times, values, at) for at in grid]
    closed = [*sampled, _value(times, values, end)]
    assert step_min(times, values, start, end) == min(closed)
    assert step_max(times, values, start, end) == max(closed)
    assert step_integral(times, values, start, end) == pytest.approx(sum(sampled) / 4)
    assert time_where(times, values > 0, start, end) == pytest.approx(sum(v > 0 for v in sampled) / 4)
    longest = run = 0
    for value in sampled:
        run = run + 1 if value > 0 else 0
        longest = max(longest, run)
    assert longest_where(times, values > 0, start, end) == longest / 4
    later = [at / 4 for at in range(between[0], 60) if _value(times, values, at / 4) > 0]
    assert first_where(times, values > 0, start) == (later[0] if later else INF)


@pytest.mark.property
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=8),
    st.integers(1, 5),
)
def test_measures_agree_with_counting_pods_on_a_grid(pods: list[tuple[int, int, int]], desired: int) -> None:
    old = [Life(1, deleted_s=made / 4 + 1, gone_s=(made + wait) / 4 + 1) for made, wait, _ in pods]
    new = [
        Life(2, made / 4, made / 4, made / 4, made / 4, (made + wait) / 4, (made + wait + more) / 4)
        for made, wait, more in pods
    ]
    toy = Toy([*old, *new], desired, unavailable=1, ended_s=20.0)
    found = measure(build(toy))
    grid = [quarter / 4 for quarter in range(80)]

    def available(at: float) -> int:
        return sum(life.available_s <= at and not life.deleted_s <= at for life in toy.lives)

    def physical(at: float) -> int:
        return sum(life.created_s <= at and not life.gone_s <= at for life in toy.lives)

    missing = [max(0, desired - available(at)) for at in grid]
    assert found.deepest_dip == max(missing)
    assert found.below_desired_s == sum(m > 0 for m in missing) / 4
    assert found.below_floor_s == sum(available(at) < desired - 1 for at in grid) / 4
    assert found.min_availability == min(1.0, min(available(at) for at in grid) / desired)
    assert found.peak_physical == max(map(physical, grid))
    assert found.drained_s == max(life.gone_s for life in old)
    assert found.extra_pod_s == sum(max(0, physical(at) - desired) for at in grid if at < found.drained_s) / 4


def test_an_empty_step_function_answers_nan() -> None:
    none = np.empty(0)
    assert math.isnan(step_min(none, none, 0, 1))
    assert math.isnan(step_max(none, none, 0, 1))
    assert math.isnan(longest_where(none, none > 0, 0, 1))
    assert math.isnan(step_at(none, none, np.array([1.0]))[0])
    assert first_where(none, none > 0, 0) == INF


@pytest.mark.parametrize(
    ("text", "shown", "kept", "broken"),
    [
        ("min_availability>=0.95", "min_availability>=0.95", 0.95, 0.94),
        ("min_availability >= 95%", "min_availability>=0.95", 0.95, 0.94),
        ("duration_s<=5m", "duration_s<=300", 300.0, 300.1),
        ("duration_s<inf", "duration_s<inf", 300.0, INF),
        ("deadline_exceeded_s==inf", "deadline_exceeded_s==inf", INF, 601.0),
        ("extra_pod_s<3", "extra_pod_s<3", 2.9, 3.0),
        ("min_ready>2", "min_ready>2", 3, 2),
        ("complete==true", "complete==true", True, False),
        ("stuck==no", "stuck==false", False, True),
        (" deepest_dip == 1 ", "deepest_dip==1", 1, 2),
    ],
)
def test_requirements_are_read_and_checked(text: str, shown: str, kept: float, broken: float) -> None:
    requirement = parse_requirement(text)
    assert str(requirement) == shown
    assert parse_requirement(shown) == requirement
    plain = {INF: "inf"}
    assert requirement.check({requirement.measure: plain.get(kept, kept)})
    assert not requirement.check({requirement.measure: plain.get(broken, broken)})
    assert not requirement.check({requirement.measure: None})
    assert not requirement.check({requirement.measure: math.nan})
    found = measure(rolling(3))
    assert replace(requirement, value=getattr(found, requirement.measure), op="==").check(found)


@pytest.mark.parametrize(
    ("text", "position", "nearest", "message"),
    [
        ("min_availabilty>=0.95", 0, "min_availability", "no measure is called 'min_availabilty'"),
        ("  duration<=5", 2, "duration_s", "no measure is called 'duration'"),
        ("quux>=1", 0, None, "no measure is called 'quux'"),
        (">=1", 0, None, "begins with a measure's name"),
        ("", 0, None, "begins with a measure's name"),
        ("min_ready=1", 9, "==", "'=' is not one of"),
        ("min_ready!=1", 9, None, "'!=' is not one of"),
        ("min_ready", 9, None, "is followed by one of"),
        ("min_ready>=", 11, None, "expected a number of pods"),
        ("min_ready>=50%", 11, None, "a percentage makes no sense"),
        ("min_availability>= a lot", 19, None, "expected a number, such as 0.95 or 95%"),
        ("min_availability>=nan", 18, None, "expected a number"),
        ("min_availability>=1e999", 18, None, "expected a finite number"),
        ("duration_s<=soon", 12, None, "not a duration"),
        ("stuck==maybe", 7, None, "expected true or false"),
        ("stuck_reason==x", 0, None, "is text and cannot be required"),
        ("min_ready>=1\n2", 0, None, "one line"),
    ],
)
def test_a_wrong_requirement_is_pointed_at(
    text: str, position: int, nearest: str | None, message: str
) -> None:
    with pytest.raises(RequirementError, match=message.replace("(", r"\(")) as caught:
        parse_requirement(text)
    assert (caught.value.position, caught.value.nearest) == (position, nearest)
    assert (f"did you mean {nearest}?" in str(caught.value)) == (nearest is not None)


@pytest.mark.property
@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_requirements(text: str) -> None:
    with contextlib.suppress(RequirementError):
        parse_requirement(text)


def test_two_deployments_each_count_from_their_own_change() -> None:
    one = build(replace(dipping(), started_s=0.25, steps=((0.25, "image"),)))
    assert measure(replace(one, started_s=0.0)).duration_s == 7.75


def test_what_was_asked_for_and_never_created_is_not_complete() -> None:
    # The controller has not got round to it when the record ends: the old version still counts as complete.
    trace = build(dipping())
    add_row(trace.tables["specs"], time_s=9.5, replicaset="asked-for")
    found = measure(trace)
    assert (found.complete, found.duration_s, found.first_available_s) == (False, INF, INF)
