"""Simulating what time-outs wait for: as many rollouts of a release as they take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from sim.choose.timeouts import MOST_RUNS, enough, fewest_runs, share_text
from sim.errors import Diagnostic, InputError, one_line
from sim.spec.actions import TemplateStep
from sim.spec.manifest import Deployment, deployment_from
from sim.spec.patch import strategic_merge
from sim.spec.rollouts import Rollout, rollouts_of
from sim.spec.scenario import Scenario
from sim.sweep.axes import Point
from sim.sweep.block import BLOCK
from sim.sweep.plan import Plan, Strategy
from sim.sweep.planning import plan_sweep
from sim.sweep.rounds import sweep
from sim.sweep.sample import Sample

MOST_REPLICAS = 100_000
_MORE = 8  # times as many runs as bound the quantile narrow its interval well
_MORE_OF_SEVERAL = 2  # these only the model plays, once for each Deployment
_LADDER = (0.5, 1, 2, 5)
_LADDER_ENDS = 1000
_MOST_COUNTS = 12
_DEADLINE_S = 600  # Kubernetes' default


@dataclass(frozen=True, slots=True)
class Waits:
    """The last rollout of each Deployment of a release, by its name; what was simulated of each; and of a
    single one what was simulated at other numbers of replicas, by these.

    ``uncounted`` are the Deployments for which no deadline counts: they were simulated with one.
    """

    rollouts: Mapping[str, Rollout]
    runs: Mapping[str, pd.DataFrame]
    others: Mapping[int, pd.DataFrame]
    uncounted: tuple[str, ...]
    samples: Sequence[Sample]


def simulate_waits(
    scenario: Scenario,
    share: float,
    replicas: Sequence[int] | None = None,
    replications: int | None = None,
    **how: Any,
) -> Waits:
    """Simulate the release until the quantile ``share`` of its waits is bounded well, or ``replications``
    times.

    ``replicas`` are the other counts to simulate (None: the half, the double and the five-fold, where there
    is one Deployment that no step scales); ``how`` goes to `sim.sweep.rounds.sweep`. Raises InputError for
    what has nothing to wait for (E507), too few replications (E503), and as `sweep` does.
    """
    rolled = _rolled_out(scenario)
    fewest = fewest_runs(share)
    if replications is not None and replications < fewest:
        message = f"{replications:,} rollouts are too few to say what {share_text(share)} of them keep"
        expected = f"at least {fewest:,}"
        raise InputError(Diagnostic(code="E503", message=message, file="--replications", expected=expected))
    uncounted = tuple(name for name, one in rolled.items() if one.after.progress_deadline_seconds is None)
    counted = replace(scenario, deployments=tuple(map(_with_deadline, scenario.deployments)))
    if replications is not None:
        how |= {"replications": replications}
    else:
        bounding = BLOCK * 2 ** math.ceil(math.log2(max(1.0, fewest / BLOCK)))
        most = min(MOST_RUNS, bounding * (_MORE if len(rolled) == 1 else _MORE_OF_SEVERAL))
        how |= {"enough": partial(enough, share=share), "most": most}
    if len(rolled) > 1:
        samples = _several(counted, tuple(rolled), **how)
        runs = {name: sample.runs for name, sample in samples.items()}
        return Waits(rolled, runs, {}, uncounted, list(samples.values()))
    ((name, rollout),) = rolled.items()
    now = rollout.after.replicas
    counts = _ladder(scenario, now) if replicas is None else _checked(replicas)
    plan = _plan(counted, name, [count for count in counts if count != now])
    sample = sweep(plan, **how)
    by_strategy = {int(str(number)): runs for number, runs in sample.runs.groupby("strategy")}
    others = {int(dict(s.settings)["replicas"]): by_strategy[s.number] for s in plan.strategies[1:]}
    return Waits(rolled, {name: by_strategy[0]}, others, uncounted, [sample])


def _rolled_out(scenario: Scenario) -> dict[str, Rollout]:
    """Return the last rollout of each Deployment that has one, by its name."""
    found = {one.after.name: one for one in rollouts_of(scenario.deployments, scenario.steps)}
    if not found:
        message = "there is no rollout to wait for"
        raise InputError(_nothing(scenario, message, "manifests about to be applied"))
    for name, rollout in found.items():
        one = rollout.after
        whose = f"Deployment {one_line(name, 60)}"
        if one.replicas == 0:
            raise InputError(_nothing(scenario, f"{whose} has no replicas to wait for", "1 replica or more"))
        if one.paused and _is_plain(scenario):
            message = f"{whose} is paused: its rollout is never complete"
            raise InputError(_nothing(scenario, message, "paused: false"))
    late = next((step.timing.at_s for step in scenario.steps if step.timing.at_s != 0), 0.0)
    if len(found) > 1 and late != 0:
        message = "the Deployments of a release are changed together, and these are not"
        raise InputError(_nothing(scenario, message, "manifests, or steps at 0 s alone"))
    return found


def _nothing(scenario: Scenario, message: str, expected: str) -> Diagnostic:
    return Diagnostic(code="E507", message=message, file=scenario.source or None, expected=expected)


def _is_plain(scenario: Scenario) -> bool:
    return all(isinstance(step, TemplateStep) for step in scenario.steps)


def _with_deadline(one: Deployment) -> Deployment:
    # Without a deadline nothing is written down of when there was progress.
    if one.progress_deadline_seconds is not None:
        return one
    deadline_s = max(_DEADLINE_S, one.min_ready_seconds + 1)
    return deployment_from(strategic_merge(one.document, {"spec": {"progressDeadlineSeconds": deadline_s}}))


def _ladder(scenario: Scenario, replicas: int) -> list[int]:
    if not _is_plain(scenario) or len(scenario.all_deployments) > 1:
        return []
    counts = sorted({max(1, int(replicas * share)) for share in _LADDER})
    return [count for count in counts if count <= _LADDER_ENDS]


def _checked(replicas: Sequence[int]) -> list[int]:
    wrong = next((one for one in replicas if not 1 <= one <= MOST_REPLICAS), None)
    if wrong is None and len(replicas) <= _MOST_COUNTS:
        return sorted(set(replicas))
    expected = f"at most {_MOST_COUNTS} whole numbers from 1 to {MOST_REPLICAS:,}"
    found = f"{len(replicas)} of them" if wrong is None else str(wrong)
    message = "these are no numbers of replicas"
    raise InputError(
        Diagnostic(code="E507", message=message, file="--replicas", found=found, expected=expected)
    )


def _plan(scenario: Scenario, name: str, counts: Sequence[int] = ()) -> Plan:
    """Return the plan that has the scenario as its first strategy, and then other numbers of replicas."""
    points: list[Point] = [(("replicas", str(count)),) for count in counts]
    others = plan_sweep(scenario, points, name) if points else None
    # All of them are watched as long as the one that takes longest.
    base = others.bases[0] if others is not None else scenario
    strategies = [Strategy(0, 0, (), "as it is", base.digest)]
    for one in others.strategies if others is not None else ():
        strategies.append(replace(one, number=len(strategies)))
    return Plan((base,), ("replicas",) if points else (), tuple(strategies), deployment=name, now=0)


def _several(scenario: Scenario, names: Sequence[str], **how: Any) -> dict[str, Sample]:
    """Return a sample of each of several Deployments, all of the same replications: these have the same luck
    whichever Deployment is measured.
    """
    samples = {name: sweep(_plan(scenario, name), **how) for name in names}
    most = max(len(sample.runs) for sample in samples.values())
    how = {key: value for key, value in how.items() if key not in ("enough", "most", "replications")}
    return {
        name: sample if len(sample.runs) == most else sweep(_plan(scenario, name), most, **how)
        for name, sample in samples.items()
    }
