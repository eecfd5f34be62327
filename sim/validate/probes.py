"""A kubelet's probes: when each recorded pod turned Ready, beside when the simulated kubelet finds it ready.

The recordings come from an independent port of the kubelet's prober; each holds the relist ticks of its
nodes. A pod's delay is from its container's start to Ready. Where the phase of the relist is known, the rule
gives one number; where it is not, a phase is drawn, and the delay has a range.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engine.clock import SECOND, to_us
from sim.engine.container import FOREVER, Start, foresee
from sim.engine.state import NEVER
from sim.engine.templates import Probe, Template
from sim.errors import Diagnostic, InputError
from sim.spec.profile import Faults, Features, load_profile
from sim.spec.sources import read_source

NEAR_S, NEAR_SHARE, FAR_S = 0.06, 0.95, 0.15
PHASES = 500  # phases of the relist that are tried where it is not known
STATUS_S = 0.005  # from what the kubelet finds to what the API shows: the port's hop
NEW_VERSION = "v2"  # v1's delays are jittered: the port waits until its kubelets are older than the period
HOPS_S = 0.02  # what the port needs beyond the rule, at most
OUTSIDE = 0.02  # of the pods may stand outside of a range of 98 % by chance


@dataclass(frozen=True, slots=True)
class PodDelay:
    """One pod: its recorded delay in s, the one with the recorded relist, the range without (1 and 99 %)."""

    pod: str
    recorded_s: float
    expected_s: float
    low_s: float
    high_s: float

    @property
    def error_s(self) -> float:
        """How much later than expected it turned ready."""
        return self.recorded_s - self.expected_s

    @property
    def is_inside(self) -> bool:
        """Whether the recorded delay is within the range, to the hops that the range does not have."""
        return self.low_s - HOPS_S <= self.recorded_s <= self.high_s + HOPS_S


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What came of one recording of probes.

    ``at_once``: a started container is always noticed at once, and not at the kubelet's next look. ``never``:
    the pods that never turned ready, recorded and expected.
    """

    name: str
    at_once: bool
    pods: tuple[PodDelay, ...]
    never: tuple[int, int]

    @property
    def near(self) -> float:
        """The share of pods within NEAR_S."""
        return float(np.mean([abs(pod.error_s) <= NEAR_S for pod in self.pods])) if self.pods else 1.0

    @property
    def largest_s(self) -> float:
        """The largest error, in s."""
        return max((abs(pod.error_s) for pod in self.pods), default=0.0)

    @property
    def reasons(self) -> list[str]:
        """What is wrong, in words; empty when all is as it should be."""
        found = []
        if self.near < NEAR_SHARE:
            found.append(f"{1 - self.near:.0%} of the pods are more than {NEAR_S * 1000:.0f} ms off")
        if self.largest_s > FAR_S:
            found.append(f"a pod is {self.largest_s * 1000:.0f} ms off")
        outside = [pod.pod for pod in self.pods if not pod.is_inside]
        if len(outside) > OUTSIDE * len(self.pods):
            found.append(f"{len(outside)} of {len(self.pods)} delays are outside of the simulated range")
        if self.never[0] != self.never[1]:
            found.append(f"{self.never[0]} pods never turned ready, {self.never[1]} were expected not to")
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, fit for strict JSON."""
        return {
            "verdict": "fail" if self.reasons else "pass",
            "reason": "; ".join(self.reasons),
            "container_noticed": "at once" if self.at_once else "at once or at the next look",
            "pods": [
                {
                    "pod": pod.pod,
                    "recorded_s": round(pod.recorded_s, 6),
                    "expected_s": round(pod.expected_s, 6),
                    "range_s": [round(pod.low_s, 6), round(pod.high_s, 6)],
                }
                for pod in self.pods
            ],
            "never_ready": {"recorded": self.never[0], "expected": self.never[1]},
            "within_60_ms": round(self.near, 6),
            "largest_error_s": round(self.largest_s, 6),
        }


def read_probes(path: str) -> dict[str, Any] | None:
    """Return the recording of probes in a file, None when it is something else; raises InputError (E001)."""
    raw = read_source(path)
    if b'"relists"' not in raw:
        return None
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and "relists" in data and "scenario" in data else None


def validate_probes(name: str, recording: Mapping[str, Any], source: str = "") -> ProbeReport:
    """Compare every pod of the new version with what the rule says; raises InputError (E415)."""
    try:
        return _validate(name, recording)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        message = f"this recording of probes cannot be used: {type(error).__name__} {error}"
        raise InputError(Diagnostic(code="E415", message=message, file=source or name)) from None


def _validate(name: str, recording: Mapping[str, Any]) -> ProbeReport:
    asked = recording["scenario"]
    # The newest kubelets notice a container when they have started it; the others, a tie of clocks deciding,
    # then or at their next look.
    at_once = bool(asked.get("relist_fix_ms"))
    features = load_profile({"kubernetes": "newest"}).features
    template = _template(asked)
    ticks = {row["node"]: [to_us(t) for t in row["t"]] for row in recording["relists"]}
    delays, recorded_never, expected_never = [], 0, 0
    for pod in recording["pods"]:
        if pod["image"] != NEW_VERSION or pod.get("running_seen") is None:
            continue
        up_s, startup_s = (
            _nth(asked[NEW_VERSION].get(key), pod["index"]) for key in ("ready_s", "started_s")
        )
        expected = _ready(template, features, pod, ticks[pod["node"]], up_s, startup_s)
        recorded_never += pod.get("ready") is None and pod.get("deleted") is None
        expected_never += expected is None and pod.get("deleted") is None
        if pod.get("ready") is None or expected is None:
            continue
        started = to_us(pod["running"])
        tries = [
            _ready(
                template,
                features,
                *_unknown(pod, started, phase * SECOND // PHASES, noticed),
                up_s,
                startup_s,
            )
            for phase in range(PHASES)
            for noticed in ([True] if at_once else [True, False])
        ]
        spread = np.quantile([(one - started) / SECOND for one in tries if one is not None], [0.01, 0.99])
        delays.append(
            PodDelay(
                pod=str(pod["pod"]),
                recorded_s=float(pod["ready"]) - float(pod["running"]),
                expected_s=(expected - started) / SECOND + STATUS_S,
                low_s=float(spread[0]),
                high_s=float(spread[1]),
            )
        )
    return ProbeReport(name, at_once, tuple(delays), (recorded_never, expected_never))


def _nth(values: Any, index: int) -> float | None:
    """Return the value of the pod of this number, of a list that begins again; None is never."""
    if values is None:
        return 0.0
    listed: Sequence[Any] = values if isinstance(values, list) else [values]
    value = listed[index % len(listed)]
    return None if value is None else float(value)


def _unknown(
    pod: Mapping[str, Any], started: int, phase: int, at_once: bool
) -> tuple[Mapping[str, Any], list[int]]:
    """Return a pod and its node's looks as they would be at another phase of the relist."""
    looks = [started + phase + number * SECOND for number in range(3)]
    seen = started if at_once else looks[0]
    return {**pod, "running_seen": seen / SECOND}, looks


