"""One simulated rollout, which shows itself, is a table, and draws itself."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from sim.api.html import fragment, table_html
from sim.api.picture import showing_itself
from sim.errors import one_line
from sim.metrics import MEASURES, Measures, Rollout, finding, measure_rollout
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
        """The first Deployment's rollout, read out of the trace."""
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
    def answer(self) -> str:
        """What happened, in one sentence."""
        return f"{self.rollout.deployment}: {finding(self.rollout, self.measures.as_dict())}"

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
            (name, format_value(found, MEASURES[name].unit), MEASURES[name].meaning)
            for name, found in self.measures.as_dict().items()
        ]
        heads = ("measure", "value", "meaning")
        return fragment(self.answer, [], [table_html(heads, rows, "the attribute .table has all")])
