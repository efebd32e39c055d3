"""Tell what a text looks like: code, or nothing but what code gives."""

from __future__ import annotations

import ast
import re
import textwrap

from bookproof.notes.prompts import is_session
from bookproof.notes.statements import Piece, calls_builtin, pieces
from bookproof.notes.values import reads_as_error, reads_as_table, reads_as_value

_COMMAND = re.compile(
    r"\s*(?:[$#%>!~]|PS |\w+@\w|[A-Z]:\\|(?:sudo|pip3?|conda|mamba|python3?|ipython|jupyter|uv|git|"
    r"cd|ls|ll|dir|cat|echo|mkdir|rm|cp|mv|pwd|touch|export|set|source|which|apt|apt-get|brew|yum|"
    r"npm|npx|node|docker|curl|wget|bash|sh|make|chmod|grep|find|tar|unzip|ssh|nvidia-smi|clear|"
    r"activate|exit)(?=\s|$)(?!\s*[=:])|.*\s--?(?!inf|nan)[A-Za-z]|.*(?:&&|\s\|\s|\s>>?\s))"
)


def fits(text: str) -> bool:
    """Tell whether a text reads as what Python shows."""
    return reads_as_value(text, loose=True) or reads_as_table(text) or reads_as_error(text)


def is_only_output(text: str) -> bool:
    """Tell whether a text holds nothing but what Python shows."""
    if not text.strip() or any(_does(piece) for piece in pieces(text)):
        return False
    if fits(text.strip("\n")):
        return True
    lines = text.split("\n")
    parts = [piece for piece in pieces(text) if not _is_value(piece)]
    covered = {n for piece in pieces(text) for n in range(piece.first, piece.last + 1)}
    rest = [x for n, x in enumerate(lines) if x.strip() and n not in covered]
    values = sum(reads_as_value(line.strip(" []"), loose=True) for line in rest)
    return not parts and bool(rest) and values >= 0.5 * len(rest)


def has_commands(text: str) -> bool:
    """Tell whether a line of a text may be a command of a shell, or a comment there.

    >>> has_commands("$ ls"), has_commands("pip install left"), has_commands("<class 'str'>")
    (True, True, False)
    """
    return any(_COMMAND.match(line) for line in text.split("\n"))


def _is_value(piece: Piece) -> bool:
    return isinstance(piece.node, ast.Expr) and reads_as_value(piece.source)


def is_code(text: str) -> bool:
    """Tell whether a text without a language is Python, by what its statements do."""
    if is_session(text):
        return True
    found = pieces(dedented(text))
    quoted = {n for p in found if p.is_text for n in range(p.first, p.last + 1)}
    lines = [x for n, x in enumerate(text.split("\n")) if x.strip() and n not in quoted]
    covered = sum(piece.last - piece.first + 1 for piece in found if _does(piece))
    if any(isinstance(piece.node, ast.Import | ast.ImportFrom) for piece in found):
        return covered >= 0.3 * len(lines)
    return bool(lines) and any(_does(piece) for piece in found) and covered >= 0.5 * len(lines)


def _does(piece: Piece) -> bool:
    """Tell whether a statement is code beyond doubt: no value, no word alone."""
    node = piece.node
    if calls_builtin(node):
        return True
    if node is None or piece.is_text or _is_value(piece) or isinstance(node, ast.AnnAssign):
        return False
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Subscript | ast.BinOp | ast.Compare) or (
            isinstance(node.value, ast.Attribute) and "." in piece.source
        )
    return True


def dedented(text: str) -> str:
    """Return a text without the blanks or tabs that all its lines begin with."""
    return textwrap.dedent(text.expandtabs(4) if text.startswith("\t") else text)
