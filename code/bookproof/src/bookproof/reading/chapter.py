"""A chapter as it was scanned: its cells, their blocks, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from bookproof.reading.block import Block


@dataclass(frozen=True)
class Cell:
    """A code cell; lines are 1-based.

    `line` is its opening fence, `source_line` the first line of its code, `end` the last line of
    the cell with its blocks.
    """

    index: int
    line: int
    source_line: int
    end: int
    source: str
    tags: frozenset[str] = frozenset()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Something in a chapter's source that keeps it from being checked."""

    line: int
    message: str


@dataclass(frozen=True)
class Chapter:
    """A scanned chapter; `notebook` has the code cells of `cells` in order, without outputs.

    `after` are the names of the chapters that have to run before it.
    """

    name: str
    path: Path
    cells: tuple[Cell, ...] = ()
    blocks: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()
    notebook: NotebookNode | None = None
    after: tuple[str, ...] = ()

    @property
    def kernel(self) -> str:
        """Return the name of the kernel that runs the cells."""
        return self.notebook.metadata.get("kernelspec", {}).get("name", "python3")
