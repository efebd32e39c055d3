"""Propose blocks for what a cell gives and no block speaks of: only what lasts."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, zip_longest

from bookproof.authoring.body import Body, bodies
from bookproof.authoring.trial import Trial, read_back
from bookproof.judging.dates import has_moment
from bookproof.judging.filters import FILTERS
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.block import parse
from bookproof.reading.chapter import Cell

DIFFERS = "differs from run to run"
SHOWS = "shows {}"
HOLDS = "holds {}, which no block can hold"
OPAQUE = "shown as something that cannot be compared as text"

PROPOSABLE = (Kind.MISSING, Kind.STDERR, Kind.FIGURE_EMPTY, Kind.GLYPH_MISSING)
"""What a new block may mend."""

_DIFFERENCE = 8  # lines of it that are told
_WIDTH = 120
_COSTLY = 100_000  # characters from which on filters are tried one by one only


@dataclass(frozen=True)
class Proposal:
    """The lines of new blocks under a cell, and what an author should know of them."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Part:
    """A block for a part of an output, no lines where nothing of it lasts; and why it is so."""

    lines: list[str]
    reason: str = ""
    left_out: str = ""
    difference: tuple[str, ...] = ()

    def notes(self) -> list[str]:
        if not self.reason and not self.left_out:
            return []
        head = self.lines[0].lstrip("`") if self.lines else "{unverified}"
        why = ", ".join(filter(None, [self.reason, self.left_out]))
        return ["\n".join([f"proposed as {head}: {why}", *self.difference])]


class Proposer:
    """Propose blocks for the cells of a chapter.

    The last run of the trial is the imagined one, `elsewhere` tells by cell what is other in it;
    `say` puts a reason into the language of the book.
    """

    def __init__(
        self,
        trial: Trial,
        elsewhere: Sequence[frozenset[str]],
        say: Callable[[str], str] = str,
    ):
        self._trial = trial
        self._elsewhere = elsewhere
        self._say = say

    def propose(self, cell: Cell) -> Proposal:
        """Return blocks for all that a cell gives and no block speaks of.

        What does not last is proposed as unverified, with the reason.
        """
        failures = self._open(cell, [])
        if not any(v.kind in PROPOSABLE for v in failures):
            return Proposal()
        parts = [self._part(cell, words) for words in self._words(cell, failures)]
        lines = [line for part in parts for line in part.lines]
        notes = [note for part in parts for note in part.notes()]
        left = self._open(cell, lines)
        if not left:
            return Proposal(lines, notes)
        reasons = [part.reason for part in parts if not part.lines]
        if not reasons:
            reasons = [OPAQUE if left[0].kind is Kind.MISSING else str(left[0].kind)]
            notes.append(f"proposed as {{unverified}}: {reasons[0]}")
        said = "; ".join(dict.fromkeys(map(self._say, reasons)))
        waived = [*lines, f"```{{unverified}} {said}", "```"]
        if any(block.directive == "unverified" for block in cell.blocks):
            return Proposal(lines, [f"nothing is proposed: {left[0].message}"])
        if still := self._open(cell, waived):
            said = f"nothing is proposed: {'; '.join(reasons)}; {still[0].message}"
            return Proposal(lines, [*(note for p in parts if p.lines for note in p.notes()), said])
        return Proposal(waived, notes)

    def why_not(self, cell: Cell, words: str) -> tuple[str, tuple[str, ...]]:
        """Return why a part of a cell's output does not last, and the difference."""
        texts = self._trial.given(cell, words)
        other = next((text for text in texts if text != texts[0]), None)
        if other is None:
            return HOLDS.format(_unheld(texts[0])), ()
        reason = DIFFERS
        if len(set(texts[:-1])) == 1:
            reason = SHOWS.format(" and ".join(sorted(self._elsewhere[cell.index])))
        return reason, _difference(texts[0], other)

    def _open(self, cell: Cell, lines: Sequence[str]) -> list[Verdict]:
        """Return what fails in any run, but for the blocks that the cell has already."""
        blocks = read_back(lines) if lines else ()
        return [v for v in self._trial.failures(cell, blocks) if v.block not in cell.blocks]

    def _words(self, cell: Cell, failures: list[Verdict]) -> Iterator[str]:
        """Yield the words for each part of a cell's output that no block speaks of."""
        covered = {parse(b.argument).part for b in cell.blocks if b.directive == "expect"}
        candidates = []
        if not any(block.directive == "unverified" for block in cell.blocks):
            candidates = [("figure", "figure"), ("error", "error")]
            streams = [("stdout", "stream=stdout"), ("result", "stream=result")]
            if covered.isdisjoint({"text", "stdout", "result"}):
                streams = [("text", "")]
            candidates = [*(streams if "text" not in covered else []), *candidates]
        if any(verdict.kind is Kind.STDERR for verdict in failures):
            candidates.append(("stderr", "stream=stderr"))
        for part, words in candidates:
            if part not in covered and self._trial.given(cell, words)[0]:
                yield words

    def _part(self, cell: Cell, words: str) -> _Part:
        texts = self._trial.given(cell, words)
        whole = [Body((), texts[0].split("\n"))]
        ways = whole if words in ("figure", "error") else list(bodies(texts[0], cell.source))
        for names in self._filters(texts):
            for body in ways:
                norm = [f"norm={','.join(names)}"] if names else []
                lines = fenced([*filter(None, [words]), *body.words, *norm], body.lines)
                if self._trial.lasts(cell, lines):
                    why = self.why_not(cell, words) if names else ("", ())
                    return _Part(lines, why[0], body.left_out, why[1])
        reason, difference = self.why_not(cell, words)
        return _Part([], reason, "", difference)

    def _filters(self, texts: list[str]) -> Iterator[tuple[str, ...]]:
        """Yield the filters to try: none, each one, each two, all."""
        yield ()
        if len(set(texts)) == 1:  # nothing is to be evened out
            return
        names = list(dict.fromkeys([*FILTERS, *self._trial.chapter.settings.filters]))
        if any(map(has_moment, _changing(texts))):
            names.remove("id")  # it evens out any such number, and says that it is one of id()
        yield from ((name,) for name in names)
        if len(texts[0]) < _COSTLY:
            yield from combinations(names, 2)
            yield tuple(names)


