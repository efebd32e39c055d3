"""Find a book's chapters and settings, and check it: scan, run, compare."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from sphinx.util.matching import get_matching_files

from bookproof.chapter import Chapter
from bookproof.compare import compare
from bookproof.report import Report
from bookproof.run import Run, run
from bookproof.scan import is_chapter, scan
from bookproof.store import Store
from bookproof.verification import Checked

_NEVER = ("_build", ".*", "**/.*", "**/.*/**", ".*/**", "**/node_modules")


def _ignore(*arguments) -> None:
    pass


@dataclass(frozen=True)
class Book:
    """A book: its root, its chapters as paths relative to it, and how to run them.

    `timeout` is the seconds a cell may take; `workers` how many kernels may live at a time.
    """

    root: Path
    chapters: tuple[str, ...]
    timeout: float = 30
    workers: int = os.cpu_count() or 1

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
        return cls(root, tuple(sorted(names)), timeout)

    @property
    def store(self) -> Store:
        """Return where the book's runs are kept."""
        return Store(self.root, self.root / "_build" / ".bookproof")


def check(book: Book, progress: Callable[[Chapter, Run, int, int], None] = _ignore) -> Report:
    """Check a book: scan every chapter, run those without a valid kept run, compare all.

    `progress` is called after each chapter that was run, with how many of how many are done.
    """
    chapters = [scan(book.root, name) for name in book.chapters]
    unkept = ""
    runs: dict[str, Run] = {}
    due = []
    for chapter in chapters:
        kept = book.store.load(chapter) if chapter.notebook is not None else Run(())
        if kept is not None:
            runs[chapter.name] = kept
        else:
            due.append(chapter)
    numbers = itertools.count(1)

    def done(chapter: Chapter, result: Run) -> None:
        nonlocal unkept
        try:
            book.store.save(chapter, result)
        except OSError as error:  # the verdicts stand all the same
            unkept = f"{book.store.folder}: {error.strerror}"
        progress(chapter, result, next(numbers), len(due))

    if due:
        runs |= run(due, book.root, book.timeout, book.workers, done)
    return Report(
        tuple(
            Checked(chapter, runs[chapter.name], tuple(compare(chapter, runs[chapter.name])))
            for chapter in chapters
        ),
        unkept,
    )


def _settings(config: Path) -> dict:
    if not config.exists():
        return {}
    try:
        settings = yaml.safe_load(config.read_text("utf-8")) or {}
        timeout = (settings.get("execute") or {}).get("timeout", 0)
        if not isinstance(timeout, (int, float)):
            raise ValueError(f"execute.timeout is {timeout!r}, wanted seconds")
        return settings
    except (OSError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise ValueError(f"{config} cannot be read: {' '.join(str(error).split())}") from error


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
