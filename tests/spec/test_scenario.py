"""Scenarios: files, bare manifests, steps, overrides, warnings, digests and the published schema."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError
from sim.spec.document import parse_documents
from sim.spec.manifest import parse_manifests
from sim.spec.patch import parse_path, strategic_merge, with_value
from sim.spec.scenario import Scenario, load, load_scenario, override, previous_image, scenario_from_manifests
from sim.spec.schema import schema

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 4
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: web
          image: shop:v1
          readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
        - name: proxy
          image: proxy:v1
"""
OTHER = MANIFEST.replace("shop", "cart")
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: shop}, ports: [{port: 80}]}
"""
STEP = "steps: [{at: 5s, image: {web: 'shop:v2'}}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(f"{MANIFEST}---\n{SERVICE}", encoding="utf-8")
    (tmp_path / "cart.yaml").write_text(OTHER, encoding="utf-8")
    return tmp_path


def written(folder: Path, text: str) -> Scenario:
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    return load_scenario(folder / "s.yaml")


def refused(folder: Path, text: str) -> list[tuple[str, int | None, str | None, str | None]]:
    with pytest.raises(InputError) as caught:
        written(folder, text)
    return [(d.code, d.line, d.path, d.nearest) for d in caught.value.diagnostics]


def warned(scenario: Scenario) -> list[str]:
    return [d.code for d in scenario.diagnostics if d.code.startswith("W4")]


def bare(text: str = MANIFEST, profile: Any = "fast") -> Scenario:
    return scenario_from_manifests(parse_manifests(text, "m.yaml"), profile)


def test_the_first_scenario_is_the_first_rollout(root: Path) -> None:
    made = load(root / "scenarios" / "01-first-rollout.yaml")
    assert made.name == "first-rollout"
    assert made.description
    (deployment,) = made.deployments
    (service,) = made.services
    (step,) = made.steps
    assert (deployment.name, deployment.replicas, service.name) == ("testqc", 3, "allen-loadbalancer")
    assert deployment.template.image == "qinchaowhut/allen:v1"
    assert (step.at_s, step.deployment, step.template.image) == (10, "testqc", "qinchaowhut/allen:v2")
    assert (made.seed, made.horizon_s, made.profile.kubernetes) == (1, 900, "1.28")
    assert not [d for d in made.diagnostics if d.is_error]


def test_every_key_of_a_scenario_is_read(folder: Path) -> None:
    made = written(
        folder,
        """
name: release
description: two versions
manifests: [shop.yaml, cart.yaml]
profile: {base: fast, nodes: 5}
seed: 9223372036854775807
horizon: 30m
steps:
  - {at: 2m, deployment: shop, image: {proxy: proxy:v2}}
  - {at: 1m, deployment: cart, image: {web: cart:v2, proxy: proxy:v3}, annotations: {why: fix}}
  - {at: 2m, deployment: shop, template: {spec: {terminationGracePeriodSeconds: 5}}}
