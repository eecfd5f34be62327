"""What the charts have in common: colours, settings, figures and files."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Okabe and Ito's palette: told apart by colour-blind eyes. Blue is darker than orange, so grey print tells
# them apart too.
NEWEST = "#0072B2"
OLDER = ("#E69F00", "#009E73", "#CC79A7")
INK = "#222222"
FAINT = "#777777"
TERMINATING = "#9A9A9A"
BELOW_DESIRED = "#F0E442"
BELOW_FLOOR = "#D55E00"

SIZE = (10.0, 4.8)
DPI = 144
# Where the plot lies in a figure of our own; the legend has the rest of the width.
MARGINS = {"left": 0.075, "right": 0.70, "top": 0.84, "bottom": 0.15}

_SETTINGS: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "axes.titlesize": 11.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    # Names are the user's: a "$" in one is no formula.
    "text.parse_math": False,
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "legend.handlelength": 1.9,
    "legend.labelspacing": 0.55,
    "path.simplify": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "rollsim",
}


@contextmanager
def settings() -> Iterator[None]:
    """Draw with our own settings, whatever the user's matplotlibrc says, and put theirs back afterwards."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        # A character that the font lacks is drawn as a box, which says enough.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        # The backend is left alone: resolving it would import a window system.
        current = cast(Any, matplotlib.rcParams)  # its type lists its keys, differently in every version
        current.update({k: v for k, v in matplotlib.rcParamsDefault.items() if k not in _KEPT})
        current.update(_SETTINGS)
        yield


_KEPT = {"backend", "backend_fallback", "interactive", "toolbar", "timezone", "webagg.port", "webagg.address"}


def new_axes(height: float = SIZE[1]) -> Axes:
    """Return the Axes of a new figure of our own size, ``height`` in inches, with room for a legend at the
    right.
    """
    figure = Figure(figsize=(SIZE[0], height))
    FigureCanvasAgg(figure)
    # Titles and labels keep their room in inches, however high the figure.
    share = SIZE[1] / height
    top, bottom = 1 - (1 - MARGINS["top"]) * share, MARGINS["bottom"] * share
    figure.subplots_adjust(left=MARGINS["left"], right=MARGINS["right"], top=top, bottom=bottom)
    axes: Axes = figure.add_subplot()
    return axes


def family(rank: int) -> str:
    """Return the colour of a version: ``rank`` 0 is the newest, 1 the one before it, and so on."""
    return NEWEST if rank == 0 else OLDER[(rank - 1) % len(OLDER)]


def tint(colour: str, share: float) -> tuple[float, float, float]:
    """Return a colour mixed with white; ``share`` 1 is the colour itself, 0 is white."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 1 - share * (1 - red), 1 - share * (1 - green), 1 - share * (1 - blue)


def short(text: str, limit: int) -> str:
    """Return printable text of at most ``limit`` characters, its middle left out where it is longer."""
    text = "".join(c if c.isprintable() else " " for c in text)
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"


Chart = Figure | Axes
"""What the charts return."""


def save(chart: Chart | Callable[[], Chart], path: Path | str) -> Path:
    """Write a chart (or what a function without arguments draws) as PNG (144 dpi) or SVG, after the path's
    ending.

    Equal charts give equal bytes: no date, no version, no random ids. Returns the path. Raises ValueError for
    another ending, OSError when the file cannot be written.
    """
    path = Path(path)
    kind = path.suffix.lower().lstrip(".")
    if kind not in ("png", "svg"):
        raise ValueError(f"charts are written as .png or .svg, not {path.suffix or 'without an ending'}")
    # Only a complete picture reaches the disk.
    path.write_bytes(_picture(chart, kind))
    return path


def svg(chart: Chart | Callable[[], Chart]) -> str:
    """Return the SVG document that `save` writes."""
    return _picture(chart, "svg").decode()


def _picture(chart: Chart | Callable[[], Chart], kind: str) -> bytes:
    with settings():
        drawn = chart() if callable(chart) and not isinstance(chart, Figure | Axes) else chart
        figure = drawn if isinstance(drawn, Figure) else drawn.get_figure(root=True)
        if figure is None:
            raise ValueError("these Axes belong to no figure")
        picture = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(picture, format=kind, dpi=DPI, metadata=metadata)
    return picture.getvalue()
