"""Serve a book while it is written: build it after every change and reload the browser."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bookproof.authoring.build import Build, Porter
from bookproof.telling.language import words

if TYPE_CHECKING:
    from bookproof.authoring.rebuild import Builds


def do_serve(options: argparse.Namespace) -> int:
    """Serve a book, as the command line asks for."""
    serve(options.root, options.site, options.port, options.build)
    return 0


def serve(root: Path, site: Path, port: int, command: Sequence[str]) -> None:
    """Build a book and serve it on the loopback interface, until interrupted.

    `site` is where the command, run in `root`, writes the pages; port 0 lets the system choose.
    It ends with a KeyboardInterrupt, also by SIGTERM, when the build's processes are gone.

    Raises ValueError where the root is no folder or cannot be watched and where the port cannot
    be used, OSError where the command cannot be started.
    """
    for name in ("starlette", "uvicorn", "watchfiles"):  # imported when the first build is begun
        if importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(name=name)
    if not root.is_dir():
        raise ValueError(f"{root} is not a folder")
    root = root.resolve()
    with _listen(port) as listener:
        try:
            asyncio.run(_serve(root, root / site, command, listener))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ValueError(f"--port is {port}, wanted 0 to 65535")
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        reason = f"cannot serve on 127.0.0.1:{port}: {os.strerror(error.errno)}"
        raise ValueError(f"{reason}; choose another --port") from error


async def _serve(root: Path, site: Path, command: Sequence[str], listener: socket.socket) -> None:
    for name in ("SIGTERM", "SIGHUP"):  # Ctrl-C cancels this task as it is
        with contextlib.suppress(NotImplementedError, AttributeError):  # Windows
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(getattr(signal, name), asyncio.current_task().cancel)
    # The tools that are installed beside us are not on the path where no venv is active.
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    command = [shutil.which(command[0], path=path) or command[0], *command[1:]]
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    first = Build(1, site)
    with contextlib.closing(Porter()) as porter:
        try:
            there = (site / "index.html").is_file()
            await first.start(command, root, porter.told)
            if there:
                said = f"bookproof: the pages of the last build are at {address} meanwhile"
                print(words()(said), flush=True)
            from bookproof.authoring.rebuild import Builds  # while the build itself imports

            await _follow(Builds(root, site, command, porter, first), listener, address)
        finally:
            await first.end()


async def _follow(builds: Builds, listener: socket.socket, address: str) -> None:
    """Serve what builds make, the first of which has been started."""
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
