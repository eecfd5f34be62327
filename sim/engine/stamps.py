"""Times as Kubernetes writes them: `metav1.Time` keeps whole seconds of the wall clock, cut off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stamps:
    """``unit``: microseconds that a stamp keeps (0: everything). ``phase``: how far into a wall-clock second
    the simulated 0 is."""

    unit: int
    phase: int

    def at(self, now: int) -> int:
        """Return the stamp of ``now``, at most one unit earlier."""
        if self.unit == 0:
            return now
        return now - (now + self.phase) % self.unit
