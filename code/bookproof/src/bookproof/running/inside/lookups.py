"""See which files are looked for in vain, and which environment variables are asked for.

No audit event tells of these. They are seen where Python's own modules look, so that a cell finds
every function as it was: `os.stat` is still the interpreter's, and no frame is in a traceback.
"""

import genericpath
import os
import pathlib
import posixpath
import sys
from os import fsdecode
from pathlib import PurePath

from .record import expect

_LOOKING = (genericpath, posixpath, pathlib, sys.modules.get("pathlib._local"))
_COMPONENTS = ("realpath", "_joinrealpath")  # they look at every folder on the way


def watch_paths(guard, record):
    """Record the files that os.path and pathlib look for in vain; return what ends that."""
    names = vars(os)
    plain = os.stat

    def look(frame):
        code = frame.f_code
        if code.co_name in _COMPONENTS:
            return
        for name in code.co_varnames[: code.co_argcount]:
            path = frame.f_locals.get(name)
            if isinstance(path, PurePath):
                path = PurePath.__str__(path)
            path = record.place(path)
            if path:
                try:
                    plain(path)
                except OSError as error:
                    expect(error)
                    record.missed(path)

    look = guard(look)

    def attribute(name):
        def get(self):
            look(sys._getframe(1))
            return names[name]

        def put(self, value):
            names[name] = value

        def delete(self):
            del names[name]

        return property(get, put, delete)

    class Looking:
        """The module os, but that it tells who looks at a file."""

        stat, lstat = attribute("stat"), attribute("lstat")

    looking = Looking()
    looking.__dict__ = names
    modules = [module for module in _LOOKING if module and vars(module).get("os") is os]
    for module in modules:
        module.os = looking

    def end():
        for module in modules:
            module.os = os

    return end


def watch_environment(guard, record):
    """Return the set of environment variables that the chapter and the book's modules ask for.

    It grows, until what is returned with it is called.
    """
    asked = set()

    @guard
    def note(name, frame):
        while frame and frame.f_globals.get("__name__") in ("os", "collections.abc"):
            frame = frame.f_back
        if frame and (
            frame.f_globals.get("__name__") == "__main__"
            or record.is_ours(frame.f_code.co_filename)
        ):
            asked.add(name if isinstance(name, str) else fsdecode(name))

    class Variables(dict):
        __slots__ = ()

        def __getitem__(self, name):
            note(name, sys._getframe(1))
            return super().__getitem__(name)

    def put(variables):
        os.environ._data = variables
        if os.supports_bytes_environ:
            os.environb._data = variables

    put(Variables(os.environ._data))
    return asked, lambda: put(dict(os.environ._data))
