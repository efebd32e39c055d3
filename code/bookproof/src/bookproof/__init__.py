"""Check that the cells of a MyST-NB or jupyter-book 1 book print what the book says.

What flows from room to room, each of which knows only those before it:

* `reading`: a chapter's file becomes cells and the blocks that say what they must give;
* `running`: cells become runs, in kernels, or kept from before;
* `judging`: runs and blocks become verdicts;
* `telling`: verdicts become a report, verification.json, a seal;
* `pages`: and what a site shows of them, and the notebooks that it offers;
* `authoring`: what authors do with them: accept outputs, see each change at once.

`book.check` is the first three in a row; `cli`, `sphinx_ext` and `pytest_plugin` are the doors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bookproof.book import Book, check
    from bookproof.judging.verdict import Kind, Verdict
    from bookproof.reading.chapter import Chapter
    from bookproof.reading.scan import scan
    from bookproof.telling.report import Report

__all__ = ["Book", "Chapter", "Kind", "Report", "Verdict", "check", "scan"]

_HOMES = {
    "Book": "bookproof.book",
    "Chapter": "bookproof.reading.chapter",
    "Kind": "bookproof.judging.verdict",
    "Report": "bookproof.telling.report",
    "Verdict": "bookproof.judging.verdict",
    "check": "bookproof.book",
    "scan": "bookproof.reading.scan",
}


def __getattr__(name: str) -> Any:
    """Import a name of this package when it is asked for: a door needs but few of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