def fenced(words: list[str], body: list[str]) -> list[str]:
    """Return the lines of an `{expect}` block, in a fence that no line of its body closes."""
    fence = "`" * max(3, 1 + max(fence_in("`", line) for line in body))
    return [" ".join([f"{fence}{{expect}}", *words]), *body, fence]


def fence_in(mark: str, line: str) -> int:
    """Return how many marks a line begins with, after blanks."""
    stripped = line.lstrip()
    return len(stripped) - len(stripped.lstrip(mark))


def _unheld(text: str) -> str:
    """Return the name of the first character of a text that no block can hold."""
    for character in dict.fromkeys(text.replace("\n", "")):
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            blocks = read_back(["```{expect}", f"a{character}b", "```"])
            if [block.body for block in blocks] != [f"a{character}b\n"]:
                return f"U+{ord(character):04X}"
    return "what a terminal would swallow"


def _changing(texts: list[str]) -> set[str]:
    """Return the lines that not all of the texts have."""
    lines = [set(text.split("\n")) for text in texts]
    return set().union(*lines).difference(lines[0].intersection(*lines))


def _difference(text: str, other: str) -> tuple[str, ...]:
    """Return where two texts first differ: the lines of the first with a minus."""
    lines, others = text.split("\n"), other.split("\n")
    pairs = enumerate(zip_longest(lines, others))
    start = next(index for index, (line, another) in pairs if line != another)
    one, other_one = (part[start : start + _DIFFERENCE] for part in (lines, others))
    found = difflib.unified_diff(one, other_one, lineterm="", n=0)
    told = [line for line in list(found)[2:] if not line.startswith("@@")]
    return tuple(f"    {line[:_WIDTH]}" for line in told[:_DIFFERENCE])
