"""A Deployment's answer in words: the fate of what was asked for, then what came after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim import load
from sim.metrics import finding, rollouts
from tests.traces import NAN, Life, Toy, build, rolling

PAUSED = [Life(1) for _ in range(3)]


def answer(toy: Toy) -> str:
    return finding(rollouts(build(toy)))


def test_a_rollout_alone_needs_no_name() -> None:
    assert finding(rollouts(rolling(3))).startswith("complete after 15.")
    assert finding(rollouts(rolling(3))).endswith(" s, never fewer than 3 of 3 available")


def test_of_what_never_completed_it_says_why() -> None:
    bad = rolling(3, bad=True, deadline_s=60.0, ended_s=100.0)
    assert finding(rollouts(bad)) == (
        "v2 is stuck: 1 pod never ready, progress deadline exceeded at 60 s; "
        "never fewer than 3 of 3 available"
    )
    cut = rolling(3, bad=True, quiet=False, horizon_s=600.0)
    told = finding(rollouts(cut))
    assert told.startswith(
        "v2 still rolls out: 1 pod not ready yet, not complete when the simulation ends at 10 min"
    )
    assert "horizon" in told


def test_a_pause_tells_how_far_it_came() -> None:
    new = Life(2, 1.0, 1.0, 1.0, 2.0, 3.0, 3.0)
    lives = [Life(1, deleted_s=4.0, gone_s=5.0), Life(1), new]
    paused = Toy(lives, 2, steps=((0.5, "v2"),), paused=True, last_reason="DeploymentPaused")
    assert answer(paused).startswith("v2 is held by a pause with ")


def test_a_version_that_is_a_number_is_called_a_version() -> None:
    images = ("web:1", "web:2", "web:3")
    stuck = Toy([Life(1), Life(2, 1.0, 1.0, 1.0, 2.0, NAN, NAN)], 1, images=images)
    assert answer(stuck).startswith(
        "version 2 is stuck: 1 pod never ready, nothing is left that could move it"
    )


def test_nothing_asked_for_is_not_changed() -> None:
    assert answer(Toy([Life(1), Life(1)], 2, steps=())) == "not changed, never fewer than 2 of 2 available"


GALLERY = {
    "08-bad-version-held-back": [
        "v3 is stuck: crash loop: ",
        "progress deadline exceeded at 2 min 40 s; never",
    ],
    "09-bad-version-outage": [
        "v3 complete after 1.74 s, then none of 3 available; undone, v1 complete again 2.6"
    ],
    "10-deadline-and-undo": [
        "v3 never became ready: progress deadline exceeded at 60.5 s; undone, v1 never left (3 of 3",
        " all along)",
    ],
    "11-history-and-undo": [
        "created, v1 complete after",
        "; v3 complete after",
        "; undone, v1 complete again",
    ],
    "14-roll-over": ["v2 was superseded by v3 after 5.07 s; v3 complete after 19.8 s"],
    "18-wrong-architecture": [
        "v2 never became complete: crash loop: ",
        "; undone, v1 complete again 3.82 s later",
    ],
}


@pytest.mark.parametrize("name", GALLERY)
def test_the_gallery_is_told_as_it_was(name: str) -> None:
    told = load(f"scenarios/{name}.yaml").run().answer
    place = 0
    for part in GALLERY[name]:
        assert part in told[place:], told
        place = told.index(part, place)


def test_many_rollouts_are_told_at_both_ends() -> None:
    lives = [Life(1, deleted_s=1.0, gone_s=1.0), Life(2, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)]
    steps = tuple((float(i), "change") for i in range(8))
    toy = Toy(lives, 1, steps=steps, asked=(1, 2, 3, 2, 3, 2, 3, 2, 3), ended_s=20.0)
    assert "; 4 more rollouts; " in answer(replace(toy))


def test_what_is_lost_after_completion_is_said() -> None:
    lives = [Life(1, deleted_s=2.0, gone_s=2.0), Life(1, deleted_s=2.0, gone_s=2.0)]
    lives += [Life(2, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, crashes=((9.0, 12.0),)) for _ in range(2)]
    told = answer(Toy(lives, 2, surge=2, ended_s=20.0))
    assert told == "complete after 2 s, then none of 2 available"


def test_a_scenario_that_ends_in_an_outage_does_not_end_well() -> None:
    scenario = load("scenarios/09-bad-version-outage.yaml")
    steps = scenario.steps[:1]  # nobody undoes it
    told = replace(scenario, steps=steps, horizon=900.0).run().answer
    assert told == "testqc: complete after 1.74 s, then none of 3 available"


def test_a_deployment_that_is_deleted_is_told_so() -> None:
    toy = build(Toy([Life(1), Life(1)], 2, steps=()))
    specs = toy.tables["specs"]
    for name, values in specs.items():
        values.append({"time_s": 5.0, "reason": "Deleted", "desired": 0}.get(name, values[-1]))
    assert finding(rollouts(toy)) == "deleted"
