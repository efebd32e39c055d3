"""See which files of a book are opened, also by code that the probe in a kernel cannot see.

Libraries written in C, OpenCV say, and other programs open files without Python's knowledge. On
Linux the file system itself tells of it, though not who it was: while several chapters run, such
a file counts for each of them. That makes a chapter run once too often, never once too seldom.
Elsewhere these files are not seen.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "linux":
    from inotify_simple import INotify, flags

_SKIPPED = ("_build", "__pycache__", "node_modules")
_MODULES = (".py", ".pyc")  # opened by Python alone


class Watch:
    """The files below `root` that are opened while chapters run."""

    def __init__(self, root: Path):
        self._root = root
        self._folders: dict[int, str] = {}
        self._seen: dict[str, set[str]] = {}
        self._inotify = INotify(nonblocking=True) if sys.platform == "linux" else None
        if self._inotify:
            with contextlib.suppress(OSError):  # more folders than the system allows
                for folder in self._walk():
                    number = self._inotify.add_watch(folder, flags.OPEN)
                    self._folders[number] = os.path.relpath(folder, root)

    def _walk(self) -> Iterator[str]:
        for folder, names, _ in os.walk(self._root):
            names[:] = (
                name
                for name in names
                if not name.startswith(".")
                and name not in _SKIPPED
                and os.path.join(folder, name) not in (sys.prefix, sys.base_prefix)
            )
            yield folder

    def begin(self, name: str) -> None:
        """Begin to collect for a chapter."""
        self.update()
        self._seen[name] = set()

    def end(self, name: str) -> set[str]:
        """Return the files that were opened while a chapter ran."""
        self.update()
        return self._seen.pop(name)

    def update(self, ignored: frozenset[str] = frozenset()) -> None:
        """Take note of what was opened since, but for files that we opened ourselves."""
        for event in self._inotify.read(0) if self._inotify else ():
            if event.mask & flags.ISDIR or event.name.endswith(_MODULES):
                continue
            path = os.path.normpath(os.path.join(self._folders.get(event.wd, ""), event.name))
            if path not in ignored:
                for seen in self._seen.values():
                    seen.add(path)

    def close(self) -> None:
        """Watch no longer."""
        if self._inotify:
            self._inotify.close()
