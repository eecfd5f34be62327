"""What became of a rollout, in one word, and why it is not complete, in one clause."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sim.metrics.rollout import Rollout
from sim.units import format_seconds


def outcome(rollout: Rollout) -> str:
    """Return one of `sim.spec.expectations.OUTCOMES`.

    rolled_back: undone, or the template that it replaced was applied again, before or after it was complete.
    complete: it was. superseded: a third template came first, or the Deployment was deleted. stuck: its
    progress deadline was exceeded, or nothing is left that could move it. paused: a pause holds it at the end
    of the record. running: the record ends while pods still move.
    """
    asked = rollout.asked
    if asked is None:
        return "scaled" if rollout.was_scaled else "unchanged"
    if asked.taken_back:
        return "rolled_back"
    if math.isfinite(rollout.completed_s):
        return "complete"
    if asked.replaced:
        return "superseded"
    if math.isfinite(rollout.deadline_exceeded_s):
        return "stuck"
    if rollout.is_paused:
        return "paused"
    return "stuck" if rollout.trace.quiet else "running"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a rollout that was never complete ends. Of its version's living pods: how many were never ready,
    how many are in a crash loop (``whose``: the only one's name), with how many restarts.
    """

    outcome: str
    exceeded_after_s: float  # the progress deadline; inf: never
    paused: bool
    horizon_s: float
    quiet: bool
    never_ready: int = 0
    looping: int = 0
    restarts: int = 0
    whose: str = ""

    def reason(self) -> str:
        """Return why it is not complete: what its pods do, and how it ends, in one clause."""
        parts = [part for part in (self._cause(), self._effect()) if part]
        return ", ".join(parts)

    def _effect(self) -> str:
        if math.isfinite(self.exceeded_after_s):
            return f"progress deadline exceeded at {format_seconds(self.exceeded_after_s)}"
        if self.outcome in ("rolled_back", "superseded"):
            return "undone before that" if self.outcome == "rolled_back" else "replaced before that"
        if self.paused:
            return "the Deployment is paused"
        if self.quiet:
            return "nothing is left that could move it"
        until = format_seconds(self.horizon_s)
        return f"not complete when the simulation ends at {until} (horizon: sets that)"

    def _cause(self) -> str:
        if self.looping:
            whose = self.whose if self.looping == 1 else f"{self.looping} pods"
            return f"crash loop: {self.restarts} restarts of {whose}"
        if not self.never_ready:
            return ""
        ended = self.outcome not in ("rolled_back", "superseded")
        final = (self.quiet and ended) or math.isfinite(self.exceeded_after_s)
        whose = "1 pod" if self.never_ready == 1 else f"{self.never_ready} pods"
        return f"{whose} {'never ready' if final else 'not ready yet'}"


def why_not_complete(rollout: Rollout) -> str:
    """Return why a rollout is not complete, in one clause; "" when it is."""
    if math.isfinite(rollout.completed_s):
        return ""
    ending = Ending(
        outcome=outcome(rollout),
        exceeded_after_s=round(max(0.0, rollout.deadline_exceeded_s - rollout.started_s), 6),
        paused=rollout.is_paused,
        horizon_s=rollout.trace.horizon_s,
        quiet=rollout.trace.quiet,
    )
    return _blame_pods(rollout, ending).reason()


def _blame_pods(rollout: Rollout, ending: Ending) -> Ending:
    if rollout.target is None:
        return ending
    end = rollout.ends_s
    pods = rollout.pods
    rows = zip(
        pods["pod"], pods["replicaset"], pods["created_s"], pods["ready_s"], pods["deleted_s"], strict=True
    )
    living = {
        pod: not ready < end
        for pod, owner, created, ready, deleted in rows
        if owner == rollout.target.replicaset and created < end and not deleted < end
    }
    crashes: dict[str, int] = {}
    last: dict[str, str] = {}
    states = rollout.trace.tables["states"]
    for time_s, pod, state in zip(states["time_s"], states["pod"], states["state"], strict=True):
        if pod in living and time_s < end:
            last[pod] = state
            crashes[pod] = crashes.get(pod, 0) + (state == "crashed")
    # One crash is an accident, two of the same container make a loop; a pod that recovered for good is not to
    # blame.
    looping = {pod: count for pod, count in crashes.items() if count > 1 and last[pod] != "available"}
    return replace(
        ending,
        never_ready=sum(living.values()),
        looping=len(looping),
        restarts=sum(looping.values()),
        whose=next(iter(looping), ""),
    )
