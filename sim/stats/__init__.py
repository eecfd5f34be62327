"""What the runs of strategies say: statistics with intervals, paired differences, limits and precision."""

from sim.stats.bootstrap import confidence
from sim.stats.comparison import breaches, differences
from sim.stats.expressions import (
    Limit,
    Precision,
    Statistic,
    parse_limit,
    parse_precision,
    parse_statistic,
)
from sim.stats.summary import half_width, reached, summarize, value

__all__ = [
    "Limit",
    "Precision",
    "Statistic",
    "breaches",
    "confidence",
    "differences",
    "half_width",
    "parse_limit",
    "parse_precision",
    "parse_statistic",
    "reached",
    "summarize",
    "value",
]
