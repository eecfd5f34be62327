"""A rollout's answer in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.metrics.rollout import Rollout
from sim.metrics.steps import step_min
from sim.units import format_value


def finding(rollout: Rollout, measures: Mapping[str, Any]) -> str:
    """Return the answer: "complete after 15.2 s, never fewer than 3 of 3 available", or why it is stuck."""
    trace = rollout.trace
    if measures["complete"]:
        answer = f"complete after {format_value(measures['duration_s'], 's')}, "
    else:
        answer = f"stuck: {measures['stuck_reason']}; "
    least = step_min(*rollout.series("available"), rollout.started_s, trace.ended_s)
    desired = rollout.series("desired")[1][-1]
    if desired == 0:
        return f"{answer}no pod is desired in the end"
    if rollout.is_creation:
        return f"created; {answer[:-2]}"
    if least == 0 < desired:
        return f"{answer}at times none of {desired:.0f} available"
    return f"{answer}never fewer than {least:.0f} of {desired:.0f} available"
