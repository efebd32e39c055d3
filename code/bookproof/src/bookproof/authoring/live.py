"""Follow a book that is served: its builds, what changes in it, and its pages for the browser."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bookproof.authoring.launch import Launched, Line
from bookproof.authoring.rebuild import Builds


async def follow(
    root: Path,
    site: Path,
    command: Sequence[str],
    line: Line,
    first: Launched,
    listener: socket.socket,
    address: str,
) -> None:
    """Build a book again after every change and serve its pages, until it is cancelled.

    SIGTERM cancels it. The `first` build has been started. Raises ValueError where the book cannot
    be watched, OSError where a build cannot be started.
    """
    for name in ("SIGTERM", "SIGHUP"):  # Ctrl-C cancels this task as it is
        with contextlib.suppress(NotImplementedError, AttributeError):  # Windows
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(getattr(signal, name), asyncio.current_task().cancel)
    builds = Builds(root, site, command, line, first)
    tasks = [asyncio.create_task(builds.watch()), asyncio.create_task(builds.run(address))]
    server = None
    try:
        server = await asyncio.to_thread(_server, builds)
        tasks.append(asyncio.create_task(server.serve([listener])))
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        done.pop().result()
    finally:
        builds.close()
        for task in tasks[:2]:
            task.cancel()
        if server:
            server.should_exit = True
        await asyncio.gather(*tasks, return_exceptions=True)
        await builds.end()


def _server(builds: Builds) -> Any:
    from bookproof.authoring.server import server
    from bookproof.telling import verification  # noqa: F401  the first build's end needs it

    return server(builds)
