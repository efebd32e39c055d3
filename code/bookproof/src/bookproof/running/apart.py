"""Do a piece of work in a process of its own, and hear what it tells meanwhile.

The process is a fork, so that the work may use whatever there is by now. It ends when it is told
to, or when this process ends, in whatever way; kernels that it has started end before it.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

Tell = Callable[[object], None]
"""What the work tells something with."""


def possible() -> bool:
    """Tell whether this process can be forked safely: elsewhere than on Linux libraries mind."""
    return sys.platform == "linux" and threading.active_count() == 1


class Apart:
    """Work that is done in a process of its own; `result` is what it returned, when it has ended.

    SIGTERM raises KeyboardInterrupt meanwhile, unless someone else handles it.
    """

    def __init__(self, work: Callable[[Tell], object]):
        context = multiprocessing.get_context("fork")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_do, args=(work, theirs, self._line))
        self._process.start()
        theirs.close()
        self._owner = os.getpid()
        self._handled = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        self._handled = self._handled and threading.current_thread() is threading.main_thread()
        if self._handled:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        atexit.register(self.stop)
        self.ended = False
        self.result: Any = None
        self._failure: Exception | None = None

    def hear(self, wait: bool = True) -> list[Any]:
        """Return what was told since; where it is nothing, wait for it, or for the end of the work.

        Raises what the work has raised, RuntimeError where its process was lost.
        """
        told = []
        if self._failure:
            raise self._failure
        while not self.ended and self._line.poll(None if wait and not told else 0):
            try:
                kind, content = pickle.loads(self._line.recv_bytes())
            except (EOFError, OSError):
                self.stop()
                status = self._process.exitcode
                kind, content = "raised", RuntimeError(f"its process has ended with {status}")
            if kind == "told":
                told.append(content)
                continue
            self.stop()
            if kind == "raised":
                self._failure = content
                raise content
            self.result = content
        return told

    def stop(self) -> None:
        """Let it end, and wait for that."""
        if self.ended or os.getpid() != self._owner:
            return
        self.ended = True
        self._line.close()
        self._process.join()
        if self._handled:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        atexit.unregister(self.stop)


def _do(work: Callable[[Tell], object], line: Connection, others: Connection) -> None:
    """Do the work, with a line to the process that wants it."""
    others.close()  # or its end would never be seen here
    signal.signal(signal.SIGINT, lambda *_: None)  # a terminal's is for both: the other one tells
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_follow, args=(line,), daemon=True).start()

    def send(kind: str, content: object) -> None:
        line.send_bytes(pickle.dumps((kind, content)))

    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        try:
            result = work(lambda content: send("told", content))
        except Exception as error:
            error.add_note(traceback.format_exc())
            try:
                send("raised", error)
            except Exception:  # it cannot be sent as it is
                send("raised", RuntimeError(f"{type(error).__name__}: {error}"))
        else:
            send("result", result)


def _follow(line: Connection) -> None:
    """End this process when the other one has closed its end of the line."""
    with contextlib.suppress(EOFError, OSError):
        line.recv_bytes()
    os.kill(os.getpid(), signal.SIGTERM)
