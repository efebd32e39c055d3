"""Compare what the cells of a chapter gave with what the chapter says they give."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from nbformat import NotebookNode

from bookproof import match
from bookproof.run import Run
from bookproof.scan import Block, Cell, Chapter


class Kind(StrEnum):
    """What became of an output. All but the first two are failures."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    MISMATCH = "mismatch"
    MISSING = "missing expectation"
    STDERR = "unexpected stderr"
    CELL_FAILED = "cell failed"
    TIMEOUT = "cell never ended"
    KERNEL_DIED = "kernel died"
    NOT_STARTED = "kernel not started"
    NOT_RUN = "cell not run"
    MALFORMED = "malformed block"
    UNREADABLE = "chapter unreadable"

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


@dataclass(frozen=True)
class Observed:
    """The outputs of a cell, as a reader sees them."""

    text: str
    pictures: int
    stderr: str
    error: str


_GLUE = "application/papermill.record/"
_OBJECT = re.compile(r"<IPython\.core\.display\.\w+ object>")


def observe(outputs: list[NotebookNode]) -> Observed:
    """Sort the outputs of a cell into text, pictures (and other rich media), stderr and error.

    Values that MyST-NB's `glue` stores without showing them are no outputs.
    """
    text, stderr, error = "", "", ""
    pictures = 0
    for output in outputs:
        if output.output_type == "stream":
            if output.name == "stderr":
                stderr += output.text
            else:
                text += output.text
        elif output.output_type == "error":
            error = f"{output.ename}: {output.evalue}"
        elif not all(mime.startswith(_GLUE) for mime in output.data):
            plain = output.data.get("text/plain", "")
            drawn = any(mime.startswith("image/") for mime in output.data)
            if drawn or not plain or _OBJECT.fullmatch(plain):
                pictures += 1
            else:
                text += plain + "\n"
    return Observed(match.normalise(text), pictures, match.normalise(stderr), error)


def compare(chapter: Chapter, run: Run) -> list[Verdict]:
    """Return a verdict for every output, expectation and problem of a chapter, by line."""
    unreadable = chapter.notebook is None
    kind = Kind.UNREADABLE if unreadable else Kind.MALFORMED
    verdicts = [Verdict(problem.line, kind, problem.message) for problem in chapter.problems]
    broken = {problem.line for problem in chapter.problems}
    failure = run.failure
    if failure and failure.cell is None:
        verdicts.append(Verdict(1, Kind(failure.kind), failure.message))
    for cell in chapter.cells:
        outputs = run.outputs[cell.index]
        if failure and failure.cell == cell.index:
            line = cell.line
            if failure.line is not None:
                line = cell.source_line + failure.line - 1
            verdicts.append(Verdict(line, Kind(failure.kind), failure.message, cell.line))
        elif outputs is None:
            verdicts.append(Verdict(cell.line, Kind.NOT_RUN, _why_not_run(failure), cell.line))
        else:
            attempted = any(cell.line < line <= _end(cell, chapter) for line in broken)
            verdicts += _judge(cell, observe(outputs), attempted)
    return sorted(verdicts, key=lambda verdict: verdict.line)


def _end(cell: Cell, chapter: Chapter) -> int:
    """Return the last line before the next cell, or a line past the chapter."""
    following = chapter.cells[cell.index + 1 :]
    return following[0].line - 1 if following else 1 << 60


def _why_not_run(failure) -> str:
    if failure is None or failure.cell is None:
        return "did not run, because its kernel did not"
    return "did not run, because an earlier cell failed"


def _judge(cell: Cell, seen: Observed, attempted: bool) -> list[Verdict]:
    """Judge a cell that ran; `attempted` says that a malformed block of its is reported."""
    verdicts = []
    blocks = {block.directive: block for block in cell.blocks}
    expect, unverified = blocks.get("expect"), blocks.get("unverified")
    if expect:
        verdicts.append(_judge_text(cell, expect, seen.text))
    left = []
    if seen.text and not expect:
        left.append("prints text")
    if seen.pictures:
        left.append(f"shows {seen.pictures} picture{'s'[: seen.pictures > 1]}")
    if seen.error:
        left.append(f"raises {seen.error}")
    if unverified:
        reason = unverified.argument or unverified.body.strip()
        if left:
            verdicts.append(
                Verdict(unverified.line, Kind.UNVERIFIED, reason, cell.line, unverified)
            )
        else:
            message = "{unverified} without need: the cell shows nothing that is not verified"
            verdicts.append(
                Verdict(unverified.line, Kind.MALFORMED, message, cell.line, unverified)
            )
    elif left and not attempted:
        message = f"the cell {' and '.join(left)}, and no block under it says what is right"
        verdicts.append(Verdict(cell.line, Kind.MISSING, message, cell.line, actual=seen.text))
    if seen.stderr:
        message = "the cell writes to stderr, which would end up on the page"
        verdicts.append(Verdict(cell.line, Kind.STDERR, message, cell.line, actual=seen.stderr))
    return verdicts


def _judge_text(cell: Cell, block: Block, actual: str) -> Verdict:
    expected = match.normalise(block.body)
    difference = match.compare(expected, actual, block.mode)
    if difference is None:
        return Verdict(block.line, Kind.VERIFIED, "", cell.line, block, expected, actual)
    if actual:
        message = f"first difference at line {difference.line}, column {difference.column}"
    else:
        message = "the cell prints nothing"
    skipped = len(block.body) - len(block.body.lstrip("\n"))  # outer blank lines do not count
    last = max(block.end - 1, block.line)
    line = min(block.line + skipped + difference.line, last)
    return Verdict(line, Kind.MISMATCH, message, cell.line, block, expected, actual)
