"""The files of a book that its author writes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from watchfiles import Change, DefaultFilter


class Sources(DefaultFilter):
    """Let pass what an author writes: nothing hidden, built, installed or temporary."""

    ignore_dirs = (*DefaultFilter.ignore_dirs, "_build")
    ignore_entity_patterns = (*DefaultFilter.ignore_entity_patterns, r"^#.*#$", r"^4913$")

    def __init__(self, root: Path, site: Path):
        super().__init__()
        self._root = root
        self._never = (site, Path(sys.prefix).resolve())

    def there(self) -> frozenset[str]:
        """Return the files that pass, as paths relative to the root."""
        return frozenset(os.path.relpath(path, self._root) for path in self.below(self._root))

    def below(self, top: Path) -> Iterator[Path]:
        """Yield the files in a folder of the book that pass."""
        for folder, folders, files in os.walk(top):
            folders[:] = [n for n in folders if self(Change.modified, os.path.join(folder, n))]
            paths = (os.path.join(folder, name) for name in files)
            yield from (Path(p) for p in paths if self(Change.modified, p))

    def __call__(self, change: Change, path: str) -> bool:
        place = Path(path)
        if any(place.is_relative_to(folder) for folder in self._never):
            return False
        place = place.relative_to(self._root)  # what is above the root does not matter
        if not place.parts or any(part.startswith(".") for part in place.parts):
            return False
        return super().__call__(change, str(place))
