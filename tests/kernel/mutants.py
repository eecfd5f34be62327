"""The kernel as plain Python, with one thing changed: is the change seen? For processes without the compiler.

``python -m tests.kernel.mutants NAME`` exits with 1 when model and kernel differ, and says where.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from sim.engine.kernel import chance, clock, compiled, replicasets, rollouts, rules, tally
from sim.engine.kernel.layout import SERIAL_BITS, W_FROM, W_SERIAL
from sim.spec.scenario import Scenario, load
from tests.kernel.twins import difference
from tests.properties.questions import questions

MODULES = [
    import_module(f"sim.engine.kernel.{path.stem}")
    for path in compiled.FOLDER.glob("*.py")
    if path.stem not in compiled.NOT_COMPILED
]
SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def swap(module: ModuleType, name: str, other: Callable[..., Any]) -> Callable[..., Any]:
    """Put another function in place of one, wherever it is imported; return the first one."""
    old: Callable[..., Any] = getattr(module, name)
    for place in MODULES:
        if getattr(place, name, None) is old:
            setattr(place, name, other)
    return old


def mutate(name: str) -> None:
    """Change one thing."""
    if name == "tie-break":  # the UIDs' order is turned round
        old = swap(replicasets, "uid", lambda pod, salt: -old(pod, salt))
    elif name == "victim":  # pods that restarted more often go last, and of equals the youngest
        old = swap(
            replicasets,
            "rank_key",
            lambda m, rule, pod: -old(m, rule, pod) if rule in (1, 3) else old(m, rule, pod),
        )
    elif name == "stage":  # a pod has its neighbour's luck
        old = swap(chance, "luck", lambda m, template, stage, ordinal: old(m, template, stage, ordinal ^ 1))
    elif name == "bucket":  # the bucket holds one token less
        old = swap(
            clock, "reserve", lambda m, tokens, interval, slack: old(m, tokens, interval, slack - interval)
        )
    elif name == "order":  # what happens in this instant happens before what was due
        swap(clock, "push", _push_first)
    elif name == "probe":  # a probe's grid begins a microsecond late
        ready = rules.grid_ready
        rules.grid_ready = lambda up, started, origin, *rest: ready(up, started, origin + 1, *rest)
    elif name == "slow-start":  # batches triple
        rules.slow_start_next = lambda batch, left: min(3 * batch, left)
    elif name == "deadline":  # the deadline is a tenth longer
        late = rules.timed_out
        rules.timed_out = lambda has, reason, last, deadline, now: late(
            has, reason, last, 1.1 * deadline, now
        )
    elif name == "serial":  # of two events of one instant the later one comes first
        swap(clock, "push", _push_last)
    elif name == "undo":  # a template that comes back is taken for one that is asked for anew
        asked = swap(
            rollouts, "asked_for", lambda m, template: (m.__setitem__(W_FROM, -1), asked(m, template))
        )
    elif name == "gap":  # no time without progress is noted
        swap(tally, "note_gap", lambda m, now: None)
    elif name == "window":  # what is measured ends a moment late
        ended = swap(tally, "end_window", lambda m, end: ended(m, end + 1))
    elif name == "stamp":  # times are cut to seconds of another clock
        old = swap(clock, "stamp", lambda m, now: old(m, now + 500_000))


_push = clock.push


def _push_first(m: Any, delay: int, kind: int, a: int, b: int) -> None:
    if delay == 0:
        clock.first_of_all(m, kind, a, b)
    else:
        _push(m, delay, kind, a, b)


def _push_last(m: Any, delay: int, kind: int, a: int, b: int) -> None:
    serial = m[W_SERIAL]
    m[W_SERIAL] = (1 << SERIAL_BITS) - 2 - serial
    _push(m, delay, kind, a, b)
    m[W_SERIAL] = serial + 1


def main(name: str) -> int:
    """Play the scenarios; return the exit code."""
    mutate(name)
    for number in ("01-first-rollout", "13-scaling-mid-rollout", "19-which-strategy"):
        found = difference(load(SCENARIOS / f"{number}.yaml"), (0,))
        if found is not None:
            print(f"{number}: {found}")
            return 1

    @seed(7)
    @settings(
        max_examples=80,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
    )
    @given(questions(6))
    def play(scenario: Scenario) -> None:
        found = difference(scenario, (1,))
        assert found in (None, "left to the model"), found

    try:
        play()
    except AssertionError as error:
        print(str(error)[:2000])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
