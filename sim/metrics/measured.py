"""The rollouts of a session as rows: what each was, what became of it, its measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.metrics.measures import Measures, measure_rollout
from sim.metrics.rollout import Rollout, rollouts
from sim.spec.syntax import version_of
from sim.trace import Trace


@dataclass(frozen=True, slots=True)
class Measured:
    """One rollout of a Deployment, with its measures."""

    rollout: Rollout
    measures: Measures

    @property
    def version(self) -> str:
        """What the version is called."""
        return self.rollout.version

    @property
    def outcome(self) -> str:
        """What became of it."""
        return self.measures.outcome

    @property
    def image(self) -> str:
        """The images of the version."""
        asked, target = self.rollout.asked, self.rollout.target
        return asked.image if asked is not None else target.image if target is not None else ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the version may be called: its name, its images, their tags."""
        images = self.image.split(",")
        return (self.version, self.image, *images, *(tag for tag in map(version_of, images) if tag))

    @property
    def undo(self) -> bool:
        """Whether it takes back the one before."""
        return self.rollout.asked is not None and self.rollout.asked.undo

    @property
    def creation(self) -> bool:
        """Whether it creates the Deployment."""
        return self.rollout.is_creation

    @property
    def number(self) -> int:
        """Which of its Deployment's rollouts it is, from 1."""
        return 1 if self.rollout.asked is None else self.rollout.asked.number

    def as_dict(self) -> dict[str, Any]:
        """Return it fit for strict JSON."""
        target = self.rollout.target
        return {
            "deployment": self.rollout.deployment,
            "rollout": self.number,
            "version": self.version,
            "image": self.image,
            "replicaset": target.replicaset if target else None,
            "revision": self.rollout.revision,
            "outcome": self.outcome,
            "creation": self.creation,
            "undo": self.undo,
            "began_s": self.rollout.started_s,
            "measures": self.measures.as_dict(),
        }


def measured(trace: Trace, deployment: str | None = None) -> tuple[Measured, ...]:
    """Return every rollout of a Deployment with its measures, in order of time; one row without any."""
    return tuple(Measured(one, measure_rollout(one)) for one in rollouts(trace, deployment))
