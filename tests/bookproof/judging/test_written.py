"""Numbers as people write them, held against Python's own formatting and exact arithmetic."""

import math
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bookproof.judging.rewrite import like
from bookproof.judging.values import judge
from bookproof.judging.written import read, same, steady
from bookproof.reading.scan import scan
from bookproof.running.result import Run

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
MODERATE = st.floats(-1e12, 1e12).filter(lambda number: number == 0 or abs(number) > 1e-9)
SEPARATORS = [",", " ", "_", "'", "\u00a0", "\u2009", "\u202f"]

SAME = [
    ("3", "3"),
    ("-3", "-3"),
    ("\u22123", "-3"),
    ("+3", "3"),
    ("28", "28.0"),
    ("3.0", "3"),
    ("0.93", "0.9349"),
    ("0.93", "0.925"),
    (".93", "0.93"),
    ("93%", "0.9312"),
    ("93.1 %", "0.9312"),
    ("93.1％", "0.9312"),
    ("100%", "1"),
    ("1,234,567", "1234567"),
    ("1 234.5", "1234.52"),
    ("12\u2009345", "12345"),
    ("1_234", "1234"),
    ("1.2e-3", "0.00123"),
    ("1.2E+03", "1234.5"),
    ("1.2×10⁻³", "0.00123"),
    ("1.2 × 10^-3", "0.00123"),
    ("1.2×10^{-3}", "0.00123"),
    ("\u22121.2·10³", "-1234.5"),
    ("1.23e6", "1234567"),
    ("1/2", "0.5"),
    ("-1/2", "-0.5"),
    ("1/3", "0.3333333333333333"),
    ("1/3", "0.33333333333333337"),
    ("1/3", "0.3333333432674408"),
    ("2/4", "1/2"),
    ("0.33", "1/3"),
    ("6/2", "3"),
    ("0.1", "1/10"),
    ("nan", "nan"),
    ("NaN", "nan"),
    ("inf", "inf"),
    ("∞", "inf"),
    ("\u2212∞", "-inf"),
    ("True", "True"),
    ("None", "None"),
    ("(3, 4)", "(3, 4)"),
    ("(0.93, 4)", "(0.9312, 4)"),
    ("[\u22121, 2]", "[-1, 2]"),
    ("1.5+2.0j", "1.52+2.01j"),
    ("cat", "'cat'"),
    ("0.93", "'0.93'"),
    ("it's so", '"it\'s  so\\n"'),
    ("torch.float32", "torch.float32"),
]

DIFFERENT = [
    ("3", "4"),
    ("3", "2.97"),
    ("1", "0.93"),
    ("3.4", "3"),
    ("-0.5", "0.5"),
    ("0.93", "0.9351"),
    ("0.930", "0.9312"),
    ("93%", "93.0"),
    ("93%", "0.9351"),
    ("93", "0.93"),
    ("101%", "1"),
    ("1,234", "1.234"),
    ("0,123", "123"),
    ("12,34", "1234"),
    ("1,234 567", "1234567"),
    ("1234", "1235"),
    ("1.2e-3", "0.00126"),
    ("1.2×10³", "0.0012"),
    ("1/3", "0.3333"),
    ("1/3", "333/1000"),
    ("1/0", "inf"),
    ("4194304/2", "2097151.5"),
    ("0.93 秒", "0.93"),
    ("约 3", "3"),
    ("１２", "12"),
    ("0.93", "nan"),
    ("nan", "0.93"),
    ("True", "False"),
    ("1", "True"),
    ("0", "None"),
    ("(3, 4)", "(4, 3)"),
    ("(3, 4)", "[3, 4]"),
    ("cat", "'dog'"),
    ("cat", "'Cat'"),
    ("Torch.float32", "torch.float32"),
    ("0.0", "1e400"),
    ("0.93", "'0.9312'"),
    ("1/2", "'0.5'"),
    ("", "''.join"),
]


@pytest.mark.parametrize(("written", "actual"), SAME)
def test_same(written, actual):
    assert same(written, actual)


@pytest.mark.parametrize(("written", "actual"), DIFFERENT)
def test_different(written, actual):
    assert not same(written, actual)


@given(FLOATS, st.integers(0, 12))
def test_what_python_prints_of_a_float_is_the_float(number, places):
    assume(places)  # without one an integer is written, which is meant exactly
    assert same(f"{number:.{places}f}", repr(number))
    assert same(f"{number:.{places}e}", repr(number))
    assert same(f"{number:,.{places}f}", repr(number))


@given(MODERATE, st.integers(0, 6))
def test_what_python_prints_as_a_percentage_is_the_float(number, places):
    assert same(f"{number:.{places}%}", repr(number))


@given(MODERATE, st.integers(1, 8), st.integers(-5, 5).filter(bool))
def test_a_float_that_differs_in_a_written_digit_is_another(number, places, steps):
    """More than half of one in the last digit written, by exact arithmetic."""
    written = Decimal(f"{number:.{places}f}") + steps * Decimal(1).scaleb(-places)
    far = abs(Fraction(written) - Fraction(number)) > Fraction(1, 2 * 10**places)
    far = far and abs(written - Decimal(repr(number))) > Decimal(1).scaleb(-places) / 2
    assert same(f"{written:f}", repr(number)) is not far


@given(st.integers(), st.integers())
def test_integers_are_equal_or_not(one, other):
    assert same(str(one), str(other)) is (one == other)


