"""Check one book again and again."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path

from bookproof.authoring.stoppable import Stoppable
from bookproof.running.result import Run
from bookproof.telling.progress import Progress
from bookproof.telling.report import Report


class Engine:
    """Checks the book at `root`, one request at a time; others may stop it meanwhile."""

    def __init__(self, root: Path, progress: Progress | None = None):
        self._root = root
        self._progress = progress or Progress()
        self._running: _Told | None = None
        self._closed = False

    def check(self, chapters: Iterable[Path] = ()) -> Report:
        """Check the book as it is now, or only some of its chapters.

        Raises ValueError where its configuration or a chapter cannot be used, KeyboardInterrupt
        where it was stopped.
        """
        if self._closed:
            raise KeyboardInterrupt
        self._running = _Told(self._progress)
        try:
            book = importlib.import_module("bookproof.book")  # which the rooms do not know
            report = book.check(book.Book.load(self._root, chapters), self._running)
            self._running.require_going()
            return report
        finally:
            self._running = None

    def stop(self) -> None:
        """Let the check that is under way, if there is one, end with a KeyboardInterrupt."""
        if running := self._running:
            running.stop()

    def close(self) -> None:
        """End all that it has started."""
        self._closed = True
        self.stop()


class _Told(Stoppable):
    def __init__(self, progress: Progress):
        super().__init__()
        self._progress = progress

    def begin(self, due: int) -> None:
        self._progress.begin(due)

    def running(self, name: str) -> None:
        super().running(name)
        self._progress.running(name)

    def ran(self, name: str, run: Run) -> None:
        self._progress.ran(name, run)

    def note(self, text: str) -> None:
        self._progress.note(text)

    def end(self) -> None:
        self._progress.end()
