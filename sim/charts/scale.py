"""Linear or logarithmic: a scale on which small values are told apart beside ones many times as large."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axis import Axis, XAxis
from matplotlib.ticker import Locator

# From this ratio of the largest value to the smallest one on, small values share one spot of a linear axis.
WIDE = 10.0
# Shares are read against 0 and 100 %, which a logarithm has no place for.
_SHARES = ("ratio", "yes/no")
_MOST_TICKS = 8
_EVERY, _FEW = (1, 2, 5), (1,)
# Times as clocks have them; between the first and the last one they take the place of the decimal ones.
_CLOCK = {
    _EVERY: (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000, 86400),
    _FEW: (1, 10, 60, 600, 3600, 86400),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """How values lie on an axis: evenly, or (``log``) by their ratios."""

    log: bool

    def between(self, low: float, high: float, share: float) -> float:
        """Return what lies at a share of the way from ``low`` (0) to ``high`` (1), or beyond them."""
        if self.log:
            return float(low * (high / low) ** share)
        return float(low + share * (high - low))

    def on(self, axis: Axis) -> None:
        """Give an axis this scale."""
        if self.log:
            (axis.axes.set_xscale if isinstance(axis, XAxis) else axis.axes.set_yscale)("log")


LINEAR = Scale(log=False)


def scale_of(values: np.ndarray, unit: str) -> Scale:
    """Return the scale for numbers of a unit: logarithmic where all are above 0 and the largest finite one is
    more than WIDE times the smallest; shares are always linear. nan is nothing.
    """
    found = values[~np.isnan(values)]
    finite = found[np.isfinite(found)]
    if unit in _SHARES or not finite.size or not (found > 0).all():
        return LINEAR
    return Scale(log=bool(finite.max() > WIDE * finite.min()))


class LogTicks(Locator):
    """Ticks of a logarithmic axis as people write them: 1, 2, 5, 10, 20 …; of seconds 30, 60, 120, 300,
    600 …; fewer where these are too many.
    """

    def __init__(self, unit: str) -> None:
        self.seconds = unit == "s"

    def __call__(self) -> list[float]:
        """Return the ticks for what the axis shows."""
        if self.axis is None:
            return []
        low, high = sorted(map(float, self.axis.get_view_interval()))
        return self.tick_values(low, high)

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        """Return the ticks from ``vmin`` to ``vmax``, both above 0."""
        found = list(self._written(_EVERY, vmin, vmax))
        if len(found) > _MOST_TICKS:
            found = list(self._written(_FEW, vmin, vmax))
        return found[:: math.ceil(len(found) / _MOST_TICKS) or 1]

    def _written(self, digits: tuple[int, ...], low: float, high: float) -> Iterator[float]:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        numbers = [float(f"{digit}e{power}") for power in powers for digit in digits]
        if self.seconds:
            clock = _CLOCK[digits]
            numbers = [one for one in numbers if not clock[0] <= one <= clock[-1]]
            numbers = sorted([*numbers, *map(float, clock)])
        return (one for one in numbers if low <= one <= high)
