"""Match a text against what an author wrote."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from bookproof.judging import filters
from bookproof.judging.how import DIGITS, EXACT, How
from bookproof.judging.line import column, parting, same, width, within
from bookproof.judging.numbers import numbers_match, with_digits_of, words
from bookproof.judging.pairing import pair
from bookproof.reading.block import ANY, WILD
from bookproof.reading.screen import normalise

__all__ = [
    "ANY",
    "DIGITS",
    "EXACT",
    "Difference",
    "How",
    "agree",
    "compare",
    "keep_wildcards",
    "numbers_match",
    "with_digits_of",
    "words",
    "written_column",
]


@dataclass(frozen=True)
class Difference:
    """Where two texts part: 1-based lines of each, and the display column in the actual one."""

    expected_line: int
    actual_line: int
    column: int


def compare(expected: str, actual: str, how: How = EXACT) -> Difference | None:
    """Return where `actual` first departs from `expected`, or None where it matches.

    Both texts are normalised first, then by the filters. `[..]` stands for anything within a
    line. Numbers, where they are compared as such: integers and words must be the same, floats
    equal to the digits that `expected` gives, or within the tolerance, and runs of blanks count
    as one, because the width of a number may change.
    """
    raw = normalise(expected).split("\n"), normalise(actual).split("\n")
    wanted, given = (filters.apply(how.filters, lines) for lines in raw)
    texts = [line for _, line in wanted], [line for _, line in given]
    shapes = {"whole": _whole, "lines": _wild, "contains": _contained}
    matcher = _anywhere if how.unordered else shapes[how.shape]
    found = (matcher if wanted else _whole)(*texts, how)
    if found is None or not how.filters:
        return found
    number = _number(given, found.actual_line)
    column = found.column
    if found.actual_line <= len(given):
        column = _before_filters(raw[1][number - 1], given[found.actual_line - 1][1], column)
    return Difference(_number(wanted, found.expected_line), number, column)


def written_column(expected: str, actual: str, found: Difference, how: How) -> int:
    """Return the 1-based character of the expected line at which the two texts part.

    It is 1 where the line as a whole is what is not there.
    """
    wanted, given = expected.split("\n"), actual.split("\n")
    whole = how.shape == "whole" and not how.unordered and not how.filters
    if not whole or found.expected_line > len(wanted) or found.actual_line > len(given):
        return 1
    return parting(wanted[found.expected_line - 1], given[found.actual_line - 1], how)[0] + 1


def _before_filters(raw: str, line: str, column: int) -> int:
    """Return the column of a line that was at `column` when filters had changed the line."""
    end = next((i for i in range(len(line)) if width(line[:i]) >= column - 1), len(line))
    if raw.startswith(line[:end]):
        return column
    rest = line[end:]
    return width(raw.removesuffix(rest)) + 1 if rest and raw.endswith(rest) else 1


def _number(lines: list[tuple[int, str]], place: int) -> int:
    """Return the number that a line had before lines were left out."""
    if place <= len(lines):
        return lines[place - 1][0]
    return lines[-1][0] + 1 if lines else 1


def _whole(wanted: list[str], given: list[str], how: How) -> Difference | None:
    for index, (want, have) in enumerate(zip(wanted, given, strict=False), start=1):
        if not same(want, have, how):
            return Difference(index, index, column(want, have, how))
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
            if within(want, have, how):
                last = index + 1
                break
        else:
            return Difference(number, last, 1)
    return None


def _anywhere(wanted: list[str], given: list[str], how: How) -> Difference | None:
    """Match where each line wanted has a line given of its own, wherever that is.

    Lines given may be left over only where the shape says so.
    """
    numbers = [n for n, want in enumerate(wanted) if how.shape != "lines" or want.strip() != ANY]
    fits = within if how.shape == "contains" else same
    alike = defaultdict(list)
    for index, have in enumerate(given):
        alike[have].append(index)

    @cache
    def candidates(number: int) -> list[int]:
        want = wanted[numbers[number]]
        first = alike.get(want, [])  # before those that take longer to find
        if fits is same and not how.numeric and WILD not in want:
            return first
        others = (k for k, have in enumerate(given) if have != want)
        return [*first, *(k for k in others if fits(want, given[k], how))]

    chosen = pair(len(numbers), candidates)
    left = sorted(set(range(len(given))).difference(chosen))
    spare = left[0] + 1 if left else len(given) + 1
    if None in chosen:
        return Difference(numbers[chosen.index(None)] + 1, spare, 1)
    if left and len(numbers) == len(wanted) and how.shape != "contains":
        return Difference(len(wanted) + 1, spare, 1)
    return None


def agree(expected: str, actual: str, how: How) -> str:
    """Return the expected text, with the actual line instead of each that it matches.

    A comparison line by line then shows nothing but what is wrong.
    """
    wanted, given = expected.split("\n"), actual.split("\n")
    for operation, i, j, k, end in SequenceMatcher(None, wanted, given).get_opcodes():
        if operation == "replace":
            for a, b in zip(range(i, j), range(k, end), strict=False):
                one, other = (filters.apply(how.filters, [line]) for line in (wanted[a], given[b]))
                if one and other and same(one[0][1], other[0][1], how):
                    wanted[a] = given[b]
    return "\n".join(wanted)


def keep_wildcards(expected: list[str], actual: list[str], how: How) -> list[str]:
    """Return the actual lines, with the author's instead where one with a `[..]` fits."""
    kept = list(actual)
    start = 0
    for want in (line for line in expected if WILD in line):
        room = range(0 if how.unordered else start, len(actual))
        place = next((i for i in room if kept[i] == actual[i] and same(want, actual[i], how)), None)
        if place is not None:
            kept[place], start = want, place + 1
    return kept
