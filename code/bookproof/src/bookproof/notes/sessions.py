"""Read interpreter sessions: prompts, the code behind them, and the output below."""

from __future__ import annotations

import ast
import re
from itertools import takewhile

from bookproof.notes import conventions as how
from bookproof.notes.claims import moved, read_code
from bookproof.notes.code import Found
from bookproof.notes.comments import bare, comments, is_comment
from bookproof.notes.note import Claim, Statement
from bookproof.notes.prints import strings
from bookproof.notes.prompts import (
    MORE,
    PROMPT,
    end_of_plain,
    goes_on,
    is_commented,
    is_unfinished,
)
from bookproof.notes.remarks import without_comments
from bookproof.notes.statements import Piece, pieces, print_lines
from bookproof.notes.values import reads_as_value

_BARE = re.compile(r"(?P<indent>)(?P<prompt>)(?P<code>.*)")
_OUT = re.compile(r"\s*Out\s*\[\s*\d*\s*\]\s*:[ ]?")


class Session:
    """Read the lines of a session; `first` is the line of the file on which they begin."""

    def __init__(self, text: str, first: int, known: list[str]):
        self.lines = text.rstrip("\n").split("\n")
        self.first = first
        self.known = known
        self.found = Found()
        self._nodes: list[ast.stmt | None] = []
        self._commented = is_commented(self.lines)

    def read(self) -> Found:
        """Return the statements and claims of the session."""
        place = 0
        while place < len(self.lines):
            end = self._plain(place)
            found = self._begins(place)
            if end > place:
                self._read_plain(place, end)
                place = end
            else:
                place = self._prompt(place, found) if found else place + 1
        return self.found

    def _plain(self, place: int) -> int:
        """Return where code without prompts ends that begins at a line, that line where none."""
        return place if self._commented else end_of_plain(self.lines, place)

    def _read_plain(self, place: int, end: int) -> None:
        """Add what is found in lines without prompts, which are read as any code."""
        found = read_code("\n".join(self.lines[place:end]), self.first + place, self.known)
        shift = len(self.found.statements)
        self.found.statements += found.statements
        self._nodes += [None] * len(found.statements)
        self.found.claims += [moved(claim, shift) for claim in found.claims]
        self.found.above += [moved(claim, shift) for claim in found.above]

    def _begins(self, place: int) -> re.Match | None:
        """Return the prompt of a line, or of code without one where outputs are comments."""
        line = self.lines[place]
        found = PROMPT.match(line)
        if found or not line.strip() or is_comment(line):
            return found
        return _BARE.match(line) if self._commented else None

    def _prompt(self, place: int, found: re.Match) -> int:
        code, end = self._code(place, found)
        number = self._statements(code, place)
        last = end
        while last < len(self.lines) and not (self._begins(last) or self._plain(last) > last):
            last += 1
        if number is not None and (found["prompt"] or self._commented):
            self._output(end, last, place, number)
        return last

    def _code(self, place: int, found: re.Match) -> tuple[list[str], int]:
        """Return the code behind a prompt, and the line behind it."""
        code = [found["code"].lstrip()]
        end = place + 1
        while end < len(self.lines):
            line = _continued(found, code, self.lines[end])
            if line is None and self.lines[end].strip() == ">>>":  # within a function
                below = "".join(self.lines[end + 1 : end + 2])
                line = None if _continued(found, code, below) is None else ""
            if line is None:
                break
            code.append(line)
            end += 1
        return code, end

    def _statements(self, code: list[str], place: int) -> int | None:
        """Add the statements of a prompt; return the index of the last, None where none is."""
        source = "\n".join(code)
        found = pieces(source)
        broken = not found and any(line.strip() and not is_comment(line) for line in code)
        if broken:
            found = [Piece(0, len(code) - 1, source, None)]
        for piece in found:
            self.known += strings(piece.node)
            self._nodes.append(piece.node)
            first, last = self.first + place + piece.first, self.first + place + piece.last
            shows = isinstance(piece.node, ast.Expr)
            self.found.statements.append(Statement(first, last, piece.source, shows))
        return len(self.found.statements) - 1 if found else None

    def _output(self, first: int, last: int, place: int, number: int) -> None:
        lines = self.lines[first:last]
        if self._commented and self._below(first, lines, number):
            return
        while lines and (not lines[0].strip() or is_comment(lines[0])):
            del lines[0]
            first += 1
        if not lines:
            self._comment(place, number)
            return
        end = 1
        while end < len(lines) and not self._ends(lines, end):
            end += 1
        lines = lines[:end]
        while not lines[-1].strip() or is_comment(lines[-1]):
            del lines[-1]
        out = _OUT.match(lines[0])
        if out:
            lines[0] = lines[0][out.end() :]
            if not lines[0].strip() and len(lines) > 1:
                del lines[0]
                first += 1
        indent = min(
            [len(self.lines[place]) - len(self.lines[place].lstrip())]
            + [len(line) - len(line.lstrip()) for line in lines if line.strip()]
        )
        claimed = "\n".join(line[indent:] for line in lines)
        claimed = without_comments(claimed, self.known)
        statement = self.found.statements[number]
        printing = print_lines(self._nodes[number])
        about = statement.line + (printing[-1] - 1 if printing and not statement.shows else 0)
        self._add(first, first + len(lines) - 1, about, number, claimed)

    def _below(self, first: int, lines: list[str], number: int) -> bool:
        """Claim what the comments right below a prompt give; tell whether they give something."""
        found = list(takewhile(is_comment, lines))
        convention, text = how.unlabel("\n".join(map(bare, found)))
        printing = print_lines(self._nodes[number])
        statement = self.found.statements[number]
        shown = reads_as_value(text, loose=True) and (statement.shows or convention)
        if not found or not (shown or printing):
            return False
        about = statement.line + (printing[-1] - 1 if printing and not statement.shows else 0)
        last = first + len(found) - 1
        self._add(first, last, about, number, text, convention or how.BELOW)
        return True

    def _add(
        self,
        first: int,
        last: int,
        about: int,
        number: int,
        claimed: str,
        convention: str = how.SESSION,
    ) -> None:
        lines = self.first + first, self.first + last
        claim = Claim(*lines, about, number, convention, claimed, None, number)
        self.found.claims.append(claim)

    def _ends(self, lines: list[str], end: int) -> bool:
        """Tell whether an output ends before a line: at a blank one, unless it is within."""
        line = lines[end]
        if re.match(r"\s*(?:#|\$ )", line):
            return True
        if line.strip() or _OUT.match("\n".join(lines[end + 1 :]).lstrip("\n")):
            return False
        text = "\n".join(lines[:end])
        signs = [text.count(sign) for sign in "([{)]}"]
        return sum(signs[:3]) <= sum(signs[3:])

    def _comment(self, place: int, number: int) -> None:
        """Claim what a comment behind the code of a prompt gives."""
        line = self._begins(place)["code"]
        statement = self.found.statements[number]
        found = [c for c in comments([line], 0, 0) if c.trails]
        if not found or not (statement.shows or "=" in statement.source):
            return
        convention, rest = how.unlabel(bare(found[0].text).strip())
        rest = how.about(rest.strip())[1]
        if reads_as_value(rest, loose=True) and statement.shows:
            claim = Claim(
                *(self.first + place,) * 3, number, convention or how.TRAILING, rest, None, number
            )
            self.found.claims.append(claim)


def _continued(found: re.Match, code: list[str], line: str) -> str | None:
    """Return the code of a line that goes on with that behind a prompt, None where it does not."""
    more, prompt = MORE.match(line), PROMPT.match(line)
    blanks = len(found["code"]) - len(found["code"].lstrip())  # that all have behind prompts
    if more:
        return _less(more["code"] if more["code"] is not None else more["rest"] or "", blanks)
    if prompt:
        text = _less(prompt["code"], blanks)
        again = found["prompt"] == prompt["prompt"] == ">>>"
        return text if again and goes_on(code, text) else None
    text = line[len(found["indent"]) :]
    return text if is_unfinished(code, text) else None


def _less(line: str, most: int) -> str:
    """Return a line without its first blanks, or without so many of them."""
    return line[min(most, len(line) - len(line.lstrip())) :]
