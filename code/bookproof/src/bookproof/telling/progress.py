"""Tell how far a check has come."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from bookproof.telling.language import words

if TYPE_CHECKING:
    from bookproof.running.result import Run

_SLOWEST = 5


class Progress:
    """What a check reports while it runs. This one keeps silent."""

    def begin(self, due: int) -> None:
        """Tell that so many chapters will be run."""

    def running(self, name: str) -> None:
        """Tell that a chapter is being run."""

    def ran(self, name: str, run: Run) -> None:
        """Tell that a chapter was run."""

    def note(self, text: str) -> None:
        """Tell what should be known."""

    def end(self) -> None:
        """Tell that no more chapters will be run."""


class Spoken(Progress):
    """Say it in lines, and on a terminal also in one that changes.

    In a log there is one line at the end. `say` writes a line, `terminal` is a stream to draw
    on, where there is one.
    """

    def __init__(self, say: Callable[[str], None], terminal: TextIO | None = None):
        self._say = say
        self._terminal = terminal
        self._due = 0
        self._running: list[str] = []
        self._seconds: dict[str, float] = {}
        self._started = 0.0

    def begin(self, due: int) -> None:
        self._due = due
        self._started = time.monotonic()

    def running(self, name: str) -> None:
        self._running.append(name)
        self._draw()

    def ran(self, name: str, run: Run) -> None:
        self._running.remove(name)
        self._seconds[name] = run.seconds
        if self._terminal:
            self._clear()
            self._tell(f"{self._count()} ran {name} in {run.seconds:.1f} s")
            self._draw()

    def note(self, text: str) -> None:
        self._clear()
        self._tell(text)

    def end(self) -> None:
        self._clear()
        number = len(self._seconds)
        if not number:
            return
        took = time.monotonic() - self._started
        line = f"ran {number} chapter{'s'[: number > 1]} in {took:.1f} s"
        slowest = sorted(self._seconds.items(), key=lambda item: -item[1])[:_SLOWEST]
        if number > 1:
            line += ", slowest: " + ", ".join(f"{name} {took:.1f} s" for name, took in slowest)
        self._tell(line)
        self._seconds = {}  # what runs next is another check's

    def _tell(self, text: str) -> None:
        self._say(words()(f"bookproof: {text}"))

    def _count(self) -> str:
        return f"[{len(self._seconds)}/{self._due}]"

    def _draw(self) -> None:
        if self._terminal and self._running:
            self._clear()
            line = words()(f"bookproof: {self._count()} running {', '.join(self._running)}")
            room = shutil.get_terminal_size().columns - 1
            wide = sum(not character.isascii() for character in line[:room])  # these take two
            # Back at the start of the line: what others write next covers it.
            self._terminal.write(line[: room - wide] + "\r")
            self._terminal.flush()

    def _clear(self) -> None:
        if self._terminal:
            self._terminal.write("\r\x1b[K")
            self._terminal.flush()
