"""The files of a book that its author writes."""

from __future__ import annotations

import contextlib
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

    def changed(self, since: float, there: frozenset[str]) -> set[str]:
        """Return the files that have changed since a time, or are gone since they were `there`."""
        now = self.there()
        changed = set(there - now)
        for name in now:
            with contextlib.suppress(OSError):
                # The system's clock for files is behind by some milliseconds.
                if os.stat(os.path.join(self._root, name)).st_ctime >= since - 0.02:
                    changed.add(name)
        return changed

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
