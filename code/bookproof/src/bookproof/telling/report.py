"""Report what became of a book's outputs, to people and to CI."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.etree import ElementTree

from bookproof.judging import match
from bookproof.judging.invisible import reveal
from bookproof.judging.values import INSERTED
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.chapter import Chapter
from bookproof.telling import verification
from bookproof.telling.language import Words
from bookproof.telling.verification import Checked

_DIFF_LINES = 40
_NAMED = 5


@dataclass(frozen=True)
class Report:
    """The outcome of a check; `chapters` are in the order of the book.

    `notes` are what should be known besides the verdicts.
    """

    chapters: tuple[Checked, ...]
    notes: tuple[str, ...] = ()

    @property
    def green(self) -> bool:
        """Tell whether nothing failed."""
        return not any(verdict.kind.failed for _, verdict in self)

    @property
    def totals(self) -> dict[str, int]:
        """Return how many chapters there are, and how many outputs with which outcome."""
        kinds = [verdict.kind for _, verdict in self]
        frozen = sum(checked.run.frozen is not None for checked in self.chapters)
        return verification.totals(len(self.chapters), kinds, frozen)

    def __iter__(self) -> Iterator[tuple[Chapter, Verdict]]:
        """Yield every verdict with its chapter."""
        for checked in self.chapters:
            for verdict in checked.verdicts:
                yield checked.chapter, verdict

    def as_json(self) -> str:
        """Return verification.json: sorted, without times and absolute paths."""
        return self._json

    @functools.cached_property
    def _json(self) -> str:
        return verification.dump(self.chapters)

    def summary(self) -> str:
        """Return one line that says how many outputs were verified."""
        return verification.summarise(self.totals)

    def failures(self, words: Words = str) -> str:
        """Return every failure, its place first, the way a compiler shows errors."""
        shown = [_show(*pair, words) for pair in self if pair[1].kind.failed]
        shown = [text for text in shown if text]
        for checked in self.chapters:
            idle = [v for v in checked.verdicts if v.kind is Kind.NOT_RUN and not v.value]
            if idle:
                count = f"{len(idle)} cell{'s'[: len(idle) > 1]}"
                place = f"{checked.chapter.name}:{idle[0].line}"
                shown.append(words(f"{place}: {count} {idle[0].message}"))
        stale = [(c.name, v) for c, v in self if v.kind is Kind.MISMATCH and v.actual]
        by_hand = [(name, v) for name, v in stale if v.how and v.how.shape == "contains"]
        # One block that it cannot rewrite, or a cell that fails: `accept` leaves a chapter alone.
        left = {checked.chapter.name for checked in self.chapters if checked.run.failure}
        acceptable = {name for name, _ in stale} - {name for name, _ in by_hand} - left
        if acceptable:
            names = " ".join(sorted(acceptable))
            shown.append(words(f"If the new output is right: bookproof accept {names}"))
        bare = {c.name for c, v in self if v.kind is Kind.MISSING and not v.block} - left
        if bare:
            names = "" if len(bare) > _NAMED else f" {' '.join(sorted(bare))}"
            told = "To have blocks written for what has none, and read them"
            shown.append(words(f"{told}: bookproof accept --all{names}"))
        if by_hand:
            places = ", ".join(f"{name}:{v.place}" for name, v in by_hand)
            why = "because only you know which part of the output matters"
            shown.append(words(f"To be edited by hand, {why}: {places}"))
        return "\n\n".join(shown)

    def annotations(self, folder: str = "", words: Words = str) -> str:
        """Return the failures as GitHub workflow commands, one a line.

        `folder` is the book's within its repository: GitHub names files from the top of that.
        """
        return "\n".join(
            f"::error file={_escaped(str(PurePosixPath(folder, chapter.name)), ',:')},"
            f"line={verdict.place},{_column(chapter, verdict)}"
            f"title={_escaped(kind, ',:')}::{_escaped(message)}"
            for chapter, verdict in self
            if verdict.kind.failed
            for kind, message in [parted(verdict, words)]
        )

    def as_junit(self) -> str:
        """Return the verdicts as JUnit XML: a suite for each chapter, a case for each verdict."""
        root = ElementTree.Element("testsuites", name="bookproof")
        for checked in self.chapters:
            verdicts = checked.verdicts
            suite = ElementTree.SubElement(
                root,
                "testsuite",
                name=checked.chapter.name,
                tests=str(len(verdicts)),
                failures=str(sum(v.kind.failed for v in verdicts)),
                skipped=str(sum(v.kind is Kind.UNVERIFIED for v in verdicts)),
            )
            for verdict in verdicts:
                case = ElementTree.SubElement(
                    suite,
                    "testcase",
                    classname=checked.chapter.name,
                    name=f"line {_place(verdict)}",
                    file=checked.chapter.name,
                    line=str(verdict.place),
                )
                if verdict.kind is Kind.UNVERIFIED:
                    ElementTree.SubElement(case, "skipped", message=_printable(verdict.message))
                elif verdict.kind.failed:
                    failure = ElementTree.SubElement(
                        case,
                        "failure",
                        type=str(verdict.kind),
                        message=_printable(verdict.message),
                    )
                    failure.text = _printable(_show(checked.chapter, verdict))
        ElementTree.indent(root)
        return ElementTree.tostring(root, "unicode", xml_declaration=True) + "\n"


def parted(verdict: Verdict, words: Words) -> tuple[str, str]:
    """Return the kind and the message of a verdict in a language; an author's reason is his own."""
    kind, message = words(verdict.kind), verdict.message
    if verdict.kind.failed or message == INSERTED:
        told = words(f"{verdict.kind}: {message}").removeprefix(kind)
        message = told.removeprefix(": ").removeprefix("：")
    return kind, message


