"""Numbers within text: where they are, when two are the same, how many digits they have."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from bookproof.judging.how import DIGITS, How

# Letters make a name of the number behind them, but not those of Chinese, Japanese and Korean,
# which stand beside numbers without a blank; of what lies behind U+2E80 only full-width ones.
_NO_NAME = r"(?<![^\W\u2e80-\U0010ffff])(?<![\uff10-\uff19\uff21-\uff3a\uff41-\uff5a])"
_SIZE = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9]|,[0-9])(?:\.[0-9]*)?|[0-9]+\.?[0-9]*|(?<!\.)\.[0-9]+)"
    r"(?:[eE][+-]?[0-9]+)?"
)
NUMBER = re.compile(
    # Behind one full stop stands a part of something else, behind two the end of a range. No sign
    # stands between two operands.
    rf"{_NO_NAME}(?<![^.]\.)(?:(?<![)\]])[+-])?"
    rf"{_SIZE}(?:[+-]{_SIZE}[jJ](?![A-Za-z0-9_]))?"
    r"(?!\.?[0-9])"  # 2.13.0 is no number
)
_COMPLEX = re.compile(rf"([+-]?{_SIZE})([+-]{_SIZE})[jJ]")
_BLANKS = re.compile(r"[ \t]+")


def spaced(line: str) -> str:
    """Return a line in which runs of blanks are one: the width of a number may change."""
    return _BLANKS.sub(" ", line.strip())


MARK = "\0"
"""What stands for a number in a line of which only the words are left."""


def words(line: str) -> str:
    """Return a line with a mark for each number."""
    return NUMBER.sub(MARK, _BLANKS.sub(" ", line).replace(MARK, "\ufffd"))


def numbers_match(expected: str, actual: str, how: How = DIGITS) -> bool:
    """Tell whether two lines have the same words and, to the digits expected, the same numbers.

    >>> numbers_match("loss 0.93", "loss 0.9312")
    True
    >>> numbers_match("size 28", "size 28.0")
    False
    """
    said, wanted = take_apart(spaced(expected))
    found, given = take_apart(spaced(actual))
    return said == found and all(close(*pair, how) for pair in zip(wanted, given, strict=True))


@lru_cache(maxsize=4096)
def take_apart(line: str) -> tuple[str, list[str]]:
    """Return the words of a line, and its numbers."""
    return words(line), NUMBER.findall(line)


def close(expected: str, actual: str, how: How) -> bool:
    """Tell whether two numbers are the same: integers exactly, floats as `how` says."""
    if expected == actual:
        return True
    if not _is_float(expected) or not _is_float(actual):
        return False
    try:
        wanted, given = _values(expected), _values(actual)
        if len(wanted) != len(given):
            return False
        apart = [abs(want - have) for (want, _), (have, _) in zip(wanted, given, strict=True)]
        if how.tolerant:
            most, share = how.atol or Decimal(0), how.rtol or Decimal(0)
            return _modulus(apart) <= most + share * _modulus([want for want, _ in wanted])
        return all(
            gap <= max(half if how.digits else 0, (how.relative or 0) * max(abs(want), abs(have)))
            for gap, (want, half), (have, _) in zip(apart, wanted, given, strict=True)
        )
    except ArithmeticError:  # an exponent beyond what can be computed with
        return False


def _is_float(number: str) -> bool:
    return any(sign in number for sign in ".eE")


@lru_cache(maxsize=4096)
def _values(number: str) -> list[tuple[Decimal, Decimal]]:
    """Return each part of a number with half of one in the last digit that is written of it."""
    values = []
    for part in _parts(number):
        value = Decimal(part.replace(",", ""))
        exact = not _is_float(part)
        half = Decimal(0) if exact else Decimal(1).scaleb(int(value.as_tuple().exponent)) / 2
        values.append((value, half))
    return values


def _parts(number: str) -> tuple[str, ...]:
    """Return the real and the imaginary part of a complex number, of another the number."""
    found = _COMPLEX.fullmatch(number) if number[-1] in "jJ" else None
    return found.groups() if found else (number,)


def _modulus(parts: list[Decimal]) -> Decimal:
    return (
        abs(parts[0])
        if len(parts) == 1
        else sum((part * part for part in parts), Decimal(0)).sqrt()
    )


def with_digits_of(expected: str, actual: str) -> str:
    """Return a line with its floats rounded to the digits of those in one with the same words."""
    wanted = iter(NUMBER.findall(expected))

    def rounded(found: re.Match) -> str:
        wants, haves = _parts(next(wanted)), _parts(found.group())
        if len(wants) != len(haves):
            return found.group()
        text = "".join(map(_rounded, wants, haves))
        return text + found.group()[-1] * (len(haves) > 1)

    return NUMBER.sub(rounded, actual)


def _rounded(want: str, have: str) -> str:
    if not _is_float(want) or not _is_float(have):
        return have
    sign, comma = "+" * have.startswith("+"), "," * ("," in want)
    mantissa, exponent, _ = want.lower().partition("e")
    places = len(mantissa.partition(".")[2])
    value = Decimal(have.replace(",", ""))
    if exponent:
        return f"{float(value):{sign}.{places}e}"
    return f"{value:{sign}{comma}.{places}f}" + "." * mantissa.endswith(".")
