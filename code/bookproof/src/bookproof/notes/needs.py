"""Find the packages that the code of notes needs, of those that are installed."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
from collections.abc import Sequence
from pathlib import Path

from bookproof.notes.gather import gather
from bookproof.notes.names import lacking
from bookproof.notes.statements import parse

_ASIDE = {"bookproof", "jupyter-book", "sphinx"}


def packages(places: Sequence[Path]) -> list[str]:
    """Return what pip is to install for notes, each with the version that is installed."""
    modules: set[str] = set()
    for note, _ in gather(places)[0]:
        sources = [s.source for fence in note.fences for s in fence.statements]
        for source in [*sources, *lacking(note)]:
            modules |= _imported(source)
    known = importlib.metadata.packages_distributions()
    names = {
        known[module][0]
        for module in modules - sys.stdlib_module_names
        if module in known and known[module][0] not in _ASIDE
    }
    # A build such as `+cpu` is no release, and would not install elsewhere.
    versions = {name: importlib.metadata.version(name).partition("+")[0] for name in names}
    return [f"{name}=={versions[name]}" for name in sorted(versions)]


def _imported(source: str) -> set[str]:
    try:
        tree = parse(source)
    except SyntaxError:
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found
