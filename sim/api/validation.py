"""Recordings of a real rollout beside simulated ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.api.html import fragment, table_html
from sim.api.picture import showing_itself
from sim.errors import one_line
from sim.validate import Report, validate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Validation:
    """Recordings of one real rollout beside simulated replications of it: is a simulated run as close to a
    real one as another real run is?
    """

    def __init__(self, report: Report) -> None:
        self.report = report

    @classmethod
    def of(
        cls, recording: str | os.PathLike[str], *repeats: str | os.PathLike[str], replications: int = 20
    ) -> Validation:
        """Simulate the scenario of a recording and compare with it and its ``repeats`` (see
        `sim.validate.validate`). Raises InputError.
        """
        names = [os.fspath(path) for path in (recording, *repeats)]
        return cls(validate(Path(recording).stem, names, replications))

    @property
    def answer(self) -> str:
        """The verdict in one sentence."""
        if self.report.reasons:
            return f"{self.report.name}: too far apart: {'; '.join(self.report.reasons)}"
        return f"{self.report.name}: a simulated run is as close to a real one as another real run is"

    @property
    def table(self) -> pd.DataFrame:
        """A row a kind of pods: kind, between_real (largest distance of two real runs), simulated (median
        distance of a simulated run to the real ones), limit; distances are shares of desired pods × time.
        """
        rows = [(kind, gap.between, gap.simulated, gap.limit) for kind, gap in self.report.gaps.items()]
        return pd.DataFrame(rows, columns=["kind", "between_real", "simulated", "limit"])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the pods of real and of simulated runs over each other on ``ax`` (None: Axes of a new figure)
        and return the Axes.
        """
        from sim import charts

        real, simulated = self.report.real, self.report.simulated
        curves = {
            kind: ([getattr(run, kind) for run in real], [getattr(run, kind) for run in simulated])
            for kind in ("available", "physical")
        }
        until_s = max(run.until_s for run in (*real, *simulated))
        drawn = charts.comparison(self.report.name, curves, until_s, ax)
        return drawn if ax is not None else showing_itself(drawn)

    def __repr__(self) -> str:
        return f"<Validation {one_line(self.answer)}>"

    def _repr_html_(self) -> str:
        found = self.report
        real = ", ".join(f"{one:.2f} s" for one in sorted(found.real_s))
        took = f"It took {real} really, {found.median_s:.2f} s simulated (median)."
        same = f"{found.equal} of {len(found.simulated)} took exactly the steps of a real run."
        rows = [
            (kind, *(f"{one:.4f}" for one in (gap.between, gap.simulated, gap.limit)))
            for kind, gap in found.gaps.items()
        ]
        heads = ("pods", "between real runs", "simulated to real", "limit")
        return fragment(self.answer, [took, same], [table_html(heads, rows, "the attribute .table has all")])
