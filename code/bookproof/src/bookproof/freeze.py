"""Freeze chapters: run them here, and store their outputs for builds that cannot run them."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bookproof.book import Book, Execute, frozen
from bookproof.judging.compare import compare
from bookproof.reading.chapter import Chapter
from bookproof.running.frozen import FOLDER, Frozen
from bookproof.running.result import Run
from bookproof.running.run import run
from bookproof.say import say, show
from bookproof.telling.language import words
from bookproof.telling.progress import Progress
from bookproof.telling.report import Report
from bookproof.telling.verification import Checked

_NO_LIMIT = -1.0
_SILENT = Progress()


@dataclass(frozen=True)
class Freezing:
    """What became of chapters that were to be frozen.

    `report` judges those whose outputs were stored and those that did not run to their end,
    `frozen` has the names of the former; `refused` says why the outputs of others, which did, were
    not stored.
    """

    report: Report
    frozen: tuple[str, ...]
    refused: dict[str, str]


def freeze(book: Book, progress: Progress = _SILENT, execute: Execute = run) -> Freezing:
    """Run the chapters of a book, one at a time and as long as they take; store their outputs.

    Each is stored as soon as it has run. Outputs that are not as the book says are stored too:
    what is wrong, they or the book, is for the author to judge.
    """
    chapters = [_unlimited(chapter) for chapter in book.scanned()]
    readable = [chapter for chapter in chapters if chapter.notebook is not None]
    runs = {chapter.name: Run(()) for chapter in chapters}
    stored: list[Chapter] = []
    refused: dict[str, str] = {}
    progress.begin(len(readable))
    try:
        for chapter in readable:
            # By itself: two may not fit into a GPU, and what C code reads counts for all that run.
            runs |= _run(chapter, book, progress, execute)
            try:
                if runs[chapter.name].failure is None:
                    book.frozen.save(chapter, runs[chapter.name])
                    stored.append(chapter)
            except ValueError as error:
                refused[chapter.name] = str(error)
            except OSError as error:
                refused[chapter.name] = f"{error.filename} cannot be used: {error.strerror}"
    finally:
        progress.end()
    runs |= frozen(book, stored)  # what was stored is judged, as builds will see it
    checked = tuple(
        Checked(chapter, runs[chapter.name], tuple(compare(chapter, runs[chapter.name])))
        for chapter in chapters
        if chapter.name not in refused
    )
    return Freezing(Report(checked), tuple(chapter.name for chapter in stored), refused)


def _unlimited(chapter: Chapter) -> Chapter:
    """Return a chapter whose cells may take as long as they want, unless one says otherwise."""
    return replace(chapter, settings=replace(chapter.settings, execution_timeout=_NO_LIMIT))


def _run(chapter: Chapter, book: Book, progress: Progress, execute: Execute) -> dict[str, Run]:
    return execute(
        [chapter],
        root=book.root,
        workers=1,
        preload=(),
        running=lambda chapter: progress.running(chapter.name),
        done=lambda chapter, result: progress.ran(chapter.name, result),
        note=progress.note,
    )


def outdated(book: Book) -> tuple[str, ...]:
    """Return the chapters whose frozen outputs cannot be used any more."""
    return tuple(name for name, run in frozen(book, book.scanned()).items() if run.failure)


def remove(root: Path, chapters: Iterable[Path]) -> list[str]:
    """Remove the frozen outputs of chapters, which may be gone themselves; return their names.

    Raises ValueError where one is not frozen.
    """
    names = []
    for path in chapters:
        place = path.parent.resolve() / path.name
        if not place.is_relative_to(root):
            raise ValueError(f"{path} is outside the book at {root}")
        names.append(place.relative_to(root).as_posix())
        Frozen(root).remove(names[-1])
    if not names:
        raise ValueError("--remove wants the chapters whose frozen outputs shall be removed")
    return names


def described(run: Run) -> str:
    """Return in a line where a frozen chapter's outputs come from, or what is wrong with them."""
    if run.failure:
        return run.failure.message
    if run.frozen is None:
        raise ValueError("the run is not frozen")
    origin, today = run.frozen, datetime.datetime.now(datetime.UTC).date()
    days = (today - datetime.date.fromisoformat(origin.date)).days
    ago = "today" if days == 0 else f"{days} day{'s'[: days != 1]} ago"
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    return f"frozen, run {ago} ({origin.date}) with {versions} on {origin.machine}"


def command(options: argparse.Namespace, progress: Progress) -> int:
    """Do what the command line asks for; return the exit status."""
    if options.remove:
        for name in remove(options.root.resolve(), options.chapters):
            say(f"bookproof: {name} is frozen no longer: builds run it")
        return 0
    book = Book.load(options.root, options.chapters)
    if not options.chapters:
        book = replace(book, chapters=outdated(book))
    done = freeze(book, progress)
    if not done.report.green:
        show(done.report.failures(words()) + "\n", sys.stderr)
    for name, why in done.refused.items():
        say(f"bookproof: refused: {name} is not frozen: {why}", sys.stderr)
    for name in done.frozen:
        say(f"bookproof: froze {name}: commit it, with what is in {FOLDER}")
    if not book.chapters:
        say("bookproof: no frozen chapter is outdated")
    return 0 if done.report.green and not done.refused else 1
