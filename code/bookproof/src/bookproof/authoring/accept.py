"""Accept new outputs: rewrite the `{expect}` blocks that no longer match.

With `everything`, also propose an expectation for every output that has none. What is written is
what other runs of the chapter, in other places, gave again.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from bookproof.authoring import git
from bookproof.authoring.accepted import Accepted, notes_of
from bookproof.authoring.propose import Proposal, Proposer
from bookproof.authoring.prose import rewrite
from bookproof.authoring.refused import Refused
from bookproof.authoring.rewrite import Edit, in_json, in_script, rewritten
from bookproof.authoring.trial import Trial
from bookproof.judging.compare import compare
from bookproof.judging.imagined import imagine
from bookproof.judging.rewrite import like
from bookproof.judging.verdict import Kind, Verdict
from bookproof.judging.written import same
from bookproof.reading.chapter import Cell, Chapter
from bookproof.reading.formats import format_of
from bookproof.reading.scan import scan
from bookproof.running import files, machine
from bookproof.running.result import Run
from bookproof.telling.texts import texts_for
from bookproof.telling.verification import Checked

__all__ = ["Accepted", "Refused", "accept", "accepted", "is_due"]

STALE = (Kind.MISMATCH, Kind.FIGURE_MISSING)
"""What may be put right by accepting the output."""


def is_due(checked: Checked, everything: bool = False) -> bool:
    """Tell whether `accept` may have something to write, so that other runs are worth their time.

    With `everything` a chapter is always due: other runs tell as well what differs from run to run.
    """
    if os.environ.get("CI") or checked.chapter.notebook is None or checked.run.failure:
        return False
    return everything or any(verdict.kind in STALE for verdict in checked.verdicts)


def accept(
    checked: Checked,
    force: bool = False,
    everything: bool = False,
    again: Sequence[Run] = (),
    note: Callable[[str], None] = lambda _: None,
) -> str:
    """Write the actual output into every block that does not match; return the diff.

    The diff is empty, and not a byte is written, where there is nothing to accept. `again` are
    other runs of the chapter, `note` is told what is proposed otherwise than it was printed, and
    why. Raises Refused where `CI` is set, where a cell failed, where a block cannot be rewritten
    or would not last, and, unless `force`, where it would overwrite what git could not give back.
    """
    name, path = checked.chapter.name, checked.chapter.path
    if os.environ.get("CI"):
        raise Refused("CI is set: expectations are accepted by people, before they are pushed")
    found = accepted(checked, everything, again)
    if not found.changes:
        found.tell(note)
        return ""
    if not force and (line := git.first_lost(path, found.before, found.after)):
        told = "accept would overwrite what git does not have: commit it, or use --force"
        raise Refused(f"{name}:{line}: {told}")
    files.write(path.resolve(), "".join(found.after))
    found.tell(note)
    old, new = ([line.rstrip("\r\n") for line in lines] for lines in (found.before, found.after))
    return "\n".join(difflib.unified_diff(old, new, name, name, lineterm=""))


def accepted(
    checked: Checked,
    everything: bool = False,
    again: Sequence[Run] = (),
    only: Cell | None = None,
) -> Accepted:
    """Return what `accept` would write; with `only`, nothing is proposed for other cells.

    Raises Refused where a cell failed, where the file is another now, and where a block cannot be
    rewritten or would not last.
    """
    name, path = checked.chapter.name, checked.chapter.path
    if failure := checked.run.failure:
        if failure.cell is None:
            raise Refused(f"{name}:1: {failure.kind}: {failure.message}")
        raise Refused(f"{name}: {failure.kind}: mend the cell first")
    root = path.parents[name.count("/")]
    plan = _Plan(checked, again, root)
    edits = plan.rewritten()
    prose = plan.prose()
    proposals = plan.proposed(only) if everything else []
    new = [(cell, proposal.lines) for cell, proposal in proposals if proposal.lines]
    if not edits and not new and not prose:
        return Accepted(notes=notes_of(name, proposals, []))
    now = scan(root, name, settings=checked.chapter.settings)
    if (now.cells, now.values) != (checked.chapter.cells, checked.chapter.values):
        raise Refused(f"{name} was changed while it ran: try again")
    if opened := next((p for p in now.problems if p.message.endswith("is never closed")), None):
        raise Refused(f"{name}:{opened.line}: {opened.message}: close it first")
    text = path.read_bytes().decode("utf-8")
    if "\r" in text and "\n" not in text:
        raise Refused(f"{name}: its lines end with carriage returns: end them with line feeds")
    before = re.findall(r"[^\n]*\n|[^\n]+", text)
    json = path.suffix == ".ipynb"
    if format_of(path, checked.chapter.settings):
        edits = in_script(name, text, edits, new)
    elif json:
        edits = in_json(name, text, edits, new)
    else:
        edits += [Edit(cell.end, cell.end, lines) for cell, lines in new]
    try:
        after = rewrite(before, prose, json)
    except ValueError as error:
        raise Refused(f"{name}:{error}") from error
    newline = "\r\n" if before[0].endswith("\r\n") else "\n"
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        if not after[edit.start - 1].endswith("\n"):
            after[edit.start - 1] += newline
        after[edit.start : edit.end] = [line + newline for line in edit.lines]
    plan.require_better("".join(after))
    return Accepted(before, after, notes_of(name, proposals, edits))


class _Plan:
    """What is to be written into a chapter."""

    def __init__(self, checked: Checked, again: Sequence[Run], root: Path):
        self._checked = checked
        self._root = root
        sources = "\n".join(cell.source for cell in checked.chapter.cells)
        imagined, elsewhere = imagine(checked.run, sources, machine.here(root))
        self._trial = Trial(checked.chapter, (checked.run, *again, imagined))
        say = texts_for(checked.chapter.settings.language).reason
        self._proposer = Proposer(self._trial, elsewhere, say)

    def rewritten(self) -> list[Edit]:
        """Return the edits of all blocks that do not match.

        Raises Refused, with all that is to be said, where one cannot be rewritten or does not last.
        """
        edits, refused = [], []
        for verdict in self._checked.verdicts:
            if verdict.kind in STALE and verdict.block:
                try:
                    edits.append(self._rewritten(verdict))
                except Refused as reason:
                    refused.append(str(reason))
        if refused:
            raise Refused("\n".join(refused))
        return edits

    def prose(self) -> list[Verdict]:
        """Return the verdicts on the values in the text that are to be put right.

        Raises Refused where a value differs from run to run.
        """
        chapter = self._checked.chapter
        stale = [v for v in self._checked.verdicts if v.kind in STALE and v.value]
        for verdict in stale:
            place = chapter.questions.index(verdict.value.question)
            for run in self._trial.runs:
                other = run.values[place] if place < len(run.values) else None
                text = like(verdict.value.text, verdict.actual)
                if text and other and not same(text, other.get("text", "")):
                    said = f"{chapter.name}:{verdict.line}: `{verdict.value.target}`"
                    raise Refused(f"{said} differs from run to run: write it yourself")
        return stale

    def _rewritten(self, verdict: Verdict) -> Edit:
        chapter, block = self._checked.chapter, verdict.block
        edit = rewritten(chapter.name, verdict)
        cell = next(cell for cell in chapter.cells if block in cell.blocks)
        others = tuple(other for other in cell.blocks if other != block)
        bare = dataclasses.replace(cell, blocks=others)
        fence = "`" * max(block.fence, 3)
        lines = [f"{fence}{{expect}} {block.argument}".rstrip(), *edit.lines, fence]
        if not self._trial.lasts(bare, lines):
            why, difference = self._proposer.why_not(bare, block.argument)
            if failure := self._failure_until(cell):
                why = f"cannot be had again, elsewhere the chapter fails: {failure}"
            place = f"{chapter.name}:{block.line}"
            advice = "even it out with norm=, or say {unverified} with a reason"
            raise Refused("\n".join([f"{place}: the new output {why}: {advice}", *difference]))
        return edit

    def proposed(self, only: Cell | None = None) -> list[tuple[Cell, Proposal]]:
        """Return for each cell, or one, the blocks that it gets, and what is to be said of them."""
        found = []
        for cell in self._checked.chapter.cells:
            if failure := self._failure_until(cell):
                said = f"nothing is proposed from here on, elsewhere it fails: {failure}"
                return [*found, (cell, Proposal(notes=[said]))]
            wanted = only is None or only.index == cell.index
            if wanted and not cell.skipped and not self._checked.run.recorded:
                found.append((cell, self._proposer.propose(cell)))
        return found

    def _failure_until(self, cell: Cell) -> str:
        """Return why one of the runs did not get beyond a cell, empty where all did."""
        for run in self._trial.runs:
            if run.failure and (run.failure.cell is None or run.failure.cell <= cell.index):
                return f"{run.failure.kind}: {run.failure.message}"
        return ""

    def require_better(self, text: str) -> None:
        """Raise Refused where a chapter with this text would fail in a way in which it did not."""
        chapter = self._checked.chapter
        became = scan(self._root, chapter.name, text.encode("utf-8"), chapter.settings)
        if [cell.source for cell in became.cells] != [cell.source for cell in chapter.cells]:
            raise Refused(f"{chapter.name}: blocks cannot be written into a file of this format")
        for run in self._trial.runs:
            worse = self._failures(became, run) - self._failures(chapter, run)
            if worse:
                kind = next(iter(worse))
                raise Refused(f"{chapter.name}: what was to be written does not last: {kind}")

    def _failures(self, chapter: Chapter, run: Run) -> Counter[Kind]:
        kinds = [verdict.kind for verdict in compare(chapter, run)]
        return Counter(kind for kind in kinds if kind.failed)
