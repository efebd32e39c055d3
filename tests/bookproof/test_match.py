from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookproof.match import Difference, compare, normalise, numbers_match


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("\n\n a  \nb\t\n\n", " a\nb"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07x", "red x"),
        ("1%\r50%\r100%\ndone\r\n", "100%\ndone"),
        ("", ""),
    ],
)
def test_normalise(raw, seen):
    assert normalise(raw) == seen


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
        ("conv2d 1.5", "conv3d 1.5", False),
        ("x1.5", "x1.6", False),
        ("3-2", "3-1", False),
        ("0.5   3", "0.4999 3", True),
        ("5.", "5.2", True),
        ("nan", "0.1", False),
        ("98.2%", "98.24%", True),
        ("1.0", "1.0 2.0", False),
        ("1e400", "2e400", False),
    ],
)
def test_numbers_match(expected, actual, same):
    assert numbers_match(expected, actual) is same


@given(st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False, places=6), st.integers(1, 5))
def test_rounding_a_number_is_what_an_author_may_do(value, places):
    rounded = f"{value:.{places}f}"
    moved = Decimal(rounded) + Decimal(3).scaleb(-places)
    assert numbers_match(f"x {rounded}", f"x {value}")
    assert not numbers_match(f"x {moved}", f"x {value}")


@given(st.text("ab1.2 \n-", max_size=30))
def test_a_text_matches_itself(text):
    assert compare(text, text, "exact") is None
    assert compare(text, text, "number") is None


@pytest.mark.parametrize(
    ("expected", "actual", "mode", "line", "column"),
    [
        ("a\nbcd", "a\nbXd", "exact", 2, 2),
        ("形状 (1, 6)", "形状 (1, 5)", "exact", 1, 10),
        ("a\nb", "a", "exact", 2, 1),
        ("a", "a\nb", "exact", 2, 1),
        ("loss 0.93 1", "loss 0.9312 2", "number", 1, 13),
        ("a\tb", "a b", "exact", 1, 2),
    ],
)
def test_compare_says_where(expected, actual, mode, line, column):
    assert compare(expected, actual, mode) == Difference(line, column)
