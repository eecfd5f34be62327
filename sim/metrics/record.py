"""One Deployment's rows of a trace: what it was asked for, its ReplicaSets, its pods, its step functions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.metrics.asked import Asked, asked_for, version_names
from sim.metrics.progress import Condition, conditions
from sim.metrics.steps import Floats, Steps, common_times, last_of_each_time, step_at
from sim.trace import Table, Trace

SERIES = ("available", "counted", "ready", "pods", "physical", "desired", "ceiling", "floor", "updated")


@dataclass(frozen=True, slots=True)
class Generation:
    """One ReplicaSet, which stands for a version: the revisions that it carried, each (since when, number),
    its images, and what the version is called.
    """

    replicaset: str
    revisions: tuple[tuple[float, int], ...]
    image: str
    version: str

    @property
    def revision(self) -> int:
        """The last revision that it carried."""
        return self.revisions[-1][1]


class Record:
    """A read-only view of one Deployment in one trace; everything is computed on first use and kept.

    ``deployment`` None is the trace's first one. Raises ValueError when the trace has no such Deployment.
    """

    def __init__(self, trace: Trace, deployment: str | None = None) -> None:
        names = trace.deployments()
        if deployment is None and names:
            deployment = names[0]
        if deployment is None or deployment not in names:
            known = ", ".join(names) or "none"
            raise ValueError(f"no Deployment {deployment or ''!r} in this trace (known: {known})")
        self.trace, self.deployment = trace, deployment

    def _rows(self, name: str) -> Table:
        """Return the table's rows of this Deployment; uncopied when that is the whole table."""
        table = self.trace.tables[name]
        owners = table["deployment"]
        if owners.count(self.deployment) == len(owners):
            return table
        rows = [i for i, owner in enumerate(owners) if owner == self.deployment]
        return {column: [values[i] for i in rows] for column, values in table.items()}

    @cached_property
    def _replicaset_rows(self) -> Table:
        return self._rows("replicasets")

    @cached_property
    def deployment_rows(self) -> Table:
        """The rows of this Deployment's status."""
        return self._rows("deployments")

    @cached_property
    def _limit_rows(self) -> Table:
        return self._rows("limits")

    @cached_property
    def specs(self) -> Table:
        """The rows of what was asked of this Deployment."""
        return self._rows("specs")

    @cached_property
    def conditions(self) -> list[Condition]:
        """What the Progressing condition said (see `progress.conditions`)."""
        return conditions(self.deployment_rows)

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """The rollouts that this Deployment was asked for, in order of time."""
        return asked_for(self.specs)

    @cached_property
    def steps(self) -> tuple[tuple[float, str], ...]:
        """(time_s, message) of every change that the scenario made to this Deployment."""
        events = self.trace.tables["events"]
        rows = zip(events["time_s"], events["kind"], events["object"], events["message"], strict=True)
        return tuple(
            (float(time_s), str(message))
            for time_s, kind, name, message in rows
            if kind == "step" and str(name).rsplit("/", 1)[-1] == self.deployment
        )

    @cached_property
    def commands(self) -> tuple[tuple[float, str], ...]:
        """(time_s, line) of everything that was typed, in order of time."""
        table = self.trace.tables.get("commands") or {"started_s": [], "command": []}
        return tuple(zip(map(float, table["started_s"]), map(str, table["command"]), strict=True))

    @cached_property
    def began_s(self) -> float:
        """When this Deployment was first changed, or created: the trace's start when it never was."""
        moments = [asked.began_s for asked in self.asked[:1]] + [time_s for time_s, _ in self.steps[:1]]
        return min(moments, default=self.trace.started_s)

    @cached_property
    def names(self) -> dict[str, str]:
        """What the version of each ReplicaSet is called (see `version_names`)."""
        images = {str(rs): str(image) for rs, image in zip(*self._named, strict=True)}
        for asked in self.asked:
            images.setdefault(asked.replicaset, asked.image)
        first = {g: self._revisions[g][0][1] for g in self._revisions}
        return version_names(images, first)

    @property
    def _named(self) -> tuple[list[str], list[str]]:
        rows = self._replicaset_rows
        return rows["replicaset"], rows["image"]

    @cached_property
    def _revisions(self) -> dict[str, tuple[tuple[float, int], ...]]:
        """Return the revisions of every ReplicaSet with the moments since when it carried them."""
        names, owner = self._owners
        times, revisions = self._array("replicasets", "time_s"), self._array("replicasets", "revision")
        found = {}
        for i, name in enumerate(names):
            rows = np.flatnonzero(owner == i)
            new = rows[np.append(True, revisions[rows][1:] != revisions[rows][:-1])]
            found[name] = tuple(zip(times[new].tolist(), map(int, revisions[new].tolist()), strict=True))
        return found

    @cached_property
    def _owners(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """Return the ReplicaSets' names in order of appearance, and every row's number among them."""
        column = self._replicaset_rows["replicaset"]
        number = {name: i for i, name in enumerate(dict.fromkeys(column))}
        return tuple(number), np.fromiter(map(number.__getitem__, column), dtype=np.int64, count=len(column))

    @cached_property
    def _arrays(self) -> dict[tuple[str, str], Floats]:
        return {}

    def _array(self, name: str, column: str) -> Floats:
        """Return a numeric column of this Deployment's rows, converted only once."""
        if (name, column) not in self._arrays:
            rows = {
                "replicasets": lambda: self._replicaset_rows,
                "deployments": lambda: self.deployment_rows,
                "limits": lambda: self._limit_rows,
                "pods": lambda: self.pods,
            }[name]()
            self._arrays[name, column] = np.array(rows[column], dtype=np.float64)
        return self._arrays[name, column]

    def status(self, column: str) -> Steps:
        """Return a column of the Deployment's status as a step function."""
        return last_of_each_time(self._array("deployments", "time_s"), self._array("deployments", column))

    @cached_property
    def generations(self) -> tuple[Generation, ...]:
        """The ReplicaSets in order of appearance: the versions, whatever revisions they carry later."""
        images = dict(zip(*self._named, strict=True))
        return tuple(
            Generation(name, revisions, str(images[name]), self.names[name])
            for name, revisions in self._revisions.items()
        )

    def counts(self, column: str, replicaset: str | None = None) -> Steps:
        """Return a column of the ReplicaSets' rows as steps: of one ReplicaSet, or the sum over all."""
        names, owner = self._owners
        if not names:
            return np.array([self._first_s]), np.zeros(1)
        times, values = self._array("replicasets", "time_s"), self._array("replicasets", column)
        if replicaset is not None:
            mine = owner == names.index(replicaset)
            return _zero_before(*last_of_each_time(times[mine], values[mine]), self._first_s)
        # Each row replaces the previous one of its ReplicaSet, so the sum moves by the difference.
        order = np.argsort(owner, kind="stable")
        previous = np.zeros_like(values)
        same = owner[order][1:] == owner[order][:-1]
        previous[order[1:][same]] = values[order[:-1][same]]
        return last_of_each_time(times, np.cumsum(values - previous))

    @property
    def _first_s(self) -> float:
        return float(self.deployment_rows["time_s"][0])

    @cached_property
    def pods(self) -> Table:
        """Return the rows of the ``pods`` table that belong to this Deployment, in order of creation."""
        table = self.trace.tables["pods"]
        mine = {generation.replicaset for generation in self.generations}
        if mine.issuperset(table["replicaset"]):
            return table
        rows = [i for i, replicaset in enumerate(table["replicaset"]) if replicaset in mine]
        return {column: [values[i] for i in rows] for column, values in table.items()}

    def column(self, name: str) -> Floats:
        """Return a column of moments of `pods` in seconds, nan where the moment never came."""
        return self._array("pods", name)

    @cached_property
    def _series(self) -> dict[str, Steps]:
        return {}

    def series(self, name: str) -> Steps:
        """Return a step function by its name in SERIES, in pods. ValueError for another name."""
        if name not in SERIES:
            raise ValueError(f"no series {name!r} (known: {', '.join(SERIES)})")
        if name not in self._series:
            self._series[name] = self._build(name)
        return self._series[name]

    def _build(self, name: str) -> Steps:
        if name in ("available", "ready", "counted"):
            return self.counts("current" if name == "counted" else name)
        if name == "physical":
            return self._between("created_s", "gone_s")
        if name == "pods":
            return self._between("created_s", "deleted_s")
        if name in ("ceiling", "floor"):
            return last_of_each_time(self._array("limits", "time_s"), self._array("limits", name))
        return self.status(name)

    def _between(self, first: str, last: str) -> Steps:
        """Return how many pods have had their moment ``first``, and not yet ``last``."""
        created, gone = self.column(first), self.column(last)
        created, gone = created[~np.isnan(created)], gone[~np.isnan(gone)]
        times = np.unique(np.concatenate((created, gone, [self._first_s])))
        born = np.searchsorted(np.sort(created), times, side="right")
        left = np.searchsorted(np.sort(gone), times, side="right")
        return times, (born - left).astype(np.float64)

    def sampled(self, *names: str) -> tuple[Floats, list[Floats]]:
        """Return several series on the moments they have in common."""
        functions = [self.series(name) for name in names]
        grid = common_times(*functions)
        return grid, [step_at(times, values, grid) for times, values in functions]


def _zero_before(times: Floats, values: Floats, first_s: float) -> Steps:
    """Return the counts of a ReplicaSet with the 0 they have before it exists."""
    if times.size and times[0] <= first_s:
        return times, values
    return np.concatenate(([first_s], times)), np.concatenate(([0.0], values))
