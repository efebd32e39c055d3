"""Part a value from the words that its author adds to it in the same comment."""

from __future__ import annotations

import ast
import re

from bookproof.notes.tree import Node
from bookproof.notes.values import opening_value, reads_as_value

_WORDS = r"[^\W\d_]"
_BEHIND = re.compile(
    rf"\s*(?:[,;，；。、:：※]|--?\s|\s)\s*{_WORDS}|(?!的)[^\x00-\x7f\W]|\s*[(（※]\D"
)
"""What parts closed values from words: a sign, a blank, or a letter that is not Latin."""

_APART = re.compile(rf"\s*[,;，；。、]\s*{_WORDS}|\s*[(（]\s*{_WORDS}|\s+--?\s+\D")
"""What parts a number from words; a blank does not: `3 channels`, `1. first`."""

_COLON = re.compile(rf"\s*[:：]\s*(?:{_WORDS}|\()")
_SECOND = re.compile(r"\s+#+\s*\S")
_SAYS = re.compile(r"\s*(?:is|are|in|of|was|means?|for|if|是|为|表示|のは|は|が|的)\b", re.I)
_CLOSED = ("sequence", "braces", "call")


def led(text: str, sure: bool = False) -> str:
    """Return the value that opens a text which goes on in words, empty where none does.

    `sure` wants a value that nothing else looks like: an object or braces, no number or list.

    >>> led("[1, 2] without the last"), led("3 channels"), led("0, no error"), led("1. begin")
    ('[1, 2]', '', '0', '')
    """
    node, rest = opening_value(text.strip())
    if node is None or not rest.strip():
        return ""
    value = text.strip()[: -len(rest)].rstrip()
    if _is_code(text) or _is_mark(node):
        return ""
    if _SECOND.match(rest):
        return value if not sure or node.kind in _CLOSED else ""
    if node.kind in _CLOSED:
        safe = node.kind in ("call", "braces") or not sure
        return value if safe and node.items and _parts(rest) else ""
    if sure or node.kind == "more":
        return ""
    if node.kind == "string":
        return value if _BEHIND.match(rest) and not _SAYS.match(rest) else ""
    if node.kind in ("number", "word") and not value.endswith("."):
        return value if _APART.match(rest) else ""
    return ""


def _parts(rest: str) -> bool:
    return bool(_BEHIND.match(rest) or _COLON.match(rest))


def _is_code(text: str) -> bool:
    """Tell whether a text is one expression, and its words names in it."""
    try:
        found = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not isinstance(found, ast.Tuple) and " #" not in text and text.isascii()


def _is_mark(node: Node) -> bool:
    """Tell whether a value may be what counts the parts of a list: `(1) first`, `[2] Author`."""
    return node.kind == "sequence" and [item.kind for item in node.items] == ["number"]


def equated(text: str) -> str:
    """Return what an equation of numbers comes to, empty where a text is none.

    >>> equated("1 + 2 = 3"), equated("x = 3"), equated("3 = 3")
    ('3', '', '')
    """
    left, sign, right = text.rpartition("=")
    if not sign or not reads_as_value(right):
        return ""
    try:
        node = ast.parse(left.rstrip("= ").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    inner = (ast.operator, ast.unaryop, ast.Constant, ast.BinOp, ast.UnaryOp)
    counted = isinstance(node, ast.BinOp) and all(isinstance(n, inner) for n in ast.walk(node))
    return right.strip() if counted else ""
