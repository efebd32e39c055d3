"""Find a book's chapters and settings, and check it: scan, run, compare."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bookproof import unsupported
from bookproof.configuration import configuration
from bookproof.judging.stable import with_flaky
from bookproof.reading.after import resolve
from bookproof.reading.chapter import Chapter
from bookproof.reading.scan import is_chapter
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.running.again import Again
from bookproof.running.frozen import FOLDER, Frozen
from bookproof.running.order import Schedule, with_clashes
from bookproof.running.recorded import recorded, with_recorded
from bookproof.running.result import Run
from bookproof.running.run import run
from bookproof.running.store import Kept, Store
from bookproof.telling.judged import judged
from bookproof.telling.progress import Progress
from bookproof.telling.report import Report
from bookproof.telling.verification import Checked

Execute = Callable[..., dict[str, Run]]
"""What runs chapters: `run`, or something with its arguments and result."""

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_SILENT = Progress()
_UNKNOWN = 1e9  # a chapter that never ran may be the longest


@dataclass(frozen=True)
class Book:
    """A book: its root, its chapters as paths relative to it, and how to run them.

    `timeout` is the seconds a cell may take, where not the settings shall say it; `workers` how
    many kernels may work at a time; `preload` the modules that are imported once and for all
    kernels, none of the book's own; `settings` what its author has set.
    """

    root: Path
    chapters: tuple[str, ...]
    timeout: float | None = None
    workers: int = CORES
    preload: tuple[str, ...] = ()
    settings: Settings = DEFAULT

    @classmethod
    def load(cls, root: Path, chapters: Iterable[Path] = ()) -> Book:
        """Read the book at `root`, with the settings of its `_config.yml`, `conf.py`, `myst.yml`.

        Raises ValueError where there is no chapter, where a given one is outside the root or is
        none, where the settings cannot be read, and for projects that are not supported.
        """
        root = root.resolve()
        found, chapters = configuration(root), list(chapters)
        if not chapters and (refusal := unsupported.project(root)):
            raise ValueError(refusal)
        names = {_name(root, path, found.settings) for path in chapters} or set(found.chapters())
        if not names:
            raise ValueError(unsupported.nothing(root))
        if refusal := unsupported.below(root, names):
            raise ValueError(refusal)
        return cls(root, tuple(sorted(names)), preload=found.preload, settings=found.settings)

    @property
    def store(self) -> Store:
        """Return where the book's runs are kept."""
        return Store(self.root, self.root / "_build" / ".bookproof")

    @property
    def frozen(self) -> Frozen:
        """Return the outputs that are kept beside the book."""
        return Frozen(self.root)

    def scanned(self, store: Store | None = None) -> list[Chapter]:
        """Return the chapters, scanned, or what `store` remembers of them."""
        store = store or self.store
        settings = self.settings
        if self.timeout is not None:
            settings = replace(settings, execution_timeout=self.timeout)
        return [store.scan(name, settings) for name in self.chapters]


def plan(book: Book, store: Store) -> Schedule:
    """Read the chapters of a book; return in which order those run that have to."""

    def read(name: str) -> Chapter | None:
        there = (book.root / name).is_file() and is_chapter(book.root / name, book.settings)
        return replace(book, chapters=(name,)).scanned(store)[0] if there else None

    chapters, others = resolve(book.scanned(store), read)
    return Schedule(store, chapters, others, _settled(book, [*chapters, *others]))


def unchanged(book: Book, store: Store) -> list[tuple[Chapter, Run]]:
    """Return the chapters of a book that need not run, with their runs."""
    schedule = plan(book, store)
    schedule.due()
    return [(c, schedule.runs[c.name]) for c in schedule.asked if c.name in schedule.runs]


