"""Which build each page of a site is of, so that a browser knows when it has an older one."""

from __future__ import annotations

import time


class Versions:
    """The versions of pages: that of the last build, or already that of the one under way."""

    def __init__(self):
        self._last = self._coming = _new()
        self._early: set[str] = set()

    def begin(self) -> None:
        """Take note that a build begins to write."""
        self._coming = _new()

    def written(self, file: str) -> None:
        """Take note that this build has written a page; `file` is its place in the site."""
        self._early.add(file)

    def end(self) -> None:
        """Take note that it has ended: all pages are of it, changed or not."""
        self._last = self._coming
        self._early.clear()

    def of(self, file: str) -> str:
        """Return the version of a page."""
        return self._coming if file in self._early else self._last


def _new() -> str:
    return str(time.time_ns())
