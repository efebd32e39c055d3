"""What can be written at a place in a chapter: the words of a block, the names of directives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bookproof.judging.filters import FILTERS
from bookproof.reading.block import TOLERANCES, WORDS, parse
from bookproof.reading.hidden import BLOCKS
from bookproof.reading.value import SHOWN

_EXPECT = re.compile(r"[\s>]*(?:`{3,}|~{3,})\{expect\}(?P<words>.*)\Z")
_NAME = re.compile(r"[\s>]*(?:`{3,}|~{3,})\{(?P<name>[\w:-]*)\Z")

_OF_WORDS = {
    "exact": "Text must be the same, letter by letter; the default.",
    "number": "Floats are compared to the digits that you write, integers exactly.",
    "contains": "Each line is found in a line of the output, in this order.",
    "lines": "A line of `...` stands for any number of lines.",
    "unordered": "The lines may stand in any order.",
    "figure": "The description of what matplotlib draws; numbers may differ by 0.1 %.",
    "error": "The exception, as `Type: message`; the cell needs the tag `raises-exception`.",
    "stream=stdout": "Only what the cell prints.",
    "stream=stderr": "Only what the cell writes to stderr.",
    "stream=result": "Only the value of the last expression, and what is displayed.",
    "rtol=": "Floats may differ by this share of the expected one, as in rtol=1e-3.",
    "atol=": "Floats may differ by so much, as in atol=0.5.",
}
_OF_FILTERS = {
    "addr": "Even out addresses in memory.",
    "id": "Even out what id() gives.",
    "pid": "Even out the numbers of processes.",
    "uuid": "Even out UUIDs.",
    "path": "Even out paths, but for their last part.",
    "date": "Even out dates and times of day.",
    "time": "Even out how long something took.",
    "blanks": "Count runs of blanks as one.",
}
_OF_DIRECTIVES = {
    "{code-cell}": "A cell that is run.",
    "{expect}": "What the cell above gives.",
    "{unverified}": "Why nothing compares the output of the cell above.",
    f"{{{SHOWN}}}": "Show what an expression gives.",
    f"{{{SHOWN}:figure}}": "Show what an expression gives, as a figure.",
}


class Word(NamedTuple):
    """A word that can be written, and what it means."""

    text: str
    meaning: str


class Completion(NamedTuple):
    """Words that can stand from the column `start` on, instead of what stands before `end`."""

    start: int
    end: int
    words: list[Word]


def complete(line: str, column: int, own: Iterable[str] = ()) -> Completion | None:
    """Return what can be written at a column of a line; `own` are the filters of the book."""
    before = line[:column]
    if found := _EXPECT.match(before):
        given = found["words"].split()
        current = given.pop() if given and not before[-1].isspace() else ""
        if not current and not before[-1].isspace():
            return None  # directly behind the brace
        words = list(_words(" ".join(given), current, own))
        return Completion(column - len(current), column, words)
    if found := _NAME.match(before):
        start = found.start("name") - 1
        closed = line[column : column + 1] == "}"  # many editors write both braces
        return Completion(start, column + closed, list(_directives()))
    return None


def _words(given: str, current: str, own: Iterable[str]) -> Iterator[Word]:
    """Yield the words that may stand beside those that are given."""
    tolerances = [f"{name}=" for name in TOLERANCES]
    for word in [*WORDS, *tolerances]:
        if _fits(given, f"{word}1" if word in tolerances else word):
            yield Word(word, _OF_WORDS[word])
    named = current.removeprefix("norm=").split(",")[:-1] if "norm=" in current else []
    for name in dict.fromkeys([*FILTERS, *own]):
        if name not in named and _fits(given, f"norm={name}"):
            meaning = _OF_FILTERS.get(name, "A filter of this book.")
            yield Word(f"norm={','.join([*named, name])}", meaning)


def _fits(given: str, word: str) -> bool:
    try:
        parse(f"{given} {word}")
    except ValueError:
        return False
    return True


def _directives() -> Iterator[Word]:
    names = ("{code-cell}", *BLOCKS, f"{{{SHOWN}}}", f"{{{SHOWN}:figure}}")
    yield from (Word(name, _OF_DIRECTIVES[name]) for name in names)
