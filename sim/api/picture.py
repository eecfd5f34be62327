"""What lets a chart show itself at the end of a notebook's cell."""

from __future__ import annotations

import io
from functools import partial
from typing import TypeVar

Drawn = TypeVar("Drawn")


def showing_itself(axes: Drawn) -> Drawn:
    """Return Axes that Jupyter shows as a picture of their figure.

    Jupyter asks what a cell ends with for `_repr_png_`. Matplotlib's figures have none without pyplot, which
    keeps every figure and may look for a window system.
    """
    vars(axes)["_repr_png_"] = partial(_png, axes)
    return axes


def _png(axes: Drawn) -> bytes:
    from sim.charts.style import DPI, settings

    picture = io.BytesIO()
    with settings():
        axes.figure.savefig(picture, format="png", dpi=DPI, metadata={"Software": None})  # type: ignore[attr-defined]
    return picture.getvalue()
