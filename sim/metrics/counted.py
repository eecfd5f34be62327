"""The measures of rollouts that the kernel played: its whole numbers as the columns of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel import layout as at
from sim.metrics.outcome import Ending

SECOND = 1_000_000
# By the kernel's numbers IS_COMPLETE, IS_ROLLED_BACK …
OUTCOMES = np.array(
    ["complete", "rolled_back", "stuck", "paused", "running", "scaled", "unchanged"], dtype=object
)
Ints = NDArray[np.int64]


def counted_measures(
    rows: Ints, means: NDArray[np.float64], horizon_s: float, pod_name: Callable[[Ints], str]
) -> dict[str, NDArray[Any]]:
    """Return a column a measure, with the values that `measures.measure_rollout` finds in the traces.

    ``rows``: a row a rollout, a column each of `layout`'s words X_…; ``means``: mean availability, 0..1.
    ``pod_name`` returns the name of the pod in a crash loop that a row tells of.
    """
    start = rows[:, at.X_START]

    def since(word: int) -> NDArray[np.float64]:
        moment = rows[:, word]
        return np.where(moment == at.NEVER, np.inf, np.maximum(moment - start, 0) / SECOND)

    def seconds(word: int) -> NDArray[np.float64]:
        return rows[:, word] / SECOND

    complete = rows[:, at.X_COMPLETED] != at.NEVER
    exceeded = since(at.X_DEADLINE)
    outcomes = OUTCOMES[rows[:, at.X_OUTCOME]]
    reasons = np.full(len(rows), "", dtype=object)
    for i in np.flatnonzero(~complete):
        reasons[i] = _ending(rows[i], float(exceeded[i]), horizon_s, pod_name).reason()
    return {
        "outcome": outcomes,
        "complete": complete,
        "duration_s": since(at.X_COMPLETED),
        "drained_s": since(at.X_DRAINED),
        "first_available_s": since(at.X_FIRST_AVAILABLE),
        "enough_ready_s": since(at.X_ENOUGH),
        "min_availability": rows[:, at.X_LEAST_A] / rows[:, at.X_LEAST_D],
        "mean_availability": np.array([round(mean, 9) for mean in means.tolist()]),
        "below_desired_s": seconds(at.X_BELOW),
        "below_floor_s": seconds(at.X_BELOW_FLOOR),
        "min_ready": rows[:, at.X_LEAST_READY].copy(),
        "peak_pods": rows[:, at.X_MOST_PODS].copy(),
        "peak_physical": rows[:, at.X_MOST_PHYSICAL].copy(),
        "extra_pod_s": seconds(at.X_EXTRA),
        "deepest_dip": rows[:, at.X_DEEPEST].copy(),
        "longest_dip_s": seconds(at.X_LONGEST_DIP),
        "stuck": outcomes == "stuck",
        "stuck_reason": reasons,
        "longest_gap_s": np.where(rows[:, at.X_GAP] == at.NEVER, np.nan, seconds(at.X_GAP)),
        "deadline_exceeded_s": exceeded,
    }


def _ending(row: Ints, exceeded_after_s: float, horizon_s: float, pod_name: Callable[[Ints], str]) -> Ending:
    looping = int(row[at.X_LOOPING])
    return Ending(
        outcome=OUTCOMES[row[at.X_OUTCOME]],
        exceeded_after_s=exceeded_after_s,
        paused=bool(row[at.X_PAUSED]),
        horizon_s=horizon_s,
        quiet=bool(row[at.X_QUIET]),
        never_ready=int(row[at.X_NEVER_READY]),
        looping=looping,
        restarts=int(row[at.X_RESTARTS]),
        whose=pod_name(row) if looping == 1 else "",
    )
