"""The living engine: a process that checks a book again and again, with kernels that stay warm.

It is another process, so that it can end and start afresh: by itself where a package or one of
the modules that it has loaded is another now, and after a crash. Requests go to its standard
input and what it tells comes from its standard output, pickled.
"""

from __future__ import annotations

import contextlib
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bookproof.telling.progress import Progress

if TYPE_CHECKING:
    from bookproof.reading.chapter import Chapter
    from bookproof.running.result import Run
    from bookproof.telling.report import Report
    from bookproof.telling.verification import Checked

_LIVES = 3
"""How many processes may end over one request."""

_END_TIMEOUT = 20  # seconds that it has to end its kernels


class Engine:
    """Checks the book at `root` as often as it is asked to, one request at a time.

    `progress` hears of what runs. Only `stop` and `close` may be called from other threads while
    a request is under way.
    """

    def __init__(self, root: Path, progress: Progress | None = None):
        self._root = root
        self._progress = progress or Progress()
        self._process: subprocess.Popen | None = None
        self._folder: tempfile.TemporaryDirectory | None = None
        self._known: dict[UUID, Checked] = {}  # what the last check has told of chapters
        self._turn = threading.Lock()
        self._stopped = threading.Event()
        self._checking = False
        self._closed = False

    def check(self, chapters: Iterable[Path] = ()) -> Report:
        """Check the book as it is now, or only some of its chapters.

        Raises ValueError where its configuration or a chapter cannot be used, KeyboardInterrupt
        where it was stopped, RuntimeError where the process ends again and again.
        """
        from bookproof.telling.report import Report  # now: a first build need not wait for it

        progress = self._progress
        with self._turn:
            self._stopped.clear()
            self._checking = True
            words = ("begin", "running", "ran", "note", "end")
            try:
                request = ("check", tuple(chapters), frozenset(self._known))
                found, notes = self._ask(request, {word: getattr(progress, word) for word in words})
                self._known = {name: new or self._known[name] for name, new in found}
                return Report(tuple(self._known.values()), notes)
            finally:
                self._checking = False

    def run(
        self,
        chapters: Sequence[Chapter],
        root: Path,
        workers: int,
        preload: Sequence[str],
        running: Callable[[Chapter], None],
        done: Callable[[Chapter, Run], None],
        note: Callable[[str], None],
    ) -> dict[str, Run]:
        """Return runs of chapters like `bookproof.running.run.run`, and keep them.

        Those of the last check are not made again.
        """
        with self._turn:
            request = ("run", tuple(chapters), root, workers, tuple(preload))
            return self._ask(request, {"running": running, "done": done, "note": note})

    def warm(self) -> None:
        """Let it import what it needs for the next request, and here what the answer is made of."""
        from bookproof.telling.report import Report  # noqa: F401

        with self._turn, contextlib.suppress(ValueError, RuntimeError):  # a request will tell
            self._ask(("warm",), {"note": self._progress.note})

    def stop(self) -> None:
        """Let the check that is under way, if there is one, end with a KeyboardInterrupt."""
        self._stopped.set()
        process = self._process
        if self._checking and process and process.poll() is None:
            with contextlib.suppress(OSError):
                process.send_signal(getattr(signal, "SIGINT", signal.SIGTERM))

    def close(self) -> None:
        """End the process with all that it has started, also while it does something."""
        self._closed = True
        if process := self._process:
            process.terminate()
        with self._turn:
            self._end()

    def _ask(self, request: tuple, hear: dict[str, Callable]) -> Any:
        """Send a request; let what is told be heard, and return the answer."""
        for _ in range(_LIVES):
            process = self._living()
            try:
                pickle.dump(request, process.stdin)
                process.stdin.flush()
                while True:
                    word, *content = pickle.load(process.stdout)
                    if word in hear:
                        hear[word](*content)
                    elif word == "answer":
                        return content[0]
                    elif word == "refused":
                        raise ValueError(content[0])
                    elif word == "interrupted" and self._stopped.is_set():
                        raise KeyboardInterrupt
                    elif word == "interrupted":  # it was the last check that was to stop
                        pickle.dump(request, process.stdin)
                        process.stdin.flush()
                    else:  # what it has loaded is not any more as it was
                        self._end()
                        break
            except (EOFError, OSError, pickle.UnpicklingError):
                status = self._end()
                if self._stopped.is_set() or self._closed:
                    raise KeyboardInterrupt from None
        raise RuntimeError(f"the process that checks the book ended, with status {status}")

    def _living(self) -> subprocess.Popen:
        if self._closed:
            raise KeyboardInterrupt
        if self._process and self._process.poll() is not None:
            self._end()
        if self._process is None:
            flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
            module = "bookproof.engine_process"
            # What it leaves behind where it is killed goes with the folder.
            self._folder = tempfile.TemporaryDirectory(
                prefix="bookproof-", ignore_cleanup_errors=True
            )
            with _kept_back(signal.SIGINT):  # until it has imported what keeps it
                self._process = subprocess.Popen(
                    [sys.executable, *flags, "-m", module, str(self._root), self._folder.name],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    cwd=self._root,
                    start_new_session=True,  # a Ctrl-C is for us, and we end it
                )
        return self._process

    def _end(self) -> int:
        """End the process; return its exit status."""
        process, self._process = self._process, None
        if process is None:
            return 0
        with contextlib.suppress(OSError):
            process.stdin.close()  # it ends when it has nobody to listen to
        try:
            process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()
        self._folder.cleanup()
        return process.wait()


@contextlib.contextmanager
def _kept_back(number: int) -> Iterator[None]:
    """Let processes that are started meanwhile get a signal when they ask for it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
