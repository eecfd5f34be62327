"""One simulated rollout, which shows itself, is a table, and draws itself."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from sim.api.html import fragment, table_html
from sim.api.picture import showing_itself
from sim.errors import one_line
from sim.metrics import MEASURES, Measures, Rollout, finding, measure_rollout, measured, rollouts
from sim.spec.scenario import Scenario
from sim.trace import Trace
from sim.units import format_value, nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CHARTS = ("availability", "timeline", "waterfall")
"""The charts of one rollout."""


class Run:
    """One simulated rollout."""

    def __init__(self, scenario: Scenario, trace: Trace) -> None:
        self.scenario, self.trace = scenario, trace

    @cached_property
    def rollout(self) -> Rollout:
        """The first Deployment's last rollout that was asked for, read out of the trace."""
        return Rollout(self.trace)

    @cached_property
    def measures(self) -> Measures:
        """The measures of the first Deployment's rollout."""
        return measure_rollout(self.rollout)

    @property
    def table(self) -> pd.DataFrame:
        """A row a measure: measure, value, unit, meaning."""
        import pandas as pd

        found = self.measures
        rows = [(name, getattr(found, name), what.unit, what.meaning) for name, what in MEASURES.items()]
        return pd.DataFrame(rows, columns=["measure", "value", "unit", "meaning"])

    @property
    def rollouts(self) -> pd.DataFrame:
        """A row a rollout of any Deployment: deployment, rollout (from 1), version, image, replicaset,
        revision, creation, undo, began_s, and the measures.
        """
        import pandas as pd

        rows = []
        for name in self.trace.deployments():
            for one in measured(self.trace, name):
                row = one.as_dict()
                del row["measures"]
                rows.append({**row, **{name: getattr(one.measures, name) for name in MEASURES}})
        return pd.DataFrame(rows)

    @property
    def answer(self) -> str:
        """What happened, in one sentence."""
        return f"{self.rollout.deployment}: {finding(rollouts(self.trace, self.rollout.deployment))}"

    def plot(
        self,
        ax: Axes | None = None,
        *,
        chart: Literal["availability", "timeline", "waterfall"] = "availability",
    ) -> Axes:
        """Draw the rollout on ``ax`` (None: Axes of a new figure) and return the Axes.

        Raises ValueError for a ``chart`` that is none of CHARTS.
        """
        from sim import charts

        if chart not in CHARTS:
            near = nearest(chart, CHARTS)
            hint = f"; did you mean {near}?" if near else f"; there are {', '.join(CHARTS)}"
            raise ValueError(f"no chart of a rollout is called {chart!r}{hint}")
        drawn: Axes = getattr(charts, chart)(self.trace, ax)
        return drawn if ax is not None else showing_itself(drawn)

    def __repr__(self) -> str:
        return f"<Run {one_line(self.answer)}>"

    def _repr_html_(self) -> str:
        rows = [
            (name, format_value(getattr(self.measures, name), meaning.unit), meaning.meaning)
            for name, meaning in MEASURES.items()
        ]
        heads = ("measure", "value", "meaning")
        return fragment(self.answer, [], [table_html(heads, rows, "the attribute .table has all")])
