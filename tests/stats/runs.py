"""Tables of runs made by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd


def table(strategies: dict[int, dict[str, Any]]) -> pd.DataFrame:
    """Return the runs of each strategy: {0: {"duration_s": [1.0, 2.0]}} has two runs."""
    parts = [
        pd.DataFrame(
            {"strategy": strategy, "replication": range(len(next(iter(columns.values())))), **columns}
        )
        for strategy, columns in strategies.items()
    ]
    return pd.concat(parts, ignore_index=True)
