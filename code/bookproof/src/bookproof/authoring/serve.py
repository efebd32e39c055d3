"""Serve a book while it is written: build it after every change and reload the browser."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bookproof.authoring.launch import Line, interrupted_at_end, launch
from bookproof.telling.language import words


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
    root, site = root.resolve(), root.resolve() / site
    # The tools that are installed beside us are not on the path where no venv is active.
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    command = [shutil.which(command[0], path=path) or command[0], *command[1:]]
    with interrupted_at_end(), _listen(port) as listener, Line.opened() as line:
        there = (site / "index.html").is_file()
        first = launch(command, root, site, 1, line.told)
        try:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            if there:
                said = f"bookproof: the pages of the last build are at {address} meanwhile"
                print(words()(said), flush=True)
            _follow(root, site, command, line, first, listener, address)
        finally:
            if first.process.poll() is None:  # interrupted before anybody followed it
                first.signal(signal.SIGTERM)


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise ValueError(f"--port is {port}, wanted 0 to 65535")
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        reason = f"cannot serve on 127.0.0.1:{port}: {os.strerror(error.errno)}"
        raise ValueError(f"{reason}; choose another --port") from error


def _follow(*what: Any) -> None:
    import asyncio  # all this while the first build imports

    from bookproof.authoring.live import follow

    try:
        asyncio.run(follow(*what))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
