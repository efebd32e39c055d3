"""How a text is matched against what an author wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from bookproof.judging import filters
from bookproof.judging.filters import Filter
from bookproof.reading.block import Expectation

_FIGURE_TOLERANCE = Decimal("0.001")  # descriptions are rounded to four digits


@dataclass(frozen=True)
class How:
    """How to match: `shape` is whole, lines or contains; `unordered` lets lines stand anywhere.

    `digits` compares floats to the digits that are written, `relative` as a share of the greater
    one; `rtol` and `atol`, where either is given, by NumPy's rule instead. Without all of them,
    numbers are text like any other.
    """

    shape: str = "whole"
    digits: bool = False
    relative: Decimal | None = None
    filters: tuple[Filter, ...] = ()
    rtol: Decimal | None = None
    atol: Decimal | None = None
    unordered: bool = False

    @property
    def tolerant(self) -> bool:
        """Tell whether the author gave a tolerance."""
        return self.rtol is not None or self.atol is not None

    @property
    def numeric(self) -> bool:
        """Tell whether numbers are compared as such."""
        return self.digits or self.relative is not None or self.tolerant


EXACT, DIGITS = How(), How(digits=True)


def how(expectation: Expectation, own: Mapping[str, tuple[str, str]] | None = None) -> How:
    """Return how an expectation's body is to be matched; `own` are the book's own filters.

    Raises ValueError where it names a filter that there is not.
    """
    return How(
        expectation.shape,
        expectation.number,
        _FIGURE_TOLERANCE if expectation.part == "figure" else None,
        filters.resolve(expectation.filters, own or {}),
        expectation.rtol,
        expectation.atol,
        expectation.unordered,
    )
