"""What many runs lead to: sweeps, comparisons, recommendations, which show and draw themselves."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.api.html import fragment, frame_html
from sim.api.picture import showing_itself
from sim.choose import (
    DEFAULT_AIMS,
    DEFAULT_LIMITS,
    Aim,
    Choice,
    choose,
    kubectl_command,
    parse_aim,
    patch_of,
    patch_yaml,
)
from sim.errors import one_line
from sim.report.grid import grid_of
from sim.report.overview import overview
from sim.report.words import worded_differences
from sim.spec.override import override_document
from sim.stats import Limit, Statistic, differences, parse_limit, parse_statistic, summarize, value
from sim.sweep.block import BANDS
from sim.sweep.folder import read_sample
from sim.sweep.sample import Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COMPARED = ("duration_s", "min_availability", "below_desired_s", "peak_counted", "extra_pod_s")
"""The measures whose differences a comparison shows first."""

Texts = str | Sequence[str]
"""One text, or several."""

_MOST_LEFT_OUT = 5


class Sweep:
    """Many rollouts: a row a run in ``runs``, statistics with intervals, charts."""

    def __init__(self, sample: Sample) -> None:
        self.sample = sample

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> Sweep:
        """Return what `rollsim sweep --out` kept in a folder; raises InputError."""
        return cls(read_sample(Path(folder)))

    @property
    def runs(self) -> pd.DataFrame:
        """A row a run: strategy, replication, the measures."""
        return self.sample.runs

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a strategy: strategy, label, the statistics by which strategies differ most."""
        return overview(self.sample)

    @cached_property
    def statistics(self) -> pd.DataFrame:
        """A row a strategy and measure: mean, p5, median, p95, p99, each with its 95 % interval (see
        `sim.stats.summarize`).
        """
        return summarize(self.runs)

    def differences(self, baseline: int | None = None, measures: Sequence[str] = COMPARED) -> pd.DataFrame:
        """Return a row a strategy and measure: paired differences to strategy ``baseline``, by default to
        what is in force now, or else the first (see `sim.stats.differences`).
        """
        base = self.sample.baseline if baseline is None else baseline
        return differences(self.runs, base, measures)

    def recommend(self, *, require: Texts = (), minimize: Texts = (), maximize: Texts = ()) -> Recommendation:
        """Choose the strategy that keeps every limit and loses least in the aims (see
        `sim.choose.choose`).

        ``require``: limits such as "p99(duration_s)<=5m" or, for every run, "min_availability>=95%".
        ``minimize``, ``maximize``: statistics such as "p95(duration_s)". Without any: DEFAULT_LIMITS,
        DEFAULT_AIMS. Raises
        RequirementError (a ValueError) for one that cannot be read, ValueError for an aim that comes twice.
        """
        return Recommendation(self, *wanted(require, minimize, maximize))

    def plot(self, ax: Axes | None = None, *, show: str = "p95(duration_s)") -> Axes:
        """Draw a statistic of every strategy, or pods over time, on ``ax`` (None: Axes of a new figure) and
        return the Axes.

        ``show``: a statistic is a trend with its interval over one axis, a heat map over two, otherwise the
        distributions of its measure; "available", "counted" or "physical" are pods over time, the middle and
        the band of nine in ten runs. Raises RequirementError (a ValueError) for anything else.
        """
        drawn = self._bands(show, ax) if show in BANDS else self._numbers(parse_statistic(show), ax)
        return drawn if ax is not None else showing_itself(drawn)

    def _bands(self, series: str, ax: Axes | None) -> Axes:
        from sim import charts

        return charts.bands(self.sample.bands, self.sample.labels, ax, series)

    def _numbers(self, statistic: Statistic, ax: Axes | None) -> Axes:
        from sim import charts

        grid = grid_of(self.sample)
        # Several maps are a figure of their own, and have no place on one Axes.
        if grid is None or (grid.y is not None and grid.facet is not None):
            return charts.distributions(self.runs, statistic.measure, self.sample.labels, ax)
        name, numbers = str(statistic), value(statistic, self.runs)
        strategies = grid.table["strategy"]
        if grid.y is not None:
            table = grid.table.assign(**{name: numbers.loc[strategies].to_numpy()})
            return charts.heatmap(table, grid.x, grid.y, name, ax)
        told = self.statistics[self.statistics["measure"] == statistic.measure].set_index("strategy")
        # Of a statistic without an interval the ends are unknown.
        ends = {end: told.get(f"{statistic.name}_{end}", numbers * float("nan")) for end in ("low", "high")}
        columns = {name: numbers, **ends}
        table = grid.table.assign(**{head: of.loc[strategies].to_numpy() for head, of in columns.items()})
        return charts.trend(table, grid.x, name, "low", "high", ax, grid.facet)

    @property
    def answer(self) -> str:
        """What was simulated, in one line."""
        count = len(self.sample.strategies)
        strategies = "1 strategy" if count == 1 else f"{count:,} strategies"
        return f"{self.sample.about['scenario']}: {strategies}, {len(self.runs):,} runs"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {one_line(self.answer)}>"

    def _repr_html_(self) -> str:
        found = self.sample
        left = [f"left out: {one.label}: {one.reason}" for one in found.left_out[:_MOST_LEFT_OUT]]
        more = len(found.left_out) - len(left)
        left += [f"left out: {more:,} more combinations"] if more else []
        wide = [f"{found.about['precision']} not reached: {found.labels[one]}" for one in found.capped[:1]]
        # That nothing ever gets stuck is no news.
        silent = [] if self.table["mean(stuck)"].any() else ["mean(stuck)"]
        table = frame_html(self.table.drop(columns=["strategy", *silent]))
        return fragment(self.answer, [*left, *wide], [table])


