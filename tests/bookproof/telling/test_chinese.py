"""Every message has its Chinese: the sources are read for what they say, not the catalogue."""

import argparse
import ast
import errno
import inspect
import itertools
import os
import re
import time
from pathlib import Path

import pytest

import bookproof
from bookproof import cli
from bookproof.judging.verdict import Kind
from bookproof.notes.findings import Verdict
from bookproof.telling.catalogue import Catalogue, entries
from bookproof.telling.language import words_for
from bookproof.telling.texts import texts_for

ROOT = Path(bookproof.__file__).parent
TEXT = (ROOT / "telling" / "chinese.txt").read_text("utf-8")
ENTRIES = list(entries(TEXT))
chinese = words_for("zh")

BILINGUAL = {"telling/texts.py", "notes/phrases.py", "notes/skeleton.py"}
"""What has both languages already, for what is written into books."""

UNTOLD = ("running/inside/", "running/camera.py")
"""What a figure shows, which stands in blocks; why a kernel is not forked, which nobody is told."""

NO_PROSE = re.compile(
    r"\\|\(\?|\[0-9|\n"  # patterns, files and code
    r"|^\s*(?:<|:[\w-]*:|`{3}|import |from \w+ import |if |%|\W*$)"  # HTML, options, more code
    r'|="|^\[.*\]$|^…\{|^- |^bookproof-\w'  # attributes, remarks within outputs, lists, classes
)
PROSE = re.compile(r"\b[A-Za-z]{2,}\b,? +(?:\{\} +)*\b[A-Za-z]{2,}\b")
SMALL = re.compile(r"\b(?:an?|all|and|as|is|it|of|or|the|to|with)\b")
MOST = 5  # words that may stand in a sentence without a small one; more are a list of words
DEVELOPERS = {"debug", "exception"}  # methods of loggers

EXCEPTIONS = {
    "module {} has no attribute {}": "Python's own words, for programmers",
    "wanted two lines, a message and what it becomes, given {}": "for who writes the catalogue",
    "model name": "what Linux calls the processor",
    "Traceback (most recent call last)": "what Python begins it with",
    "collect the chapters of books, and check that their cells give what they say": (
        "among the options of pytest, which are in English; each run of pytest would pay for more"
    ),
    "no code": "what stands for a line of code",
}


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


def untold(tree):
    """Yield the nodes of strings that nobody is told.

    Those are docstrings, lists of words, patterns, developers' logs, what is looked for in others'
    texts, and what is put in their place.
    """
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
            case ast.Compare(left=text, ops=[ast.In()]):
                yield text
            case ast.Lambda(body=text):
                yield text


def strings(tree):
    """Yield all that the strings of a module can be, each whole, but for what nobody is told."""
    skipped = {id(node) for node in untold(tree)}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if id(node) in skipped:
            continue
        texts = said(node)
        if isinstance(node, ast.JoinedStr) or any(text.strip("{}") for text in texts):
            yield from (re.sub(r"(\{\d*\})+", "{}", text) for text in texts)
            waiting += (inner for inner in ast.walk(node) if isinstance(inner, ast.BoolOp))
        else:
            waiting += ast.iter_child_nodes(node)


def is_message(text):
    words = re.findall(r"[A-Za-z]+", text)
    listed = len(words) > MOST and not SMALL.search(text)
    return bool(PROSE.search(text)) and not NO_PROSE.search(text) and not listed


def sources():
    """Yield the strings of all modules but those that have both languages, with their file."""
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name not in BILINGUAL and not name.startswith(UNTOLD):
            yield from ((text, name) for text in strings(ast.parse(path.read_text("utf-8"))))


STRINGS = list(sources())
MESSAGES = {text: name for text, name in STRINGS if is_message(text)}


def core(template):
    """Return a template without what it is put together with others by."""
    return re.sub(
        r"^(?:(?:bookproof|refused|warning): )+|^[\s{}:;,()]+|[\s{}:;,(…]+$", "", template
    )


def test_every_message_has_its_chinese():
    assert 500 < len(MESSAGES) < 800
    assert EXCEPTIONS.keys() <= MESSAGES.keys()
    known = "\n".join(entry.plain for entry in ENTRIES)
    lacking = [(name, text) for text, name in MESSAGES.items() if core(text) not in known]
    assert [text for _, text in lacking] == [t for t in MESSAGES if t in EXCEPTIONS], lacking


@pytest.mark.parametrize("kinds", [Kind, Verdict])
def test_every_verdict_has_its_chinese(kinds):
    assert all(chinese(kind) != kind for kind in kinds)
    assert len({chinese(kind) for kind in kinds}) == len(kinds)


