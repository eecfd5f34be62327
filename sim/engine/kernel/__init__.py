"""The kernel: the model's compiled twin, for sweeps. Flat arrays, whole numbers, no Python in its loop.

It makes the same decisions by the same rules (`sim.rules`, compiled as they are), with the same chance and
in the same order of events, so that its measures and its traces are equal to the model's. What it cannot
play it says (`question.cannot`). Only this package needs Numba; `question` and `layout` do without.
"""

from __future__ import annotations

from importlib.util import find_spec

HOW_TO_INSTALL = "pip install 'rollsim[fast]'"


def is_installed() -> bool:
    """Whether Numba is there to compile the kernel."""
    return find_spec("numba") is not None
