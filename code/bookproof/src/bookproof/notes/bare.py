"""Read outputs that stand among code without a comment sign: between quotes, or bare."""

from __future__ import annotations

import ast
import re

from bookproof.notes import conventions as how
from bookproof.notes.code import CJK, Code
from bookproof.notes.comments import is_comment
from bookproof.notes.prints import could_print
from bookproof.notes.same import without_remarks
from bookproof.notes.statements import Piece, calls_builtin, pieces, print_lines
from bookproof.notes.values import is_open, is_row, reads_as_value, tree

_MARK = re.compile(r">{2,3}\s*(?=\S)")


def quoted(code: Code, piece: Piece) -> None:
    number = code.above()
    if number is None:
        return
    lines = piece.node.value.value.split("\n")
    first = 0
    while first < len(lines) and not lines[first].strip():
        first += 1
    last = len(lines)
    while last > first and not lines[last - 1].strip():
        last -= 1
    lines = lines[first:last]
    if not lines:
        return
    _block(code, lines, piece.first + first, number, how.QUOTES)


def _block(code: Code, lines: list[str], place: int, number: int, convention: str) -> int:
    """Claim a block of lines; return how many lines of it were read, none where none is."""
    node = code.bound[number].node
    opened, rest = how.unlabel(lines[0].strip())
    if opened:
        number = code.printed(number)
        node = code.bound[number].node
        skip = 0 if rest.strip() else 1
        lines = ([rest] if not skip else []) + lines[1:]
        if lines and code.plausible("\n".join(lines), node):
            end = place + skip + len(lines)
            code.claim(place + skip, end - 1, number, convention, "\n".join(lines))
            return skip + len(lines)
        return 0
    whole = code.together(number) if print_lines(node) else node
    for skip in range(min(3, len(lines))):
        text = "\n".join(lines[skip:])
        if not skip and len(lines) > 2 and _are_words(lines[0]):
            continue
        if _gives(code, text, whole) and (not skip or CJK.search(lines[skip - 1])):
            code.claim(place + skip, place + len(lines) - 1, number, convention, text)
            return len(lines)
    return 0


def _are_words(line: str) -> bool:
    """Tell whether a line above a table is a sentence and no row: it begins and ends in words."""
    words = line.split()
    last = bool(words) and bool(CJK.search(words[-1]))
    return last and len(words) > 1 and not line[:1].isspace() and "#" not in line


def _gives(code: Code, text: str, node: ast.AST | None) -> bool:
    if code.fits(without_remarks(text), node):
        return True
    lines = text.split("\n")
    if len(lines) > 1 and could_print(node, text, least=0):
        return True
    if len(lines) < 3 or not (print_lines(node) or isinstance(node, ast.Expr)):
        return False
    if tree(text) and not pieces(text):  # an object, as `module(` `(part): Class(3)` `)`
        return True
    return sum(reads_as_value(line, loose=True) for line in lines) >= 0.8 * len(lines)


def region(code: Code, place: int, here: list[Piece] | None) -> int:
    """Read output that stands bare among the code; return the line behind it, or the same."""
    number = code.above()
    if number is None:
        return place
    line = code.lines[place].strip()
    mark = _MARK.match(line)
    label = bool(how.unlabel(line)[0]) and not mark
    if here and label:
        label = isinstance(here[0].node, ast.AnnAssign) or how.is_label(line)
    series = all(map(is_row, code.lines[place : place + 2])) and place + 1 < len(code.lines)
    if here and not label and not series and not _is_output(code, here[0]):
        return place
    end = _end_of_region(code, place, label)
    lines = code.lines[place:end]
    if mark:
        return _marked(code, place, number)
    node = code.bound[number].node
    text = "\n".join(lines)
    if not label and not here and not (code.fits(text, node) or could_print(node, text, least=0)):
        return place
    taken = _block(code, lines, place, number, how.BARE)
    return end if taken or label else place


def _marked(code: Code, place: int, number: int) -> int:
    """Claim the outputs with marks from a line on, of as many statements; return what is behind."""
    found: list[tuple[int, int, str]] = []
    while place < len(code.lines):
        line = code.lines[place].strip()
        if mark := _MARK.match(line):
            end = _end_of_region(code, place, label=False)
            text = "\n".join([line[mark.end() :], *code.lines[place + 1 : end]])
            found.append((place, end - 1, text))
            place = end
        elif line:
            break
        else:
            place += 1
    showing = [n for n in range(code.since, number + 1) if _shows(code.bound[n])]
    if len(found) == 1:
        showing = [number]
    if len(found) <= len(showing):
        for (first, last, text), shown in zip(found, showing[-len(found) :], strict=True):
            code.claim(first, last, shown, how.MARK, text)
    else:
        text = "\n".join(text for _, _, text in found)
        code.claim(found[0][0], found[-1][1], number, how.MARK, text)
    return place


def _shows(piece: Piece) -> bool:
    return bool(print_lines(piece.node)) or piece.shows


def _is_output(code: Code, piece: Piece) -> bool:
    near = piece.first - code.bound[-1].last <= 2
    above = code.bound[-1]
    shown = bool(print_lines(above.node)) or (above.shows and not _is_literal(above))
    called = isinstance(piece.node, ast.Expr) and isinstance(piece.node.value, ast.Call)
    return (
        near
        and (shown or called)
        and isinstance(piece.node, ast.Expr)
        and reads_as_value(piece.source)
        and not calls_builtin(piece.node)
    )


def _end_of_region(code: Code, place: int, label: bool) -> int:
    end = place + 1
    while end < len(code.lines):
        line, here = code.lines[end], code.at.get(end)
        text = "\n".join(code.lines[place:end])
        balanced = not is_open(text)
        if is_comment(line) or re.match(r"\s*>{2,3}", line):
            break
        if not line.strip() and balanced and not (label and end == place + 1):
            break
        row = is_row(line) and is_row(code.lines[place])
        if here and not row and not reads_as_value(here[0].source) and balanced:
            break
        end += 1
    while not code.lines[end - 1].strip():
        end -= 1
    return end


def _is_literal(piece: Piece) -> bool:
    try:
        ast.literal_eval(piece.source)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True
