"""Tell what lies below a book's root, now, apart from what lay there before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bookproof.running.sought import is_module
from bookproof.running.watch import SKIPPED, walk

EVERYTHING = "**"
"""What stands for the names of all files of a book."""

FOLDER = "folder"
"""What a folder has in place of a digest."""

_NOT_LISTED = (*SKIPPED, ".ipynb_checkpoints")
_PARTS = {
    "*.py": is_module,
    "*-info": lambda name: name.endswith((".dist-info", ".egg-info", ".egg", ".egg-link")),
}
"""What counts of a folder of which not all does: modules, and packages that are installed."""


def is_listing(name: str) -> bool:
    """Tell whether what is read is a folder, of which all or a part counts."""
    return name.endswith(("/", *_PARTS))


def digest(root: Path, name: str) -> str | None:
    """Return the digest of what is read below the root, None where there is nothing."""
    path = root / name
    try:
        if path.name in _PARTS:
            return names_digest(part(_listed(path.parent), path.name))
        if name.endswith("/"):
            return names_digest(os.listdir(path))
        if path.is_dir():
            return FOLDER
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def part(names: Iterable[str], which: str) -> list[str]:
    """Return those of the names in a folder that count."""
    return [name for name in names if _PARTS[which](name)] if which else list(names)


def names_digest(names: Iterable[str]) -> str:
    """Return the digest of the names in a folder."""
    listed = sorted(name for name in names if name not in _NOT_LISTED)
    return hashlib.sha256("\n".join(listed).encode("utf-8", "surrogatepass")).hexdigest()


def names(root: Path) -> Iterator[str]:
    """Yield the names of all files of a book."""
    for folder in walk(str(root)):
        for entry in os.scandir(folder):
            if entry.is_file() and not entry.name.startswith("."):
                yield os.path.relpath(entry.path, root).replace(os.sep, "/")
