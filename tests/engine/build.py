"""Small scenarios for the engine, written as a user would write them, and what to read off their traces."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from sim.engine.clock import SECOND, Clock
from sim.engine.model import Model
from sim.engine.queues import Work
from sim.spec.manifest import parse_manifests
from sim.spec.scenario import Scenario, load, scenario_from_manifests
from sim.trace import Trace

NAME = "web"
LABELS = {"app": NAME}


def deployment(
    replicas: int = 3,
    surge: int | str | None = None,
    unavailable: int | str | None = None,
    *,
    recreate: bool = False,
    container: dict[str, Any] | None = None,
    pod: dict[str, Any] | None = None,
    **spec: Any,
) -> dict[str, Any]:
    """Return a Deployment; ``container``, ``pod`` and ``spec`` add to it, in Kubernetes' own keys."""
    strategy: dict[str, Any] = {"type": "Recreate"}
    if not recreate:
        limits = {"maxSurge": surge, "maxUnavailable": unavailable}
        limits = {key: value for key, value in limits.items() if value is not None}
        strategy = {"type": "RollingUpdate"} | ({"rollingUpdate": limits} if limits else {})
    template = {
        "metadata": {"labels": LABELS},
        "spec": {"containers": [{"name": "main", "image": "web:v1"} | (container or {})]} | (pod or {}),
    }
    body = {"replicas": replicas, "selector": {"matchLabels": LABELS}, "strategy": strategy}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME},
        "spec": body | {"template": template} | spec,
    }


def service(name: str = "front", **spec: Any) -> dict[str, Any]:
    """Return a Service that selects the Deployment's pods."""
    body = {"selector": LABELS, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": body | spec}


def profile(
    *, kubernetes: str = "newest", nodes: int = 3, plane: Any = None, kubelet: Any = None, **more: Any
) -> dict[str, Any]:
    """Return a profile without chance: the control plane takes no time and a container 10 s to start.

    ``more``: stages of the pods' lives, ``faults``, ``images``, ``readiness``.
    """
    own: dict[str, Any] = {"base": "textbook", "kubernetes": kubernetes, "nodes": nodes}
    if plane is not None:
        own["control_plane"] = plane
    if kubelet is not None:
        own["kubelet"] = kubelet
    for key in ("images", "readiness"):
        if key in more:
            own[key] = more.pop(key)
    return own | ({"pods": more} if more else {})


def applied(
    manifest: dict[str, Any],
    cluster: dict[str, Any] | None = None,
    *more: dict[str, Any],
    horizon_s: float = 3600.0,
) -> Scenario:
    """Return the scenario in which ``manifest`` (and ``more`` objects) is about to be applied at 0 s."""
    text = "\n---\n".join(json.dumps(document) for document in (manifest, *more))
    return scenario_from_manifests(
        parse_manifests(text, "test.yaml"), cluster or profile(), horizon_s=horizon_s
    )


def stepped(
    manifest: dict[str, Any],
    steps: list[dict[str, Any]],
    cluster: dict[str, Any] | None = None,
    *more: dict[str, Any],
    horizon_s: float = 3600.0,
) -> Scenario:
    """Return the scenario in which ``manifest`` runs and ``steps`` happen to it."""
    document = {
        "name": "test",
        "manifests": [manifest, *more],
        "profile": cluster or profile(),
        "steps": steps,
        "horizon": horizon_s,
    }
    return load("-", stdin=io.BytesIO(json.dumps(document).encode()))


def rows(trace: Trace, table: str) -> list[SimpleNamespace]:
    """Return the rows of a table of the trace, each with its columns as attributes."""
    columns = trace.tables[table]
    return [
        SimpleNamespace(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)
    ]


def pods(trace: Trace, revision: int) -> list[SimpleNamespace]:
    """Return the pods of a revision in order of creation."""
    return [row for row in rows(trace, "pods") if row.revision == revision]


def sizes(trace: Trace) -> list[tuple[float, str, int]]:
    """Return every change of a ReplicaSet's size: (seconds, "old" or "new" or "third", size)."""
    table = rows(trace, "replicasets")
    names = dict(zip(dict.fromkeys(row.replicaset for row in table), ("old", "new", "third"), strict=False))
    last = {table[0].replicaset: table[0].desired}
    found = []
    for row in table:
        if last.get(row.replicaset) != row.desired:
            last[row.replicaset] = row.desired
            found.append((row.time_s, names[row.replicaset], row.desired))
    return found


class Stepper:
    """A model whose cluster is checked after every event.

    ``events``: how many there were. ``also``: called with the model after every one of them.
    """

    def __init__(self, scenario: Scenario, seed: int = 1, also: Any = None) -> None:
        self.model = Model(scenario, seed, 0)
        self.events = 0
        step = self.model.env.step

        def checked() -> None:
            step()
            self.events += 1
            self.model.cluster.check()
            if also is not None:
                also(self.model)

        self.model.env.step = checked  # type: ignore[method-assign]  # SimPy's run goes step by step

    def run(self) -> Trace:
        """Play the scenario to its end."""
        return self.model.run()


class Worker:
    """Something for a WorkQueue to do: each sync of a key takes as long as ``takes`` says, in microseconds.

    ``log``: (begin, end, key) of every sync. ``fails``: how many syncs of a key fail before one succeeds.
    """

    def __init__(self, env: Clock, takes: int = 0) -> None:
        self.env = env
        self.takes = takes
        self.fails: dict[Any, int] = {}
        self.log: list[tuple[int, int, Any]] = []
        self.running: list[Any] = []

    def sync(self, key: Any) -> Work:
        """Take some time over ``key``."""
        begin = self.env.now
        self.running.append(key)
        if self.takes:
            yield self.env.timeout(self.takes)
        self.running.remove(key)
        self.log.append((begin, self.env.now, key))
        if self.fails.get(key, 0) > 0:
            self.fails[key] -= 1
            return False
        return True

    def begins(self, key: Any) -> list[int]:
        """Return when each sync of ``key`` began."""
        return [begin for begin, _, k in self.log if k == key]


def ms(milliseconds: float) -> int:
    """Return milliseconds as the clock's microseconds."""
    return round(milliseconds * SECOND / 1000)


def hops(us: int = 0) -> Iterator[int]:
    """Return an endless stream of equal hops."""
    while True:
        yield us
