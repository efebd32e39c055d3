"""Shape an output into what a block can say of it: short enough to read, no more than is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bookproof.judging import match

SCREEN = 40
"""The lines of the longest output that is proposed whole."""

_END = 10  # lines of a longer one that are proposed at each end
_MEANT, _PROPOSED, _DOUBLE = 8, 6, 17  # significant digits
_FLOAT = re.compile(r"(?<![\w.])(?P<whole>\d+)\.(?P<part>\d+)(?P<power>[eE][+-]?\d+)?(?![.\w]*\d)")
_FORMAT = re.compile(r"\.(\d+)[eEfFgG%]")
_ROUNDING = re.compile(r"round|precision|digits")


@dataclass(frozen=True)
class Body:
    """What a block may say: the words on its first line, its lines, and what they leave out."""

    words: tuple[str, ...]
    lines: list[str]
    left_out: str = ""


def bodies(text: str, source: str) -> Iterator[Body]:
    """Yield what a block may say of a text that `source` printed, the best first."""
    lines = text.split("\n")
    rounded, count = _rounded(text, _digits_asked(source))
    digits = f"{count} number{'s'[: count > 1]} rounded to {_PROPOSED} digits"
    if len(lines) > SCREEN:
        skipped = len(lines) - 2 * _END
        between = f"{skipped} of {len(lines)} lines left out"
        if count:
            yield Body(("lines", "number"), _ends(rounded.split("\n")), f"{between}, {digits}")
        yield Body(("lines",), _ends(lines), between)
    if count:
        yield Body(("number",), rounded.split("\n"), digits)
    yield Body((), lines)


def _ends(lines: list[str]) -> list[str]:
    return [*lines[:_END], match.ANY, *lines[-_END:]]


def _digits_asked(source: str) -> int:
    """Return the most digits that code asks for in so many words; those are meant."""
    found = _FORMAT.findall(source)
    for line in source.split("\n"):
        if _ROUNDING.search(line):
            found += re.findall(r"\b\d{1,2}\b", line)
    return max(map(int, found), default=0)


def _rounded(text: str, asked: int) -> tuple[str, int]:
    """Return a text with its overlong floats rounded, and how many those are.

    One with more digits than a double has was computed for its digits and stays.
    """
    count = 0

    def shortened(found: re.Match) -> str:
        nonlocal count
        whole, part, power = found["whole"].lstrip("0"), found["part"], found["power"] or ""
        leading = 0 if whole else len(part) - len(part.lstrip("0"))
        significant = len(whole) + len(part) - leading
        meant = max(_MEANT, asked)
        if not meant < significant <= _DOUBLE or (asked and len(part) <= asked):
            return found[0]
        places = max(_PROPOSED - len(whole) + leading, 1)
        if len(part) <= places:
            return found[0]
        count += 1
        return f"{Decimal(f'{found[1]}.{part}'):.{places}f}{power}"

    return _FLOAT.sub(shortened, text), count
