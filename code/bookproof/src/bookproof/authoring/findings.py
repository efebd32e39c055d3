"""Where in the text of a chapter each failure stands, for an editor to mark."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.value import Place
from bookproof.telling.verification import Checked

UNCHECKABLE = "not checked"
"""The kind of a finding that is no verdict: the chapter could not be checked."""


@dataclass(frozen=True)
class Finding:
    """A failure, from a place to another; `verdict` is None where nothing could be checked."""

    start: Place
    end: Place
    kind: str
    message: str
    verdict: Verdict | None = None

    @property
    def secondary(self) -> bool:
        """Tell whether it only follows from another one."""
        return self.kind == Kind.NOT_RUN


def findings(checked: Checked, lines: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for every failed verdict on a chapter with these lines."""
    for verdict in checked.verdicts:
        if verdict.kind.failed:
            yield Finding(*span(verdict, lines), str(verdict.kind), verdict.message, verdict)


def span(verdict: Verdict, lines: Sequence[str]) -> tuple[Place, Place]:
    """Return where what a verdict is on begins and ends.

    A value in the text is marked as it stands; of all else one line, without the blanks around it:
    that of the difference, or of the fence, or of the cell.
    """
    if verdict.value:
        return verdict.value.start, verdict.value.end
    return whole(verdict.place, lines)


def whole(number: int, lines: Sequence[str]) -> tuple[Place, Place]:
    """Return where the text of a line begins and ends; of the last one where there is none."""
    number = min(number, len(lines))
    line = lines[number - 1]
    end = len(line.rstrip())
    return Place(number, min(len(line) - len(line.lstrip()), end)), Place(number, end)


class Moved:
    """Where the lines of a saved text are in one that was edited since; numbers are 1-based."""

    def __init__(self, saved: Sequence[str], edited: Sequence[str]):
        self._same = list(saved) == list(edited)
        matcher = difflib.SequenceMatcher(None, saved, edited, autojunk=False)
        self._runs = [] if self._same else matcher.get_matching_blocks()

    def forth(self, number: int) -> int:
        """Return the line of the edited text; for one that is gone, where it was."""
        if self._same:
            return number
        shift = 0
        for run in self._runs:
            if number - 1 < run.a:
                return min(number + shift, run.b + 1)
            shift = run.b - run.a
            if number - 1 < run.a + run.size:
                break
        return number + shift

    def back(self, number: int) -> int | None:
        """Return the line of the saved text, None for one that it does not have."""
        if self._same:
            return number
        for run in self._runs:
            if run.b <= number - 1 < run.b + run.size:
                return number - run.b + run.a
        return None
