"""A folder of results: written as they come, each file complete or not there, and read again.

plan.json says what was asked; parts/ holds blocks as they were done, runs-N.parquet and bands-N.parquet; when
all are there, runs.parquet and bands.parquet take their place.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from sim._version import __version__
from sim.errors import Diagnostic, InputError, one_line
from sim.store import make_folder, refusal, replace_file
from sim.sweep.block import Outcome
from sim.sweep.sample import (
    BANDS_COLUMNS,
    KEYS,
    RUN_COLUMNS,
    Sample,
    bands_table,
    runs_table,
    strategies_table,
)
from sim.sweep.tables import arrow, damaged, read_table, write_table

FORMAT = "rollsim sweep 2"
_OLDER = ("rollsim sweep 1",)
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
        taken = next((name for name in (RUNS, BANDS, _PARTS) if os.path.lexists(path / name)), None)
        if taken is not None:
            message = f"{taken} in this folder is of no sweep"
            raise InputError(
                Diagnostic(code="E521", message=message, file=str(path), expected="another folder")
            )
        folder = cls(path, {"format": FORMAT, **about})
        found = {**folder.about, "check": _check(folder.about)}
        text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
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
            try:
                (self.path / _PARTS).mkdir(exist_ok=True)
            except OSError as error:
                raise refusal(self.path / _PARTS, error) from error
            # A part is there when its runs are: they are written last.
            self._write(bands_table(self._pending), _part("bands", self._number))
            self._write(runs_table(self._pending), _part("runs", self._number))
            self._number += 1
            self._pending.clear()
        self._flushed = time.monotonic()

    def read(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the runs and bands that are there."""
        if (self.path / RUNS).exists():
            return self._table(RUNS, RUN_COLUMNS), self._table(BANDS, BANDS_COLUMNS)
        numbers = self._numbers()
        runs = [self._table(_part("runs", number), RUN_COLUMNS) for number in numbers]
        bands = [self._table(_part("bands", number), BANDS_COLUMNS) for number in numbers]
        # Two that went on at once may both have run a block; its runs are the same.
        return (
            joined(runs, runs_table([])).drop_duplicates(list(KEYS), ignore_index=True),
            joined(bands, bands_table([])).drop_duplicates(list(BANDS_COLUMNS[:3]), ignore_index=True),
        )

    def _table(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        return read_table(self.path / name, columns, self.about["digest"])

    def finish(self, sample: Sample) -> None:
        """Write the whole tables in place of the parts."""
        self._write(sample.bands, BANDS)
        self._write(sample.runs, RUNS)
        for number in self._numbers():
            for kind in ("runs", "bands"):
                (self.path / _part(kind, number)).unlink(missing_ok=True)
        with suppress(OSError):  # not ours alone
            (self.path / _PARTS).rmdir()

    def _numbers(self) -> list[int]:
        names = (path.stem.removeprefix("runs-") for path in (self.path / _PARTS).glob("runs-*.parquet"))
        return sorted(int(name) for name in names if name.isdecimal())

    def _write(self, table: pd.DataFrame, name: str) -> None:
        about = {key: self.about[key] for key in ("version", "scenario", "digest", "seed")}
        write_table(self.path / name, table, about)


def _part(kind: str, number: int) -> str:
    return f"{_PARTS}/{kind}-{number:06d}.parquet"


def joined(tables: Sequence[pd.DataFrame], empty: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all ``tables``; ``empty`` when there are none."""
    found = [table for table in tables if len(table)]
    return pd.concat(found, ignore_index=True) if found else empty


def _older(path: Path, form: str) -> InputError:
    message = "these results were written by an older version of rollsim"
    expected = f"{FORMAT!r}: simulate again, into another folder"
    return InputError(Diagnostic(code="E522", message=message, file=str(path), found=form, expected=expected))


def _check(about: Mapping[str, Any]) -> str:
    """Return 16 hexadecimal characters that change with anything that plan.json says."""
    text = json.dumps(about, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_results(path: Path) -> bool:
    """Whether a folder holds the results of a sweep."""
    return (path / PLAN).is_file()


def read_plan(path: Path) -> dict[str, Any]:
    """Return what plan.json says; raises InputError (E523), also when it was changed since, and E522 for what
    an older version wrote.
    """
    if not is_results(path):
        message, expected = "there are no results of a sweep", "a folder that sweep --out filled"
        raise InputError(Diagnostic(code="E523", message=message, file=str(path), expected=expected))
    try:
        found = json.loads((path / PLAN).read_text(encoding="utf-8"))
        if isinstance(found, dict) and found.get("format") in _OLDER:
            raise _older(path / PLAN, found["format"])
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT!r}")
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path / PLAN, f"no results of a sweep: {one_line(str(error), 120)}") from None
    check = found.pop("check", None)
    # Another version may have counted otherwise; whoever reads this refuses it.
    if found.get("version") == __version__ and check != _check(found):
        raise damaged(path / PLAN, "it was changed after the sweep had written it")
    return found


def read_sample(path: Path) -> Sample:
    """Return the sample that a folder holds; InputError when it is no such folder (E523) or not complete
    (E524).
    """
    about = read_plan(path)
    if not (path / RUNS).exists():
        message, expected = "the sweep in this folder is not complete", "rollsim sweep … --resume first"
        raise InputError(Diagnostic(code="E524", message=message, file=str(path), expected=expected))
    if about.get("version") != __version__:
        version = one_line(str(about.get("version")), 60)
        message = f"the results are those of rollsim {version}, and this is {__version__}"
        raise InputError(Diagnostic(code="E522", message=message, file=str(path)))
    digest = about["digest"]
    strategies, runs = strategies_table(about), read_table(path / RUNS, RUN_COLUMNS, digest)
    counted = runs.groupby("strategy").cumcount()
    if set(runs["strategy"]) != set(strategies["strategy"]) or not (counted == runs["replication"]).all():
        raise damaged(path / RUNS, "these are not the runs of this sweep, or not all of them")
    return Sample(strategies, runs, read_table(path / BANDS, BANDS_COLUMNS, digest), about)
