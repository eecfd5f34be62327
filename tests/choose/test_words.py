"""The sentences that explain a choice, word for word."""

from __future__ import annotations

import math

import pytest

from sim.choose import choose, parse_aim
from sim.choose.words import PHRASES, exact, limit_text, percent, statement
from sim.metrics import MEASURES
from sim.stats import parse_limit
from tests.choose.sweeps import surges, sweep

INF = math.inf
FAST, SMALL = parse_aim("p95(duration_s)"), parse_aim("max(peak_physical)")


def test_every_measure_with_numbers_has_its_phrase() -> None:
    assert list(PHRASES) == [name for name, meaning in MEASURES.items() if meaning.unit != "text"]
    assert all(phrase.says.count("{}") == 1 for phrase in PHRASES.values())
    # The moments that may never come.
    moments = {"duration_s", "drained_s", "first_available_s", "deadline_exceeded_s"}
    assert {name for name, phrase in PHRASES.items() if phrase.never} == moments


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ("p99(duration_s)<=5m", "p99(duration_s) <= 5 min"),
        ("duration_s<90s", "duration_s < 90 s"),
        ("duration_s<=305.5", "duration_s <= 305.5 s"),
        ("min_availability>=99.95%", "min_availability >= 99.95 %"),
        ("stuck==false", "stuck == false"),
        ("mean(stuck)<=0.05%", "mean(stuck) <= 0.05 %"),
        ("peak_physical<=1", "peak_physical <= 1 pod"),
    ],
)
def test_limits_keep_all_their_digits(limit: str, text: str) -> None:
    assert limit_text(parse_limit(limit)) == text


def test_shares() -> None:
    found = [percent(share) for share in (0.0, 0.00001, 0.0025, 0.034, 0.1, 1.404, INF)]
    assert found == ["0 %", "under 0.01 %", "0.25 %", "3.4 %", "10 %", "140 %", "endlessly much"]
    assert exact(7200, "s") == "7200 s"


def test_statements() -> None:
    said = [
        ("mean(stuck)", 0.02, "is stuck in 2 % of the runs"),
        ("mean(complete)", 1.0, "completes in 100 % of the runs"),
        ("median(drained_s)", 8.0, "is rid of old pods after 8 s (median)"),
        ("mean(min_availability)", 0.9, "keeps 90 % of the pods available at any moment (mean)"),
        ("min(min_ready)", 1.0, "has 1 pod ready at any moment at least"),
        ("p99.9(duration_s)", INF, "does not always complete (p99.9)"),
        ("mean(below_floor_s)", math.nan, "has no mean(below_floor_s)"),
    ]
    for text, value, expected in said:
        assert statement(parse_aim(text), value) == expected


def test_the_reasons_for_a_choice() -> None:
    limits = [parse_limit(text) for text in ("p95(duration_s)<=5m", "peak_physical<=20")]
    choice = choose(*surges((60, 10), (30, 12), (20, 20), (40, 12), (5, 30)), limits, [FAST, SMALL])
    assert (
        choice.answer
        == "Choose maxSurge=1: it keeps every limit, takes 30 s (p95) and needs 12 pods at most."
    )
    assert choice.reasons == (
        "Of 5 strategies that Kubernetes accepts, 4 keep every limit, and 3 of those are on the front: no "
        "other is as good in every aim and better in one.",
        "maxSurge=1 takes 30 s (p95), 50 % longer than the best, and needs 12 pods at most, 2 pods more "
        "than the best.",
        "Added up over the aims it is 70 % worse than the best in each, the runner-up 100 %.",
        "The runner-up, maxSurge=2, takes 20 s (p95), 10 s shorter, and needs 20 pods at most, 8 pods more.",
        # Beta(2.5, 0.5) is above 95 % with 37.02 %; a further run keeps what two kept with 2.5 / 3.
        "The probability that maxSurge=1 keeps p95(duration_s) <= 5 min, and peak_physical <= 20 pods in a "
        "further rollout is 20.3 % or more, by 2 rollouts simulated; more replications may change "
        "the choice.",
        "The same rollouts made the choice, which flatters it: those of another seed judge it fairly.",
    )