class Comparison(Sweep):
    """Strategies side by side, the first one the baseline."""

    def plot(self, ax: Axes | None = None, *, show: str = "duration_s") -> Axes:
        """Draw the paired differences of a measure to the baseline on ``ax`` (None: Axes of a new figure) and
        return the Axes.

        ``show``: a measure, or what `Sweep.plot` draws: a statistic such as "p95(duration_s)", a series of
        pods such as "available".
        """
        from sim import charts

        if show in BANDS or "(" in show:
            return super().plot(ax, show=show)
        measure, labels = parse_statistic(show).measure, self.sample.labels
        drawn = charts.differences(self.differences(measures=[measure]), labels, measure, ax, labels[0])
        return drawn if ax is not None else showing_itself(drawn)

    def _repr_html_(self) -> str:
        told = worded_differences(self.differences(), self.sample.labels)
        table = frame_html(told, "the method differences() returns all")
        differs = f"Differences to {self.sample.labels[0]}, replication by replication"
        return "\n".join([super()._repr_html_(), fragment(differs, [], [table])])


class Recommendation:
    """One strategy, chosen among those of a sweep, with its reasons and the patch that makes it so."""

    choice: Choice
    """What was chosen: candidates, front, reasons."""

    def __init__(self, sweep: Sweep, limits: Sequence[Limit], aims: Sequence[Aim]) -> None:
        self.sweep = sweep
        self.limits = tuple(limits) or tuple(map(parse_limit, DEFAULT_LIMITS))
        self.aims = tuple(aims) or tuple(map(parse_aim, DEFAULT_AIMS))
        found = sweep.sample
        self.choice = choose(
            found.strategies,
            found.runs,
            self.limits,
            self.aims,
            found.about["circumstances"],
            found.about["now"],
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row a candidate: its values, whether it is feasible and on the front, its role."""
        return self.choice.table

    @property
    def answer(self) -> str:
        """The recommendation in one sentence."""
        return self.choice.answer

    @cached_property
    def patch(self) -> dict[str, Any] | None:
        """The strategic merge patch that makes the recommended strategy of the Deployment as it is: {} when
        it is that already; None without a recommendation, and for a manifest of its own.
        """
        number = self.choice.recommended
        about = self.sweep.sample.about
        if number is None or about["strategies"][number]["base"] != 0:
            return None
        settings = about["strategies"][number]["settings"]
        before = about["documents"][0]
        return patch_of(before, override_document(before, [f"{k}={v}" for k, v in settings.items()]))

    @property
    def command(self) -> str:
        """The `kubectl patch` line, "" without a patch."""
        metadata = self.sweep.sample.about["documents"][0]["metadata"]
        namespace = str(metadata.get("namespace") or "default")
        return kubectl_command(str(metadata["name"]), namespace, self.patch) if self.patch else ""

    @property
    def patch_yaml(self) -> str:
        """The patch as YAML, "" without one."""
        return patch_yaml(self.patch) if self.patch else ""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the candidates over the first two aims, the front and the recommendation, on ``ax`` (None:
        Axes of a new figure) and return the Axes; with one aim, the distributions of its measure.
        """
        drawn = self._trade(ax) if len(self.aims) > 1 else self._spread(ax)
        return drawn if ax is not None else showing_itself(drawn)

    def _trade(self, ax: Axes | None) -> Axes:
        from sim import charts

        x, y = (str(aim.statistic) for aim in self.aims[:2])
        better = {str(aim.statistic): aim.better for aim in self.aims}
        return charts.pareto(self.table, x, y, ax, better=better)

    def _spread(self, ax: Axes | None) -> Axes:
        from sim import charts

        roles = (self.choice.recommended, self.choice.runner_up, self.choice.nearest)
        told = [number for number in roles if number is not None]
        measure = self.aims[0].statistic.measure
        return charts.distributions(self.sweep.runs, measure, self.sweep.sample.labels, ax, told)

    def __repr__(self) -> str:
        return f"<Recommendation {one_line(self.answer)}>"

    def _repr_html_(self) -> str:
        shown = self.table[self.table["front"] | (self.table["role"] != "")]
        table = frame_html(shown[["label", "role", *self.columns]])
        # Of what is in force now the reasons say so.
        silent = self.patch == {} and self.sweep.sample.about["now"] is None
        as_it_is = "That is what the manifest says already." if silent else ""
        return fragment(self.answer, [*self.choice.reasons, as_it_is], [table], self.command)

    @property
    def columns(self) -> list[str]:
        """The table's columns of values: the aims, and the limits on anything else."""
        aims = [str(aim.statistic) for aim in self.aims]
        return aims + [str(limit) for limit in dict.fromkeys(self.limits) if str(limit.statistic) not in aims]


def wanted(require: Texts, minimize: Texts, maximize: Texts) -> tuple[list[Limit], list[Aim]]:
    """Return the limits and aims that texts state; raises RequirementError (a ValueError), and ValueError for
    an aim that comes twice.
    """
    limits = [parse_limit(text) for text in _each(require)]
    aims = [parse_aim(text, "minimize") for text in _each(minimize)]
    aims += [parse_aim(text, "maximize") for text in _each(maximize)]
    statistics = [aim.statistic for aim in aims]
    twice = next((one for one in statistics if statistics.count(one) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is an aim twice")
    return limits, aims


def _each(given: Texts) -> Sequence[str]:
    return [given] if isinstance(given, str) else given
