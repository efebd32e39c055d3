"""A chapter as it was scanned: its cells, their blocks, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from bookproof.reading.block import Block
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.reading.value import Question, Value

SKIP = "skip-execution"
"""The tag of a cell that is not to be run."""


@dataclass(frozen=True)
class Cell:
    """A code cell; lines are 1-based.

    `line` is its opening fence, `source_line` the first line of its code, `end` the last line of
    the cell with its blocks. `settings` are those in force for it.
    """

    index: int
    line: int
    source_line: int
    end: int
    source: str
    tags: frozenset[str] = frozenset()
    blocks: tuple[Block, ...] = ()
    settings: Settings = DEFAULT

    @property
    def skipped(self) -> bool:
        """Tell whether the cell is not to be run."""
        return SKIP in self.tags


@dataclass(frozen=True)
class Problem:
    """Something in a chapter's source that keeps it from being checked."""

    line: int
    message: str


@dataclass(frozen=True)
class Chapter:
    """A scanned chapter; `notebook` has the code cells of `cells` in order.

    `settings` are those in force for it. `unrun` says why it is not to be run, empty where it is,
    and `reason` what its author says of that in public. `values` are those in its text, `after`
    the names of the chapters that have to run before it.
    """

    name: str
    path: Path
    cells: tuple[Cell, ...] = ()
    blocks: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()
    notebook: NotebookNode | None = None
    settings: Settings = DEFAULT
    unrun: str = ""
    reason: str = ""
    values: tuple[Value, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        """Tell whether nothing in it is to be run."""
        return bool(self.unrun) or all(cell.skipped for cell in self.cells)

    @property
    def kernel(self) -> str:
        """Return the name of the kernel that runs the cells, as the book's aliases have it."""
        name = self.notebook.metadata.get("kernelspec", {}).get("name")
        for pattern, alias in self.settings.kernel_rgx_aliases.items() if name else ():
            if re.fullmatch(pattern, name):
                return alias
        return name or "python3"

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return what has to be asked of the kernel, each once, in the order of the text."""
        asked = (value.question for value in self.values)
        return tuple(dict.fromkeys(question for question in asked if question))
