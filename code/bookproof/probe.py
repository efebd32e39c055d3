"""Watch a kernel: record the files that it opens, describe the figures that it shows.

Sent to the kernel as text: it needs nothing but the standard library and IPython.

An audit hook sees every file that Python code opens to read, compiled modules included, also
those that turn out to be missing (that a file is not there can change a result too).
"""

import json
import os
import sys
from importlib.util import source_from_cache

_opened = set()


def start():
    """Start to record opened files."""
    sys.addaudithook(_hook)


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


def _hook(event, args):
    if event != "open" or not isinstance(args[0], (str, bytes)):
        return
    path, mode, flags = args
    reads = "r" in mode or "+" in mode if isinstance(mode, str) else not flags & os.O_WRONLY
    if reads:
        _opened.add(os.path.abspath(os.fsdecode(path)))


def opened(root, *excluded):
    """Return, as JSON, the files below `root` and outside `excluded` that were opened to read."""
    paths = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    found = set()
    for path in paths | _opened:
        if not isinstance(path, str):
            continue
        if path.endswith(".pyc"):
            try:
                path = source_from_cache(path)
            except ValueError:
                continue
        if path.startswith(root + os.sep) and not path.startswith(excluded):
            found.add(os.path.relpath(path, root).replace(os.sep, "/"))
    return json.dumps(sorted(found))
