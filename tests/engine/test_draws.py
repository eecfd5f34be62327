"""Luck: the same for the same name, and nobody's business but its own."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import numpy as np
import pytest

from sim.engine import draws as draws_module
from sim.engine import simulate
from sim.engine.clock import SECOND
from sim.engine.draws import (
    BLOCK,
    CHUNK,
    NEVER_READY,
    PULL,
    READY,
    SCHEDULE,
    START,
    STOP,
    UNREADY,
    WATCH,
    WRITE,
    BlockDraws,
    Draws,
)
from sim.engine.templates import Luck, compile_template
from sim.spec.distributions import Distribution
from sim.spec.forms import parse_distribution
from tests.engine.build import applied, deployment, pods, profile, stepped

MANY = 10 * CHUNK
HOPS = 4 * CHUNK


def dist(**form: Any) -> Distribution:
    """Return a distribution as a profile writes it."""
    return parse_distribution(form)


LOGNORMAL = dist(lognormal={"median": 2, "p95": 6})


def drawn(draws: Draws, what: Distribution, stage: int = READY, number: int = MANY, **name: int) -> list[int]:
    """Return the first ``number`` values of a column, in microseconds."""
    template = name.pop("template", 1)
    return draws.column(what, stage, template, number - 1, **name)[:number]


# The same name, the same luck.


def test_the_same_seed_and_replication_have_the_same_numbers() -> None:
    one, two = Draws(7, 3), Draws(7, 3)
    assert drawn(one, LOGNORMAL) == drawn(two, LOGNORMAL)
    assert [one.fraction(UNREADY, 1, i) for i in range(100)] == [
        two.fraction(UNREADY, 1, i) for i in range(100)
    ]
    assert one.salt == two.salt
    hops = [list(islice(d.stream(LOGNORMAL, WRITE), 3 * HOPS)) for d in (one, two)]
    assert hops[0] == hops[1]


def test_what_was_asked_for_before_does_not_matter() -> None:
    # The 500th pod of template 2, asked for at once or after hundreds of pods of other templates and stages.
    fresh, used = Draws(7, 3), Draws(7, 3)
    for template in (1, 2, 3):
        for stage in (SCHEDULE, START, STOP):
            drawn(used, LOGNORMAL, stage, 333, template=template)
    list(islice(used.stream(LOGNORMAL, WATCH), 1000))
    used.fraction(NEVER_READY, 2, 77)
    for ordinal in range(0, 500, 7):
        drawn(used, LOGNORMAL, READY, ordinal + 1, template=2)
    assert drawn(used, LOGNORMAL, READY, 501, template=2) == drawn(fresh, LOGNORMAL, READY, 501, template=2)


@pytest.mark.parametrize("number", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_the_nth_pods_luck_does_not_depend_on_how_many_there_are(number: int) -> None:
    every = drawn(Draws(1, 0), LOGNORMAL, number=MANY)
    assert drawn(Draws(1, 0), LOGNORMAL, number=number) == every[:number]


def test_a_column_that_grows_keeps_what_it_had() -> None:
    draws = Draws(1, 0)
    before = drawn(draws, LOGNORMAL, number=10)
    assert drawn(draws, LOGNORMAL, number=MANY)[:10] == before


# Another name, other luck.


def test_everything_that_names_a_stream_changes_it() -> None:
    ways = {
        "as it is": drawn(Draws(1, 0), LOGNORMAL),
        "seed": drawn(Draws(2, 0), LOGNORMAL),
        "replication": drawn(Draws(1, 1), LOGNORMAL),
        "block": drawn(Draws(1, BLOCK), LOGNORMAL),
        "template": drawn(Draws(1, 0), LOGNORMAL, template=2),
        "stage": drawn(Draws(1, 0), LOGNORMAL, START),
        "attempt": drawn(Draws(1, 0), LOGNORMAL, attempt=1),
    }
    names = list(ways)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            same = sum(a == b for a, b in zip(ways[one], ways[other], strict=True))
            assert same < 10, (one, other)  # two log-normal values are rarely the same microsecond
            assert abs(np.corrcoef(np.log(ways[one]), np.log(ways[other]))[0, 1]) < 0.15, (one, other)


def test_no_pod_repeats_another_ones_luck() -> None:
    values = drawn(Draws(1, 0), LOGNORMAL)
    chunks = [tuple(values[i : i + CHUNK]) for i in range(0, MANY, CHUNK)]
    assert len(set(chunks)) == len(chunks)
    assert len(set(values)) > MANY - 10


def test_replications_differ_within_a_block_and_across_blocks() -> None:
    every = [tuple(drawn(Draws(1, r), LOGNORMAL, number=8)) for r in range(2 * BLOCK + 1)]
    assert len(set(every)) == len(every)
    fractions = [tuple(Draws(1, r).fraction(UNREADY, 1, i) for i in range(4)) for r in range(2 * BLOCK + 1)]
    assert len(set(fractions)) == len(fractions)
    assert len({Draws(1, r).salt for r in range(2 * BLOCK + 1)}) == 2 * BLOCK + 1
    hops = [tuple(islice(Draws(1, r).stream(LOGNORMAL, WRITE), 4)) for r in range(2 * BLOCK + 1)]
    assert len(set(hops)) == len(hops)


def test_hops_of_writes_and_watches_differ_and_do_not_repeat() -> None:
    draws = Draws(1, 0)
    writes, watches = (list(islice(draws.stream(LOGNORMAL, stage), 4 * HOPS)) for stage in (WRITE, WATCH))
    assert writes[:HOPS] != watches[:HOPS]
    assert len({tuple(writes[i : i + HOPS]) for i in range(0, 4 * HOPS, HOPS)}) == 4


# Parameters are not part of the name.


def test_two_medians_have_the_same_luck() -> None:
    # Equal sigma: every pod takes 2.5 times as long, to the rounding of a microsecond.
    short = drawn(Draws(5, 2), dist(lognormal={"median": 2, "sigma": 0.7}))
    long = drawn(Draws(5, 2), dist(lognormal={"median": 5, "sigma": 0.7}))
    assert np.allclose(np.array(long) / np.array(short), 2.5, rtol=5e-6)


def test_a_longer_mean_makes_every_pod_slower() -> None:
    short = np.array(drawn(Draws(5, 2), dist(exponential={"mean": 1})))
    long = np.array(drawn(Draws(5, 2), dist(exponential={"mean": 3}, shift=2)))
    assert (np.abs(long - 3 * short - 2 * SECOND) <= 3).all()


def test_other_stages_do_not_notice_a_changed_one() -> None:
    def luck(**stages: Any) -> Luck:
        cluster = profile(start={"lognormal": {"median": 1, "p95": 3}}, stop={"uniform": [0, 4]}, **stages)
        scenario = applied(deployment(), cluster)
        template = compile_template(1, "web", scenario.steps[0].template, scenario.profile)
        known = Luck(template, Draws(9, 0))
        known.foresee(200)
        return known

    one, two = luck(ready=0), luck(ready={"gamma": {"mean": 3, "sd": 1}}, pull={"uniform": [0, 9]})
    assert one.start[:201] == two.start[:201]
    assert one.stop[:201] == two.stop[:201]
    assert one.again(START, 5, 2) == two.again(START, 5, 2)
    assert len(set(two.ready[:201])) > 190


def test_strategies_share_their_pods_luck() -> None:
    # Common random numbers: the n-th new pod takes as long to start one by one as all at once, also with a
    # stage more in the profile and with another number of replicas.
    start = {"lognormal": {"median": 5, "sigma": 0.5}}

    def starts(replicas: int, surge: int, **stages: Any) -> list[float]:
        cluster = profile(start=start, **stages)
        trace = simulate(applied(deployment(replicas, surge, 0), cluster), seed=3)
        return [
            round(pod.running_s - pod.scheduled_s, 6)
            for pod in sorted(pods(trace, 2), key=lambda p: p.created_s)
        ]

    one_by_one = starts(6, 1)
    assert len(one_by_one) == len(set(one_by_one)) == 6
    assert starts(6, 6) == one_by_one
    assert starts(4, 2) == one_by_one[:4]
    assert starts(6, 3, stop={"uniform": [0, 3]}) == one_by_one


# Not by chance.


def test_a_cycle_goes_by_the_pods_ordinal() -> None:
    cycle = dist(cycle=[2, 3, 5], shift=0.5)
    values = drawn(Draws(1, 0), cycle)
    assert values == [(2_500_000, 3_500_000, 5_500_000)[i % 3] for i in range(MANY)]
    assert drawn(Draws(2, 9), cycle, attempt=1, number=7) == values[:7]
    long = dist(cycle=list(range(1, CHUNK + 8)))
    assert drawn(Draws(1, 0), long) == [(i % (CHUNK + 7) + 1) * SECOND for i in range(MANY)]


def test_constants_draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = Draws(1, 0)

    def refused(*_arguments: Any, **_keywords: Any) -> None:
        raise AssertionError("a generator was made")

    monkeypatch.setattr("sim.engine.draws._own.generator", refused)
    for what in (
        dist(constant=2, shift=0.25),
        dist(uniform=[2.25, 2.25]),
        dist(empirical=[2.25, 2.25]),
        dist(cycle=[2.25]),
    ):
        assert drawn(draws, what, number=1000, attempt=len(what.kind)) == [2_250_000] * 1000
        assert list(islice(draws.stream(what, WRITE), 1000)) == [2_250_000] * 1000
    with pytest.raises(AssertionError, match="a generator was made"):
        drawn(draws, LOGNORMAL, PULL)


# Samples are what the distribution says. 6400 values: the standard error of a mean is sd / 80; five of them.


SAMPLES = 100 * CHUNK


@pytest.mark.parametrize(
    ("what", "mean", "sd"),
    [
        (dist(uniform=[1, 5]), 3, 4 / math.sqrt(12)),
        (dist(exponential={"mean": 3}), 3, 3),
        (dist(lognormal={"mean": 3, "sd": 2}), 3, 2),
        (dist(gamma={"mean": 4, "sd": 2}), 4, 2),
        (dist(weibull={"shape": 2, "scale": 3}), 3 * math.gamma(1.5), 1.39),
        (dist(empirical=[1, 2, 6]), 3, math.sqrt(14 / 3)),
    ],
    ids=lambda value: value.kind if isinstance(value, Distribution) else None,
)
def test_means_and_spreads(what: Distribution, mean: float, sd: float) -> None:
    values = np.array(drawn(Draws(11, 4), what, number=SAMPLES)) / SECOND
    assert values.mean() == pytest.approx(mean, abs=5 * sd / math.sqrt(SAMPLES))
    assert values.std() == pytest.approx(sd, rel=0.1)


def test_quantiles_of_a_lognormal() -> None:
    values = np.sort(np.array(drawn(Draws(12, 0), LOGNORMAL, number=SAMPLES)) / SECOND)
    # Of 6400 values 5 % are 320, give or take 17; five times that on either side.
    assert (values < 2).mean() == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(SAMPLES))
    assert (values > 6).mean() == pytest.approx(0.05, abs=5 * math.sqrt(0.05 * 0.95 / SAMPLES))


def test_fractions_are_uniform_from_0_to_below_1() -> None:
    draws = Draws(13, 0)
    values = np.array([draws.fraction(NEVER_READY, 1, i) for i in range(SAMPLES)])
    assert values.min() >= 0
    assert values.max() < 1
    counts, _ = np.histogram(values, bins=10, range=(0, 1))
    assert np.abs(counts - SAMPLES / 10).max() < 5 * math.sqrt(SAMPLES * 0.09)


def test_a_fraction_is_never_1(monkeypatch: pytest.MonkeyPatch) -> None:
    # What has probability 1 has to happen: it does when the fraction is smaller than 1.
    class Extreme:
        def random(self, shape: Any) -> Any:
            return np.full(shape, 1 - 2**-53)

    draws = Draws(987_654, 0)  # a seed of which nothing was drawn before
    monkeypatch.setattr("sim.engine.draws._own.generator", lambda *_key: Extreme())
    assert 0.999 < draws.fraction(NEVER_READY, 1, 0) < 1


def test_what_was_dropped_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    block = BlockDraws(3, 0)
    first = block.table(LOGNORMAL, READY, 1, MANY).copy()
    monkeypatch.setattr(draws_module, "_KEPT_BYTES", 1)
    block.table(LOGNORMAL, START, 1, 1)  # there is no room for a second table
    assert block.table(LOGNORMAL, READY, 1, 1).shape[1] == CHUNK
    assert (block.table(LOGNORMAL, READY, 1, MANY) == first).all()


def test_neighbours_are_independent() -> None:
    values = np.log(drawn(Draws(14, 0), LOGNORMAL, number=SAMPLES))
    for lag in (1, 2, CHUNK, BLOCK):
        assert abs(np.corrcoef(values[:-lag], values[lag:])[0, 1]) < 5 / math.sqrt(SAMPLES)
    # The same pod of 200 replications: across a block and from one block to the next.
    first = np.log([drawn(Draws(14, r), LOGNORMAL, number=1)[0] for r in range(200)])
    for lag in (1, BLOCK):
        assert abs(np.corrcoef(first[:-lag], first[lag:])[0, 1]) < 5 / math.sqrt(200)


# The edges of what can be asked for.


def test_every_seed_of_a_scenario_is_a_stream_of_its_own() -> None:
    seeds = [0, 1, 2**31, 2**32, 2**32 + 1, 2**62, 2**63 - 1]
    assert len({tuple(drawn(Draws(seed, 0), LOGNORMAL, number=3)) for seed in seeds}) == len(seeds)


def test_a_larger_seed_is_refused() -> None:
    # It would run into the number of the stream: pod 0 of one would have the luck of pod 64 of another.
    with pytest.raises(ValueError, match="out of range"):
        Draws(2**64 + 1, 0)


def test_a_template_that_comes_back_goes_on_with_its_luck() -> None:
    # v1 has had two pods when v2 comes; back to v1, its third and fourth take 3 and 4 s to start, whether its
    # ReplicaSet was kept or not.
    steps = [{"at": 0, "image": "web:v2"}, {"at": 20, "image": "web:v1"}]
    for limit in (10, 0):
        manifest = deployment(2, "100%", 0, revisionHistoryLimit=limit)
        trace = simulate(stepped(manifest, steps, profile(start={"cycle": [1, 2, 3, 4]})))
        took = [p.running_s - p.scheduled_s for p in pods(trace, 3) if p.created_s == 20]
        assert took == [3, 4], limit


@pytest.mark.parametrize(("seed", "replication"), [(-1, 0), (0, -1)])
def test_what_is_negative_is_refused(seed: int, replication: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        simulate(applied(deployment()), seed, replication)