@given(st.integers(1000, 10**15), st.sampled_from(SEPARATORS))
def test_thousands_separators(number, separator):
    written = f"{number:,}".replace(",", separator)
    assert same(written, str(number))
    assert not same(written, str(number + 1))
    assert read(written).value == number


@given(st.fractions(-1000, 1000, max_denominator=1000))
def test_fractions_equal_the_fraction_and_its_float(number):
    written = f"{number.numerator}/{number.denominator}"
    assert same(written, str(number))
    assert same(written, repr(float(number)))
    other = number + Fraction(1, number.denominator * 10**6)
    assert not same(written, str(other))
    assert not same(written, repr(float(other)))


@given(MODERATE, st.integers(1, 9))
def test_a_float_is_rewritten_with_the_digits_of_the_one_before(number, places):
    exact = Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    assert Decimal(like(f"{0.5:.{places}f}", repr(number))) == exact
    written = like(f"{1234.5:,.{places}f}", repr(number))
    assert written == f"{exact:,f}" or (exact == 0 and written.lstrip("-") == f"{abs(exact):,f}")


@given(MODERATE.filter(bool), st.integers(0, 6), st.sampled_from(["e-05", "E+10"]))
def test_a_float_is_rewritten_in_scientific_notation(number, places, power):
    written = like(f"{1:.{places}f}{power}", repr(number))
    assert same(written, repr(number))
    ours, theirs = float(written), float(f"{number:.{places}e}")
    assert math.isclose(ours, theirs, rel_tol=2 * 10.0**-places)
    form = f"{Decimal(repr(number)):.{places}e}"
    assert written.lower().startswith(form.partition("e")[0])


REWRITTEN = [
    ("93.1 %", "0.8712", "87.1 %"),
    ("93%", "0.8712", "87%"),
    ("1,234", "56789", "56,789"),
    ("1,234", "789", "789"),
    ("1\u2009234.50", "56789.125", "56\u2009789.12"),
    ("999", "1234", "1234"),
    ("1.2e-3", "0.0456", "4.6e-2"),
    ("1.2e-03", "1234.5", "1.2e+03"),
    ("1e5", "250000.0", "2e5"),
    ("9.9e1", "99.96", "1.0e2"),
    ("1.2×10⁻³", "0.0456", "4.6×10⁻²"),
    ("1.2 x 10^{-3}", "-45.6", "-4.6 x 10^{1}"),
    ("12.5e3", "0.0456", "45.6e-3"),
    ("1/2", "0.75", "3/4"),
    ("1 / 2", "3/7", "3 / 7"),
    ("\u22120.50", "-0.123", "\u22120.12"),
    ("0.50", "-0.123", "-0.12"),
    ("+0.5", "0.26", "+0.3"),
    (".5", "0.7", ".7"),
    ("5", "7", "7"),
    ("3", "4.0", "4"),
    ("cat", "'dog'", "dog"),
    ("(3, 4)", "(5, 6)", "(5, 6)"),
    ("True", "False", "False"),
    ("3", "2.97", None),
    ("1/2", "3.141592653589793", None),
    ("0.93 秒", "0.87", None),
]


@pytest.mark.parametrize(("written", "actual", "after"), REWRITTEN)
def test_a_value_is_rewritten_in_the_manner_of_its_author(written, actual, after):
    assert like(written, actual) == after
    assert after is None or same(after, actual)


@given(st.floats(1e-9, 1e9), st.integers(0, 12), st.integers(-4, 4))
def test_the_last_bits_of_a_right_number_are_not_told(number, places, bits):
    other = number
    for _ in range(abs(bits)):
        other = math.nextafter(other, math.inf if bits > 0 else 0)
    written = f"{number:.{places}f}"
    assume(same(written, repr(number)) and same(written, repr(other)))
    told = steady(written, repr(number))
    assert same(written, told)
    digits = max(6, len(written.replace(".", "").lstrip("0")) + 1)
    at_an_edge = f"{number:.{digits}g}" != f"{other:.{digits}g}"
    assert told == steady(written, repr(other)) or at_an_edge
    assert abs(float(told) - number) <= 1e-5 * number


@pytest.mark.parametrize("actual", ["12345678901", "1/3", "'0.1234567890123'", "inf", "nan", "0.5"])
def test_what_has_no_last_bits_is_told_whole(actual):
    assert steady(actual.strip("'"), actual) == actual


HINTS = {
    # Only a value that is a percentage already wants its % behind the role.
    ("94 %", "0.95"): "",
    ("94 %", "95.1"): "",
    ("94 %", "94.2"): "100 times",
    ("94.2 %", "94.1873"): "100 times",
    ("0.95 %", "0.95"): "100 times",
    ("94%", "94"): "100 times",
    ("1e-3 %", "0.001"): "100 times",
    ("28", "28.4"): "an integer is compared exactly",
    ("28 runs", "28"): "nothing but the number",
}


@pytest.mark.parametrize(("text", "actual"), HINTS)
def test_a_hint_is_given_where_it_would_help(text, actual):
    source = f"---\nfile_format: mystnb\n---\n```{{code-cell}}\n1\n```\n{{expect}}`{text} <a>`\n"
    chapter = scan(Path(), "a.md", source.encode())
    [verdict] = judge(chapter, Run(([],), values=({"text": actual},)))
    hint = HINTS[text, actual]
    assert verdict.message.startswith(f"the text says {text}, but `a` is {actual}")
    assert (hint in verdict.message) if hint else verdict.message.endswith(f"is {actual}")