def test_the_words_are_those_of_the_pages():
    texts = texts_for("zh")
    assert {kind: chinese(kind) for kind in texts.kinds} == texts.kinds
    assert set(texts.kinds) == set(Kind)
    whole = [reason for reason in texts.reasons if chinese(reason) != reason]
    assert len(whole) > 8
    assert [chinese(reason) for reason in whole] == [texts.reasons[reason] for reason in whole]
    said = "shows an address in memory and the date of today"
    assert chinese(said) == texts.reason(said)


def others():
    """Return what is said by argparse and by the system."""
    tree = ast.parse(inspect.getsource(argparse))
    found = [text for node in ast.walk(tree) for text in said(node)]
    found.append(cli.__doc__)
    return [re.sub(r"%(\(\w+\))?[rsd]", "{}", t) for t in found] + [
        *map(os.strerror, errno.errorcode)
    ]


def is_of(part, told):
    """Tell whether a part of a template stands in what is told, at most joined of two pieces."""
    if part in told or part.removesuffix("s") in told:
        return True
    words = part.split(" ")
    halves = ((" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words)))
    return any(one in told and other in told for one, other in halves)


def test_nothing_in_the_catalogue_is_said_by_nobody():
    told = "\n".join([*(text for text, _ in STRINGS), *others(), *Kind, *Verdict])
    told = re.sub(r"[\s{}]+", " ", told)
    parts = [
        part.strip()
        for entry in ENTRIES
        for text in entry.parts[::2]
        for part in re.split(r"[,;:(){}]+ ?", re.sub(r"\s+", " ", text))
    ]
    assert len(parts) > 1000
    assert [part for part in dict.fromkeys(parts) if not is_of(part, told)] == []


def test_no_entry_stands_in_the_way_of_another():
    fill = {"#": "7", "!": "mismatch", "~": "mismatch", "?": "mismatch"}
    for entry in ENTRIES:
        gaps = [fill.get(gap[:1], "Q7") for gap in entry.parts[1::2]]
        pairs = itertools.zip_longest(entry.parts[::2], gaps, fillvalue="")
        message = "".join(itertools.chain.from_iterable(pairs))
        pieces = [gap.replace("mismatch", "不符") for gap in gaps]
        wanted = "".join(pieces[it] if isinstance(it, int) else it for it in entry.became)
        assert chinese(message) == wanted, message


def test_the_chinese_says_as_much_and_is_written_as_chinese():
    for entry in ENTRIES:
        numbers = [it for it in entry.became if isinstance(it, int)]
        texts = "".join(it for it in entry.became if isinstance(it, str))
        assert sorted(numbers) == list(range(len(entry.parts) // 2)), entry
        own = re.sub(r"`[^`]*`|\{[^}]*\}", "", texts)
        assert re.search(r"[\u4e00-\u9fff]", own) or len(own) < 14, entry
        assert not re.search(r"[\u4e00-\u9fff][,;!?()]|[,;!?()][\u4e00-\u9fff]", own), entry
        assert not re.search(r"[\u4e00-\u9fff][A-Za-z]|[A-Za-z][\u4e00-\u9fff]", own), entry


def test_what_is_not_ours_stays():
    for text in (
        "a.md:3: cell failed: ValueError: the file is gone, and foo has changed",
        "a.md:3: cell failed: KeyError: 'nothing there'",
        "mismatch: the text says mismatch, but `kernel died` is not run",
    ):
        _, _, theirs = text.rpartition(": ")
        kept = theirs if "cell failed" in text else "mismatch"
        assert kept in chinese(text)
        assert chinese(text) != text
    assert chinese("first\nthe kernel died") == "first\nthe kernel died"
    assert chinese("Nothing that anybody says.") == "Nothing that anybody says."


def test_a_report_of_a_thousand_lines_takes_no_time():
    lines = [f"a{n}.md:{n}: mismatch: first difference at line {n}, column 1" for n in range(1000)]
    started = time.perf_counter()
    told = list(map(Catalogue(TEXT), lines))
    assert time.perf_counter() - started < 0.5  # 0.08 on an idle machine
    assert told[7] == "a7.md:7: 不符：第一处不同在第 7 行第 1 列"


@pytest.mark.parametrize("text", ["alone", "a\nb\nc"])
def test_a_catalogue_is_pairs(text):
    with pytest.raises(ValueError, match="wanted two lines"):
        list(entries(f"one\n一\n\n{text}\n"))
