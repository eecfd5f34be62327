"""Charts, whatever MPLBACKEND says."""

from __future__ import annotations

import os
from typing import Any


def load_charts() -> Any:
    """Return the charts; matplotlib refuses to be imported under an MPLBACKEND that it does not know.

    Charts are drawn without any backend, so that whatever it says makes no difference.
    """
    asked = os.environ.pop("MPLBACKEND", None)
    try:
        from sim import charts
    finally:
        if asked is not None:
            os.environ["MPLBACKEND"] = asked
    return charts
