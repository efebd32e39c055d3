"""Compare what the cells of a chapter gave with what the chapter says they give."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bookproof.judging import expectation as expectations
from bookproof.judging import unrun, values
from bookproof.judging.shown import Seen, see
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.block import Block, Expectation, parse
from bookproof.reading.chapter import Cell, Chapter
from bookproof.reading.counted import counted
from bookproof.reading.screen import normalise
from bookproof.running.failure import Ending
from bookproof.running.result import Run

_GLYPH_WARNING = re.compile(r".*UserWarning: Glyph .* missing from .*\n(?:  .*\n)?")


def compare(chapter: Chapter, run: Run) -> list[Verdict]:
    """Return a verdict for every output, expectation and problem of a chapter, by line."""
    kind = Kind.UNREADABLE if chapter.notebook is None else Kind.MALFORMED
    verdicts = [Verdict(problem.line, kind, problem.message) for problem in chapter.problems]
    broken = {problem.line for problem in chapter.problems}
    if run.failure and run.failure.cell is None:
        verdicts.append(Verdict(1, Kind(run.failure.kind), run.failure.message))
    for cell in chapter.cells:
        outputs = run.outputs[cell.index]
        if run.recorded or cell.skipped:
            verdicts += unrun.judge_cell(chapter, cell, _shown(see(cell, chapter, run)))
        elif run.failure and run.failure.cell == cell.index:
            verdicts.append(_failed(cell, run))
        elif outputs is None:
            message = "did not run, because its kernel did not"
            if run.failure and run.failure.kind is Ending.FROZEN:
                message = "did not run, because the chapter is frozen"
            elif run.failure and run.failure.cell is not None:
                message = "did not run, because an earlier cell failed"
            verdicts.append(Verdict(cell.line, Kind.NOT_RUN, message, cell.line))
        else:
            attempted = any(cell.line < line <= cell.end for line in broken)
            verdicts += _judge(cell, see(cell, chapter, run), attempted)
    verdicts += values.judge(chapter, run)
    if run.recorded:
        verdicts += unrun.judge_chapter(chapter, verdicts)
    elif any(verdict.kind is Kind.MISSING for verdict in verdicts) and not any(
        claim.directive in ("expect", "unverified")
        for claims in (chapter.blocks, chapter.values)
        for claim in claims
    ):
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
    wanted = _expectations(cell)
    for block, expectation in wanted:
        yield expectations.judge(cell, block, expectation, seen, cell.settings.filters)
    covered = {expectation.part for _, expectation in wanted}
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
        message = f"the cell {' and '.join(left)}"
        if seen.opaque and left == [f"shows {seen.things()}"]:
            message += ": say why with {unverified} under it"
        else:
            message += ", and no block under it says what is right"
        text = seen.shows("text") if covered.isdisjoint({"text", "stdout", "result"}) else ""
        yield Verdict(cell.line, Kind.MISSING, message, cell.line, actual=text)
    yield from faults


def _glyph(name: str) -> str:
    """Return a character that matplotlib names by its number, with its code point."""
    code = int(name.split()[0])
    return f"{chr(code)} (U+{code:04X})"


def _faults(cell: Cell, seen: Seen, covered: set[str]) -> Iterator[Verdict]:
    """Yield what is wrong with the outputs of a cell, whatever is expected of them."""
    figures = "figure" not in seen.removed
    if seen.empty and figures:
        message = "the cell shows a figure in which nothing is drawn"
        yield Verdict(cell.line, Kind.FIGURE_EMPTY, message, cell.line)
    if seen.missing_glyphs and figures:
        lacking = ", ".join(map(_glyph, sorted(seen.missing_glyphs)))
        message = (
            f"the figure's font lacks {lacking}: set rcParams['font.family'] of matplotlib "
            "to a font that has it"
        )
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
        left.append(f"shows {counted(len(seen.figures), 'figure')}")
    if seen.opaque and "opaque" not in seen.removed:
        left.append(f"shows {seen.things()}")
    if seen.shows("error") and "error" not in covered:
        left.append(f"raises {seen.error}")
    return left


def _shown(seen: Seen) -> list[str]:
    """Return what the outputs of a cell that was not run show."""
    return _left(seen, set()) + ["writes to stderr"] * bool(seen.stderr.strip())
