"""Latency profiles: how long everything takes in a cluster, and what goes wrong. All times are seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from sim.errors import shown, unprintable
from sim.spec import builtin
from sim.spec.columns import FormError
from sim.spec.distributions import Constant, Distribution
from sim.spec.explain import custom
from sim.spec.forms import parse_distribution
from sim.units import nearest

LONGEST_NAME = 200
OLDEST, NEWEST = 20, 36  # Kubernetes 1.20 to 1.36: what the rules were read from and checked against
_VERSION = re.compile(r"v?1\.([0-9]{1,3})(?:\.[0-9]{1,3})?(?:[-+].{0,60})?")


def _any_distribution(value: Any) -> Distribution:
    try:
        return parse_distribution(value)
    except FormError as error:
        raise custom(
            "distribution",
            error.message,
            path=error.path,
            found=error.found,
            expected=error.expected,
            nearest=error.nearest,
        ) from None


def _drawn_distribution(value: Any) -> Distribution:
    made = _any_distribution(value)
    if made.is_cycle:
        raise custom(
            "distribution",
            "a cycle is only for a stage of a pod's life",
            path=("cycle",),
            found="cycle",
            expected="empirical",
        )
    return made


def _write(made: Distribution) -> Any:
    return made.value if type(made) is Constant and not made.shift else made.document()


_WRITTEN = PlainSerializer(_write)
_SCHEMA = WithJsonSchema({"x-mark": "distribution"})
Seconds = Annotated[Distribution, PlainValidator(_any_distribution), _WRITTEN, _SCHEMA]
Drawn = Annotated[Distribution, PlainValidator(_drawn_distribution), _WRITTEN, _SCHEMA]
Probability = Annotated[float, Field(ge=0, le=1)]
LEAST_RATE = 1e-15  # a second: one request in millions of years


def _rate(value: float) -> float:
    if 0 < value < LEAST_RATE:
        raise custom("value", "out of range", expected=f"0 for no limit, or {LEAST_RATE:g} to 1e+06 a second")
    return value


Rate = Annotated[float, Field(ge=0, le=1e6), AfterValidator(_rate)]


class Model(BaseModel):
    """What all parts of a profile share: frozen, no unknown keys, no guessing of types."""

    # Deferred: most commands need no more than the names in here, and building the validators takes a while.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        arbitrary_types_allowed=True,
        allow_inf_nan=False,
        defer_build=True,
    )


class Stages(Model):
    """The stages of a pod's life, in seconds: bind to a node, pull, start, be up, stop on SIGTERM."""

    schedule: Seconds
    pull: Seconds
    start: Seconds
    ready: Seconds
    stop: Seconds


class Crash(Model):
    """A container ends by itself `after` its start, with a probability for every start."""

    probability: Probability
    after: Drawn


class Unready(Model):
    """A pod stops being ready `after` it became ready, `for` some time, with a probability for every pod."""

    probability: Probability
    after: Seconds
    for_: Seconds = Field(alias="for")


class Faults(Model):
    """What goes wrong with pods: `never_ready` is the probability that one never becomes ready.

    Of a pod without a readinessProbe the container then never starts. `unready` needs a readinessProbe, too:
    without one a pod is ready while its containers run.
    """

    never_ready: Probability = 0.0
    crash: Crash | None = None
    unready: Unready | None = None


class Pods(Stages):
    """The stages and faults of every image that has none of its own."""

    faults: Faults = Field(default_factory=Faults)


class ImageProfile(Model):
    """What is different for one image: stages, faults, and whether it is on every node already.

    `architectures`: those that it was built for (default: all). On a node of another one its containers end
    as they start ("exec format error"), again and again.
    """

    schedule: Seconds | None = None
    pull: Seconds | None = None
    start: Seconds | None = None
    ready: Seconds | None = None
    stop: Seconds | None = None
    faults: Faults | None = None
    cached: bool | None = None
    architectures: list[Annotated[str, Field(min_length=1)]] | None = None


