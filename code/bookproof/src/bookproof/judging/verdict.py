"""The verdict on an output of a book."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bookproof.reading.block import Block, parse
from bookproof.reading.value import Value
from bookproof.running.failure import Ending

VALUE = "value"
"""How a value in the text is compared."""


class Kind(StrEnum):
    """What became of an output. All but the first two are failures."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    MISMATCH = "mismatch"
    MISSING = "missing expectation"
    STDERR = "unexpected stderr"
    FIGURE_EMPTY = "figure empty"
    FIGURE_MISSING = "figure not drawn"
    GLYPH_MISSING = "missing glyph"
    EXPRESSION_FAILED = "expression failed"
    CELL_FAILED = Ending.CELL_FAILED
    TIMEOUT = Ending.TIMEOUT
    KERNEL_DIED = Ending.KERNEL_DIED
    NOT_STARTED = Ending.NOT_STARTED
    NOT_RUN = "cell not run"
    MALFORMED = "malformed block"
    UNREADABLE = "chapter unreadable"
    UNCHECKED = "chapter without a check"

    @property
    def failed(self) -> bool:
        """Tell whether a book with such an output is not green."""
        return self not in (Kind.VERIFIED, Kind.UNVERIFIED)


@dataclass(frozen=True)
class Verdict:
    """What became of one output; `line` is the 1-based line of the chapter to look at.

    `cell` is the line of the cell, `expected` and `actual` are normalised texts where compared.
    `block` or `value` is what it is on, where the author wrote one.
    """

    line: int
    kind: Kind
    message: str
    cell: int | None = None
    block: Block | None = None
    expected: str | None = None
    actual: str | None = None
    value: Value | None = None

    @property
    def place(self) -> str:
        """Return the line, for a value in the text also the column."""
        return f"{self.line}:{self.value.column}" if self.value else str(self.line)

    @property
    def mode(self) -> str:
        """Return how the two texts are compared, in the words of their author."""
        if self.value:
            return VALUE
        return parse(self.block.argument).mode
