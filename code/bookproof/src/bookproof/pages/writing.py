"""Write the pages of a book that is built anew in several processes, where extensions allow it.

jupyter-book never asks Sphinx for that.
"""

from __future__ import annotations

import gc

from sphinx.application import Sphinx

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
    before = app.parallel
    if before < 2 and builder.allow_parallel and safe and many and apart.possible():
        gc.freeze()  # or each process would copy what its collector goes through
        app.parallel = processes + 1
        app.connect("build-finished", lambda app, _: setattr(app, "parallel", before))
