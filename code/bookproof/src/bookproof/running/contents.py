"""Tell what lies below a book's root, now, apart from what lay there before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable
from pathlib import Path

from bookproof.running.watch import SKIPPED, walk

EVERYTHING = "**"
"""What stands for the names of all files of a book."""

FOLDER = "folder"
"""What a folder has in place of a digest."""

_NOT_LISTED = (*SKIPPED, ".ipynb_checkpoints")


def digest(root: Path, name: str, products: Collection[str] = ()) -> str | None:
    """Return the digest of what is read below the root, None where there is nothing.

    `products` are names of files that chapters make, which `**` leaves out.
    """
    path = root / name
    try:
        if name == EVERYTHING:
            return names_digest(set(_all(root)).difference(products))
        if name.endswith("*.py"):  # a folder from which modules are imported
            return names_digest(e.name for e in os.scandir(path.parent) if _is_importable(e))
        if name.endswith("/"):
            return names_digest(os.listdir(path))
        if path.is_dir():
            return FOLDER
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None


def names_digest(names: Iterable[str]) -> str:
    """Return the digest of the names in a folder."""
    listed = sorted(name for name in names if name not in _NOT_LISTED)
    return hashlib.sha256("\n".join(listed).encode("utf-8", "surrogatepass")).hexdigest()


def _all(root: Path) -> Iterable[str]:
    for folder in walk(str(root)):
        for entry in os.scandir(folder):
            if entry.is_file() and not entry.name.startswith("."):
                yield os.path.relpath(entry.path, root).replace(os.sep, "/")


def _is_importable(entry: os.DirEntry) -> bool:
    return entry.name.endswith(".py") or os.path.exists(os.path.join(entry.path, "__init__.py"))
