"""What a trace shows, in step functions and numbers: `measure`, `series`, requirements on measures, helpers
for step functions.
"""

from sim.metrics.counted import counted_measures
from sim.metrics.finding import finding, least_later
from sim.metrics.measured import Measured, measured
from sim.metrics.measures import (
    MEASURES,
    OTHER_WORDS,
    Meaning,
    Measures,
    availability,
    least_available,
    measure,
    measure_rollout,
)
from sim.metrics.outcome import outcome, why_not_complete
from sim.metrics.record import SERIES, Generation, Record
from sim.metrics.requirement import OF_COMPLETION, Requirement, RequirementError, parse_requirement
from sim.metrics.rollout import Rollout, rollouts, series
from sim.metrics.states import GROUPS, Segments, last_change_s, segments, state_counts
from sim.metrics.steps import (
    Steps,
    common_times,
    first_where,
    longest_where,
    step_at,
    step_cut,
    step_integral,
    step_max,
    step_min,
    time_where,
)

__all__ = [
    "GROUPS",
    "MEASURES",
    "OF_COMPLETION",
    "OTHER_WORDS",
    "SERIES",
    "Generation",
    "Meaning",
    "Measured",
    "Measures",
    "Record",
    "Requirement",
    "RequirementError",
    "Rollout",
    "Segments",
    "Steps",
    "availability",
    "common_times",
    "counted_measures",
    "finding",
    "first_where",
    "last_change_s",
    "least_available",
    "least_later",
    "longest_where",
    "measure",
    "measure_rollout",
    "measured",
    "outcome",
    "parse_requirement",
    "rollouts",
    "segments",
    "series",
    "state_counts",
    "step_at",
    "step_cut",
    "step_integral",
    "step_max",
    "step_min",
    "time_where",
    "why_not_complete",
]
