"""Notebooks hold no logic and run from top to bottom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
MOST_CELLS = 15


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert 0 < len(cells) <= MOST_CELLS
    monkeypatch.chdir(FOLDER)
    names: dict[str, Any] = {}
    for cell in cells:
        source = "".join(cell["source"])
        assert not any(word in source for word in ("def ", "class ", "for ", "while "))
        if cell["cell_type"] == "code":
            exec(compile(source, f"{path.name}:{cell['id']}", "exec"), names)
    assert names["trace"].quiet
    assert names["figure"].axes[0].get_title(loc="left") or names["figure"].texts
