"""What a template brings into chapters besides text: hidden cells, where a chapter needs them.

A hidden cell of a template (tag `remove-cell`) sets up the modules that it imports. It is written
into the chapters that import one of those, and it runs first there when they are tried out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from bookproof.notes.drafts import Cell

_CELL = re.compile(
    r"^(?P<fence>`{3,}|~{3,})\{code-cell\}[^\n]*\n(?P<body>.*?)^(?P=fence)[ \t]*\n?", re.M | re.S
)
_OPTIONS = re.compile(r"\A(?:---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)+)", re.M | re.S)


def setup(template: str, sources: Iterable[str]) -> list[Cell]:
    """Return the hidden cells of a template that a chapter with these sources needs."""
    known = _roots(sources)
    cells = (_source(match) for match in _CELL.finditer(template))
    return [Cell(1, source.split("\n"), given=True) for source in cells if _roots([source]) & known]


def without_idle(template: str, sources: Iterable[str]) -> str:
    """Return a template without the hidden cells that these sources have no use of."""
    known = _roots(sources)

    def kept(match: re.Match[str]) -> str:
        source = _source(match)
        return match[0] if not source or _roots([source]) & known else ""

    return _CELL.sub(kept, template)


def _source(match: re.Match[str]) -> str:
    """Return the code of a hidden cell, nothing for another one."""
    options = _OPTIONS.match(match["body"])
    if not options or "remove-cell" not in options[0]:
        return ""
    return match["body"][options.end() :].strip("\n")


def _roots(sources: Iterable[str]) -> set[str]:
    """Return the first names of the modules that some code imports."""
    found = set()
    for source in sources:
        try:
            tree = ast.parse(re.sub(r"(?m)^\s*[%!].*", "pass", source))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found
