"""Notebooks hold no logic, run from top to bottom, and show what their files say.

ROLLSIM_REGENERATE=1 writes their outputs anew, as it does golden files.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MOST_CELLS = 15
LOGIC = re.compile(r"\b(def|class|for|while|if|lambda|import \*)\b|^[%!]", re.MULTILINE)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def executed(path: Path) -> Any:
    """Return a notebook as it comes out of a fresh kernel; raises CellExecutionError for a cell that does."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        store_widget_state=False,
        # How a text is cut into messages is chance.
        coalesce_streams=True,
        resources={"metadata": {"path": str(FOLDER)}},
    ).execute()
    return without_traces(notebook)


def without_traces(notebook: Any) -> Any:
    """Return a notebook without what differs from one execution to the next, and from machine to machine."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.execution_count = None
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = None
                if "metadata" in output:
                    output.metadata = {}
    return notebook


def text_of(notebook: Any) -> str:
    """Return the file of a notebook."""
    return nbformat.writes(notebook) + "\n"


def shown(output: Mapping[str, Any]) -> Any:
    """Return what a reader sees of an output; of a picture, that there is one."""
    if output["output_type"] == "stream":
        return output["name"], output["text"]
    pictures = {kind: "a picture" for kind in output["data"] if kind.startswith("image/")}
    return {**output["data"], **pictures}


def test_there_are_notebooks() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04"]


@each_notebook
def test_a_notebook_shows_what_its_file_says(
    path: Path, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The kernel is a process of its own: it finds the code under test, and nothing of its user's.
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    found = executed(path)
    if os.environ.get("ROLLSIM_REGENERATE") == "1":
        path.write_text(text_of(found), encoding="utf-8", newline="\n")
        return
    kept = nbformat.read(path, as_version=4)
    for cell, now in zip(kept.cells, found.cells, strict=True):
        if cell.cell_type == "code":
            assert [shown(one) for one in now.outputs] == [shown(one) for one in cell.outputs], (
                f"{cell.source}\nROLLSIM_REGENERATE=1 accepts the change"
            )


@each_notebook
def test_a_notebook_is_a_story_without_logic(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert cells[0]["cell_type"] == "markdown"
    assert len(cells) <= MOST_CELLS
    for cell in cells:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            assert not LOGIC.search(source), source
            assert cell["outputs"] or source.startswith("from "), f"nothing comes of {source}"


@each_notebook
def test_a_file_holds_nothing_of_its_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == text_of(without_traces(nbformat.reads(text, as_version=4)))
    outputs = [one for cell in json.loads(text)["cells"] for one in cell.get("outputs", ())]
    assert {one["output_type"] for one in outputs} <= {"execute_result", "display_data", "stream"}
    assert not any(one.get("name") == "stderr" for one in outputs)
    # Memory addresses, folders of a machine.
    seen = json.dumps([shown(nbformat.from_dict(one)) for one in outputs])
    assert not re.search(r"0x[0-9a-f]{6}|/home/|/tmp/|/work/|site-packages", seen)
