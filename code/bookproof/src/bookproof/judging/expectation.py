"""Judge one `{expect}` block by what the cell above it shows."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

from bookproof.judging import match
from bookproof.judging.how import How, how
from bookproof.judging.invisible import explain
from bookproof.judging.shown import Seen, first
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.block import Block, Expectation
from bookproof.reading.chapter import Cell
from bookproof.reading.screen import normalise

_NOTHING = {"figure": "the cell draws nothing", "error": "the cell raises nothing"}


def judge(
    cell: Cell,
    block: Block,
    expectation: Expectation,
    seen: Seen,
    own: Mapping[str, tuple[str, str]],
) -> Verdict:
    """Return the verdict on a block; `own` are the book's own filters."""
    try:
        manner = how(expectation, own)
    except ValueError as error:
        return Verdict(block.line, Kind.MALFORMED, f"{{expect}} {error}", cell.line, block)
    expected = first(cell, normalise(block.body))
    actual, difference = _compared(expected, manner, expectation.part, seen)
    compared = (cell.line, block, expected, actual, manner, difference)
    if difference is None:
        return Verdict(block.line, Kind.VERIFIED, "", *compared)
    kind = Kind.MISMATCH
    if not actual:
        message = _NOTHING.get(expectation.part, "the cell prints nothing")
        if seen.opaque and expectation.part != "error":
            message += f"; it shows {seen.things()}"
        kind = Kind.FIGURE_MISSING if expectation.part == "figure" else kind
    else:
        message = _parting(expected, actual, manner, difference)
    if types := seen.types(expectation.part):
        message += f" (the page shows {' and '.join(types)})"
    return Verdict(block.line, kind, message, *compared)


def _compared(
    expected: str, manner: How, part: str, seen: Seen
) -> tuple[str, match.Difference | None]:
    """Return what was compared, and the difference.

    Where a plain text says the same as what is shown, the block may hold either.
    """
    texts = [seen.part(part)]
    if seen.has_plain(part):
        texts.append(seen.part(part, plain=True))
    found = [(text, match.compare(expected, text, manner)) for text in texts]
    for text, difference in found:
        if difference is None:
            return text, None
    if len(found) == 1:
        return found[0]
    return max(found, key=lambda pair: SequenceMatcher(None, expected, pair[0]).ratio())


def _parting(expected: str, actual: str, manner: How, difference: match.Difference) -> str:
    """Tell where two texts part, and in what if nobody could see it."""
    wanted, given = expected.split("\n"), actual.split("\n")
    if manner.unordered:
        if difference.expected_line <= len(wanted):
            return f"not found in the output: line {difference.expected_line} of the block"
        return f"not found in the block: line {difference.actual_line} of the output"
    if manner.shape != "whole":
        return f"not found in the output from its line {difference.actual_line} on"
    place = f"first difference at line {difference.actual_line}, column {difference.column}"
    if max(difference.expected_line - len(wanted), difference.actual_line - len(given)) > 0:
        return place
    return place + explain(wanted[difference.expected_line - 1], given[difference.actual_line - 1])
