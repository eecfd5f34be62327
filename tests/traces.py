"""Synthetic traces for tests: pods' lives are given (or come from a toy roll-out), every table is derived
from them.

Also turns recordings of a real control plane (tests/recorded/) into traces. Nothing here imports the engine,
so that what reads traces is tested on its own.
"""

from __future__ import annotations

import heapq
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.trace import COLUMNS, Provenance, Table, Trace

NAN = math.nan
_MOMENTS = (
    "created_s",
    "scheduled_s",
    "pulled_s",
    "running_s",
    "ready_s",
    "available_s",
    "deleted_s",
    "gone_s",
)
RECORDED = Path(__file__).parent / "recorded"
PROVENANCE = Provenance("0.1.0", "made-up", "0123456789ab", 1, 0, "toy", "1.30", "none")
IMAGES = ("qinchaowhut/allen:v1", "qinchaowhut/allen:v2", "qinchaowhut/allen:v3")


@dataclass
class Life:
    """One pod's moments in seconds, nan where they never came; `crashes` are (crashed, running again)."""

    revision: int
    created_s: float = 0.0
    scheduled_s: float = 0.0
    pulled_s: float = 0.0
    running_s: float = 0.0
    ready_s: float = 0.0
    available_s: float = 0.0
    deleted_s: float = NAN
    gone_s: float = NAN
    unready: tuple[tuple[float, float], ...] = ()
    crashes: tuple[tuple[float, float], ...] = ()
    name: str = ""

    def states(self) -> list[tuple[float, str]]:
        """Return (time, state) in order, only the last of several at one moment."""
        rows = [
            (self.created_s, 0, "pending"),
            (self.scheduled_s, 1, "pulling"),
            (self.pulled_s, 2, "starting"),
            (self.running_s, 3, "unready"),
            (self.ready_s, 4, "ready"),
            (self.available_s, 5, "available"),
        ]
        rows += [(at, 6, "unready") for at, _ in self.unready]
        rows += [(back, 7, "available") for _, back in self.unready]
        rows += [(at, 6, "crashed") for at, _ in self.crashes]
        rows += [(back, 7, "unready") for _, back in self.crashes]
        # What would have come after the deletion never does.
        rows = [row for row in rows if not math.isnan(row[0]) and not row[0] >= self.deleted_s]
        rows += [(self.deleted_s, 8, "terminating"), (self.gone_s, 9, "gone")]
        last = {at: (order, state) for at, order, state in sorted(rows) if not math.isnan(at)}
        return [(at, state) for at, (_, state) in sorted(last.items())]


@dataclass
class Toy:
    """What a trace is made of: lives of pods, the Deployment's numbers, and what else was recorded."""

    lives: Sequence[Life]
    desired: int
    name: str = "testqc"
    surge: int = 1
    unavailable: int = 0
    started_s: float = 0.0
    ended_s: float | None = None
    horizon_s: float = 3600.0
    quiet: bool = True
    steps: Sequence[tuple[float, str]] = (
        (0.0, "image nodejs: qinchaowhut/allen:v1 -> qinchaowhut/allen:v2"),
    )
    deadline_s: float = NAN
    paused: bool = False
    last_reason: str = ""
    images: Sequence[str] = field(default=IMAGES)
    asked: Sequence[int] = ()  # the revisions that steps ask for, where they are not 1, 2, …


def replicaset_name(name: str, revision: int) -> str:
    """Return a name as Kubernetes makes them: the Deployment's and a hash."""
    return f"{name}-{('6fd65fb77b', '7ccd96d697', '5bc9f9d4d7', '84bb7f6c49')[revision - 1]}"


def build(*toys: Toy) -> Trace:
    """Return the trace of one or several Deployments."""
    tables = {name: {column: [] for column in columns} for name, columns in COLUMNS.items()}
    for toy in toys:
        _add(tables, toy)
    first = toys[0]
    last = max([0.0, *(at for t in toys for life in t.lives for at, _ in life.states())])
    ends = [toy.ended_s for toy in toys if toy.ended_s is not None]
    for table in tables.values():
        if "time_s" in table:
            order = sorted(range(len(table["time_s"])), key=lambda i, t=table: t["time_s"][i])  # type: ignore[misc]
            for column in table:
                table[column] = [table[column][i] for i in order]
    return Trace(PROVENANCE, tables, first.started_s, max(ends, default=last), first.horizon_s, first.quiet)


