"""Check a book in a process of its own, and hear of each chapter as soon as its run has ended."""

from __future__ import annotations

from dataclasses import replace

from bookproof.book import Book, check
from bookproof.running.apart import Apart, Tell
from bookproof.running.order import Schedule
from bookproof.running.result import Run
from bookproof.telling.judged import judged
from bookproof.telling.progress import Progress
from bookproof.telling.report import Report
from bookproof.telling.verification import Checked


class Stream:
    """A check that goes on; `schedule` tells already what is due.

    What `progress` is told it is told when this process has time to listen.
    """

    def __init__(self, book: Book, schedule: Schedule, progress: Progress):
        self._progress = progress
        self._chapters = {chapter.name: chapter for chapter in schedule.asked}
        self._known = {
            name: judged(self._chapters[name], run)
            for name, run in schedule.runs.items()
            if name in self._chapters
        }
        self._report: Report | None = None
        self._apart = Apart(lambda tell: _work(book, schedule, tell))
        self.late: set[str] = set()

    def knows(self, name: str) -> bool:
        """Tell whether a chapter need not be waited for, having heard what there is to hear."""
        self._hear(wait=False)
        return name in self._known

    def ended(self) -> bool:
        """Tell whether the check has ended."""
        self._hear(wait=False)
        return self._report is not None

    def wait(self) -> None:
        """Wait until something happens."""
        self._hear(wait=True)

    def checked(self, name: str) -> Checked:
        """Wait for a chapter; return what became of it.

        Where another one that ends later makes what it reads, it has failed: it is in `late` then.
        """
        while name not in self._known:
            self.wait()
        return self._known[name]

    def report(self) -> Report:
        """Wait for the end; return the outcome."""
        while self._report is None:
            self.wait()
        return self._report

    def _hear(self, wait: bool) -> None:
        if self._report is not None:
            return
        for what, *given in self._apart.hear(wait):
            getattr(self._progress, what)(*given)
            if what == "ran" and given[0] in self._chapters:
                self._known[given[0]] = judged(self._chapters[given[0]], given[1])
        if self._apart.ended:
            self._end(*self._apart.result)

    def _end(self, runs: dict[str, Run], problems: dict[str, tuple], notes: tuple) -> None:
        for name, chapter in self._chapters.items():
            before = self._known.get(name)
            if before and problems[name] == chapter.problems:
                continue
            final = replace(chapter, problems=problems[name])
            self._known[name] = judged(final, before.run if before else runs[name])
            self.late |= {name} if before else set()
        self._report = Report(tuple(self._known[name] for name in self._chapters), notes)


class _Told(Progress):
    """Tell all of it, and what has run, to another process."""

    def __init__(self, tell: Tell):
        self._tell = tell
        self.ran_by_now: set[str] = set()

    def begin(self, due: int) -> None:
        self._tell(("begin", due))

    def running(self, name: str) -> None:
        self._tell(("running", name))

    def ran(self, name: str, run: Run) -> None:
        self.ran_by_now.add(name)
        self._tell(("ran", name, run))

    def note(self, text: str) -> None:
        self._tell(("note", text))

    def end(self) -> None:
        self._tell(("end",))


def _work(book: Book, schedule: Schedule, tell: Tell) -> tuple:
    """Check a book; return the runs that were not told of, the problems, and the notes."""
    known, told = set(schedule.runs), _Told(tell)
    report = check(book, told, schedule=schedule)
    known |= told.ran_by_now
    runs = {c.chapter.name: c.run for c in report.chapters if c.chapter.name not in known}
    return runs, {c.chapter.name: c.chapter.problems for c in report.chapters}, report.notes
