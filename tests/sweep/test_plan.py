"""Plans: which strategies there are, and which combinations are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.spec.scenario import Scenario, load, override
from sim.sweep.axes import grid, parse_axis
from sim.sweep.force import own_settings
from sim.sweep.plan import Plan
from sim.sweep.planning import parse_variant, plan_comparison, plan_sweep


@pytest.fixture
def scenario(root: Path) -> Scenario:
    """Three replicas about to be updated."""
    return load(root / "scenarios" / "manifests" / "testqc.yaml")


def planned(scenario: Scenario, *axes: str) -> Plan:
    """Return the plan of a grid."""
    return plan_sweep(scenario, grid([parse_axis(axis) for axis in axes]))


def test_what_kubernetes_refuses_is_left_out_with_its_reason(scenario: Scenario) -> None:
    plan = planned(scenario, "maxSurge=0,1", "maxUnavailable=0,1")
    assert [s.label for s in plan.strategies] == [
        "maxSurge=0 maxUnavailable=1",
        "maxSurge=1 maxUnavailable=0",
        "maxSurge=1 maxUnavailable=1",
    ]
    (left,) = plan.left_out
    assert left.label == "maxSurge=0 maxUnavailable=0"
    assert "must not both be 0" in left.reason


def test_recreate_is_one_strategy_whatever_the_surge(scenario: Scenario) -> None:
    plan = planned(scenario, "strategy=RollingUpdate,Recreate", "maxSurge=1,2")
    assert [s.label for s in plan.strategies] == [
        "strategy=RollingUpdate maxSurge=1",
        "strategy=RollingUpdate maxSurge=2",
        "strategy=Recreate",
    ]
    (left,) = plan.left_out
    assert (left.label, left.reason) == ("strategy=Recreate maxSurge=2", "the same as strategy=Recreate")
    assert plan.scenario(2).deployments[0].strategy.type == "Recreate"


def test_each_strategy_is_its_scenario(scenario: Scenario) -> None:
    plan = planned(scenario, "replicas=3,10", "profile=fast,jvm")
    scenarios = [plan.scenario(strategy.number) for strategy in plan.strategies]
    found = [(one.replicas, one.profile.name) for one in scenarios]
    assert found == [(3, "fast"), (3, "jvm"), (10, "fast"), (10, "jvm")]
    assert plan.axes == ("replicas", "profile")
    assert plan.circumstances == ("replicas", "profile")


@pytest.mark.parametrize(
    ("axes", "code", "words"),
    [
        (["maxSurge=1,abc"], "E111", "found 'abc'"),
        (["maxSurge=1,101%", "maxUnavailable=0,101%"], "E111", "found '101%'"),
        (["minReadySeconds=5,-1"], "E105", "minReadySeconds"),
        (["profile=fast,jmv"], "E301", "jvm"),
        (["strategy=Rolling"], "E106", "did you mean"),
        (["spec.replicass=3"], "E407", "replicas"),
        (["readinessProbe.periodSeconds=1,2"], "E402", "no container has a readinessProbe"),
        (["maxSurge=0", "maxUnavailable=0"], "E504", "no combination is possible"),
    ],
)
def test_a_value_that_is_wrong_by_itself_is_a_mistake(
    scenario: Scenario, axes: list[str], code: str, words: str
) -> None:
    with pytest.raises(InputError) as raised:
        planned(scenario, *axes)
    assert raised.value.diagnostics[0].code == code
    assert words in str(raised.value)
    assert raised.value.diagnostics[0].file == "--axis"


def test_values_that_are_wrong_only_beside_others_are_left_out(scenario: Scenario) -> None:
    plan = planned(scenario, "minReadySeconds=5,700", "progressDeadlineSeconds=600,900")
    assert [s.label for s in plan.strategies] == [
        "minReadySeconds=5 progressDeadlineSeconds=600",
        "minReadySeconds=5 progressDeadlineSeconds=900",
        "minReadySeconds=700 progressDeadlineSeconds=900",
    ]
    assert "progressDeadlineSeconds" in plan.left_out[0].reason


def horizons(plan: Plan) -> list[float]:
    """Return how long each strategy is watched, in minutes."""
    return [plan.scenario(strategy.number).horizon_s / 60 for strategy in plan.strategies]


def test_strategies_whose_horizon_nobody_said_are_watched_as_long_as_the_slowest(scenario: Scenario) -> None:
    slow = override(scenario, ["pods.ready=90", "replicas=80", "maxSurge=1", "maxUnavailable=0"])
    plan = planned(slow, "maxSurge=1,50%,100%")
    alone = [override(slow, [f"maxSurge={value}"]).horizon_s / 60 for value in ("1", "50%", "100%")]
    assert alone[0] > 120 > 60 == alone[1] == alone[2]
    assert horizons(plan) == [alone[0]] * 3
    assert [s.digest for s in plan.strategies] == [plan.scenario(s.number).digest for s in plan.strategies]
    assert plan.now == 0
    quick = planned(slow, "maxSurge=50%,100%")
    assert (horizons(quick), quick.now, quick.bases[0].horizon_s) == ([60, 60], None, 3600)


def test_a_horizon_that_somebody_said_stays(scenario: Scenario) -> None:
    slow = override(scenario, ["pods.ready=90", "replicas=80", "maxSurge=1", "maxUnavailable=0"])
    assert horizons(planned(override(slow, ["horizon=2h"]), "maxSurge=1,50%")) == [120, 120]
    assert horizons(planned(slow, "horizon=30m,1h")) == [30, 60]
    points = [(("maxSurge", "1"),), (("maxSurge", "50%"),), (("maxSurge", "100%"), ("horizon", "30m"))]
    longest = slow.horizon_s / 60
    assert horizons(plan_sweep(slow, points)) == [longest, longest, 30]


def test_where_an_hour_is_enough_a_plan_is_that_of_an_hour(scenario: Scenario) -> None:
    said = override(scenario, ["horizon=1h"])
    assert planned(scenario, "maxSurge=1,2").digest == planned(said, "maxSurge=1,2").digest


def test_candidates_are_watched_as_long_as_the_slowest(scenario: Scenario) -> None:
    slow = override(scenario, ["pods.ready=90", "replicas=80", "maxSurge=1", "maxUnavailable=0"])
    longest = slow.horizon_s / 60
    whole = plan_comparison([("a", scenario), ("b", slow)])
    assert horizons(whole) == [longest, longest]
    assert [s.digest for s in whole.strategies] == [whole.scenario(n).digest for n in (0, 1)]
    variants = plan_comparison([("a", override(slow, ["maxSurge=50%"]))], [(("maxSurge", "1"),)])
    assert horizons(variants) == [longest, longest]
    said = override(scenario, ["horizon=3h"])
    assert horizons(plan_comparison([("a", said), ("b", slow)])) == [180, longest]


def test_nothing_to_vary_is_a_mistake(scenario: Scenario) -> None:
    for points in ([], [()]):
        with pytest.raises(InputError, match="E504"):
            plan_sweep(scenario, points)


def test_a_deployment_that_is_not_there_is_named(scenario: Scenario) -> None:
    with pytest.raises(InputError, match=r"E505.*no Deployment is called 'web'; expected one of testqc"):
        plan_sweep(scenario, grid([parse_axis("maxSurge=1,2")]), "web")


def test_the_digest_tells_plans_apart(scenario: Scenario) -> None:
    plan = planned(scenario, "maxSurge=1,2")
    assert plan.digest == planned(scenario, "maxSurge=1,2").digest
    others = [
        planned(scenario, "maxSurge=1,3"),
        planned(scenario, "maxSurge=2,1"),
        plan_sweep(scenario, grid([parse_axis("maxSurge=1,2")]), "testqc"),
    ]
    assert len({plan.digest, *(other.digest for other in others)}) == 4


def test_a_comparison_gives_everyone_the_first_ones_seed(scenario: Scenario, root: Path) -> None:
    other = load(root / "scenarios" / "01-first-rollout.yaml")
    plan = plan_comparison([("a", scenario), ("b", other)], [parse_variant("maxSurge=1,maxUnavailable=0")])
    assert [s.label for s in plan.strategies] == ["a", "b", "maxSurge=1 maxUnavailable=0"]
    assert {plan.scenario(n).seed for n in range(3)} == {scenario.seed}
    assert plan.scenario(2).deployments[0].strategy.max_unavailable.value == 0


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("maxSurge=1,maxUnavailable=0", (("maxSurge", "1"), ("maxUnavailable", "0"))),
        ("pods.pull={cycle: [1, 2]}, replicas=3", (("pods.pull", "{cycle: [1, 2]}"), ("replicas", "3"))),
        ("spec.x=a,b", (("spec.x", "a,b"),)),
    ],
)
def test_a_variant(text: str, settings: object) -> None:
    assert parse_variant(text) == settings


@pytest.mark.parametrize(
    ("text", "code"), [("maxSurge", "E504"), ("maxSurg=1", "E407"), ("maxSurge=0,maxUnavailable=0", "E122")]
)
def test_a_wrong_variant(scenario: Scenario, text: str, code: str) -> None:
    with pytest.raises(InputError) as raised:
        plan_comparison([("a", scenario)], [parse_variant(text)])
    assert raised.value.diagnostics[0].code == code


def test_one_candidate_is_no_comparison(scenario: Scenario) -> None:
    with pytest.raises(InputError, match="nothing to compare with"):
        plan_comparison([("a", scenario)])


def test_the_strategy_that_changes_nothing_is_known(scenario: Scenario) -> None:
    assert planned(scenario, "maxSurge=1,25%", "maxUnavailable=0,25%").now == 3
    assert planned(scenario, "maxSurge=1,2").now is None
    assert plan_comparison([("a", scenario)], [parse_variant("maxSurge=1")]).now == 0


DOCUMENT = {
    "spec": {
        "replicas": 40,
        "minReadySeconds": 7,
        "strategy": {"rollingUpdate": {"maxSurge": "10%", "maxUnavailable": 2}},
        "template": {
            "metadata": {"annotations": {"checked": "true"}},
            "spec": {"containers": [{"name": "a"}, {"name": "b", "readinessProbe": {"timeoutSeconds": 3}}]},
        },
    }
}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("maxSurge", "10%"),
        ("maxUnavailable", "2"),
        ("spec.strategy.rollingUpdate.maxUnavailable", "2"),
        ("minReadySeconds", "7"),
        ("strategy", "RollingUpdate"),
        ("progressDeadlineSeconds", "600"),
        ("readinessProbe.timeoutSeconds", "3"),
        ("readinessProbe.periodSeconds", "10"),
        ("livenessProbe.failureThreshold", "3"),
        ("spec.template.spec.containers[1].name", "b"),
        # What looks like another kind of value keeps its own.
        ("spec.template.metadata.annotations.checked", '"true"'),
        ("spec.template.metadata.annotations.unknown", "null"),
    ],
)
def test_in_force_are_the_manifests_values_and_kubernetes_defaults(key: str, text: str) -> None:
    assert own_settings(DOCUMENT, [key]) == ((key, text),)


def test_what_is_given_is_not_in_force() -> None:
    assert own_settings(DOCUMENT, ["replicas", "profile", "maxSurge"]) == (("maxSurge", "10%"),)
    recreated = {"spec": {"strategy": {"type": "Recreate"}}}
    assert own_settings(recreated, ["strategy", "maxSurge"]) == (("strategy", "Recreate"),)


def test_what_is_in_force_is_planned_once_under_each_circumstance(scenario: Scenario) -> None:
    points = grid(list(map(parse_axis, ("replicas=3,10", "maxSurge=1,2"))))
    plan = plan_sweep(scenario, points, in_force=scenario)
    assert [strategy.label for strategy in plan.strategies[4:]] == [
        "replicas=3 maxSurge=25%",
        "replicas=10 maxSurge=25%",
    ]
    assert (plan.now, plan.added) == (4, 2)
    # Where it is among the points it is the one that was asked for.
    points = grid(list(map(parse_axis, ("replicas=3,10", "maxSurge=25%,2"))))
    plan = plan_sweep(scenario, points, in_force=scenario)
    assert (len(plan.strategies), plan.now, plan.added) == (4, 0, 0)


def test_in_force_is_what_the_manifest_has_and_not_what_is_assumed(scenario: Scenario) -> None:
    assumed = ["maxSurge=3", "replicas=10"]
    changed = override(scenario, assumed)
    plan = plan_sweep(changed, grid([parse_axis("maxSurge=1,2")]), in_force=scenario, assumed=assumed)
    now = plan.scenario(2)
    assert (plan.now, str(now.deployments[0].strategy.max_surge), now.replicas) == (2, "25%", 10)
    # An axis has the last word on its own setting.
    assert plan.assumed == ("replicas=10",)
