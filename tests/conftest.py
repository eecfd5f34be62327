"""What all tests share: no deadline by the wall clock for generated inputs, and golden files.

ROLLSIM_REGENERATE=1 writes the golden files anew instead of comparing with them: `make golden`.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sim.engine.kernel import is_installed
from sim.engine.kernel.compiled import prepare

# A deadline is a claim about the machine, not about the code; derandomized, a red test is red for everybody.
settings.register_profile(
    "rollsim", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("rollsim")

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Have the kernel compiled before tests are handed out: the processes would all do it at once."""
    if not hasattr(config, "workerinput") and not config.option.collectonly and is_installed():
        prepare(lambda text: print(text, file=sys.stderr))


@pytest.fixture
def root() -> Path:
    """Return the folder of the project."""
    return ROOT


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Return check(name, text): `text` is what tests/golden/`name` holds."""

    def check(name: str, text: str) -> None:
        path = ROOT / "tests" / "golden" / name
        if os.environ.get("ROLLSIM_REGENERATE") == "1":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        assert path.exists(), f"{path} is missing; `make golden` writes it"
        expected = path.read_text(encoding="utf-8")
        if text != expected:
            lines = difflib.unified_diff(
                expected.splitlines(), text.splitlines(), f"golden/{name}", "now", lineterm=""
            )
            pytest.fail("\n".join([*lines, "`make golden` accepts the change"]), pytrace=False)

    return check
