"""Match a text against what an author wrote."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from bookproof.judging.filters import FILTERS
from bookproof.reading.screen import normalise

_NUMBER = re.compile(
    r"(?<![\w.])(?:(?<![)\]])[+-])?"  # a sign, unless it stands between two operands
    r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
    r"(?![\d.]*\d)"  # 2.13.0 is no number
)
_BLANKS = re.compile(r"[ \t]+")

ANY = "..."
"""A line that stands for any lines."""


@dataclass(frozen=True)
class Difference:
    """Where two texts part: 1-based lines of each, and the display column in the actual one.

    A full-width character is two columns wide.
    """

    expected_line: int
    actual_line: int
    column: int


@dataclass(frozen=True)
class How:
    """How to match: `shape` is whole, lines or contains.

    `digits` compares floats to the digits that are written, `relative` as a share of the greater
    one; without either, numbers are text like any other.
    """

    shape: str = "whole"
    digits: bool = False
    relative: Decimal | None = None
    filters: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Tell whether numbers are compared as such."""
        return self.digits or self.relative is not None


def compare(expected: str, actual: str, how: How = How()) -> Difference | None:
    """Return where `actual` first departs from `expected`, or None where it matches.

    Both texts are normalised first, then by the named filters. Numbers, where they are
    compared as such: integers and words must be the same, floats equal to the digits that
    `expected` gives, and runs of blanks count as one, because the width of a number may change.
    """
    wanted = _lines(expected, how)
    given = _lines(actual, how)
    return {"whole": _whole, "lines": _wild, "contains": _contained}[how.shape](wanted, given, how)


def _lines(text: str, how: How) -> list[str]:
    lines = normalise(text).split("\n")
    for name in how.filters:
        lines = [FILTERS[name](line) for line in lines]
    return lines


def _whole(wanted: list[str], given: list[str], how: How) -> Difference | None:
    for index, (want, have) in enumerate(zip(wanted, given, strict=False), start=1):
        if not _same(want, have, how):
            return Difference(index, index, _column(want, have, how))
    if len(wanted) != len(given):
        end = min(len(wanted), len(given)) + 1
        return Difference(end, end, 1)
    return None


def _wild(wanted: list[str], given: list[str], how: How) -> Difference | None:
    """Match with wildcards: each stretch between two is taken where it first fits."""
    stretches: list[list[str]] = [[]]
    starts = [1]
    for number, line in enumerate(wanted, start=1):
        if line.strip() == ANY:
            stretches.append([])
            starts.append(number + 1)
        else:
            stretches[-1].append(line)
    first, *between = stretches
    found = _whole(first, given[: len(first)] if between else given, how)
    if found or not between:
        return found
    position = len(first)
    last = between.pop()
    for stretch, start in zip(between, starts[1:], strict=False):
        room = range(position, len(given) - len(stretch) + 1)
        fits = (i for i in room if not _whole(stretch, given[i : i + len(stretch)], how))
        place = next(fits, None)
        if place is None:
            return Difference(start, position + 1, 1)
        position = place + len(stretch)
    if len(given) - len(last) < position:
        return Difference(starts[-1], len(given) + 1, 1)
    offset = len(given) - len(last)
    found = _whole(last, given[offset:], how)
    if found:
        return Difference(
            found.expected_line + starts[-1] - 1, found.actual_line + offset, found.column
        )
    return None


def _contained(wanted: list[str], given: list[str], how: How) -> Difference | None:
    """Match where each line wanted is found within a line given, in the same order."""
    rest = iter(enumerate(given, start=1))
    last = 1
    for number, want in enumerate(wanted, start=1):
        for index, have in rest:
            if _within(want, have, how):
                last = index + 1
                break
        else:
            return Difference(number, last, 1)
    return None


def _within(want: str, have: str, how: How) -> bool:
    want = want.strip()
    if not how.numeric:
        return want in have
    pieces = [re.escape(_BLANKS.sub(" ", piece)) for piece in _NUMBER.split(want)]
    pattern = re.compile(f"(?=({f'({_NUMBER.pattern})'.join(pieces)}))")
    numbers = _NUMBER.findall(want)
    return any(
        all(_close(*pair, how) for pair in zip(numbers, found.groups()[1:], strict=True))
        for found in pattern.finditer(_BLANKS.sub(" ", have))
    )


def _same(want: str, have: str, how: How) -> bool:
    return numbers_match(want, have, how) if how.numeric else want == have


DIGITS = How(digits=True)


def numbers_match(expected: str, actual: str, how: How = DIGITS) -> bool:
    """Tell whether two lines have the same words and, to the digits expected, the same numbers.

    >>> numbers_match("loss 0.93", "loss 0.9312")
    True
    >>> numbers_match("size 28", "size 28.0")
    False
    """
    expected = _BLANKS.sub(" ", expected.strip())
    actual = _BLANKS.sub(" ", actual.strip())
    if _NUMBER.sub("#", expected) != _NUMBER.sub("#", actual):
        return False
    wanted, given = _NUMBER.findall(expected), _NUMBER.findall(actual)
    return all(_close(*pair, how) for pair in zip(wanted, given, strict=True))


def _close(expected: str, actual: str, how: How) -> bool:
    if expected == actual:
        return True
    if not _is_float(expected) or not _is_float(actual):
        return False
    try:
        want, have = Decimal(expected), Decimal(actual)
        allowed = Decimal(0)
        if how.digits:  # half of one in the last digit that is written
            allowed = Decimal(1).scaleb(want.as_tuple().exponent) / 2
        if how.relative is not None:
            allowed = max(allowed, how.relative * max(abs(want), abs(have)))
        return abs(want - have) <= allowed
    except ArithmeticError:  # an exponent beyond what can be computed with
        return False


def _is_float(number: str) -> bool:
    return any(sign in number for sign in ".eE")


def words(line: str) -> str:
    """Return a line with a # for each number."""
    return _NUMBER.sub("#", _BLANKS.sub(" ", line))


def with_digits_of(expected: str, actual: str) -> str:
    """Return a line with its floats rounded to the digits of those in one with the same words."""
    wanted = iter(_NUMBER.findall(expected))

    def rounded(found: re.Match) -> str:
        want = next(wanted)
        if not _is_float(want) or not _is_float(found.group()):
            return found.group()
        mantissa, sign, _ = want.lower().partition("e")
        point, places = "." in mantissa, len(mantissa.partition(".")[2])
        if sign:
            return f"{float(found.group()):.{places}e}"
        return f"{Decimal(found.group()):.{places}f}" + "." * (point and not places)

    return _NUMBER.sub(rounded, actual)


def _column(want: str, have: str, how: How) -> int:
    """Return the display column of `have` at which the two lines part."""
    if how.numeric:
        for a, b in zip(_NUMBER.finditer(want), _NUMBER.finditer(have), strict=False):
            if not _close(a.group(), b.group(), how):
                return _width(have[: b.start()]) + 1
    pairs = zip(want, have, strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(want), len(have)))
    return _width(have[:same]) + 1


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
