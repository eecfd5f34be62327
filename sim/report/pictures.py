"""Which charts answer the question of a sweep, and what to say beside each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sim import charts
from sim.choose import DEFAULT_AIMS, Aim, Choice, choose, parse_aim
from sim.metrics import MEASURES
from sim.report.candidates import roles
from sim.report.grid import Grid, grid_of
from sim.stats import Limit, Statistic, differences, estimate, parse_statistic, value
from sim.sweep.block import BLOCK
from sim.sweep.sample import Sample

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What is mapped over the grid beside the aims, where it differs at all.
MAPPED = ("p95(duration_s)", "p5(min_availability)", "p95(peak_physical)", "mean(complete)")
MOST_MAPPED = 5
# More curves than these nobody tells apart.
MOST_CURVES = 5
# What takes so many times as long as the slowest strategy with a role leaves no room for it on a time axis.
TOO_SLOW = 4
# What a strategy costs, whatever the aims are.
_COSTS = ("duration_s", "extra_pod_s")


@dataclass(frozen=True, slots=True)
class Picture:
    """One chart: a name for files and ids (letters, digits, "-"), a heading, how to read it, and what draws
    it.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[], Figure]


def pictures(
    sample: Sample,
    choice: Choice | None = None,
    limits: Sequence[Limit] = (),
    aims: Sequence[Aim] = (),
    baseline: int | None = None,
) -> list[Picture]:
    """Return the charts that say something about this sample, the most telling ones first.

    ``limits`` and ``aims`` are those that ``choice`` was made by; without aims duration is traded against the
    peak of pods. ``baseline`` is the strategy that others are compared with. Nothing is drawn before a
    picture's `draw` is called; `sim.charts.save` and `svg` take it. Raises ValueError for a baseline that is
    no strategy.
    """
    if baseline is None:
        baseline = sample.baseline
    few, found = curves(sample, choice, baseline), roles(sample, choice, baseline)
    return [
        *_front(sample, choice, limits, aims),
        *_over_axes(sample, limits, aims),
        *_bands(sample, few, found),
        *_durations(sample, few, found),
        *_differences(sample, aims, baseline),
    ]


def curves(sample: Sample, choice: Choice | None, baseline: int) -> list[int]:
    """Return the few strategies that are shown in full: those with a role, then the extremes of those that
    ask for as many pods as the first.
    """
    named = roles(sample, choice, baseline)
    asked = _replicas(sample, next(iter(named)))
    numbers = [one for one in sample.strategies["strategy"].tolist() if _replicas(sample, one) == asked]
    extremes: list[int] = []
    for text in ("median(duration_s)", "p5(min_availability)"):
        found = value(parse_statistic(text), sample.runs)
        extremes += [min(numbers, key=found.__getitem__), max(numbers, key=found.__getitem__)]
    return list(dict.fromkeys([*named, *extremes]))[:MOST_CURVES]


def _front(
    sample: Sample, choice: Choice | None, limits: Sequence[Limit], aims: Sequence[Aim]
) -> Iterable[Picture]:
    if len(aims) == 1:
        return
    wanted = list(aims) or [parse_aim(text) for text in DEFAULT_AIMS[:2]]
    if choice is None:
        given = sample.about["circumstances"]
        # Nobody asked for a choice: the front is shown, and no recommendation.
        table = choose(sample.strategies, sample.runs, limits, wanted, given).table.assign(role="")
    else:
        table = choice.table
    x, y = (str(aim.statistic) for aim in wanted[:2])
    points = table[[x, y]].replace([float("inf")], float("nan")).dropna().drop_duplicates()
    if len(points) < 2:
        return
    better = {str(aim.statistic): aim.better for aim in wanted}
    bounds = {str(limit.statistic): limit.requirement.value for limit in limits if limit.statistic}
    caption = (
        f"Each mark is a strategy. Better is {_sides(wanted[:2])}. On the front nothing is better in "
        "one aim without being worse in another"
        f"{'' if table['feasible'].all() else '; crosses break a limit'}."
    )
    if len(wanted) > 2:
        others = ", ".join(str(aim.statistic) for aim in wanted[2:])
        caption += f" The front is one of all {len(wanted)} aims, so {others} may keep a mark on it."
    if sample.about["circumstances"]:
        caption += " Each value is the worst one under any of the circumstances."
    yield Picture(
        "pareto",
        f"The trade: {x} against {y}",
        caption,
        lambda: _figure(
            charts.pareto(
                table,
                x,
                y,
                x_limit=bounds.get(x),
                y_limit=bounds.get(y),
                better=better,
                now=sample.about["now"],
            )
        ),
    )