def test_the_probability_is_cut_off_and_not_rounded() -> None:
    said = []
    for n in (1, 12, 200, 100_000):
        table = sweep(({"maxSurge": "0"}, [{"duration_s": 1.0}] * n))
        said.append(choose(*table, [parse_limit("duration_s<=2s")], [FAST]).reasons[-1])
    start, more = (
        "The probability that maxSurge=0 keeps duration_s <= 2 s in a further rollout is",
        "more replications may change the choice",
    )
    # 1.5 / 2, 12.5 / 13 = 96.15 %, 200.5 / 201 = 99.751 %, and nothing is certain.
    assert said == [
        f"{start} 75 %, by 1 rollout simulated; {more}.",
        f"{start} 96.1 %, by 12 rollouts simulated.",
        f"{start} 99.7 %, by 200 rollouts simulated.",
        f"{start} 99.9 %, by 100,000 rollouts simulated.",
    ]
    # The double nearest to what 500 runs say of the median is 1.
    table = sweep(({"maxSurge": "0"}, [{"duration_s": 1.0}] * 500))
    choice = choose(*table, [parse_limit("median(duration_s)<=2s")], [FAST])
    assert choice.table["probability"].tolist() == [1.0]
    assert " <= 2 s is 99.9 %, by 500 rollouts simulated." in choice.reasons[-1]


def test_those_that_cannot_be_compared_are_named() -> None:
    rows = [("0", "node"), ("0", "java"), *((str(i), "node") for i in range(1, 6))]
    table = sweep(*(({"a": a, "profile": name}, [{"duration_s": 1.0}]) for a, name in rows))
    cannot = "not simulated under every circumstance, so cannot be compared."
    assert choose(*table, [], [FAST], ["profile"]).reasons[1] == f"a=1, a=2, a=3 and 2 more were {cannot}"
    few = [one[one["strategy"] < 3] for one in table]
    assert choose(*few, [], [FAST], ["profile"]).reasons[1] == f"a=1 was {cannot}"
    refused = choose(*few, [parse_limit("duration_s<=0")], [FAST], ["profile"])
    assert refused.reasons[1] == f"a=1 was {cannot}"
    none = [one[one["strategy"].isin([0, 6])].copy() for one in table]
    none[0].loc[6, "profile"] = "java"
    choice = choose(*none, [], [FAST], ["profile"])
    assert choice.answer == (
        "Nothing can be chosen: no candidate was simulated under every circumstance (profile), as each is in "
        "a grid of all combinations."
    )
    assert choice.reasons == (f"a=0 and a=5 were {cannot}",)


def test_the_reasons_when_equals_and_circumstances_are_there() -> None:
    cells = [("0", "node", 40, 0.8), ("0", "java", 50, 0.9), ("1", "node", 50, 0.8), ("1", "java", 10, 0.9)]
    cells += [("2", "node", 80, 1.0), ("2", "java", 70, 0.9)]
    table = sweep(
        *(
            ({"maxSurge": surge, "profile": name}, [{"duration_s": float(s), "min_availability": share}] * 2)
            for surge, name, s, share in cells
        )
    )
    aims = [FAST, parse_aim("min(min_availability)")]
    choice = choose(*table, [parse_limit("duration_s<=5m")], aims, ["profile"])
    assert choice.answer == (
        "Choose maxSurge=0: it keeps every limit, takes 50 s (p95) and keeps 80 % of the pods available at "
        "any moment at least."
    )
    assert choice.reasons == (
        "Of 3 candidates, judged by the worst of their circumstances (profile), 3 keep every limit, and 3 of "
        "those are on the front: no other is as good in every aim and better in one.",
        "maxSurge=0 takes 50 s (p95), which is the best, and keeps 80 % of the pods available at any "
        "moment at least, 10 percentage points less than the best.",
        "One other, maxSurge=1, reaches the same in every aim.",
        "Added up over the aims it is 12 % worse than the best in each, the runner-up 60 %.",
        "The runner-up, maxSurge=2, takes 80 s (p95), 30 s longer, and keeps 90 % of the pods available at "
        "any moment at least, 10 percentage points more.",
        "The probability that maxSurge=0 keeps duration_s <= 5 min in a further rollout under its worst "
        "circumstance is 83.3 %, by 2 rollouts simulated under each; more replications may change "
        "the choice.",
        "The same rollouts made the choice, which flatters it: those of another seed judge it fairly.",
    )


def test_a_choice_without_an_alternative() -> None:
    choice = choose(*surges((60, 10)), [], [FAST])
    assert choice.reasons == (
        "Of 1 strategy that Kubernetes accepts, there is nothing to choose between.",
        "maxSurge=0 takes 60 s (p95).",
    )
    table = sweep(({}, [{"duration_s": 60.0}]))
    assert choose(*table, [], [FAST]).reasons[-1] == "The scenario as it is takes 60 s (p95)."
    only = choose(*surges((60, 10), (90, 9)), [parse_limit("p95(duration_s)<=1m")], [FAST])
    assert only.reasons[0] == "Of 2 strategies that Kubernetes accepts, 1 keeps every limit."


