"""The steps of a scenario as values: when each is taken, and what is done then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.kubectl.command import Command, Refused
from sim.spec.models import Deployment, PodTemplate, Service


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison with a Deployment's status: field `updated`, operator `==`, value 1 is `updated == 1`.

    `deployment` None: any Deployment.
    """

    field: str
    operator: str
    value: int | str
    deployment: str | None = None

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a step is taken: not before `at_s` seconds, and not before the steps before it are over.

    `when`: once the condition holds, or never if it does not hold within `limit_s` seconds (None: the
    horizon). `settle_s`: once nothing has changed for so many seconds, and every Deployment is complete, or
    paused with all pods that its ReplicaSets ask for available.
    """

    at_s: float | None = None
    when: Condition | None = None
    settle_s: float | None = None
    limit_s: float | None = None


@dataclass(frozen=True, slots=True)
class TemplateStep:
    """A Deployment's pod template becomes `template`; `patch` is the change."""

    timing: Timing
    deployment: str
    template: PodTemplate
    text: str
    patch: Mapping[str, Any] = field(repr=False)

    @property
    def at_s(self) -> float:
        """When, in seconds; 0 when it waits for something else."""
        return self.timing.at_s or 0.0


@dataclass(frozen=True, slots=True)
class Applied:
    """An object of a file that `kubectl create -f` or `apply -f` reads; `model` None: it is not modelled."""

    resource: str
    name: str
    model: Deployment | Service | None
    document: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class KubectlStep:
    """A line is typed into a terminal. `background`: the next step does not wait for its end.

    `line` is the line without "kubectl", as it is shown; `command` what it means; `objects` are what its -f
    reads, `patch` what its -p says.
    """

    timing: Timing
    line: str
    command: Command | Refused
    objects: tuple[Applied, ...] = ()
    patch: Mapping[str, Any] | None = field(default=None, repr=False)
    background: bool = False


@dataclass(frozen=True, slots=True)
class CurlStep:
    """A Service is asked `requests` times, each time over a new connection."""

    timing: Timing
    service: str
    requests: int = 1


@dataclass(frozen=True, slots=True)
class WaitStep:
    """Nothing is done, but waited for."""

    timing: Timing


Step = TemplateStep | KubectlStep | CurlStep | WaitStep
