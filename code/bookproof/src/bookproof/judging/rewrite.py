"""Write a value the way an author wrote the one before it."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from bookproof.judging.written import Written, is_exact, read, same, unquoted

_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_GREATEST_DIVISOR = 10_000


def like(written: str, actual: str) -> str | None:
    """Return the value that Python writes as `actual` in the manner of `written`.

    With the digits, the percent sign, the thousands separator, the power of ten and the minus
    sign of its author. None where it cannot be written so.

    >>> like("93.1 %", "0.8712"), like("1,234", "56789"), like("1.2×10⁻³", "0.0456")
    ('87.1 %', '56,789', '4.6×10⁻²')
    """
    if (text := unquoted(actual)) is not None:
        return " ".join(text.split())
    want = read(written)
    try:
        value = Fraction(actual) if is_exact(actual) else Fraction(Decimal(actual))
    except (ValueError, ArithmeticError):
        return actual  # words, or a tuple
    if want is None:
        return None
    minus = "\u2212" if "\u2212" in written else "-"
    plus = "+" if want.found["sign"] == "+" else ""
    text = (minus if value < 0 else plus) + _unsigned(want, abs(value), minus)
    return text if same(text, actual) else None


def _unsigned(want: Written, value: Fraction, minus: str) -> str:
    found = want.found
    if want.is_fraction:
        near = value.limit_denominator(_GREATEST_DIVISOR)
        return f"{near.numerator}{found['slash']}{near.denominator}"
    percent = found["percent"] or ""
    value *= 100 if percent else 1
    places = len(found["places"] or found["only"] or "")
    if not want.is_scientific:
        return _decimal(want, value, places) + percent
    lead = len(re.sub("[^0-9]", "", found["whole"] or "")) - 1
    power = _power(value) - lead if value else 0
    if round(value / Fraction(10) ** power * 10**places) >= 10 ** (places + lead + 1):
        power += 1  # 9.96 is 1.0 of the next
    return (
        _decimal(want, value / Fraction(10) ** power, places) + _times(want, power, minus) + percent
    )


def _decimal(want: Written, value: Fraction, places: int) -> str:
    """Return a number with so many places, rounded half to even."""
    digits = str(round(value * 10**places)).rjust(places + 1, "0")
    whole, rest = digits[: len(digits) - places], digits[len(digits) - places :]
    if want.found["group"]:
        whole = f"{int(whole):,}".replace(",", want.found["group"])
    if want.found["only"] and whole == "0":
        whole = ""
    point = "." if want.found["point"] or want.found["only"] else ""
    return whole + point + rest


def _power(value: Fraction) -> int:
    """Return the greatest power of ten that is not above a value."""
    power = len(str(value.numerator)) - len(str(value.denominator))
    return power if Fraction(10) ** power <= value else power - 1


def _times(want: Written, power: int, minus: str) -> str:
    """Return a power of ten in the form that the author used."""
    found = want.found
    if found["e"]:
        digits = len(re.sub("[^0-9]", "", found["e"]))
        sign = minus if power < 0 else "+" * found["e"].startswith("+")
        sign = sign or ("+" if found["e"][0] in "-\u2212" and digits > 1 else "")
        return f"{found['power'][0]}{sign}{abs(power):0{digits}d}"
    if found["raised"]:
        return found["times"] + str(power).translate(_RAISED)
    brace = found["brace"]
    text = f"{minus if power < 0 else ''}{abs(power)}"
    return f"{found['times']}{found['caret']}{brace}{text}{'}' if brace else ''}"
