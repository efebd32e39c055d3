"""The outputs that a chapter's file holds, for what is not run."""

from __future__ import annotations

import dataclasses

from bookproof.reading.chapter import Chapter
from bookproof.running.result import Run


def recorded(chapter: Chapter) -> Run:
    """Return the run of a chapter in which nothing is run: its file's own outputs."""
    nodes = chapter.notebook.cells if chapter.notebook else ()
    outputs = tuple(list(node.outputs) for node in nodes if node.cell_type == "code")
    return Run(outputs, recorded=bool(chapter.unrun))


def with_recorded(chapter: Chapter, run: Run) -> Run:
    """Return a run with the file's own outputs for those cells that it skipped."""
    if run.recorded or not any(cell.skipped for cell in chapter.cells):
        return run
    both = zip(chapter.cells, run.outputs, recorded(chapter).outputs, strict=True)
    outputs = tuple(kept if cell.skipped else given for cell, given, kept in both)
    return dataclasses.replace(run, outputs=outputs)
