"""Let a chapter find a machine that is other than this one, so that what depends on it is seen.

Folders list their files in another order, and there are more processors. Only the chapter and the
modules of its book find it so, also where Python's own library looks for them.
"""

import os
import sys

_ON_BEHALF = {"fnmatch", "genericpath", "glob", "multiprocessing", "os", "pathlib"}


def be_strange(root):
    """Be another machine for a chapter below `root`."""
    inside = root + os.sep
    listdir, scandir, count = os.listdir, os.scandir, os.cpu_count

    def list_backwards(path="."):
        names = listdir(path)
        return names[::-1] if _asks(inside) else names

    def scan_backwards(path="."):
        entries = scandir(path)
        return _Backwards(entries) if _asks(inside) else entries

    def cpu_count():
        number = count()
        return number + 3 if number and _asks(inside) else number

    for plain, other in ((listdir, list_backwards), (scandir, scan_backwards), (count, cpu_count)):
        other.__name__ = other.__qualname__ = plain.__name__
        other.__doc__ = plain.__doc__
        setattr(os, plain.__name__, other)


def _asks(inside):
    """Tell whether it is the book that asks, itself or through Python's library."""
    frame = sys._getframe(2)
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] in _ON_BEHALF:
        frame = frame.f_back
    if frame is None:
        return False
    ours = frame.f_globals.get("__name__") == "__main__"
    return ours or frame.f_code.co_filename.startswith(inside)


class _Backwards:
    """What `os.scandir` gives, from its end."""

    def __init__(self, entries):
        self._entries = entries
        self._rest = reversed(list(entries))

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._rest)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._entries.close()
