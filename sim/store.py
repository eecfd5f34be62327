"""Writes a trace and its measures to a folder: plain CSV and JSON, complete or not at all."""

from __future__ import annotations

import csv
import errno
import json
import math
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.errors import Diagnostic, InputError
from sim.trace import COLUMNS, Table, Trace

CSV_TABLES = ("replicasets", "deployments", "pods", "endpoints", "events")
FILES = (*(f"{name}.csv" for name in CSV_TABLES), "measures.json", "provenance.json")


def write(
    trace: Trace,
    measures: Mapping[str, Any],
    out: Path,
    charts: Callable[[Path], object] | None = None,
) -> tuple[Path, ...]:
    """Write FILES into the folder ``out`` (made when missing) and return their paths, charts last.

    Where anything was typed, commands.csv is among them.

    ``measures`` is what becomes measures.json, beside the key "provenance", which is added here; it must be
    fit for strict JSON. ``charts`` is called with a temporary folder and writes its files there. Everything
    is prepared in that folder, inside ``out`` because only there a move never crosses file systems, and then
    moved into place file by file; what else lies in ``out`` stays. Raises InputError (code E901) when ``out``
    cannot be such a folder; whatever is raised, no half-written file is left.
    """
    made = make_folder(out)
    try:
        try:
            workplace = Path(tempfile.mkdtemp(prefix=".rollsim-", dir=out))
        except OSError as error:
            raise refusal(out, error) from error
        try:
            _fill(workplace, trace, measures)
            if charts is not None:
                charts(workplace)
            return _move(workplace, out)
        except OSError as error:
            raise refusal(out, error) from error
        finally:
            shutil.rmtree(workplace, ignore_errors=True)
    except BaseException:
        _remove_folders(made)
        raise


def _fill(folder: Path, trace: Trace, measures: Mapping[str, Any]) -> None:
    for name in CSV_TABLES:
        write_csv(folder / f"{name}.csv", COLUMNS[name], trace.tables[name])
    if trace.tables["commands"]["command"]:
        write_csv(folder / "commands.csv", COLUMNS["commands"], trace.tables["commands"])
    provenance = trace.provenance.as_dict()
    ends = {
        "started_s": trace.started_s,
        "ended_s": trace.ended_s,
        "horizon_s": trace.horizon_s,
        "quiet": trace.quiet,
    }
    if "provenance" in measures:
        raise ValueError("measures carry a key 'provenance' of their own")
    write_json(folder / "measures.json", {**measures, "provenance": provenance})
    write_json(folder / "provenance.json", {**provenance, **ends})


def write_csv(path: Path, columns: tuple[str, ...], table: Table) -> None:
    """Write one table: a header, "," between cells, "\\n" after lines, UTF-8; cells of user text are quoted
    where needed.
    """
    cells = [list(map(cell, table[column])) for column in columns]
    # surrogateescape'd text must not stop the writing of everything else.
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*cells, strict=True))


def cell(value: Any) -> str:
    """Return a value as a CSV cell: at most 6 decimals without trailing zeros, nan as nothing, truth values
    in lower case.

    >>> cell(5.1), cell(1e-7), cell(float("nan")), cell(float("inf")), cell(True), cell(3)
    ('5.1', '0', '', 'inf', 'true', '3')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        text = f"{value:.6f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    return "" if value is None else str(value)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write strict JSON, indented by 2, keys in the order given, with a last line end. ValueError for nan
    and infinity.
    """
    text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace", newline="\n")


def make_folder(out: Path) -> list[Path]:
    """Make ``out`` and its missing parents; return those made, innermost first."""
    _look_at(out)
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    made: list[Path] = []
    try:
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            made.insert(0, folder)
    except OSError as error:
        _remove_folders(made)
        raise refusal(out, error) from error
    return made


def _look_at(out: Path) -> None:
    """Refuse what is in the way of a folder: a file, a name that cannot be, a link that leads nowhere."""
    try:
        if not stat.S_ISDIR(os.stat(out).st_mode):
            raise _refusal(out, "there is a file of that name, and output needs a folder")
    except FileNotFoundError:
        for folder in (out, *out.parents):
            if folder.is_symlink() and not folder.exists():
                raise _refusal(folder, "the symbolic link points to nothing") from None
    except OSError as error:
        words = {
            errno.ELOOP: "the symbolic link leads back to itself",
            errno.ENAMETOOLONG: "the name is too long",
        }
        raise _refusal(out, words.get(error.errno or 0, error.strerror or str(error))) from None


def _remove_folders(made: list[Path]) -> None:
    """Remove the folders that this run made, as far as they are empty."""
    for folder in made:
        try:
            folder.rmdir()
        except OSError:
            return


def _move(workplace: Path, out: Path) -> tuple[Path, ...]:
    names = [name for name in FILES if (workplace / name).exists()]
    names += sorted(path.name for path in workplace.iterdir() if path.name not in names)
    # Looked at before the first move: a folder in the way of the last file must not leave the first ones
    # replaced.
    for name in names:
        if (out / name).is_dir():
            raise _refusal(out / name, "a folder is in the way of a file to write")
    for name in names:
        os.replace(workplace / name, out / name)
    return tuple(out / name for name in names)


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` write a file beside ``path`` and put it in its place: no half of it is ever there.

    Raises InputError (E901) when it cannot be written.
    """
    beside = path.with_name(f".new-{path.name}")
    try:
        write(beside)
        os.replace(beside, path)
    except OSError as error:
        raise refusal(path, error) from error
    finally:
        beside.unlink(missing_ok=True)


def refusal(path: Path, error: OSError) -> InputError:
    """Return what tells the user that ``path`` cannot be written (E901)."""
    return _refusal(path, error.strerror or str(error))


def _refusal(path: Path, reason: str) -> InputError:
    # strerror begins with a capital, a diagnostic's clause does not.
    clause = reason[:1].lower() + reason[1:]
    return InputError(Diagnostic(code="E901", message=f"cannot write output: {clause}", file=str(path)))