def _append(table: Table, *cells: Any) -> None:
    for values, cell in zip(table.values(), cells, strict=True):
        values.append(cell)


def _add(tables: dict[str, Table], toy: Toy) -> None:
    changes: list[tuple[float, int, str]] = []
    for number, life in enumerate(toy.lives):
        owner = replicaset_name(toy.name, life.revision)
        life.name = life.name or f"{owner}-{number:05x}"
        changes += [(at, number, state) for at, state in life.states()]
        moments = (life.created_s, life.scheduled_s, life.running_s, life.ready_s, life.available_s)
        image = toy.images[life.revision - 1]
        node = f"node-{number % 3:03d}"
        row = (life.name, owner, life.revision, image, node, *moments, life.deleted_s, life.gone_s)
        _append(tables["pods"], *row)
    changes.sort(key=lambda change: change[:2])
    for at, number, state in changes:
        _append(tables["states"], at, toy.lives[number].name, state)
    for at, text in toy.steps:
        _append(tables["events"], at, "step", toy.name, "Step", text)
    _append(
        tables["limits"], 0.0, toy.name, toy.desired, toy.desired + toy.surge, toy.desired - toy.unavailable
    )
    _add_specs(tables, toy)
    _add_counts(tables, toy, changes)


def _add_specs(tables: dict[str, Table], toy: Toy) -> None:
    """Derive what was asked for: the first revision, then the others as their steps come."""
    revisions = list(toy.asked or sorted({life.revision for life in toy.lives}))
    asked = [(0.0, revisions[0])]
    asked += list(zip((at for at, _ in toy.steps), revisions[1:], strict=False))
    if len(asked) < len(revisions):
        asked += [(toy.started_s, revision) for revision in revisions[len(asked) :]]
    for number, (at, revision) in enumerate(asked):
        name, image = replicaset_name(toy.name, revision), toy.images[revision - 1]
        paused = toy.paused and number == len(asked) - 1
        _append(tables["specs"], at, toy.name, "", name, image, toy.desired, toy.unavailable, paused)
    if toy.paused and len(asked) == 1:
        name, image = replicaset_name(toy.name, revisions[0] + 1), toy.images[revisions[0]]
        _append(tables["specs"], toy.started_s, toy.name, "", name, image, toy.desired, toy.unavailable, True)


def _add_counts(tables: dict[str, Table], toy: Toy, changes: list[tuple[float, int, str]]) -> None:
    """Derive the rows of the controllers and of a Service from the changes of the pods' states."""
    revisions = sorted({life.revision for life in toy.lives})
    counts = {revision: dict.fromkeys(("current", "ready", "available"), 0) for revision in revisions}
    state_of: dict[int, str] = {}
    seen: set[int] = set()
    previous: tuple[Any, ...] = ()
    moments = sorted(
        {at for at, _, _ in changes} | ({toy.deadline_s} if not math.isnan(toy.deadline_s) else set())
    )
    pending = list(reversed(changes))
    for at in moments:
        touched: set[int] = set()
        while pending and pending[-1][0] == at:
            _, number, state = pending.pop()
            revision = toy.lives[number].revision
            for sign, name in ((-1, state_of.get(number, "")), (1, state)):
                count = counts[revision]
                count["current"] += sign * (name not in ("", "terminating", "gone"))
                count["ready"] += sign * (name in ("ready", "available"))
                count["available"] += sign * (name == "available")
            state_of[number] = state
            touched.add(revision)
        seen |= touched
        for revision in sorted(touched):
            count, owner = counts[revision], replicaset_name(toy.name, revision)
            row = (count["current"], count["current"], count["ready"], count["available"])
            _append(tables["replicasets"], at, toy.name, owner, revision, toy.images[revision - 1], *row)
        previous = _deployment_row(tables, toy, at, counts, max(seen, default=1), previous)