def _template(asked: Mapping[str, Any]) -> Template:
    def probe(given: Mapping[str, Any] | None) -> tuple[Probe, ...]:
        if not given:
            return ()
        times = to_us(given["initial_delay_s"]), to_us(given["period_s"])
        return (Probe(*times, int(given["success"]), int(given["failure"])),)

    return Template(
        number=1,
        deployment="web",
        hash="",
        image=NEW_VERSION,
        containers=("web",),
        pulls=False,
        readiness=probe(asked.get("readiness")),
        liveness=(),
        startup=probe(asked.get("startup")),
        grace_s=30,
        pre_stop_s=0,
        takes={},
        faults=Faults(),
    )


def _ready(
    template: Template,
    features: Features,
    pod: Mapping[str, Any],
    ticks: Sequence[int],
    up_s: float | None,
    startup_s: float | None,
) -> int | None:
    """Return when the kubelet finds a pod ready, in microseconds; None for never."""
    started, seen = to_us(pod["running"]), to_us(pod["running_seen"])
    later = [tick for tick in ticks if tick > seen]
    tick = later[0] if later else ticks[-1] + -(-(seen - ticks[-1] + 1) // SECOND) * SECOND
    start = Start(
        up=FOREVER if up_s is None else started + to_us(up_s),
        # The recorded startup probe asks a path of its own.
        startup_up=started + to_us(startup_s) if startup_s else NEVER,
        crash=FOREVER,
        started=started,
        known=started,
        seen=seen,
        origin=to_us(pod["scheduled"]),
        tick=tick,
        relist=SECOND,
    )
    run = foresee(template, features, start)
    return None if run.ready == NEVER or run.ready >= FOREVER else run.ready
