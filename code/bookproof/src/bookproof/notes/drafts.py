"""Make cells of a fence: cut where an output is claimed, and apart what does not run."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bookproof.notes import conventions as how
from bookproof.notes.findings import Finding, Ran, Verdict
from bookproof.notes.instrument import is_inner
from bookproof.notes.names import Stale
from bookproof.notes.note import Claim, Fence
from bookproof.notes.values import reads_as_error

HOLDS = (Verdict.TRUE, Verdict.DIGITS, Verdict.STYLE)


@dataclass
class Cell:
    """A cell to be: its code, the findings on what it gives, and its blocks once they are known.

    `line` is the line of the note on which it begins, `skipped` the reason why it does not run,
    `fails` says that it raises an error on purpose.
    """

    line: int
    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    skipped: str = ""
    fails: bool = False
    given: bool = False
    """It holds what a chapter needs from elsewhere."""
    blocks: list[str] = field(default_factory=list)

    @property
    def source(self) -> str:
        """Return its code."""
        return "\n".join(self.lines).strip("\n")

    def fenced(self) -> list[str]:
        """Return its lines in a chapter, without its blocks."""
        tags = ["skip-execution"] if self.skipped else ["raises-exception"] if self.fails else []
        tags += ["hide-input"] if self.given else []
        options = [f":tags: [{', '.join(tags)}]", ""] if tags else []
        return fenced("{code-cell} python", [*options, *self.source.split("\n")])


def fenced(info: str, body: Sequence[str]) -> list[str]:
    """Return lines in a fence that none of them closes."""
    marks = [len(mark) for line in body for mark in re.findall(r"^\s*(`{3,})", line)]
    fence = "`" * max([3, *(mark + 1 for mark in marks)])
    return [f"{fence}{info}", *body, fence]


class Follow:
    """Follow the statements of a note, to know which of them cannot run."""

    def __init__(self):
        self._stale = Stale()

    def why_not(self, fence: Fence, ran: Sequence[Ran], findings: Sequence[Finding]) -> list[str]:
        """Return for each statement of a fence why it does not run, empty where it does.

        Like a notebook, a fence ends at what fails, but where more of it holds what is claimed.
        """
        whys: list[str] = []
        for number, statement in enumerate(fence.statements):
            one = ran[number] if number < len(ran) else Ran()
            claimed = [f for f in findings if f.claim.statement == number]
            meant = bool(one.failure) and any(
                f.verdict is Verdict.FALSE or reads_as_error(f.claim.claimed) for f in claimed
            )
            why = "" if meant else one.failure or self._stale.of(statement)
            if not one.ran and not why:
                why = "it was never reached"
            told = next((f.why for f in claimed if f.verdict is Verdict.NOT_RUN and f.why), "")
            whys.append((told or why) if why else "")
            self._stale.follow(statement, "" if meant else one.failure, meant)
        first = next((number for number, why in enumerate(whys) if why), None)
        if first is None or _is_session(fence):
            return whys
        last = max((f.claim.statement or 0 for f in findings if f.verdict in HOLDS), default=-1)
        if last < first:
            start = 0 if any(s.source.strip() == "..." for s in fence.statements) else first
            return ["" if n < start else whys[first] for n in range(len(whys))]
        return [why or (whys[first] if n > last else "") for n, why in enumerate(whys)]


def cells(
    fence: Fence, findings: Sequence[Finding], whys: Sequence[str], ran: Sequence[Ran]
) -> list[Cell]:
    """Return the cells of a fence.

    A cell ends below a statement whose output is claimed; in a session, below each that shows.
    """
    session = any(f.claim.convention == how.SESSION for f in findings) or _is_session(fence)
    # What is claimed of lines within a statement stays where it is.
    outer = [f for f in findings if f.claim.statement is not None and not _inner(f, fence)]
    made: list[Cell] = []
    place = fence.line
    # What a session gave by chance is of no use beside what it gives now; else it is a comment.
    chance = [f.claim for f in outer if session and f.verdict is Verdict.RANDOM]
    gone = _lines_of([f.claim for f in outer if becomes_block(f)] + chance)
    for number, statement in enumerate(fence.statements):
        why = whys[number]
        claimed = [] if why else [f for f in outer if f.claim.statement == number]
        above = _comments(fence, range(place + 1, statement.line), gone)
        if not made or bool(made[-1].skipped) != bool(why):
            made.append(Cell(statement.line, skipped=why))
        cell = made[-1]
        cell.lines += [*above, *_code(statement, [f for f in claimed if becomes_block(f)])]
        cell.findings += claimed
        place = statement.end
        expression = next((f.claim.expression for f in claimed if f.claim.expression), None)
        if expression and any(becomes_block(f) for f in claimed):
            cell.lines.append(expression)
        shows = session and statement.shows and not why
        fails = number < len(ran) and bool(ran[number].failure) and not why
        if fails:
            cell.fails = True
        last = number == len(fence.statements) - 1
        if (claimed or shows or fails) and not last:
            following = whys[number + 1]
            made.append(Cell(fence.statements[number + 1].line, skipped=following))
    rest = _comments(fence, range(place + 1, fence.end), gone)
    if made:
        made[-1].lines += rest
    return [cell for cell in made if cell.source]


def foreign(fence: Fence, findings: Sequence[Finding]) -> list[int]:
    """Return the lines of a fence that are in no statement and no claim, and are no comments."""
    taken = {n for s in fence.statements for n in range(s.line, s.end + 1)}
    taken |= _lines_of([f.claim for f in findings])
    found = []
    for number, text in _numbered(fence):
        if text.strip() and number not in taken and not text.lstrip().startswith("#"):
            found.append(number)
    return found


def _numbered(fence: Fence) -> list[tuple[int, str]]:
    lines = fence.text.rstrip("\n").split("\n")
    first = fence.line + (fence.end - fence.line + 1 > len(lines))
    return list(enumerate(lines, first))


def _comments(fence: Fence, wanted: range, gone: set[int]) -> list[str]:
    """Return what stands between statements: comments, and what is no Python as comments."""
    inside = dict(_numbered(fence))
    kept = []
    for number in wanted:
        text = inside.get(number)
        if text is None or number in gone or (number + 1 in gone and how.is_label(text)):
            continue
        plain = text.strip()
        kept.append(plain if not plain or plain.startswith("#") else f"# {plain}")
    while kept and not kept[-1] and not wanted:
        kept.pop()
    return kept


def becomes_block(finding: Finding) -> bool:
    """Tell whether a claim is written as a block: what holds, and what is false."""
    return finding.verdict in (*HOLDS, Verdict.FALSE)


def _inner(finding: Finding, fence: Fence) -> bool:
    return is_inner(finding.claim, fence.statements[finding.claim.statement])


def _lines_of(claims: Sequence[Claim]) -> set[int]:
    return {n for claim in claims for n in range(claim.line, claim.end + 1)}


def _code(statement, claimed: Sequence[Finding]) -> list[str]:
    """Return the lines of a statement without the comments that became blocks."""
    lines = statement.source.split("\n")
    for finding in claimed:
        row = finding.claim.line - statement.line
        if 0 <= row < len(lines):
            lines[row] = _without_comment(lines, row, finding.claim.claimed)
    return lines


def _without_comment(lines: list[str], row: int, claimed: str) -> str:
    """Return a line without its comment, where that says no more than the claim."""
    column = _comment_at("\n".join(lines)).get(row)
    if column is None:
        return lines[row]
    said = how.unlabel(lines[row][column:].lstrip("#").strip())[1].strip()
    if re.sub(r"\s+", "", said) != re.sub(r"\s+", "", claimed.split("\n")[0]):
        return lines[row]
    return lines[row][:column].rstrip()


def _comment_at(source: str) -> Mapping[int, int]:
    """Return the columns at which comments begin, by 0-based line."""
    found: dict[int, int] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0] - 1] = token.start[1]
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def _is_session(fence: Fence) -> bool:
    return bool(re.search(r"^\s*(>>>|In\s*\[)", fence.text, re.MULTILINE)) and not any(
        claim.convention == how.MARK for claim in fence.claims
    )
