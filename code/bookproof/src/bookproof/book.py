"""Find a book's chapters and settings, and check it: scan, run, compare."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from sphinx.util.matching import get_matching_files

from bookproof.judging.compare import compare
from bookproof.reading.after import resolve
from bookproof.reading.chapter import Chapter
from bookproof.reading.scan import is_chapter
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.running.order import Schedule, with_clashes
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
_NEVER = ("_build", ".*", "**/.*", "**/.*/**", ".*/**", "**/node_modules")


@dataclass(frozen=True)
class Book:
    """A book: its root, its chapters as paths relative to it, and how to run them.

    `timeout` is the seconds a cell may take; `workers` how many kernels may work at a time;
    `preload` the modules that are imported once and for all kernels, none of the book's own;
    `settings` what bears on outputs.
    """

    root: Path
    chapters: tuple[str, ...]
    timeout: float = 30
    workers: int = _CORES
    preload: tuple[str, ...] = ()
    settings: Settings = DEFAULT

    @classmethod
    def load(cls, root: Path, chapters: Iterable[Path] = ()) -> Book:
        """Read the book at `root`, with the settings of its `_config.yml` where it has one.

        Raises ValueError where there is no chapter, where a given one is outside the root or is
        none, and where the settings cannot be read.
        """
        root = root.resolve()
        settings = _settings(root / "_config.yml")
        names = {_name(root, path) for path in chapters} or set(_discover(root, settings))
        if not names:
            raise ValueError(f"there is no chapter with code cells in {root}")
        timeout = (settings.get("execute") or {}).get("timeout", cls.timeout)
        preload = _sphinx(settings).get("bookproof_preload") or ()
        return cls(root, tuple(sorted(names)), timeout, preload=tuple(preload))

    @property
    def store(self) -> Store:
        """Return where the book's runs are kept."""
        return Store(self.root, self.root / "_build" / ".bookproof")


def plan(book: Book, store: Store) -> Schedule:
    """Read the chapters of a book; return in which order those run that have to."""

    def read(name: str) -> Chapter | None:
        there = (book.root / name).is_file() and is_chapter(book.root / name)
        return kept_scan(book.root, name, store.folder) if there else None

    chapters = [kept_scan(book.root, name, store.folder) for name in book.chapters]
    return Schedule(store, *resolve(chapters, read))


def check(book: Book, progress: Progress = _SILENT, execute: Execute = run) -> Report:
    """Check a book: scan every chapter, run those without a valid kept run, compare all.

    The chapters that took longest last time run first, before them those that never ran, the one
    with the most code first. `execute` runs them, here or elsewhere.
    """
    store = book.store
    schedule = plan(book, store)
    chapters = schedule.asked
    notes: list[str] = []

    def done(chapter: Chapter, result: Run) -> None:
        try:
            store.save(chapter, result)
        except OSError as error:  # the verdicts stand all the same
            place = f"{store.folder}: {error.strerror}"
            note = f"warning: the runs cannot be kept and will be made again: {place}"
            if note not in notes:
                notes.append(note)
        progress.ran(chapter.name, result)

    due = schedule.due()
    if due:
        progress.begin(schedule.left)
    try:
        while due:
            schedule.runs |= execute(
                [chapter for chapter, _ in sorted(due, key=_cost, reverse=True)],
                root=book.root,
                timeout=book.timeout,
                workers=book.workers,
                preload=book.preload,
                running=lambda chapter: progress.running(chapter.name),
                done=done,
                note=notes.append,
            )
            due = schedule.due()
    finally:
        progress.end()
    checked = (
        Checked(chapter, found, tuple(compare(chapter, found, book.settings)))
        for chapter in with_clashes(chapters, schedule.runs, store)
        for found in [schedule.runs[chapter.name]]
    )
    return Report(tuple(checked), tuple(notes))


def _cost(item: tuple[Chapter, Kept]) -> tuple[float, int]:
    """Return how long a chapter may take to run, then how much code it has."""
    chapter, kept = item
    return kept.seconds or _UNKNOWN, sum(len(cell.source) for cell in chapter.cells)


def _settings(config: Path) -> dict:
    if not config.exists():
        return {}
    try:
        settings = yaml.safe_load(config.read_text("utf-8")) or {}
        timeout = (settings.get("execute") or {}).get("timeout", 0)
        if not isinstance(timeout, (int, float)):
            raise ValueError(f"execute.timeout is {timeout!r}, wanted seconds")
        preload = _sphinx(settings).get("bookproof_preload") or []
        if not isinstance(preload, list) or not all(isinstance(name, str) for name in preload):
            raise ValueError(f"bookproof_preload is {preload!r}, wanted a list of modules")
        return settings
    except (OSError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise ValueError(f"{config} cannot be read: {' '.join(str(error).split())}") from error


def _sphinx(settings: dict) -> dict:
    return (settings.get("sphinx") or {}).get("config") or {}


def _discover(root: Path, settings: dict) -> list[str]:
    excluded = [*_NEVER, *(settings.get("exclude_patterns") or ())]
    files = get_matching_files(root, ["**.md", "**.ipynb"], excluded)
    return [name for name in files if is_chapter(root / name)]


def _name(root: Path, path: Path) -> str:
    path = path.parent.resolve() / path.name  # a chapter may be a link to somewhere else
    if not path.is_relative_to(root):
        raise ValueError(f"{path} is outside the book at {root}")
    if not path.is_file():
        raise ValueError(f"{path} is not a file")
    if not is_chapter(path):
        raise ValueError(f"{path} is no notebook: it lacks `file_format: mystnb` on top")
    return path.relative_to(root).as_posix()
