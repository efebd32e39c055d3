"""Match one line against one that an author wrote."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bookproof.judging.how import How
from bookproof.judging.numbers import MARK, NUMBER, close, numbers_match, spaced, take_apart
from bookproof.reading.block import WILD


def same(want: str, have: str, how: How) -> bool:
    """Tell whether a line is as wanted."""
    if WILD in want:
        return _follow(want, have, how, free=False)[0]
    return numbers_match(want, have, how) if how.numeric else want == have


def within(want: str, have: str, how: How) -> bool:
    """Tell whether a line has somewhere in it what is wanted."""
    return _follow(want.strip(), have, how, free=True)[0]


def column(want: str, have: str, how: How) -> int:
    """Return the display column of `have` at which the two lines part.

    A full-width character is two columns wide.
    """
    return width(have[: parting(want, have, how)[1]]) + 1


def parting(want: str, have: str, how: How) -> tuple[int, int]:
    """Return how many characters of each line stand before the place where the two part.

    Of a line with a wildcard nobody can tell how much of it fits: that counts as none.
    """
    if WILD in want:
        return 0, _follow(want, have, how, free=False)[1]
    if how.numeric:
        for a, b in zip(NUMBER.finditer(want), NUMBER.finditer(have), strict=False):
            if not close(a.group(), b.group(), how):
                return a.start(), b.start()
    pairs = enumerate(zip(want, have, strict=False))
    alike = next((i for i, (a, b) in pairs if a != b), min(len(want), len(have)))
    return alike, alike


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _follow(want: str, have: str, how: How, free: bool) -> tuple[bool, int]:
    """Look for the pieces between wildcards one after the other, each where it comes first.

    Return whether all are there, and where the last that is ends. Unless `free`, they must begin
    and end where the line does.
    """
    numbers: list[str] = []
    if how.numeric:
        want, (have, numbers) = spaced(want), take_apart(spaced(have))
    pieces = want.split(WILD)
    position = 0
    for index, piece in enumerate(pieces):
        wild = index > 0, index < len(pieces) - 1
        ends = []
        readings = _readings(piece, *wild) if how.numeric else [(piece, [])]
        for text, wanted in readings:
            for start in _starts(text, have, position):
                end = start + len(text)
                if not free and not ((wild[0] or start == 0) and (wild[1] or end == len(have))):
                    continue
                given = numbers[have.count(MARK, 0, start) :] if wanted else []
                if all(part.fits(number, how) for part, number in zip(wanted, given, strict=False)):
                    ends.append(end)
                    break
        if not ends:
            return False, _length(have[:position], numbers)
        position = min(ends)
    return True, _length(have[:position], numbers)


def _starts(text: str, have: str, position: int) -> Iterator[int]:
    while (position := have.find(text, position)) >= 0:
        yield position
        position += 1


@dataclass(frozen=True)
class _Part:
    """A number of a piece: `begins` and `ends` tell whether a longer one may begin or end so."""

    number: str
    begins: bool
    ends: bool

    def fits(self, number: str, how: How) -> bool:
        """Tell whether a number of a line is the one wanted."""
        return (
            close(self.number, number, how)
            or (self.begins and number.startswith(self.number))
            or (self.ends and number.endswith(self.number))
            or (self.begins and self.ends and self.number in number)
        )


@lru_cache(maxsize=512)
def _readings(piece: str, opens: bool, closes: bool) -> list[tuple[str, list[_Part]]]:
    """Return the words of a piece with its numbers, in each way in which it may be read.

    A number that touches a wildcard may be a part of one, or of another text: 2.13 of 2.13.0.
    """
    text, numbers = take_apart(piece)
    opens, closes = opens and text.startswith(MARK), closes and text.endswith(MARK)
    last = len(numbers) - 1
    parts = [_Part(n, closes and i == last, opens and i == 0) for i, n in enumerate(numbers)]
    readings = [(text, parts)]
    if opens:
        readings.append((numbers[0] + text[1:], parts[1:]))
    if closes:
        readings += [(t[:-1] + numbers[-1], p[:-1]) for t, p in readings if p]
    return readings


def _length(text: str, numbers: list[str]) -> int:
    """Return how long a text is with the numbers instead of their marks."""
    return len(text) + sum(len(number) - 1 for number in numbers[: text.count(MARK)])
