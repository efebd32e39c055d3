"""Read the comments behind code: outputs of their own line, or explanations."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from bookproof.notes import conventions as how
from bookproof.notes.code import CJK, Code
from bookproof.notes.comments import bare, comments, is_comment
from bookproof.notes.note import Claim
from bookproof.notes.prints import is_known, strings
from bookproof.notes.remarks import at_end, equated, led
from bookproof.notes.statements import Piece, is_compound, is_print, simple_statements, target
from bookproof.notes.values import is_open, reads_as_value

_ASIDE = re.compile(
    r"(?P<value>.+?)\s*(?:[(（](?=[^\d\s)）])[^()（）]*[)）]|[，；。、,;]\s*[^\x00-\x7f].*|\s--?\s\D.*"
    r"|\s*:\s*shape\b.*)$"
)

# Not `3 个通道`: a count is no value.
_REMARK = re.compile(
    r"(?P<value>\S.*?)\s+(?![个次行列张层维种条位页组块步轮项元号年月日天倍份件])[\u4e00-\u9fff].{2,}$"
)

_CALLOUT = re.compile(r"<\d+>")
"""A number to which the text around the code refers."""


def comments_behind(code: Code, piece: Piece) -> int:
    """Read the comments of a statement; return the line behind what was read."""
    code.known += strings(piece.node)
    number = len(code.bound) - 1
    end = piece.last + 1
    before = [other for other in code.known if other not in set(strings(piece.node))]
    for comment in comments(code.lines, piece.first, piece.last):
        if is_compound(piece.node):
            _inner(code, comment, piece, number)
        elif comment.trails and comment.line == piece.last and not _is_idle(piece.node):
            end = _trailing(code, comment.line, bare(comment.text).strip(), number, before)
    return end


def _trailing(code: Code, line: int, text: str, number: int, before: Sequence[str]) -> int:
    """Read the comment behind a statement; return the line behind the claim."""
    node = code.bound[number].node
    below = line + 1
    while below < len(code.lines) and is_comment(code.lines[below]):
        below += 1
    more = [bare(text) for text in code.lines[line + 1 : below]]
    convention, rest = how.unlabel(text)
    attribute, rest = how.about(rest.strip())
    if convention == how.LABEL and not rest.strip() and more:
        return line + 1 + _after_label(code, line + 1, more, number, node)
    if is_open(rest):
        count = code.prefix([rest, *more], node, loose=True)
        if count > 1:
            joined = "\n".join([rest, *more[: count - 1]])
            code.claim(line, line + count - 1, number, _on_line(convention), joined)
            return line + count
    claimed = _value_of(code, rest, node, before, bool(convention))
    if claimed:
        code.claim(line, line, number, _on_line(convention), claimed, attribute)
    return line + 1


def _after_label(code: Code, place: int, more: list[str], number: int, node: ast.AST | None) -> int:
    count = code.prefix(more, node, loose=True)
    if not count and code.plausible("\n".join(more), node):
        count = len(more)
    if count:
        text = "\n".join(more[:count])
        code.claim(place, place + count - 1, number, how.LABEL, text)
    return count


def _value_of(
    code: Code, text: str, node: ast.AST | None, before: Sequence[str], labelled: bool
) -> str:
    """Return what a comment behind a statement claims, empty where it only explains."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and not labelled:
        return ""
    assigns = target(node) is not None
    if assigns:  # `y = f(x)  # y = 3`
        text = re.sub(rf"^{re.escape(target(node))}\s*(?:=|:|：|为|是)\s*", "", text)
    for candidate in (text, _aside(text), led(text, sure=assigns), equated(text)):
        if not candidate or (assigns and re.fullmatch(r"[\d.]+([\s,]+[\d.]+)+", candidate)):
            continue
        if code.fits(candidate, node):
            return candidate
    remark = _REMARK.match(text)
    if not assigns and remark and reads_as_value(remark["value"]):
        return remark["value"].strip()
    if labelled and code.plausible(text, node):
        return text
    if not assigns and re.fullmatch(r"[\w'\"!?., -]{1,60}", text) and is_known(text, before):
        return text
    digits = re.fullmatch(r"[\d\W_]*\d[\d\W_]*", text)
    if is_print(node) and digits and not _CALLOUT.fullmatch(text) and not CJK.search(text):
        return text
    return _type_name(code, text, node) or _told_last(text, node)


def _told_last(text: str, node: ast.AST | None) -> str:
    """Return the array that a remark ends in, unless it is one that the code is given."""
    value = at_end(text, takes=_takes(node))
    numbers = re.findall(r"\d+", value)
    inner = ast.walk(node) if node and value else ()
    given = (ast.unparse(part) for part in inner if isinstance(part, ast.List | ast.Tuple))
    return "" if any(re.findall(r"\d+", part) == numbers for part in given) else value


def _takes(node: ast.AST | None) -> bool:
    """Tell whether a statement shows, prints or assigns a part of something: `n[0]`."""
    if is_print(node):
        return len(node.value.args) == 1 and isinstance(node.value.args[0], ast.Subscript)
    return isinstance(getattr(node, "value", None), ast.Subscript)


def _type_name(code: Code, text: str, node: ast.AST | None) -> str:
    asks = isinstance(node, ast.Expr) and re.search(r"type\(|dtype", ast.unparse(node))
    return text if asks and re.fullmatch(r"[A-Za-z_][\w.]*", text) else ""


def _inner(code: Code, comment, piece: Piece, number: int) -> None:
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
    claimed = _value_of(code, rest.strip(), node, (), bool(convention))
    if claimed:
        line = code.first + comment.line
        about = code.first + node.lineno - 1 + piece.offset
        convention = _on_line(convention)
        expression = target(node)
        code.found.claims.append(
            Claim(line, line, about, number, convention, claimed, expression, number)
        )


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


def _is_idle(node: ast.AST | None) -> bool:
    """Tell whether a simple statement gives nothing that could be claimed."""
    return not (isinstance(node, ast.Expr) or target(node) is not None)
