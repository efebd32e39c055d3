"""Check chapters as they are written: in a thread of its own, one at a time, the newest first."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bookproof.authoring.engine import Engine
from bookproof.authoring.rewrite import Refused
from bookproof.authoring.stoppable import Stoppable
from bookproof.book import Book, run_again
from bookproof.configuration import configuration
from bookproof.reading.encoding import decode
from bookproof.reading.scan import is_chapter
from bookproof.running.result import Run
from bookproof.telling.verification import Checked

CONFIGURATIONS = ("_config.yml", "conf.py", "_toc.yml")
"""The files of which a book's folder has one at least."""

_HALF_WRITTEN = 0.3  # seconds that writing a file may take
_SETTLE = 30  # seconds in which what runs has ended when it was told to


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


class Listener(Protocol):
    """Who is told of checks, in the thread that makes them."""

    def begun(self, path: Path) -> None:
        """Hear that a chapter is being checked."""

    def ended(self, path: Path, outcome: Outcome | None) -> None:
        """Hear what was found, None where the check was given up for another."""


class Checks:
    """Checks chapters of any book, and runs them once more elsewhere, each when it is asked to."""

    def __init__(self, listener: Listener, engine: Callable[[Path], Engine] = Engine):
        self._listener = listener
        self._engine = engine
        self._books: dict[Path, _Book] = {}
        self._due: dict[Path, Path] = {}  # the root of each chapter, the last is next
        self._again: dict[Path, tuple[Outcome, Future]] = {}
        self._wanted: set[Path] = set()
        self._stop: Callable[[], None] | None = None  # what is under way
        self._change = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="checks", daemon=True)
        self._thread.start()

    def ask(self, root: Path, path: Path, saved: bool = True) -> None:
        """Ask for a check; of a chapter that was just saved before all others."""
        with self._change:
            self._wanted.add(path)
            due = {name: place for name, place in self._due.items() if name != path}
            self._due = due | {path: root} if saved else {path: root} | due
            if saved and self._stop:
                self._stop()
            self._change.notify()

    def forget(self, path: Path) -> None:
        """Check a chapter no more."""
        with self._change:
            self._wanted.discard(path)
            self._due.pop(path, None)

    def again(self, outcome: Outcome) -> Future[tuple[Run, ...]]:
        """Ask for other runs of a chapter that was checked, of which it needs but one lot.

        They raise Refused where something was saved meanwhile.
        """
        with self._change:
            known, future = self._again.get(outcome.path, (None, None))
            if known is not outcome or (future.done() and future.exception()):
                future = Future()
                self._again[outcome.path] = outcome, future
                self._change.notify()
            return future

    def pending(self, path: Path) -> bool:
        """Tell whether a check of a chapter is to come."""
        with self._change:
            return path in self._due

    def close(self) -> None:
        """End all that runs, and leave no process behind."""
        with self._change:
            self._closed = True
            if self._stop:
                self._stop()
            self._change.notify()
        for book in list(self._books.values()):
            book.engine.close()
        self._thread.join(_SETTLE)
        for _, future in self._again.values():
            future.cancel()

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._closed or self._due or self._seconds())
                if self._closed:
                    return
                if self._due:
                    path, root = self._due.popitem()
                    book = self._books.setdefault(root, _Book(root, self._engine))
                    self._stop = book.engine.stop
                else:
                    outcome, future = self._seconds()[0]
                    stoppable = Stoppable()
                    self._stop, path = stoppable.stop, None
            if path:
                self._check(book, path)
            else:
                _run_again(outcome, future, stoppable)
            with self._change:
                self._stop = None

    def _seconds(self) -> list[tuple[Outcome, Future]]:
        return [item for item in self._again.values() if not item[1].done()]

    def _check(self, book: _Book, path: Path) -> None:
        self._listener.begun(path)
        outcome, again = None, False
        data = _read(path)
        try:
            outcome = book.outcome(path, data)
            again = data != _read(path)
        except KeyboardInterrupt:
            again = True
        with self._change:
            if again and path in self._wanted and path not in self._due:
                self._due = {path: book.root} | self._due
            told = None if path in self._due or path not in self._wanted else outcome
        self._listener.ended(path, told)


class _Book:
    """A book, with what is known of it from one check to the next."""

    def __init__(self, root: Path, engine: Callable[[Path], Engine]):
        self.root = root
        self.engine = engine(root)
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
            self._found = configuration(self.root)
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


def _run_again(outcome: Outcome, future: Future, stoppable: Stoppable) -> None:
    name = outcome.checked.chapter.name
    try:
        book = Book.load(outcome.root, [outcome.path])
        runs = run_again(book, [outcome.checked], stoppable).get(name, ())
        stoppable.require_going()
        future.set_result(runs)
    except KeyboardInterrupt:
        future.set_exception(Refused(f"{name}: a chapter was saved meanwhile: try again"))
    except Exception as error:
        future.set_exception(Refused(f"{name} cannot be run once more: {error}"))


def book_of(path: Path) -> Path | None:
    """Return the folder of the book that a file is in: the nearest that configures one.

    What is above a repository is none of it.
    """
    for folder in path.parents:
        if any((folder / name).is_file() for name in CONFIGURATIONS):
            return folder
        if (folder / ".git").exists():
            break
    return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
