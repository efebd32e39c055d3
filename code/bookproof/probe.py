"""Record which files a kernel opens. Sent to the kernel as text: standard library only.

An audit hook sees every file that Python code opens to read, compiled modules included, also
those that turn out to be missing (that a file is not there can change a result too).
"""

import json
import os
import sys
from importlib.util import source_from_cache

_opened = set()


def _hook(event, args):
    if event != "open" or not isinstance(args[0], (str, bytes)):
        return
    path, mode, flags = args
    reads = "r" in mode or "+" in mode if isinstance(mode, str) else not flags & os.O_WRONLY
    if reads:
        _opened.add(os.path.abspath(os.fsdecode(path)))


def start():
    """Start to record."""
    sys.addaudithook(_hook)


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
