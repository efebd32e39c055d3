"""Follow names through the statements of a note: what each reads, gives, and lacks."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bookproof.notes.note import Note, Statement
from bookproof.notes.statements import parse

USUAL = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
}
"""The imports that are supplied where a note uses the names and never gives them."""

ELSEWHERE = {
    "sns": "import seaborn as sns",
    "tf": "import tensorflow as tf",
    "cv2": "import cv2",
    "cv": "import cv2 as cv",
    "d2l": "from d2l import torch as d2l",
    "os": "import os",
    "sys": "import sys",
    "re": "import re",
    "math": "import math",
    "time": "import time",
    "random": "import random",
    "json": "import json",
    "datetime": "import datetime",
    "Image": "from PIL import Image",
    "optim": "from torch import optim",
    "sp": "import sympy as sp",
    "keras": "from tensorflow import keras",
    "transforms": "from torchvision import transforms",
    "torchvision": "import torchvision",
    "defaultdict": "from collections import defaultdict",
    "Counter": "from collections import Counter",
    "deque": "from collections import deque",
}
"""Where a name usually comes from."""


@dataclass
class Names:
    """The names that a statement reads, gives, and changes something in (`df` of `df["a"] = 1`)."""

    reads: set[str] = field(default_factory=set)
    gives: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    later: dict[str, set[str]] = field(default_factory=dict)
    """What functions and classes read when they are used."""


def names(statement: Statement) -> Names:
    """Return the names of a statement; none where it is no Python."""
    found = Names()
    body = _body(statement)
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = Names()
            _walk(node, inner)
            local = inner.gives | {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}
            found.later[node.name] = inner.reads - (local - {node.name}) - set(dir(builtins))
            found.gives.add(node.name)
        else:
            _walk(node, found)
    local = {a.arg for node in body for a in ast.walk(node) if isinstance(a, ast.arg)}
    found.reads -= set(dir(builtins)) | local
    return found


def _walk(tree: ast.AST, found: Names) -> None:
    """Go through a tree as it is run: a name that was given before is not read from outside."""
    for node in _in_order(tree):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found.gives.add(node.id)
            elif node.id not in found.gives:
                found.reads.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.gives |= {(a.asname or a.name).split(".")[0] for a in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) or (
            isinstance(node, ast.ExceptHandler) and node.name
        ):
            found.gives.add(node.name)
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            base: ast.expr = node
            while isinstance(base, ast.Subscript | ast.Attribute):
                base = base.value
            if isinstance(base, ast.Name):
                found.changes.add(base.id)


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a tree, values before what they are assigned to."""
    yield node
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield ast.Name(node.target.id, ast.Load())
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.For | ast.AsyncFor):
        children = [node.iter, node.target, *node.body, *node.orelse]
    elif isinstance(node, ast.comprehension):
        children = [node.iter, node.target, *node.ifs]
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        children = [*node.generators, node.elt]
    elif isinstance(node, ast.DictComp):
        children = [*node.generators, node.key, node.value]
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        children.sort(key=lambda child: child is not node.value)
    for child in children:
        yield from _in_order(child)


def lacking(note: Note) -> tuple[str, ...]:
    """Return the usual imports of the names that a note uses before it gives them."""
    given: set[str] = set()
    wanted: dict[str, str] = {}
    for statement in _statements(note):
        found = names(statement)
        reads = found.reads.union(*found.later.values())
        wanted |= {name: source for name, source in USUAL.items() if name in reads - given}
        given |= found.gives
    return tuple(source for name, source in USUAL.items() if name in wanted)


def definitions(note: Note) -> dict[str, int]:
    """Return the line on which a note first gives each of its names."""
    found: dict[str, int] = {}
    for statement in _statements(note):
        for name in names(statement).gives:
            found.setdefault(name, statement.line)
    return found


def offered(note: Note) -> dict[str, int]:
    """Return the lines on which a note first gives what another may have meant to use.

    That is functions, classes and imports; `x` and `name` are other things in each note.
    """
    found: dict[str, int] = {}
    for statement in _statements(note):
        for node in _body(statement):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.setdefault(node.name, statement.line)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    found.setdefault((alias.asname or alias.name).split(".")[0], statement.line)
    usual = USUAL.keys() | ELSEWHERE.keys()
    return {name: line for name, line in found.items() if name not in usual}


def _body(statement: Statement) -> list[ast.stmt]:
    try:
        return parse(statement.source).body
    except SyntaxError:
        return []


def _statements(note: Note) -> Sequence[Statement]:
    return [statement for fence in note.fences for statement in fence.statements]


class Stale:
    """The names that do not hold what the note means, because a statement failed; and why."""

    def __init__(self):
        self._why: dict[str, str] = {}
        self._later: dict[str, set[str]] = {}

    def of(self, statement: Statement) -> str:
        """Return why a statement cannot be trusted, empty where it can."""
        reads = self._all(names(statement).reads)
        return next((self._why[name] for name in sorted(reads) if name in self._why), "")

    def _all(self, reads: set[str]) -> set[str]:
        found, due = set(), list(reads)
        while due:
            name = due.pop()
            if name not in found:
                found.add(name)
                due += self._later.get(name, ())
        return found

    def _lacked(self, failure: str) -> str:
        """Return why a name was not defined whose lack is a failure, empty where that is not it."""
        found = re.match(r"(?:NameError|UnboundLocalError): .*?name '(\w+)'", failure)
        return self._why.get(found[1], "") if found else ""

    def follow(self, statement: Statement, failure: str, shown_on_purpose: bool) -> None:
        """Take note of a statement that ran, or failed so."""
        found = names(statement)
        why = self.of(statement)
        if failure:
            where = f"line {statement.line} failed ({failure.split(chr(10))[0]})"
            cause = self._lacked(failure) or why
            for name in found.gives | (set() if shown_on_purpose else found.changes):
                self._why[name] = cause or f"`{name}` is not as it should be: {where}"
        elif why:
            self._why |= dict.fromkeys(found.gives | found.changes, why)
        else:
            for name in found.gives:
                self._why.pop(name, None)
        self._later |= found.later
