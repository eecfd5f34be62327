"""Time-outs that a share of the rollouts keep: what they are, why, and the lines that set them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim._version import __version__
from sim.api.documents import VERSION, rows_of
from sim.api.html import fragment, frame_html
from sim.api.waits import Waits
from sim.choose.timeouts import HELM3_LOOKS_S, advise, advise_each, latest, share_text, waits
from sim.choose.waiting import (
    DEADLINE,
    HELM3,
    HELM4,
    HELM_S,
    STATUS,
    TRIP,
    WHAT,
    Row,
    answer,
    commands,
    ready_words,
    reasons,
    worded,
)
from sim.errors import Diagnostic, InputError, one_line
from sim.spec.scenario import Scenario


class Timeouts:
    """The time-outs of a release that ``share`` of its rollouts keep."""

    def __init__(self, scenario: Scenario, share: float, found: Waits) -> None:
        """Raises InputError (E508) where the runs do not show that so many rollouts ever are complete."""
        self.scenario, self.share, self._found = scenario, share, found
        for name, runs in found.runs.items():
            self._check_complete(f"of Deployment {one_line(name, 60)}", [runs])
        self._check_complete("of the release", list(found.runs.values()))
        self.rows: tuple[Row, ...] = tuple(self._rows())

    def _check_complete(self, whose: str, several: Sequence[pd.DataFrame]) -> None:
        taken = latest([waits(runs, "duration_s") for runs in several])
        if math.isfinite(advise(taken, self.share).upper_s):
            return
        count, n = int(np.isfinite(taken).sum()), taken.size
        reasons = (runs.loc[~runs["complete"], "stuck_reason"] for runs in several)
        why = next(str(reason.iloc[0]) for reason in reasons if len(reason))
        message = f"{f'{count:,} of' if count else 'none of'} {n:,} rollouts {whose} are ever complete: {why}"
        expected = f"so many that {share_text(self.share)} surely are"
        file = self.scenario.source or None
        raise InputError(Diagnostic(code="E508", message=message, file=file, expected=expected))

    def _rows(self) -> list[Row]:
        found = self._found
        rows = []
        for name, rollout in found.rollouts.items():
            one = rollout.after
            now_s = None if name in found.uncounted else one.progress_deadline_seconds
            runs = found.runs[name]
            # What was simulated says it itself: the deadline is looked at when the controller looks.
            breaks = None if now_s is None else float(np.isfinite(runs["deadline_exceeded_s"]).mean())
            gap, complete, _ = advise_each(runs, self.share, one.min_ready_seconds)
            rows.append(Row(DEADLINE, name, "progress", gap, now_s, breaks))
            rows.append(Row(STATUS, name, "completion", complete))
        enough = ready_words([rollout.after for rollout in found.rollouts.values()])
        rows.append(self._helm(HELM3, enough, "enough_ready_s", HELM3_LOOKS_S))
        rows.append(self._helm(HELM4, "completion", "duration_s"))
        return rows

    def _helm(self, what: str, waits_for: str, measure: str, looks_s: int = 1) -> Row:
        taken = latest([waits(runs, measure) for runs in self._found.runs.values()])
        breaks = float((taken > HELM_S).mean())
        return Row(what, "", waits_for, advise(taken, self.share, looks_s=looks_s), HELM_S, breaks)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a time-out: what, deployment, waits_for, rollouts, median_s, quantile_s, upper_s, advised_s,
        now_s, now_breaks.
        """
        return pd.DataFrame([row.as_dict() for row in self.rows])

    @cached_property
    def others(self) -> pd.DataFrame:
        """A row another number of replicas, in ascending order: replicas, and what would be advised there, in
        s, by the name of the time-out; nan where too few rollouts are complete.
        """
        rows = []
        for count, runs in sorted(self._found.others.items()):
            (rollout,) = self._found.rollouts.values()
            found = advise_each(runs, self.share, rollout.after.min_ready_seconds)
            gap, complete, ready = (advice.advised_s for advice in found)
            rows.append((count, gap, complete, ready, complete))
        return pd.DataFrame(rows, columns=["replicas", *WHAT])

    @property
    def answer(self) -> str:
        """What is safe, in one sentence."""
        return answer(self.rows, self.share)

    @property
    def reasons(self) -> list[str]:
        """Why, and what people trip over: some sentences."""
        found = self._found
        return [*reasons(self.rows, self.share, found.rollouts, found.uncounted), TRIP]

    @property
    def commands(self) -> list[str]:
        """The lines that set the deadlines where they are others today, and wait so long."""
        return commands(self.rows, self._found.rollouts)

    @cached_property
    def words(self) -> pd.DataFrame:
        """The time-outs for people: time-out, waits for, what is in force and how many break it, what is
        advised, and what it would be at other numbers of replicas.
        """
        return worded(self.rows, self.others)

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """What reproduces the result, and a checksum of all runs."""
        sums = [sample.checksum for sample in self._found.samples]
        joined = hashlib.sha256("".join(sums).encode()).hexdigest()[:16] if len(sums) > 1 else sums[0]
        return {
            "version": __version__,
            "scenario": self.scenario.name,
            "digest": self.scenario.digest,
            "seed": self.scenario.seed,
            "kubernetes": self.scenario.profile.kubernetes,
            "profile": self.scenario.profile.name,
            "checksum": joined,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the result fit for strict JSON: None for what does not exist."""
        return {
            "kind": "Timeouts",
            "schemaVersion": VERSION,
            "answer": self.answer,
            "share": self.share,
            "rows": [row.as_dict() for row in self.rows],
            "other_replicas": rows_of(self.others.astype("Int64")),
            "reasons": self.reasons,
            "commands": self.commands,
            "provenance": self.provenance,
        }

    def __repr__(self) -> str:
        return f"<Timeouts {one_line(self.answer)}>"

    def _repr_html_(self) -> str:
        return fragment(self.answer, self.reasons, [frame_html(self.words)], "\n".join(self.commands))
