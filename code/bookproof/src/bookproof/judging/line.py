"""Match one line against one that an author wrote."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from bookproof.judging.how import How
from bookproof.judging.numbers import NUMBER, close, numbers_match, spaced

WILD = "[..]"
"""What stands for any text within a line, also for none."""


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
    if WILD in want:
        return width(have[: _follow(want, have, how, free=False)[1]]) + 1
    if how.numeric:
        for a, b in zip(NUMBER.finditer(want), NUMBER.finditer(have), strict=False):
            if not close(a.group(), b.group(), how):
                return width(have[: b.start()]) + 1
    pairs = enumerate(zip(want, have, strict=False))
    alike = next((i for i, (a, b) in pairs if a != b), min(len(want), len(have)))
    return width(have[:alike]) + 1


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _follow(want: str, have: str, how: How, free: bool) -> tuple[bool, int]:
    """Look for the pieces between wildcards one after the other, each where it comes first.

    Return whether all are there, and where the last that is ends. Unless `free`, they must begin
    and end where the line does.
    """
    if how.numeric:
        want, have = spaced(want), spaced(have)
    pieces = want.split(WILD)
    position = 0
    for index, piece in enumerate(pieces):
        opens, closes = index > 0, index < len(pieces) - 1
        places = _places(piece, have, position, how, (opens, closes))
        if not opens and not free:
            places = (place for place in places if place[0] == 0)
        if not closes and not free:
            places = (place for place in places if place[1] == len(have))
        end = min((place[1] for place in places), default=None)
        if end is None:
            return False, position
        position = end
    return True, position


def _places(
    piece: str, have: str, start: int, how: How, wild: tuple[bool, bool]
) -> Iterator[tuple[int, int]]:
    """Yield start and end of a piece in a line: where it comes first, and where last."""
    if not how.numeric:
        for found in (have.find(piece, start), have.rfind(piece, start)):
            if found >= 0:
                yield found, found + len(piece)
        return
    for pattern, numbers in _patterns(piece, *wild):
        places = [
            found.span(1)
            for found in pattern.finditer(have, start)
            if all(close(*pair, how) for pair in zip(numbers, found.groups()[1:], strict=True))
        ]
        yield from places[:1] + places[-1:]


@lru_cache(maxsize=512)
def _patterns(piece: str, opens: bool, closes: bool) -> list[tuple[re.Pattern, list[str]]]:
    """Return how a piece may read: a number that touches a wildcard may go on in that."""
    texts, numbers = NUMBER.split(piece), NUMBER.findall(piece)
    cut = [(False, True) if touches else (False,) for touches in (opens, closes)]
    patterns = {}
    for first, last in product(*cut):
        exact = {0} if first and numbers and not texts[0] else set()
        exact |= {len(numbers) - 1} if last and numbers and not texts[-1] else set()
        middle = [
            re.escape(number) if index in exact else f"({NUMBER.pattern})"
            for index, number in enumerate(numbers)
        ]
        joined = "".join(a + b for a, b in zip(map(re.escape, texts), [*middle, ""], strict=True))
        kept = [number for index, number in enumerate(numbers) if index not in exact]
        patterns[joined] = (re.compile(f"(?=({joined}))"), kept)
    return list(patterns.values())
