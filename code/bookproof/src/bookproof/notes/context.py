"""Find what the code of a chapter needs from above it: imports, and what was defined before."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from bookproof.notes.names import USUAL, names
from bookproof.notes.note import Statement
from bookproof.notes.statements import parse

_BINDING = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
)


def needed(above: Sequence[Statement], own: Sequence[Statement]) -> list[str]:
    """Return the statements that `own` need before them: usual imports, and those of `above`.

    Of what stands above, only statements that define something are taken, in their order, each
    with what it needs in turn.
    """
    wanted = _lacking(own)
    taken: set[int] = set()
    for index in range(len(above) - 1, -1, -1):
        found = names(above[index])
        gives = found.gives & wanted
        if gives and _defines(above[index]):
            taken.add(index)
            wanted -= gives
            wanted |= _reads(above[index])
    imports = [source for name, source in USUAL.items() if name in wanted]
    return imports + [above[index].source for index in sorted(taken)]


def _lacking(statements: Sequence[Statement]) -> set[str]:
    """Return the names that statements read before they give them."""
    given: set[str] = set()
    lacking: set[str] = set()
    for statement in statements:
        lacking |= _reads(statement) - given
        given |= names(statement).gives
    return lacking


def _reads(statement: Statement) -> set[str]:
    """Return the names that a statement reads from without, now or when it is called."""
    found = names(statement)
    reads = found.reads.union(*found.later.values())
    return reads if _defines(statement) else reads - found.gives


def _defines(statement: Statement) -> bool:
    try:
        body = parse(statement.source).body
    except SyntaxError:
        return False
    return bool(body) and all(isinstance(node, _BINDING) for node in body)
