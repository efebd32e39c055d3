"""From a claim to the cell that it is about, and back."""

from __future__ import annotations

from collections.abc import Iterator

from bookproof.reading.chapter import Cell, Chapter
from bookproof.reading.value import Place


def cell_of(chapter: Chapter, place: Place) -> Cell | None:
    """Return the cell that the block or value at a place is about, None where there is none."""
    for value in chapter.values:
        if value.start <= place <= value.end and value.cell >= 0:
            return chapter.cells[value.cell]
    for cell in chapter.cells:
        if any(block.line <= place.line <= block.end for block in cell.blocks):
            return cell
    return None


def claims_on(chapter: Chapter, place: Place) -> Iterator[int]:
    """Yield the line of each block and value that is about the cell at a place, or its claims."""
    cell = cell_of(chapter, place)
    if cell is None:
        cell = next((c for c in chapter.cells if place.line in code_lines(c)), None)
    if cell is not None:
        yield from (block.line for block in cell.blocks)
        yield from (value.line for value in chapter.values if value.cell == cell.index)


def code_lines(cell: Cell) -> range:
    """Return the lines of a cell without its blocks."""
    last = cell.source_line + cell.source.count("\n") + 1
    first_block = min((block.line for block in cell.blocks), default=cell.end + 1)
    return range(cell.line, min(last, first_block - 1, cell.end) + 1)
