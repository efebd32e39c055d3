"""Judge chapters with their runs, and remember it."""

from __future__ import annotations

from uuid import UUID, uuid4

from bookproof.judging.compare import compare
from bookproof.reading.chapter import Chapter
from bookproof.running.recorded import with_recorded
from bookproof.running.result import Run
from bookproof.telling.verification import Checked


def judged(chapter: Chapter, result: Run) -> Checked:
    """Return what becomes of a chapter with its run."""
    found = with_recorded(chapter, result)
    return Checked(chapter, found, tuple(compare(chapter, found)))


class Judge:
    """`judged`, which judges a chapter again only where it or its run is another than last time.

    To be used with the memory of a living process: there both are the same objects as before
    where what they are made of is the same.
    """

    def __init__(self):
        self._last: dict[str, tuple[Chapter, Run, UUID, Checked]] = {}

    def __call__(self, chapter: Chapter, result: Run) -> Checked:
        """Return what becomes of a chapter with its run."""
        before, run, _, checked = self._last.get(chapter.name, (chapter, None, None, None))
        if run is result and before.notebook is chapter.notebook and before == chapter:
            return checked
        checked = judged(chapter, result)
        self._last[chapter.name] = chapter, result, uuid4(), checked
        return checked

    def name_of(self, chapter: str) -> UUID:
        """Return a name of what became of a chapter, that nothing else has."""
        return self._last[chapter][2]
