"""The books whose chapters an editor has open, and what a check of a chapter found."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bookproof.authoring.engine import Engine
from bookproof.reading.encoding import decode
from bookproof.reading.scan import is_chapter
from bookproof.reading.settings import Settings
from bookproof.running.result import Run
from bookproof.telling.progress import Progress
from bookproof.telling.verification import Checked

CONFIGURATIONS = ("_config.yml", "conf.py", "myst.yml", "_toc.yml")
"""The files of which a book's folder has one at least."""

_HALF_WRITTEN = 0.3  # seconds that writing a file may take


class Configuration(Protocol):
    """What a book's configuration says."""

    @property
    def settings(self) -> Settings:
        """What its author has set."""

    @property
    def chapters(self) -> Callable[[], Sequence[str]]:
        """What finds its chapters."""


@dataclass(frozen=True)
class Means:
    """What is needed of the doors of bookproof, which the rooms do not know.

    `configuration` reads that of the book at a root, `again` runs a chapter of it once more
    elsewhere, and `engine` is what checks it.
    """

    configuration: Callable[[Path], Configuration]
    again: Callable[[Path, Checked, Progress], Sequence[Run]]
    engine: Callable[[Path], Engine] = Engine


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the check of a chapter found, and the bytes that were checked.

    `checked` is None where nothing could be checked; `problem` says why, empty where the file is
    no chapter of the book.
    """

    root: Path
    path: Path
    data: bytes
    checked: Checked | None = None
    problem: str = ""

    @property
    def lines(self) -> list[str]:
        """Return the lines of the text, as verdicts count them."""
        try:
            return decode(self.data).split("\n")
        except ValueError:
            return self.data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")


class Shelved:
    """A book, with what is known of it from one check to the next."""

    def __init__(self, root: Path, means: Means):
        self.root = root
        self.engine = means.engine(root)
        self._means = means
        self._found: Configuration | None = None
        self._names: frozenset[str] = frozenset()
        self._stamp: object = None

    def outcome(self, path: Path, data: bytes) -> Outcome:
        """Check a chapter; raises KeyboardInterrupt where that was stopped."""
        try:
            if not self._has(path) and not self._will_have(path):
                return Outcome(self.root, path, data)
            report = self.engine.check([path])
        except (OSError, RuntimeError, ValueError) as error:
            return Outcome(self.root, path, data, problem=str(error))
        except Exception as error:
            logging.getLogger(__name__).exception("the check of %s failed", path)
            return Outcome(self.root, path, data, problem=f"{type(error).__name__}: {error}")
        name = path.relative_to(self.root).as_posix()
        checked = next(c for c in report.chapters if c.chapter.name == name)
        return Outcome(self.root, path, data, checked)

    def _has(self, path: Path) -> bool:
        """Tell whether a file is a chapter of the book; to find all takes time in a large one."""
        stamp = [_stamp(self.root / name) for name in CONFIGURATIONS]
        if stamp != self._stamp:
            self._found = self._means.configuration(self.root)
            self._names, self._stamp = frozenset(), stamp
        if not path.is_file() or not is_chapter(path, self._found.settings):
            return False
        name = path.relative_to(self.root).as_posix()
        if name not in self._names:
            self._names = frozenset(self._found.chapters())
        return name in self._names

    def _will_have(self, path: Path) -> bool:
        """Tell whether what was a chapter is one again soon: a file is emptied, then written."""
        if path.relative_to(self.root).as_posix() not in self._names:
            return False
        time.sleep(_HALF_WRITTEN)
        return self._has(path)


def book_of(path: Path, marks: Sequence[str] = ()) -> Path | None:
    """Return the folder of the book that a file is in: the nearest with one of the `marks`.

    By default that is the nearest that is configured; where there is none, the nearest with
    contents, which alone say little. What is above a repository is none of it.
    """
    if not marks:
        *configured, contents = CONFIGURATIONS
        return book_of(path, configured) or book_of(path, [contents])
    for folder in path.parents:
        if any((folder / name).is_file() for name in marks):
            return folder
        if (folder / ".git").exists():
            break
    return None


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
