"""Start a build: a process that knows where it is heard.

The first one is what `bookproof serve` does first. So little is imported here, no event loop.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Listener
from pathlib import Path
from typing import NamedTuple

from bookproof.telling.language import current

VARIABLE = "BOOKPROOF_SERVE"
"""The environment variable that tells a build where `serve` hears it, and which build it is."""


class Line(NamedTuple):
    """Where builds can report, and what they have to be told of it."""

    listener: Listener
    told: str

    @classmethod
    @contextlib.contextmanager
    def opened(cls) -> Iterator[Line]:
        """Hear builds meanwhile."""
        key = secrets.token_bytes(16)
        with Listener(authkey=key) as listener:
            yield cls(listener, f"{current()} {key.hex()} {listener.address}")


@dataclass(frozen=True)
class Launched:
    """A build that was started at the time `since`, when its `proof` had the stamp `before`."""

    number: int
    process: subprocess.Popen[bytes]
    since: float
    proof: Path
    before: tuple[int, int] | None

    def signal(self, number: int) -> None:
        """Send a signal to all processes of the build."""
        with contextlib.suppress(OSError):  # they are gone
            getattr(os, "killpg", os.kill)(self.process.pid, number)


def launch(command: Sequence[str], root: Path, site: Path, number: int, told: str) -> Launched:
    """Start a build of the book at `root`, whose pages the command writes to `site`.

    Raises OSError where the command cannot be started.
    """
    proof, since = site / "verification.json", time.time()
    before = stamp(proof)
    process = subprocess.Popen(
        command,
        cwd=root,
        env=os.environ | {VARIABLE: f"{number} {told}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a Ctrl-C is for us, and we end it
    )
    return Launched(number, process, since, proof, before)


def stamp(path: Path) -> tuple[int, int] | None:
    """Return what is another where a file was written again, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


@contextlib.contextmanager
def interrupted_at_end() -> Iterator[None]:
    """Let what ends this process raise a KeyboardInterrupt meanwhile, as Ctrl-C does."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
