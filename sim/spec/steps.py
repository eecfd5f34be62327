"""A scenario as values: what runs, in which cluster, and what happens to it when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from sim.errors import Diagnostic, InputError
from sim.spec.actions import (
    Applied,
    Condition,
    CurlStep,
    KubectlStep,
    Step,
    TemplateStep,
    Timing,
    WaitStep,
)
from sim.spec.document import Document
from sim.spec.explain import Place
from sim.spec.horizon import DEFAULT_HORIZON_S, LONGEST_HORIZON_S, default_horizon_s
from sim.spec.intake import Intake
from sim.spec.manifest import Deployment, PodTemplate, Service, manifests_from
from sim.spec.patch import strategic_merge
from sim.spec.profile import Profile
from sim.spec.unknown import UNKNOWN_FIELD

__all__ = [
    "DEFAULT_HORIZON_S",
    "DEFAULT_SEED",
    "HORIZON_RANGE",
    "LEAST_HORIZON_S",
    "LONGEST_HORIZON_S",
    "SEED_LIMIT",
    "SEED_RANGE",
    "Applied",
    "Change",
    "Condition",
    "CurlStep",
    "KubectlStep",
    "Plan",
    "Scenario",
    "Step",
    "TemplateStep",
    "Timing",
    "WaitStep",
    "joined",
    "read_again",
    "resolve_steps",
    "same",
]

SEED_LIMIT = 2**63
SEED_RANGE = "a whole number, 0 to 2^63 - 1"
LEAST_HORIZON_S = 1.0
HORIZON_RANGE = "1 second to 30 days (720h)"
DEFAULT_SEED = 1

Change = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A step before it is resolved: a patch of the pod template, and where it was written."""

    timing: Timing
    deployment: str
    patch: Mapping[str, Any]
    text: str
    place: Place


