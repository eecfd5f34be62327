"""Results as plain data, each by itself: documents fit for strict JSON, tables fit for CSV.

`sim.api.schema` describes the documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.choose import plain
from sim.report.candidates import names_of
from sim.report.compared import compared

if TYPE_CHECKING:
    import pandas as pd

    from sim.api.results import Comparison, Recommendation, Sweep
    from sim.sweep.sample import Sample

VERSION = 1
"""The version of the documents: another one where something means something else."""

Document = dict[str, Any]


def sweep_document(result: Sweep) -> Document:
    """Return a sweep: what it is, its strategies with their settings and statistics, what was left out."""
    return {**_head("Sweep", result.answer, result.sample), **_strategies(result)}


def comparison_document(result: Comparison, best: Recommendation) -> Document:
    """Return a comparison: a sweep, the differences to the first strategy, and what becomes of the limits."""
    told = [str(one) for one in compared(result.sample)]
    return {
        **_head("Comparison", ". ".join(told), result.sample),
        **_strategies(result),
        "baseline": result.sample.baseline,
        "sentences": told,
        "differences": rows_of(result.differences()),
        "limits": list(map(str, best.limits)),
        "breaches": rows_of(best.breaches),
        "choice": best.choice.as_dict(),
    }


def recommendation_document(result: Recommendation) -> Document:
    """Return a recommendation: the answer, every candidate with its settings, the patch."""
    sample = result.sweep.sample
    return {
        **_head("Recommendation", result.answer, sample),
        **result.choice.as_dict(),
        "limits": list(map(str, result.limits)),
        "aims": list(map(str, result.aims)),
        "assumed": result.assumed,
        "patch": result.patch,
        "command": result.command,
        "breaches": rows_of(result.breaches),
        "left_out": sample.about["left_out"],
        "not_in_force": sample.about["not_now"],
        "capped": list(sample.capped),
    }


def with_axes(table: pd.DataFrame, sample: Sample) -> pd.DataFrame:
    """Return a table with a column `strategy` that stands alone: after it label, name and a column an axis
    ("" where the axis has no say).
    """
    names = names_of(sample)
    told = sample.strategies.rename(columns={"strategy type": "type"}).copy()
    told.insert(2, "name", told["strategy"].map(names))
    told["now"] = told["strategy"] == sample.about["now"]
    return told.merge(table, on="strategy")


def rows_of(table: pd.DataFrame) -> list[Document]:
    """Return a table as its rows; what is no finite number is None."""
    return [{str(name): plain(cell) for name, cell in row.items()} for row in table.to_dict("records")]


def _head(kind: str, answer: str, sample: Sample) -> Document:
    return {"kind": kind, "schemaVersion": VERSION, "answer": answer, "provenance": sample.provenance}


def _strategies(result: Sweep) -> Document:
    sample = result.sample
    statistics: dict[int, Document] = {}
    for row in rows_of(result.statistics):
        number, measure = row.pop("strategy"), row.pop("measure")
        statistics.setdefault(number, {})[measure] = row
    return {
        "now": sample.about["now"],
        "axes": sample.about["axes"],
        "circumstances": sample.about["circumstances"],
        "assumed": sample.about["assumed"],
        "strategies": [
            {**one, "name": names_of(sample)[one["number"]], "statistics": statistics.get(one["number"], {})}
            for one in sample.about["strategies"]
        ],
        "left_out": sample.about["left_out"],
        "capped": list(sample.capped),
        "diagnostics": sample.about["diagnostics"],
    }
