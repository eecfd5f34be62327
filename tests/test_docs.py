"""The documentation is executed: every command and every example of the README does what is shown there.

In a `console` block each line that begins with "$ " is run, and the lines under it, if there are any, are its
output; ROLLSIM_REGENERATE=1 writes the output of those commands that show one. A `python` block is run, too.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """Return the code blocks of the README in one language."""
    return [text for kind, text in _BLOCK.findall(README.read_text(encoding="utf-8")) if kind == language]


def commands(block: str) -> list[tuple[str, str]]:
    """Return (command, output shown) of a console block."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert parts[0] == "", f"a console block begins with a command: {parts[0]!r}"
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts[1:])]


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the README where the scenarios are, with `rollsim` on the path, 80 columns wide."""
    tools = folder / ".tools"
    tools.mkdir(exist_ok=True)
    script = tools / "rollsim"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m sim "$@"\n')
    script.chmod(0o755)
    env = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"}
    env["PYTHONIOENCODING"] = "utf-8"
    env.pop("FORCE_COLOR", None)
    return subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a copy of the scenarios, to run commands in."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    return tmp_path


@pytest.mark.parametrize("number", range(len(blocks("console"))))
def test_commands_of_the_readme(number: int, folder: Path) -> None:
    block = blocks("console")[number]
    renewed = ""
    for command, shown in commands(block):
        ended = shell(command, folder)
        assert ended.returncode == 0, f"{command}\n{ended.stdout}{ended.stderr}"
        renewed += f"$ {command}\n{ended.stdout if shown else ''}"
    if os.environ.get("ROLLSIM_REGENERATE") == "1":
        text = README.read_text(encoding="utf-8")
        README.write_text(
            text.replace(f"```console\n{block}```", f"```console\n{renewed}```"), encoding="utf-8"
        )
    else:
        assert block == renewed, "`make golden` writes the README's output anew"


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python_of_the_readme(number: int, folder: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", blocks("python")[number]],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr


def test_profiles_and_scenarios_of_the_readme_load(folder: Path) -> None:
    from sim.spec.document import parse_documents
    from sim.spec.profile import load_profile
    from sim.spec.scenario import load_scenario

    loaded = []
    for block in blocks("yaml"):
        (document,) = parse_documents(block, "README.md")
        if "steps" in document.data:
            file = folder / "scenarios" / "readme.yaml"
            file.write_text(block, encoding="utf-8")
            loaded.append(str(len(load_scenario(file).steps)))
        else:
            loaded.append(load_profile(document.data).kubernetes)
    assert sorted(loaded) == ["1.28", "4"]


def test_targets_of_the_readme_exist() -> None:
    targets = set(
        re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(blocks("sh"))))
    assert named
    assert named <= targets


def test_out_writes_the_files_of_the_readme(folder: Path) -> None:
    assert shell("rollsim run scenarios/03-rolling-update.yaml --out out", folder).returncode == 0
    section = README.read_text(encoding="utf-8").partition("## Files")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z]+\.(?:csv|json|png|txt))`", section))
    assert {path.name for path in (folder / "out").iterdir()} == named


def test_files_that_the_readme_names_exist() -> None:
    for name in re.findall(r"`((?:[\w-]+/)+[\w.-]*|[A-Z]+\.md)`", README.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda path: path.name)
def test_every_scenario_runs_as_it_is(path: Path, folder: Path) -> None:
    ended = shell(f"rollsim run scenarios/{path.name}", folder)
    assert ended.returncode == 0, ended.stderr


def test_make_alone_lists_every_target() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    ended = subprocess.run([make, "-s"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[
        0
    ].split()
    assert re.findall(r"^  make (\S+) ", ended.stdout, re.MULTILINE) == targets
