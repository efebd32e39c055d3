"""Build a book whenever something in it has changed, and tell how the last build ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from bookproof.judging.verdict import Kind
from bookproof.reading.screen import normalise
from bookproof.telling import verification
from bookproof.telling.texts import Texts, texts_for

_SHOWN_LINES = 10
_KEPT = 1_000_000  # bytes of what a build says
_COMPLAINT = re.compile(r"\b(WARNING|ERROR|CRITICAL):|Error\b")
_PATIENCE = 20  # seconds that a build has to end its kernels
_SETTLE = 0.3  # seconds until the last that a build wrote is reported
_CERTAIN = 3  # after so many builds a file that each of them changes is their own


@dataclass(frozen=True)
class Outcome:
    """How a build ended: its status, what it said of it, and the verification.json it wrote."""

    status: int = 0
    lines: tuple[str, ...] = ()
    found: dict | None = None

    def failure(self, texts: Texts) -> dict | None:
        """Return what a page shall say of it, as `title` and `lines`; None of a good build."""
        if self.found and not self.found["green"]:
            wrong = [
                f"{name}:{verdict.get('difference', verdict)['line']}: "
                f"{texts.kinds.get(verdict['kind'], verdict['kind'])}"
                for name, chapter in self.found["chapters"].items()
                for verdict in chapter["verdicts"]
                if Kind(verdict["kind"]).failed
            ]
            return {"title": texts.wrong(len(wrong)), "lines": wrong}
        if self.status:
            return {"title": texts.broken.format(self.status), "lines": list(self.lines)}
        return None


class Builds:
    """The builds of the book at `root`, one at a time; iterating gives how the last one ended.

    `command` is run in `root` and writes the pages to `site`. `version` names the last build.
    """

    def __init__(self, root: Path, site: Path, command: Sequence[str]):
        self.root = root
        self.site = site
        # The tools that are installed beside us are not on the path where no venv is active.
        path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
        self._command = [shutil.which(command[0], path=path) or command[0], *command[1:]]
        self.version = str(time.time_ns())
        self._outcome = Outcome()
        self._next = asyncio.Event()
        self._closed = False
        self._building = True
        self._due = asyncio.Event()
        self._during: set[str] = set()
        self._authored: set[str] = set()
        self._streak: Counter[str] = Counter()

    async def __aiter__(self) -> AsyncIterator[tuple[str, Outcome]]:
        """Yield the last build's version and outcome, then those of each that ends."""
        while not self._closed:
            following = self._next
            yield self.version, self._outcome
            await following.wait()

    def close(self) -> None:
        """End all iterations."""
        self._closed = True
        self._next.set()

    async def watch(self) -> None:
        """Take note of what changes in the book.

        Raises ValueError where it cannot be watched.
        """
        stop = asyncio.Event()
        try:
            async for changes in awatch(
                self.root, watch_filter=_Sources(self.root, self.site), stop_event=stop
            ):
                paths = {os.path.relpath(path, self.root) for _, path in changes}
                if self._building:
                    self._during |= paths
                else:
                    self._authored |= paths
                    _say(f"changed: {_some(paths)}")
                    self._due.set()
        except OSError as error:
            raise ValueError(f"{self.root} cannot be watched: {error}") from error
        finally:
            stop.set()  # for its thread

    async def run(self, address: str) -> None:
        """Build, and build again after every change; say the pages' address after the first build.

        Raises OSError where the command cannot be started.
        """
        while True:
            started = time.monotonic()
            self._outcome = await self._build()
            self.version = str(time.time_ns())
            following, self._next = self._next, asyncio.Event()
            following.set()
            failure = self._outcome.failure(texts_for("en"))
            took = f"{time.monotonic() - started:.1f} s"
            _say(f"{failure['title']} ({took})" if failure else f"built in {took}")
            if address:
                _say(f"serving {address} (Ctrl-C ends it)")
                address = ""
            await asyncio.sleep(_SETTLE)
            again = self._changed_during_build()
            self._building = False
            if again:
                _say(f"changed meanwhile: {_some(again)}")
            else:
                await self._due.wait()
            self._building = True
            self._due.clear()
            self._during.clear()

    def _changed_during_build(self) -> set[str]:
        """Return what has changed during a build, without what builds themselves write.

        Who wrote a file is not known; but an author seldom saves the same file in each of several
        builds and never in between.
        """
        candidates = self._during - self._authored
        self._streak = Counter({path: self._streak[path] + 1 for path in candidates})
        own = {path for path, count in self._streak.items() if count == _CERTAIN}
        if own:
            _say(f"every build changes {_some(own)}: not taken for a change of the author's")
        return {path for path in self._during if self._streak[path] < _CERTAIN}

    async def _build(self) -> Outcome:
        proof = self.site / "verification.json"
        before = _stamp(proof)
        process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self.root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C is for us, and we end it
        )
        said = b""
        try:
            while piece := await process.stdout.read(1 << 16):
                sys.stdout.buffer.write(piece)
                sys.stdout.flush()
                said = (said + piece)[-_KEPT:]
            status = await process.wait()
        finally:
            if process.returncode is None:
                await _end(process)
        found = None
        if _stamp(proof) != before:  # or it is an older build's
            with contextlib.suppress(ValueError):
                found = verification.load(proof)
        return Outcome(status, _reason(said.decode("utf-8", "replace")), found)


def _reason(said: str) -> tuple[str, ...]:
    """Return a build's last lines, after the complaints before them: Sphinx goes on after some."""
    lines = normalise(said).split("\n")
    before, last = lines[:-_SHOWN_LINES], lines[-_SHOWN_LINES:]
    complaints = [line for line in before if _COMPLAINT.search(line)][-_SHOWN_LINES:]
    return (*complaints, *(["…"] if complaints else []), *last)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a build and all that it has started: politely first, so that it ends its kernels."""
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with contextlib.suppress(OSError):  # it is gone
            getattr(os, "killpg", os.kill)(process.pid, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.communicate(), _PATIENCE)


class _Sources(DefaultFilter):
    """Let pass what an author writes: nothing hidden, built, installed or temporary."""

    ignore_dirs = (*DefaultFilter.ignore_dirs, "_build")
    ignore_entity_patterns = (*DefaultFilter.ignore_entity_patterns, r"^#.*#$", r"^4913$")

    def __init__(self, root: Path, site: Path):
        super().__init__()
        self._root = root
        self._never = (site, Path(sys.prefix).resolve())

    def __call__(self, change: Change, path: str) -> bool:
        place = Path(path)
        if any(place.is_relative_to(folder) for folder in self._never):
            return False
        place = place.relative_to(self._root)  # what is above the root does not matter
        if not place.parts or any(part.startswith(".") for part in place.parts):
            return False
        return super().__call__(change, str(place))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _some(paths: set[str]) -> str:
    return ", ".join(sorted(paths)[:3]) + (", …" if len(paths) > 3 else "")


def _say(text: str) -> None:
    print(f"bookproof: {text}", flush=True)
