"""What pytest collects of a book: its chapters, the blocks and values in them, and the rest.

An output that is marked `{unverified}` has not passed: nothing was compared. Nor has anybody
skipped it: its cell has run, and must show what the block is about. So it is a category of its
own, `unverified`, which is in the last line of every run; JUnit XML, which has no such category,
has it as skipped, with the reason.

What is said of no block, that a cell failed, prints what no block is under, and the like, is told
by one more item for each chapter, called `chapter`. A block whose cell did not run has failed.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from _pytest._code.code import ReprFileLocation, TerminalRepr
from _pytest._io import TerminalWriter

from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.block import Block
from bookproof.reading.chapter import Chapter
from bookproof.reading.value import Value
from bookproof.telling.language import words
from bookproof.telling.report import Report, parted
from bookproof.telling.verification import Checked

UNVERIFIED = ("bookproof", "unverified")
VERIFIED = ("bookproof", "verified")
"""Properties of what has become of an output."""

REASON = "unverified: "
"""What stands before the reason for which an output is not verified."""

WHOLE = "chapter"
"""What the item is called that has what is said of no block."""

_WORDS = 5
_LONGEST = 50


class Source(Protocol):
    """What knows chapters, and what becomes of them."""

    def scanned(self, root: Path, name: str) -> Chapter:
        """Return a chapter as it is written."""

    def checked(self, root: Path, name: str, session: pytest.Session) -> Checked:
        """Return what became of a chapter."""


class Unreadable(pytest.File):
    """A chapter of a book whose configuration cannot be read, or of what is not supported."""

    def __init__(self, why: str, **options: Any):
        super().__init__(**options)
        self._why = why

    def collect(self) -> Iterator[pytest.Item]:
        """Say why there is nothing to collect."""
        raise self.CollectError(words()(f"bookproof: {self._why}"))


class ChapterFile(pytest.File):
    """A chapter of the book at `root`."""

    def __init__(self, books: Source, root: Path, chapter: str, **options: Any):
        super().__init__(**options)
        self.books, self.root, self.chapter = books, root, chapter

    def collect(self) -> Iterator[Output]:
        """Yield an item for each block and value, in the order of the text, and one for the rest.

        Names are made of words, not of lines: what is written elsewhere in a chapter, and even
        what is mended in it, does not change what `--lf` knows by its name.
        """
        scanned = self.books.scanned(self.root, self.chapter)
        claims: list[Block | Value] = [*scanned.blocks, *scanned.values]
        taken = {WHOLE}
        for claim in sorted(claims, key=lambda claim: claim.line):
            name = words = _named(claim)
            number = 1
            while name in taken:
                number += 1
                name = f"{words}-{number}"
            taken.add(name)
            yield Output.from_parent(self, name=name, claim=claim)
        yield Output.from_parent(self, name=WHOLE, claim=None)


class Output(pytest.Item):
    """A block or a value; or, with no claim, what is said of none of them."""

    parent: ChapterFile

    def __init__(self, claim: Block | Value | None, **options: Any):
        super().__init__(**options)
        self.claim = claim
        self.root, self.chapter = self.parent.root, self.parent.chapter

    def runtest(self) -> None:
        """Let the chapter be checked, if it is not yet; raise where this output is not verified."""
        checked = self.parent.books.checked(self.root, self.chapter, self.session)
        verdicts = _about(self.claim, checked)
        failed = [verdict for verdict in verdicts if verdict.kind.failed]
        if failed:
            raise _Failed(checked, failed)
        if any(verdict.kind is Kind.VERIFIED for verdict in verdicts):
            self.user_properties.append(VERIFIED)
        elif verdicts:
            self.user_properties.append(UNVERIFIED)
            told = "; ".join(parted(verdict, words())[1] for verdict in verdicts)
            raise pytest.skip.Exception(f"{REASON}{told}", _use_item_location=True)
        elif self.claim:
            told = f"bookproof has judged neither this nor its cell: {self.chapter}"
            raise RuntimeError(words()(f"{told}:{self.claim.line}"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the message that the command prints."""
        error = excinfo.value
        if isinstance(error, _Failed):
            return _Told(str(error), str(self.path), error.line, error.brief)
        if isinstance(error, (OSError, ValueError)):
            told = words()(f"bookproof: {error}")
            return _Told(told, str(self.path), 1, told.removeprefix("bookproof: "))
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where this is, the line from 0."""
        return self.path, (self.claim.line if self.claim else 1) - 1, self.name


class _Failed(Exception):
    def __init__(self, checked: Checked, verdicts: list[Verdict]):
        self.verdicts = verdicts
        first, name = verdicts[0], checked.chapter.name
        self.line, self.brief = first.place, words()(f"{first.kind}: {first.message}")
        part = dataclasses.replace(checked, verdicts=tuple(verdicts))
        super().__init__(Report((part,)).failures(words()) or f"{name}:{self.line}: {self.brief}")


@dataclasses.dataclass(eq=False)
class _Told(TerminalRepr):
    """A message as pytest shows it, whole and in its last lines."""

    text: str
    path: str
    line: int
    brief: str

    @property
    def reprcrash(self) -> ReprFileLocation:
        return ReprFileLocation(self.path, self.line, self.brief)

    def toterminal(self, tw: TerminalWriter) -> None:
        tw.line(self.text)


def _about(claim: Block | Value | None, checked: Checked) -> list[Verdict]:
    """Return the verdicts on a claim, without one those on none.

    A claim that nobody judged has the failures of its cell, or of its line.
    """
    own = [v for v in checked.verdicts if (v.block or v.value) == claim]
    if own or claim is None:
        return own
    cells = {cell.line for cell in checked.chapter.cells if claim in cell.blocks}
    return [
        verdict
        for verdict in checked.verdicts
        if verdict.kind.failed
        and not (verdict.block or verdict.value)
        and (verdict.cell in cells or verdict.line == claim.line)
    ]


def _named(claim: Block | Value) -> str:
    """Return a name of a claim: what it is, and its first words."""
    if isinstance(claim, Value):
        kind, text = claim.directive, f"{claim.text} {claim.target}"
    else:
        kind, text = claim.directive, claim.body if claim.directive == "expect" else claim.reason
        if claim.directive == "expect":
            kind += f" {claim.argument}" if claim.argument else ""
    words = re.findall(r"[\w.+-]+", kind) + re.findall(r"[\w.+-]+", text)[:_WORDS]
    return "-".join(words)[:_LONGEST].rstrip("-")
