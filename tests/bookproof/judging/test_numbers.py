"""Numbers within lines: which there are, and which are the same."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bookproof.judging.match import How, compare
from bookproof.judging.numbers import numbers_match, with_digits_of


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a 0.93 b", "a 0.9349 b", True),
        ("a 0.93 b", "a 0.9351 b", False),
        ("0.930", "0.9312", False),
        ("0.93", "0.9", False),
        ("-0.5", "0.5", False),
        ("28", "29", False),
        ("28", "28.0", False),
        ("28.0", "28", False),
        ("(1, 28)", "(1, 28)", True),
        ("1.2e-05", "1.234e-05", True),
        ("1.2e-05", "1.3e-05", False),
        ("v2.13.0", "v2.13.1", False),
        ("2.13.0", "2.13.1", False),
        ("2.13.0..2.14.0", "2.13.0..2.14.1", False),
        ("x 0.12..0.95", "x 0.1249..0.9512", True),
        ("x 0.12..0.95", "x 0.12..0.956", False),
        ("x 0.12..0.95", "x 0.126..0.95", False),
        ("x -3.0..-1.0", "x -3.0..1.0", False),
        ("x 1..5", "x 1..6", False),
        ("x 10..20", "x 10..20.0", False),
        ("x ...5", "x ...51", False),
        ("conv2d 1.5", "conv3d 1.5", False),
        ("x1.5", "x1.6", False),
        ("3-2", "3-1", False),
        ("0.5   3", "0.4999 3", True),
        ("5.", "5.2", True),
        ("nan", "0.1", False),
        ("98.2%", "98.24%", True),
        ("1.0", "1.0 2.0", False),
        ("1e400", "2e400", False),
        ("准确率0.93", "准确率0.9312", True),
        ("准确率0.93", "准确率0.9412", False),
        ("损失0.93，第3轮", "损失0.9312，第3轮", True),
        ("损失0.93，第3轮", "损失0.9312，第4轮", False),
        ("误差-0.5度", "误差-0.52度", True),
        ("误差-0.5度", "误差0.5度", False),
        ("정확도0.93", "정확도0.9312", True),
        ("せいど0.93です", "せいど0.9312です", True),
        ("版本2.13.0版", "版本2.13.1版", False),
        ("x１.5", "x１.6", False),
        ("１.5", "１.52", False),
        ("é1.5", "é1.52", False),
        ("1,234.5", "1,234.52", True),
        ("1,000.0", "999.96", True),
        ("1,234", "1,235", False),
        ("1,234", "1234", False),
        ("1,2,3.5", "1,2,3.52", True),
        ("1.5+2.25j", "1.5+2.254j", True),
        ("1.5+2.25j", "1.5-2.25j", False),
        ("(1+2.5j)", "(1.4+2.5j)", False),
        ("(1.0+0.00j)", "(1.0-0.001j)", True),
        ("1+2j", "1+3j", False),
        ("1.5+2.2", "1.5+2.2j", False),
        ("-inf", "inf", False),
        ("nan 1.5", "nan 1.52", True),
        ("inf", "1e300", False),
        ("+0.5", "0.5", True),
        ("0.0", "-0.0", True),
        ("# 5", "3 5", False),
        ("3 5", "# 5", False),
        ("\0 5", "3 5", False),
    ],
)
def test_numbers_match(expected, actual, same):
    assert numbers_match(expected, actual) is same


@pytest.mark.parametrize(("last", "same"), [("2998.0", True), ("2996.0", False)])
def test_the_ends_of_a_range_may_be_as_far_off_as_other_data(last, same):
    tolerant = How(relative=Decimal("0.001"))
    for wanted, actual in [("y {}..9000.0", "y 2999.0..9000.0"), ("y 1.0..{}", "y 1.0..2999.0")]:
        assert numbers_match(wanted.format(last), actual, tolerant) is same


@settings(deadline=None)  # a busy machine may take its time
@given(st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False, places=6), st.integers(1, 5))
def test_rounding_a_number_is_what_an_author_may_do(value, places):
    rounded = f"{value:.{places}f}"
    moved = Decimal(rounded) + Decimal(3).scaleb(-places)
    assert numbers_match(f"x {rounded}", f"x {value}")
    assert not numbers_match(f"x {moved}", f"x {value}")


@pytest.mark.parametrize(
    ("expected", "actual", "kept"),
    [
        ("loss 0.93 at 3", "loss 0.87654 at 4", "loss 0.88 at 4"),
        ("1.2e-05", "3.4567e-06", "3.5e-06"),
        ("5.", "6.4", "6."),
        ("准确率0.93", "准确率0.87654", "准确率0.88"),
        ("1,000.0", "12345.678", "12,345.7"),
        ("(1.5+2.25j)", "(3.14159-2.71828j)", "(3.1-2.72j)"),
    ],
)
def test_digits_are_kept(expected, actual, kept):
    assert with_digits_of(expected, actual) == kept


@pytest.mark.parametrize("number", ["1e9999999", "1.5e-99999999", "1e99999999999999999999"])
def test_an_exponent_beyond_all_bounds_is_compared_as_text(number):
    assert numbers_match(number, number)
    assert not numbers_match(number, "2.0")
    assert not numbers_match("2.0", number)


def within(rtol, atol):
    given = (None if value is None else Decimal(str(value)) for value in (rtol, atol))
    return How(rtol=next(given), atol=next(given))


FLOATS = st.floats(-1e6, 1e6)
NUMBERS = FLOATS | st.complex_numbers(max_magnitude=1e6)
SHARES = st.sampled_from([0, 1e-9, 1e-3, 0.1, 1.5])


@settings(deadline=None)
@given(NUMBERS, st.floats(-2, 2), st.sampled_from([1, 1j]), SHARES, SHARES)
def test_tolerances_follow_the_rule_of_numpy(expected, step, direction, rtol, atol):
    if not isinstance(expected, complex):
        direction = 1
    actual = expected + step * direction * (atol + rtol * abs(expected))
    apart, allowed = abs(actual - expected), atol + rtol * abs(expected)
    assume(abs(apart - allowed) > 1e-9 * (allowed + abs(expected)) or apart == 0)
    wanted = np.isclose(actual, expected, rtol, atol)
    assert numbers_match(_written(expected), _written(actual), within(rtol, atol)) == wanted


def _written(number):
    """Return a number so that each of its parts is a float also where it is whole."""
    if isinstance(number, complex):
        return f"{_written(number.real)}{number.imag:+.17e}j"
    return f"{number:.17e}"


@pytest.mark.parametrize(
    ("expected", "actual", "rtol", "atol", "same"),
    [
        ("loss 100.0", "loss 100.05", 1e-3, None, True),
        ("loss 100.0", "loss 100.15", 1e-3, None, False),
        ("loss 0.30", "loss 0.31", None, 0.01, True),
        ("loss 0.30", "loss 0.311", None, 0.01, False),
        ("loss 0.30", "loss 0.3", 0, None, True),
        ("0.3", "0.30000000000000004", 0, 0, False),
        ("epoch 3: 0.5", "epoch 4: 0.5", 0.5, 1, False),
        ("3", "3.0", 0.5, 1, False),
        ("nan 1.0", "nan 1.1", 0.5, None, True),
        ("nan", "1.0", 0.5, None, False),
        ("inf", "inf", 0.5, None, True),
        ("1.0", "2.0", None, None, False),
    ],
)
def test_tolerances(expected, actual, rtol, atol, same):
    assert (compare(expected, actual, within(rtol, atol)) is None) is same


def test_a_tolerance_takes_the_place_of_the_digits_written():
    how = How(digits=True, rtol=Decimal("1e-6"))
    assert not numbers_match("0.93", "0.9312", how)
    assert numbers_match("0.93", "0.93", how)
