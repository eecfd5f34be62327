"""What many runs lead to: sweeps, comparisons, recommendations, which show and draw themselves."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.api.html import fragment, frame_html
from sim.api.picture import showing_itself
from sim.api.question import aims_of, limits_of
from sim.choose import FOUR, Aim, Choice, choose, kubectl_command, patch_of, patch_yaml
from sim.errors import one_line
from sim.report.candidates import alike, names_of, replicas_of
from sim.report.choice import assumed_text, not_in_force, numbers_table, shown_rows
from sim.report.compared import compared
from sim.report.grid import grid_of
from sim.report.overview import overview
from sim.report.words import worded_differences
from sim.spec.override import override_document
from sim.stats import (
    Limit,
    Statistic,
    breaches,
    differences,
    estimate,
    parse_limit,
    parse_statistic,
    summarize,
)
from sim.sweep.block import BANDS
from sim.sweep.folder import read_sample
from sim.sweep.sample import Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COMPARED = ("duration_s", "min_availability", "below_desired_s", "peak_physical", "extra_pod_s")
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

    def recommend(
        self, *, require: Texts | None = None, minimize: Texts = (), maximize: Texts = ()
    ) -> Recommendation:
        """Choose the strategy that keeps every limit and loses least in the aims (see
        `sim.choose.choose`).

        ``require``: limits such as "p99(duration_s)<=5m" or, for every run, "min_availability>=95%"; 95 % of
        the rollouts have to complete, too, unless one says how many; () is no limit at
        all. ``minimize``, ``maximize``: statistics such as "p95(duration_s)"; DEFAULT_AIMS without any.
        Raises RequirementError (a ValueError) for one that cannot be read, ValueError for an aim that comes
        twice.
        """
        return Recommendation(self, *asked(require, minimize, maximize))

    def plot(self, ax: Axes | None = None, *, show: str = "p95(duration_s)") -> Axes:
        """Draw a statistic of every strategy, or pods over time, on ``ax`` (None: Axes of a new figure) and
        return the Axes.

        ``show``: a statistic is a trend with its interval over one axis, a heat map over two, otherwise the
        distributions of its measure; "available", "pods" or "physical" are pods over time, the middle and
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
        name, columns = (
            str(statistic),
            estimate(statistic, self.runs).rename(columns={"value": str(statistic)}),
        )
        table = grid.table.merge(columns, on="strategy")
        if grid.y is not None:
            return charts.heatmap(table, grid.x, grid.y, name, ax)
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
        silent = [] if self.table["mean(complete)"].min() < 1 else ["mean(complete)"]
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
        names = names_of(self.sample)
        told = worded_differences(self.differences(), names)
        table = frame_html(told, "the method differences() returns all")
        differs = f"Differences to {names[0]}, replication by replication"
        sentences = [str(one) for one in compared(self.sample)]
        return "\n".join([super()._repr_html_(), fragment(differs, sentences, [table])])


class Recommendation:
    """One strategy, chosen among those of a sweep, with its reasons and the patch that makes it so.

    ``limits`` and ``aims`` are taken as they are: no limits are none (`sim.api.question` has the usual ones).
    """

    choice: Choice
    """What was chosen: candidates, front, reasons."""

    def __init__(self, sweep: Sweep, limits: Sequence[Limit], aims: Sequence[Aim]) -> None:
        self.sweep, self.limits, self.aims = sweep, tuple(dict.fromkeys(limits)), tuple(aims)
        found = sweep.sample
        given, now = found.about["circumstances"], found.about["now"]
        replicas = replicas_of(found)
        self.choice = choose(found.strategies, found.runs, self.limits, self.aims, given, now, replicas)

    @property
    def table(self) -> pd.DataFrame:
        """A row a candidate: its values, whether it is feasible and on the front, its role."""
        return self.choice.table

    @cached_property
    def breaches(self) -> pd.DataFrame:
        """A row a strategy and limit: how many runs break the limit, and in what share of runs to expect it
        (see `sim.stats.breaches`).
        """
        return breaches(self.sweep.runs, self.limits)

    def breaking(self, number: int) -> dict[str, float]:
        """Return for every limit the share of runs of a candidate that break it, under the worst of its
        circumstances; ``number`` is that of one of its strategies.
        """
        mine = self.breaches[self.breaches["strategy"].isin(alike(self.sweep.sample, number))]
        shares = mine.groupby("limit")["probability"].max()
        return {str(limit): float(shares[str(limit)]) for limit in self.limits}

    @property
    def answer(self) -> str:
        """The recommendation in one sentence."""
        return self.choice.answer

    @cached_property
    def patch(self) -> dict[str, Any] | None:
        """The strategic merge patch that makes the recommended strategy of the Deployment in force: {} when
        it is that already; None without a recommendation, and for a manifest of its own.

        It holds what was chosen and differs, nothing else: what `--set` or `Scenario.set` assumed is in
        `assumed`.
        """
        number = self.choice.recommended
        about = self.sweep.sample.about
        if number is None or about["strategies"][number]["base"] != 0:
            return None
        now = about["now"]
        own = {} if now is None else about["strategies"][now]["settings"]
        chosen = [
            f"{key}={text}"
            for key, text in about["strategies"][number]["settings"].items()
            if key not in about["circumstances"] and own.get(key) != text
        ]
        return patch_of(about["in_force"], override_document(about["in_force"], chosen))

    @property
    def assumed(self) -> list[str]:
        """The settings under which all was simulated and judged, and that the patch does not make."""
        return list(self.sweep.sample.about["assumed"])

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
        about = self.sweep.sample.about
        left = [not_in_force(about)] if about["not_now"] else []
        under = assumed_text(self.assumed, bool(self.patch))
        tables = [frame_html(numbers_table(self.choice))] if self.choice.numbers else []
        shown = shown_rows(self.table)
        tables.append(frame_html(shown[["name", "role", *self.columns]].rename(columns={"name": "strategy"})))
        return fragment(
            f"{self.choice.headline}.", [*self.choice.reasons, *left, under], tables, self.command
        )

    @property
    def columns(self) -> list[str]:
        """The table's columns of values that are worth a look: those told of each, the aims, the statistics
        that have a limit.
        """
        aims = [str(aim.statistic) for aim in self.aims]
        told = [name for name in FOUR if name in self.table]
        shown = {parse_statistic(name).measure for name in (*told, *aims)}
        limits = [str(limit) for limit in self.limits if not _tells_nothing(limit, shown, self.table)]
        return list(dict.fromkeys([*told, *aims, *limits]))


def _tells_nothing(limit: Limit, shown: Collection[str], table: pd.DataFrame) -> bool:
    """Whether a column of a limit repeats another one's measure, or says of all that they complete."""
    if limit.requirement.measure in shown:
        return True
    return limit.requirement.measure in ("stuck", "complete") and bool(table[str(limit)].nunique() == 1)


def asked(
    require: Texts | None, minimize: Texts, maximize: Texts
) -> tuple[tuple[Limit, ...], tuple[Aim, ...]]:
    """Return the limits and aims that texts state (see `Sweep.recommend`); raises RequirementError (a
    ValueError), and ValueError for an aim that comes twice.
    """
    stated = [parse_limit(text) for text in _each(require or ())]
    aims = aims_of(*(map(parse_statistic, _each(texts)) for texts in (minimize, maximize)))
    # Who says that there are no limits means it.
    return limits_of(stated) if stated or require is None else (), aims


def _each(given: Texts) -> Sequence[str]:
    return [given] if isinstance(given, str) else given
