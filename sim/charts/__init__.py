"""Pictures of one rollout and of many: a trace, or tables, and Axes in, Axes out; no pyplot, no global
settings, equal inputs give equal bytes.

One rollout, from its trace: `timeline` shows how many pods there are in which state, `availability` how many
serve against what was asked for, `waterfall` the life of every single pod. All three share their time axis.
`comparison` lays simulated runs over real ones.

Many strategies, from tables that are computed elsewhere: `heatmap` and `heatmaps` show a number over two axes
of the grid, `trend` along one, `bands` pods over time, `distributions` the spread over runs, `differences`
what changes against a baseline, `pareto` the choice between two aims.

`save` writes PNG or SVG, `svg` returns the latter.
"""

from sim.charts.availability import availability
from sim.charts.bands import bands
from sim.charts.comparison import comparison
from sim.charts.differences import differences
from sim.charts.distributions import distributions
from sim.charts.heatmap import heatmap, heatmaps
from sim.charts.pareto import pareto
from sim.charts.style import save, svg
from sim.charts.timeline import timeline
from sim.charts.trend import trend
from sim.charts.waterfall import waterfall

__all__ = [
    "availability",
    "bands",
    "comparison",
    "differences",
    "distributions",
    "heatmap",
    "heatmaps",
    "pareto",
    "save",
    "svg",
    "timeline",
    "trend",
    "waterfall",
]
