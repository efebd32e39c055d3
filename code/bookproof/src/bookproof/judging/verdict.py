"""The verdict on an output of a book."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bookproof.judging.how import How
from bookproof.judging.match import Difference
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
    MALFORMED = "malformed block"
    UNREADABLE = "chapter unreadable"
    UNCHECKED = "chapter without a check"

    @property
    def failed(self) -> bool:
        """Tell whether a book with such an output is not green."""
        return self not in (Kind.VERIFIED, Kind.UNVERIFIED)


@dataclass(frozen=True)
class Verdict:
    """What became of one output.

    `line` is the 1-based line of the chapter on which the block begins that the verdict is on;
    without one the line of what is wrong, or else of the cell. `cell` is the line of the cell,
    `expected` and `actual` are normalised texts where compared, `how` says in which way, and
    `difference` where they part.
    """

    line: int
    kind: Kind
    message: str
    cell: int | None = None
    block: Block | None = None
    expected: str | None = None
    actual: str | None = None
    how: How | None = None
    difference: Difference | None = None

    @property
    def place(self) -> int:
        """Return the line of the chapter to look at: where there is a difference, that one's."""
        if self.difference is None or self.block is None:
            return self.line
        body = self.block.body  # whose outer blank lines do not count
        above = self.line + len(body) - len(body.lstrip("\n"))
        last = max(self.block.end - 1, self.line)
        return min(above + self.difference.expected_line, last)

    @property
    def mode(self) -> str:
        """Return how the block is compared, in the words of its author."""
        return parse(self.block.argument).mode
