"""Read values off a text: numbers, strings, sequences, arrays, objects, as Python shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<string>\b[bBrRuU]{1,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
        |(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))
    |(?P<number>[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:[+-]\d+\.?\d*)?[jJ]?%?(?![\w]))
    |(?P<more>\.{3,}|…)
    |(?P<angle><[A-Za-z_][^<>\n]*(?:<[^<>\n]*>)?[^<>\n]*>)
    |(?P<name>-?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<sign>[][(){},:=])""",
    re.VERBOSE,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
MORE = "..."


@dataclass(frozen=True)
class Node:
    """A value: its kind, its text, and the values in it.

    `kind` is "number", "string", "word", "more", "angle", "sequence", "braces", "pair" or "call";
    a call has its arguments as items, those with a name as pairs.
    """

    kind: str
    text: str = ""
    items: tuple[Node, ...] = ()


class Grammar:
    """What names stand for values, and for objects, in a text."""

    def __init__(self, is_word, is_object):
        self.is_word = is_word
        self.is_object = is_object


def values(text: str, grammar: Grammar) -> list[Node]:
    """Return the values that a text consists of; raises SyntaxError where it has anything else."""
    reader = _Reader(text, grammar)
    found = reader.some("")
    if not found:
        raise SyntaxError("nothing")
    return found


def first(text: str, grammar: Grammar) -> tuple[Node, str]:
    """Return the value that a text begins with, and the rest; raises SyntaxError without one."""
    reader = _Reader(text, grammar, whole=False)
    return reader.one(), text[reader.end :]


class _Reader:
    def __init__(self, text: str, grammar: Grammar, whole: bool = True):
        self._words: list[tuple[str, str]] = []
        self._ends: list[int] = []
        self._grammar = grammar
        place = 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if not found:
                if whole:
                    raise SyntaxError(text[place:])
                self._words.append(("words", text[place:]))
                break
            if found.lastgroup != "blank":
                self._words.append((found.lastgroup, found.group()))
                self._ends.append(found.end())
            place = found.end()
        self._words.append(("end", ""))
        self._place = 0

    @property
    def end(self) -> int:
        """Tell where in the text what was taken ends."""
        return self._ends[self._place - 1]

    def one(self) -> Node:
        """Take a value, whatever follows it."""
        return self._one(False)

    def some(self, end: str) -> list[Node]:
        """Return the values up to a sign, which is not taken."""
        found = []
        while True:
            kind, word = self._words[self._place]
            if kind == "end" or (kind == "sign" and word == end):
                return found
            if self._take(","):
                continue
            node = self._one(bool(end))
            if end and self._take(":"):
                node = Node("pair", items=(node, self._one(True)))
            found.append(node)

    def _take(self, sign: str) -> bool:
        taken = self._words[self._place] == ("sign", sign)
        self._place += taken
        return taken

    def _one(self, inside: bool) -> Node:
        kind, word = self._words[self._place]
        self._place += 1
        if kind in ("string", "number", "angle"):
            return Node(kind, word)
        if kind == "more":
            return Node(kind, MORE)
        if kind == "name":
            return self._named(word, inside)
        if kind == "sign" and word in _CLOSING:
            items = self.some(_CLOSING[word])
            if not self._take(_CLOSING[word]):
                raise SyntaxError(word)
            return Node("braces" if word == "{" else "sequence", word, tuple(items))
        raise SyntaxError(word)

    def _named(self, name: str, inside: bool) -> Node:
        if not self._take("("):
            if not self._grammar.is_word(name, inside):
                raise SyntaxError(name)
            return Node("word", name)
        if not inside and not self._grammar.is_object(name):
            raise SyntaxError(name)
        items = []
        while not self._take(")"):
            key = self._words[self._place]
            if key[0] == "end":
                raise SyntaxError(name)
            if self._words[self._place + 1] == ("sign", "=") and key[0] == "name":
                self._place += 2
                items.append(Node("pair", "=", (Node("word", key[1]), self._one(True))))
            elif not self._take(",") and not self._take(":"):
                items.append(self._one(True))
        return Node("call", name, tuple(items))
