"""Compare what the cells of a chapter gave with what the chapter says they give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bookproof.judging import match
from bookproof.judging.how import how
from bookproof.judging.invisible import explain
from bookproof.judging.shown import Seen, observe
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.block import Block, Expectation, parse
from bookproof.reading.chapter import Cell, Chapter
from bookproof.reading.screen import normalise
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.running.run import Run

_GLYPH_WARNING = re.compile(r".*UserWarning: Glyph .* missing from .*\n(?:  .*\n)?")


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
            verdicts += _judge(cell, observe(outputs), attempted, settings.filters)
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


def _judge(
    cell: Cell, seen: Seen, attempted: bool, own: Mapping[str, tuple[str, str]]
) -> Iterator[Verdict]:
    """Judge a cell that ran; `attempted` says that a malformed block of its is reported.

    `own` are the book's own filters.
    """
    expectations = _expectations(cell)
    for block, expectation in expectations:
        yield _judge_part(cell, block, expectation, seen.part(expectation.part), own)
    covered = {expectation.part for _, expectation in expectations}
    left = _left(seen, covered)
    unverified = next((b for b in cell.blocks if b.directive == "unverified"), None)
    if unverified and left:
        yield Verdict(unverified.line, Kind.UNVERIFIED, unverified.reason, cell.line, unverified)
    elif unverified:
        message = "{unverified} without need: the cell shows nothing that is not verified"
        yield Verdict(unverified.line, Kind.MALFORMED, message, cell.line, unverified)
    elif left and not attempted:
        message = f"the cell {' and '.join(left)}, and no block under it says what is right"
        text = seen.part("text") if covered.isdisjoint({"text", "stdout", "result"}) else ""
        yield Verdict(cell.line, Kind.MISSING, message, cell.line, actual=text)
    if seen.empty:
        message = "the cell shows a figure in which nothing is drawn"
        yield Verdict(cell.line, Kind.FIGURE_EMPTY, message, cell.line)
    if seen.missing_glyphs:
        message = f"the figure's font lacks {', '.join(sorted(seen.missing_glyphs))}"
        yield Verdict(cell.line, Kind.GLYPH_MISSING, message, cell.line)
    stderr = _GLYPH_WARNING.sub("", seen.stderr) if seen.missing_glyphs else seen.stderr
    if stderr.strip() and "stderr" not in covered:
        message = "the cell writes to stderr, which would end up on the page"
        yield Verdict(cell.line, Kind.STDERR, message, cell.line, actual=normalise(stderr))


def _left(seen: Seen, covered: set[str]) -> list[str]:
    """Return what the cell does that no expectation covers."""
    left = []
    streams = [name for name in ("stdout", "result") if seen.part(name) and name not in covered]
    if streams and "text" not in covered:
        left.append("prints text")
    if seen.figures and "figure" not in covered:
        left.append(_count(len(seen.figures), "figure"))
    if seen.opaque:
        left.append(_count(seen.opaque, "picture") + " that nothing can be expected of")
    if seen.error and "error" not in covered:
        left.append(f"raises {seen.error}")
    return left


def _count(number: int, noun: str) -> str:
    return f"shows {number} {noun}{'s'[: number > 1]}"


_NOTHING = {"figure": "the cell draws nothing", "error": "the cell raises nothing"}


def _judge_part(
    cell: Cell,
    block: Block,
    expectation: Expectation,
    actual: str,
    own: Mapping[str, tuple[str, str]],
) -> Verdict:
    try:
        manner = how(expectation, own)
    except ValueError as error:
        return Verdict(block.line, Kind.MALFORMED, f"{{expect}} {error}", cell.line, block)
    expected = normalise(block.body)
    difference = match.compare(expected, actual, manner)
    compared = (cell.line, block, expected, actual, manner, difference)
    if difference is None:
        return Verdict(block.line, Kind.VERIFIED, "", *compared)
    kind = Kind.MISMATCH
    if not actual:
        message = _NOTHING.get(expectation.part, "the cell prints nothing")
        kind = Kind.FIGURE_MISSING if expectation.part == "figure" else kind
    else:
        message = _parting(expected, actual, manner, difference)
    return Verdict(block.line, kind, message, *compared)


def _parting(expected: str, actual: str, manner: match.How, difference: match.Difference) -> str:
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
