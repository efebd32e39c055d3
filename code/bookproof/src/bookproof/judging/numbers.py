"""Numbers within text: where they are, when two are the same, how many digits they have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from bookproof.judging.how import DIGITS, How

# Chinese, Japanese and Korean letters stand beside numbers without a blank; others make a name.
_NO_NAME = "\u2e80-\u2fdf\u3005-\u303f\u3040-\u30ff\u3100-\u9fff\uac00-\ud7af\uf900-\ufaff"
_NO_NAME += "\uff66-\uff9f\U00020000-\U0003ffff"
_SIZE = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9]|,[0-9])(?:\.[0-9]*)?|[0-9]+\.?[0-9]*|\.[0-9]+)"
    r"(?:[eE][+-]?[0-9]+)?"
)
NUMBER = re.compile(
    rf"(?<![^\W{_NO_NAME}])(?<!\.)(?:(?<![)\]])[+-])?"  # no sign that stands between two operands
    rf"{_SIZE}(?:[+-]{_SIZE}[jJ](?![A-Za-z0-9_]))?"
    r"(?![0-9.]*[0-9])"  # 2.13.0 is no number
)
_COMPLEX = re.compile(rf"([+-]?{_SIZE})([+-]{_SIZE})[jJ]")
_BLANKS = re.compile(r"[ \t]+")


def spaced(line: str) -> str:
    """Return a line in which runs of blanks are one: the width of a number may change."""
    return _BLANKS.sub(" ", line.strip())


def words(line: str) -> str:
    """Return a line with a # for each number."""
    return NUMBER.sub("#", _BLANKS.sub(" ", line))


def numbers_match(expected: str, actual: str, how: How = DIGITS) -> bool:
    """Tell whether two lines have the same words and, to the digits expected, the same numbers.

    >>> numbers_match("loss 0.93", "loss 0.9312")
    True
    >>> numbers_match("size 28", "size 28.0")
    False
    """
    expected, actual = spaced(expected), spaced(actual)
    if NUMBER.sub("#", expected) != NUMBER.sub("#", actual):
        return False
    wanted, given = NUMBER.findall(expected), NUMBER.findall(actual)
    return all(close(*pair, how) for pair in zip(wanted, given, strict=True))


def close(expected: str, actual: str, how: How) -> bool:
    """Tell whether two numbers are the same: integers exactly, floats as `how` says."""
    if expected == actual:
        return True
    if not _is_float(expected) or not _is_float(actual):
        return False
    wanted, given = _parts(expected), _parts(actual)
    if len(wanted) != len(given):
        return False
    wants, haves = map(_value, wanted), map(_value, given)
    try:
        pairs = list(zip(wants, haves, strict=True))
        if how.tolerant:
            apart, most = _modulus(want - have for want, have in pairs), how.atol or Decimal(0)
            return apart <= most + (how.rtol or 0) * _modulus(want for want, _ in pairs)
        return all(
            abs(want - have) <= _allowed(written, want, have, how)
            for written, (want, have) in zip(wanted, pairs, strict=True)
        )
    except ArithmeticError:  # an exponent beyond what can be computed with
        return False


def _allowed(written: str, want: Decimal, have: Decimal, how: How) -> Decimal:
    """Return by how much a part of a number may differ from the one that is written."""
    allowed = Decimal(0)
    if how.digits and _is_float(written):  # half of one in the last digit
        allowed = Decimal(1).scaleb(want.as_tuple().exponent) / 2
    if how.relative is not None:
        allowed = max(allowed, how.relative * max(abs(want), abs(have)))
    return allowed


def _is_float(number: str) -> bool:
    return any(sign in number for sign in ".eE")


def _parts(number: str) -> tuple[str, ...]:
    """Return the real and the imaginary part of a complex number, of another the number."""
    found = _COMPLEX.fullmatch(number)
    return found.groups() if found else (number,)


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", ""))


def _modulus(parts: Iterable[Decimal]) -> Decimal:
    first, *more = map(abs, parts)
    return sum((part * part for part in more), first * first).sqrt() if more else first


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
    sign = "+" * have.startswith("+")
    mantissa, exponent, _ = want.lower().partition("e")
    point, places = "." in mantissa, len(mantissa.partition(".")[2])
    if exponent:
        return f"{float(have.replace(',', '')):{sign}.{places}e}"
    comma = "," * ("," in want)
    return f"{_value(have):{sign}{comma}.{places}f}" + "." * (point and not places)