def _sides(aims: Sequence[Aim]) -> str:
    x, y = (aim.sense == "minimize" for aim in aims)
    return f"to the {'left' if x else 'right'} and {'down' if y else 'up'}"


def _over_axes(sample: Sample, limits: Sequence[Limit], aims: Sequence[Aim]) -> Iterable[Picture]:
    grid = grid_of(sample)
    if grid is None:
        return
    statistics = [aim.statistic for aim in aims] + [limit.statistic for limit in limits if limit.statistic]
    wanted = dict.fromkeys([*statistics, *map(parse_statistic, MAPPED)])
    told = [one for one in wanted if value(one, sample.runs).loc[grid.table["strategy"]].nunique() > 1]
    for statistic in told[:MOST_MAPPED]:
        yield _trend(sample, grid, statistic) if grid.y is None else _map(sample, grid, statistic)


def _map(sample: Sample, grid: Grid, statistic: Statistic) -> Picture:
    name, table = str(statistic), _with_estimate(sample, grid, statistic)
    x, y, facet = grid.x, str(grid.y), grid.facet
    better = MEASURES[statistic.measure].better
    caption = f"Each cell is a strategy; dark is worse{f', and {better} is better' if better else ''}."
    caption += _hatched(sample, grid)
    if grid.facet:
        caption += f" One panel for each value of {grid.facet}, all in the same colours."
    if grid.outside:
        caption += f" Not on the map: {_listed(grid.outside)}, to which these settings mean nothing."
    return Picture(
        f"map-{_plain(name)}",
        f"{name} over {x} and {y}",
        caption,
        lambda: charts.heatmaps(table, x, y, name, facet),
    )


def _hatched(sample: Sample, grid: Grid) -> str:
    """Return why cells of a map are empty, "" where none is."""
    axes = [axis for axis in (grid.x, grid.y, grid.facet) if axis is not None]
    missing = math.prod(grid.table[axis].nunique() for axis in axes) - len(grid.table)
    if not missing:
        return ""
    refused = sum(one.refused for one in sample.left_out)
    alike = len(sample.left_out) - refused
    why = ["Kubernetes refuses them"] if refused else []
    why += ["they mean the same as another one"] if alike else []
    why += ["the plan does not have them"] if missing > refused + alike else []
    return f" Hatched combinations were not simulated: {', or '.join(why)}."


def _trend(sample: Sample, grid: Grid, statistic: Statistic) -> Picture:
    name, table = str(statistic), _with_estimate(sample, grid, statistic)
    caption = (
        "Marks are estimates, bars their 95 % intervals: where two bars are far apart, the values differ."
    )
    return Picture(
        f"trend-{_plain(name)}",
        f"{name} over {grid.x}",
        caption,
        lambda: _figure(charts.trend(table, grid.x, name, "low", "high", line=grid.facet)),
    )


def _with_estimate(sample: Sample, grid: Grid, statistic: Statistic) -> pd.DataFrame:
    """Return the grid's table with the statistic, under its name, and the ends low and high."""
    found = estimate(statistic, sample.runs).rename(columns={"value": str(statistic)})
    return grid.table.merge(found, on="strategy")