@dataclass(frozen=True, kw_only=True)  # no slots: the digest is kept
class Scenario:
    """The question: Deployments that run, fully available, at 0 s, a cluster, and steps in order of time.

    `seed` is 0 to 2^63 - 1; `horizon` is when the simulation ends at the latest, in seconds, as somebody said
    it (None: nobody did; `horizon_s` is what holds). `expect` are the outcomes that Deployments, or versions
    by tag or image, have to end in (None: the one outcome of everything); it changes no result. `source` is
    the file as the user named it. `diagnostics` are warnings; `manifest_diagnostics` those of them that are
    about the manifests alone.
    """

    name: str
    description: str = ""
    deployments: tuple[Deployment, ...]
    services: tuple[Service, ...] = ()
    profile: Profile
    seed: int = DEFAULT_SEED
    horizon: float | None = None
    steps: tuple[Step, ...] = ()
    expect: tuple[tuple[str | None, str], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    manifest_diagnostics: tuple[Diagnostic, ...] = ()
    source: str = ""

    @cached_property
    def horizon_s(self) -> float:
        """When the simulation ends at the latest, in seconds: as it was said, else `default_horizon_s`."""
        if self.horizon is not None:
            return self.horizon
        return default_horizon_s(self.deployments, self.steps, self.profile)

    def templates(self, deployment: str) -> tuple[PodTemplate, ...]:
        """Return the pod templates of a Deployment in order of time, the one that runs at first included."""
        changes = (step for step in self.steps if isinstance(step, TemplateStep))
        return (
            *(d.template for d in self._all if d.name == deployment),
            *(step.template for step in changes if step.deployment == deployment),
        )

    @property
    def _all(self) -> tuple[Deployment, ...]:
        typed = (step for step in self.steps if isinstance(step, KubectlStep))
        models = (made.model for step in typed for made in step.objects)
        return (*self.deployments, *(model for model in models if isinstance(model, Deployment)))

    @cached_property
    def all_deployments(self) -> tuple[Deployment, ...]:
        """Every Deployment by its first manifest, those that steps create included."""
        first: dict[str, Deployment] = {}
        for deployment in self._all:
            first.setdefault(deployment.name, deployment)
        return tuple(first.values())

    @property
    def replicas(self) -> int:
        """The pods that all Deployments ask for together."""
        return sum(max(d.replicas for d in self._all if d.name == one.name) for one in self.all_deployments)

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal characters that differ when anything differs that can change the result.

        Defaults count as written; names of files, of the scenario and of the profile do not count.
        """
        text = json.dumps(self._content(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _content(self) -> dict[str, Any]:
        profile = self.profile.document()
        profile["kubernetes"] = self.profile.minor
        profile["control_plane"].pop("preset")
        return {
            "deployments": [
                d.model_dump(mode="json", exclude={"document": True, "template": {"document"}})
                for d in self.deployments
            ],
            "services": [service.model_dump(mode="json", exclude={"document"}) for service in self.services],
            "profile": {key: value for key, value in profile.items() if key not in ("name", "source")},
            "seed": self.seed,
            "horizon_s": self.horizon_s,
            "steps": [self._step(step) for step in self.steps],
        }

    def _step(self, step: Step) -> dict[str, Any]:
        timing = asdict(step.timing)
        # An all-default timing is "at 0", as in a step that only says what changes.
        said: dict[str, Any] = {key: value for key, value in timing.items() if value is not None}
        if isinstance(step, TemplateStep):
            template = step.template.model_dump(mode="json", exclude={"document"})
            # Two templates may differ only in what is not modelled, and that is a rollout, too.
            return said | {
                "deployment": step.deployment,
                "template": template,
                "version": self._version(step),
            }
        if isinstance(step, KubectlStep):
            objects = [made.document for made in step.objects]
            return said | {
                "kubectl": step.line,
                "objects": objects,
                "patch": step.patch,
                "background": step.background,
            }
        return said | (
            {"curl": step.service, "requests": step.requests} if isinstance(step, CurlStep) else {}
        )

    def _version(self, step: TemplateStep) -> int:
        hashes = list(dict.fromkeys(template.hash for template in self.templates(step.deployment)))
        return hashes.index(step.template.hash)


def resolve_steps(
    deployments: Iterable[Deployment], plans: Iterable[Plan], adjust: Change | None = None
) -> tuple[tuple[TemplateStep, ...], list[Diagnostic]]:
    """Apply the plans in their order; return the steps, and their errors (E405, E408) and warnings.

    `adjust` changes each whole Deployment document after its patch.
    """
    current = {deployment.name: deployment for deployment in deployments}
    steps: list[TemplateStep] = []
    problems: list[Diagnostic] = []
    for plan in plans:
        before = current[plan.deployment]
        document = strategic_merge(before.document, {"spec": {"template": plan.patch}})
        try:
            after, warnings = read_again(adjust(document) if adjust else document)
        except InputError as error:
            problems += [_at_step(problem, plan.place) for problem in error.diagnostics if problem.is_error]
            continue
        known = {same(warning) for warning in read_again(before.document)[1]}
        new = [warning for warning in warnings if same(warning) not in known]
        problems += [_at_step(warning, plan.place) for warning in new]
        if any(warning.code == UNKNOWN_FIELD for warning in new):
            continue
        if after.template.hash == before.template.hash:
            message = (
                f"the step does not change the pod template of {plan.deployment}, so nothing would happen"
            )
            problems.append(
                plan.place.problem("E405", message, expected="a new image, template or annotation")
            )
            continue
        current[plan.deployment] = after
        steps.append(TemplateStep(plan.timing, plan.deployment, after.template, plan.text, plan.patch))
    return tuple(steps), problems


def read_again(
    document: Mapping[str, Any], file: str | None = None
) -> tuple[Deployment, tuple[Diagnostic, ...]]:
    """Return the Deployment that a changed document is, and the warnings about it; raises InputError.

    Whether its unknown fields are refused was asked where it was read: here they are told.
    """
    made = manifests_from([Document(dict(document), file)], intake=Intake("warn"))
    return made.deployments[0], made.diagnostics


def same(diagnostic: Diagnostic) -> tuple[str, str, str | None]:
    """Return what two diagnostics share when they say the same of the same place, wherever it was written."""
    return diagnostic.code, diagnostic.message, diagnostic.path


def joined(first: Iterable[Diagnostic], more: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return `first` and what `more` adds to it."""
    found = {same(diagnostic): diagnostic for diagnostic in first}
    for diagnostic in more:
        found.setdefault(same(diagnostic), diagnostic)
    return tuple(found.values())


def _at_step(problem: Diagnostic, place: Place) -> Diagnostic:
    step = place.problem("E408", "")
    if problem.is_error or problem.code == UNKNOWN_FIELD:
        message = f"after the step, {problem.path} is wrong ({problem.code}): {problem.message}"
        return replace(problem, code="E408", file=step.file, line=step.line, path=step.path, message=message)
    return replace(problem, file=step.file, line=step.line)
