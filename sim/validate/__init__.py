"""Recorded against simulated: is a simulated run as close to a real one as another real run is?"""

from __future__ import annotations

from sim.validate.distance import Course, distance
from sim.validate.probes import ProbeReport, read_probes, validate_probes
from sim.validate.rollouts import Report, families, validate

__all__ = [
    "Course",
    "ProbeReport",
    "Report",
    "distance",
    "families",
    "read_probes",
    "validate",
    "validate_probes",
]
