"""Which rollouts the steps of a scenario begin, as far as that is known before anything is simulated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.errors import InputError
from sim.kubectl.command import Command
from sim.spec.actions import KubectlStep, Step, TemplateStep
from sim.spec.manifest import Deployment, PodTemplate, deployment_from
from sim.spec.patch import merge_patch, strategic_merge, with_value

REPLACES = ("set env", "set resources", "rollout restart", "delete")
"""Lines after which there are new pods of the same images, as many as there are replicas at most."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """Pods of the Deployment `before` are replaced by those of `after`; None: it is created."""

    before: Deployment | None
    after: Deployment


def rollouts_of(deployments: Iterable[Deployment], steps: Iterable[Step]) -> tuple[Rollout, ...]:
    """Return the rollouts that `steps` ask for, in their order, in a cluster where `deployments` run.

    It is taken for granted that every line does what it says: one that kubectl or the API server would
    refuse counts, too. A rollout undone has the template that was there before the one that is.
    """
    state = _State({deployment.name: deployment for deployment in deployments})
    return tuple(rollout for step in steps for rollout in state.take(step))


@dataclass(slots=True)
class _State:
    """The Deployments as the steps so far leave them, and the templates that they had before."""

    now: dict[str, Deployment]
    past: dict[str, PodTemplate] = field(default_factory=dict)

    def take(self, step: Step) -> Iterator[Rollout]:
        if isinstance(step, TemplateStep):
            yield self._becomes(_with_template(self.now[step.deployment], step.template))
        elif isinstance(step, KubectlStep) and isinstance(step.command, Command):
            made = [one.model for one in step.objects if isinstance(one.model, Deployment)]
            if step.command.verb in ("create", "apply"):
                yield from map(self._becomes, made)
            else:
                yield from self._changes(step.command, step.patch)

    def _becomes(self, after: Deployment) -> Rollout:
        before = self.now.get(after.name)
        if before is not None and before.template.hash != after.template.hash:
            self.past[after.name] = before.template
        self.now[after.name] = after
        return Rollout(before, after)

    def _changes(self, command: Command, patch: Mapping[str, Any] | None) -> Iterator[Rollout]:
        names = {target.name for target in command.targets if target.kind == "deployments"}
        # Without a name all are meant, and a pod's or ReplicaSet's name does not say whose it is.
        several = None in names or not names
        for d in [one for one in self.now.values() if several or one.name in names]:
            after = self._after(d, command, patch)
            if after is not None:
                yield self._becomes(after)

    def _after(self, d: Deployment, command: Command, patch: Mapping[str, Any] | None) -> Deployment | None:
        if command.verb in REPLACES:
            return d
        if command.verb == "rollout undo":
            return _with_template(d, self.past.get(d.name, d.template))
        if command.verb == "scale":
            return _patched(d, {"spec": {"replicas": command.flags["replicas"]}})
        if command.verb == "set image":
            return _patched(d, {"spec": {"template": {"spec": {"containers": _images(d, command)}}}})
        if command.verb == "patch" and patch is not None:
            return _patched(d, patch, merges=command.flags.get("type") == "merge")
        return None


def _with_template(d: Deployment, template: PodTemplate) -> Deployment:
    document = with_value(d.document, ("spec", "template"), template.document)
    return d.model_copy(update={"template": template, "document": document})


def _patched(d: Deployment, patch: Mapping[str, Any], *, merges: bool = False) -> Deployment | None:
    """Return `d` changed by a patch, None when the API server would refuse it."""
    try:
        return deployment_from((merge_patch if merges else strategic_merge)(d.document, patch))
    except InputError:
        return None


def _images(d: Deployment, command: Command) -> list[dict[str, str]]:
    """Return the containers that "web=a:2", or "*=a:2", give new images."""
    pairs = dict(arg.split("=", 1) for arg in command.args)
    new = {c.name: pairs.get(c.name, pairs.get("*")) for c in d.template.containers}
    return [{"name": name, "image": image} for name, image in new.items() if image]
