"""Numbers as people write them, against values as Python writes them.

A written number says how exactly it is meant: 0.93 is anything that rounds to it, 28 is 28.
"""

from __future__ import annotations

import ast
import math
import re
import struct
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bookproof.judging.numbers import numbers_match

_SIGN = "[+\u2212-]"  # also the real minus
_GROUPS = "[1-9][0-9]{0,2}(?P<group>[, _'\u2019\u00a0\u2009\u202f])[0-9]{3}(?:(?P=group)[0-9]{3})*"
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻\u2212", "0123456789+--")
_NUMBER = re.compile(
    rf"(?P<sign>{_SIGN}?)(?:(?P<whole>{_GROUPS}|[0-9]+)(?P<point>\.(?P<places>[0-9]*))?"
    r"|\.(?P<only>[0-9]+))"
    rf"(?P<power>[eE](?P<e>{_SIGN}?[0-9]{{1,4}})"
    rf"|(?P<times>\s?[×x·⋅*]\s?10)(?:(?P<caret>\^|\*\*)(?P<brace>\{{?)(?P<ten>{_SIGN}?[0-9]{{1,4}})\}}?"
    r"|(?P<raised>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4})))?"
    r"(?P<percent>\s?[%％])?"
)
_FRACTION = re.compile(rf"(?P<sign>{_SIGN}?)(?P<over>[0-9]+)(?P<slash>\s?[/⁄]\s?)(?P<under>[0-9]+)")
_VALUE = re.compile(r"[+-]?[0-9]+(?P<under>/[0-9]+)?|[+-]?[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]{1,4})?")
_INFINITE = {"∞": "inf", "+∞": "inf", "-∞": "-inf", "+inf": "inf"}
_FLOAT = 4 * Fraction(2) ** -52
_SINGLE = 4 * Fraction(2) ** -23
_SINGLE_DIGITS = 9  # a single that is written with more was made a double


@dataclass(frozen=True)
class Written:
    """A number as its author wrote it; `unit` is what one is worth in its last digit.

    `exact` says that nothing rounds to it but itself. `found` has its parts.
    """

    value: Fraction
    unit: Fraction
    exact: bool
    found: re.Match

    @property
    def is_fraction(self) -> bool:
        """Tell whether it is one number over another."""
        return self.found.re is _FRACTION

    @property
    def is_scientific(self) -> bool:
        """Tell whether it has a power of ten."""
        return not self.is_fraction and self.found["power"] is not None

    @property
    def is_percentage(self) -> bool:
        """Tell whether it ends with a percent sign."""
        return not self.is_fraction and self.found["percent"] is not None

    @property
    def without_percent(self) -> str:
        """Return the number without its percent sign, as exactly as it was meant with it."""
        rounded = self.found["point"] or self.found["only"] or self.found["power"]
        return self.found[0][: self.found.start("percent")] + ("" if rounded else ".")


def read(text: str) -> Written | None:
    """Read a number that was written for people, None where it is none."""
    if found := _FRACTION.fullmatch(text):
        if not int(found["under"]):
            return None
        value = Fraction(int(found["over"]), int(found["under"])) * _sign(found)
        return Written(value, Fraction(0), True, found)
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    whole = re.sub("[^0-9]", "", found["whole"] or "0")
    places = found["places"] or found["only"] or ""
    power = found["e"] or found["ten"] or found["raised"]
    shift = int(power.translate(_RAISED)) if power else 0
    scale = Fraction(10) ** shift / (100 if found["percent"] else 1)
    unit = scale / 10 ** len(places)
    exact = not (found["point"] or found["only"] or power or found["percent"])
    return Written(int(whole + places) * unit * _sign(found), unit, exact, found)


def same(written: str, actual: str) -> bool:
    """Tell whether what an author wrote is the value that Python writes as `actual`.

    Integers must be equal, floats round to the digits written, a percentage is a hundredth. A
    fraction is a float as exactly as floats go. Words must be the same; numbers among them, say
    in a tuple, are compared like those of `{expect} number`.

    >>> same("93.1 %", "0.9312"), same("1,234", "1234"), same("3", "2.97")
    (True, True, False)
    """
    if (text := unquoted(actual)) is not None:
        return " ".join(written.split()) == " ".join(text.split())
    have = _values(actual)
    if not have:
        wanted, given = (text.replace("\u2212", "-").strip() for text in (written, actual))
        if given in ("nan", "inf", "-inf"):
            return _INFINITE.get(wanted, wanted.lower()) == given
        return numbers_match(wanted, given)
    want = read(written)
    if want is None:
        return False
    if want.is_fraction:
        allowed = 0 if is_exact(actual) else _precision(actual) * abs(want.value)
    elif want.exact or (is_integer(actual) and not want.is_scientific):
        allowed = 0
    else:
        allowed = want.unit / 2
    if want.is_percentage and not is_exact(actual):
        have |= {value / 100 for value in _machine(float(actual) * 100)}  # as Python prints it
    return any(abs(want.value - value) <= allowed for value in have)


def is_number(actual: str) -> bool:
    """Tell whether a value is a finite real number."""
    return bool(_values(actual))


def is_integer(actual: str) -> bool:
    """Tell whether a value is an integer."""
    return re.fullmatch("[+-]?[0-9]+", actual) is not None


def is_exact(actual: str) -> bool:
    """Tell whether a value is an integer or a fraction, which nothing was rounded to."""
    return is_integer(actual) or "/" in actual


def steady(written: str, actual: str) -> str:
    """Return a value that is what an author wrote, without a float's last digits.

    They differ between processors, and from run to run where threads add up in another order. Six
    digits are left, and one more than the author wrote.
    """
    if read(written) is None or not _values(actual) or is_exact(actual):
        return actual
    digits = len(re.sub("[^0-9]", "", written).lstrip("0"))
    short = repr(float(f"{float(actual):.{max(6, digits + 1)}g}"))
    return short if len(short) < len(actual) and same(written, short) else actual


def unquoted(actual: str) -> str | None:
    """Return the text that a value is, None where it is none."""
    if actual[:1] not in ("'", '"'):
        return None
    try:
        return str(ast.literal_eval(actual))
    except (SyntaxError, ValueError):  # another language's
        return actual[1:-1]


def _sign(found: re.Match) -> int:
    return -1 if found["sign"] in ("-", "\u2212") else 1


def _values(actual: str) -> set[Fraction]:
    """Return what a value is: as it is written, and for a float as the machine has it."""
    found = _VALUE.fullmatch(actual)
    if found is None or not re.search("[0-9]", actual):
        return set()
    if is_exact(actual):
        return {Fraction(actual)} if found["under"] != "/0" else set()
    return {Fraction(Decimal(actual))} | _machine(float(actual))


def _machine(number: float) -> set[Fraction]:
    """Return a float as the machine has it, none for one beyond all."""
    return {Fraction(number)} if math.isfinite(number) else set()


def _precision(actual: str) -> Fraction:
    """Return the share by which a float may differ from what it was meant to be."""
    number = float(actual)
    digits = re.sub("[^0-9]", "", actual.lower().partition("e")[0]).strip("0")
    try:
        single = struct.unpack("f", struct.pack("f", number))[0] == number
    except OverflowError:
        single = False
    return _SINGLE if single and len(digits) > _SINGLE_DIGITS else _FLOAT
