"""Write a file whole or not at all; tell two contents apart; make folders that do not last."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path


def write(path: Path, content: str | bytes) -> None:
    """Write a file, text as UTF-8, so that nobody ever sees half of it.

    It keeps its mode, and its old content where the disk is full or the program is stopped. What
    is not a plain file, say /dev/stdout, is written to as it is.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.is_symlink() or (path.exists() and not path.is_file()):
        path.write_bytes(data)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def temporary(place: Path | None = None) -> tempfile.TemporaryDirectory:
    """Return a new folder; in a place of its own its name is short, as paths to sockets must be."""
    return tempfile.TemporaryDirectory(prefix="" if place else "bookproof-", dir=place)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, empty where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
