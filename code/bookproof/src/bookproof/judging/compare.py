"""Compare what the cells of a chapter gave with what the chapter says they give."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from difflib import SequenceMatcher

from bookproof.judging import match
from bookproof.judging.filters import FILTERS
from bookproof.judging.shown import Seen, see
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.block import Block, Expectation, parse
from bookproof.reading.chapter import Cell, Chapter
from bookproof.reading.screen import normalise
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.running.run import Run

_GLYPH_WARNING = re.compile(r".*UserWarning: Glyph .* missing from .*\n(?:  .*\n)?")
_FIGURE_TOLERANCE = Decimal("0.001")  # descriptions are rounded to four digits


def compare(chapter: Chapter, run: Run, settings: Settings = DEFAULT) -> list[Verdict]:
    """Return a verdict for every output, expectation and problem of a chapter, by line."""
    kind = Kind.UNREADABLE if chapter.notebook is None else Kind.MALFORMED
    verdicts = [Verdict(problem.line, kind, problem.message) for problem in chapter.problems]
    broken = {problem.line for problem in chapter.problems}
    if run.failure and run.failure.cell is None:
        verdicts.append(Verdict(1, Kind(run.failure.kind), run.failure.message))
    for cell in chapter.cells:
        outputs = run.outputs[cell.index]
        if run.failure and run.failure.cell == cell.index:
            verdicts.append(_failed(cell, run))
        elif outputs is None:
            message = "did not run, because its kernel did not"
            if run.failure and run.failure.cell is not None:
                message = "did not run, because an earlier cell failed"
            verdicts.append(Verdict(cell.line, Kind.NOT_RUN, message, cell.line))
        else:
            attempted = any(cell.line < line <= cell.end for line in broken)
            verdicts += _judge(cell, see(cell, chapter, run, settings), attempted)
    if chapter.cells and all(block.directive != "expect" for block in chapter.blocks):
        message = "no {expect} in the whole chapter: what it says is not verified"
        verdicts.append(Verdict(1, Kind.UNCHECKED, message))
    return sorted(verdicts, key=lambda verdict: verdict.line)


def _failed(cell: Cell, run: Run) -> Verdict:
    failure, line = run.failure, cell.line
    if failure.line is not None:
        line = cell.source_line + failure.line - 1
    message = failure.message
    if any(e.part == "error" for _, e in _expectations(cell)):
        message += " (to expect it, give the cell the tag `raises-exception`)"
    return Verdict(line, Kind(failure.kind), message, cell.line)


def _expectations(cell: Cell) -> list[tuple[Block, Expectation]]:
    return [(b, parse(b.argument)) for b in cell.blocks if b.directive == "expect"]


def _judge(cell: Cell, seen: Seen, attempted: bool) -> Iterator[Verdict]:
    """Judge a cell that ran; `attempted` says that a malformed block of its is reported."""
    expectations = _expectations(cell)
    for block, expectation in expectations:
        yield _judge_part(cell, block, expectation, seen)
    covered = {expectation.part for _, expectation in expectations}
    left, faults = _left(seen, covered), list(_faults(cell, seen, covered))
    unverified = next((b for b in cell.blocks if b.directive == "unverified"), None)
    if unverified and (left or faults):
        waived = tuple(str(fault.kind) for fault in faults)
        reason = unverified.reason
        yield Verdict(
            unverified.line, Kind.UNVERIFIED, reason, cell.line, unverified, waived=waived
        )
        return
    if unverified:
        message = "{unverified} without need: the cell shows nothing that is not verified"
        yield Verdict(unverified.line, Kind.MALFORMED, message, cell.line, unverified)
    elif left and not attempted:
        message = f"the cell {' and '.join(left)}, and no block under it says what is right"
        text = seen.shows("text") if covered.isdisjoint({"text", "stdout", "result"}) else ""
        yield Verdict(cell.line, Kind.MISSING, message, cell.line, actual=text)
    yield from faults


def _faults(cell: Cell, seen: Seen, covered: set[str]) -> Iterator[Verdict]:
    """Yield what is wrong with the outputs of a cell, whatever is expected of them."""
    figures = "figure" not in seen.removed
    if seen.empty and figures:
        message = "the cell shows a figure in which nothing is drawn"
        yield Verdict(cell.line, Kind.FIGURE_EMPTY, message, cell.line)
    if seen.missing_glyphs and figures:
        message = f"the figure's font lacks {', '.join(sorted(seen.missing_glyphs))}"
        yield Verdict(cell.line, Kind.GLYPH_MISSING, message, cell.line)
    stderr = seen.shows("stderr") and seen.stderr
    if seen.missing_glyphs:
        stderr = _GLYPH_WARNING.sub("", stderr)
    if stderr.strip() and "stderr" not in covered:
        message = "the cell writes to stderr, which would end up on the page"
        yield Verdict(cell.line, Kind.STDERR, message, cell.line, actual=normalise(stderr))


def _left(seen: Seen, covered: set[str]) -> list[str]:
    """Return what the cell does that no expectation covers."""
    left = []
    streams = [name for name in ("stdout", "result") if seen.shows(name) and name not in covered]
    if streams and "text" not in covered:
        left.append("prints text")
    if seen.shows("figure") and "figure" not in covered:
        left.append(f"shows {_count(len(seen.figures), 'figure')}")
    if seen.opaque and "opaque" not in seen.removed:
        left.append(f"shows {_things(seen)}")
    if seen.shows("error") and "error" not in covered:
        left.append(f"raises {seen.error}")
    return left


def _things(seen: Seen) -> str:
    counts = Counter(seen.opaque).items()
    things = " and ".join(_count(number, noun) for noun, number in counts)
    return f"{things} that nothing can be expected of"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s'[: number > 1]}"


_NOTHING = {"figure": "the cell draws nothing", "error": "the cell raises nothing"}


def _judge_part(cell: Cell, block: Block, expectation: Expectation, seen: Seen) -> Verdict:
    if unknown := sorted(set(expectation.filters).difference(FILTERS)):
        message = f"{{expect}} has an unknown filter {unknown[0]!r}; known: {', '.join(FILTERS)}"
        return Verdict(block.line, Kind.MALFORMED, message, cell.line, block)
    expected = normalise(block.body)
    actual, difference = _compared(expected, expectation, seen)
    if difference is None:
        return Verdict(block.line, Kind.VERIFIED, "", cell.line, block, expected, actual)
    kind = Kind.MISMATCH
    skipped = len(block.body) - len(block.body.lstrip("\n"))  # outer blank lines do not count
    line = min(block.line + skipped + difference.expected_line, max(block.end - 1, block.line))
    if not actual:
        message = _NOTHING.get(expectation.part, "the cell prints nothing")
        if seen.opaque and expectation.part != "error":
            message += f"; it shows {_things(seen)}"
        kind = Kind.FIGURE_MISSING if expectation.part == "figure" else kind
    elif expectation.shape == "whole":
        message = f"first difference at line {difference.actual_line}, column {difference.column}"
    else:
        message = f"not found in the output from its line {difference.actual_line} on"
    if types := seen.types(expectation.part):
        message += f" (the page shows {' and '.join(types)})"
    return Verdict(line, kind, message, cell.line, block, expected, actual)


def _compared(
    expected: str, expectation: Expectation, seen: Seen
) -> tuple[str, match.Difference | None]:
    """Return what was compared, and the difference.

    Where a plain text says the same as what is shown, the block may hold either.
    """
    texts = [seen.part(expectation.part)]
    if seen.has_plain(expectation.part):
        texts.append(seen.part(expectation.part, plain=True))
    found = [(text, match.compare(expected, text, how(expectation))) for text in texts]
    for text, difference in found:
        if difference is None:
            return text, None
    return max(found, key=lambda pair: SequenceMatcher(None, expected, pair[0]).ratio())


def how(expectation: Expectation) -> match.How:
    """Return how an expectation's body is to be matched."""
    relative = _FIGURE_TOLERANCE if expectation.part == "figure" else None
    return match.How(expectation.shape, expectation.number, relative, expectation.filters)
