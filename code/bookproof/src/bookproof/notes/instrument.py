"""Let a statement tell what the lines within it give, where a claim is about one of them."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from bookproof.notes.note import Claim, Statement
from bookproof.notes.statements import is_compound, is_print, parse, simple_statements


def is_inner(claim: Claim, statement: Statement) -> bool:
    """Tell whether a claim is about a line within a statement, not about the whole of it."""
    if not statement.line <= claim.line <= statement.end:
        return False
    node = _node(statement)
    return is_compound(node)


def instrumented(statement: Statement, inner: Mapping[int, Claim]) -> str:
    """Return the source of a statement that notes what the lines of some claims give.

    `inner` are the claims by the numbers under which it notes them.
    """
    tree = parse(statement.source)
    offset = statement.line - 1
    for number, claim in inner.items():
        row = claim.about - offset
        for found in simple_statements(tree.body[0]):
            if found.lineno == row:
                _note(tree, found, number, claim.expression)
                break
    return ast.unparse(ast.fix_missing_locations(tree))


def _node(statement: Statement) -> ast.stmt | None:
    try:
        return parse(statement.source).body[0]
    except (SyntaxError, IndexError):
        return None


def _note(tree: ast.Module, found: ast.stmt, number: int, expression: str | None) -> None:
    key = ast.Constant(number)
    if is_print(found) and found.value.func.id == "print":
        call = found.value
        call.args = [key, call.func, *call.args]
        call.func = ast.Name("_bookproof_printed", ast.Load())
    elif isinstance(found, ast.Expr):
        found.value = ast.Call(
            ast.Name("_bookproof_saw", ast.Load()), [key, found.value], keywords=[]
        )
    elif expression:
        call = parse(f"_bookproof_saw({number}, {expression})").body[0]
        for parent in ast.walk(tree):
            for body in (getattr(parent, name, None) for name in ("body", "orelse", "finalbody")):
                if isinstance(body, list) and found in body:
                    body.insert(body.index(found) + 1, call)
