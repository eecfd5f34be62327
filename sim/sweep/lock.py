"""One process at a time fills a folder of results."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.errors import Diagnostic, InputError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Have a folder for us alone; raises InputError (E525) when another process has it.

    The lock is the operating system's, on the folder itself: it ends with its process, however that ends, and
    leaves nothing behind. Where there are no such locks (Windows, some network file systems) nothing is
    locked.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        held = os.open(path, os.O_RDONLY)
    except OSError:  # whoever writes there says why
        yield
        return
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "another rollsim fills this folder at the moment"
            expected = "to wait for its end, or another folder"
            raise InputError(
                Diagnostic(code="E525", message=message, file=str(path), expected=expected)
            ) from None
        except OSError:
            pass
        yield
    finally:
        with suppress(OSError):
            os.close(held)
