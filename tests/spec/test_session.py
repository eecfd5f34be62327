"""Steps of a session as they are written: what they mean, and what is refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import Diagnostic, InputError
from sim.kubectl.command import Command, Refused, Target
from sim.spec.scenario import Scenario, load, override
from sim.spec.steps import Condition, CurlStep, KubectlStep, Timing, WaitStep

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: app, image: "shop:v1", readinessProbe: {httpGet: {path: /, port: 80}}}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a Deployment in it."""
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    return tmp_path


def written(folder: Path, steps: str, head: str = "manifests: shop.yaml\n") -> Scenario:
    """Return the scenario with these steps, one a line; the first is on line 3 (line 2 without manifests)."""
    listed = "".join(f"- {line}\n" for line in steps.strip().splitlines())
    (folder / "s.yaml").write_text(f"{head}steps:\n{listed}", encoding="utf-8")
    return load(folder / "s.yaml")


def refused(folder: Path, steps: str, head: str = "manifests: shop.yaml\n") -> list[Diagnostic]:
    """Return what is wrong with these steps."""
    with pytest.raises(InputError) as error:
        written(folder, steps, head)
    return [problem for problem in error.value.diagnostics if problem.is_error]


def line(folder: Path, text: str) -> KubectlStep:
    """Return the step that types this line."""
    (step,) = written(folder, f"kubectl: {text}").steps
    assert isinstance(step, KubectlStep)
    return step


def test_steps_say_when_and_what(folder: Path) -> None:
    steps = written(
        folder,
        """\
        {at: 90s, kubectl: kubectl rollout pause deployment shop}
        {when: "updated == 1", limit: 5m, kubectl: [get, pods], background: true}
        {settle: 2s}
        {curl: front, requests: 10, deployment: shop, when: progressing == false}
        """,
    ).steps
    pause, get, wait, curl = steps
    assert pause.timing == Timing(at_s=90)
    assert isinstance(pause, KubectlStep)
    assert isinstance(pause.command, Command)
    assert (pause.line, pause.command.verb) == ("rollout pause deployment shop", "rollout pause")
    assert get.timing == Timing(when=Condition("updated", "==", 1), limit_s=300)
    assert isinstance(get, KubectlStep)
    assert get.background
    assert wait == WaitStep(Timing(settle_s=2))
    assert curl == CurlStep(Timing(when=Condition("progressing", "==", "False", "shop")), "front", 10)


def test_steps_that_all_say_when_are_ordered_by_it(folder: Path) -> None:
    made = written(folder, "{at: 20, kubectl: get po}\n{at: 10, curl: front}")
    assert [step.timing.at_s for step in made.steps] == [10, 20]


def test_what_kubectl_refuses_is_kept_for_the_transcript(folder: Path) -> None:
    lines = ("rollout undo", "frobnicate", "get nothing", "scale deploy shop", "rollout undo deploy shop --x")
    for text in lines:
        assert isinstance(line(folder, text).command, Refused)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("autoscale deploy shop --max=5", "the HorizontalPodAutoscaler is not modelled"),
        ("logs deploy/shop", "the output of containers is not modelled"),
        ("get deploy shop -o yaml", "the output format yaml is not modelled"),
        ("get nodes", "nodes are not modelled"),
        (
            "scale rs shop-1 --replicas=2",
            "kubectl scale is not modelled for replicasets, only for deployments",
        ),
        ("describe pod shop", "kubectl describe is not modelled for pods, only for deployments, replicasets"),
        ("delete endpoints shop", "kubectl delete is not modelled for endpoints"),
    ],
)
def test_what_cannot_be_simulated_is_said_before_anything_runs(folder: Path, text: str, message: str) -> None:
    (problem,) = refused(folder, f"kubectl: get po\nkubectl: {text}")
    assert (problem.code, problem.line, problem.path) == ("E413", 4, "steps[1].kubectl")
    assert problem.message.startswith(message)
    assert problem.found == f"'kubectl {text}'"


@pytest.mark.parametrize(
    ("steps", "code", "path", "part"),
    [
        ("{kubectl: get po, image: shop:v2}", "E402", "steps[0]", "several things"),
        ("{kubectl: get po, curl: x}", "E402", "steps[0]", "several things"),
        ("{at: 5}", "E402", "steps[0]", "nothing to do"),
        ("{kubectl: get 'po}", "E402", "steps[0].kubectl", "no closing quotation"),
        ("{kubectl: ''}", "E402", "steps[0].kubectl", "not a line"),
        ("{kubectl: 5}", "E402", "steps[0].kubectl", "not a line"),
        ("{kubect: get po}", "E401", "steps[0].kubect", "unknown key"),
        ("{when: updated = 1, curl: x}", "E402", "steps[0].when", "not a condition"),
        ("{when: update == 1, curl: x}", "E402", "steps[0].when", "no such count"),
        ("{when: updated == -1, curl: x}", "E402", "steps[0].when", "not a number of pods"),
        ("{when: progressing < True, curl: x}", "E402", "steps[0].when", "not a condition"),
        (
            "{when: updated == 1, deployment: shap, curl: x}",
            "E404",
            "steps[0].deployment",
            "no such Deployment",
        ),
        ("{limit: 5s, curl: x}", "E402", "steps[0].limit", "for a step with when"),
        ("{settle: -2s, curl: x}", "E402", "steps[0].settle", ""),
        ("{curl: x, requests: 0}", "E402", "steps[0].requests", ""),
        ("{at: 721h, kubectl: get po}", "E406", "steps[0].at", "has ended"),
        ("{kubectl: create -f no.yaml}", "E402", "steps[0].kubectl", "no such file"),
        ("{kubectl: create -f -}", "E402", "steps[0].kubectl", "standard input"),
        ("{kubectl: create -f shop.yaml, input: {a: b}}", "E402", "steps[0].input", "there is no -f -"),
        ("{kubectl: get po, input: {a: b}}", "E402", "steps[0].input", "there is no -f -"),
        ("{kubectl: create -f -, input: shop.yaml}", "E402", "steps[0].input", "not an object"),
        ("{kubectl: patch deploy shop --patch-file=p.json}", "E402", "steps[0].kubectl", "no such file"),
    ],
)
def test_wrong_steps(folder: Path, steps: str, code: str, path: str, part: str) -> None:
    (problem,) = refused(folder, steps)
    assert (problem.code, problem.line, problem.path) == (code, 3, path)
    assert part in problem.message


