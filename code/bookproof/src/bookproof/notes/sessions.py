"""Read interpreter sessions: prompts, the code behind them, and the output below."""

from __future__ import annotations

import ast
import re
from itertools import pairwise, takewhile

from bookproof.notes import conventions as how
from bookproof.notes.code import Found
from bookproof.notes.comments import bare, comments, is_comment
from bookproof.notes.note import Claim, Statement
from bookproof.notes.prints import strings
from bookproof.notes.statements import Piece, parse, pieces, print_lines
from bookproof.notes.values import reads_as_value

_PROMPT = re.compile(r"(?P<indent>\s*)(?P<prompt>>>>|In\s*\[\s*\d*\s*\]\s*:)[ ]?(?P<code>.*)")
_MORE = re.compile(r"\s*\.\.\.(?:[ ]|:[ ]?|$)(?P<code>.*)|\s*\.{3,}:[ ]?(?P<rest>.*)")
_BARE = re.compile(r"(?P<indent>)(?P<prompt>)(?P<code>.*)")
_OUT = re.compile(r"\s*Out\s*\[\s*\d*\s*\]\s*:[ ]?")

_DOING = (ast.Assign, ast.AugAssign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
"""Statements that no output looks like."""


def is_session(text: str) -> bool:
    r"""Tell whether a text is a session, and not code with prompts before what it gives.

    >>> is_session(">>> 1 + 1\n2"), is_session("add(1, 1)\n>>>2")
    (True, False)
    """
    lines = text.split("\n")
    prompts = [number for number, line in enumerate(lines) if _PROMPT.match(line)]
    if not prompts:
        return False
    if "In" in _PROMPT.match(lines[prompts[0]])["prompt"]:
        return True
    before = [piece for piece in pieces("\n".join(lines[: prompts[0]])) if piece.node]
    marks = all(reads_as_value(_first_value(lines, number), loose=True) for number in prompts)
    return not (before and marks)


def _first_value(lines: list[str], number: int) -> str:
    """Return what stands behind a prompt, to where its brackets close."""
    text = _PROMPT.match(lines[number])["code"]
    for line in lines[number + 1 :]:
        if text.count("(") + text.count("[") <= text.count(")") + text.count("]"):
            break
        text += "\n" + line
    return text


class Session:
    """Read the lines of a session; `first` is the line of the file on which they begin."""

    def __init__(self, text: str, first: int, known: list[str]):
        self.lines = text.rstrip("\n").split("\n")
        self.first = first
        self.known = known
        self.found = Found()
        self._nodes: list[ast.stmt | None] = []
        self._commented = _is_commented(self.lines)

    def read(self) -> Found:
        """Return the statements and claims of the session."""
        place = 0
        while place < len(self.lines):
            found = self._begins(place)
            place = self._prompt(place, found) if found else place + 1
        return self.found

    def _begins(self, place: int) -> re.Match | None:
        """Return the prompt of a line, or of code without one where outputs are comments."""
        line = self.lines[place]
        found = _PROMPT.match(line)
        if found or not line.strip() or is_comment(line):
            return found
        return _BARE.match(line) if self._commented or self._is_put(place) else None

    def _is_put(self, place: int) -> bool:
        """Tell whether a line without a prompt is code: at the start, or below a blank line."""
        above = self.lines[:place]
        begins = not any(_PROMPT.match(line) for line in above)
        if not begins and above[-1].strip():
            return False
        found = pieces("\n".join(takewhile(lambda x: not _PROMPT.match(x), self.lines[place:])))
        node = found[0].node if found and found[0].first == 0 else None
        called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        return isinstance(node, _DOING) or (begins and called)

    def _prompt(self, place: int, found: re.Match) -> int:
        code, end = self._code(place, found)
        number = self._statements(code, place)
        last = end
        while last < len(self.lines) and not self._begins(last):
            last += 1
        if number is not None and (found["prompt"] or self._commented):
            self._output(end, last, place, number)
        return last

    def _code(self, place: int, found: re.Match) -> tuple[list[str], int]:
        """Return the code behind a prompt, and the line behind it."""
        code = [found["code"]]
        indent = len(found["indent"])
        end = place + 1
        while end < len(self.lines):
            line = self.lines[end]
            more = _MORE.match(line)
            if more:
                code.append(more["code"] if more["code"] is not None else more["rest"] or "")
            elif _PROMPT.match(line) or not _is_unfinished(code, line[indent:]):
                break
            else:
                code.append(line[indent:])
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
        lines = first, first + len(found) - 1
        self._add(*lines, about, number, text, convention or how.BELOW)
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


def _is_commented(lines: list[str]) -> bool:
    """Tell whether a session has its outputs in comments: one right below a prompt, no other."""
    found = False
    for above, line in pairwise(lines):
        if (_PROMPT.match(above) or _MORE.match(above)) and line.strip():
            found |= is_comment(line)
            if not (is_comment(line) or _PROMPT.match(line) or _MORE.match(line)):
                return False
    return found


def _is_unfinished(code: list[str], line: str) -> bool:
    """Tell whether the code behind a prompt goes on in a line that has no prompt."""
    source = "\n".join(code)
    try:
        parse(source)
    except SyntaxError as error:
        message = str(error)
        if "was never closed" in message or "triple-quoted" in message or "EOF" in message:
            return True
        return "indented block" in message or source.lstrip().startswith("@")
    opened = source.rstrip().split("\n")[0].split("#")[0].rstrip().endswith(":")
    goes_on = re.match(r"\s+\S|(?:else|elif|except|finally)\b", line)
    return opened and bool(goes_on)