def _bands(sample: Sample, few: Sequence[int], found: Mapping[int, str]) -> Iterable[Picture]:
    takes = _takes(sample, few)
    longest = TOO_SLOW * max(takes[one] for one in few if one in found)
    shown = [one for one in few if takes[one] <= longest]
    table = sample.bands[sample.bands["strategy"].isin(shown)]
    mine = table[table["series"] == "available"]
    if mine.empty or mine[["p5", "median", "p95"]].stack().nunique() < 2:
        return
    named = [f"{sample.labels[one]} ({role})" for one, role in found.items() if one in shown]
    rest = " and the extremes of duration and availability" if any(one not in found for one in shown) else ""
    caption = (
        f"Of each strategy's first {BLOCK} runs: the line is their middle, the band holds nine in ten. "
        f"Shown: {_listed(named)}{rest}."
    )
    if len(shown) < len(few):
        slow = _listed([sample.labels[one] for one in few if one not in shown])
        caption += f" Left out, as it takes more than {TOO_SLOW} times as long: {slow}."
    desired = {_replicas(sample, one) for one in shown}
    asked = desired.pop() if len(desired) == 1 else None
    yield Picture(
        "availability",
        "Pods available during the rollout",
        caption,
        lambda: _figure(charts.bands(table, sample.labels, desired=asked, strategies=shown, roles=found)),
    )


def _takes(sample: Sample, few: Sequence[int]) -> dict[int, float]:
    """Return how long each strategy keeps a time axis busy, in s: the median duration, or, where that is
    never, until its available pods change for the last time.
    """
    found = value(parse_statistic("median(duration_s)"), sample.runs)
    takes = {}
    for one in few:
        takes[one] = float(found[one])
        if not math.isfinite(takes[one]):
            mine = sample.bands[(sample.bands["strategy"] == one) & (sample.bands["series"] == "available")]
            changes = (mine[["p5", "median", "p95"]].diff().fillna(0) != 0).any(axis=1)
            takes[one] = float(mine.loc[changes, "time_s"].max()) if changes.any() else 0.0
    return takes


def _replicas(sample: Sample, number: int) -> float | None:
    """Return how many pods a strategy asks for, None where that is not one number."""
    one = sample.about["strategies"][number]
    settings = one["settings"]
    text = settings.get("replicas", settings.get("spec.replicas"))
    written = sample.about["documents"][one["base"]]["spec"].get("replicas", 1) if text is None else text
    return float(written) if str(written).isdecimal() else None


def _durations(sample: Sample, few: Sequence[int], found: Mapping[int, str]) -> Iterable[Picture]:
    runs = sample.runs[sample.runs["strategy"].isin(few)]
    if runs["duration_s"].nunique() < 2:
        return
    yield Picture(
        "durations",
        "How long rollouts take",
        "How many of the runs are complete after so long: further left is faster, steeper is more "
        "predictable, and what stays below 100 % does not complete.",
        lambda: _figure(
            charts.distributions(runs, "duration_s", sample.labels, strategies=list(few), roles=found)
        ),
    )


def _differences(sample: Sample, aims: Sequence[Aim], baseline: int) -> Iterable[Picture]:
    if len(sample.strategies) < 2:
        return
    base = sample.labels[baseline]
    for measure in compared(aims)[:2]:
        table = differences(sample.runs, baseline, [measure])
        known = table["mean"].dropna()
        if known.empty or (known == 0).all():
            continue
        yield Picture(
            f"differences-{_plain(measure)}",
            f"{measure} against {base}",
            f"Each row is the mean difference from {base} under the same luck, with its 95 % interval. "
            "Where the interval does not reach 0 the difference is no accident of the runs.",
            lambda table=table, measure=measure: _figure(  # type: ignore[misc]
                charts.differences(table, sample.labels, measure, baseline_label=base)
            ),
        )


def compared(aims: Sequence[Aim]) -> list[str]:
    """Return the measures that strategies are compared in with the baseline: those of the aims, and
    what any strategy costs.
    """
    wanted = [aim.statistic.measure for aim in aims if MEASURES[aim.statistic.measure].unit != "yes/no"]
    return list(dict.fromkeys([*wanted, *_COSTS]))


def _figure(axes: object) -> Figure:
    figure: Figure = axes.get_figure(root=True)  # type: ignore[attr-defined]
    return figure


def _listed(names: Sequence[str], most: int = 6) -> str:
    shown = list(names[:most])
    return "; ".join(shown) + (f"; and {len(names) - most} more" if len(names) > most else "")


def _plain(name: str) -> str:
    """Return a name for files: "p95-duration_s"."""
    return name.replace("(", "-").replace(")", "").replace(".", "_")
