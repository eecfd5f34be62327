"""Tables of results as Parquet files: each complete or not there, with the checksum of its cells."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import Diagnostic, InputError, one_line
from sim.store import replace_file
from sim.sweep.sample import checksum_of

_ABOUT = b"rollsim"


def arrow() -> Any:
    """Return pyarrow; raises InputError (E520) when it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        message = "results are kept as Parquet, and pyarrow is not installed"
        expected = "pip install 'rollsim[parquet]'"
        raise InputError(Diagnostic(code="E520", message=message, expected=expected)) from None
    return pyarrow


def write_table(path: Path, table: pd.DataFrame, about: Mapping[str, Any]) -> None:
    """Write a table and what it is of; raises InputError (E901) when the disk refuses."""
    content = arrow().Table.from_pandas(table, preserve_index=False)
    content = content.replace_schema_metadata({_ABOUT: json.dumps({**about, "checksum": checksum_of(table)})})
    write = arrow().parquet.write_table
    replace_file(path, partial(write, content, compression="zstd", write_page_checksum=True))


def read_table(path: Path, columns: Sequence[str], digest: str) -> pd.DataFrame:
    """Return a Parquet file's table; raises InputError (E523), also when it has other columns, is of a plan
    with another digest, or has a cell that was changed since.
    """
    failures = (OSError, ValueError, OverflowError, MemoryError, arrow().ArrowException)
    try:
        content = arrow().parquet.read_table(path, page_checksum_verification=True)
        about = json.loads((content.schema.metadata or {}).get(_ABOUT, b"{}"))
        table: pd.DataFrame = content.to_pandas(ignore_metadata=True)
    except FileNotFoundError:
        raise damaged(path, "a table of the results is missing") from None
    except failures as error:
        raise damaged(path, f"this is no table of results: {one_line(str(error), 120)}") from None
    if list(table.columns) != list(columns):
        raise damaged(path, "this is no table of results: its columns are others")
    if not isinstance(about, dict) or about.get("digest") != digest:
        raise damaged(path, "this is no table of results: it is of another sweep")
    if not _is_as_written(table, about.get("checksum")):
        raise damaged(path, "it was changed after the sweep had written it")
    return table


def _is_as_written(table: pd.DataFrame, checksum: object) -> bool:
    # A turned bit in the schema makes lengths of time of numbers, whose cells are the same.
    if any(table[name].to_numpy().dtype.kind not in "Obif" for name in table):
        return False
    try:
        return checksum_of(table) == checksum
    except (TypeError, ValueError):  # cells that are no numbers in a column of numbers
        return False


def damaged(path: Path, message: str) -> InputError:
    """Return what tells the user that a file of results cannot be used (E523)."""
    return InputError(Diagnostic(code="E523", message=message, file=str(path)))
