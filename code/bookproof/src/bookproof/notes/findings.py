"""What became of the claims of a note."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from nbformat import NotebookNode

from bookproof.notes.note import Claim, Note


class Verdict(StrEnum):
    """What is told of a claim."""

    TRUE = "true"
    DIGITS = "true to the digits written"
    STYLE = "other style"
    FALSE = "false"
    RANDOM = "random"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Finding:
    """The verdict on a claim, what the code gave instead (None: nothing), and why."""

    claim: Claim
    verdict: Verdict
    actual: str | None = None
    why: str = ""


@dataclass(frozen=True)
class Ran:
    """What a statement gave: its outputs, and how it failed (empty where it did not).

    `differs` says that another run gave something else, `ran` is false where it was not reached.
    """

    outputs: tuple[NotebookNode, ...] = ()
    failure: str = ""
    differs: bool = False
    ran: bool = True


@dataclass(frozen=True)
class Checked:
    """A note that was run: a finding for each claim by line, and what each statement gave.

    `ran` holds, for each fence in the order of `note.fences`, one entry a statement.
    `supplied` are the usual imports that the note lacks, as statements.
    """

    note: Note
    findings: tuple[Finding, ...] = ()
    supplied: tuple[str, ...] = ()
    ran: tuple[tuple[Ran, ...], ...] = field(default=())
