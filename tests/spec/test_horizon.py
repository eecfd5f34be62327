"""The default horizon: long enough for what is asked, the same as ever where an hour is enough."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine import simulate
from sim.errors import InputError
from sim.metrics import measure
from sim.spec.distributions import LONGEST_S
from sim.spec.forms import parse_distribution
from sim.spec.horizon import upper_s
from sim.spec.scenario import Scenario, load, override

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 40
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "web:1"}]
"""
SLOW = "profile: {base: textbook, pods: {start: 90}, control_plane: {preset: instant, qps: 20}}\n"
IMAGE = "{at: 0, image: 'web:2'}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "web.yaml").write_text(MANIFEST, encoding="utf-8")
    return tmp_path


def written(folder: Path, steps: str, head: str = SLOW, manifests: str = "web.yaml") -> Scenario:
    text = f"manifests: {manifests}\n{head}steps: [{steps}]\n"
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    return load(folder / "s.yaml")


def minutes(scenario: Scenario) -> float:
    return scenario.horizon_s / 60


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([], 73),  # the example of the module: 40 x 93 + 20 + 600 = 4340 s
        (["maxSurge=25%"], 60),  # 992 s
        (["replicas=80"], 135),  # 80 x 93 + 40 + 600 = 8080 s
        (["minReadySeconds=30"], 93),  # 40 x 123 + 620 = 5540 s
        (["progressDeadlineSeconds=1200"], 83),  # 40 x 93 + 20 + 1200 = 4940 s
        (["progressDeadlineSeconds=2147483647"], 63),  # no deadline: 40 x 93 + 20 = 3740 s
        (["pods.start=180"], 133),  # 40 x 183 + 620 = 7940 s
        (['images={"web:2": {"start": 180}}'], 133),
        (['images={"web:1": {"start": 180}}'], 73),  # what was there has started
        (["control_plane.qps=0.2"], 106),  # 40 x 93 + 2000 + 600 = 6320 s
        (["maxSurge=0", "maxUnavailable=1", "pods.stop=20"], 86),  # 40 x 113 + 620 = 5140 s
        (["maxSurge=0", "maxUnavailable=1", "pods.stop=99"], 93),  # killed after 30 s: 40 x 123 + 620
        (["strategy=Recreate", "pods.stop=20"], 60),
        (["control_plane.qps=0"], 72),  # 4320 s, a whole number of minutes
    ],
)
def test_it_is_the_formula(folder: Path, settings: list[str], expected: float) -> None:
    assert minutes(override(written(folder, IMAGE), settings)) == expected


@pytest.mark.parametrize(
    ("probes", "expected"),
    [
        ("readinessProbe: {httpGet: {path: /, port: 80}, initialDelaySeconds: 5, periodSeconds: 10}", 89),
        ("startupProbe: {httpGet: {path: /, port: 80}, periodSeconds: 10}", 86),
        ("readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 1, successThreshold: 3}", 75),
    ],
)
def test_probes_take_their_time(folder: Path, probes: str, expected: float) -> None:
    text = MANIFEST.replace('"web:1"', f'"web:1", {probes}')
    (folder / "web.yaml").write_text(text, encoding="utf-8")
    assert minutes(written(folder, IMAGE)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("{at: 2h, kubectl: get pods}", 130),  # 7200 + 600 s
        ("{at: 0, image: 'web:2'}, {at: 10, image: 'web:3'}", 135),  # 10 + 2 x 40 x 93 + 40 + 600 s
        ("{kubectl: scale deployment web --replicas=80}, {kubectl: get pods}", 60),  # all at once
        ("{kubectl: scale deployment web --replicas=80}, {kubectl: set image deploy/web web=a:1}", 137),
        ("{kubectl: set image deploy/web web=a:1}", 73),
        ("{kubectl: set image deploy/web other=a:1}", 73),  # a mistake is taken for what it says
        ("{kubectl: rollout restart deploy/web}, {kubectl: rollout undo deploy/web}", 135),
        ("{kubectl: rollout pause deploy/web}, {kubectl: rollout resume deploy/web}", 60),
        ('{kubectl: [patch, deploy, web, -p, \'{"spec": {"minReadySeconds": 30}}\']}', 93),
        ("{kubectl: get pods}, {settle: 1h}, {when: updated == 9, limit: 30m}", 100),
        ("{kubectl: wait deploy web --for=condition=available --timeout=2h}", 130),
        ("{kubectl: wait deploy web --for=condition=available --timeout=-1s}", 60),  # a week is not meant
    ],
)
def test_steps_take_their_time(folder: Path, steps: str, expected: float) -> None:
    assert minutes(written(folder, steps)) == expected


def test_what_is_created_starts_at_once(folder: Path) -> None:
    head = "profile: {base: textbook, pods: {start: 3500}}\n"
    (folder / "s.yaml").write_text(f"{head}steps: [{{kubectl: create -f web.yaml}}]\n", encoding="utf-8")
    assert minutes(load(folder / "s.yaml")) == 69  # 3503 + 600 s


