"""Find the cells and blocks that stand where they have no effect: within another block."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it.token import Token

from bookproof.reading.chapter import Problem
from bookproof.reading.dialect import Dialect
from bookproof.reading.fences import fences

BLOCKS = ("{expect}", "{unverified}")
"""How the blocks begin that speak of a cell."""

HIDDEN_CELL = "a code cell inside another block never runs"
_LITERAL = ("{code-block}", "{code}", "{sourcecode}", "{parsed-literal}", "{raw}", "{math}")


def hidden(token: Token, line: int, dialect: Dialect, cell: str = HIDDEN_CELL) -> Iterator[Problem]:
    """Yield a problem for each cell and block within the body of a directive.

    `cell` is what is wrong with a cell there.
    """
    if not token.info.startswith("{") or token.info.startswith(_LITERAL):
        return
    if not any(directive in token.content for directive in ("{code-cell}", *BLOCKS)):
        return  # most, and parsing takes time
    for inner, _ in fences(token.content, dialect):
        place = line + 1 + inner.map[0]
        if inner.info.startswith("{code-cell}"):
            yield Problem(place, cell)
        elif inner.info.startswith(BLOCKS):
            name = inner.info.partition("}")[0] + "}"
            yield Problem(place, f"{name} without a cell: it stands inside another block")
        else:
            yield from hidden(inner, place, dialect, cell)
