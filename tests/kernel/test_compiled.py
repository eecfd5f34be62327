"""Where the compiled kernel is kept, and what happens when it cannot be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.engine.kernel import compiled

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _forget() -> None:
    compiled.folder.cache_clear()


def test_the_folder_is_named_after_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sources = tmp_path / "kernel"
    shutil.copytree(compiled.FOLDER, sources)
    monkeypatch.setattr(compiled, "FOLDER", sources)
    names = set()
    changes = ("", "clock.py", "player.py", "pods.py")
    for name in changes:
        if name:
            with (sources / name).open("a") as source:
                source.write("\n# another line\n")
        compiled.folder.cache_clear()
        found = compiled.folder()
        assert found is not None
        assert found.is_relative_to(tmp_path / "cache" / "rollsim")
        names.add(found)
    # player.py is not compiled.
    assert len(names) == len(changes) - 1


def test_rules_are_sources_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = compiled.folder()
    rules = tmp_path / "rules"
    shutil.copytree(compiled.RULES, rules)
    with (rules / "deployment.py").open("a") as source:
        source.write("\n# another line\n")
    monkeypatch.setattr(compiled, "RULES", rules)
    compiled.folder.cache_clear()
    assert compiled.folder() != before


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compiled.folder() is None
    assert not compiled.is_kept()
    with compiled.kept() as can_keep:
        assert not can_keep
    told: list[str] = []
    monkeypatch.setattr("sim.engine.kernel.loop.compile_all", lambda: told.append("compiled"))
    compiled.prepare(told.append)
    assert told == [
        "compiling the kernel (a minute or two, every time: no cache folder can be written)",
        "compiled",
    ]


def test_it_says_so_when_it_compiles_for_the_first_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    told: list[str] = []
    monkeypatch.setattr("sim.engine.kernel.loop.compile_all", lambda: told.append("compiled"))
    compiled.prepare(told.append)
    assert told == ["compiling the kernel (a minute or two, the first time only)", "compiled"]
    found = compiled.folder()
    assert found is not None
    (found / "kernel").mkdir()
    (found / "kernel" / "loop.nbc").write_bytes(b"")
    compiled.prepare(told.append)
    assert len(told) == 2


def test_a_read_only_cache_is_quiet(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from sim.engine.kernel import loop; print(loop.can_keep)"],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "file")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("False\n", "")
