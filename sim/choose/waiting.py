"""Time-outs in words: what waits for what, what is advised and why, and the lines that set it.

Helm 3 waits as helm v3.18, pkg/kube/ready.go, deploymentReady does: for the new ReplicaSet's ready pods,
not for the Progressing condition; it looks every 2 s (wait.go). Helm 4 waits for the status that kstatus
calls Current, and `kubectl rollout status` for the same counts (kubectl v1.32,
polymorphichelpers/rollout_status.go); both fail when that condition says ProgressDeadlineExceeded.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim.choose.answer import kubectl_command
from sim.choose.timeouts import Advice, share_text
from sim.rules import deployment as rules
from sim.spec.manifest import Deployment
from sim.spec.rollouts import Rollout
from sim.units import format_duration, format_value

HELM_S = 300
"""Helm's own --timeout, 5m0s."""

WHAT = ("deadline", "rollout status", "Helm 3 --wait", "Helm 4 --wait")
DEADLINE, STATUS, HELM3, HELM4 = WHAT

TRIP = (
    "A --timeout cannot outlast the deadline: once that is exceeded, rollout status and Helm 4 fail at once "
    "(Helm 3 waits on). The deadline begins anew with every progress, so it may be shorter than a rollout."
)


@dataclass(frozen=True, slots=True)
class Row:
    """A time-out: of what, of which Deployment ("": of the release), what it waits for, how long that takes;
    what is in force now in s (None: nothing), and the share of the rollouts that break it.
    """

    what: str
    deployment: str
    waits_for: str
    advice: Advice
    now_s: int | None = None
    now_breaks: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the row fit for strict JSON: None for what does not exist."""
        found = self.advice
        return {
            "what": self.what,
            "deployment": self.deployment or None,
            "waits_for": self.waits_for,
            "rollouts": found.n,
            "median_s": _finite(found.median_s),
            "quantile_s": _finite(found.quantile_s),
            "upper_s": _finite(found.upper_s),
            "advised_s": found.advised_s,
            "now_s": self.now_s,
            "now_breaks": self.now_breaks,
        }

    @property
    def advised(self) -> str:
        """What is advised, as it is written: "45 s" of a deadline, "1m30s" of a --timeout."""
        return written(self.what, self.advice.advised_s)

    @property
    def now(self) -> str:
        """What is in force, and how many rollouts break it: "600 s, never", "5m, 3.1 %"."""
        if self.now_s is None or self.now_breaks is None:
            return "none"
        breaks = format_value(self.now_breaks, "ratio") if self.now_breaks else "never"
        return f"{written(self.what, self.now_s)}, {breaks}"


def written(what: str, seconds: float | None) -> str:
    """Return a time-out as it is written where it is set; "-" where there is none (None, nan)."""
    if seconds is None or math.isnan(seconds):
        return "-"
    return f"{seconds:.0f} s" if what == DEADLINE else format_duration(seconds)


def ready_words(deployments: Sequence[Deployment]) -> str:
    """Return what Helm 3 waits for: "ready: 8 of 10", added up over the Deployments."""
    wanted = sum(one.replicas for one in deployments)
    return f"ready: {wanted - sum(_limits(one)[1] for one in deployments)} of {wanted}"


def _limits(one: Deployment) -> tuple[int, int]:
    """Return (surge, unavailable) as numbers of pods."""
    surge, unavailable = one.strategy.max_surge, one.strategy.max_unavailable
    up, down = rules.resolve_fenceposts(
        surge.value, surge.is_percent, unavailable.value, unavailable.is_percent, one.replicas
    )
    return up, rules.max_unavailable(one.strategy.type == "RollingUpdate", down, one.replicas)


def answer(rows: Sequence[Row], share: float) -> str:
    """Return what is safe, in one sentence."""
    helm3, helm4 = rows[-2:]
    helm = f"helm --timeout {helm3.advised}"
    if helm4.advised != helm3.advised:
        helm += f" ({helm4.advised} for Helm 4)"
    if len(rows) > 4:
        return (
            f"Kept by {share_text(share)} of the releases: {helm}, and of each Deployment what is told below."
        )
    deadline, status = rows[:2]
    parts = [f"rollout status --timeout={status.advised}"]
    if deadline.advice.advised_s is not None:
        parts.insert(0, f"progressDeadlineSeconds {deadline.advice.advised_s}")
    return f"Each kept by {share_text(share)} of the rollouts: {', '.join(parts)}, {helm}."


def reasons(
    rows: Sequence[Row], share: float, rollouts: Mapping[str, Rollout], uncounted: Sequence[str]
) -> list[str]:
    """Return why: how long each wait took, what that is made of, and where the figures come from."""
    told = []
    for name, rollout in rollouts.items():
        one = rollout.after
        gap, complete = (row.advice for row in rows if row.deployment == name)
        stretch = "pull, start and readiness"
        if one.min_ready_seconds:
            stretch = f"pull, start, readiness and {one.min_ready_seconds} s of minReadySeconds"
        whose = f"{name}: " if len(rollouts) > 1 else ""
        told.append(
            f"{whose}without progress for {_times(gap, share)}: {stretch} of one wave; complete after "
            f"{_times(complete, share)}: {_waves(rollout)}."
        )
        if name in uncounted:
            told.append(f"{whose}no deadline counts today (2147483647): what is stuck is never told.")
    n = rows[-1].advice.n
    told.append(
        f"Advised is the upper end of the 95 % interval of {_name(share)}, by {n:,} simulated rollouts, "
        "rounded up."
    )
    return [text[0].upper() + text[1:] if len(rollouts) == 1 else text for text in told]


def _times(found: Advice, share: float) -> str:
    middle, high = (format_value(value, "s") for value in (found.median_s, found.quantile_s))
    return f"{middle} (median), {high} ({_name(share)})"


def _name(share: float) -> str:
    return f"p{share * 100:.10g}"


def _waves(rollout: Rollout) -> str:
    one = rollout.after
    if rollout.before is None:
        return f"all {one.replicas} are created at once"
    if one.strategy.type == "Recreate":
        return f"all {one.replicas} at once, when the old ones are gone"
    size = sum(_limits(one))
    if size >= one.replicas:
        return "one wave" if one.replicas == 1 else f"one wave of {one.replicas} pods"
    return f"{math.ceil(one.replicas / size)} waves or more, of up to {size} pod{'s' if size > 1 else ''}"


def commands(rows: Sequence[Row], rollouts: Mapping[str, Rollout]) -> list[str]:
    """Return the lines that set the deadlines where they are others today, and wait so long."""
    lines = []
    for row in rows[:-2]:
        one, advised_s = rollouts[row.deployment].after, row.advice.advised_s
        if row.what == STATUS:
            words = ["kubectl", "rollout", "status", f"deployment/{one.name}", "-n", one.namespace]
            lines.append(shlex.join([*words, f"--timeout={row.advised}"]))
        elif advised_s is not None and advised_s != row.now_s:
            patch = {"spec": {"progressDeadlineSeconds": advised_s}}
            lines.append(kubectl_command(one.name, one.namespace, patch))
    helm3, helm4 = (row.advised for row in rows[-2:])
    note = "" if helm3 == helm4 else f"  # Helm 4: {helm4}"
    return [*lines, f"helm upgrade RELEASE CHART --wait --timeout {helm3}{note}"]


def worded(rows: Sequence[Row], others: pd.DataFrame) -> pd.DataFrame:
    """Return the time-outs as a table of texts; ``others`` has a row a number of replicas that is not in
    force, and a column a time-out in s.
    """
    several = len(rows) > 4
    table = pd.DataFrame(
        {
            "time-out": [f"{r.deployment}: {r.what}" if several and r.deployment else r.what for r in rows],
            "waits for": [row.waits_for for row in rows],
            "now, broken": [row.now for row in rows],
            "advised": [row.advised for row in rows],
        }
    )
    for _, other in others.iterrows():
        count = int(other["replicas"])
        table[f"{count} pod{'s' if count > 1 else ''}"] = [written(row.what, other[row.what]) for row in rows]
    return table


def _finite(seconds: float) -> float | None:
    return round(seconds, 6) if math.isfinite(seconds) else None
