"""Whole rollouts: a family of recordings of one scenario beside simulated replications of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine import simulate
from sim.recorded import load_recording, trace_from_recording
from sim.spec.profile import Profile
from sim.spec.recording import scenario_from_recording
from sim.spec.scenario import override
from sim.validate.distance import KINDS, Change, Course, apart, course

REAL_NOISE = 1.5  # a simulated run may be so many times as far from the real ones as they are from each other
LEAST_LIMIT = 0.01  # of any distance: below it the recorder's own watch is what differs
DURATION_S, DURATION_SHARE = 0.3, 0.03
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 1.0)  # of the pods, whose creation is shown beside the recorded one
_REPEAT = re.compile(r"(.+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Gap:
    """One kind of distance: the largest ``between`` real runs, the ``simulated`` median, its ``limit``."""

    between: float
    simulated: float
    limit: float

    @property
    def passed(self) -> bool:
        """Whether the simulated runs are near enough."""
        return self.simulated <= self.limit


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one family. Durations: seconds from the update to the last change of a ReplicaSet.

    ``equal``: how many replications took exactly the steps of one of the real runs. ``late_s``: of those, the
    largest difference in time of equal steps (median over replications), None without any. ``differs``: else
    the first step in which the nearest replication differs, (number, real, simulated).
    """

    name: str
    files: tuple[str, ...]
    desired: int
    gaps: Mapping[str, Gap]
    real_s: tuple[float, ...]
    simulated_s: tuple[float, ...]
    equal: int
    late_s: float | None
    differs: tuple[int, Change | None, Change | None] | None
    real: tuple[Course, ...]
    simulated: tuple[Course, ...]

    @property
    def median_s(self) -> float:
        """The median simulated duration."""
        return float(np.median(self.simulated_s))

    @property
    def nearest_s(self) -> float:
        """The real duration that is nearest to it."""
        return min(self.real_s, key=lambda one: abs(one - self.median_s))

    @property
    def reasons(self) -> list[str]:
        """What is too far apart, in words; empty when the simulation is as true as a second run."""
        found = [
            f"{kind} pods are {gap.simulated:.4f} apart, more than {gap.limit:.4f}"
            for kind, gap in self.gaps.items()
            if not gap.passed
        ]
        limit_s = max(DURATION_S, DURATION_SHARE * self.nearest_s)
        if abs(self.median_s - self.nearest_s) > limit_s:
            found.append(f"it takes {self.median_s:.2f} s, and really {self.nearest_s:.2f} s")
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, fit for strict JSON."""
        quantiles = np.quantile(self.simulated_s, [0.05, 0.5, 0.95]).round(6).tolist()
        return {
            "verdict": "fail" if self.reasons else "pass",
            "reason": "; ".join(self.reasons),
            "files": list(self.files),
            "desired": self.desired,
            "replications": len(self.simulated),
            "duration_s": {
                "real": [round(one, 6) for one in self.real_s],
                "simulated": dict(zip(("p5", "median", "p95"), quantiles, strict=True)),
            },
            "distances": {
                kind: {"between_real": gap.between, "simulated": gap.simulated, "limit": gap.limit}
                for kind, gap in self.gaps.items()
            },
            "created_s": {
                "share": list(SHARES),
                "real": [_quantiles(one) for one in self.real],
                "simulated_median": np.median([_quantiles(one) for one in self.simulated], axis=0).tolist(),
            },
            "steps": {
                "real": [list(change) for change in self.real[0].changes],
                "equal_replications": self.equal,
                "largest_difference_s": self.late_s,
                "first_difference": None
                if self.differs is None
                else {"step": self.differs[0], "real": self.differs[1], "simulated": self.differs[2]},
            },
        }


def _quantiles(one: Course) -> list[float]:
    """Return when each of SHARES of the pods that came after the update was created, in seconds after it."""
    if not one.created.size:
        return [0.0] * len(SHARES)
    return [float(one.created[max(0, round(share * one.created.size) - 1)].round(6)) for share in SHARES]


def families(paths: Iterable[str]) -> dict[str, list[str]]:
    """Return recordings by name, repeats (NAME.1.json, …) with their first."""
    found: dict[str, list[str]] = {}
    for path in sorted(paths, key=lambda path: (Path(path).stem, path)):
        stem = Path(path).stem
        match = _REPEAT.fullmatch(stem)
        found.setdefault(match.group(1) if match else stem, []).append(path)
    # The first recording is the one without a number.
    return {name: sorted(files, key=lambda file: Path(file).stem != name) for name, files in found.items()}


def validate(
    name: str,
    files: Sequence[str],
    replications: int = 60,
    *,
    seed: int | None = None,
    profile: Profile | None = None,
    settings: Sequence[str] = (),
) -> Report:
    """Compare the recordings of one scenario with simulated replications of the first of them.

    ``profile`` and ``settings`` (such as "control_plane.qps=0") change the simulated cluster. Raises
    InputError.
    """
    recordings = [load_recording(file) for file in files]
    pairs = zip(recordings, files, strict=True)
    real = [course(trace_from_recording(one, file), float(one["update_started"])) for one, file in pairs]
    scenario = scenario_from_recording(recordings[0], files[0], profile)
    if settings:
        scenario = override(scenario, settings)
    origin_s = float(recordings[0]["update_started"])
    simulated = [
        course(simulate(scenario, seed, replication), origin_s) for replication in range(replications)
    ]
    desired = sum(d.replicas for d in scenario.all_deployments)
    return compare(name, files, desired, real, simulated)


def compare(
    name: str, files: Sequence[str], desired: int, real: list[Course], simulated: list[Course]
) -> Report:
    """Return the report on real runs and simulated ones of the same scenario, of ``desired`` pods."""
    gaps = {}
    for kind in KINDS:
        between = max((apart(a, b, kind, desired) for a, b in combinations(real, 2)), default=0.0)
        means = [np.mean([apart(one, other, kind, desired) for other in real]) for one in simulated]
        limit = max(REAL_NOISE * between, LEAST_LIMIT)
        gaps[kind] = Gap(round(between, 6), round(float(np.median(means)), 6), round(limit, 6))
    equal, late = 0, []
    for one in simulated:
        same = [other for other in real if _steps(other) == _steps(one)]
        equal += bool(same)
        late += [min(_late(one, other) for other in same)] if same else []
    return Report(
        name=name,
        files=tuple(Path(file).name for file in files),
        desired=desired,
        gaps=gaps,
        real_s=tuple(one.until_s for one in real),
        simulated_s=tuple(one.until_s for one in simulated),
        equal=equal,
        late_s=round(float(np.median(late)), 6) if late else None,
        differs=None
        if equal
        else max((_differs(real[0], one) for one in simulated), key=lambda found: found[0]),
        real=tuple(real),
        simulated=tuple(simulated),
    )


def _steps(one: Course) -> list[tuple[int, int]]:
    return [(revision, desired) for _, revision, desired in one.changes]


def _late(one: Course, other: Course) -> float:
    pairs = zip(one.changes, other.changes, strict=True)
    return max((abs(a[0] - b[0]) for a, b in pairs), default=0.0)


def _differs(real: Course, one: Course) -> tuple[int, Change | None, Change | None]:
    """Return the first step in which a simulated run differs: its number from 1, and both steps."""
    length = max(len(real.changes), len(one.changes))
    for number in range(length):
        a = real.changes[number] if number < len(real.changes) else None
        b = one.changes[number] if number < len(one.changes) else None
        if a is None or b is None or a[1:] != b[1:]:
            return number + 1, a, b
    return length + 1, None, None
