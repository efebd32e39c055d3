"""What a build does ahead, while it waits at the gate of `bookproof serve`."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sphinx.application import Sphinx

from bookproof.book import Book, plan
from bookproof.pages import numbering
from bookproof.running import packages


def work_ahead(app: Sphinx) -> None:
    """Remember what may still be so when the build is let through; what is not, is not used."""
    if not (app.bookproof_gate and app.bookproof_gate.closed):
        return
    packages.distributions()
    numbering.work_ahead(app.env)
    with contextlib.suppress(ValueError, OSError):  # the build will tell it
        book = Book.load(Path(app.srcdir))
        means = app.bookproof_gate.means(book.root, book.store.folder)
        if not means:
            return
        schedule = plan(book, means["store"])
        schedule.due()
        for chapter in schedule.asked:
            if chapter.name in schedule.runs:
                means["judge"](chapter, schedule.runs[chapter.name])
