"""Read the comments on lines of their own below code: outputs, or explanations."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from bookproof.notes import conventions as how
from bookproof.notes.code import Code
from bookproof.notes.comments import bare, is_comment
from bookproof.notes.remarks import before_brackets, led
from bookproof.notes.statements import pieces, print_lines, target
from bookproof.notes.values import is_open, opening_value


def comments_below(code: Code, place: int) -> int:
    """Read the comments from a line on; return the line behind them."""
    end = place
    while end < len(code.lines) and is_comment(code.lines[end]):
        end += 1
    number = code.above()
    if number is not None:
        blanks = place - 1 - code.bound[-1].last
        open_end = end >= len(code.lines) or not code.lines[end].strip()
        if not blanks or (open_end and blanks <= 3) or _labels(code, place, end):
            _below(code, place, end, number, adjacent=not blanks, open_end=open_end)
    return end


def _labels(code: Code, place: int, end: int) -> bool:
    convention, rest = how.unlabel(bare(code.lines[place]).strip())
    return convention == how.LABEL and (not rest.strip()) and end > place + 1


def _below(code: Code, place: int, end: int, number: int, adjacent: bool, open_end: bool) -> None:
    taken = False
    while place < end:
        texts = [bare(line) for line in code.lines[place:end]]
        convention, rest = how.unlabel(texts[0].strip())
        count = 0
        if convention:
            bound = code.printed(number) if convention == how.LABEL else number
            node = code.bound[bound].node
            count = _labelled(code, place, texts, rest, convention, bound, node)
        elif not taken and (adjacent or open_end):
            attribute, rest = how.about(texts[0].strip())
            node = code.bound[number].node
            lines = [rest, *texts[1:]] if attribute else texts
            count, text = _value(code, lines, node)
            count = 1 if attribute and count else count
            if count and _may_be_below(code, texts[:count], node):
                text = rest if attribute else text
                code.claim(place, place + count - 1, number, how.BELOW, text, attribute)
            else:
                count = 0
            if not count and print_lines(node) and _is_said(code, texts[0]):
                count = 1
                code.claim(place, place, number, how.BELOW, texts[0].strip())
        if not count and puts_aside(texts):
            return
        taken = taken or bool(count)
        place += max(count, 1, 0 if count else _bracketed(texts))


def _value(code: Code, texts: list[str], node: ast.AST | None) -> tuple[int, str]:
    """Return how many leading lines read as a value, and the value without words behind it."""
    loose = _shows(node)
    count = code.prefix(texts, node, loose)
    if count:
        return count, "\n".join(texts[:count])
    for count in range(1, len(texts) + 1):
        if is_open("\n".join(texts[:count])):
            continue
        text = led("\n".join(texts[:count]), sure=not loose)
        value, _ = opening_value(text)
        plain = value is None or value.kind in ("number", "string")
        return (0, "") if plain else (count, text)
    return 0, ""


def _is_said(code: Code, text: str) -> bool:
    """Tell whether a text is, as a whole, one of the strings of the code above."""
    words = text.strip()
    return len(words) > 2 and words in (known.strip() for known in code.known)


def _shows(node: ast.AST | None) -> bool:
    """Tell whether a statement prints, or is a name, an attribute or an item, which shows it."""
    shown = isinstance(node, ast.Expr) and isinstance(
        node.value, ast.Name | ast.Attribute | ast.Subscript
    )
    return shown or bool(print_lines(node))


def _bracketed(texts: Sequence[str]) -> int:
    """Return how many leading lines there are to where the brackets of the first close."""
    for count in range(1, len(texts) + 1):
        if not is_open("\n".join(texts[:count])):
            return count
    return 1


def puts_aside(texts: Sequence[str]) -> bool:
    """Tell whether comments begin with code that was put aside: it prints, or assigns."""
    found = pieces("\n".join(texts))
    node = found[0].node if found and found[0].first == 0 else None
    return bool(print_lines(node)) or target(node) is not None


def _may_be_below(code: Code, texts: Sequence[str], node: ast.AST | None) -> bool:
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
        return False
    return not (len(texts) == 1 and re.fullmatch(r"\s*\d+[.)]?", texts[0])) or bool(
        print_lines(node) or isinstance(node, ast.Expr)
    )


def _labelled(
    code: Code,
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
    count = code.prefix(lines, node, loose=True)
    if not count:
        count, text = _explained(code, lines)
        if count:
            code.claim(place + skip, place + skip + count - 1, number, convention, text)
            return skip + count
    if not count and lines and code.plausible("\n".join(lines), node):
        count = len(lines)
    if not count and lines and code.plausible(lines[0], node):
        count = 1
    if not count:
        return 0
    while count > 1 and not lines[count - 1].strip():
        count -= 1
    text = "\n".join(lines[:count])
    code.claim(place + skip, place + skip + count - 1, number, convention, text)
    return skip + count


def _explained(code: Code, lines: Sequence[str]) -> tuple[int, str]:
    """Return how many leading lines are a value and its explanation in brackets, and the value.

    What the code holds is no explanation, but may be printed behind the value.
    """
    count = _bracketed(lines)
    value, words = before_brackets("\n".join(lines[:count]))
    said = any(words in known for known in code.known)
    return (count, value) if value and not said else (0, "")
