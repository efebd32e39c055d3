"""Find the notes that somebody names: files, and folders with Markdown in them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from bookproof.notes.note import Note
from bookproof.notes.reading import read

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_SKIPPED = {"_build", "node_modules", "__pycache__", "site-packages"}


def gather(places: Sequence[Path]) -> tuple[list[tuple[Note, Path]], list[str]]:
    """Return the notes at some places, each with the folder that it belongs to; and troubles.

    A note that is named twice is returned once.
    """
    found: dict[Path, tuple[Note, Path]] = {}
    troubles = []
    for place in places:
        if not place.exists():
            troubles.append(f"{place}: there is no such file or folder")
            continue
        paths = _within(place) if place.is_dir() else [place]
        if not paths:
            troubles.append(f"{place}: no notes in this folder, wanted {', '.join(SUFFIXES)}")
        root = place if place.is_dir() else place.parent
        for path in paths:
            if path.resolve() in found:
                continue
            try:
                found[path.resolve()] = read(path, path.as_posix()), root
            except ValueError as error:
                troubles.append(str(error))
            except OSError as error:
                troubles.append(f"{path} cannot be read: {error.strerror}")
    return list(found.values()), troubles


def _within(folder: Path) -> list[Path]:
    paths = []
    for inside, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED)
        paths += [Path(inside, f) for f in sorted(files) if f.lower().endswith(SUFFIXES)]
    return paths