def test_deployments_change_together_unless_a_step_waits(folder: Path) -> None:
    (folder / "api.yaml").write_text(MANIFEST.replace("web", "api"), encoding="utf-8")
    both = "{deployment: web, image: 'web:2'}", "{deployment: api, image: 'api:2'}"
    manifests = "[web.yaml, api.yaml]"
    assert minutes(written(folder, ", ".join(both), manifests=manifests)) == 73  # 40 x 93 + 40 + 600 s
    waiting = f"{both[0]}, {{settle: 10s}}, {both[1]}"
    assert minutes(written(folder, waiting, manifests=manifests)) == 135  # 10 + 2 x 40 x 93 + 40 + 600 s


def test_what_somebody_said_holds(folder: Path) -> None:
    assert written(folder, IMAGE, f"{SLOW}horizon: 10m\n").horizon_s == 600
    assert written(folder, IMAGE, f"{SLOW}horizon: null\n").horizon is None
    made = override(written(folder, IMAGE), ["horizon=10m"])
    assert (made.horizon, made.horizon_s) == (600, 600)
    assert override(made, ["replicas=80"]).horizon_s == 600


def test_it_follows_what_is_replaced(folder: Path) -> None:
    made = written(folder, IMAGE)
    assert (made.horizon, minutes(made)) == (None, 73)
    assert minutes(replace(made, profile=load(folder / "web.yaml", profile="fast").profile)) == 60


def test_it_is_never_longer_than_the_longest(folder: Path) -> None:
    assert override(written(folder, IMAGE), ["pods.start=9e6"]).horizon_s == 30 * 86_400
    assert written(folder, "{at: 719h, image: 'web:2'}").horizon_s == 30 * 86_400
    # Ten requests for a pod, each after millions of years.
    assert override(written(folder, IMAGE), ["control_plane.qps=1e-15"]).horizon_s == 30 * 86_400
    for at in ("720h", "1.0e+308"):
        with pytest.raises(InputError, match=r"E406.*less than the longest horizon, 720h"):
            written(folder, f"{{at: {at}, image: 'web:2'}}")


def test_what_never_comes_is_left_to_the_deadline(folder: Path) -> None:
    made = written(folder, IMAGE)
    assert override(made, [f"pods.start={LONGEST_S:.0f}"]).horizon_s == 3600
    assert minutes(override(made, [f'pods.start={{"cycle": [90, {LONGEST_S:.0f}]}}'])) == 73


@pytest.mark.parametrize("settings", [[], ["profile=fast"], ["maxSurge=25%", "profile=jvm"]])
def test_where_an_hour_is_enough_the_digest_is_that_of_an_hour(folder: Path, settings: list[str]) -> None:
    made = override(written(folder, IMAGE, ""), settings)
    assert (made.horizon, made.horizon_s) == (None, 3600)
    assert made.digest == override(made, ["horizon=1h"]).digest
    longer = override(made, ["pods.start=90", "maxSurge=1"])
    assert longer.digest != override(longer, ["horizon=1h"]).digest


@pytest.mark.parametrize("replicas", [1, 40, 300])
@pytest.mark.parametrize("profile", ["node", "jvm", "huawei"])
@pytest.mark.parametrize(
    "strategy", [["maxSurge=1"], ["maxSurge=0", "maxUnavailable=1"], ["strategy=Recreate"]]
)
def test_the_estimate_is_generous(folder: Path, replicas: int, profile: str, strategy: list[str]) -> None:
    """No deadline is added, and pods are so slow that the hour is not what makes it true."""
    slow = ["pods.ready=200", "progressDeadlineSeconds=2147483647", f"replicas={replicas}"]
    made = override(written(folder, IMAGE, ""), [f"profile={profile}", *slow, *strategy])
    assert measure(simulate(made)).duration_s < made.horizon_s


@pytest.mark.parametrize(
    "text",
    [
        {"lognormal": {"median": 8, "sigma": 0.4}},
        {"lognormal": {"median": 8, "sigma": 0.4}, "max": 12},
        {"exponential": {"mean": 5}, "shift": 2},
        {"gamma": {"mean": 5, "sd": 2}, "min": 4},
        {"weibull": {"shape": 0.7, "scale": 3}},
        {"uniform": [1, 3], "max": 2.5},
        {"empirical": [1, 2, 3, 50]},
        7,
    ],
)
def test_a_quantile_is_that_of_what_is_drawn(text: Any) -> None:
    made = parse_distribution(text)
    drawn = made.sample(np.random.default_rng(5), 200_000)
    for share in (0.1, 0.5, 0.99):
        assert made.quantile(share) == pytest.approx(np.quantile(drawn, share), rel=0.02)
    assert upper_s(made) == made.quantile(0.99)


def test_a_cycle_has_the_quantiles_of_its_values() -> None:
    made = parse_distribution({"cycle": [5, 1, 3]})
    assert [made.quantile(share) for share in (0.0, 0.3, 0.5, 1.0)] == [1, 1, 3, 5]
    assert parse_distribution({"exponential": {"mean": 1}}).quantile(0.99) == pytest.approx(4.60517, abs=1e-5)
