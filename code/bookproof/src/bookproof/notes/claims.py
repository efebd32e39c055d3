"""Find the outputs that are claimed within a fence of plain code: in comments, strings, lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bookproof.notes import conventions as how
from bookproof.notes.comments import bare, comments, is_comment
from bookproof.notes.note import Claim, Statement
from bookproof.notes.prints import could_print, is_known, strings
from bookproof.notes.statements import (
    Piece,
    is_compound,
    is_print,
    parse,
    pieces,
    print_lines,
    simple_statements,
    target,
)
from bookproof.notes.values import reads_as_error, reads_as_table, reads_as_value

_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_ASIDE = re.compile(
    r"(?P<value>.+?)\s*(?:[(（](?=[^\d\s)）])[^()（）]*[)）]|[，；。、,;]\s*[^\x00-\x7f].*|\s--?\s\D.*"
    r"|\s*:\s*shape\b.*)$"
)
_OPEN = re.compile(r"[\[({]")
_SHUT = re.compile(r"[\])}]")


@dataclass
class Found:
    """What was found in the lines of a fence; `foreign` are those that are no Python."""

    statements: list[Statement] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    foreign: list[int] = field(default_factory=list)


class Reader:
    """Read the lines of a fence; `first` is the line of the file on which they begin.

    `known` are the strings that the note's code has held so far; those of the fence are added.
    """

    def __init__(self, text: str, first: int, known: list[str]):
        self.lines = text.rstrip("\n").split("\n")
        self.first = first
        self.known = known
        self.found = Found()
        self.pieces = pieces("\n".join(self.lines))
        self._at = {}
        for piece in self.pieces:
            self._at.setdefault(piece.first, []).append(piece)
        self._bound: list[Piece] = []  # the piece of each statement
        self._since = 0

    def read(self) -> Found:
        """Return the statements and claims of the fence."""
        place = 0
        while place < len(self.lines):
            here = self._at.get(place)
            line = self.lines[place]
            if not line.strip():
                place += 1
            elif is_comment(line):
                place = self._group(place)
            elif here and here[0].is_text and self._bound:
                self._quoted(here[0])
                place = here[0].last + 1
            elif (end := self._region(place, here)) > place:
                place = end
            elif here:
                for piece in here:
                    self._statement(piece)
                place = self._comments_of(here[-1]) if here[-1].node else here[-1].last + 1
            else:
                self.found.foreign.append(place)
                place += 1
        return self.found

    def _statement(self, piece: Piece) -> None:
        self._bound.append(piece)
        self.found.statements.append(
            Statement(self.first + piece.first, self.first + piece.last, piece.source, piece.shows)
        )

    # What a claim is bound to.

    def above(self) -> int | None:
        """Return the last statement whose output or value can be claimed below it."""
        for number in range(len(self._bound) - 1, -1, -1):
            node = self._bound[number].node
            if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
                continue
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                return None
            return number
        return None

    def printed(self, number: int) -> int:
        """Return the last statement since the last claim that prints, else the given one."""
        if target(self._bound[number].node) is not None:
            for other in range(number, self._since - 1, -1):
                if print_lines(self._bound[other].node) or self._bound[other].shows:
                    return other
        return number

    def claim(
        self, first: int, last: int, number: int, convention: str, text: str, attribute: str = ""
    ) -> None:
        """Add a claim on some lines about a statement."""
        piece = self._bound[number]
        expression = target(piece.node)
        if expression and attribute:
            expression = f"({expression}).{attribute}"
        printing = print_lines(piece.node)
        line = piece.first
        if is_compound(piece.node) and printing:
            line = printing[-1] - 1 + piece.offset
        self._add(
            Claim(
                self.first + first,
                self.first + last,
                self.first + line,
                number,
                convention,
                text,
                expression,
                min(self._since, number),
            )
        )

    def _add(self, claim: Claim) -> None:
        self.found.claims.append(claim)
        self._since = (claim.statement or 0) + 1

    # What reads as an output of a statement.

    def fits(self, text: str, node: ast.AST | None, loose: bool = True) -> bool:
        """Tell whether a text reads as what a statement gives."""
        return (
            reads_as_value(text, loose)
            or reads_as_error(text)
            or reads_as_table(text)
            or could_print(node, text)
        )

    def plausible(self, text: str, node: ast.AST | None) -> bool:
        """Tell whether a text with a label is what a statement prints, and no explanation."""
        if not text.strip():
            return False
        if self.fits(text, node):
            return True
        shown = print_lines(node) or isinstance(node, ast.Expr)
        words = set(_CJK.findall(text))
        known = set("".join([*self.known, *(strings(node) if node else ())]))
        return bool(shown) and words <= known

    def prefix(self, lines: Sequence[str], node: ast.AST | None, loose: bool) -> int:
        """Return how many leading lines read as what a statement gives, as many as do."""
        for count in range(len(lines), 0, -1):
            if lines[count - 1].strip() and self.fits("\n".join(lines[:count]), node, loose):
                return count
        return 0

    # Comments on lines of their own.

    def _group(self, place: int) -> int:
        """Read the comments from a line on; return the line behind them."""
        end = place
        while end < len(self.lines) and is_comment(self.lines[end]):
            end += 1
        number = self.above()
        if number is not None:
            blanks = place - 1 - self._bound[-1].last
            open_end = end >= len(self.lines) or not self.lines[end].strip()
            if not blanks or (open_end and blanks <= 3) or self._labels(place, end):
                self._below(place, end, number, adjacent=not blanks, open_end=open_end)
        return end

    def _labels(self, place: int, end: int) -> bool:
        convention, rest = how.unlabel(bare(self.lines[place]).strip())
        return convention == how.LABEL and (not rest.strip()) and end > place + 1

    def _below(self, place: int, end: int, number: int, adjacent: bool, open_end: bool) -> None:
        taken = False
        while place < end:
            texts = [bare(line) for line in self.lines[place:end]]
            convention, rest = how.unlabel(texts[0].strip())
            count = 0
            if convention:
                bound = self.printed(number) if convention == how.LABEL else number
                node = self._bound[bound].node
                count = self._labelled(place, texts, rest, convention, bound, node)
            elif not taken and (adjacent or open_end):
                attribute, rest = how.about(texts[0].strip())
                node = self._bound[number].node
                count = self.prefix([rest, *texts[1:]] if attribute else texts, node, loose=False)
                count = 1 if attribute and count else count
                if count and self._may_be_below(texts[:count], node):
                    text = rest if attribute else "\n".join(texts[:count])
                    self.claim(place, place + count - 1, number, how.BELOW, text, attribute)
                else:
                    count = 0
            taken = taken or bool(count)
            place += max(count, 1)

    def _may_be_below(self, texts: Sequence[str], node: ast.AST | None) -> bool:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            return False
        return not (len(texts) == 1 and re.fullmatch(r"\s*\d+[.)]?", texts[0])) or bool(
            print_lines(node) or isinstance(node, ast.Expr)
        )

    def _labelled(
        self,
        place: int,
        texts: Sequence[str],
        rest: str,
        convention: str,
        number: int,
        node: ast.AST | None,
    ) -> int:
        """Claim what stands behind a label or arrow; return how many lines it takes."""
        skip = 0 if rest.strip() else 1
        lines = [rest, *texts[1:]] if rest.strip() else list(texts[1:])
        stop = next(
            (n for n, line in enumerate(lines) if n and how.unlabel(line.strip())[0]), len(lines)
        )
        lines = lines[:stop]
        count = self.prefix(lines, node, loose=True)
        if not count and lines and self.plausible("\n".join(lines), node):
            count = len(lines)
        if not count and lines and self.plausible(lines[0], node):
            count = 1
        if not count:
            return 0
        while count > 1 and not lines[count - 1].strip():
            count -= 1
        text = "\n".join(lines[:count])
        self.claim(place + skip, place + skip + count - 1, number, convention, text)
        return skip + count

    # Comments behind code.

    def _comments_of(self, piece: Piece) -> int:
        """Read the comments of a statement; return the line behind what was read."""
        self.known += strings(piece.node)
        number = len(self._bound) - 1
        end = piece.last + 1
        before = [other for other in self.known if other not in set(strings(piece.node))]
        for comment in comments(self.lines, piece.first, piece.last):
            if is_compound(piece.node):
                self._inner(comment, piece, number)
            elif comment.trails and comment.line == piece.last and not _is_idle(piece.node):
                end = self._trailing(comment.line, bare(comment.text).strip(), number, before)
        return end

    def _trailing(self, line: int, text: str, number: int, before: Sequence[str]) -> int:
        """Read the comment behind a statement; return the line behind the claim."""
        node = self._bound[number].node
        below = line + 1
        while below < len(self.lines) and is_comment(self.lines[below]):
            below += 1
        more = [bare(text) for text in self.lines[line + 1 : below]]
        convention, rest = how.unlabel(text)
        attribute, rest = how.about(rest.strip())
        if convention == how.LABEL and not rest.strip() and more:
            return line + 1 + self._after_label(line + 1, more, number, node)
        if len(_OPEN.findall(rest)) > len(_SHUT.findall(rest)):
            count = self.prefix([rest, *more], node, loose=True)
            if count > 1:
                joined = "\n".join([rest, *more[: count - 1]])
                self.claim(line, line + count - 1, number, _on_line(convention), joined)
                return line + count
        claimed = self._value_of(rest, node, before, bool(convention))
        if claimed:
            self.claim(line, line, number, _on_line(convention), claimed, attribute)
        return line + 1

    def _after_label(self, place: int, more: list[str], number: int, node: ast.AST | None) -> int:
        count = self.prefix(more, node, loose=True)
        if not count and self.plausible("\n".join(more), node):
            count = len(more)
        if count:
            text = "\n".join(more[:count])
            self.claim(place, place + count - 1, number, how.LABEL, text)
        return count

    def _value_of(
        self, text: str, node: ast.AST | None, before: Sequence[str], labelled: bool
    ) -> str:
        """Return what a comment behind a statement claims, empty where it only explains."""
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and not labelled:
            return ""
        assigns = target(node) is not None
        for candidate in (text, _aside(text)):
            if not candidate or (assigns and re.fullmatch(r"[\d.]+([\s,]+[\d.]+)+", candidate)):
                continue
            if self.fits(candidate, node):
                return candidate
        if labelled and self.plausible(text, node):
            return text
        if not assigns and re.fullmatch(r"[\w'\"!?., -]{1,60}", text) and is_known(text, before):
            return text
        if is_print(node) and re.fullmatch(r"[\d\W_]*\d[\d\W_]*", text) and not _CJK.search(text):
            return text
        return self._type_name(text, node)

    def _type_name(self, text: str, node: ast.AST | None) -> str:
        asks = isinstance(node, ast.Expr) and re.search(r"type\(|dtype", ast.unparse(node))
        return text if asks and re.fullmatch(r"[A-Za-z_][\w.]*", text) else ""

    def _inner(self, comment, piece: Piece, number: int) -> None:
        """Read a comment within a compound statement, which is about the line that it is on."""
        if not comment.trails:
            return
        row = comment.line - piece.offset + 1
        node = next((n for n in simple_statements(piece.node) if n.end_lineno == row), None)
        if node is None or _is_idle(node):
            return
        convention, rest = how.unlabel(bare(comment.text).strip())
        if not is_print(node) and (
            not convention and isinstance(piece.node, ast.FunctionDef | ast.ClassDef)
        ):
            return
        claimed = self._value_of(rest.strip(), node, (), bool(convention))
        if claimed:
            line = self.first + comment.line
            about = self.first + node.lineno - 1 + piece.offset
            convention = _on_line(convention)
            expression = target(node)
            self.found.claims.append(
                Claim(line, line, about, number, convention, claimed, expression, number)
            )

    # Strings and bare lines below code.

    def _quoted(self, piece: Piece) -> None:
        number = self.above()
        if number is None:
            return
        lines = ast.literal_eval(piece.source.strip()).split("\n")
        first = 0
        while first < len(lines) and not lines[first].strip():
            first += 1
        last = len(lines)
        while last > first and not lines[last - 1].strip():
            last -= 1
        lines = lines[first:last]
        if not lines:
            return
        self._block(lines, piece.first + first, number, how.QUOTES)

    def _block(self, lines: list[str], place: int, number: int, convention: str) -> int:
        """Claim a block of lines; return how many lines of it were read, none where none is."""
        node = self._bound[number].node
        opened, rest = how.unlabel(lines[0].strip())
        if opened:
            number = self.printed(number)
            node = self._bound[number].node
            skip = 0 if rest.strip() else 1
            lines = ([rest] if not skip else []) + lines[1:]
            if lines and self.plausible("\n".join(lines), node):
                end = place + skip + len(lines)
                self.claim(place + skip, end - 1, number, convention, "\n".join(lines))
                return skip + len(lines)
            return 0
        for skip in range(min(3, len(lines))):
            text = "\n".join(lines[skip:])
            if self.fits(text, node) and (not skip or _CJK.search(lines[skip - 1])):
                self.claim(place + skip, place + len(lines) - 1, number, convention, text)
                return len(lines)
        return 0

    def _region(self, place: int, here: list[Piece] | None) -> int:
        """Read output that stands bare among the code; return the line behind it, or the same."""
        number = self.above()
        if number is None:
            return place
        line = self.lines[place].strip()
        mark = re.match(r">{2,3}\s*(?=\S)", line)
        label = bool(how.unlabel(line)[0]) and not mark
        if here and label:
            label = isinstance(here[0].node, ast.AnnAssign) or how.is_label(line)
        if here and not label and not self._is_output(here[0]):
            return place
        end = self._end_of_region(place, label)
        lines = self.lines[place:end]
        if mark:
            lines[0] = line[mark.end() :]
            self.claim(place, end - 1, number, how.MARK, "\n".join(lines))
            return end
        if not label and not here and not self.fits("\n".join(lines), self._bound[number].node):
            return place
        taken = self._block(lines, place, number, how.BARE)
        return end if taken or label else place

    def _is_output(self, piece: Piece) -> bool:
        near = piece.first - self._bound[-1].last <= 2
        above = self._bound[-1]
        shown = bool(print_lines(above.node)) or (above.shows and not _is_literal(above))
        called = isinstance(piece.node, ast.Expr) and isinstance(piece.node.value, ast.Call)
        return (
            near
            and (shown or called)
            and isinstance(piece.node, ast.Expr)
            and reads_as_value(piece.source)
        )

    def _end_of_region(self, place: int, label: bool) -> int:
        end = place + 1
        while end < len(self.lines):
            line, here = self.lines[end], self._at.get(end)
            text = "\n".join(self.lines[place:end])
            balanced = len(_OPEN.findall(text)) <= len(_SHUT.findall(text))
            if is_comment(line) or re.match(r"\s*>{2,3}", line):
                break
            if not line.strip() and balanced and not (label and end == place + 1):
                break
            if here and not reads_as_value(here[0].source) and balanced:
                break
            end += 1
        while not self.lines[end - 1].strip():
            end -= 1
        return end


def _on_line(convention: str) -> str:
    return how.ARROW if convention == how.ARROW else how.TRAILING


def _aside(text: str) -> str:
    """Return a value before an explanation of it, empty where there is none.

    >>> _aside("True（两者相等）")
    'True'
    """
    found = _ASIDE.match(text)
    value = found["value"].strip() if found else ""
    return value if reads_as_value(value, loose=True) else ""


def _is_literal(piece: Piece) -> bool:
    try:
        ast.literal_eval(piece.source)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _is_idle(node: ast.AST | None) -> bool:
    """Tell whether a simple statement gives nothing that could be claimed."""
    return not (isinstance(node, ast.Expr) or target(node) is not None)


__all__ = ["Found", "Reader", "parse"]
