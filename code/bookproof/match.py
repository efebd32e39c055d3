"""Match a text against what an author wrote, exactly or by its numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NUMBER = re.compile(
    r"(?<![\w.])(?:(?<![)\]])[+-])?"  # a sign, unless it stands between two operands
    r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
    r"(?![\d.]*\d)"  # 2.13.0 is no number
)
_BLANKS = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Difference:
    """Where two texts part: 1-based line, and display column (a full-width character is two)."""

    line: int
    column: int


def normalise(text: str) -> str:
    """Return the text as a reader sees it.

    ANSI codes go; of a line that was overwritten by carriage returns the last state stays;
    trailing blanks and blank lines around the text go.
    """
    lines = _ANSI.sub("", text).replace("\r\n", "\n").split("\n")
    lines = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in lines]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    return "\n".join(lines)


def compare(expected: str, actual: str, mode: str) -> Difference | None:
    """Return where `actual` first departs from `expected`, or None where it matches.

    Both texts are normalised first. Mode `exact` wants the same characters. Mode `number` wants
    the same words and integers, and floats equal to the digits that `expected` gives; runs of
    blanks count as one, because the width of a number may change.
    """
    same = {"exact": str.__eq__, "number": numbers_match}[mode]
    wanted = normalise(expected).split("\n")
    given = normalise(actual).split("\n")
    for line, (want, have) in enumerate(zip(wanted, given, strict=False), start=1):
        if not same(want, have):
            return Difference(line, _column(want, have, mode))
    if len(wanted) != len(given):
        return Difference(min(len(wanted), len(given)) + 1, 1)
    return None


def numbers_match(expected: str, actual: str) -> bool:
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
    return all(map(_close, _NUMBER.findall(expected), _NUMBER.findall(actual)))


def _close(expected: str, actual: str) -> bool:
    if expected == actual:
        return True
    if not _is_float(expected) or not _is_float(actual):
        return False
    want, have = Decimal(expected), Decimal(actual)
    unit = Decimal(1).scaleb(want.as_tuple().exponent)
    return abs(want - have) <= unit / 2


def _is_float(number: str) -> bool:
    return any(sign in number for sign in ".eE")


def _column(expected: str, actual: str, mode: str) -> int:
    """Return the display column of `actual` at which the two lines part."""
    if mode == "number":
        for want, have in zip(_NUMBER.finditer(expected), _NUMBER.finditer(actual), strict=False):
            if not _close(want.group(), have.group()):
                return _width(actual[: have.start()]) + 1
    pairs = zip(expected, actual, strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(expected), len(actual)))
    return _width(actual[:same]) + 1


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