def _deployment_row(
    tables: dict[str, Table],
    toy: Toy,
    at: float,
    counts: dict[int, dict[str, int]],
    newest: int,
    previous: tuple[Any, ...],
) -> tuple[Any, ...]:
    total = {key: sum(count[key] for count in counts.values()) for key in ("current", "ready", "available")}
    updated = 0 if toy.paused and at > toy.started_s else counts[newest]["current"]
    done = updated == toy.desired == total["current"] == total["available"]
    reason = "NewReplicaSetAvailable" if done else toy.last_reason or "ReplicaSetUpdated"
    status = "True"
    if at >= toy.deadline_s:
        status, reason = "False", "ProgressDeadlineExceeded"
    unavailable = max(0, toy.desired - total["available"])
    numbers = (toy.desired, total["current"], updated, total["ready"], total["available"], unavailable)
    row = (toy.name, *numbers, status, reason, NAN)
    if row != previous:
        _append(tables["deployments"], at, *row)
    if not previous or row[4] != previous[4]:
        _append(tables["endpoints"], at, f"{toy.name}-service", total["ready"])
    return row


def rolling(
    replicas: int,
    *,
    surge: int = 1,
    unavailable: int = 0,
    start_s: Sequence[float] = (2.0,),
    ready_s: Sequence[float] = (3.0,),
    stop_s: float = 1.0,
    min_ready_s: float = 0.0,
    bad: bool = False,
    rate: float = 20.0,
    **rest: Any,
) -> Trace:
    """Return a toy rolling update from revision 1 to 2: new pods while the ceiling allows, old ones away
    while the floor does.

    `start_s` and `ready_s` are cycled through by the new pods; `bad`: they never turn ready; `rate`:
    creations a second.
    """
    old = [Life(1) for _ in range(replicas)]
    new: list[Life] = []
    counted, available, oldest_left = replicas, replicas, replicas
    queue: list[tuple[float, int, str]] = [(0.02, 0, "look")]
    free_s, serial = 0.0, 0
    while queue:
        now, _, what = heapq.heappop(queue)
        if what == "available":
            available += 1
        while oldest_left and available > replicas - unavailable:
            life = old[oldest_left - 1]
            oldest_left -= 1
            life.deleted_s, life.gone_s = round(now + 0.01, 6), round(now + 0.01 + stop_s, 6)
            counted, available = counted - 1, available - 1
        while len(new) < replicas and counted < replicas + surge:
            free_s = max(now, free_s) + (1 / rate if len(new) > 30 else 0.003)
            life = _new_life(round(free_s, 6), len(new), start_s, ready_s, min_ready_s, bad)
            new.append(life)
            counted, serial = counted + 1, serial + 1
            if not bad:
                heapq.heappush(queue, (life.available_s, serial, "available"))
    return build(Toy([*old, *new], replicas, surge=surge, unavailable=unavailable, **rest))


def _new_life(
    at: float, number: int, start_s: Sequence[float], ready_s: Sequence[float], min_ready_s: float, bad: bool
) -> Life:
    start, ready = start_s[number % len(start_s)], ready_s[number % len(ready_s)]
    running = at + 0.01 + start
    turned = NAN if bad else round(running + ready, 6)
    return Life(
        2,
        at,
        round(at + 0.01, 6),
        round(at + 0.01 + start / 2, 6),
        round(running, 6),
        turned,
        round(turned + min_ready_s, 6),
    )


def recreate(
    replicas: int, *, stop_s: float = 3.0, start_s: float = 2.0, ready_s: float = 3.0, **rest: Any
) -> Trace:
    """Return a toy Recreate: every old pod away, then every new one at once."""
    old = [Life(1, deleted_s=0.05, gone_s=round(0.05 + stop_s + i / 100, 6)) for i in range(replicas)]
    begin = max(life.gone_s for life in old) + 0.02
    new = [
        _new_life(round(begin + i / 200, 6), i, (start_s,), (ready_s,), 0.0, False) for i in range(replicas)
    ]
    return build(Toy([*old, *new], replicas, surge=0, unavailable=replicas, **rest))


