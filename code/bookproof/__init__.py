"""Check that the cells of a MyST-NB or jupyter-book 1 book print what the book says.

The pipeline, one module per noun: `scan` reads a chapter into cells and blocks, `run` executes
the cells (`store` keeps what is still valid), `compare` turns outputs and expectations into
verdicts, `report` tells people and machines. `book.check` is the four in a row.
"""

from bookproof.book import Book, check
from bookproof.chapter import Chapter
from bookproof.report import Report
from bookproof.scan import scan
from bookproof.verdict import Kind, Verdict

__all__ = ["Book", "Chapter", "Kind", "Report", "Verdict", "check", "scan"]
