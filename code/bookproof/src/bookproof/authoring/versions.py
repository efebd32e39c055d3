"""Which build each page of a site is of, so that a browser knows when it has an older one."""

from __future__ import annotations

import time


class Versions:
    """The versions of pages: that of the last build, or already that of the one under way.

    A page that the build under way has told of is kept here to its end: its file may be written
    again meanwhile. Where the build tells another one later, that has a version of its own.
    """

    def __init__(self):
        self._last = self._coming = time.time_ns()
        self._early: dict[str, bytes] = {}
        self._own: dict[str, int] = {}

    def begin(self) -> None:
        """Take note that a build begins to write."""
        self._coming = time.time_ns()

    def written(self, file: str, content: bytes) -> None:
        """Take note that this build has written a page; `file` is its place in the site."""
        if self._early.get(file, content) != content:
            self._own[file] = time.time_ns()
        elif file not in self._early:
            self._own.pop(file, None)
        self._early[file] = content

    def end(self) -> None:
        """Take note that it has ended: all pages are of it, changed or not."""
        self._last = self._coming
        self._early.clear()
        self._own = {file: own for file, own in self._own.items() if own > self._last}

    def of(self, file: str) -> str:
        """Return the version of a page."""
        early = self._coming if file in self._early else self._last
        return str(self._own.get(file, early))

    def early(self, file: str) -> bytes | None:
        """Return what a page is before the build has ended, None where it has not been told."""
        return self._early.get(file)
