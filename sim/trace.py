"""The event record of one rollout: its tables, its recorder's columns, its provenance.

A trace is what engines write and everything else reads; a recording of a real cluster is turned into one, so
that reality and simulation are measured by the same code. Times are seconds on the scenario's clock (0 is its
first moment; the initial state is recorded at 0), exact to the microsecond; ``nan`` in a pod's row is a
moment that never came.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: dict[str, tuple[str, ...]] = {
    # One row whenever one of its columns changed.
    "replicasets": (
        "time_s",
        "deployment",
        "replicaset",
        "revision",
        "image",
        "desired",
        "current",
        "ready",
        "available",
    ),
    # One row whenever one of its columns changed; the Progressing condition is "" where it is absent.
    "deployments": (
        "time_s",
        "deployment",
        "desired",
        "current",
        "updated",
        "ready",
        "available",
        "unavailable",
        "progressing_status",
        "progressing_reason",
        # The condition's lastUpdateTime, cut to the control plane's whole second; nan where it is not known.
        "last_update_s",
    ),
    # What is asked of a Deployment: one row at its beginning and whenever one of these changed. The
    # ReplicaSet is that of the template that is asked for, whether it was created or not; max_unavailable is
    # resolved to pods; reason is "", or "Created", "Undone" (kubectl rollout undo), "Deleted".
    "specs": (
        "time_s",
        "deployment",
        "reason",
        "replicaset",
        "image",
        "desired",
        "max_unavailable",
        "paused",
    ),
    # One row a pod, in order of creation; the first moment of each kind.
    "pods": (
        "pod",
        "replicaset",
        "revision",
        "image",
        "node",
        "created_s",
        "scheduled_s",
        "running_s",
        "ready_s",
        "available_s",
        "deleted_s",
        "gone_s",
    ),
    # One row whenever the number of ready addresses of a Service changed.
    "endpoints": ("time_s", "service", "ready"),
    # What was typed: one row a command, in order of its start. Not finished: finished_s nan, exit "".
    "commands": ("started_s", "finished_s", "command", "exit", "output"),
    # What happened in words: steps, commands, scaling, conditions, faults.
    "events": ("time_s", "kind", "object", "reason", "message"),
    # The strategy's own bounds: one row whenever they changed. ceiling = desired + maxSurge, floor = desired
    # - maxUnavailable.
    "limits": ("time_s", "deployment", "desired", "ceiling", "floor"),
    # One row whenever a pod's state changed: pending, pulling, starting, unready, ready, available,
    # terminating, crashed, gone.
    "states": ("time_s", "pod", "state"),
}

Table = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What reproduces a trace: equal provenance gives equal bytes."""

    version: str
    scenario: str
    digest: str
    seed: int
    replication: int
    engine: str
    kubernetes: str
    profile: str

    def as_dict(self) -> dict[str, str | int]:
        """Return the fields by name, in a fixed order."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that happened in one run.

    ``started_s``: when the first template changed (0 for a bare manifest). ``ended_s``: when the record ends,
    the horizon unless all is complete before; every step function keeps its last value up to there.
    ``quiet``: nothing was left to happen, but for a look at a progress deadline.
    """

    provenance: Provenance
    tables: dict[str, Table]
    started_s: float
    ended_s: float
    horizon_s: float
    quiet: bool

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table (a key of COLUMNS) as a DataFrame. Raises KeyError for an unknown name."""
        import pandas as pd

        return pd.DataFrame(self.tables[name], columns=list(COLUMNS[name]))

    def deployments(self) -> tuple[str, ...]:
        """Return the names of the Deployments on record, in order of appearance."""
        return tuple(dict.fromkeys(self.tables["deployments"]["deployment"]))

    def canonical(self) -> str:
        """Return the whole record as text, the same for equal traces on every machine."""

        def plain(value: Any) -> Any:
            return None if isinstance(value, float) and math.isnan(value) else value

        tables = {
            n: {c: [plain(v) for v in values] for c, values in t.items()} for n, t in self.tables.items()
        }
        head = {"provenance": self.provenance.as_dict(), "started_s": self.started_s, "ended_s": self.ended_s}
        return json.dumps(
            {**head, "quiet": self.quiet, "tables": tables}, sort_keys=True, separators=(",", ":")
        )
