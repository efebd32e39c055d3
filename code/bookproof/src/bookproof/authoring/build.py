"""One build of a book: a process that is started early, waits at the gate, and is let through."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bookproof
from bookproof.authoring.launch import VARIABLE, Launched, stamp

if TYPE_CHECKING:
    from bookproof.authoring.engine import Engine

_OF_SHELLS = {"_", "SHLVL", "PWD", "OLDPWD", "MAKELEVEL", "MAKEFLAGS", "MFLAGS"}
_KEPT = 1_000_000  # bytes of what a build says
_PATIENCE = 20  # seconds that a build has to end its kernels
_BROWSER = 0.5  # seconds that a browser may take to show a page


def surroundings() -> dict[str, Any]:
    """Return what a process and an engine must have in common, so that they give the same runs."""
    from bookproof.running import packages  # the first build does not wait for it

    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "Python": sys.prefix,
        "packages": packages.installed(),
        "bookproof": bookproof.__file__,
        "the number of processors": len(affinity(0)) if affinity else os.cpu_count(),
        **{name: value for name, value in os.environ.items() if name not in _OF_SHELLS},
    }


class Build:
    """A process that builds the book; `number` tells it from the others.

    `there` are the files of the book when it was started, which was at the time `since`. Of a build
    that is at the gate, `pages` are the files that it will look at later, and `modules` those that
    it has imported.
    """

    def __init__(self, launched: Launched, there: frozenset[str] = frozenset()):
        self.number = launched.number
        self.since = launched.since
        self.there = there
        self._launched = launched
        self._before = launched.before
        self.pages: frozenset[str] = frozenset()
        self.modules: frozenset[str] = frozenset()
        self.changed: set[str] = set()
        self.waits = asyncio.Event()  # at the gate
        self.shown = asyncio.Event()  # the first page
        self.ended = asyncio.Event()
        self.stale = False
        self.open = threading.Event()
        self.said = b""
        self.status = 0
        self._hear: Callable[[bytes], None] | None = None
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=[loop.call_soon_threadsafe], daemon=True).start()

    @property
    def proof(self) -> Path | None:
        """The verification.json that it has written, None where it has not."""
        proof = self._launched.proof
        return proof if stamp(proof) != self._before else None

    @property
    def gated(self) -> bool:
        """Tell whether it is one that waits at the gate."""
        return self.waits.is_set()

    def fits(self, root: Path) -> bool:
        """Tell whether what has changed since it was started is nothing that it has read."""
        return all(
            name in self.there
            and (root / name).is_file()
            and (name in self.pages or (name.endswith(".py") and name not in self.modules))
            for name in self.changed
        )

    async def arrives(self) -> bool:
        """Wait until it is at the gate; tell whether it has come there."""
        await _first(self.waits, self.ended)
        return self.gated and not self.ended.is_set()

    def _read(self, soon: Callable[..., Any]) -> None:
        process = self._launched.process
        with contextlib.suppress(RuntimeError), process.stdout as said:  # nobody waits any more
            for piece in iter(partial(os.read, said.fileno(), 1 << 16), b""):
                soon(self._say, piece)
            soon(self._end, process.wait())

    def _say(self, piece: bytes) -> None:
        self.said = (self.said + piece)[-_KEPT:]
        if self._hear:
            self._hear(piece)

    def _end(self, status: int) -> None:
        self.status = status
        self.ended.set()

    async def finish(self, hear: Callable[[bytes], None] | None) -> None:
        """Let it through the gate and wait for its end; `hear` gets what it says, at once."""
        if hear and self.said:
            hear(self.said)
        self._hear = hear
        if self.gated:
            self._before = stamp(self._launched.proof)
        self.open.set()
        await self.ended.wait()

    async def shows(self) -> None:
        """Wait until browsers have the first page that it has written, or until it has ended."""
        await _first(self.shown, self.ended)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), _BROWSER)

    async def end(self) -> None:
        """End it and all that it has started: politely first, so that it ends its kernels."""
        for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            if self.ended.is_set():
                break
            self._launched.signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), _PATIENCE)
        self.open.set()


async def _first(*events: asyncio.Event) -> None:
    """Wait until one of some events is set."""
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


class Porter:
    """Where builds report, and ask the engine for runs; a thread for each."""

    def __init__(self, listener: Listener):
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self.note: Callable[[str], None] = lambda _: None
        self.written: Callable[[str, bytes], None] = lambda *_: None
        self.speaks = False

    def hear(self, engine: Engine, builds: Callable[[int], Build | None]) -> None:
        """Hear builds, also those that have waited for it; `builds` finds one by its number."""
        self._engine = engine
        self._builds = builds
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                line = self._listener.accept()
            except (OSError, EOFError):
                return
            except Exception:  # somebody who has not the key
                continue
            threading.Thread(target=self._hear, args=[line], daemon=True).start()

    def _hear(self, line: Connection) -> None:
        with contextlib.suppress(OSError, EOFError), line:
            number, state = line.recv()
            self.speaks = self._equal(state)
            build = self._builds(number)
            line.send((self.speaks, build is not None and not build.open.is_set()))
            while build:
                word, *content = line.recv()
                if word == "waits":
                    build.pages, build.modules = content
                    self._loop.call_soon_threadsafe(build.waits.set)
                    build.open.wait()
                    line.send("go")
                elif word == "stale":
                    build.stale = True
                elif word == "written":
                    self._loop.call_soon_threadsafe(self.written, *content)
                    self._loop.call_soon_threadsafe(build.shown.set)
                else:
                    self._run(line, content)

    def _run(self, line: Connection, content: Any) -> None:
        def tell(word: str) -> Callable:
            return lambda *told: line.send((word, *told))

        tells = map(tell, ("running", "done", "note"))
        try:
            runs = self._engine.run(*content, *tells)
        except (RuntimeError, ValueError) as error:
            line.send(("trouble", str(error)))
        except KeyboardInterrupt:  # the end
            return
        else:
            line.send(("answer", runs))

    def _equal(self, state: dict) -> bool:
        own = surroundings()
        different = sorted(
            name
            for name in own.keys() | state.keys()
            if own.get(name) != state.get(name) and name != VARIABLE
        )
        if different:
            what = f"the build has another {different[0]} than serve"
            self.note(f"verdicts come only with the pages: {what}")
        return not different
