"""The rows of a recording: what was seen of a real control plane, a model a table.

Whoever measures a recording reads them as they stand: every cell that is read is checked here, with its row
and column.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from sim.errors import Diagnostic, shown
from sim.spec.distributions import LONGEST_S
from sim.spec.explain import Place, custom
from sim.units import nearest


class Model(BaseModel):
    """Strict and finite; what else a recording holds is for whoever compares with it."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


def _numeric(text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise custom("value", "not a revision", expected="digits")
    return text


def _pair(condition: list[str]) -> list[str]:
    if len(condition) != 2:
        raise custom("value", "not a condition", expected="a list of its status and its reason")
    return condition


Moment = Annotated[float, Field(ge=0, le=LONGEST_S)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Name = Annotated[str, Field(min_length=1, max_length=300)]
Revision = Annotated[str, Field(max_length=9), AfterValidator(_numeric)]
Condition = Annotated[list[str], AfterValidator(_pair)]


class ReplicaSetRow(Model):
    """A ReplicaSet as a watch told it; counts are absent once it is gone."""

    t: Moment
    rs: Name
    revision: Revision | None
    image: str
    gone: bool = False
    spec: Count | None = None
    replicas: Count | None = None
    ready: Count | None = None
    available: Count | None = None

    @model_validator(mode="after")
    def _counts(self) -> ReplicaSetRow:
        for name in ("spec", "replicas", "ready", "available"):
            if not self.gone and getattr(self, name) is None:
                raise custom("value", "this count is missing", path=(name,), found="", expected="a number")
        return self


class DeploymentRow(Model):
    """A Deployment as a watch told it."""

    t: Moment
    deployment: Name
    generation: Count
    spec: Count
    replicas: Count
    updated: Count
    ready: Count
    available: Count
    unavailable: Count
    conditions: dict[str, Condition] = {}


class PodRow(Model):
    """A pod with its moments; one that did not come is null."""

    pod: Name
    rs: Name
    image: str
    node: str | None = None
    created: Moment | None = None
    scheduled: Moment | None = None
    running: Moment | None = None
    ready: Moment | None = None
    unready: Moment | None = None
    deleted: Moment | None = None
    gone: Moment | None = None


class EndpointsRow(Model):
    """The ready addresses of a Service, or how many there are."""

    t: Moment
    endpoints: Name
    ready: list[Any] | None = None
    ready_count: Count | None = None

    @model_validator(mode="after")
    def _some(self) -> EndpointsRow:
        if self.ready is None and self.ready_count is None:
            raise custom(
                "value", "the ready addresses are missing", found="", expected="ready or ready_count"
            )
        return self


class CommandRow(Model):
    """A line that was typed, and what was answered."""

    started: Moment
    finished: Moment
    command: str
    exit: Annotated[int, Field(ge=0, le=255)]
    output: str


class Rows(Model):
    """What was seen, table by table."""

    commands: list[CommandRow] = Field(default=[])
    deployments: list[DeploymentRow] = Field(default=[])
    replicasets: list[ReplicaSetRow] = Field(default=[])
    pods: list[PodRow] = Field(default=[])
    endpoints: list[EndpointsRow] = Field(default=[])


def strangers(rows: Rows, deployments: list[str], place: Place) -> list[Diagnostic]:
    """Return what is wrong (E415) with the rows of some Deployments together: tables without any, names that
    nothing else has.
    """
    problems = [
        place.problem("E415", "the recording has no rows of them", (name,))
        for name in ("deployments", "replicasets")
        if not getattr(rows, name)
    ]

    def stranger(message: str, found: str, known: list[str], *path: str | int) -> None:
        expected = f"one of {', '.join(known)}" if known else None
        near = nearest(found, known)
        problems.append(
            place.problem("E415", message, path, found=shown(found), expected=expected, nearest=near)
        )

    for i, row in enumerate(rows.deployments):
        if row.deployment not in deployments:
            stranger(
                "no manifest has this Deployment", row.deployment, deployments, "deployments", i, "deployment"
            )
    replicasets = list(dict.fromkeys(row.rs for row in rows.replicasets))
    for i, one in enumerate(rows.replicasets):
        if not any(one.rs.startswith(f"{name}-") for name in deployments):
            stranger("no Deployment has this ReplicaSet", one.rs, [], "replicasets", i, "rs")
    for i, pod in enumerate(rows.pods):
        if pod.rs not in replicasets:
            stranger("no row tells of this ReplicaSet", pod.rs, replicasets, "pods", i, "rs")
    return problems
