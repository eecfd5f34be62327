"""Small tables as the rooms below the charts make them, and what to look for on the Axes."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Text

INF, NAN = float("inf"), float("nan")
P95 = "p95(duration_s)"
HOSTILE = "$\\frac{ \n\x00\t🚀 " + "y" * 400 + " $maxSurge=1"
SURGES, UNAVAILABLES = ("0", "1", "25%"), ("0", "1")


def cells(**changed: float) -> pd.DataFrame:
    """A grid of 3 x 2 cells without the one that Kubernetes refuses; ``changed`` by "c" and its number."""
    rows = [
        {"maxSurge": surge, "maxUnavailable": unavailable, P95: 40.0 - 10 * x - y}
        for x, surge in enumerate(SURGES)
        for y, unavailable in enumerate(UNAVAILABLES)
        if (surge, unavailable) != ("0", "0")
    ]
    for name, value in changed.items():
        rows[int(name[1:])][P95] = value
    return pd.DataFrame(rows)


def bands_table(strategies: int = 2) -> pd.DataFrame:
    """Strategy k falls to 8 - k of 10 pods (p5) and is back at 20 s; physical pods reach 12 + k."""
    rows: list[tuple[Any, ...]] = []
    for k in range(strategies):
        rows += [
            (k, "available", t, *v) for t, v in ((0, (10, 10, 10)), (5, (8 - k, 9, 9)), (20, (10, 10, 10)))
        ]
        rows += [
            (k, "physical", t, *v) for t, v in ((0, (10, 10, 10)), (5, (10, 11, 12 + k)), (600, (10, 11, 12)))
        ]
    return pd.DataFrame(rows, columns=["strategy", "series", "time_s", "p5", "median", "p95"])


def runs_table() -> pd.DataFrame:
    """Strategy 0: 1, 2, 2, 5 s; strategy 1: 3 s and three runs that never complete."""
    rows = [(0, r, d) for r, d in enumerate((5.0, 2.0, 1.0, 2.0))]
    rows += [(1, r, d) for r, d in enumerate((INF, 3.0, INF, INF))]
    return pd.DataFrame(rows, columns=["strategy", "replication", "duration_s"])


def choice_table() -> pd.DataFrame:
    """Three strategies on the front, one behind it, one that breaks a limit, one that never completes."""
    rows = [
        (0, "fast", 10.0, 20.0, True, True, ""),
        (1, "maxSurge=25%", 20.0, 13.0, True, True, "recommended"),
        (2, "small", 60.0, 11.0, True, True, "runner-up"),
        (3, "dominated", 30.0, 15.0, True, False, ""),
        (4, "breaks", 5.0, 12.0, False, False, ""),
        (5, "stuck", INF, 11.0, False, False, ""),
    ]
    columns = ["strategy", "label", P95, "max(peak_pods)", "feasible", "front", "role"]
    return pd.DataFrame(rows, columns=columns)


def differences_table(measure: str = "duration_s", factor: float = 1.0) -> pd.DataFrame:
    """Better, worse, undecided, without a mean, the same; in the order of the strategies 1 to 5."""
    rows = [
        (1, measure, 9, -5.0, -6.0, -4.0, 0.999, 0.8, 1.0, 0.0),
        (2, measure, 9, 3.0, 2.0, 4.0, 0.25, 0.1, 0.4, 0.0),
        (3, measure, 9, 1.0, -1.0, 3.0, 0.5, 0.3, 0.7, 0.25),
        (4, measure, 9, NAN, NAN, NAN, 0.0, 0.0, 0.3, 0.0),
        (5, measure, 9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 1.0),
    ]
    columns = [
        "strategy",
        "measure",
        "n",
        "mean",
        "low",
        "high",
        "better",
        "better_low",
        "better_high",
        "equal",
    ]
    table = pd.DataFrame(rows, columns=columns)
    table[["mean", "low", "high"]] *= factor
    return table


def trend_table(texts: tuple[str, ...] = ("0", "1", "25%")) -> pd.DataFrame:
    """Two lines over three places."""
    rows = [
        {
            "maxSurge": text,
            "profile": name,
            P95: 30.0 - 5 * i + j,
            "low": 28.0 - 5 * i,
            "high": 33.0 - 5 * i + j,
        }
        for j, name in enumerate(("node", "kind"))
        for i, text in enumerate(texts)
    ]
    return pd.DataFrame(rows)


def artists(axes: Axes, gid: str) -> list[Any]:
    """All artists of a name."""
    return [a for a in axes.get_children() if a.get_gid() == gid]


def artist(axes: Axes, gid: str) -> Any:
    """The only artist of a name."""
    found = artists(axes, gid)
    assert len(found) == 1, (gid, sorted({a.get_gid() for a in axes.get_children() if a.get_gid()}))
    return found[0]


def points(line: Any) -> list[tuple[float, float]]:
    """A line's points."""
    return [(float(x), float(y)) for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def corners(collection: Any) -> set[tuple[int, int]]:
    """The lower left corners of the squares of a collection, as (column, row)."""
    return {tuple(int(v) for v in path.vertices.min(axis=0)) for path in collection.get_paths()}  # type: ignore[misc]


def texts(owner: Any) -> list[str]:
    """Every text, the legend's included."""
    return [t.get_text() for t in owner.findobj(Text) if t.get_text()]


def title(axes: Axes) -> str:
    """The finding."""
    return axes.get_title(loc="left")
