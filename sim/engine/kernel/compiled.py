"""Where the compiled kernel is kept: a folder of the user's cache that is named after its sources.

Numba looks at the file of one function to see whether what it has kept is still right; this one calls all
others, so that the name of the folder has to change with any of them. A folder that cannot be written is
done without: the kernel is compiled again then, by every process.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
RULES = FOLDER.parent.parent / "rules"
NOT_COMPILED = ("__init__", "arena", "compiled", "player", "question", "replay")


@cache
def folder() -> Path | None:
    """Return where the compiled kernel is kept, None when it cannot be."""
    digest = hashlib.sha256()
    for source in sorted((*FOLDER.glob("*.py"), *RULES.glob("*.py"))):
        if source.stem not in NOT_COMPILED:
            digest.update(source.read_bytes())
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    found = Path(base, "rollsim", f"kernel-{digest.hexdigest()[:16]}")
    try:
        found.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=found):
            pass
    except OSError:
        return None
    return found


def is_kept() -> bool:
    """Whether the kernel has been compiled before, as far as can be seen without loading it."""
    found = folder()
    return found is not None and any(found.rglob("*.nbc"))


def prepare(note: Callable[[str], object] | None = None) -> None:
    """Have the kernel compiled, once for all processes; ``note`` is told when that takes a while."""
    if is_kept():
        return
    if note is not None:
        again = (
            "the first time only" if folder() is not None else "every time: no cache folder can be written"
        )
        note(f"compiling the kernel (a minute or two, {again})")
    from sim.engine.kernel.loop import compile_all

    compile_all()


@contextmanager
def kept() -> Iterator[bool]:
    """Have Numba keep what is decorated meanwhile in `folder`; the value is whether it can."""
    from numba import config

    found = folder()
    if found is None:
        yield False
        return
    before = config.CACHE_DIR
    config.CACHE_DIR = str(found)
    try:
        yield True
    finally:
        config.CACHE_DIR = before
