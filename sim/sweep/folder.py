"""A folder of results: written as they come, each file complete or not there, and read again.

plan.json says what was asked; parts/ holds blocks as they were done, runs-N.parquet and bands-N.parquet; when
all are there, runs.parquet and bands.parquet take their place.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sim._version import __version__
from sim.errors import Diagnostic, InputError, one_line
from sim.store import make_folder, refusal, replace_file
from sim.sweep.block import Outcome
from sim.sweep.sample import Sample, bands_table, runs_table, strategies_table

FORMAT = "rollsim sweep 1"
PLAN, RUNS, BANDS = "plan.json", "runs.parquet", "bands.parquet"
_PARTS = "parts"
_FLUSH_S = 2.0
_FLUSH_RUNS = 20_000
# What has to be equal for two sweeps to be the same one.
_SAME = ("version", "digest", "replications", "precision", "most")


class Folder:
    """The results of one sweep on disk; made by `create` or `resume`."""

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        self.path, self.about = path, about
        self._pending: list[Outcome] = []
        self._flushed = time.monotonic()
        self._number = 1 + max(self._numbers(), default=-1)

    @classmethod
    def create(cls, path: Path, about: dict[str, Any]) -> Folder:
        """Make the folder; InputError when it holds results already (E521) or cannot be written (E901)."""
        arrow()
        make_folder(path)
        if (path / PLAN).exists():
            message, expected = "there are results in this folder already", "--resume, or another folder"
            raise InputError(Diagnostic(code="E521", message=message, file=str(path), expected=expected))
        folder = cls(path, {"format": FORMAT, **about})
        text = json.dumps(folder.about, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        try:
            (path / _PARTS).mkdir(exist_ok=True)
        except OSError as error:
            raise refusal(path, error) from error
        replace_file(path / PLAN, lambda beside: beside.write_text(text, encoding="utf-8"))
        return folder

    @classmethod
    def resume(cls, path: Path, about: dict[str, Any]) -> Folder:
        """Go on in a folder, or begin in one without results; InputError when it holds another sweep's
        (E522).
        """
        if not (path / PLAN).exists():
            return cls.create(path, about)
        found = read_plan(path)
        for key in _SAME:
            if found.get(key) != about.get(key):
                raise InputError(
                    Diagnostic(
                        code="E522",
                        message=f"the folder holds the results of another sweep: its {key} differs",
                        file=str(path),
                        found=one_line(str(found.get(key))),
                        expected=one_line(str(about.get(key))),
                    )
                )
        return cls(path, found)

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome; it is on disk after some seconds at the latest."""
        self._pending.append(outcome)
        late = time.monotonic() - self._flushed > _FLUSH_S
        if late or sum(one.task.runs for one in self._pending) > _FLUSH_RUNS:
            self.flush()

    def flush(self) -> None:
        """Write what is pending as one part; InputError (E901) when the disk refuses."""
        if self._pending:
            # A part is there when its runs are: they are written last.
            self._write(bands_table(self._pending), _part("bands", self._number))
            self._write(runs_table(self._pending), _part("runs", self._number))
            self._number += 1
            self._pending.clear()
        self._flushed = time.monotonic()

    def read(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the runs and bands that are there."""
        if (self.path / RUNS).exists():
            return read_table(self.path / RUNS), read_table(self.path / BANDS)
        numbers = self._numbers()
        runs = [read_table(self.path / _part("runs", number)) for number in numbers]
        bands = [read_table(self.path / _part("bands", number)) for number in numbers]
        return joined(runs, runs_table([])), joined(bands, bands_table([]))

    def finish(self, sample: Sample) -> None:
        """Write the whole tables in place of the parts."""
        self._write(sample.bands, BANDS)
        self._write(sample.runs, RUNS)
        shutil.rmtree(self.path / _PARTS, ignore_errors=True)

    def _numbers(self) -> list[int]:
        names = (path.stem.removeprefix("runs-") for path in (self.path / _PARTS).glob("runs-*.parquet"))
        return sorted(int(name) for name in names if name.isdecimal())

    def _write(self, table: pd.DataFrame, name: str) -> None:
        about = {key: self.about[key] for key in ("version", "scenario", "digest", "seed")}
        content = arrow().Table.from_pandas(table, preserve_index=False)
        content = content.replace_schema_metadata({"rollsim": json.dumps(about)})
        write = partial(arrow().parquet.write_table, content, compression="zstd")
        replace_file(self.path / name, write)


def _part(kind: str, number: int) -> str:
    return f"{_PARTS}/{kind}-{number:06d}.parquet"


def joined(tables: Sequence[pd.DataFrame], empty: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all ``tables``; ``empty`` when there are none."""
    found = [table for table in tables if len(table)]
    return pd.concat(found, ignore_index=True) if found else empty


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


def read_table(path: Path) -> pd.DataFrame:
    """Return a Parquet file's table; raises InputError (E523)."""
    try:
        table: pd.DataFrame = arrow().parquet.read_table(path).to_pandas()
    except (OSError, ValueError) as error:
        message = f"this is no table of results: {one_line(str(error), 120)}"
        raise InputError(Diagnostic(code="E523", message=message, file=str(path))) from None
    return table


def is_results(path: Path) -> bool:
    """Whether a folder holds the results of a sweep."""
    return (path / PLAN).is_file()


def read_plan(path: Path) -> dict[str, Any]:
    """Return what plan.json says; raises InputError (E523)."""
    try:
        found = json.loads((path / PLAN).read_text(encoding="utf-8"))
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT!r}")
    except (OSError, ValueError) as error:
        message = f"no results of a sweep: {one_line(str(error), 120)}"
        raise InputError(Diagnostic(code="E523", message=message, file=str(path / PLAN))) from None
    return found


def read_sample(path: Path) -> Sample:
    """Return the sample that a folder holds; InputError when it is no such folder (E523) or not complete
    (E524).
    """
    about = read_plan(path)
    if not (path / RUNS).exists():
        message, expected = "the sweep in this folder is not complete", "rollsim sweep … --resume first"
        raise InputError(Diagnostic(code="E524", message=message, file=str(path), expected=expected))
    if about["version"] != __version__:
        message = f"the results are those of rollsim {about['version']}, and this is {__version__}"
        raise InputError(Diagnostic(code="E522", message=message, file=str(path)))
    return Sample(
        strategies=strategies_table(about),
        runs=read_table(path / RUNS),
        bands=read_table(path / BANDS),
        about=about,
    )
