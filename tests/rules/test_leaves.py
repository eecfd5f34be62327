"""Every rule is a leaf, which a compiler can take as it is, and says what it follows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sim.rules

FOLDER = Path(sim.rules.__file__).parent
MODULES = sorted(path for path in FOLDER.glob("*.py") if path.stem != "__init__")
COMPILED = [path for path in MODULES if path.stem not in {"history", "status"}]
BUILT_INS = {"abs", "bool", "float", "int", "len", "max", "min", "range"}
FORBIDDEN = (
    *(ast.Raise, ast.Try, ast.Assert, ast.ClassDef, ast.Lambda, ast.With, ast.Yield),
    *(ast.JoinedStr, ast.Dict, ast.Set, ast.ListComp, ast.GeneratorExp),
)
IMPORTS = {"__future__", "collections.abc"}


def _functions(path):
    return [
        node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)
    ]


def _faults(source):
    """Name what a leaf may not do."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) not in BUILT_INS:
            found.append(f"calls {ast.unparse(node.func)}")
        elif isinstance(node, FORBIDDEN):
            found.append(f"has {type(node).__name__}")
        elif isinstance(node, ast.ImportFrom) and node.module not in IMPORTS:
            found.append(f"imports {node.module}")
        elif isinstance(node, ast.Import):
            found += [f"imports {one.name}" for one in node.names]
    return found


def _texts(path):
    """Strings that are not documentation or annotations."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_a_rule_calls_nothing_but_built_ins(path):
    assert _faults(path.read_text(encoding="utf-8")) == []
    assert _texts(path) == []


def test_the_two_modules_with_text_import_nothing_of_sim_either():
    for path in MODULES:
        source = path.read_text(encoding="utf-8")
        assert [one for one in _faults(source) if one.startswith("imports")] == []


def test_rollout_status_itself_is_a_leaf():
    (function,) = _functions(FOLDER / "status.py")
    assert _faults(ast.unparse(function)) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def f(x):\n    return g(x)", "calls g"),
        ("def f(x):\n    return x.bit_length()", "calls x.bit_length"),
        ("def f(x):\n    raise ValueError", "has Raise"),
        ("from sim.units import nearest", "imports sim.units"),
        ("import math", "imports math"),
    ],
)
def test_the_check_itself_notices(source, fault):
    assert fault in _faults(source)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_rule_names_its_source_and_stays_small(path):
    whole = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    for function in _functions(path):
        text = ast.get_docstring(function) or ""
        assert ".go" in text or ".go" in whole, function.name
        assert any(character.isdigit() for character in text) or "True" in text or "yes" in text, (
            function.name
        )
        assert function.end_lineno - function.lineno < 75, function.name