class ControlPlane(Model):
    """The control plane: its clients' rates (0 = no limit), its latencies, its workers.

    `write` is the time of an API write, `watch` how much later watchers hear of it, `kubectl` how long it
    takes from a command's start until it asks the API server for something. `events`: whether
    the controllers post events through the same client. `stamp_s`: condition times are cut to this many
    seconds (1, or 0 for exact times).
    """

    preset: Literal["default", "managed", "instant"] = "default"
    qps: Rate
    burst: int = Field(ge=1, le=1_000_000)
    scheduler_qps: Rate
    scheduler_burst: int = Field(ge=1, le=1_000_000)
    write: Drawn
    watch: Drawn
    kubectl: Drawn
    deployment_workers: int = Field(ge=1, le=1000)
    replicaset_workers: int = Field(ge=1, le=1000)
    events: bool
    stamp_s: float

    @model_validator(mode="before")
    @classmethod
    def _from_preset(cls, data: Any) -> Any:
        if isinstance(data, ControlPlane):
            return data
        given = {"preset": data} if isinstance(data, str) else data
        if not isinstance(given, Mapping):
            raise custom("value", "not a control plane", expected="default, managed, instant, or a mapping")
        name = given.get("preset", "default")
        if not isinstance(name, str) or name not in builtin.CONTROL_PLANES:
            known = list(builtin.CONTROL_PLANES)
            raise custom(
                "name",
                "no such control plane",
                path=() if isinstance(data, str) else ("preset",),
                found=shown(name),
                expected="one of " + ", ".join(known),
                nearest=nearest(str(name), known),
            )
        return {"preset": name} | builtin.CONTROL_PLANES[name] | dict(given)

    @model_validator(mode="after")
    def _check_stamp(self) -> ControlPlane:
        if self.stamp_s not in (0.0, 1.0):
            raise custom(
                "value",
                "Kubernetes cuts times to whole seconds",
                path=("stamp_s",),
                found=shown(self.stamp_s),
                expected="1, or 0 for exact times",
            )
        return self


class Kubelet(Model):
    """The kubelet: how often it looks at its containers (0: it sees states at once), its way to the API."""

    relist_s: float = Field(default=builtin.KUBELET["relist_s"], ge=0, le=3600)
    status: Drawn = Field(default=builtin.KUBELET["status"], validate_default=True)


@dataclass(frozen=True, slots=True)
class Features:
    """What the chosen version of Kubernetes does; see the changes between 1.20 and the newest."""

    precise_min_ready: bool  # 1.34: minReadySeconds is re-checked when the next pod becomes available
    log2_deletion: bool  # 1.22: ages of pods are compared by the power of two
    readiness_trigger: bool  # 1.21: the kubelet pokes the readiness probe of a starting pod
    scaled_from: bool  # 1.28: a scaling event says "to 2 from 1" (kubernetes/kubernetes#101142)
    scaled_from_to: bool  # 1.31: "from 1 to 2" (#125118, merged in 2024)
    probe_ticker_reset: bool  # 1.29: a poke restarts the probe's period


@dataclass(frozen=True, slots=True)
class ResolvedImage:
    """What holds for the pods of one image."""

    stages: Stages
    faults: Faults
    cached: bool
    architectures: frozenset[str] | None


