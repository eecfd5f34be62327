"""Free places for texts among the marks and lines of a chart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

# Where a text may stand beside its point: to the right above first, then around.
_OFFSETS = ((1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1))
_APART_IN = 0.04
_Box = tuple[float, float, float, float]


class Taken:
    """Where there is something on the Axes already, in inches; their limits must not change any more."""

    def __init__(self, axes: Axes) -> None:
        figure = axes.get_figure(root=True)
        self.dpi = figure.dpi if figure is not None else 100.0
        self.axes = axes
        self.points = np.empty((0, 2))
        self.boxes: list[_Box] = []

    def add(self, points: np.ndarray) -> None:
        """Take the places of points (in the data's units)."""
        if len(points):
            self.points = np.concatenate([self.points, self._inches(points)])

    def add_lines(self, corners: np.ndarray) -> None:
        """Take the places of straight lines from corner to corner (in the data's units)."""
        if len(corners):
            for one, other in pairwise(self._inches(corners)):
                self.points = np.concatenate([self.points, _along(one, other)])

    def beside(self, point: np.ndarray, wide: float, high: float, away: float) -> tuple[float, float] | None:
        """Return the offset in points of the centre of a box of text beside a point (in the data's units),
        None where there is no free place. The box and a line from it to the point are taken then.
        """
        at = self._inches(point[None])[0]
        low, right = (np.array(corner) / self.dpi for corner in (self.axes.bbox.min, self.axes.bbox.max))
        for x, y in _OFFSETS:
            centre = at + np.array([x * (away + wide / 2), y * (away + high / 2)])
            box = (centre[0] - wide / 2, centre[1] - high / 2, centre[0] + wide / 2, centre[1] + high / 2)
            inside = box[0] >= low[0] and box[1] >= low[1] and box[2] <= right[0] and box[3] <= right[1]
            leader = _along(at, centre)
            if inside and self._free(box) and not any(_within(leader, other).any() for other in self.boxes):
                self.boxes.append(box)
                self.points = np.concatenate([self.points, leader])
                offset = 72 * (centre - at)
                return float(offset[0]), float(offset[1])
        return None

    def _inches(self, points: np.ndarray) -> np.ndarray:
        inches: np.ndarray = self.axes.transData.transform(points) / self.dpi
        return inches

    def _free(self, box: _Box) -> bool:
        wider = (box[0] - _APART_IN, box[1] - _APART_IN, box[2] + _APART_IN, box[3] + _APART_IN)
        crossed = any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
            for other in self.boxes
        )
        return not crossed and not _within(self.points, wider).any()


def _along(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    points: np.ndarray = one + np.linspace(0, 1, 60)[:, None] * (other - one)
    return points


def _within(points: np.ndarray, box: _Box) -> np.ndarray:
    x, y = points.T
    inside: np.ndarray = (x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])
    return inside
