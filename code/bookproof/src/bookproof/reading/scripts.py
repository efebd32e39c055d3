"""Rewrite blocks in the text of a format of a book's own: a script, or Markdown of another kind."""

from __future__ import annotations

import re

from bookproof.reading.chapter import Cell

_FENCE = re.compile("(.*?)(`{3,}|~{3,})")
_CELL = re.compile(r"(\W+)%%")  # how a cell of a percent script begins


class Script:
    """The lines of a file in which Markdown cells may be comments.

    Lines are 0-based and ranges half open here.
    """

    def __init__(self, text: str):
        self._lines = text.split("\n")

    def source(self, start: int, lines: list[str]) -> list[str]:
        """Return the lines of a block's body, as the file has them, from its line `start` on.

        What stands before the fence above stands before each of them.
        """
        found = _FENCE.match(self._lines[start - 1])
        prefix = found[1] if found else ""
        return [f"{prefix}{line}".rstrip() for line in lines]

    def below(self, cell: Cell, lines: list[str]) -> list[str]:
        """Return what stands below a cell, at its last line, when a cell with `lines` follows it.

        Raises ValueError where it is not known how the file begins a cell.
        """
        starts = [_CELL.match(line) for line in self._lines[: cell.source_line]]
        marks = [found for found in starts if found]
        if not marks:
            raise ValueError("only of percent scripts is it known how a Markdown cell is written")
        mark = marks[-1][1].strip()
        return ["", f"{mark} %% [markdown]", *(f"{mark} {line}".rstrip() for line in lines)]
