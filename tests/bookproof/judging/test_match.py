from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookproof.judging.match import (
    DIGITS,
    Difference,
    How,
    compare,
    numbers_match,
    with_digits_of,
)
from bookproof.reading.screen import normalise


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


EXACT, NUMBER = How(), DIGITS


@given(st.text("ab1.2 \n-", max_size=30))
def test_a_text_matches_itself(text):
    for shape in ("whole", "lines", "contains"):
        for digits in (False, True):
            assert compare(text, text, How(shape, digits)) is None


@pytest.mark.parametrize(
    ("expected", "actual", "how", "place"),
    [
        ("a\nbcd", "a\nbXd", EXACT, (2, 2, 2)),
        ("形状 (1, 6)", "形状 (1, 5)", EXACT, (1, 1, 10)),
        ("a\nb", "a", EXACT, (2, 2, 1)),
        ("a", "a\nb", EXACT, (2, 2, 1)),
        ("loss 0.93 1", "loss 0.9312 2", NUMBER, (1, 1, 13)),
        ("a\tb", "a b", EXACT, (1, 1, 2)),
    ],
)
def test_compare_says_where(expected, actual, how, place):
    assert compare(expected, actual, how) == Difference(*place)


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a\n...\nz", "a\nz", True),
        ("a\n...\nz", "a\nb\nc\nz", True),
        ("a\n...\nz", "a\nb\nc\ny", False),
        ("a\n...\nz", "b\nz", False),
        ("...\nz", "a\nz", True),
        ("a\n...", "a\nb", True),
        ("a\n...", "ab", False),
        ("a\n...\nm\n...\nz", "a\n1\nm\n2\nz", True),
        ("a\n...\nm\n...\nz", "a\n1\n2\nz", False),
        ("a\n...\na", "a", False),
        ("...", "", True),
        ("a\n  ...\nz", "a\nb\nz", True),
    ],
)
def test_lines_has_wildcards(expected, actual, same):
    assert (compare(expected, actual, How("lines")) is None) is same


def brute_force(expected, actual):
    """Match wildcards by trying every way."""
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(brute_force(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    return bool(actual) and expected[0] == actual[0] and brute_force(expected[1:], actual[1:])


@given(
    st.lists(st.sampled_from(["a", "b", "..."]), min_size=1, max_size=6),
    st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=6),
)
def test_lines_agrees_with_brute_force(expected, actual):
    found = compare("\n".join(expected), "\n".join(actual), How("lines"))
    assert (found is None) is brute_force(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual", "how", "same"),
    [
        ("b", "a\nxbx", How("contains"), True),
        ("a\nb", "1a\n2\n3b", How("contains"), True),
        ("b\na", "1a\n2\n3b", How("contains"), False),
        ("a\na", "a", How("contains"), False),
        ("loss 0.93", "epoch 3: loss 0.9312!", How("contains", True), True),
        ("loss 0.93", "epoch 3: loss 0.9712!", How("contains", True), False),
        ("loss 0.93", "epoch 3: loss 0.9312!", How("contains"), True),
        ("loss 0.94", "epoch 3: loss 0.9362!", How("contains"), False),
        ("x (2)", "f(x) x  (2) y", How("contains", True), True),
        ("1.0 2.0", "1.0 1.0 2.0", How("contains", True), True),
    ],
)
def test_contains(expected, actual, how, same):
    assert (compare(expected, actual, how) is None) is same


@pytest.mark.parametrize(
    ("name", "expected", "actual", "same"),
    [
        ("addr", "<f at 0x7f00aa>", "<f at 0x7ffff612ab>", True),
        ("addr", "<f at 0x7f00aa>", "<g at 0x7ffff612ab>", False),
        ("addr", "0x10", "0x11", False),
        ("time", "took 1.2 s", "took 340 ms", True),
        ("time", "took 1.2 s", "took 1.2 m", False),
        ("blanks", "a  b", " a b", True),
        ("blanks", "ab", "a b", False),
    ],
)
def test_filters_are_narrow(name, expected, actual, same):
    how = How(filters=(name,))
    assert (compare(expected, actual, how) is None) is same


@pytest.mark.parametrize(
    ("expected", "actual", "kept"),
    [
        ("loss 0.93 at 3", "loss 0.87654 at 4", "loss 0.88 at 4"),
        ("1.2e-05", "3.4567e-06", "3.5e-06"),
        ("5.", "6.4", "6."),
    ],
)
def test_digits_are_kept(expected, actual, kept):
    assert with_digits_of(expected, actual) == kept


@pytest.mark.parametrize("number", ["1e9999999", "1.5e-99999999", "1e99999999999999999999"])
def test_an_exponent_beyond_all_bounds_is_compared_as_text(number):
    assert numbers_match(number, number)
    assert not numbers_match(number, "2.0")
    assert not numbers_match("2.0", number)
