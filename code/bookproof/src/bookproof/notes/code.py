"""The code of a fence while it is read: its lines, its statements, and what fits them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bookproof.notes.note import Claim, Statement
from bookproof.notes.prints import could_print, strings
from bookproof.notes.statements import Piece, is_compound, pieces, print_lines, target
from bookproof.notes.values import reads_as_error, reads_as_table, reads_as_value

CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


@dataclass
class Found:
    """What was found in the lines of a fence; `foreign` are those that are no Python."""

    statements: list[Statement] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    foreign: list[int] = field(default_factory=list)
    above: list[Claim] = field(default_factory=list)
    """What comments above code would claim, were it a habit of the note."""


class Code:
    """The lines of a fence; `first` is the line of the file on which they begin.

    `known` are the strings that the note's code has held so far; those of the fence are added.
    `at` has the pieces that begin on a line, `bound` that of each statement read so far, `since`
    is the first statement behind the last claim.
    """

    def __init__(self, text: str, first: int, known: list[str]):
        self.lines = text.rstrip("\n").split("\n")
        self.first = first
        self.known = known
        self.found = Found()
        self.pieces = pieces("\n".join(self.lines))
        self.at = {}
        for piece in self.pieces:
            self.at.setdefault(piece.first, []).append(piece)
        self.bound: list[Piece] = []  # the piece of each statement
        self.since = 0

    def add(self, piece: Piece) -> None:
        """Add a statement."""
        self.bound.append(piece)
        self.found.statements.append(
            Statement(self.first + piece.first, self.first + piece.last, piece.source, piece.shows)
        )

    def above(self) -> int | None:
        """Return the last statement whose output or value can be claimed below it."""
        for number in range(len(self.bound) - 1, -1, -1):
            node = self.bound[number].node
            if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
                continue
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                return None
            return number
        return None

    def printed(self, number: int) -> int:
        """Return the last statement since the last claim that prints, else the given one."""
        if target(self.bound[number].node) is not None:
            for other in range(number, self.since - 1, -1):
                if print_lines(self.bound[other].node) or self.bound[other].shows:
                    return other
        return number

    def together(self, number: int) -> ast.Module:
        """Return the statements since the last claim, to the given one, as one."""
        pieces = self.bound[min(self.since, number) : number + 1]
        return ast.Module([piece.node for piece in pieces if piece.node], [])

    def claim(
        self, first: int, last: int, number: int, convention: str, text: str, attribute: str = ""
    ) -> None:
        """Add a claim on some lines about a statement."""
        piece = self.bound[number]
        expression = target(piece.node)
        if expression and attribute:
            expression = f"({expression}).{attribute}"
        printing = print_lines(piece.node)
        line = piece.first
        if is_compound(piece.node) and printing:
            line = printing[-1] - 1 + piece.offset
        self.found.claims.append(
            Claim(
                self.first + first,
                self.first + last,
                self.first + line,
                number,
                convention,
                text,
                expression,
                min(self.since, number),
            )
        )
        self.since = number + 1

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
        words = set(CJK.findall(text))
        known = set("".join([*self.known, *(strings(node) if node else ())]))
        return bool(shown) and words <= known

    def prefix(self, lines: Sequence[str], node: ast.AST | None, loose: bool) -> int:
        """Return how many leading lines read as what a statement gives, as many as do."""
        for count in range(len(lines), 0, -1):
            if lines[count - 1].strip() and self.fits("\n".join(lines[:count]), node, loose):
                return count
        return 0
