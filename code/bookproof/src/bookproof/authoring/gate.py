"""What a build that `bookproof serve` has started does with it: wait at the gate, ask for runs.

A build is started before anything has changed. When it has imported what it needs and has read
its configuration, it waits, before it looks at a page. So what follows a change is short.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from bookproof.authoring.build import surroundings
from bookproof.authoring.launch import VARIABLE
from bookproof.reading.chapter import Chapter
from bookproof.running.memory import Memory
from bookproof.running.result import Run
from bookproof.running.run import run
from bookproof.telling.judged import Judge
from bookproof.telling.language import choose


@dataclass(frozen=True)
class Gate:
    """The line of a build to the `serve` that has started it.

    `engine` tells whether it runs chapters for this build, `closed` whether the gate is.
    """

    line: Connection
    engine: bool
    closed: bool
    _means: dict[Path, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def reach(cls) -> Gate | None:
        """Return the gate of this process, None where `serve` has not started it."""
        told = os.environ.pop(VARIABLE, None)  # nobody else shall see it, nor ask twice
        if told is None:
            return None
        number, language, key, address = told.split(" ", 3)
        choose(language)
        try:
            line = Client(address, authkey=bytes.fromhex(key))
            line.send((int(number), surroundings()))
            return cls(line, *line.recv())
        except (OSError, EOFError):  # it has ended, and will end us
            return None

    def wait(self, pages: Iterable[str], modules: Iterable[str]) -> None:
        """Wait until it is time to look at the pages.

        `pages` are their files, `modules` those that were imported from the book: what has been
        read of it. Raises SystemExit where `serve` has ended meanwhile.
        """
        try:
            self.line.send(("waits", frozenset(pages), frozenset(modules)))
            self.line.recv()
        except (OSError, EOFError):
            raise SystemExit from None

    def tell_written(self, file: str, content: bytes) -> None:
        """Tell that a page is as it will be in the site; `file` is relative to it."""
        with contextlib.suppress(OSError):  # it has ended, and will end us
            self.line.send(("written", file, content))

    def give_up(self) -> None:
        """Tell that what was read is not any more as it was, and end: another build is needed."""
        self.line.send(("stale",))
        raise SystemExit

    def means(self, root: Path, folder: Path) -> dict[str, Any]:
        """Return with what to check the book at `root`, whose runs are kept in `folder`.

        The engine runs its chapters, where there is one. What is asked for again has a memory.
        """
        if not self.engine:
            return {}
        if folder not in self._means:
            store = _Kept(root, folder)
            self._means[folder] = {"execute": self._run, "store": store, "judge": Judge()}
        self._means[folder]["store"].renew()
        return self._means[folder]

    def _run(
        self,
        chapters: Sequence[Chapter],
        root: Path,
        workers: int,
        preload: Sequence[str],
        running: Callable[[Chapter], None],
        done: Callable[[Chapter, Run], None],
        note: Callable[[str], None],
    ) -> dict[str, Run]:
        """Let the engine run chapters; where it cannot, run them here."""
        heard: dict[str, Callable] = {"running": running, "done": done, "note": note}
        try:
            self.line.send(("run", tuple(chapters), root, workers, tuple(preload)))
            while True:
                word, *content = self.line.recv()
                if word == "answer":
                    return content[0]
                if word == "trouble":
                    note(content[0])
                    return run(chapters, root, workers, preload, running, done, note)
                heard[word](*content)
        except (OSError, EOFError):
            raise KeyboardInterrupt from None  # it has ended


class _Kept(Memory):
    """The kept runs of a book; another process keeps the new ones."""

    def save(self, chapter: Chapter, run: Run) -> None:
        """Look again at what has been kept."""
        self.renew()
