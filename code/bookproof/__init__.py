"""Check that the cells of a MyST-NB or jupyter-book 1 book print what the book says.

The pipeline, one module per noun: `scan` reads a chapter into cells and blocks (`block`,
`chapter`, `notebook`), `run` executes the cells, `compare` turns outputs and expectations into
verdicts (`match`, `verdict`), `report` and `verification` tell people and machines. `book.check`
is these four in a row.

Around it:

* a run: `kernel` starts a kernel, `warm` forks it from a `nursery`; inside it `probe` and
  `describe` record what it reads and draws, outside it `watch` sees what the probe cannot; `store`
  keeps runs while they are valid; `cluster` and `worker` run chapters elsewhere;
* notebooks for readers: `export` makes one of a chapter, `plain` its text;
* front ends: `cli`, with `accept`, `diff`, `seal`, `shards`, `serve` (`rebuild`) and `progress`;
  and `sphinx_ext`, with what pages show (`page`, `page_texts`) and the notebooks beside them
  (`downloads`).
"""

from bookproof.book import Book, check
from bookproof.chapter import Chapter
from bookproof.report import Report
from bookproof.scan import scan
from bookproof.verdict import Kind, Verdict

__all__ = ["Book", "Chapter", "Kind", "Report", "Verdict", "check", "scan"]
