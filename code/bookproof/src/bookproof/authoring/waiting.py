"""When a build may work: not while another does, and under `serve` only when it is due."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from filelock import FileLock, Timeout
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.util import logging

from bookproof.authoring.gate import Gate
from bookproof.telling.language import words

_LOGGER = logging.getLogger(__name__)


def wait_for_others(app: Sphinx, _) -> None:
    """Wait until no other build works in the same folders; Sphinx itself would mix them up.

    The lock is held until the build has finished, or its process has ended.
    """
    Path(app.doctreedir).mkdir(parents=True, exist_ok=True)
    app.bookproof_lock = FileLock(Path(app.doctreedir, "bookproof.lock"))
    try:
        app.bookproof_lock.acquire(blocking=False)
    except Timeout:
        if not app.bookproof_gate:  # else it is the one before this one
            said = "bookproof: another build of this book is running: waiting for its end"
            _LOGGER.info(words()(said))
        app.bookproof_lock.acquire()


def wait_at_gate(app: Sphinx) -> None:
    """Where `bookproof serve` has started this build, wait until there is something to build.

    Other builds may work meanwhile, and if one did, this one is of no use any more.
    """
    gate: Gate | None = app.bookproof_gate
    if gate is None:
        return
    if not gate.closed:  # it is due
        gate.wait((), ())
        return
    root = Path(app.srcdir)
    pages = {Path(app.env.doc2path(name, False)).as_posix() for name in app.env.all_docs}
    below = str(root) + os.sep
    files = (getattr(module, "__file__", None) or "" for module in list(sys.modules.values()))
    modules = {Path(file).relative_to(root).as_posix() for file in files if file.startswith(below)}
    stored = _stored(app)
    app.bookproof_lock.release()
    gate.wait(pages, modules)
    wait_for_others(app, None)
    if _stored(app) != stored:
        gate.give_up()


def _stored(app: Sphinx) -> int:
    """Return when the environment was stored, 0 where it is not."""
    try:
        return Path(app.doctreedir, ENV_PICKLE_FILENAME).stat().st_mtime_ns
    except OSError:
        return 0
