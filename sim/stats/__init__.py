"""What the runs of strategies say: statistics with intervals, paired differences, limits and precision."""

from sim.stats.comparison import breaches, differences
from sim.stats.expressions import (
    Limit,
    Precision,
    Statistic,
    parse_limit,
    parse_precision,
    parse_statistic,
)
from sim.stats.posterior import confidence
from sim.stats.summary import estimate, reached, summarize, value

__all__ = [
    "Limit",
    "Precision",
    "Statistic",
    "breaches",
    "confidence",
    "differences",
    "estimate",
    "parse_limit",
    "parse_precision",
    "parse_statistic",
    "reached",
    "summarize",
    "value",
]
