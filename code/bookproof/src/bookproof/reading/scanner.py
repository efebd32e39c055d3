"""Gather the cells of a chapter, the blocks below them, and what is wrong with them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode

from bookproof.reading import dialect
from bookproof.reading.block import Block, contradiction, problem
from bookproof.reading.chapter import Cell, Chapter, Problem
from bookproof.reading.fences import block_of, fences, is_closed
from bookproof.reading.hidden import BLOCKS
from bookproof.reading.settings import Settings
from bookproof.reading.values import Finder


class Scanner:
    """Gather cells, blocks and problems in the order of the text."""

    def __init__(self, notebook: NotebookNode, settings: Settings):
        self.notebook = notebook
        self.dialect = dialect.of_file(settings.dialect, notebook.metadata)
        self.head: Mapping = notebook.metadata
        self.cells: list[Cell] = []
        self.blocks: list[Block] = []
        self.problems: list[Problem] = []
        self.finder = Finder(self.dialect)

    def add_cell(self, node: NotebookNode, line: int, source_line: int, end: int) -> None:
        """Add a code cell, which stands on these lines."""
        tags = frozenset(map(str, node.metadata.get("tags", ())))
        index = len(self.cells)
        self.cells.append(Cell(index, line, source_line, end, node.source, tags))

    def add_block(self, block: Block, attached: bool, closed: bool) -> None:
        """Add a block; `attached` says that it belongs to the last cell."""
        self.blocks.append(block)
        message = problem(block, attached, closed)
        if attached:
            cell = self.cells[-1]
            cell = dataclasses.replace(cell, end=max(cell.end, block.end))
            message = message or contradiction(block, cell.blocks, cell.line)
            if message is None:
                cell = dataclasses.replace(cell, blocks=(*cell.blocks, block))
            self.cells[-1] = cell
        if message:
            self.problems.append(Problem(block.line, f"{{{block.directive}}} {message}"))

    def add_blocks(self, text: str, places: Sequence[int], attached: bool) -> str:
        """Add the blocks of a cell's text, which stands on these lines of the file.

        `attached` says that those on its top belong to the last code cell. Returns what stands
        below all of them.
        """
        lines, free = text.split("\n"), 0
        for token, nested in fences(text, self.dialect):
            if token.info.strip().partition(" ")[0] in BLOCKS:
                between = "".join(lines[free : token.map[0]]).strip()
                on_top = attached and not nested and not between
                self.add_block(block_of(token, places), on_top, is_closed(token, lines))
                free = token.map[1]
        return "".join(lines[free:]).strip()

    def chapter(self, name: str, path: Path, settings: Settings) -> Chapter:
        """Return the chapter of what was gathered; `settings` are the book's."""
        metadata = self.notebook.metadata
        kernel = metadata.get("kernelspec", {})
        if not isinstance(kernel, dict) or not isinstance(kernel.get("name", ""), str):
            raise ValueError("`kernelspec` must have the kernel's `name` below it")
        settings = settings.of(metadata)
        code = (node for node in self.notebook.cells if node.cell_type == "code")
        for index, node in enumerate(code):
            cell = self.cells[index]
            if message := settings.cell_problem(node.metadata):
                self.problems.append(Problem(cell.line, message))
            own = settings.of_cell(node.metadata)
            self.cells[index] = dataclasses.replace(cell, settings=own)
        problems = sorted([*self.problems, *self.finder.problems], key=lambda found: found.line)
        return Chapter(
            name,
            path,
            tuple(self.cells),
            tuple(self.blocks),
            tuple(problems),
            self.notebook,
            settings,
            settings.unrun(path),
            settings.reason(path, metadata),
            tuple(self.finder.values),
        )
