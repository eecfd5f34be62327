"""Whether the kernel does what the model does: the same trace, the same measures, the same course."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from sim.engine import simulate
from sim.engine.kernel import layout as at
from sim.engine.kernel.player import Player
from sim.engine.kernel.question import Question
from sim.metrics import MEASURES, Rollout, counted_measures, last_change_s, measure_rollout, step_at
from sim.spec.scenario import Scenario
from sim.spec.steps import KubectlStep
from sim.sweep.block import BANDS
from sim.trace import Trace

READING = ("get", "describe", "rollout history")  # what they print the kernel does not


def difference(scenario: Scenario, replications: Iterable[int] = (0, 65)) -> str | None:
    """Return the first difference between model and kernel, None without one; "left to the model" when the
    kernel says so.
    """
    player = Player(Question(scenario), scenario.seed)
    for replication in replications:
        trace = player.trace(replication)
        if trace is None:
            assert player.play(replication, replication + 1).left_over() == [0]
            return "left to the model"
        model = simulate(scenario, replication=replication, engine="model")
        found = _between(plain(model, scenario), plain(trace, scenario))
        found = found or _between_measures(scenario, Rollout(model), player, replication)
        if found is not None:
            return f"replication {replication}: {found}"
    return None


def plain(trace: Trace, scenario: Scenario) -> dict[str, Any]:
    """Return a trace as plain data, without who simulated it and what was only read."""
    found = json.loads(trace.canonical())
    del found["provenance"]
    reading = {
        step.line for step in scenario.steps if isinstance(step, KubectlStep) and step.command.verb in READING
    }
    commands = found["tables"]["commands"]
    for i, line in enumerate(commands["command"]):
        if line in reading:
            commands["output"][i] = ""
    return found


def _between(model: dict[str, Any], kernel: dict[str, Any]) -> str | None:
    for name, table in model["tables"].items():
        ours, theirs = (list(zip(*rows.values(), strict=True)) for rows in (table, kernel["tables"][name]))
        for i, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            if one != other:
                return f"{name}[{i}]: model {one}, kernel {other}"
        if len(ours) != len(theirs):
            return f"{name}: {len(ours)} rows by the model, {len(theirs)} by the kernel"
    heads = [{key: one[key] for key in one if key != "tables"} for one in (model, kernel)]
    return None if heads[0] == heads[1] else f"model {heads[0]}, kernel {heads[1]}"


def _between_measures(scenario: Scenario, rollout: Rollout, player: Player, replication: int) -> str | None:
    played = player.play(replication, replication + 1)
    columns = counted_measures(played.rows, played.means, scenario.horizon_s, player.pod_name)
    measures = measure_rollout(rollout)
    for name in MEASURES:
        ours, theirs = getattr(measures, name), columns[name][0]
        if not (ours == theirs or (ours != ours and theirs != theirs)):
            return f"{name}: model {ours!r}, kernel {theirs!r}"
    drawn = player.play(replication, replication + 1, courses=True)
    if (drawn.rows != played.rows)[:, [word for word in range(at.OUTCOME) if word != at.X_MOVED]].any():
        return f"with its course {drawn.rows}, without {played.rows}"
    started, moved = drawn.span(0)
    span = moved / 1e6 - started / 1e6
    if span != last_change_s(rollout) - rollout.started_s:
        return f"the last pod moved after {last_change_s(rollout) - rollout.started_s}, kernel {span}"
    moments = np.linspace(0.0, 1.04 * max(span, 1.0), 97).round(3) + rollout.started_s
    for i, series in enumerate(BANDS):
        ours = step_at(*rollout.series(series), moments)
        theirs = step_at(drawn.courses[0][:, 0] / 1e6, drawn.courses[0][:, 1 + i], moments)
        if (ours != theirs).any():
            return f"{series}: model {ours}, kernel {theirs}"
    return None
