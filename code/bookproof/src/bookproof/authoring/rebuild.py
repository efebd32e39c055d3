"""Check and build a book whenever something in it has changed, and tell how that ended.

The verdict comes first, from an engine that lives; then the pages, by a build that was started
before the change and has waited for it. A build that knows nothing of this is started when it is
due, and its own check gives the verdict.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bookproof.authoring.build import Build, Porter
from bookproof.authoring.engine import Engine
from bookproof.authoring.launch import Launched, Line, launch
from bookproof.authoring.outcome import Outcome
from bookproof.authoring.sources import Sources
from bookproof.authoring.versions import Versions
from bookproof.authoring.watch import changes
from bookproof.telling.language import current, words
from bookproof.telling.progress import Spoken
from bookproof.telling.texts import texts_for

_SETTLE = 0.3  # seconds until the last that a build wrote is reported
_CERTAIN = 3  # after so many builds a file that each of them changes is their own
_INTERRUPTS = 2  # so often a file cuts short the checks between two builds: a cell may write it


class Builds:
    """The builds of the book at `root`, one at a time; iterating gives how it stands.

    `command` is run in `root` and writes the pages to `site`; `versions` are theirs. All report on
    `line`, also the `first`, which has just been started.
    """

    def __init__(self, root: Path, site: Path, command: Sequence[str], line: Line, first: Launched):
        self.root = root
        self.site = site
        self._command = command
        self.versions = Versions()
        self._outcome = Outcome()
        self._next = asyncio.Event()
        self._closed = False
        self._wait = False  # the builds, at the gate
        self._building = True
        self._checking = False
        self._due = asyncio.Event()
        self._watched = asyncio.Event()
        self._during: set[str] = set()
        self._authored: set[str] = set()
        self._streak: Counter[str] = Counter()
        self._interrupts: Counter[str] = Counter()
        self._sources = Sources(root, site)
        self._engine = Engine(root, Spoken(lambda line: print(line, flush=True)))
        self._noted: set[str] = set()
        self._last = first.number
        self._first: Build | None = Build(first, self._sources.there())
        self._started = {first.number: self._first}
        self._line = line
        self._porter = Porter(line.listener)
        self._porter.note = _say
        self._porter.written = self._written
        self._porter.hear(self._engine, self._started.get)

    async def __aiter__(self) -> AsyncIterator[Outcome]:
        """Yield how the book stands, whenever that or a page has changed."""
        while not self._closed:
            following = self._next
            yield self._outcome
            await following.wait()

    def close(self) -> None:
        """End all iterations."""
        self._closed = True
        self._next.set()

    async def end(self) -> None:
        """End all builds, and the engine."""
        await asyncio.gather(*(build.end() for build in list(self._started.values())))
        await asyncio.shield(asyncio.to_thread(self._engine.close))

    async def watch(self) -> None:
        """Take note of what changes in the book.

        Raises ValueError where it cannot be watched.
        """
        async with contextlib.aclosing(changes(self.root, self._sources)) as found:
            async for paths in found:
                if self._first and not self._watched.is_set():
                    paths |= self._sources.changed(self._first.since, self._first.there)
                if paths:
                    self._note(paths)
                self._watched.set()

    def _note(self, paths: set[str]) -> None:
        """Take note of changes: where a check is under way, it is of what is no more."""
        for build in self._started.values():
            build.changed |= paths
        if not self._building:
            self._authored |= paths
            _say(f"changed: {_some(paths)}")
            self._due.set()
            return
        self._during |= paths
        news = {path for path in paths if self._interrupts[path] < _INTERRUPTS}
        if self._checking and news:
            self._interrupts.update(news)
            _say(f"changed meanwhile: {_some(news)}")
            self._engine.stop()

    async def run(self, address: str) -> None:
        """Build, and build again after every change. It begins when `watch` does.

        The pages' address is said after the first build.
        Raises OSError where the command cannot be started.
        """
        await self._watched.wait()  # what changes during the first build shall not be missed
        while True:
            started = time.monotonic()
            await self._check()
            self.versions.begin()
            self._outcome = await self._build()
            self.versions.end()
            self._tell()
            failure = self._outcome.failure(texts_for(current()))
            took = f"{time.monotonic() - started:.1f} s"
            _say(f"{failure['title']} ({took})" if failure else f"built in {took}")
            if address:
                _say(f"serving {address} (Ctrl-C ends it)")
                address = ""
            if self._wait and not self._started:
                self._start()
            await asyncio.sleep(_SETTLE)
            again = self._changed_during_build()
            self._building = False
            if again:
                _say(f"changed meanwhile: {_some(again)}")
            else:
                if self._porter.speaks:
                    await asyncio.to_thread(self._engine.warm)
                await self._due.wait()
            self._building = True
            self._due.clear()
            self._during.clear()
            self._interrupts.clear()

    def _written(self, file: str, content: bytes) -> None:
        """Let a page be seen before the build has ended."""
        self.versions.written(file, content)
        self._tell()

    def _tell(self) -> None:
        """Let those who iterate know how the book stands."""
        following, self._next = self._next, asyncio.Event()
        following.set()

    async def _check(self) -> None:
        """Tell what is wrong before any page is built, where the builds leave it to the engine."""
        while self._porter.speaks:
            started = time.monotonic()
            self._checking = True
            try:
                report = await asyncio.to_thread(self._engine.check)
            except KeyboardInterrupt:  # there is something newer
                continue
            except (ValueError, RuntimeError) as error:
                _say(f"not checked: {error}")
                return
            finally:
                self._checking = False
            last, found = self._outcome, json.loads(report.as_json())
            self._outcome = Outcome(last.status, last.said, found)
            self._tell()
            if not report.green:
                print(report.failures(words()), flush=True)
            for note in set(report.notes) - self._noted:
                _say(note)
            self._noted = set(report.notes)
            _say(f"{report.summary()} ({time.monotonic() - started:.1f} s)")
            return

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
        """Let the build that waits do it, where it may; start the next one meanwhile."""
        quiet = self._porter.speaks  # what is wrong has been told
        while True:
            build = self._first or await self._waiting() or self._start()
            self._first = None
            await asyncio.gather(build.finish(None if quiet else _print), self._follow(build))
            del self._started[build.number]
            if not build.stale:
                break
        said = build.said.decode("utf-8", "replace")
        outcome = Outcome.of(build.status, said, build.proof)
        if quiet and build.status and (not outcome.found or outcome.found["green"]):
            print(said, flush=True)
        return outcome

    async def _follow(self, build: Build) -> None:
        """Start the next build when browsers have this one's first page: it takes their time."""
        await build.shows()
        self._wait = build.gated
        if self._wait and len(self._started) == 1 and not build.ended.is_set():
            self._start()

    async def _waiting(self) -> Build | None:
        """Return the build that waits at the gate; one that has read what is no more is ended."""
        for build in list(self._started.values()):
            if await build.arrives() and build.fits(self.root):
                return build
            await build.end()
            del self._started[build.number]
        return None

    def _start(self) -> Build:
        """Start a build."""
        self._last = number = max(self._started, default=self._last) + 1
        there = self._sources.there()
        launched = launch(self._command, self.root, self.site, number, self._line.told)
        build = self._started[number] = Build(launched, there)
        return build


def _print(piece: bytes) -> None:
    sys.stdout.buffer.write(piece)
    sys.stdout.flush()


def _some(paths: set[str]) -> str:
    return ", ".join(sorted(paths)[:3]) + (", …" if len(paths) > 3 else "")


def _say(text: str) -> None:
    print(words()(f"bookproof: {text}"), flush=True)
