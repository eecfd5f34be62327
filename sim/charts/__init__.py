"""Pictures of one rollout: a trace and Axes in, Axes out; no pyplot, no global settings, equal traces give
equal bytes.

`timeline` shows how many pods there are in which state, `availability` how many serve against what was asked
for, `waterfall` the life of every single pod. All three share their time axis. `comparison` lays simulated
runs over real ones. `save` writes PNG or SVG.
"""

from sim.charts.availability import availability
from sim.charts.comparison import comparison
from sim.charts.style import save
from sim.charts.timeline import timeline
from sim.charts.waterfall import waterfall

__all__ = ["availability", "comparison", "save", "timeline", "waterfall"]
