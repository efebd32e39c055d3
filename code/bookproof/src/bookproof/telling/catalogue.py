"""Put messages into another language, by pairs of templates.

A catalogue is a text: a template in English, below it one in the other language, a blank line. What
stands in braces varies:

- `{}` is anything, `{#}` a number: both stay as they are;
- `{~}` is a message, which is put into the other language if it is one; `{~, }` are several, with
  a comma between; `{?}` may be somebody else's words, which are left alone unless most are ours;
- `{!}` must be a message, which begins with words of ours;
- `{a|b}` is one of several words;
- `{{` and `}}` are braces.

In the other language `{}` is what varies, in the same order; `{2}` is the second. Lines that begin
with `#` and a blank are remarks.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

_BRACES = re.compile(r"(\{\{|\}\}|\{[^{}]*\})")
_WORD = re.compile(r"[A-Za-z]+")
_GAPS = {"": ".*?", "#": r"-?\d[\d.,]*", "!": ".+?", "?": ".+?", "~": ".+?"}
_JOINED = {", ": "，", "; ": "；", " and ": "、"}
_SURE = 30
"""What may be no message is one where so many characters of it are ours, or it begins with them."""

Rank = tuple[int, int]


@dataclass(frozen=True)
class Entry:
    """A template without alternatives: its parts, by turns text and gaps; and what it becomes.

    There a number stands for the gap of that number, from 0.
    """

    parts: tuple[str, ...]
    became: tuple[str | int, ...]

    @property
    def plain(self) -> str:
        """Return the template with all gaps alike."""
        return "{}".join(self.parts[::2])

    @functools.cached_property
    def rank(self) -> Rank:
        """Return how sure it is that what matches is meant: as it begins, and how much it says."""
        begins = bool(self.parts[0]) or self.parts[1:4] == ("", ":", "#")
        must = self.parts[1:2] == ("!",)
        return 2 if begins else 1 if must else 0, sum(map(len, self.parts[::2]))

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return what matches a message that the template makes."""
        texts, gaps = self.parts[::2], [f"({_GAPS[gap[:1]]})" for gap in self.parts[1::2]]
        pairs = itertools.zip_longest(map(re.escape, texts), gaps, fillvalue="")
        return re.compile("".join(itertools.chain.from_iterable(pairs)))

    def words(self) -> set[str]:
        """Return the words that every such message has, whole."""
        texts = self.parts[::2]
        found = set()
        for number, text in enumerate(texts):
            for word in _WORD.finditer(text):
                begins = word.start() > 0 or number == 0
                if begins and (word.end() < len(text) or number == len(texts) - 1):
                    found.add(word[0])
        return found


def entries(text: str) -> Iterator[Entry]:
    """Yield the entries of a catalogue; raise ValueError where it is none."""
    lines = [line for line in text.split("\n") if not line.startswith("# ")]
    for block in "\n".join(lines).strip("\n").split("\n\n"):
        template, newline, became = block.strip("\n").partition("\n")
        if not newline or "\n" in became:
            raise ValueError(f"wanted two lines, a message and what it becomes, given {block!r}")
        filled = tuple(_filled(became))
        yield from (Entry(parts, filled) for parts in _alternatives(template))


def _filled(template: str) -> Iterator[str | int]:
    """Yield what a message becomes: texts, and the numbers of what varies."""
    numbers = itertools.count()
    for place, piece in enumerate(_BRACES.split(template)):
        if place % 2 == 0 or piece in ("{{", "}}"):
            yield piece[:1] if place % 2 else piece
        else:
            yield int(piece[1:-1]) - 1 if piece[1:-1] else next(numbers)


def _alternatives(template: str) -> Iterator[tuple[str, ...]]:
    """Yield the parts of a template for each choice of words."""
    found: list[list[str]] = [[""]]
    for place, piece in enumerate(_BRACES.split(template)):
        if place % 2 == 0 or piece in ("{{", "}}"):
            choices = [piece[:1] if place % 2 else piece]
        elif "|" in piece:
            choices = piece[1:-1].split("|")
        else:
            found = [[*parts, piece[1:-1], ""] for parts in found]
            continue
        found = [[*parts[:-1], parts[-1] + choice] for parts in found for choice in choices]
    yield from map(tuple, found)


class Catalogue:
    """Puts messages into the language of a catalogue; what it does not know stays as it is."""

    def __init__(self, text: str):
        known = [(entry, entry.words()) for entry in entries(text)]
        counts = Counter(word for _, words in known for word in words)
        self._found: dict[str, list[tuple[Rank, int, Entry]]] = defaultdict(list)
        for number, (entry, words) in enumerate(known):
            rarest = min(words, key=lambda word: (counts[word], word), default="")
            self._found[rarest].append((entry.rank, -number, entry))
        self._known = functools.lru_cache(4096)(self._search)

    def __call__(self, text: str) -> str:
        """Return a message in the other language; only its first line is one."""
        first, newline, more = text.partition("\n")
        return self._line(first) + newline + more

    def _line(self, line: str, sure: bool = False) -> str:
        bare = line.lstrip(" ")
        found = self._known(bare)
        if found is None or (sure and found[1] < (2, 0) and found[1][1] < _SURE):
            return line
        return line[: len(line) - len(bare)] + found[0]

    def _search(self, line: str) -> tuple[str, Rank] | None:
        """Return a line in the other language, and how sure that is; None where it is unknown."""
        candidates = list(self._found[""])
        for word in set(_WORD.findall(line)):
            candidates += self._found.get(word, ())
        weak = []
        for rank, _, entry in sorted(candidates, reverse=True):
            if not (match := entry.pattern.fullmatch(line)):
                continue
            if rank < (1, 0):
                weak.append((match, entry))
            elif made := self._made(entry, match):
                return made, rank
        # They begin with what varies: most likely that ends at the first words of ours.
        for match, entry in sorted(weak, key=lambda pair: pair[0].end(1)):
            if made := self._made(entry, match):
                return made, entry.rank
        return None

    def _made(self, entry: Entry, match: re.Match[str]) -> str:
        """Return what a message becomes, empty where the entry is not for it."""
        pieces = self._pieces(entry, match.groups())
        made = (pieces[it] if isinstance(it, int) else it for it in entry.became)
        return "" if pieces is None else "".join(made)

    def _pieces(self, entry: Entry, groups: tuple[str, ...]) -> list[str] | None:
        """Return what varies, in the other language; None where it is not what it must be."""
        pieces = []
        for gap, text in zip(entry.parts[1::2], groups, strict=True):
            if gap == "!":
                found = self._known(text)
                if found is None or found[1] < (2, 0):
                    return None
                text = found[0]
            elif gap == "?":
                text = self._line(text, sure=True)
            elif gap.startswith("~"):
                separator = gap[1:]
                several = text.split(separator) if separator else [text]
                text = _JOINED.get(separator, separator).join(map(self._line, several))
            pieces.append(text)
        return pieces
