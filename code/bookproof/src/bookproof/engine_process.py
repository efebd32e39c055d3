"""What the process of an engine does: answer requests until there is nobody who makes them."""

from __future__ import annotations

import functools
import os
import pickle
import signal
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import bookproof
from bookproof.book import Book, check, unchanged
from bookproof.reading.chapter import Chapter
from bookproof.running import kernel, packages, spec, surroundings
from bookproof.running.memory import Memory
from bookproof.running.result import Run
from bookproof.running.run import run
from bookproof.running.snapshot import Snapshots
from bookproof.running.store import own
from bookproof.running.warm import Warmth
from bookproof.telling.judged import Judge
from bookproof.telling.progress import Progress
from bookproof.telling.verification import Checked


class Process:
    """The engine of the book at `root`: `tell` sends what it tells.

    What it has of temporary files is in `folder`.
    """

    def __init__(self, root: Path, folder: Path, tell: Callable[..., None]):
        self._root = root
        self._tell = tell
        self._warmth = Warmth(lasting=True, folder=folder)
        self._snapshots = Snapshots(folder)
        self._memory: Memory | None = None
        self._ran: dict[str, tuple[dict, Run]] = {}
        self._judge = Judge()
        self._loaded = _loaded(root)

    def answer(self, what: str, *arguments) -> tuple:
        """Return the answer to a request, "afresh" where another process has to answer it."""
        for cached in (surroundings.environment, spec.interpreter, kernel.prelude):
            cached.cache_clear()
        if self._loaded != {name: _stamp(name) for name in self._loaded}:
            return ("afresh",)
        try:
            return "answer", getattr(self, what)(*arguments)
        except (ValueError, OSError) as error:
            return "refused", str(error)
        finally:
            self._loaded = _loaded(self._root) | self._loaded

    def warm(self) -> None:
        """Judge what is known, and let what kernels will be forked from begin with its imports."""
        book = Book.load(self._root)
        state = surroundings.importable(book.root)
        self._warmth.begin(book.root, book.preload, kernel.environment(), state)
        for chapter, result in unchanged(book, self._renewed(book)):
            self._judge(chapter, result)

    def check(
        self, chapters: Sequence[Path], known: Collection[UUID]
    ) -> tuple[list[tuple[UUID, Checked | None]], tuple[str, ...]]:
        """Check the book; where the nursery has died meanwhile, once more and from the start.

        Returns the chapters of the report, without those whose names are `known`, and its notes.
        """
        book = Book.load(self._root, chapters)
        memory = self._renewed(book)
        self._ran = {}
        progress = _Told(self._tell)
        means: dict[str, Any] = {
            "execute": self._execute,
            "store": memory,
            "judge": self._judge,
        }
        report = check(book, progress, **means)
        if self._warmth.lost:
            self._snapshots.clear()
            report = check(book, progress, **means)
        found = [(self._judge.name_of(c.chapter.name), c) for c in report.chapters]
        return [(n, None) if n in known else (n, c) for n, c in found], report.notes

    def _renewed(self, book: Book) -> Memory:
        """Return the memory of a book's runs, as they are now."""
        if self._memory is None or self._memory.folder != book.store.folder:
            self._memory = Memory(book.root, book.store.folder)
        self._memory.renew()
        return self._memory

    def run(
        self, chapters: Sequence[Chapter], root: Path, workers: int, preload: Sequence[str]
    ) -> dict[str, Run]:
        """Run chapters, and keep the runs; those that the last check has made, it has."""
        ready = {}
        memory = self._memory or Memory(root, root / "_build" / ".bookproof")
        for chapter in chapters:
            before, known = self._ran.get(chapter.name, (None, None))
            if before != own(chapter):
                known = None if memory.lacks(chapter.name) else memory.load(chapter).run
            if known:
                ready[chapter.name] = known

        def running(chapter: Chapter) -> None:
            self._tell("running", chapter)

        def done(chapter: Chapter, result: Run) -> None:
            if chapter.name not in ready:
                memory.save(chapter, result)
            self._tell("done", chapter, result)

        for chapter in chapters:
            if chapter.name in ready:
                running(chapter)
                done(chapter, ready[chapter.name])
        due = [chapter for chapter in chapters if chapter.name not in ready]
        if not due:
            return ready
        note = functools.partial(self._tell, "note")
        kept: dict[str, Any] = {"warmth": self._warmth, "snapshots": self._snapshots}
        return ready | run(due, root, workers, preload, running, done, note, **kept)

    def _execute(self, chapters: Sequence[Chapter], **options) -> dict[str, Run]:
        runs = run(chapters, warmth=self._warmth, snapshots=self._snapshots, **options)
        self._ran |= {chapter.name: (own(chapter), runs[chapter.name]) for chapter in chapters}
        return runs

    def close(self) -> None:
        """End what kernels are forked from."""
        self._snapshots.close()
        self._warmth.close()


class _Told(Progress):
    """Progress that goes to who made the request."""

    def __init__(self, tell: Callable[..., None]):
        for word in ("begin", "ran", "note", "end", "running"):
            setattr(self, word, functools.partial(tell, word))


def _loaded(root: Path) -> dict[str, object]:
    """Return what tells whether this process would load other code now.

    The packages, and the files of the modules that may change under an installed version: the
    book's and our own.
    """
    ours, book = (os.path.join(str(place), "") for place in (Path(bookproof.__file__).parent, root))
    installed = os.path.join(sys.prefix, "")
    files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    own = [f for f in files if f.startswith(ours) or (f.startswith(book) and installed not in f)]
    return {name: _stamp(name) for name in ("", *own)}


def _stamp(name: str) -> object:
    """Return what changes with a file, or with the packages where there is no name."""
    if not name:
        return packages.installed()
    try:
        found = os.stat(name)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


class Interrupts:
    """What keeps SIGINT until it may come as a KeyboardInterrupt."""

    def __init__(self):
        self._due = False
        self.keep()
        if hasattr(signal, "pthread_sigmask"):  # it was blocked until now
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def keep(self) -> Any:
        """Let none come; return what handled them."""
        return signal.signal(signal.SIGINT, self._keep)

    def heed(self, handler: Any = signal.default_int_handler) -> None:
        """Let them come, and one that was kept at once."""
        signal.signal(signal.SIGINT, handler)
        if self._due:
            self._due = False
            handler(signal.SIGINT, None)

    def _keep(self, number: int, frame: object) -> None:
        self._due = True


def main(root: Path, folder: Path, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more, or SIGTERM ends it."""
    interrupts = Interrupts()

    def tell(*message) -> None:
        handler = interrupts.keep()  # not half of a message
        pickle.dump(message, answers)
        answers.flush()
        interrupts.heed(handler)

    process = Process(root, folder, tell)
    try:
        answer: tuple = ()
        while answer != ("afresh",):
            try:
                request = pickle.load(requests)
            except EOFError:
                return
            try:
                try:
                    interrupts.heed()
                    answer = process.answer(*request)
                finally:
                    interrupts.keep()
            except KeyboardInterrupt:
                interrupts.keep()  # a second one may have come before
                answer = ("interrupted",)
            tell(*answer)
    finally:
        process.close()


if __name__ == "__main__":
    line = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anybody prints is not for the line
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.stdin.buffer, line)
