"""Check chapters as they are written: in a thread of its own, one at a time, the newest first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from bookproof.authoring.refused import Refused
from bookproof.authoring.shelf import Means, Outcome, Shelved
from bookproof.authoring.stoppable import Stoppable
from bookproof.running.result import Run

_SETTLE = 30  # seconds in which what runs has ended when it was told to


class Listener(Protocol):
    """Who is told of checks, in the thread that makes them."""

    def begun(self, path: Path) -> None:
        """Hear that a chapter is being checked."""

    def ended(self, path: Path, outcome: Outcome | None) -> None:
        """Hear what was found, None where the check was given up for another."""


class Checks:
    """Checks chapters of any book, and runs them once more elsewhere, each when it is asked to."""

    def __init__(self, listener: Listener, means: Means):
        self._listener = listener
        self._means = means
        self._books: dict[Path, Shelved] = {}
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
            if path in self._again and self._again[path][1].done():
                del self._again[path]

    def again(self, outcome: Outcome) -> Future[tuple[Run, ...]]:
        """Ask for other runs of a chapter that was checked, of which it needs but one lot.

        They raise Refused where something was saved meanwhile.
        """
        with self._change:
            known, future = self._again.get(outcome.path, (None, None))
            if known is not outcome or _failed(future):
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
                    if root not in self._books:
                        self._books[root] = Shelved(root, self._means)
                    book = self._books[root]
                    self._stop = book.engine.stop
                else:
                    outcome, future = self._seconds()[0]
                    if not future.set_running_or_notify_cancel():
                        continue
                    stoppable = Stoppable()
                    self._stop, path = stoppable.stop, None
            if path:
                self._check(book, path)
            else:
                self._run_again(outcome, future, stoppable)
            with self._change:
                self._stop = None

    def _seconds(self) -> list[tuple[Outcome, Future]]:
        return [item for item in self._again.values() if not item[1].done()]

    def _check(self, book: Shelved, path: Path) -> None:
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

    def _run_again(self, outcome: Outcome, future: Future, stoppable: Stoppable) -> None:
        name = outcome.checked.chapter.name
        try:
            runs = tuple(self._means.again(outcome.root, outcome.checked, stoppable))
            stoppable.require_going()
            future.set_result(runs)
        except KeyboardInterrupt:
            future.set_exception(Refused(f"{name}: a chapter was saved meanwhile: try again"))
        except Exception as error:
            future.set_exception(Refused(f"{name} cannot be run once more: {error}"))


def _failed(future: Future) -> bool:
    return future.cancelled() or (future.done() and future.exception() is not None)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