def test_limits_that_are_met_too_seldom_are_doubted() -> None:
    for gap, doubted in ((0.1, True), (9.0, False)):
        runs = [{"duration_s": 10.0 + i % 2, "peak_physical": 3} for i in range(30)]
        limits = [parse_limit(f"mean(duration_s)<={10.5 + gap}"), parse_limit("max(peak_physical)<=3")]
        sentence = choose(*sweep(({"maxSurge": "0"}, runs)), limits, [FAST]).reasons[-1]
        assert sentence.startswith("The probability that maxSurge=0 keeps mean(duration_s) <= ")
        assert " and max(peak_physical) <= 3 pods is " in sentence
        assert " % or more, by 30 rollouts simulated" in sentence
        assert sentence.endswith("; more replications may change the choice.") == doubted


def test_nothing_keeps_every_limit() -> None:
    limits = [
        parse_limit(text) for text in ("duration_s<=25s", "peak_physical<=12", "mean(peak_physical)>=1")
    ]
    choice = choose(*surges((60, 10), (30, 12), (20, 20)), limits, [FAST])
    assert choice.answer == (
        "Nothing keeps every limit: without duration_s <= 25 s, 2 keep the others; the nearest is maxSurge=1."
    )
    assert choice.reasons == (
        "Of 3 strategies that Kubernetes accepts, none keeps every limit.",
        "duration_s <= 25 s is kept by 1; without it, 2 keep the others.",
        "peak_physical <= 12 pods is kept by 2; without it, 1 keeps the others.",
        "mean(peak_physical) >= 1 pod is kept by 3; without it, none keeps the others.",
        "The nearest, maxSurge=1, has duration_s in the worst run at 30 s, 5 s above the limit of 25 s.",
    )


def test_what_nobody_keeps() -> None:
    runs = [{"duration_s": INF, "min_availability": 0.9, "stuck": True}]
    limits = [parse_limit(text) for text in ("p95(duration_s)<=5m", "min_availability>=95%", "stuck==false")]
    choice = choose(*sweep(({"maxSurge": "0"}, runs)), limits, [FAST])
    assert choice.answer == (
        "Nothing keeps every limit: none keeps p95(duration_s) <= 5 min or min_availability >= 95 % or "
        "stuck == false; the nearest is maxSurge=0."
    )
    assert choice.reasons[-1] == (
        "The nearest, maxSurge=0, has p95(duration_s) infinite, with a limit of 5 min, min_availability in "
        "the worst run at 90 %, 5 percentage points below the limit of 95 %, and stuck true in the worst run."
    )
    alone = choose(*surges((60, 10)), [parse_limit("p95(duration_s)<=5s")], [FAST])
    assert alone.reasons[1] == "None keeps p95(duration_s) <= 5 s."


def test_limits_that_are_in_each_others_way() -> None:
    texts = ("duration_s<=25s", "peak_physical<=12", "mean(peak_physical)>=15", "mean(duration_s)>=50s")
    choice = choose(*surges((60, 10), (30, 12), (20, 20)), [parse_limit(text) for text in texts], [FAST])
    assert choice.answer.startswith(
        "Nothing keeps every limit: duration_s <= 25 s, peak_physical <= 12 pods, mean(peak_physical) >= 15 "
        "pods and mean(duration_s) >= 50 s are in each other's way; "
    )


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (
            0,
            "What is in force now, maxSurge=0, takes 90 s (p95), 60 s longer, and needs 10 pods (mean), "
            "the same.",
        ),
        (1, "That is what is in force now."),
        (
            2,
            "What is in force now, maxSurge=2, takes 20 s (p95), 10 s shorter, and needs 30 pods (mean), "
            "20 pods more; it breaks peak_physical <= 20 pods.",
        ),
    ],
)
def test_what_changes_against_what_is_in_force(now: int, sentence: str) -> None:
    strategies, runs = surges((90, 10), (30, 10), (20, 30))
    aims = [parse_aim("p95(duration_s)"), parse_aim("peak_physical")]
    choice = choose(strategies, runs, [parse_limit("peak_physical<=20")], aims, now=now)
    assert choice.recommended == 1
    assert sentence in choice.reasons
    without = choose(strategies, runs, [parse_limit("peak_physical<=20")], aims)
    assert set(choice.reasons) - set(without.reasons) == {sentence}
