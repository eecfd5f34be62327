"""Files, folders and standard input to bytes: only what can be read in bounded time and memory."""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import IO, Any

from sim.errors import Diagnostic, InputError
from sim.spec.unrendered import unrendered_folder

FILE_LIMIT_BYTES = 5_000_000
"""The largest file that is read: some thousand Deployments as `kubectl get -o yaml` prints them."""
TOTAL_LIMIT_BYTES = 10_000_000
EXTENSIONS = (".yaml", ".yml", ".json")
STDIN_NAME = "<stdin>"


def read_source(source: str, *, stdin: IO[Any] | None = None) -> bytes:
    """The bytes of a regular file, or of standard input for "-"; raises InputError (E001, E003)."""
    return _read_stdin(stdin) if source == "-" else _read_file(source)


def files_of(source: str, *, recursive: bool = False) -> list[str]:
    """The files `kubectl apply -f source` would read: the file, "-", or a folder's own *.yaml, *.yml, *.json,
    with -R (`recursive`) also those of the folders inside it, in order of their names.

    Raises InputError (E001, E002; E109 for folders that have to be rendered first).
    """
    if source == "-" or not os.path.isdir(source):
        return [source]
    problems: list[Diagnostic] = []
    files = _files_in(source, recursive, problems)
    if not files and not problems:
        message = "the folder holds no manifests"
        if not recursive and any(os.path.isdir(os.path.join(source, name)) for name in os.listdir(source)):
            message += " (folders inside it are not read without -R)"
        problems = [Diagnostic(code="E002", message=message, file=source, expected="*.yaml, *.yml or *.json")]
    if problems:
        raise InputError(problems)
    return files


def _files_in(folder: str, recursive: bool, problems: list[Diagnostic]) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        problems.append(_unreadable(folder, error))
        return []
    made_first = unrendered_folder(folder, names)
    if made_first is not None:
        problems.append(made_first)
        return []
    files: list[str] = []
    for path in (os.path.join(folder, name) for name in names):
        if not os.path.isdir(path):
            files += [path] if path.lower().endswith(EXTENSIONS) else []
        elif recursive and not os.path.islink(path):  # as kubectl's walk: links may lead in circles
            files += _files_in(path, recursive, problems)
    return files


def _read_stdin(stdin: IO[Any] | None) -> bytes:
    stream = stdin if stdin is not None else sys.stdin
    if stream is None:
        raise InputError(Diagnostic(code="E001", message="there is no standard input", file=STDIN_NAME))
    stream = getattr(stream, "buffer", stream)
    try:
        raw = stream.read(FILE_LIMIT_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot be read: {error}"
        raise InputError(Diagnostic(code="E001", message=message, file=STDIN_NAME)) from None
    # A StringIO may hold half a surrogate pair: keep it, to be refused with its place.
    content = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else bytes(raw)
    if len(content) > FILE_LIMIT_BYTES:
        raise InputError(_too_large(STDIN_NAME))
    return content


def _read_file(name: str) -> bytes:
    try:
        # Without O_NONBLOCK, opening a named pipe that nobody writes to waits for ever.
        handle = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        raise InputError(_unreadable(name, error)) from None
    try:
        return _read_open(handle, name)
    except OSError as error:
        raise InputError(_unreadable(name, error)) from None
    finally:
        os.close(handle)


def _read_open(handle: int, name: str) -> bytes:
    status = os.fstat(handle)
    if stat.S_ISDIR(status.st_mode):
        raise InputError(Diagnostic(code="E001", message="this is a folder, not a file", file=name))
    if not stat.S_ISREG(status.st_mode):
        message = "this is a pipe or device, not a file; pipe into standard input and name it -"
        raise InputError(Diagnostic(code="E001", message=message, file=name))
    if status.st_size > FILE_LIMIT_BYTES:
        raise InputError(_too_large(name))
    with open(handle, "rb", closefd=False) as file:
        content = file.read(FILE_LIMIT_BYTES + 1)
    if len(content) > FILE_LIMIT_BYTES:  # it grew meanwhile, or does not know its size, as in /proc
        raise InputError(_too_large(name))
    return content


def _too_large(name: str) -> Diagnostic:
    expected = f"at most {FILE_LIMIT_BYTES // 1_000_000} MB a file"
    return Diagnostic(code="E003", message="the file is too large", file=name, expected=expected)


def _unreadable(name: str, error: Exception) -> Diagnostic:
    number = getattr(error, "errno", None)
    if isinstance(error, ValueError):
        message = "this is not a possible file name"
    elif number == errno.ENOENT and os.path.islink(name):
        message = "the symbolic link points to nothing"
    elif number == errno.ENOENT:
        message = "there is no such file or folder"
    elif number == errno.ELOOP:
        message = "the symbolic link leads back to itself"
    elif number == errno.EACCES:
        message = "there is no permission to read it"
    elif number == errno.ENXIO:
        message = "this is a socket, pipe or device, not a file; pipe into standard input and name it -"
    else:
        message = f"cannot be read: {os.strerror(number)}" if number else "cannot be read"
    return Diagnostic(code="E001", message=message, file=name)
