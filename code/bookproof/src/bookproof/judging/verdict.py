"""The verdict on an output of a book."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bookproof.reading.block import Block, parse
from bookproof.running.failure import Ending


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
    CELL_FAILED = Ending.CELL_FAILED
    TIMEOUT = Ending.TIMEOUT
    KERNEL_DIED = Ending.KERNEL_DIED
    NOT_STARTED = Ending.NOT_STARTED
    NOT_RUN = "cell not run"
    FLAKY = "flaky output"
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
    """

    line: int
    kind: Kind
    message: str
    cell: int | None = None
    block: Block | None = None
    expected: str | None = None
    actual: str | None = None

    @property
    def mode(self) -> str:
        """Return how the block is compared, in the words of its author."""
        return parse(self.block.argument).mode