def _show(chapter: Chapter, verdict: Verdict, words: Words = str) -> str:
    """Return a failure as text; cells that did not run are told together, elsewhere."""
    if verdict.kind is Kind.NOT_RUN:
        return ""
    place = _place(verdict) if verdict.value else verdict.place
    lines = [words(f"{chapter.name}:{place}: {verdict.kind}: {verdict.message}")]
    if verdict.value:
        return lines[0]
    if verdict.expected is not None:
        agreed = match.agree(verdict.expected, verdict.actual, verdict.how or match.EXACT)
        wanted, given = reveal(agreed, verdict.actual)
        diff = difflib.unified_diff(
            wanted.split("\n"),
            given.split("\n"),
            words(f"expected ({verdict.mode}, line {verdict.block.line})"),
            words(f"actual (cell at line {verdict.cell})"),
            lineterm="",
        )
        lines += _capped([f"    {line}" for line in diff], words)
    elif verdict.actual:
        lines += _capped([f"    {line}" for line in verdict.actual.split("\n")], words)
    return "\n".join(lines)


def _place(verdict: Verdict) -> str:
    """Return the line of a verdict, of one on a value in the text also its column."""
    return f"{verdict.line}:{verdict.value.column}" if verdict.value else str(verdict.place)


def _column(chapter: Chapter, verdict: Verdict) -> str:
    """Return the column of a value, and of a difference where a line of the file is one of text."""
    if verdict.value:
        return f"col={verdict.value.column},"
    if verdict.difference is None or chapter.path.suffix != ".md":
        return ""
    texts = verdict.expected, verdict.actual
    return f"col={match.written_column(*texts, verdict.difference, verdict.how)},"


def _capped(lines: list[str], words: Words) -> list[str]:
    if len(lines) <= _DIFF_LINES:
        return lines
    return [*lines[:_DIFF_LINES], words(f"    … and {len(lines) - _DIFF_LINES} more lines")]


def _escaped(text: str, more: str = "") -> str:
    """Escape a text for a GitHub workflow command."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _printable(text: str) -> str:
    """Drop the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


_NOT_XML = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
