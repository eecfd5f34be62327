"""Whether what `rollsim timeouts` advises is kept: by 10,000 rollouts of another seed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim import load
from sim.api import Scenario

SHARE = "99.9%"
ROLLOUTS = 10_000
ALLOWED = 10  # of ROLLOUTS, at SHARE
OTHER_LUCK = 1_000_000
WIDEST = 1.25  # advised / the shortest figure that would have kept the share

_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  replicas: {replicas}
  minReadySeconds: {ready}
  strategy: {{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
        - name: app
          image: "{name}:v2"
          readinessProbe: {{httpGet: {{path: /, port: 80}}, periodSeconds: {period}}}
"""
_KEYS = ("name", "replicas", "ready", "surge", "unavailable", "period")
_ROWS: dict[str, tuple[tuple[object, ...], str, dict[str, str]]] = {
    "web": (("web", 3, 10, "25%", "25%", 5), "node", {}),
    "shop": (("shop", 40, 0, "25%", 0, 10), "jvm", {}),
    "search": (
        ("search", 10, 0, 0, 2, 5),
        "node",
        {"pods.ready": "{lognormal: {median: 8s, p95: 20s}}"},
    ),
}
DEPLOYMENTS = tuple(_ROWS)


class Kept(NamedTuple):
    """A time-out that was advised, in s; of ROLLOUTS of another seed how many break it; and the shortest one
    in s that no more than ALLOWED of them would have broken.
    """

    deployment: str
    seed: int
    what: str
    runs: int
    advised_s: int
    broken: int
    needed_s: float

    @property
    def margin(self) -> float:
        """How many times the shortest one it is."""
        return self.advised_s / self.needed_s

    @property
    def too_long(self) -> bool:
        """Whether it is more than a quarter longer than it had to be, where whole seconds allow less."""
        return self.margin > WIDEST and self.advised_s > np.ceil(self.needed_s)


def scenario(name: str) -> Scenario:
    """Return the scenario of one of DEPLOYMENTS."""
    import io

    values, profile, settings = _ROWS[name]
    text = _MANIFEST.format(**dict(zip(_KEYS, values, strict=True)))
    return load("-", profile=profile, stdin=io.BytesIO(text.encode())).set(settings)


def kept(name: str, seed: int, workers: int | None = 1) -> list[Kept]:
    """Return how what one seed advises is kept by the rollouts of another: the deadline, which those have as
    their own, too; `rollout status` (and Helm 4); Helm 3.
    """
    asked = scenario(name).set(seed=seed)
    advised = asked.timeouts(SHARE, replicas=(), workers=workers)
    deadline, status, helm3, _ = advised.rows
    limits = [600, deadline.advice.advised_s]
    judged = scenario(name).set(seed=seed + OTHER_LUCK)
    runs = judged.sweep(progressDeadlineSeconds=limits, replications=ROLLOUTS, workers=workers).runs
    free = runs[runs["strategy"] == 0]
    bound = runs[runs["strategy"] == 1]
    rows = []
    for row, measure in ((deadline, "longest_gap_s"), (status, "duration_s"), (helm3, "enough_ready_s")):
        taken = np.sort(free[measure].where(free["complete"], np.inf).to_numpy())
        if measure == "enough_ready_s":
            taken = np.ceil(taken / 2) * 2  # Helm 3 looks every 2 s
        limit_s = row.advice.advised_s
        assert limit_s is not None
        broken = int((taken > limit_s).sum())
        needed_s = float(taken[-ALLOWED - 1])
        rows.append(Kept(name, seed, row.what, row.advice.n, limit_s, broken, needed_s))
    exceeded = int(np.isfinite(bound["deadline_exceeded_s"]).sum())
    rows.insert(1, rows[0]._replace(what="deadline, set", broken=exceeded))
    return rows
