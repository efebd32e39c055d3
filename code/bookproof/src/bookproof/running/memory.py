"""Remember in a living process what files hold, and the runs that none keeps.

Those are the runs in which a cell failed, and those that went on from a snapshot: whoever comes
after this process relies on none of its snapshots.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from bookproof.reading.chapter import Chapter
from bookproof.reading.settings import Settings
from bookproof.running.failure import Ending
from bookproof.running.result import Run
from bookproof.running.scans import kept_scan
from bookproof.running.store import Kept, Store


@dataclass(frozen=True)
class _Passing:
    run: Run
    state: dict[str, dict]
    saved: int


class Memory(Store):
    """The kept runs of a book, and its last other ones while nothing that they read has changed.

    What has been read once is the same object while its file is the same.
    A chapter that its author saves again after it failed is tried again: it may be the network.
    """

    def __init__(self, root: Path, folder: Path):
        super().__init__(root, folder)
        self._passing: dict[str, _Passing] = {}
        self._scanned: dict[str, tuple[bytes, Chapter]] = {}
        self._read: dict[str, tuple[bytes, tuple[dict, Run | None]]] = {}

    def renew(self) -> None:
        """Look again at what other processes may have changed."""
        self.__dict__.pop("products", None)

    def scan(self, name: str, settings: Settings) -> Chapter:
        """Return a chapter, scanned; nobody may change it."""
        return kept_scan(self.root, name, self.folder, settings, self._scanned)

    def read(self, name: str, content: bytes) -> tuple[dict, Run | None]:
        """Return what a kept file of a chapter holds; nobody may change it."""
        if self._read.get(name, (b"",))[0] != content:
            self._read[name] = content, super().read(name, content)
        return self._read[name][1]

    def load(self, chapter: Chapter) -> Kept:
        """Return the last run of a chapter that is still valid, or why there is none."""
        kept, last = super().load(chapter), self._passing.get(chapter.name)
        if kept.run or not last:
            return kept
        saved = last.run.failure and last.saved != _saved(chapter)
        if saved or self.change(chapter, last.state):
            return kept
        return Kept(last.run, seconds=last.run.seconds)

    def save(self, chapter: Chapter, run: Run) -> None:
        """Keep a run, or remember it.

        Raises OSError where nothing can be written.
        """
        self._passing.pop(chapter.name, None)
        failed = run.failure and run.failure.kind is Ending.CELL_FAILED
        if (failed or (run.continued and not run.failure)) and not run.unkept:
            self._passing[chapter.name] = _Passing(run, self.state(chapter, run), _saved(chapter))
        if run.continued and not run.unkept:
            run = dataclasses.replace(run, unkept="it went on from a snapshot")
        super().save(chapter, run)


def _saved(chapter: Chapter) -> int:
    try:
        return chapter.path.stat().st_mtime_ns
    except OSError:
        return 0
