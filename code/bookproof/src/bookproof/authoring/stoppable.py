"""Stop a run of chapters from another thread."""

from __future__ import annotations

import asyncio
import contextlib

from bookproof.running.run import run
from bookproof.telling.progress import Progress


class Stoppable(Progress):
    """Hears of the runs in one thread, so that another can stop them: once, and for good."""

    def __init__(self):
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def running(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        if self._stopped:
            self._cancel()

    def stop(self) -> None:
        """Let the run that is under way, and each after it, end with a KeyboardInterrupt."""
        self._stopped = True
        if self._loop:
            with contextlib.suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._cancel)

    def require_going(self) -> None:
        """Raise KeyboardInterrupt where it was stopped."""
        if self._stopped:
            raise KeyboardInterrupt

    def _cancel(self) -> None:
        # Only the task that all others belong to, as Ctrl-C does: each ends its kernel in peace.
        for task in asyncio.all_tasks(self._loop):
            if (
                getattr(task.get_coro(), "__qualname__", "")
                == f"{run.__qualname__}.<locals>.run_all"
            ):
                task.cancel()
