"""A container's run told in advance, against the same run played probe by probe."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.clock import SECOND
from sim.engine.container import FOREVER, Start, foresee
from sim.engine.state import NEVER
from sim.engine.templates import Probe, Template
from sim.spec.profile import Faults, Features, load_profile
from tests.engine.probing import Life, Setting, live

GENERATIONS = {
    version: load_profile({"kubernetes": version}).features for version in ("1.20", "1.28", "newest")
}
TEMPLATE = Template(
    number=1,
    deployment="web",
    hash="",
    image="web:v1",
    containers=("main",),
    pulls=False,
    readiness=(),
    liveness=(),
    startup=(),
    grace_s=30,
    pre_stop_s=0,
    takes={},
    faults=Faults(),
)


def probe(period: float = 10, delay: float = 0, success: int = 1, failure: int = 3) -> Probe:
    """Return a probe, its times in seconds."""
    return Probe(round(delay * SECOND), round(period * SECOND), success, failure)


def told(
    setting: Setting,
    features: Features,
    startup: Probe | None,
    liveness: Probe | None,
    readiness: Probe | None,
) -> Life:
    """Return what the engine foresees."""
    template = replace(
        TEMPLATE,
        startup=(startup,) if startup else (),
        liveness=(liveness,) if liveness else (),
        readiness=(readiness,) if readiness else (),
    )
    run = foresee(template, features, Start(**setting._asdict()))
    return Life(run.ready, run.dies, run.cause)


class Chance:
    """Containers and probes by chance: moments on a grid of half seconds, where ties happen, or anywhere."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def moment(self, longest: int) -> int:
        """Return up to so many seconds, in microseconds."""
        if self.rng.random() < 0.5:
            return self.rng.randrange(2 * longest + 1) * SECOND // 2
        return self.rng.randrange(longest * SECOND + 1)

    def probe(self, most_successes: int = 1) -> Probe | None:
        """Return a probe or none."""
        if self.rng.random() < 0.4:
            return None
        whole = self.rng.randint
        return probe(whole(1, 12), max(0, whole(-8, 12)), whole(1, most_successes), whole(1, 4))

    def setting(self, features: Features, relist: int, *, sees_late: bool = False) -> Setting:
        """Return a container that starts on a node that looks at its containers every ``relist``.

        ``sees_late``: the kubelet finds the container only when it looks, as it did until 1.28.
        """
        started, phase = 100 * SECOND + self.moment(30), self.moment(1)

        def look(at: int) -> int:
            return at + (phase - at) % relist if relist else at

        known = look(started) if sees_late else started
        seen = known + self.rng.randrange(150_000)
        soon, late = self.moment(5), self.moment(40)
        return Setting(
            up=self.rng.choice([FOREVER, started, started + soon, started + late]),
            crash=self.rng.choice([FOREVER, FOREVER, started + self.moment(60) + 1]),
            started=started,
            known=known,
            seen=seen,
            origin=started - self.moment(20),
            tick=look(seen + 1) if relist else seen,
            relist=relist,
        )


def compare(chance: Chance, version: str, relist: int, *, startups: bool, **how: bool) -> None:
    """Take a container and its probes, and compare what the engine foresees with what happens."""
    features = GENERATIONS[version]
    at_once = how.pop("at_once", False)
    setting = chance.setting(features, relist, **how)
    if features.readiness_trigger and not features.probe_ticker_reset and relist:
        # The looks have a phase of their own: one that falls on a tick of the probes would count twice.
        setting = setting._replace(tick=setting.tick + ((setting.tick - setting.origin) % 10 == 0))
    startup = chance.probe() if startups else None
    liveness, readiness = chance.probe(), chance.probe(3)
    case = setting, features, startup, liveness, readiness
    assert told(*case) == live(*case, at_once=at_once), case


MATCHING = {
    "newest": ("newest", SECOND, {"startups": True}),
    "newest, at once": ("newest", 0, {"startups": True}),
    "1.28": ("1.28", SECOND, {"startups": True}),
    "1.28, at once": ("1.28", 0, {"startups": True, "at_once": True}),
    "1.20": ("1.20", SECOND, {"startups": True}),
    "1.20, at once": ("1.20", 0, {"startups": False}),
}