""",
    )
    assert (made.name, made.description, made.seed, made.horizon_s) == (
        "release",
        "two versions",
        2**63 - 1,
        1800,
    )
    assert [d.name for d in made.deployments] == ["shop", "cart"]
    assert made.profile.nodes == 5
    first, second, third = made.steps
    assert (first.at_s, first.deployment, first.template.image) == (60, "cart", "cart:v2,proxy:v3")
    assert first.template.annotations == {"why": "fix"}
    assert (second.at_s, second.template.image, second.template.termination_grace_period_seconds) == (
        120,
        "shop:v1,proxy:v2",
        30,
    )
    assert (third.at_s, third.template.image, third.template.termination_grace_period_seconds) == (
        120,
        "shop:v1,proxy:v2",
        5,
    )
    assert first.text == "image cart:v2, proxy:v3; annotations why"
    assert pickle.loads(pickle.dumps(made)) == made


def test_defaults_are_an_hour_and_seed_one_and_the_name_of_the_file(folder: Path) -> None:
    made = written(folder, "manifests: shop.yaml\nsteps: []\n")
    assert (made.name, made.horizon_s, made.seed, made.steps, made.profile.name) == ("s", 3600, 1, (), "node")
    assert made.deployments[0].template.image == "shop:v1,proxy:v1"


def test_without_steps_the_manifests_are_what_is_applied(folder: Path) -> None:
    made = written(folder, "manifests: shop.yaml\nhorizon: 10m\nseed: 4\n")
    assert made.deployments[0].template.image == "shop:previous,proxy:v1"
    (step,) = made.steps
    assert (step.at_s, step.template.image) == (0, "shop:v1,proxy:v1")
    assert (made.horizon_s, made.seed) == (600, 4)


def test_a_manifest_may_stand_in_the_scenario(folder: Path) -> None:
    inline = SERVICE.replace("front", "x").replace("\n", "\n  ").rstrip()
    made = written(folder, f"manifests:\n- shop.yaml\n- {inline}\n{STEP}")
    assert [s.name for s in made.services] == ["front", "x"]


def test_a_string_image_goes_to_the_container_that_runs_it(folder: Path) -> None:
    made = written(folder, "manifests: shop.yaml\nsteps: [{image: 'proxy:v9'}]\n")
    assert made.steps[0].template.image == "shop:v1,proxy:v9"


def test_a_step_without_a_change_of_a_modelled_field_is_a_rollout(folder: Path) -> None:
    made = written(folder, "manifests: shop.yaml\nsteps: [{annotations: {restartedAt: now}}]\n")
    assert made.steps[0].template.hash != made.deployments[0].template.hash


def test_a_step_back_is_the_first_version_again(folder: Path) -> None:
    steps = "steps: [{at: 1, image: {web: 'shop:v2'}}, {at: 60, image: {web: 'shop:v1'}}]\n"
    made = written(folder, "manifests: shop.yaml\n" + steps)
    assert made.steps[1].template.hash == made.deployments[0].template.hash


BAD = [
    ("manifests: shop.yaml\nstep: []\n", [("E401", 2, "step", "steps")]),
    ("manifests: shop.yaml\nseed: -1\n", [("E402", 2, "seed", None)]),
    ("manifests: shop.yaml\nseed: 9223372036854775808\n", [("E402", 2, "seed", None)]),
    ("manifests: shop.yaml\nseed: 1.5\n", [("E402", 2, "seed", None)]),
    ("manifests: shop.yaml\nhorizon: 0\n", [("E402", 2, "horizon", None)]),
    (
        "manifests: shop.yaml\nsteps:\n- {settle: 1.0e+308, kubectl: get po}\n"
        "- {settle: 721h, kubectl: get po}\n- {when: updated == 1, limit: 10000000000000, kubectl: get po}\n",
        [
            ("E402", 3, "steps[0].settle", None),
            ("E402", 4, "steps[1].settle", None),
            ("E402", 5, "steps[2].limit", None),
        ],
    ),
    ("manifests: shop.yaml\nhorizon: 721h\n", [("E402", 2, "horizon", None)]),
    ("manifests: shop.yaml\nhorizon: soon\n", [("E402", 2, "horizon", None)]),
    ("manifests: shop.yaml\nprofile: nod\n", [("E301", 2, "profile", "node")]),
    ("manifests: shop.yaml\nprofile: {pods: {redy: 1}}\n", [("E302", 2, "profile.pods.redy", "ready")]),
    ("manifests: shop.yaml\nprofile: 3\n", [("E402", 2, "profile", None)]),
    ("seed: 3\n", [("E402", 1, "manifests", None)]),
    ("seed: 3\nmanifests: []\n", [("E402", 2, "manifests", None)]),
    ("seed: 3\nmanifests: [3]\n", [("E402", 2, "manifests[0]", None)]),
    ("seed: 3\nmanifests: ['-']\n", [("E402", 2, "manifests[0]", None)]),
    ("seed: 3\nmanifests:\n- nothing.yaml\n", [("E402", 3, "manifests[0]", None)]),
    ("manifests: shop.yaml\nsteps:\n- at: 1\n", [("E402", 3, "steps[0]", None)]),
    ("manifests: shop.yaml\nsteps:\n- {at: x}\n", [("E402", 3, "steps[0].at", None)]),
    ("manifests: shop.yaml\nsteps:\n- {images: x}\n", [("E401", 3, "steps[0].images", "image")]),
    ("manifests: shop.yaml\nsteps:\n- {image: 3}\n", [("E402", 3, "steps[0].image", None)]),
    ("manifests: shop.yaml\nsteps:\n- {image: {web: 3}}\n", [("E402", 3, "steps[0].image.web", None)]),
    ("manifests: shop.yaml\nsteps:\n- {image: {wep: a}}\n", [("E410", 3, "steps[0].image.wep", "web")]),
    ("manifests: shop.yaml\nsteps:\n- {image: 'x:v1'}\n", [("E410", 3, "steps[0].image", None)]),
    (
        "manifests: shop.yaml\nsteps:\n- {deployment: shob, image: a}\n",
        [("E404", 3, "steps[0].deployment", "shop")],
    ),
    ("manifests: [shop.yaml, cart.yaml]\nsteps:\n- {image: a}\n", [("E404", 3, "steps[0]", None)]),
    ("manifests: shop.yaml\nsteps:\n- {image: {web: 'shop:v1'}}\n", [("E405", 3, "steps[0]", None)]),
    (
        "manifests: shop.yaml\nhorizon: 1m\nsteps:\n- {at: 61, image: {web: b}}\n",
        [("E406", 4, "steps[0].at", None)],
    ),
    (
        "manifests: shop.yaml\nsteps:\n- {template: {metadata: {labels: {app: x}}}}\n",
        [("E408", 3, "steps[0]", None)],
    ),
    (
        "manifests: shop.yaml\nsteps:\n- {template: {metadata: {labels: {app: null}}}}\n",
        [("E408", 3, "steps[0]", None)],
    ),
    (
        "manifests: shop.yaml\nsteps:\n- {template: {spec: {terminationGracePeriodSecond: 3}}}\n",
        [("E408", 3, "steps[0]", "terminationGracePeriodSeconds")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), BAD, ids=[f"{i}-{e[0][0]}" for i, (_, e) in enumerate(BAD)])
def test_each_mistake_has_its_code_line_path_and_nearest_name(
    folder: Path, text: str, expected: list[Any]
) -> None:
    assert refused(folder, text) == expected


def test_mistakes_of_manifests_and_profile_are_told_together(folder: Path) -> None:
    (folder / "bad.yaml").write_text(MANIFEST.replace("replicas: 4", "replicas: four"), encoding="utf-8")
    found = refused(folder, "manifests: bad.yaml\nprofile: {nodes: 0}\n")
    assert [(code, path) for code, _, path, _ in found if code.startswith("E")] == [
        ("E103", "spec.replicas"),
        ("E303", "profile.nodes"),
    ]


def test_a_manifest_is_not_a_scenario_file(folder: Path) -> None:
    with pytest.raises(InputError, match=r"E402.*this is a Kubernetes 'Deployment', not a scenario"):
        load_scenario(folder / "cart.yaml")


def test_no_deployment_at_all_is_refused() -> None:
    with pytest.raises(InputError, match=r"m\.yaml: E403 there is no Deployment") as caught:
        scenario_from_manifests(parse_manifests(SERVICE, "m.yaml"), source="m.yaml")
    assert len(caught.value.diagnostics) == 1


def test_one_name_in_two_namespaces_is_refused() -> None:
    two = MANIFEST + "---" + MANIFEST.replace("{name: shop}", "{name: shop, namespace: test}")
    with pytest.raises(InputError, match=r"E409.*two namespaces, default and test"):
        bare(two)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("shop", "shop:previous"),
        ("shop:v2", "shop:previous"),
        ("host:5000/team/shop", "host:5000/team/shop:previous"),
        ("host:5000/team/shop:v2", "host:5000/team/shop:previous"),
        ("shop@sha256:00ff", "shop:previous"),
        ("shop:v2@sha256:00ff", "shop:previous"),
        ("shop:previous", "shop:before-previous"),
    ],
)
def test_the_version_before_has_the_tag_previous(image: str, expected: str) -> None:
    assert previous_image(image) == expected


def test_bare_manifests_are_applied_at_zero() -> None:
    made = bare(MANIFEST + "---" + OTHER + "---\n" + SERVICE, "jvm")
    assert [d.template.image for d in made.deployments] == [
        "shop:previous,proxy:v1",
        "cart:previous,proxy:v1",
    ]
    assert [(s.at_s, s.deployment, s.template.image) for s in made.steps] == [
        (0, "shop", "shop:v1,proxy:v1"),
        (0, "cart", "cart:v1,proxy:v1"),
    ]
    assert made.profile.name == "jvm"
    assert made.name == "manifests"
    assert bare().name == "shop"
    assert [s.name for s in made.services] == ["front"]


def test_load_tells_a_scenario_from_manifests(folder: Path) -> None:
    (folder / "s.yaml").write_text("manifests: shop.yaml\n" + STEP, encoding="utf-8")
    assert load(folder / "s.yaml").name == "s"
    assert load(folder / "s.yaml", profile="jvm").profile.name == "jvm"
    assert load(folder / "shop.yaml").deployments[0].template.image == "shop:previous,proxy:v1"
    assert len(load(folder / "shop.yaml", folder / "cart.yaml").deployments) == 2
    (folder / "s.yaml").unlink()
    assert len(load(folder, profile="fast").deployments) == 2
    assert load("-", stdin=io.StringIO(MANIFEST)).deployments[0].name == "shop"


def test_load_takes_manifests_in_place_of_the_scenarios_own(folder: Path) -> None:
    (folder / "s.yaml").write_text("manifests: nothing.yaml\n" + STEP, encoding="utf-8")
    made = load(folder / "shop.yaml", scenario=folder / "s.yaml")
    assert (made.name, made.steps[0].template.image) == ("s", "shop:v2,proxy:v1")


def test_a_scenario_among_manifests_is_refused(folder: Path) -> None:
    (folder / "s.yaml").write_text("manifests: shop.yaml\n" + STEP, encoding="utf-8")
    with pytest.raises(InputError, match="E402 a scenario file among manifests"):
        load(folder / "shop.yaml", folder / "s.yaml")
    with pytest.raises(InputError, match="E403 nothing to simulate"):
        load()


# --- overrides


def test_overrides_change_the_deployment_and_every_template(folder: Path) -> None:
    made = written(folder, "manifests: shop.yaml\n" + STEP)
    changed = override(
        made,
        [
            "maxSurge=50%",
            "maxUnavailable=1",
            "minReadySeconds=7",
            "replicas=8",
            "progressDeadlineSeconds=90",
            "revisionHistoryLimit=2",
            "terminationGracePeriodSeconds=5",
            "readinessProbe.periodSeconds=3",
            "seed=5",
            "horizon=2h",
            "spec.template.spec.containers[1].imagePullPolicy=Always",
            'metadata.labels["a.b/c"]=x',
        ],
    )
    (deployment,) = changed.deployments
    assert (str(deployment.strategy.max_surge), str(deployment.strategy.max_unavailable)) == ("50%", "1")
    assert (deployment.min_ready_seconds, deployment.replicas) == (7, 8)
    assert (deployment.progress_deadline_seconds, deployment.revision_history_limit) == (90, 2)
    assert deployment.labels == {"a.b/c": "x"}
    assert (changed.seed, changed.horizon_s) == (5, 7200)
    for template in changed.templates("shop"):
        assert template.termination_grace_period_seconds == 5
        assert template.containers[0].readiness_probe is not None
        assert template.containers[0].readiness_probe.period_seconds == 3
        assert template.containers[1].readiness_probe is None
        assert template.containers[1].image_pull_policy == "Always"
    assert [t.image for t in changed.templates("shop")] == ["shop:v1,proxy:v1", "shop:v2,proxy:v1"]
    assert made.deployments[0].replicas == 4, "the scenario itself is not changed"


def test_a_steps_own_probe_is_overridden_too(folder: Path) -> None:
    step = "{template: {spec: {containers: [{name: web, readinessProbe: {periodSeconds: 20}}]}}}"
    made = written(folder, f"manifests: shop.yaml\nsteps: [{step}, {{at: 9, image: {{web: 'shop:v2'}}}}]\n")
    periods = [t.containers[0].readiness_probe.period_seconds for t in made.templates("shop")]  # type: ignore[union-attr]
    assert periods == [5, 20, 20]
    with pytest.raises(InputError, match=r"E405.*does not change"):
        override(made, ["readinessProbe.periodSeconds=7"])


def test_overrides_change_the_profile_whatever_their_order() -> None:
    made = override(
        bare(),
        [
            "control_plane.qps=50",
            "kubernetes=1.30",
            "profile=jvm",
            "pods.ready={lognormal: {median: 4, p95: 9}}",
        ],
    )
    assert (made.profile.control_plane.qps, made.profile.kubernetes) == (50, "1.30")
    assert made.profile.pods.pull == bare(profile="jvm").profile.pods.pull
    assert made.profile.pods.ready.document()["lognormal"]["mu"] == pytest.approx(1.3863, abs=1e-4)
    assert override(bare(), ["control_plane=instant"]).profile.kubelet.relist_s == 0
    assert (
        override(bare(), ['images["shop:v1,proxy:v1"].cached=true'])
        .profile.for_image("shop:v1,proxy:v1")
        .cached
    )


def test_a_strategy_replaces_what_belongs_to_the_other() -> None:
    surged = override(bare(), ["maxSurge=1"])
    recreate = override(surged, ["strategy=Recreate"])
    assert recreate.deployments[0].strategy.type == "Recreate"
    assert override(recreate, ["strategy=RollingUpdate"]).deployments[0].strategy.type == "RollingUpdate"
    assert str(override(surged, ["maxSurge=null"]).deployments[0].strategy.max_surge) == "25%"


WRONG = [
    ("maxSurge=x%", "E111", "spec.strategy.rollingUpdate.maxSurge", None),
    ("replicas=-1", "E105", "spec.replicas", None),
    ("strategy=Recreat", "E106", "spec.strategy.type", "Recreate"),
    ("maxsurge=1", "E407", None, "maxSurge"),
    ("maxUnavailabel=1", "E407", None, "maxUnavailable"),
    ("foo", "E407", None, None),
    ("=3", "E407", None, None),
    ("readinesProbe.periodSeconds=3", "E407", None, "readinessProbe.periodSeconds"),
    ("readinessProbe.period=3", "E407", "readinessProbe.period", "periodSeconds"),
    ("livenessProbe.periodSeconds=3", "E402", "livenessProbe.periodSeconds", None),
    ("spec.replicaz=3", "E407", "spec.replicaz", "replicas"),
    ("spec.template.spec.containers[4].image=x", "E402", "spec.template.spec.containers[4].image", None),
    ("spec.replicas.x=3", "E402", "spec.replicas.x", None),
    ("profile=jvmm", "E301", "profile", "jvm"),
    ("control_plane.qp=3", "E302", "control_plane.qp", "qps"),
    ("kubernetes=1.19", "E306", "kubernetes", None),
    ("pods.ready={uniform: [2, 1]}", "E304", "pods.ready.uniform", None),
    ("seed=-1", "E402", "seed", None),
    ("seed=x", "E402", "seed", None),
    ("horizon=0", "E402", "horizon", None),
    ("horizon=x", "E402", "horizon", None),
]


@pytest.mark.parametrize(("text", "code", "path", "nearest"), WRONG, ids=[w[0] for w in WRONG])
def test_each_wrong_assignment_has_its_code_and_nearest_name(
    text: str, code: str, path: str | None, nearest: str | None
) -> None:
    with pytest.raises(InputError) as caught:
        override(bare(), [text])
    assert [(d.code, d.path, d.nearest) for d in caught.value.diagnostics] == [(code, path, nearest)]
    assert caught.value.diagnostics[0].file == "--set"


def test_all_wrong_assignments_are_told_together() -> None:
    with pytest.raises(InputError) as caught:
        override(bare(), ["replicas=-1", "spec.replicaz=3", "seed=x", "foo", "maxSurge=0"])
    assert sorted(d.code for d in caught.value.diagnostics) == ["E105", "E402", "E407", "E407"]


def test_a_horizon_before_the_last_step_is_refused(folder: Path) -> None:
    made = written(folder, "manifests: shop.yaml\n" + STEP)
    with pytest.raises(InputError, match="E406"):
        override(made, ["horizon=4s"])


# --- warnings


def test_a_sensible_scenario_has_no_warnings(folder: Path) -> None:
    assert written(folder, "manifests: shop.yaml\n" + STEP).diagnostics == ()


def with_probe(kind: str, **fields: int) -> str:
    probe = json.dumps({"httpGet": {"path": "/", "port": 80}} | fields)
    return MANIFEST.replace("image: shop:v1\n", f"image: shop:v1\n          {kind}: {probe}\n")


@pytest.mark.parametrize(
    ("kind", "fields", "ready", "codes"),
    [
        # The third failure in a row comes at 2 periods after the first: at 20 s with the default of 10 s.
        ("livenessProbe", {}, 21, ["W403"]),
        ("livenessProbe", {}, 19, []),
        ("livenessProbe", {"initialDelaySeconds": 5}, 21, []),
        ("livenessProbe", {"periodSeconds": 1, "failureThreshold": 1}, 1, ["W403"]),
        ("startupProbe", {"failureThreshold": 4}, 31, ["W404"]),
        ("startupProbe", {"failureThreshold": 4}, 29, []),
    ],
)
def test_a_probe_that_kills_a_slow_starter_is_told(
    kind: str, fields: dict[str, int], ready: int, codes: list[str]
) -> None:
    made = bare(with_probe(kind, **fields), {"base": "fast", "pods": {"ready": ready}})
    assert warned(made) == codes
    played = bare(
        with_probe(kind, **fields), {"base": "fast", "readiness": "application", "pods": {"ready": ready}}
    )
    assert warned(played) == []


def test_a_startup_probe_holds_the_liveness_probe_back() -> None:
    startup = "startupProbe: {tcpSocket: {port: 80}, failureThreshold: 9}"
    text = with_probe("livenessProbe").replace("name: web", f"name: web\n          {startup}")
    assert warned(bare(text, {"base": "fast", "pods": {"ready": 60}})) == []


CASES = [
    (MANIFEST.replace("replicas: 4", "replicas: 4\n  paused: true"), "fast", ["W401"]),
    (MANIFEST.replace("replicas: 4", "replicas: 0"), "fast", ["W402"]),
    (MANIFEST.replace("replicas: 4", "replicas: 4\n  progressDeadlineSeconds: 9"), "jvm", ["W405"]),
    (MANIFEST, {"images": {"shop:v1,proxy:v2": {"ready": 1}}}, ["W406"]),
    (MANIFEST, {"images": {"shop:v1": {"ready": 1}, "*": {"ready": 2}}}, []),
    (MANIFEST.replace("readinessProbe", "livenessProbe"), "fast", ["W408"]),
    (MANIFEST.replace("readinessProbe", "livenessProbe"), "kubemark", []),
]


@pytest.mark.parametrize(("text", "profile", "codes"), CASES)
def test_what_is_probably_not_meant_is_told(text: str, profile: Any, codes: list[str]) -> None:
    made = bare(text, profile)
    assert warned(made) == codes
    assert not any(d.is_error for d in made.diagnostics)


def test_a_cached_image_needs_no_time_to_pull() -> None:
    text = MANIFEST.replace("replicas: 4", "replicas: 4\n  progressDeadlineSeconds: 9")
    slow = {"base": "fast", "pods": {"pull": 20}}
    assert warned(bare(text, slow)) == ["W405"]
    assert warned(bare(text, slow | {"images": {"*": {"cached": True}}})) == []


def test_a_horizon_shorter_than_the_deadline_is_told() -> None:
    assert warned(override(bare(), ["horizon=9m"])) == ["W407"]
    assert warned(override(bare(), ["horizon=10m"])) == []


def test_warnings_follow_an_override() -> None:
    assert warned(override(bare(), ["paused=true"])) == ["W401"]
    doubtful = override(bare(), ["maxSurge=1%", "maxUnavailable=1%", "replicas=1"])
    assert "W216" not in [d.code for d in doubtful.diagnostics]
    flat = override(bare(), ["maxSurge=0%", "maxUnavailable=1%"])
    assert [d.code for d in flat.diagnostics] == ["W216"]
    assert override(flat, ["maxUnavailable=1"]).diagnostics == ()


def test_a_step_that_makes_a_doubtful_manifest_is_told_at_its_line(folder: Path) -> None:
    made = written(folder, "manifests: shop.yaml\nsteps:\n- {image: {web: 'shop:latest'}}\n")
    assert [(d.code, d.line) for d in made.diagnostics] == [("W213", 3)]


# --- digest


def test_the_digest_is_of_content_and_not_of_names_or_spelling(folder: Path) -> None:
    one = written(folder, "manifests: shop.yaml\n" + STEP)
    spelled = MANIFEST.replace("replicas: 4", "minReadySeconds: 0\n  replicas: 4\n  revisionHistoryLimit: 10")
    (folder / "again.yaml").write_text(f"# another file\n{spelled}---\n{SERVICE}", encoding="utf-8")
    other = written(
        folder,
        "name: x\ndescription: why\nmanifests: again.yaml\nhorizon: 60m\n"
        "profile: {base: node, name: z, kubernetes: '1.36'}\n" + STEP.replace("5s", "5.0"),
    )
    assert one.digest == other.digest
    assert len(one.digest) == 16
    assert int(one.digest, 16) >= 0


@pytest.mark.parametrize(
    "assignment",
    [
        "seed=2",
        "horizon=59m",
        "replicas=5",
        "maxSurge=1",
        "minReadySeconds=1",
        "terminationGracePeriodSeconds=9",
        "kubernetes=1.28",
        "control_plane.qps=21",
        "pods.ready=1",
        "nodes=4",
        "readinessProbe.periodSeconds=6",
        "readiness=application",
        "kubelet.relist_s=2",
        "profile=jvm",
        "strategy=Recreate",
        "paused=true",
    ],
)
def test_the_digest_follows_everything_that_counts(assignment: str) -> None:
    made = bare()
    assert override(made, [assignment]).digest != made.digest


def test_the_digest_follows_the_steps(folder: Path) -> None:
    texts = [
        STEP,
        STEP.replace("5s", "6s"),
        STEP.replace("v2", "v3"),
        "steps: []\n",
        "steps: [{at: 5s, annotations: {a: b}}]\n",
    ]
    digests = [written(folder, "manifests: shop.yaml\n" + text).digest for text in texts]
    assert len(set(digests)) == len(texts)


def test_the_digest_tells_a_way_back_from_a_third_version(folder: Path) -> None:
    """Nothing that is modelled differs here; a roll-back to an old ReplicaSet is still not a new one."""
    step = "{at: %d, template: {spec: {nodeName: %s}}}"
    back, third = (
        written(folder, f"manifests: shop.yaml\nsteps: [{step % (1, 'a')}, {step % (2, name)}]\n")
        for name in ("null", "b")
    )
    assert back.steps[1].template.hash == back.deployments[0].template.hash
    assert back.digest != third.digest


def test_the_digest_is_the_same_in_another_process(root: Path) -> None:
    path = root / "scenarios" / "01-first-rollout.yaml"
    here = load(path).digest
    code = f"from sim.spec.scenario import load; print(load({str(path)!r}).digest)"
    env = os.environ | {"PYTHONPATH": str(root), "PYTHONHASHSEED": "77"}
    there = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


# --- patches


def test_a_strategic_merge_is_what_kubectl_does() -> None:
    base = {
        "a": 1,
        "b": {"c": 2, "d": 3},
        "containers": [{"name": "x", "image": "1"}, {"name": "y"}],
        "args": [1],
    }
    patch = {
        "a": None,
        "b": {"c": 5},
        "containers": [{"name": "x", "image": "2"}, {"name": "z"}, {"name": "y", "$patch": "delete"}],
        "args": [2, 3],
    }
    before = json.dumps(base)
    assert strategic_merge(base, patch) == {
        "b": {"c": 5, "d": 3},
        "containers": [{"name": "x", "image": "2"}, {"name": "z"}],
        "args": [2, 3],
    }
    assert json.dumps(base) == before


def test_paths_are_taken_apart() -> None:
    assert parse_path('spec.containers[0].env["a.b/c"].x') == ("spec", "containers", 0, "env", "a.b/c", "x")
    for wrong in ("", ".", "a.", "a..b", "a[", "a[x]", "a b"):
        with pytest.raises(ValueError, match="not a path"):
            parse_path(wrong)


def test_with_value_copies_what_it_changes() -> None:
    data = {"a": [{"b": 1}, {"b": 2}]}
    assert with_value(data, ("a", 1, "b"), 5) == {"a": [{"b": 1}, {"b": 5}]}
    assert with_value(data, ("x", "y"), 1) == {"a": [{"b": 1}, {"b": 2}], "x": {"y": 1}}
    assert with_value(data, ("a", 0, "b"), None) == {"a": [{}, {"b": 2}]}
    assert data == {"a": [{"b": 1}, {"b": 2}]}


# --- the published schema


def validator(kind: str = "scenario") -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema(kind))
    return jsonschema.Draft202012Validator(schema(kind))


def test_the_published_schema_is_current(root: Path) -> None:
    for kind in ("scenario", "profile"):
        text = json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"
        path = root / "schemas" / f"{kind}.json"
        if os.environ.get("ROLLSIM_REGENERATE") == "1":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.read_text(encoding="utf-8") == text, "`make golden` accepts the change"


def test_shipped_scenarios_are_valid_by_the_schema(root: Path) -> None:
    files = sorted((root / "scenarios").glob("*.yaml"))
    assert files
    for file in files:
        (document,) = parse_documents(file.read_bytes(), file.name)
        assert list(validator().iter_errors(document.data)) == [], file.name
        assert load_scenario(file).all_deployments


PROFILES: list[tuple[Any, bool]] = [
    ("node", True),
    ("./mine.yaml", True),
    ({"control_plane": "managed"}, True),
    ({"control_plane": {"preset": "default", "qps": 5}}, True),
    ({"pods": {"ready": {"lognormal": {"median": 1, "p95": 3}, "max": "4s"}}}, True),
    ({"images": {"a:b": {"cached": True, "faults": {"crash": {"probability": 1, "after": "5s"}}}}}, True),
    ({"pods": {"stop": {"cycle": [1, 2]}}}, True),
    ({"bas": "node"}, False),
    ({"pods": {"redy": 1}}, False),
    ({"pods": {"ready": {"lognorml": 3}}}, False),
    ({"control_plane": {"qsp": 3}}, False),
    ({"kubernetes": 1.3}, False),
    ({"kubernetes": "1.19"}, False),
    ("nod", False),
]


@pytest.mark.parametrize(("profile", "is_valid"), PROFILES, ids=[str(p) for p, _ in PROFILES])
def test_schema_and_loader_agree_about_profiles(folder: Path, profile: Any, is_valid: bool) -> None:
    data = {"manifests": "shop.yaml", "profile": profile}
    assert validator().is_valid(data) is is_valid
    if isinstance(profile, dict):
        assert validator("profile").is_valid(profile) is is_valid
    if profile == "./mine.yaml":
        (folder / "mine.yaml").write_text("nodes: 3", encoding="utf-8")
    if is_valid:
        assert written(folder, json.dumps(data)).deployments
    else:
        assert refused(folder, json.dumps(data))


@pytest.mark.parametrize(
    "typo", [{"manifest": "x"}, {"step": []}, {"steps": [{"images": "x"}]}, {"horizn": 3}]
)
def test_the_schema_refuses_typos(typo: dict[str, Any]) -> None:
    assert not validator().is_valid({"manifests": "x"} | typo)
    assert validator().is_valid({"manifests": "x"})


def test_there_is_no_schema_of_anything_else() -> None:
    with pytest.raises(ValueError, match="no schema of 'pod'"):
        schema("pod")


# --- robustness

_words = [
    "manifests",
    "profile",
    "seed",
    "horizon",
    "steps",
    "at",
    "image",
    "template",
    "spec",
    "pods",
    "ready",
    "base",
]
_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 5),
        st.sampled_from(["shop.yaml", "node", "2s", "x", "shop"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_words), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.property
@given(_values, st.booleans())
def test_whatever_a_scenario_holds_only_input_errors_come_out(
    tmp_path_factory: Any, value: Any, named: bool
) -> None:
    folder = tmp_path_factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    (folder / "shop.yaml").write_text(MANIFEST, encoding="utf-8")
    if named and isinstance(value, dict):
        value = value | {"manifests": "shop.yaml"}
    try:
        written(folder, json.dumps(value))
    except InputError as error:
        check_diagnostics(error)


@pytest.mark.property
@given(st.text(max_size=30), st.text(max_size=10))
def test_whatever_is_assigned_only_input_errors_come_out(key: str, value: str) -> None:
    for text in (f"{key}={value}", f"maxSurge={value}", f"pods.ready={value}", f"spec.{key}={value}"):
        try:
            override(_BARE, [text])
        except InputError as error:
            check_diagnostics(error)


_BARE = bare()


def check_diagnostics(error: InputError) -> None:
    assert any(d.is_error for d in error.diagnostics)
    assert not any("\n" in str(d) for d in error.diagnostics)