def recorded(name: str) -> Trace:
    """Return a recording of a real control plane as a trace; 0 is the moment at which its update began."""
    data = json.loads((RECORDED / f"{name}.json").read_text())
    zero = float(data["update_started"])
    strategy = data["scenario"]["manifests"][0]["spec"].get("strategy", {}).get("rollingUpdate", {})
    tables = {name: {column: [] for column in columns} for name, columns in COLUMNS.items()}

    def clock(moment: float | None) -> float:
        return NAN if moment is None else round(moment - zero, 6)

    revision = {row["rs"]: int(row["revision"]) for row in data["replicasets"] if row["revision"]}
    for row in _settled(data["replicasets"], "rs", clock):
        counts = (row["spec"], row["replicas"], row["ready"], row["available"])
        _append(
            tables["replicasets"], row["at"], "testqc", row["rs"], revision[row["rs"]], row["image"], *counts
        )
    for row in _settled(data["deployments"], "deployment", clock):
        numbers = [row[k] or 0 for k in ("spec", "replicas", "updated", "ready", "available", "unavailable")]
        condition = row["conditions"].get("Progressing", ["", ""])
        _append(tables["deployments"], row["at"], "testqc", *numbers, *condition, NAN)
    desired = tables["deployments"]["desired"][-1]
    up = _resolve(strategy.get("maxSurge", "25%"), desired, math.ceil)
    down = _resolve(strategy.get("maxUnavailable", "25%"), desired, math.floor)
    _append(tables["limits"], 0.0, "testqc", desired, desired + up, desired - down)
    states: list[tuple[float, str, str]] = []
    for pod in data["pods"]:
        keys = ("created", "scheduled", "scheduled", "running", "ready", "ready", "deleted", "gone")
        moments_of: Any = dict(zip(_MOMENTS, (clock(pod[key]) for key in keys), strict=True))
        life = Life(revision[pod["rs"]], **moments_of)
        states += [(at, pod["pod"], state) for at, state in _clipped(life.states())]
        moments = (life.created_s, life.scheduled_s, life.running_s, life.ready_s, life.available_s)
        pod_row = (
            pod["pod"],
            pod["rs"],
            life.revision,
            pod["image"],
            pod["node"],
            *moments,
            life.deleted_s,
            life.gone_s,
        )
        _append(tables["pods"], *pod_row)
    for state in sorted(states):
        _append(tables["states"], *state)
    for row in _settled(data["endpoints"], "endpoints", clock):
        ready = row["ready_count"] if row["ready"] is None else len(row["ready"])
        _append(tables["endpoints"], row["at"], row["endpoints"], ready)
    for action in data["scenario"]["actions"]:
        if not action.get("background"):
            _append(
                tables["events"], float(action["at"]), "step", "testqc", "Step", " ".join(action["kubectl"])
            )
    return Trace(PROVENANCE, tables, 0.0, clock(data["ended"]), clock(data["ended"]), False)


def _resolve(value: str | int, desired: int, rounded: Any) -> int:
    return int(rounded(int(value[:-1]) * desired / 100)) if isinstance(value, str) else value


def _settled(rows: Iterable[dict[str, Any]], key: str, clock: Any) -> list[dict[str, Any]]:
    """Return the rows from 0 on, beginning with each object's last state before that."""
    before: dict[str, dict[str, Any]] = {}
    after = []
    for row in rows:
        at = clock(row["t"])
        if at <= 0:
            before[row[key]] = {**row, "at": 0.0}
        else:
            after.append({**row, "at": at})
    return [*before.values(), *after]


def _clipped(states: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return a pod's states from 0 on, beginning with the last one before that."""
    before = [(0.0, state) for at, state in states if at <= 0][-1:]
    return before + [(at, state) for at, state in states if at > 0]