@pytest.mark.parametrize("generation", MATCHING)
@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
@pytest.mark.property
def test_what_is_foreseen_happens(generation: str, rng: random.Random) -> None:
    version, relist, how = MATCHING[generation]
    compare(Chance(rng), version, relist, **how)


@pytest.mark.parametrize("generation", MATCHING)
def test_what_is_foreseen_happens_to_a_crowd(generation: str) -> None:
    # Generated inputs are thorough but slow: these are many.
    version, relist, how = MATCHING[generation]
    for seed in range(1500):
        compare(Chance(random.Random(seed)), version, relist, **how)


@pytest.mark.parametrize("version", ["1.28", "1.20"])
def test_an_older_kubelet_probes_nothing_that_it_has_not_found(version: str) -> None:
    for seed in range(1500):
        compare(Chance(random.Random(seed)), version, SECOND, startups=seed % 2 > 0, sees_late=True)


@pytest.mark.parametrize("version", ["1.28", "1.20"])
def test_a_readiness_probe_waits_until_the_kubelet_knows_of_the_start(version: str) -> None:
    # All workers of a pod tick together, so with equal periods every readiness tick is such a tie.
    for seed in range(1500):
        compare(Chance(random.Random(seed)), version, SECOND, startups=True)


# Worked out by hand, in seconds from the container's start, so that the comparison is not all there is.

ALWAYS = {"up": 0.0, "crash": None, "known": 0.0, "seen": 0.0, "origin": -0.6, "tick": 0.4, "relist": 1.0}


def seconds(version: str = "newest", **facts: Any) -> tuple[float | None, float | None, str]:
    """Return (ready, dies, cause) in seconds, None for never; probes by their names, moments of `foresee`."""
    moments = ALWAYS | {key: value for key, value in facts.items() if key in ALWAYS}
    template = replace(TEMPLATE, **{key: (value,) for key, value in facts.items() if key not in ALWAYS})
    whole = {key: FOREVER if value is None else round(value * SECOND) for key, value in moments.items()}
    run = foresee(template, GENERATIONS[version], Start(started=0, **whole))
    ready, dies = (None if moment == NEVER else moment / SECOND for moment in (run.ready, run.dies))
    return ready, dies, run.cause


@pytest.mark.parametrize(
    ("version", "up", "ready"),
    [
        # Looks at 0.4 and 1.4 carry probes; then every 10 s from there.
        ("newest", 0.3, 0.4), ("newest", 0.4, 0.4), ("newest", 0.5, 1.4),
        ("newest", 1.5, 11.4), ("newest", 11.5, 21.4),
        # The same two looks, and the ticks at 9.4, 19.4, … that began when the pod came.
        ("1.28", 0.3, 0.4), ("1.28", 0.5, 1.4), ("1.28", 1.5, 9.4), ("1.28", 9.5, 19.4),
        # The ticks alone.
        ("1.20", 0.3, 9.4), ("1.20", 9.4, 9.4), ("1.20", 9.5, 19.4),
    ],
)  # fmt: skip
def test_the_first_success_by_generation(version: str, up: float, ready: float) -> None:
    assert seconds(version, up=up, readiness=probe(10)) == (ready, None, "")


@pytest.mark.parametrize(
    ("version", "delay", "success", "ready"),
    [
        ("newest", 0, 2, 1.4), ("newest", 0, 3, 11.4), ("newest", 1, 1, 1.4),
        ("newest", 5, 1, 11.4), ("newest", 5, 2, 21.4),
        ("1.28", 0, 3, 9.4), ("1.28", 5, 1, 9.4), ("1.28", 5, 2, 19.4),
        ("1.20", 0, 2, 19.4), ("1.20", 10, 1, 19.4),
    ],
)  # fmt: skip
def test_delays_and_thresholds_by_generation(version: str, delay: int, success: int, ready: float) -> None:
    assert seconds(version, readiness=probe(10, delay, success)) == (ready, None, "")


def test_without_probes_a_pod_is_ready_when_it_is_seen_and_dies_when_it_crashes() -> None:
    assert seconds(seen=0.1) == (0.1, None, "")
    assert seconds(seen=0.1, up=None) == (0.1, None, "")
    assert seconds(seen=0.1, crash=5) == (0.1, 5, "Error")
    assert seconds(seen=0.1, crash=0.05) == (None, 0.05, "Error")


