"""What is refused, and in which words: nonsense beside sense, contradictions, limits, misspelled files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.errors import Diagnostic, InputError
from sim.spec.columns import FormError, read_column
from sim.spec.document import read_documents
from sim.spec.manifest import parse_manifests
from sim.spec.profile import load_profile
from sim.spec.scenario import Scenario, load, load_scenario, override, scenario_from_manifests

MANIFEST = """apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: web
          image: shop:v1
          readinessProbe: {httpGet: {path: /, port: 80}}
"""
NO_PROBE = MANIFEST.replace("          readinessProbe: {httpGet: {path: /, port: 80}}\n", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(MANIFEST, encoding="utf-8")
    return tmp_path


def written(folder: Path, text: str) -> Scenario:
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    return load_scenario(folder / "s.yaml")


def bare(text: str = MANIFEST, profile: Any = "fast") -> Scenario:
    return scenario_from_manifests(parse_manifests(text, "m.yaml"), profile)


def problems_of(function: Any, *arguments: Any, **keywords: Any) -> list[Diagnostic]:
    with pytest.raises(InputError) as caught:
        function(*arguments, **keywords)
    return list(caught.value.diagnostics)


# --- steps


@pytest.mark.parametrize(
    ("template", "beside"),
    [
        ("{spec: {containers: 3}}", "image: 'a:1'"),
        ("{spec: {containers: {web: 3}}}", "image: 'a:1'"),
        ("{spec: {containers: null}}", "image: 'a:1'"),
        ("{spec: {containers: [{name: web, image: 3}]}}", "image: 'a:1'"),
        ("{spec: 3}", "image: 'a:1'"),
        ("{spec: null}", "image: 'a:1'"),
        ("{metadata: 3}", "annotations: {a: b}"),
        ("{metadata: null}", "annotations: {a: b}"),
        ("{metadata: {annotations: 3}}", "annotations: {a: b}"),
        ("{metadata: {annotations: {a: 3}}}", "annotations: {a: b}"),
    ],
)
def test_nonsense_in_a_template_is_told_whatever_stands_beside_it(
    folder: Path, template: str, beside: str
) -> None:
    def told(step: str) -> list[Diagnostic]:
        return problems_of(written, folder, f"manifests: shop.yaml\nsteps:\n- {{{step}}}\n")

    alone, together = told(f"template: {template}"), told(f"template: {template}, {beside}")
    assert [d.code for d in together] == ["E408"] * len(together)
    assert together == alone


def test_sense_in_a_template_is_merged_with_what_stands_beside_it(folder: Path) -> None:
    container = "{name: web, env: [{name: A, value: b}]}"
    template = f"{{spec: {{containers: [{container}]}}, metadata: {{annotations: null}}}}"
    step = f"{{template: {template}, image: 'shop:v2', annotations: {{a: b}}}}"
    (made,) = written(folder, f"manifests: shop.yaml\nsteps: [{step}]\n").steps
    assert (made.template.image, made.template.annotations) == ("shop:v2", {"a": "b"})
    assert made.template.document["spec"]["containers"][0]["env"] == [{"name": "A", "value": "b"}]


def test_a_thousand_steps_are_enough(folder: Path) -> None:
    def steps(count: int) -> str:
        lines = "".join(f"- {{at: {i}, image: 'shop:x{i}'}}\n" for i in range(count))
        return f"manifests: shop.yaml\nsteps:\n{lines}"

    assert len(written(folder, steps(1000)).steps) == 1000
    (problem,) = problems_of(written, folder, steps(1001))
    assert (problem.code, problem.path, problem.found) == ("E411", "steps", "1,001 steps")
    assert problem.expected == "at most 1,000"


@pytest.mark.parametrize(("at", "is_fine"), [("59999ms", True), ("60s", False), ("61s", False)])
def test_a_step_at_the_horizon_is_never_carried_out(folder: Path, at: str, is_fine: bool) -> None:
    text = f"manifests: shop.yaml\nhorizon: 1m\nsteps:\n- {{at: {at}, image: 'shop:v2'}}\n"
    if is_fine:
        assert written(folder, text).steps
    else:
        assert [d.code for d in problems_of(written, folder, text)] == ["E406"]


def test_a_horizon_at_the_last_step_is_refused(folder: Path) -> None:
    made = written(folder, "manifests: shop.yaml\nsteps:\n- {at: 5s, image: 'shop:v2'}\n")
    assert [d.code for d in problems_of(override, made, ["horizon=5s"])] == ["E406"]
    assert override(made, ["horizon=5001ms"]).horizon_s == 5.001


# --- assignments


@pytest.mark.parametrize(
    ("assignments", "path"),
    [
        (["metadata.name=other"], "metadata.name"),
        (["metadata.namespace=other"], "metadata.namespace"),
        (
            ["spec.selector.matchLabels.tier=web", "spec.template.metadata.labels.tier=web"],
            "spec.selector",
        ),
    ],
)
def test_what_cannot_change_is_not_assigned(assignments: list[str], path: str) -> None:
    (problem,) = problems_of(override, bare(), assignments)
    assert (problem.code, problem.path, problem.file) == ("E121", path, "--set")
    assert "cannot" in problem.message


@pytest.mark.parametrize("horizon", ["1ns", "999ms", "0"])
def test_a_horizon_lasts_a_second_at_least(folder: Path, horizon: str) -> None:
    (problem,) = problems_of(override, bare(), [f"horizon={horizon}"])
    assert problem.expected == "1 second to 30 days (720h)"
    (problem,) = problems_of(written, folder, f"manifests: shop.yaml\nhorizon: {horizon}\n")
    assert problem.expected == "1 second to 30 days (720h)"
    assert override(bare(), ["horizon=1s"]).horizon_s == 1


@pytest.mark.parametrize("key", ["spec.", "spec..x", "metadata.", "spec.a[", "control_plane..qps"])
def test_a_path_that_is_none_is_not_answered_with_itself(key: str) -> None:
    (problem,) = problems_of(override, bare(), [f"{key}=3"])
    assert (problem.code, problem.message, problem.nearest) == ("E407", "not a path", None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("control_plane.stamp_s=0.5", "found 0.5; expected 1, or 0"),
        ("control_plane[0]=1", "a profile's keys are names"),
        ('images={"": {ready: 1}}', 'images[""]: an empty text'),
    ],
)
def test_mistakes_in_a_profile_are_told_in_plain_words(text: str, words: str) -> None:
    (problem,) = problems_of(override, bare(), [text])
    assert words in str(problem)
    assert "[key]" not in str(problem)


def test_a_name_of_a_profile_is_not_too_long() -> None:
    (problem,) = problems_of(load_profile, {"name": "n" * 201})
    assert str(problem).endswith("expected a number of characters of at most 200")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"seed: {2**63}", "a whole number, 0 to 2^63 - 1"),
        (f"seed: {2**64}", "a whole number, 0 to 2^63 - 1"),
        ("seed: true", "a whole number, 0 to 2^63 - 1"),
        (f"name: {'n' * 201}", "one line of 1 to 200 characters"),
        ("name: ''", "one line of 1 to 200 characters"),
    ],
)
def test_mistakes_in_a_scenario_are_told_in_plain_words(folder: Path, text: str, expected: str) -> None:
    (problem,) = problems_of(written, folder, f"manifests: shop.yaml\n{text}\n")
    assert (problem.code, problem.line, problem.expected) == ("E402", 2, expected)


# --- text for the terminal


@pytest.mark.parametrize("text", ['name: "a\\e[31m"', 'description: "a\\x9b2J"', 'description: "\\u202Eabc"'])
def test_control_characters_of_a_scenario_are_refused(folder: Path, text: str) -> None:
    (problem,) = problems_of(written, folder, f"manifests: shop.yaml\n{text}\n")
    assert (problem.code, problem.line) == ("E402", 2)
    assert "is not allowed here" in problem.message
    assert str(problem).isprintable()


def test_a_description_may_have_lines(folder: Path) -> None:
    made = written(folder, "manifests: shop.yaml\ndescription: |\n  two\n  lines\n")
    assert made.description == "two\nlines\n"


@pytest.mark.parametrize("key", ["name", "source"])
def test_control_characters_of_a_profile_are_refused(key: str) -> None:
    (problem,) = problems_of(load_profile, {key: "a\x1b[31m"})
    assert (problem.code, problem.path) == ("E303", key)
    assert "U+001B" in problem.message


def test_the_name_of_a_profiles_file_may_be_any(tmp_path: Path) -> None:
    for stem in ("a\x1bb", "n" * 240):
        (tmp_path / f"{stem}.yaml").write_text("nodes: 3\n", encoding="utf-8")
        name = load_profile(tmp_path / f"{stem}.yaml").name
        assert name.isprintable()
        assert len(name) <= 200


# --- files


@pytest.mark.parametrize("kind", ["Deploymnet", "deployment"])
def test_a_misspelled_deployment_is_the_reason_that_there_is_none(folder: Path, kind: str) -> None:
    text = MANIFEST.replace("kind: Deployment", f"kind: {kind}")
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    (problem,) = problems_of(load, folder / "shop.yaml")
    assert (problem.code, problem.line, problem.nearest) == ("E403", 2, "Deployment")
    assert repr(kind) in problem.message
    (problem,) = problems_of(written, folder, "manifests: shop.yaml\n")
    assert (problem.code, problem.nearest) == ("E403", "Deployment")


def test_what_there_is_instead_of_a_deployment_is_told(folder: Path) -> None:
    text = MANIFEST.replace("kind: Deployment", "kind: StatefulSet")
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    assert [d.code for d in problems_of(load, folder / "shop.yaml")] == ["W207", "E403"]


def test_a_scenario_with_a_misspelled_key_is_a_scenario(folder: Path) -> None:
    (folder / "s.yaml").write_text("manifest: shop.yaml\n", encoding="utf-8")
    found = problems_of(load, folder / "s.yaml")
    assert ("E401", "manifest", "manifests") in [(d.code, d.path, d.nearest) for d in found]
    assert "E104" not in [d.code for d in found]


@pytest.mark.parametrize("text", ["manifests: shop.yaml\nsteps: []\n", "manifest: shop.yaml\n"])
def test_a_scenario_in_a_folder_of_manifests_is_told_from_them(folder: Path, text: str) -> None:
    (folder / "s.yaml").write_text(text, encoding="utf-8")
    (problem,) = problems_of(load, folder)
    assert (problem.code, problem.file) == ("E402", str(folder / "s.yaml"))
    assert problem.expected == "it alone, or after -f"


@pytest.mark.parametrize("text", ["name: x\nimage: y\n", "metadata: {}\nsteps2: 3\n", "kind: Manifests\n"])
def test_other_mappings_are_no_scenarios(folder: Path, text: str) -> None:
    (folder / "other.yaml").write_text(text, encoding="utf-8")
    assert "E104" in [d.code for d in problems_of(load, folder / "other.yaml")]


def test_a_profile_file_that_is_no_mapping_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("root:x:0:0:secret\n", encoding="utf-8")
    (problem,) = problems_of(override, bare(), [f"profile={tmp_path / 'p.yaml'}"])
    assert problem.code == "E303"
    assert "secret" not in str(problem)
    assert "a mapping" in str(problem)


@pytest.mark.parametrize("name", ["/dev/zero", "."])
def test_a_column_is_read_from_a_regular_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormError, match="not a regular file"):
        read_column(Path(tmp_path, name), "seconds", name)


@pytest.mark.parametrize(
    "text", ["a: 1\n---\n\ufeffb: 2\n", "a: x\ufeff---\nb: 2\n", "a: x\n\ufeff---\nb: 2\n"]
)
def test_a_byte_order_mark_in_the_middle_is_told(text: str) -> None:
    documents, (problem,) = read_documents("\ufeff" + text, "two.yaml")
    assert documents == []
    assert (problem.code, problem.line) == ("E004", text[: text.index("\ufeff")].count("\n") + 1)
    assert "byte order mark in the middle" in problem.message


def test_an_invisible_space_is_no_byte_order_mark() -> None:
    (document,), problems = read_documents("a: x\ufeffy\n", "one.yaml")
    assert (document.data, problems) == ({"a": "x\ufeffy"}, [])


# --- warnings


def warned(scenario: Scenario) -> list[tuple[str, str | None]]:
    return [(d.code, d.path) for d in scenario.diagnostics if d.code in ("W409", "W410")]


def test_an_image_that_is_never_pulled_is_taken_to_be_there() -> None:
    text = MANIFEST.replace("image: shop:v1\n", "image: shop:v1\n          imagePullPolicy: Never\n")
    path = "spec.template.spec.containers[0].imagePullPolicy"
    assert warned(bare(text)) == [("W409", path)]
    assert warned(bare(text, {"images": {"*": {"cached": True}}})) == []
    assert warned(bare()) == []


def test_the_fault_unready_needs_a_probe() -> None:
    profile: dict[str, Any] = {"pods": {"faults": {"unready": {"probability": 0.5, "after": 9, "for": 9}}}}
    assert warned(bare(NO_PROBE, profile)) == [("W410", "spec.template.spec.containers")]
    assert warned(bare(NO_PROBE, profile | {"readiness": "application"})) == []
    assert warned(bare(MANIFEST, profile)) == []
    assert warned(bare(NO_PROBE)) == []
