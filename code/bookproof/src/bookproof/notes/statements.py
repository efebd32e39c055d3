"""Take the content of a fence apart into statements and lines that are no Python."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_UNFINISHED = re.compile(
    r"expected an indented block|was never closed|unexpected EOF|unterminated triple-quoted|"
    r"expected 'except' or 'finally'|EOF in multi-line"
)
_GOES_ON = re.compile(r"\s+\S|(else|elif|except|finally|case)\b")
_LONGEST = 300
"""How many lines of a statement that cannot be finished are tried."""


@dataclass(frozen=True)
class Piece:
    """A top-level statement: 0-based lines of a text, the last included, and its tree.

    `node` is None for a line that is IPython's (`%time`, `!ls`). `offset` is the line of the text
    at which the tree's lines begin.
    """

    first: int
    last: int
    source: str
    node: ast.stmt | None
    offset: int = 0

    @property
    def is_text(self) -> bool:
        """Tell whether it is a comment between triple quotes."""
        return (
            isinstance(self.node, ast.Expr)
            and isinstance(self.node.value, ast.Constant)
            and isinstance(self.node.value.value, str)
            and self.source.lstrip("rRuU ").startswith(('"""', "'''"))
        )

    @property
    def shows(self) -> bool:
        """Tell whether it is an expression whose value would be shown."""
        return isinstance(self.node, ast.Expr) and not self.is_text


def parse(source: str) -> ast.Module:
    """Return the tree of a source; raises SyntaxError where it has none, for whatever reason."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes in the author's strings
        try:
            return ast.parse(source)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error)) from error


def pieces(text: str) -> list[Piece]:
    """Return the statements of a text; lines that are in none, and no comments, are no Python."""
    lines = text.split("\n")
    try:
        return list(_of(parse(text), lines, 0))
    except SyntaxError:
        return list(_one_by_one(lines))


def _of(tree: ast.Module, lines: list[str], offset: int) -> Iterator[Piece]:
    for node in tree.body:
        decorators = getattr(node, "decorator_list", ())
        first = min([node.lineno, *(d.lineno for d in decorators)]) - 1 + offset
        last = node.end_lineno - 1 + offset
        if not any(_share_a_line(node, other) for other in tree.body):
            source = "\n".join(lines[first : last + 1])
        else:  # several on a line
            source = ast.get_source_segment("\n".join(lines[offset:]), node)
        yield Piece(first, last, source, node, offset)


def _share_a_line(one: ast.stmt, other: ast.stmt) -> bool:
    return one is not other and one.lineno <= other.end_lineno and other.lineno <= one.end_lineno


def _one_by_one(lines: list[str]) -> Iterator[Piece]:
    """Yield statements, passing over lines that are none."""
    place = 0
    while place < len(lines):
        line = lines[place]
        if not line.strip() or line.lstrip().startswith("#"):
            place += 1
        elif re.match(r"[%!]{1,2}\w", line):
            last = len(lines) - 1 if line.startswith("%%") else place
            yield Piece(place, last, "\n".join(lines[place : last + 1]), None)
            place = last + 1
        else:
            end = _end_of_statement(lines, place)
            if end is not None:
                yield from _of(parse("\n".join(lines[place:end])), lines[:end], place)
            place = end or place + 1


def _end_of_statement(lines: list[str], start: int) -> int | None:
    """Return the line behind the statement that starts at a line, None where none does."""
    found = None
    end = start + 1
    while end <= min(len(lines), start + _LONGEST):
        try:
            parse("\n".join(lines[start:end]))
        except SyntaxError as error:
            unfinished = _UNFINISHED.search(str(error)) or lines[end - 1].startswith("@")
            if found is not None or not unfinished:
                return found
            end += 1
            continue
        found = end
        rest = range(end, len(lines))
        following = next((n for n in rest if lines[n].split("#")[0].strip()), None)
        if following is None or not _GOES_ON.match(lines[following]):
            return found
        if not isinstance(parse("\n".join(lines[start:end])).body[-1:][0], _COMPOUND):
            return found
        end = following + 1
    return found


_COMPOUND = (
    ast.For,
    ast.While,
    ast.If,
    ast.With,
    ast.Try,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.AsyncFor,
    ast.AsyncWith,
    ast.Match,
)


def is_compound(node: ast.AST | None) -> bool:
    """Tell whether a statement holds others."""
    return isinstance(node, _COMPOUND)


def simple_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements within a compound one that hold no others."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.stmt) and not is_compound(inner):
            yield inner


def is_print(node: ast.AST | None) -> bool:
    """Tell whether a statement is a call of `print` and no more."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id in ("print", "pprint", "display")
    )


def calls_builtin(node: ast.AST | None) -> bool:
    """Tell whether a statement calls a type of Python as no `repr` shows it: `list(range(3))`."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.args):
        return False
    first = call.args[0]
    return (
        call.func.id in ("list", "tuple", "set", "dict", "sorted", "reversed")
        or (call.func.id == "range" and len(call.args) == 1)
        or (call.func.id == "frozenset" and not isinstance(first, ast.Set))
    )


def print_lines(node: ast.AST | None) -> list[int]:
    """Return the lines, within the source of a statement, on which something is printed."""
    if node is None:
        return []
    return sorted(inner.lineno for inner in ast.walk(node) if is_print(inner))


def target(node: ast.AST | None) -> str | None:
    """Return the expression that has the value which a statement assigns, None where none has.

    >>> target(ast.parse("a, b = 1, 2").body[0])
    '(a, b)'
    """
    if isinstance(node, ast.Assign):
        goal = node.targets[0]
    elif isinstance(node, ast.AugAssign | ast.AnnAssign) and node.value is not None:
        goal = node.target
    else:
        return None
    if any(isinstance(inner, ast.Starred) for inner in ast.walk(goal)):
        return None
    return ast.unparse(goal)
