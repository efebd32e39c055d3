"""Find a book's chapters and settings, and check it: scan, run, compare."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bookproof.configuration import configuration
from bookproof.judging.compare import compare
from bookproof.reading.chapter import Chapter
from bookproof.reading.scan import is_chapter
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.running.recorded import recorded, with_recorded
from bookproof.running.run import Run, run
from bookproof.running.scans import kept_scan
from bookproof.running.store import Kept, Store
from bookproof.telling.progress import Progress
from bookproof.telling.report import Report
from bookproof.telling.verification import Checked

Execute = Callable[..., dict[str, Run]]
"""What runs chapters: `run`, or something with its arguments and result."""

_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
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
    workers: int = _CORES
    preload: tuple[str, ...] = ()
    settings: Settings = DEFAULT

    @classmethod
    def load(cls, root: Path, chapters: Iterable[Path] = ()) -> Book:
        """Read the book at `root`, with the settings of its `_config.yml` or `conf.py`.

        Raises ValueError where there is no chapter, where a given one is outside the root or is
        none, and where the settings cannot be read.
        """
        root = root.resolve()
        found = configuration(root)
        names = {_name(root, path, found.settings) for path in chapters} or set(found.chapters())
        if not names:
            raise ValueError(f"there is no chapter with code cells in {root}")
        return cls(root, tuple(sorted(names)), preload=found.preload, settings=found.settings)

    @property
    def store(self) -> Store:
        """Return where the book's runs are kept."""
        return Store(self.root, self.root / "_build" / ".bookproof")


def check(book: Book, progress: Progress = _SILENT, execute: Execute = run) -> Report:
    """Check a book: scan every chapter, run those without a valid kept run, compare all.

    The chapters that took longest last time run first, before them those that never ran, the one
    with the most code first. `execute` runs them, here or elsewhere.
    """
    settings = book.settings
    if book.timeout is not None:
        settings = replace(settings, execution_timeout=book.timeout)
    chapters = [kept_scan(book.root, name, book.store.folder, settings) for name in book.chapters]
    notes: list[str] = []
    runs: dict[str, Run] = {}
    due = []
    for chapter in chapters:
        kept = Kept(recorded(chapter)) if chapter.idle else book.store.load(chapter)
        if kept.run is not None:
            runs[chapter.name] = kept.run
        else:
            due.append((kept.seconds or _UNKNOWN, _size(chapter), chapter))

    def done(chapter: Chapter, result: Run) -> None:
        try:
            book.store.save(chapter, result)
        except OSError as error:  # the verdicts stand all the same
            place = f"{book.store.folder}: {error.strerror}"
            note(f"warning: the runs cannot be kept and will be made again: {place}")
        progress.ran(chapter.name, result)

    def note(text: str) -> None:
        if text not in notes:
            notes.append(text)

    if due:
        progress.begin(len(due))
        try:
            runs |= execute(
                [chapter for *_, chapter in sorted(due, key=lambda item: item[:2], reverse=True)],
                root=book.root,
                workers=book.workers,
                preload=book.preload,
                running=lambda chapter: progress.running(chapter.name),
                done=done,
                note=note,
            )
        finally:
            progress.end()
    shown = ((chapter, with_recorded(chapter, runs[chapter.name])) for chapter in chapters)
    checked = (
        Checked(chapter, found, tuple(compare(chapter, found, chapter.settings)))
        for chapter, found in shown
    )
    return Report(tuple(checked), tuple(notes))


def _size(chapter: Chapter) -> int:
    return sum(len(cell.source) for cell in chapter.cells)


def _name(root: Path, path: Path, settings: Settings) -> str:
    path = path.parent.resolve() / path.name  # a chapter may be a link to somewhere else
    if not path.is_relative_to(root):
        raise ValueError(f"{path} is outside the book at {root}")
    if not path.is_file():
        raise ValueError(f"{path} is not a file")
    if not is_chapter(path, settings):
        raise ValueError(f"{path} is no notebook: it lacks `file_format: mystnb` on top")
    return path.relative_to(root).as_posix()
