"""Write the pages of a book that is built anew in several processes, where extensions allow it.

jupyter-book never asks Sphinx for that.
"""

from __future__ import annotations

import functools
import gc

from sphinx import builders
from sphinx.application import Sphinx
from sphinx.util.parallel import make_chunks

from bookproof.running import apart

_FEW = 10
"""So many pages are written before other processes would have begun."""


def spread(app: Sphinx, processes: int) -> None:
    """Let so many processes write, one of which prepares pages for the others.

    To be called after the pages have been read.
    """
    builder, extensions = app.builder, app.extensions.values()
    safe = all(extension.parallel_write_safe for extension in extensions)
    many = len(app.env.found_docs) > _FEW
    if app.parallel < 2 and builder.allow_parallel and safe and many and apart.possible():
        gc.freeze()  # or each process would copy what its collector goes through
        app.connect("build-finished", functools.partial(_restore, app.parallel))
        app.parallel = processes + 1
        # By Sphinx's fourteen at a time the last process would write its share alone.
        builders.make_chunks = functools.partial(make_chunks, maxbatch=1)


def _restore(parallel: int, app: Sphinx, exception: Exception | None) -> None:
    app.parallel = parallel
    builders.make_chunks = make_chunks
