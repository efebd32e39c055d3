"""Judge what is shown and was not run: nothing compares it, so it is unverified, with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.chapter import SKIP, Cell, Chapter

HOW_TO_SAY = (
    "say why in public: `bookproof: {not_run: reason}` in its metadata, or "
    "`bookproof_not_run: {pattern: reason}` in the book's configuration"
)


def judge_cell(chapter: Chapter, cell: Cell, shown: Sequence[str]) -> Iterator[Verdict]:
    """Judge a cell that was not run; `shown` says what its file has it show, as verbs."""
    for block in cell.blocks:
        if block.directive == "expect":
            message = (
                "{expect} under a cell that is not run: nothing is compared with it; let the cell "
                "run, or write {unverified} with the reason"
            )
            yield Verdict(block.line, Kind.MALFORMED, message, cell.line, block)
    unverified = next((b for b in cell.blocks if b.directive == "unverified"), None)
    if unverified and shown:
        yield Verdict(unverified.line, Kind.UNVERIFIED, unverified.reason, cell.line, unverified)
    elif unverified:
        message = "{unverified} without need: the cell is not run, and shows nothing"
        yield Verdict(unverified.line, Kind.MALFORMED, message, cell.line, unverified)
    elif chapter.unrun and chapter.reason and shown:
        yield Verdict(cell.line, Kind.UNVERIFIED, chapter.reason, cell.line)
    elif chapter.unrun and not chapter.reason:
        message = f"did not run, because {chapter.unrun}: {HOW_TO_SAY}"
        yield Verdict(cell.line, Kind.NOT_RUN, message, cell.line)
    elif shown:
        message = (
            f"the cell {' and '.join(shown)}, as its file has it, and is not run for its tag "
            f"`{SKIP}`: say why with {{unverified}} under it"
        )
        yield Verdict(cell.line, Kind.MISSING, message, cell.line)


def judge_chapter(chapter: Chapter, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """Count a chapter that is not run where nothing else does: it shows code without outputs."""
    if chapter.cells and chapter.reason and not verdicts:
        yield Verdict(1, Kind.UNVERIFIED, chapter.reason)
