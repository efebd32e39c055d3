"""Watch a kernel: record what it reads, describe the figures that it shows.

Sent to the kernel as text: it needs nothing but the standard library and IPython.

An audit hook sees every file that Python code opens to read, compiled modules included, and every
folder that it lists. What is looked for in vain counts too, because a result can depend on that
something is not there: files, and modules. Of the environment variables those are recorded that
the chapter, or a module of the book, asks for.
"""

import json
import os
import sys
from importlib.util import source_from_cache

_METADATA = os.path.join("importlib", "metadata", "")
_opened = set()
_variables = set()


def start(root, *excluded):
    """Start to record what is read below `root` and outside `excluded` (which end with a /)."""
    global _root, _excluded
    _root, _excluded = root, excluded
    sys.addaudithook(_hook)
    sys.meta_path.append(_Missing)
    _watch_stat()
    _watch_environment()


def _hook(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        path, mode, flags = args
        reads = "r" in mode or "+" in mode if isinstance(mode, str) else not flags & os.O_WRONLY
        if reads:
            _opened.add(os.path.abspath(os.fsdecode(path)))
    elif event in ("os.listdir", "os.scandir") and not isinstance(args[0], int):
        caller = sys._getframe(1).f_code.co_filename
        # Neither to import nor to look for a release is to look at a folder's names.
        if not caller.startswith("<frozen importlib") and _METADATA not in caller:
            _opened.add(os.path.join(os.path.abspath(os.fsdecode(args[0] or ".")), ""))


class _Missing:
    """The last finder that is asked for a module: nobody else has it."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        for entry in sys.path if path is None else path:
            place = os.path.join(os.path.abspath(entry), name.rpartition(".")[2])
            _opened.update([f"{place}.py", os.path.join(place, "__init__.py")])


def _watch_stat():
    """Record the files that were looked for in vain, with os.path.exists and the like."""
    plain = os.stat

    def stat(path, *args, **kwargs):
        try:
            return plain(path, *args, **kwargs)
        except FileNotFoundError:
            if not kwargs.get("dir_fd"):
                _opened.add(os.path.abspath(os.fsdecode(path)))
            raise

    os.stat = stat
    for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        if plain in able:
            able.add(stat)


def _watch_environment():
    plain = type(os.environ).__getitem__

    def getitem(self, name):
        frame = sys._getframe(1)
        while frame and frame.f_globals.get("__name__") in ("os", "collections.abc"):
            frame = frame.f_back
        if frame and (
            frame.f_globals.get("__name__") == "__main__" or _is_ours(frame.f_code.co_filename)
        ):
            _variables.add(os.fsdecode(name))
        return plain(self, name)

    type(os.environ).__getitem__ = getitem


def _is_ours(path):
    return path.startswith(_root + os.sep) and not path.startswith(_excluded)


def recorded():
    """Return as JSON what was read: paths relative to the root, and environment variables.

    A folder that was listed ends with a /. A folder from which modules are imported stands there
    as `folder/*.py`, because a module that is added to it may come before another.
    """
    paths = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    paths |= {os.path.join(os.path.abspath(entry), "*.py") for entry in sys.path}
    found = set()
    for path in paths | _opened:
        if not isinstance(path, str):
            continue
        if path.endswith(".pyc"):
            try:
                path = source_from_cache(path)
            except ValueError:
                continue
        if _is_ours(path):
            found.add(os.path.relpath(path, _root).replace(os.sep, "/") + "/" * (path[-1] == "/"))
    return json.dumps([sorted(found), sorted(_variables)])


def show_descriptions(describe):
    """Let IPython add a description, made by the module `describe`, to every figure it shows."""
    from IPython import get_ipython
    from IPython.core.formatters import BaseFormatter
    from traitlets import Unicode

    class FigureFormatter(BaseFormatter):
        format_type = Unicode(describe.MIME)

        def __call__(self, shown):
            # Not by registering the type: the inline backend drops all that is registered.
            classes = {(c.__module__, c.__name__) for c in type(shown).__mro__}
            return describe.bundle(shown) if ("matplotlib.figure", "Figure") in classes else None

    display_formatter = get_ipython().display_formatter
    display_formatter.formatters[describe.MIME] = FigureFormatter(parent=display_formatter)
