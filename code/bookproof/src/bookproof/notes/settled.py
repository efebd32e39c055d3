"""Settle the blocks of a chapter's cells: what the note claims, and else what the code gives."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bookproof.authoring.propose import Proposer, fenced
from bookproof.authoring.trial import Trial, read_back
from bookproof.judging.imagined import imagine
from bookproof.notes.chapters import Draft
from bookproof.notes.drafts import HOLDS, Cell
from bookproof.notes.findings import Verdict
from bookproof.notes.phrases import Phrases
from bookproof.notes.values import error_line, reads_as_error
from bookproof.reading.chapter import Chapter
from bookproof.running import machine
from bookproof.running.result import Run
from bookproof.telling.texts import texts_for

_DOTS = re.compile(r"\s*(?:\.{3,}|…+)\s*")


def settle(
    draft: Draft,
    chapter: Chapter,
    runs: Sequence[Run],
    root: Path,
    phrases: Phrases,
    accept: bool,
    tell: Callable[[int, str], None],
) -> None:
    """Give the cells of a draft their blocks; `chapter` are the same cells as they were scanned.

    `tell` is told what is written otherwise than the note has it, with a line of the note.
    """
    sources = "\n".join(cell.source for cell in chapter.cells)
    imagined, elsewhere = imagine(runs[0], sources, machine.here(root))
    trial = Trial(chapter, (*runs, imagined))
    say = texts_for(chapter.settings.language).reason
    for cell, scanned in zip(draft.all_cells(), chapter.cells, strict=True):
        if cell.skipped:
            continue
        claimed = _claimed(cell, trial, scanned, accept, tell)
        blocks = read_back(claimed) if claimed else ()
        proposer = Proposer(trial, elsewhere, say)
        proposal = proposer.propose(dataclasses.replace(scanned, blocks=blocks))
        cell.blocks = [*claimed, *proposal.lines]
        for note in proposal.notes:
            tell(cell.line, note.split("\n")[0])
        if accept and (wrong := [f for f in cell.findings if f.verdict is Verdict.FALSE]):
            text = "\n".join(f.claim.claimed for f in wrong)
            cell.blocks += ["", *_said(text, phrases)]


def _claimed(
    cell: Cell,
    trial: Trial,
    scanned,
    accept: bool,
    tell: Callable[[int, str], None],
) -> list[str]:
    """Return the lines of the block that says what the note claims, none where it cannot say it."""
    text = "\n".join(f.claim.claimed.strip("\n") for f in cell.findings)
    verdicts = [f.verdict for f in cell.findings]
    if not text.strip():
        return []
    line = cell.findings[0].claim.line
    if Verdict.FALSE in verdicts:
        if accept:
            tell(line, "the notes are wrong: what the code gives is written")
            return []
        if reads_as_error(text) and cell.fails:
            return fenced(["error"], [error_line(text)])
        return fenced([], text.split("\n"))
    if not all(verdict in HOLDS for verdict in verdicts):
        return []
    for words, lines in _ways(text, verdicts):
        block = fenced(words, lines)
        if trial.lasts(scanned, block):
            return block
    tell(line, "written as the code gives it: the same, in another manner than the notes have it")
    return []


def _ways(text: str, verdicts: Sequence[Verdict]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield how a block may say a claim, the strictest first."""
    lines = text.split("\n")
    yield [], lines
    if reads_as_error(text):
        yield ["error"], [error_line(text)]
    number = [["number"]] if Verdict.DIGITS in verdicts else []
    for words in number:
        yield words, lines
    if any(_DOTS.fullmatch(line) for line in lines):
        rows = ["..." if _DOTS.fullmatch(line) else line for line in lines]
        yield ["lines"], rows
        yield ["lines", "number"], rows
    if re.search(r"\.{3,}|…", text):
        yield [], [re.sub(r"\s*(?:\.{3,}|…+)\s*", "[..]", line) for line in lines]


def _said(text: str, phrases: Phrases) -> list[str]:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return [
        f"{fence}`{{note}}",
        phrases.said,
        "",
        f"{fence}text",
        *text.split("\n"),
        fence,
        f"{fence}`",
    ]
