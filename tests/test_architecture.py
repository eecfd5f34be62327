"""The shape of the code: which room imports which, what starting costs, how large rooms and functions are."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sim.cli import VERBS

LONGEST_MODULE = 450
LONGEST_FUNCTION = 60
# Wiring is one long list of arguments; cut in two it would be harder to follow.
LONG_FUNCTIONS = {"sim/engine/model.py": {"__init__"}}


def modules_after(root: Path, code: str, *arguments: str) -> set[str]:
    """Return the names of the modules that are loaded after `code` ran in a fresh interpreter."""
    ending = "import json, sys\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{ending}", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(json.loads(run.stdout.splitlines()[-1]))


def rooms(names: set[str]) -> set[str]:
    """Return the modules of sim among `names`."""
    return {name for name in names if name.startswith("sim.")}


def test_imports_keep_every_contract(root: Path) -> None:
    # The linter changes sys.path and settings of its own: in another process the other tests do not notice.
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken" in run.stdout


def test_the_layers_are_those_of_the_contract(root: Path) -> None:
    config = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {c["id"]: c for c in config["tool"]["importlinter"]["contracts"]}
    order = (
        "cli > api > report > charts|validate|choose > sweep > stats > metrics > recorded|store > engine "
        "> trace > spec > kubectl > rules > units > errors"
    )
    wanted = [set(line.strip().split("|")) for line in order.split(">")]
    found = [set(re.findall(r"\w+", line)) for line in contracts["layers"]["layers"]]
    assert found == [{"__main__"}, *wanted, {"_version"}]
    assert contracts["layers"]["exhaustive"] is True


@pytest.mark.parametrize(
    ("package", "home"),
    [
        ("simpy", "engine"),
        ("click", "cli"),
        ("rich", "cli"),
        ("yaml", "spec"),
        ("scipy", "stats"),
        ("numba", "engine"),
        ("distributed", "sweep"),
        ("pyarrow", "sweep"),
        ("jinja2", "report"),
    ],
)
def test_a_package_has_one_home(root: Path, package: str, home: str) -> None:
    # The linter sees import statements; this sees what is loaded by any other way, too.
    users = set()
    for path in (root / "sim").rglob("*.py"):
        if re.search(rf"^\s*(import|from) {package}\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            users.add(path.relative_to(root / "sim").parts[0])
    assert users == {home}


def test_importing_sim_loads_nothing_else(root: Path) -> None:
    assert rooms(modules_after(root, "import sim")) == {"sim._version"}


def test_the_face_offers_what_it_promises(root: Path) -> None:
    import sim

    for name in sim.__all__:
        assert getattr(sim, name) is not None
        assert name in dir(sim)
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        sim.simulat  # noqa: B018 - the access is what is tested


def test_help_imports_no_verb(root: Path) -> None:
    loaded = modules_after(root, "from sim.cli import main; main(['--help'])")
    assert rooms(loaded) == {"sim._version", "sim.cli"}
    assert not {"numpy", "pydantic", "rich", "yaml", "importlib.metadata"} & loaded


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_loads_no_simulator(root: Path, verb: str) -> None:
    loaded = modules_after(root, f"from sim.cli import main; main(['{verb}', '--help'])")
    assert not {"numpy", "pydantic", "simpy", "rich", "yaml"} & loaded


def test_a_worker_needs_neither_tables_nor_statistics(root: Path) -> None:
    loaded = modules_after(root, "import sim.sweep.executors")
    assert "sim.engine.model" not in loaded  # found when the first scenario is simulated
    assert not {"pandas", "scipy", "matplotlib", "distributed", "pyarrow", "rich"} & loaded


def test_a_plain_run_needs_neither_pandas_nor_matplotlib(root: Path) -> None:
    code = "from sim.cli import main; assert main(['run', 'scenarios/manifests/testqc.yaml']) == 0"
    loaded = modules_after(root, code)
    assert "sim.engine.model" in loaded
    assert (
        not {"pandas", "matplotlib", "sim.charts", "sim.store", "numba", "dask", "pyarrow", "scipy"} & loaded
    )


def test_a_run_from_python_needs_no_tables(root: Path) -> None:
    code = "from sim import load; load('scenarios/manifests/testqc.yaml').run().answer"
    loaded = modules_after(root, code)
    assert "sim.engine.model" in loaded
    assert not {"pandas", "matplotlib", "scipy", "rich"} & loaded


def test_modules_and_functions_stay_small(root: Path) -> None:
    too_long = []
    for path in sorted((root / "sim").rglob("*.py")):
        name = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST_MODULE:
            too_long.append(f"{name}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name not in LONG_FUNCTIONS.get(name, ()):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    too_long.append(f"{name}: {node.name} has {lines} lines")
    assert too_long == []


def test_every_public_name_has_a_docstring(root: Path) -> None:
    bare = []
    for path in sorted((root / "sim").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        places: list[tuple[str, ast.AST]] = [("module", tree)]
        places += [
            (node.name, node)
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            # What the kernel compiles for itself nobody else can call.
            if "inner" not in map(ast.unparse, node.decorator_list)
        ]
        for name, node in places:
            if not ast.get_docstring(node):  # type: ignore[arg-type]
                bare.append(f"{path.relative_to(root)}: {name}")
    assert bare == []


def test_there_is_no_room_for_odds_and_ends(root: Path) -> None:
    names = {path.stem for path in (root / "sim").rglob("*")}
    assert not names & {"utils", "util", "helpers", "common", "misc"}


def test_the_version_is_written_once(root: Path) -> None:
    from sim import __version__

    config = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" in config["project"]["dynamic"]
    assert config["tool"]["hatch"]["version"]["path"] == "sim/_version.py"
    assert f"## {__version__}" in (root / "CHANGELOG.md").read_text(encoding="utf-8")
