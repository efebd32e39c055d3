"""Every message has its Chinese: the sources are read for what they say, not the catalogue."""

import argparse
import ast
import errno
import inspect
import itertools
import os
import re
from pathlib import Path

import pytest

import bookproof
from bookproof.judging.verdict import Kind
from bookproof.notes import conventions
from bookproof.notes.findings import Verdict
from bookproof.running.failure import Ending
from bookproof.telling.catalogue import entries
from bookproof.telling.language import words_for
from bookproof.telling.texts import texts_for

ROOT = Path(bookproof.__file__).parent
CATALOGUE = ROOT / "telling" / "chinese.txt"
ENTRIES = list(entries(CATALOGUE.read_text("utf-8")))

# What these say has both languages already, for what they write into books.
BILINGUAL = {"telling/texts.py", "notes/phrases.py", "notes/skeleton.py"}

# What runs in kernels says what a figure shows, in blocks; no message is made there.
IN_KERNELS = "running/inside/"

NO_PROSE = re.compile(
    r"\\|\(\?|\n."  # patterns, files and code
    r"|^\s*(?:<|:[\w-]*:|`{3}|import |from \w+ import |\W*$)"  # HTML, options, fences, imports
    r'|="|^\[.*\]$|^- '  # attributes, remarks within outputs, items of lists
)
PROSE = re.compile(r"\b[A-Za-z]{2,}\b,? +(?:\{\} +)*\b[A-Za-z]{2,}\b")
DEVELOPERS = {"debug", "exception"}  # methods of loggers


def said(node):
    """Return what a node of a syntax tree can be as a string, `{}` for what it does not show."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(parts) for parts in itertools.product(*map(said, values))]
        case ast.FormattedValue(value=value):
            return said(value)
        case ast.IfExp(body=body, orelse=other):
            return said(body) + said(other)
        case ast.Subscript(value=ast.Constant(value="s")):
            return ["", "s"]
        case ast.BinOp(op=ast.Mult(), left=left):
            return ["", *said(left)]
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return ["".join(parts) for parts in itertools.product(said(left), said(right))]
    return ["{}"]


def no_messages(tree):
    """Yield the nodes of strings that nobody is told: docstrings, word lists, developers' logs."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as text):
                yield text
            case ast.Call(func=ast.Attribute(value=text, attr="split")):
                yield text
            case ast.Call(func=ast.Attribute(attr=name)) if name in DEVELOPERS:
                yield from node.args
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"))):
                yield from node.args


def strings(tree):
    """Yield all that the strings of a module can be, each whole, without those of no message."""
    skipped = {id(node) for node in no_messages(tree)}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if id(node) in skipped:
            continue
        is_sum = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)
        texts = [text for text in said(node) if text.strip("{}")] if is_sum else []
        if isinstance(node, (ast.JoinedStr, ast.Constant)) or texts:
            yield from said(node)
        else:
            waiting += ast.iter_child_nodes(node)


def messages():
    """Return what the sources can say to people, with where: templates with `{}` for the rest."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name in BILINGUAL or name.startswith(IN_KERNELS):
            continue
        for text in strings(ast.parse(path.read_text("utf-8"))):
            if PROSE.search(text) and not NO_PROSE.search(text):
                found.setdefault(text, name)
    return found


def core(template):
    """Return a template without what others put it together with."""
    return re.sub(r"^(?:bookproof|refused|warning): |^[\s{}:;,()]+|[\s{}:;,(]+$", "", template)


KNOWN = [entry.plain for entry in ENTRIES]
MESSAGES = messages()


def test_the_messages_are_found():
    assert 450 < len(MESSAGES) < 800


@pytest.mark.parametrize("name", sorted(set(MESSAGES.values())))
def test_every_message_has_its_chinese(name):
    lacking = [
        text
        for text, where in MESSAGES.items()
        if where == name and not any(core(text) in known for known in KNOWN)
    ]
    assert lacking == []