def instant_kubelet(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a profile's plain data in which the control plane "instant" brings an instant kubelet, too."""
    plane, kubelet = data.get("control_plane"), data.get("kubelet", {})
    preset = plane.get("preset") if isinstance(plane, Mapping) else plane
    if preset == "instant" and isinstance(kubelet, Mapping):
        return dict(data) | {"kubelet": {"relist_s": 0.0, "status": 0.0} | dict(kubelet)}
    return data


def _version(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise custom(
            "version",
            "a version without quotes is read as a number (1.30 becomes 1.3)",
            expected='the version in quotes, for example kubernetes: "1.30"',
        )
    if value == "newest":
        return "newest"
    match = _VERSION.fullmatch(value) if isinstance(value, str) else None
    if match is None or not OLDEST <= int(match.group(1)) <= NEWEST:
        raise custom(
            "version", "not a version that is modelled", expected=f'"1.{OLDEST}" to "1.{NEWEST}", or "newest"'
        )
    return f"1.{int(match.group(1))}"


def _printable(text: str) -> str:
    bad = unprintable(text)
    if bad is not None:
        raise custom("value", f"the character {bad} is not allowed here", expected="text that can be printed")
    return text


class Profile(Model):
    """Latencies, nodes, images, faults and control plane of a cluster.

    `architectures`: how many of the nodes have which, {"amd64": 3, "arm64": 1}; without it they all have the
    one that every image was built for.
    """

    name: Annotated[str, AfterValidator(_printable)] = Field(
        default="profile", min_length=1, max_length=LONGEST_NAME
    )
    source: Annotated[str, AfterValidator(_printable)] = ""
    kubernetes: Annotated[str, BeforeValidator(_version)] = "newest"
    nodes: int | None = Field(default=None, ge=1, le=100_000)
    architectures: dict[Annotated[str, Field(min_length=1)], Annotated[int, Field(ge=1, le=100_000)]] = {}
    readiness: Literal["probe", "application"] = "probe"
    control_plane: ControlPlane = Field(default_factory=lambda: ControlPlane.model_validate("default"))
    kubelet: Kubelet = Field(default_factory=Kubelet)
    pods: Pods
    images: dict[Annotated[str, Field(min_length=1)], ImageProfile] = {}

    @model_validator(mode="before")
    @classmethod
    def _instant_kubelet(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise custom("value", "not a profile", expected="a mapping of names to values")
        return instant_kubelet(data)

    @model_validator(mode="after")
    def _check_nodes(self) -> Profile:
        there = sum(self.architectures.values())
        if self.architectures and self.nodes not in (None, there):
            raise custom(
                "value",
                "architectures and nodes tell different numbers",
                path=("architectures",),
                found=f"{there} nodes",
                expected=f"{self.nodes} nodes, or only one of the two keys",
            )
        return self

    def for_image(self, image: str) -> ResolvedImage:
        """Return what holds for an image: its own entry in `images`, over that of "*", over `pods`, by key.

        The images of a pod of several containers are joined by ",": the whole text is looked up first, then
        its parts from the left; the first that has an entry decides. Call it once for each image, not for
        each pod.
        """
        names = [image, *image.split(",")]
        own = next((self.images[name] for name in names if name in self.images), None)
        layers = [layer for layer in (own, self.images.get("*")) if layer is not None]

        def first(key: str, default: Any) -> Any:
            return next((value for layer in layers if (value := getattr(layer, key)) is not None), default)

        stages = {name: first(name, getattr(self.pods, name)) for name in Stages.model_fields}
        built_for = first("architectures", None)
        return ResolvedImage(
            architectures=frozenset(built_for) if built_for is not None else None,
            stages=Stages.model_construct(**stages),
            faults=first("faults", self.pods.faults),
            cached=first("cached", False),
        )

    def node_count(self, pods: int) -> int:
        """Return the number of nodes for `pods` pods: as written, else one for every 10 pods, at least 3."""
        written = self.nodes if self.nodes is not None else sum(self.architectures.values())
        return written or max(3, -(-pods // 10))

    def architecture_of(self, node: int) -> str:
        """Return the architecture of the node of this number; "" where none is given.

        The nodes of each come one after the other: {"amd64": 3, "arm64": 1} makes node 3 an arm64.
        """
        for architecture, number in self.architectures.items():
            if node < number:
                return architecture
            node -= number
        return ""

    @property
    def minor(self) -> int:
        """The minor version of Kubernetes: 28 for 1.28."""
        return NEWEST if self.kubernetes == "newest" else int(self.kubernetes.partition(".")[2])

    @property
    def features(self) -> Features:
        """What this version of Kubernetes does."""
        return Features(
            precise_min_ready=self.minor >= 34,
            log2_deletion=self.minor >= 22,
            readiness_trigger=self.minor >= 21,
            scaled_from=self.minor >= 28,
            scaled_from_to=self.minor >= 31,
            probe_ticker_reset=self.minor >= 29,
        )

    def document(self) -> dict[str, Any]:
        """Return the profile as plain data, every default filled in: reading it gives an equal profile."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
