"""Bring what programs and C code print to the page, whole and in its place.

A kernel reads what is written to its descriptors 1 and 2 in a thread of its own, and does not wait
for that thread: what a program prints at the end of a cell is lost now and then, and lines change
places with those of `print`. Here whoever prints, and whoever sends what was printed, first takes
over what the descriptors hold. Nor is anything lost where a cell shows more than the socket holds:
the kernel waits.
"""

import ctypes
import functools
import os
import select
import sys
from codecs import getincrementaldecoder
from collections import Counter
from contextlib import suppress
from contextvars import Context
from io import StringIO
from threading import Event, Lock, Thread, get_ident

_CAPACITY = 1 << 16  # the bytes that a pipe holds: all that was written before one looks
MOST = 10_000_000
"""How many characters a cell may print."""

MOST_SENT = 10 * MOST
"""How many a kernel sends for a cell, which may clear them away; it drops the rest."""


def deliver(guard):
    """Deliver what the descriptors of the standard streams get; keep what is printed bounded.

    `guard` makes a function safe to call while a cell runs. Returns the descriptors by stream.
    """
    streams = {
        stream: _Descriptor(stream, guard)
        for stream in (sys.stdout, sys.stderr)
        if getattr(stream, "_fid", None) is not None and hasattr(stream, "_flush_buffers")
    }
    if streams:
        _take_first(type(sys.stdout), streams)
        let_wait(sys.stdout.pub_thread)
        sys.modules["ipykernel.iostream"].StringIO = _Bounded
    return streams


class _Bounded(StringIO):
    """A text of bounded length: what is beyond it is dropped."""

    def write(self, text):
        room = MOST + 1 - self.tell()
        if len(text) <= room:
            return super().write(text)
        if room > 0:
            super().write(text[:room])
        return len(text)


class _Descriptor:
    """What is written to a descriptor, on its way to the stream that the page shows."""

    def __init__(self, stream, guard):
        self._stream = stream
        self._source = stream._fid
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._lock = Lock()
        self._filled = select.poll()
        self._filled.register(self._source, select.POLLIN)
        self._taker = None  # the thread that takes what is there
        self._process = os.getpid()
        self._flush_library = _library_flush() if stream.name == "stdout" else bool
        self._sent = Counter()
        self.take_safely, self._flush_safely = guard(self._take), guard(self._flush)
        self._take_over()

    def _take_over(self):
        """Let the thread that has read the descriptor so far work for us."""
        entered = Event()

        def write(text):  # it has read the byte that wakes it
            del self._stream.write
            entered.set()
            self._watch()

        self._stream.write = write
        os.write(self._stream._original_stdstream_fd, b"\0")
        entered.wait()

    def revive(self):
        """Begin anew in a fork, where no other thread is left."""
        self._process = os.getpid()
        self._lock, self._taker = Lock(), None
        name = self._stream.watch_fd_thread.name
        self._stream.watch_fd_thread = Thread(target=self._watch, name=name, daemon=True)
        self._stream.watch_fd_thread.start()

    def _watch(self):
        """Take what comes, until the stream is closed."""
        poll = select.poll()
        poll.register(self._source, select.POLLIN)
        while self._stream._should_watch:
            poll.poll()
            self._take()

    def flushed(self, texts):
        """Yield texts with their cells; before them all that was written so far is taken."""
        self._flush_safely()
        for parent, text in texts:
            cell = parent.get("msg_id")
            self._sent[cell] += len(text)
            yield parent, text if self._sent[cell] - len(text) < MOST_SENT else ""

    def _flush(self):
        """Take all that was written so far, also what the C library holds back."""
        if os.getpid() == self._process:
            self._flush_library()
            self._take()

    def _take(self):
        """Take all that was written so far."""
        if self._taker == get_ident() or os.getpid() != self._process:
            return  # it is being taken, or this is a fork, whose parent takes it
        with self._lock:
            self._taker = get_ident()
            try:
                if self._filled.poll(0) and self._stream._should_watch:
                    text = self._decode(os.read(self._source, _CAPACITY))
                    # As the kernel's own thread writes it: for the cell that runs.
                    Context().run(self._stream.write, text)
            finally:
                self._taker = None


def _take_first(of_class, streams):
    """Take what the descriptors hold before anything is written to a stream, or sent from it.

    Its header is the first thing that `write` asks for: so no frame of ours is under a cell's.
    """
    header, flush = of_class.parent_header, of_class._flush_buffers

    def parent_header(self):
        if self in streams:
            streams[self].take_safely()
        return header.fget(self)

    @functools.wraps(flush)
    def _flush_buffers(self):
        return streams[self].flushed(flush(self)) if self in streams else flush(self)

    of_class.parent_header = property(parent_header, header.fset, header.fdel, header.__doc__)
    of_class._flush_buffers = _flush_buffers


def _library_flush():
    """Return what makes the C library write out what it holds back for descriptor 1."""
    library = ctypes.CDLL(None)
    for name in ("stdout", "__stdoutp"):
        with suppress(ValueError):
            file = ctypes.c_void_p.in_dll(library, name)
            return lambda: library.fflush(file)
    return lambda: None


def let_wait(publisher):
    """Let a cell that shows more than the socket holds wait, instead of dropping the rest."""
    wait = sys.modules["zmq"].XPUB_NODROP
    publisher.schedule(lambda: publisher.socket.setsockopt(wait, 1))