def check(
    book: Book,
    progress: Progress = _SILENT,
    execute: Execute = run,
    store: Store | None = None,
    schedule: Schedule | None = None,
    judge: Callable[[Chapter, Run], Checked] = judged,
) -> Report:
    """Check a book: scan every chapter, run those without a valid kept run, compare all.

    Frozen chapters never run.
    The chapters that took longest last time run first, before them those that never ran, the one
    with the most code first. `execute` runs them, here or elsewhere; `store` keeps the runs;
    `schedule` is the book's `plan`, where it was made already; `judge` is `judged`, or
    one that remembers.
    """
    store = store or book.store
    schedule = schedule or plan(book, store)
    chapters = schedule.asked
    notes = [
        f"warning: {FOLDER} has the outputs of {name}, which is not there: "
        f"rename them like the chapter, or `bookproof freeze --remove {name}`"
        for name in book.frozen.names()
        if not (book.root / name).exists()
    ]

    def done(chapter: Chapter, result: Run) -> None:
        try:
            store.save(chapter, result)
        except OSError as error:  # the verdicts stand all the same
            place = f"{store.folder}: {error.strerror}"
            note(f"warning: the runs cannot be kept and will be made again: {place}")
        progress.ran(chapter.name, result)

    def note(text: str) -> None:
        if text not in notes:
            notes.append(text)

    due = schedule.due()
    if due:
        progress.begin(schedule.left)
    try:
        while due:
            schedule.runs |= execute(
                [chapter for chapter, _ in sorted(due, key=_cost, reverse=True)],
                root=book.root,
                workers=book.workers,
                preload=book.preload,
                running=lambda chapter: progress.running(chapter.name),
                done=done,
                note=note,
            )
            due = schedule.due()
    finally:
        progress.end()
    final = with_clashes(chapters, schedule.runs, store)
    checked = (judge(chapter, schedule.runs[chapter.name]) for chapter in final)
    return Report(tuple(checked), tuple(notes))


def frozen(book: Book, chapters: Iterable[Chapter]) -> dict[str, Run]:
    """Return the frozen runs of those chapters that are frozen, by name."""
    readable = [chapter for chapter in chapters if chapter.notebook is not None]
    runs = {chapter.name: book.frozen.load(chapter) for chapter in readable}
    return {name: found for name, found in runs.items() if found is not None}


def check_twice(book: Book, progress: Progress = _SILENT, execute: Execute = run) -> Report:
    """Check a book, then run it once more in another place; what differs there has failed."""
    report = check(book, progress, execute)
    ran = [c for c in report.chapters if c.chapter.notebook is not None and not c.run.failure]
    notes = list(report.notes)
    again = run_again(book, ran, progress, notes.append)
    chapters = []
    for c in report.chapters:
        verdicts = with_flaky(c.chapter, c.verdicts, again.get(c.chapter.name, ()))
        chapters.append(replace(c, verdicts=tuple(verdicts)))
    return Report(tuple(chapters), tuple(notes))


def run_again(
    book: Book,
    chapters: Iterable[Checked],
    progress: Progress = _SILENT,
    note: Callable[[str], None] = lambda _: None,
) -> dict[str, tuple[Run, ...]]:
    """Run chapters that were checked at least once more, in another place.

    Not those that are never run here.
    """
    ran = [c for c in chapters if not c.run.frozen and not c.run.recorded]
    if not ran:
        return {}
    progress.note(f"{len(ran)} chapter{'s'[: len(ran) > 1]} once more, elsewhere")
    progress.begin(len(ran))
    try:
        again = Again(
            [(checked.chapter, checked.run) for checked in ran],
            root=book.root,
            workers=book.workers,
            running=lambda chapter: progress.running(chapter.name),
            done=lambda chapter, result: progress.ran(chapter.name, result),
            note=note,
        )
        known = {c.chapter.name: c.chapter for c in ran}
        return {
            name: tuple(with_recorded(known[name], result) for result in results)
            for name, results in again.runs().items()
        }
    finally:
        progress.end()


def _settled(book: Book, chapters: Iterable[Chapter]) -> dict[str, Run]:
    """Return the runs of those chapters that are not to be run, by name."""
    idle = (chapter for chapter in chapters if chapter.idle)
    return {chapter.name: recorded(chapter) for chapter in idle} | frozen(book, chapters)


def _cost(item: tuple[Chapter, Kept]) -> tuple[float, int]:
    """Return how long a chapter may take to run, then how much code it has."""
    chapter, kept = item
    return kept.seconds or _UNKNOWN, sum(len(cell.source) for cell in chapter.cells)


def _name(root: Path, path: Path, settings: Settings) -> str:
    path = path.parent.resolve() / path.name  # a chapter may be a link to somewhere else
    if not path.is_relative_to(root):
        raise ValueError(f"{path} is outside the book at {root}")
    if not path.is_file():
        raise ValueError(f"{path} is not a file")
    if not is_chapter(path, settings):
        if refusal := unsupported.page(path):
            raise ValueError(refusal)
        what = "it lacks `file_format: mystnb` on top"
        if settings.project is not None:
            what = "it has no {code-cell}, no block and no value"
        raise ValueError(f"{path} is no notebook: {what}")
    return path.relative_to(root).as_posix()
