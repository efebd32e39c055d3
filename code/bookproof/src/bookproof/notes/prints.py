"""Tell whether a text may be what a statement prints, by the fixed words that it prints."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from bookproof.notes.statements import is_print

_WILD = None
_PLACES = re.compile(r"\{[^{}]*\}|%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z%]")
_LEAST = 2


def could_print(node: ast.AST | None, text: str, least: int = _LEAST) -> bool:
    """Tell whether one of the prints in a statement has fixed words, and the text has them too.

    So it is with text that is filled in, and shown or assigned. `least` is how many letters the
    words have; without any, at least two signs.

    >>> could_print(ast.parse("print(f'loss: {x:.2f}')").body[0], "loss: 0.31")
    True
    """
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    prints = [found for found in ast.walk(node) if is_print(found)] if node else []
    patterns = [pattern for found in prints for pattern in _patterns(found.value, least)]
    if isinstance(node, ast.Assign | ast.Expr) and not prints and len(_parts(node.value)) > 1:
        patterns = list(_patterns(ast.Call(node.value, [node.value], []), least))
    if not lines or not patterns:
        return False
    fitting = sum(any(re.fullmatch(p, line) for p in patterns) for line in lines)
    return fitting >= max(1, 0.8 * len(lines)) or any(
        re.fullmatch(pattern, " ".join(lines)) for pattern in patterns
    )


def _patterns(call: ast.Call, least: int) -> Iterator[str]:
    parts: list[str | None] = []
    for number, argument in enumerate(call.args):
        parts += [" "] * bool(number)
        parts += _parts(argument)
    fixed = "".join(part for part in parts if part)
    signs = re.sub(r"\s", "", fixed)
    if len(re.sub(r"\W", "", fixed)) < least or len(signs) < _LEAST:
        return
    for line in _lines(parts):
        words = "".join(part for part in line if part)
        if len(re.sub(r"\W", "", words)) >= max(least, 1):
            yield _pattern(line)
    yield _pattern(parts)


def _lines(parts: Iterable[str | None]) -> Iterator[list[str | None]]:
    line: list[str | None] = []
    for part in parts:
        if part is not _WILD and "\n" in part:
            first, *more = part.split("\n")
            yield [*line, first]
            yield from ([piece] for piece in more[:-1])
            line = [more[-1]]
        else:
            line.append(part)
    yield line


def _pattern(parts: Iterable[str | None]) -> str:
    spelled = ""
    for part in parts:
        if part is _WILD:
            spelled += ".*"
        else:
            words = re.split(r"\s+", part)
            spelled += r"\s*".join(re.escape(word) for word in words)
    return r"\s*" + spelled + r"\s*"


def _parts(node: ast.expr) -> list[str | None]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [p for value in node.values for p in _parts(value)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return _template(node.left)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _parts(node.left) + _parts(node.right)
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format":
        return _template(node.func.value)
    return [_WILD]


def _template(node: ast.expr) -> list[str | None]:
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return [_WILD]
    fixed = _PLACES.split(node.value)
    return [part for text in fixed for part in (text, _WILD)][:-1]


def strings(node: ast.AST | None) -> Iterator[str]:
    """Yield the strings that stand in a statement."""
    for inner in ast.walk(node) if node else ():
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def is_known(text: str, known: Iterable[str]) -> bool:
    """Tell whether a text is, or is a part of, one of the strings that a note has given before.

    >>> is_known("Ada", ["Ada Lovelace"]), is_known("a name", ["Ada"])
    (True, False)
    """
    words = text.strip().strip("'\"")
    folded = words.casefold()
    return bool(words) and any(
        folded == string.casefold()
        or (" " not in words and len(string) < 80 and folded in string.casefold())
        for string in known
    )
