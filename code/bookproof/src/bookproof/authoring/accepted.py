"""What accepting makes of a chapter, before it is written anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bookproof.authoring.propose import Proposal
from bookproof.authoring.rewrite import Edit
from bookproof.reading.chapter import Cell


@dataclass(frozen=True)
class Accepted:
    """The lines of a chapter's file before and after new outputs were accepted, with their ends.

    `notes` are what should be known of what is proposed.
    """

    before: Sequence[str] = ()
    after: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def changes(self) -> bool:
        """Tell whether there is anything to be written."""
        return self.before != self.after

    def tell(self, note: Callable[[str], None]) -> None:
        """Tell the notes."""
        for text in self.notes:
            note(text)


def notes_of(name: str, proposals: list[tuple[Cell, Proposal]], edits: list[Edit]) -> list[str]:
    """Return the notes of proposals, each with the line on which its cell is after the edits."""
    notes = []
    for cell, proposal in proposals:
        above = [edit for edit in edits if edit.start <= cell.line - 1]
        line = cell.line + sum(len(edit.lines) - (edit.end - edit.start) for edit in above)
        notes += [f"{name}:{line}: {text}" for text in proposal.notes]
    return notes