def test_steps_do_not_run_backwards(folder: Path) -> None:
    (problem,) = refused(folder, "{at: 20, kubectl: get po}\n{settle: 1}\n{at: 10, kubectl: get rs}")
    assert (problem.code, problem.line, problem.path) == ("E412", 5, "steps[2].at")
    assert (problem.found, problem.expected) == ("10s", "at least 20s")


def test_templates_that_change_by_themselves_do_not_mix_with_lines(folder: Path) -> None:
    (problem,) = refused(folder, "{kubectl: get po}\n{image: shop:v2}")
    assert (problem.code, problem.line) == ("E414", 4)


def test_a_session_may_begin_with_an_empty_cluster(folder: Path) -> None:
    made = written(folder, "kubectl: create -f shop.yaml", head="")
    assert made.deployments == ()
    assert [d.name for d in made.all_deployments] == ["shop"]
    assert made.replicas == 3
    (problem,) = refused(folder, "curl: front", head="")
    assert (problem.code, problem.path) == ("E402", "manifests")


def test_the_objects_of_a_line_are_read_and_checked_at_once(folder: Path) -> None:
    (folder / "team.yaml").write_text(SHOP.replace("name: shop", "name: other"), encoding="utf-8")
    step = line(folder, "apply -f team.yaml -n team")
    (made,) = step.objects
    assert (made.resource, made.name) == ("deployment.apps", "other")
    assert made.model is not None
    assert made.model.namespace == "team"
    (folder / "bad.yaml").write_text(SHOP.replace("replicas: 3", "replicas: x"), encoding="utf-8")
    (problem,) = refused(folder, "kubectl: apply -f bad.yaml")
    assert (problem.code, problem.line, problem.path) == ("E103", 5, "spec.replicas")
    assert str(problem.file).endswith("bad.yaml")


def test_a_name_is_in_one_namespace(folder: Path) -> None:
    (problem,) = refused(folder, "kubectl: get po\nkubectl: apply -f shop.yaml -n team")
    assert (problem.code, problem.line, problem.path) == ("E409", 4, "steps[1]")


@pytest.mark.parametrize(
    "text", ["get po | grep x", "get po && get rs", "get po > x", "get po &", "get po; ls"]
)
def test_no_shell_reads_a_line(folder: Path, text: str) -> None:
    (problem,) = refused(folder, f"kubectl: {text}")
    assert (problem.code, problem.path) == ("E402", "steps[0].kubectl")
    assert "no shell" in problem.message


def test_a_patch_is_read_at_once(folder: Path) -> None:
    step = line(folder, """[patch, deploy, shop, -p, '{"spec": {"paused": true}}']""")
    assert step.patch == {"spec": {"paused": True}}
    assert isinstance(step.command, Command)
    assert step.command.targets == (Target("deployments", "shop"),)
    assert isinstance(line(folder, "patch deploy shop -p {x").command, Refused)


def test_settings_change_what_a_line_creates_too(folder: Path) -> None:
    made = written(folder, "kubectl: create -f shop.yaml", head="")
    changed = override(made, ["replicas=7", "readinessProbe.periodSeconds=2"])
    (shop,) = changed.all_deployments
    assert shop.replicas == 7
    probe = shop.template.containers[0].readiness_probe
    assert probe is not None
    assert probe.period_seconds == 2


def test_the_digest_follows_what_is_typed_and_when(folder: Path) -> None:
    digests = {
        written(folder, steps).digest
        for steps in (
            "kubectl: get po",
            "kubectl: get rs",
            "{kubectl: get po, at: 1}",
            "{kubectl: get po, background: true}",
            "{kubectl: get po, when: updated == 1}",
            "{kubectl: get po, settle: 1}",
            "curl: x",
            "{curl: x, requests: 2}",
        )
    }
    assert len(digests) == 8


def test_an_image_that_a_line_names_is_used(folder: Path) -> None:
    head = "manifests: shop.yaml\nprofile: {images: {'shop:v2': {ready: 3}}}\n"
    made = written(folder, "kubectl: set image deploy shop app=shop:v2", head)
    assert "W406" not in {warning.code for warning in made.diagnostics}
    assert "W406" in {warning.code for warning in written(folder, "kubectl: get po", head).diagnostics}