def test_a_pod_with_a_readiness_probe_may_never_be_ready() -> None:
    assert seconds(readiness=probe(10), up=None) == (None, None, "")
    assert seconds(readiness=probe(10), up=1.5, crash=11.4) == (None, 11.4, "Error")
    assert seconds(readiness=probe(10), up=1.5, crash=11.5) == (11.4, 11.5, "Error")


def test_a_slow_start_dies_by_its_liveness_probe() -> None:
    # Ticks at 9.4, 19.4 and 29.4: the third failure kills, unless the application answers by then.
    assert seconds(liveness=probe(10), up=29.5) == (0, 29.4, "liveness probe failed")
    assert seconds(liveness=probe(10), up=29.4) == (0, None, "")
    assert seconds(liveness=probe(10, delay=10), up=39.5) == (0, 39.4, "liveness probe failed")
    assert seconds(liveness=probe(10), up=29.5, crash=29) == (0, 29, "Error")


def test_a_startup_probe_holds_the_others_off() -> None:
    # Startup every 5 s at 4.4, 9.4, …; the application is up at 22 s, so it succeeds at 24.4. The liveness
    # probe alone would have killed at 29.4 of ticks 9.4, 19.4, 29.4; with the startup probe it comes in time.
    slow, kind = probe(5, failure=6), probe(10, failure=2)
    assert seconds(startup=slow, liveness=kind, up=22) == (24.4, None, "")
    assert seconds(liveness=kind, up=22) == (0, 19.4, "liveness probe failed")
    # The look at 24.4 finds it started and probes; with a threshold of two the next look makes it ready.
    assert seconds(startup=slow, readiness=probe(10), up=22) == (24.4, None, "")
    assert seconds(startup=slow, readiness=probe(10, success=2), up=22) == (25.4, None, "")
    # Between looks its success pokes the readiness probe, and the next look probes again; a success at the
    # very first try is noticed at the next look only (probe recordings, 12-r4-s1u0-startup2-p5).
    assert seconds(startup=slow, readiness=probe(10), up=22, tick=0.9) == (24.400001, None, "")
    assert seconds(startup=slow, readiness=probe(10, success=2), up=22, tick=0.9) == (24.9, None, "")
    assert seconds(startup=slow, readiness=probe(10), up=2, tick=0.9) == (4.9, None, "")
    # Six failures, the last at 29.4.
    assert seconds(startup=slow, readiness=probe(10), up=30) == (None, 29.4, "startup probe failed")


@pytest.mark.parametrize("turned", [False, True])
def test_a_pod_is_ready_when_all_its_containers_are(turned: bool) -> None:
    # Looks at 1 and 2 s; the quick one is ready at 1, the slow one, with its delay of 5 s, at 2 + 10. The
    # slow one decides, and the pod goes on by its ticks, whichever of the two is named first.
    slow, quick = probe(10, 5), probe(3)
    both = replace(TEMPLATE, readiness=(quick, slow) if turned else (slow, quick))
    run = foresee(
        both,
        GENERATIONS["newest"],
        Start(
            up=0, crash=FOREVER, started=0, known=0, seen=0, origin=0, tick=SECOND, relist=SECOND,
        ),
    )  # fmt: skip
    assert run.ready == 12 * SECOND
    assert run.probe == slow
    assert (run.grid - 2 * SECOND) % (10 * SECOND) == 0


@pytest.mark.parametrize(
    ("version", "up", "grid"),
    [("newest", 0.3, 0.4), ("newest", 0.5, 1.4), ("newest", 5, 1.4), ("1.28", 0.3, -0.6)],
)  # fmt: skip
def test_the_ticks_go_on_from_the_last_restart_of_the_period(version: str, up: float, grid: float) -> None:
    template = replace(TEMPLATE, readiness=(probe(10),))
    run = foresee(
        template,
        GENERATIONS[version],
        Start(
            up=round(up * SECOND),
            crash=FOREVER,
            started=0,
            known=0,
            seen=0,
            origin=-600_000,
            tick=400_000,
            relist=SECOND,
        ),
    )
    assert (run.grid - round(grid * SECOND)) % (10 * SECOND) == 0
