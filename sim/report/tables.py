"""The tables of the page: texts for people, and beside each the value to sort it by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.choose import Aim
from sim.metrics import MEASURES
from sim.report.overview import OVERVIEW
from sim.report.pictures import compared
from sim.report.words import interval, signed
from sim.stats import Limit, Statistic, breaches, differences, estimate, parse_statistic, value
from sim.sweep.sample import Sample
from sim.units import format_value

# More rows nobody reads, and no browser sorts in time.
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, its sort key ("" is always last), a fainter text below."""

    text: str
    key: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One strategy: its number, its label, its role or "", its cells."""

    number: int
    label: str
    role: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of strategies: a head and the meaning of it for each column of cells."""

    name: str
    caption: str
    heads: list[tuple[str, str]]
    rows: list[Row] = field(repr=False)


class Tables:
    """Makes the tables of a sample, all with the same rows; `found` are the strategies' roles."""

    def __init__(self, sample: Sample, found: Mapping[int, str]) -> None:
        self.sample, self.roles = sample, found
        numbers = sample.strategies["strategy"].tolist()
        time = value(parse_statistic("p95(duration_s)"), sample.runs)
        # Where there is no room for all, those with a role and the fastest are shown.
        ranked = sorted(numbers, key=lambda number: (number not in found, time[number], number))
        self.shown = sorted(ranked[:MOST_ROWS])
        self.left_off = len(numbers) - len(self.shown)
        self.runs = sample.runs[sample.runs["strategy"].isin(self.shown)]

    def overview(self, limits: Sequence[Limit], aims: Sequence[Aim]) -> Table:
        """Return the statistics of OVERVIEW, of aims and of limits, with their intervals."""
        asked = [aim.statistic for aim in aims] + [limit.statistic for limit in limits if limit.statistic]
        statistics = list(dict.fromkeys([*map(parse_statistic, OVERVIEW), *asked]))
        columns = [self._statistic(one) for one in statistics]
        heads = [(str(one), MEASURES[one.measure].meaning) for one in statistics]
        caption = (
            "Every strategy, with 95 % intervals below the estimates; "
            "where an end is open, there are too few runs to know it."
        )
        return self._table("overview", caption, heads, columns)

    def breaches(self, limits: Sequence[Limit]) -> Table:
        """Return how many runs break each limit, with the interval of their share."""
        table = breaches(self.runs, limits).set_index(["limit", "strategy"])
        columns = []
        for limit in dict.fromkeys(map(str, limits)):
            cells = {}
            for number in self.shown:
                one = table.loc[(limit, number)]
                low, high = (format_value(float(one[end]), "ratio") for end in ("low", "high"))
                text = f"{one['broken']:.0f} of {one['n']:.0f}"
                cells[number] = Cell(text, _key(float(one["probability"])), f"{low} to {high}")
            columns.append(cells)
        heads = [(limit, "runs that break it") for limit in dict.fromkeys(map(str, limits))]
        caption = (
            "Runs that break a limit by themselves, and in what share of runs to expect it (Wilson, 95 %)."
        )
        return self._table("breaches", caption, heads, columns)

    def differences(self, baseline: int, aims: Sequence[Aim]) -> Table:
        """Return the paired differences to the baseline."""
        runs, measures = self.runs, compared(aims)
        table = differences(runs, baseline, measures).set_index(["measure", "strategy"])
        columns, heads = [], []
        for measure in measures:
            unit = MEASURES[measure].unit
            cells, shares = {}, {}
            for number in self.shown:
                if number == baseline:
                    cells[number] = shares[number] = Cell("–")
                    continue
                one = {str(name): float(cell) for name, cell in table.loc[(measure, number)].items()}
                ends = f"{signed(one['low'], unit)} to {signed(one['high'], unit)}"
                unknown = math.isnan(one["low"])
                cells[number] = Cell(signed(one["mean"], unit), _key(one["mean"]), "" if unknown else ends)
                equal = f"equal in {format_value(one['equal'], 'ratio')}" if one["equal"] else ""
                shares[number] = Cell(format_value(one["better"], "ratio"), _key(one["better"]), equal)
            columns += [cells, shares]
            heads += [
                (measure, f"mean difference: {MEASURES[measure].meaning}"),
                ("better in", "of the replications"),
            ]
        caption = f"Difference to {self.sample.labels[baseline]} under the same luck, with its 95 % interval."
        return self._table("differences", caption, heads, columns)

    def _statistic(self, statistic: Statistic) -> dict[int, Cell]:
        found = estimate(statistic, self.runs).set_index("strategy")
        cells = {}
        for number in self.shown:
            middle, low, high = map(float, found.loc[number, ["value", "low", "high"]])
            text = format_value(middle, statistic.unit)
            cells[number] = Cell(text, _key(middle), interval(low, high, statistic.unit, text))
        return cells

    def _table(
        self, name: str, caption: str, heads: Sequence[tuple[str, str]], columns: Sequence[Mapping[int, Cell]]
    ) -> Table:
        rows = [
            Row(
                number,
                self.sample.labels[number],
                self.roles.get(number, ""),
                [column[number] for column in columns],
            )
            for number in self.shown
        ]
        return Table(name, caption, list(heads), rows)


def _key(number: float) -> str:
    return "" if math.isnan(number) else repr(number)
