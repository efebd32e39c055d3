"""`[..]` within a line, and lines in any order: each held against trying every way."""

import re
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookproof.judging.match import Difference, How, compare, keep_wildcards
from bookproof.judging.numbers import numbers_match

EXACT, NUMBER = How(), How(digits=True)


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a [..] z", "a b c z", True),
        ("a[..]z", "az", True),
        ("a[..]z", "ay", False),
        ("a[..]z", "baz", False),
        ("[..]z", "az", True),
        ("a[..]", "a", True),
        ("[..]", "", True),
        ("[..]", "a\nb", False),
        ("a[..]m[..]z", "a1m2z", True),
        ("a[..]m[..]z", "a1z2m", False),
        ("aba[..]ba", "aba", False),
        ("[..]", "[..]", True),
        ("x [..] y", "x [..] y", True),
        ("a ... z", "a b z", False),
        ("准确率[..]，第[..]轮", "准确率0.93，第3轮", True),
    ],
)
def test_a_wildcard_stands_for_anything_within_a_line(expected, actual, same):
    for shape in ("whole", "lines"):
        assert (compare(expected, actual, How(shape)) is None) is same


@settings(deadline=None)  # a busy machine may take its time
@given(st.text("ab[.]", max_size=8) | st.just("a[..]b[..]"), st.text("ab[.]", max_size=8))
def test_wildcards_agree_with_regular_expressions(expected, actual):
    pattern = ".*".join(map(re.escape, expected.split("[..]")))
    assert (compare(expected, actual) is None) is bool(re.fullmatch(pattern, actual))
    found = compare(expected, actual, How("contains"))
    assert (found is None) is bool(re.search(pattern, actual))


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("loss 0.93 [..]", "loss 0.9312 after 3", True),
        ("loss 0.93 [..]", "loss 0.9412 after 3", False),
        ("[..] loss 0.93", "epoch 3: loss 0.9312", True),
        ("[..] loss 0.93", "epoch 3: loss 0.9412", False),
        ("epoch 3[..] 0.5", "epoch 3 of 9: 0.52", True),
        ("epoch 3[..] 0.5", "epoch 4 of 9: 0.52", False),
        ("a 0.5 [..] 0.5 z", "a 0.52 0.6 0.48 z", True),
        ("a 0.5 [..] 0.5 z", "a 0.52 z", False),
        ("loss 0.93[..]", "loss 0.9312", True),
        ("loss 0.93[..]", "loss 0.9399", True),
        ("loss 0.93[..]", "loss 0.9277", True),
        ("loss 0.93[..]", "loss 0.94", False),
        ("1[..]2", "1.5 of 2", True),
        ("epoch 1[..]", "epoch 12", True),
        ("torch 2.13[..]", "torch 2.13.1", True),
        ("[..]13.1 is new", "2.13.1 is new", True),
        ("[..].5 s", "12.5 s", True),
        ("a [..]2[..] z", "a 123 z", True),
        ("a [..]2[..] z", "a 1.2.3 z", True),
        ("a [..]4[..] z", "a 123 z", False),
        ("a   [..] 1", "a b   1", True),
    ],
)
def test_a_wildcard_beside_numbers(expected, actual, same):
    for shape in ("whole", "lines"):
        assert (compare(expected, actual, How(shape, digits=True)) is None) is same


@settings(deadline=None)
@given(st.lists(st.sampled_from(["0.5", "0.52", "7", "[..]"]), min_size=1, max_size=5), st.data())
def test_wildcards_and_numbers_agree_with_trying_every_way(words, data):
    given_words = st.lists(st.sampled_from(["0.5", "0.49", "0.6", "7", "8"]), max_size=5)
    actual = data.draw(given_words)

    def fits(wanted, have):
        if not wanted:
            return not have
        if wanted[0] == "[..]":
            return any(fits(wanted[1:], have[i:]) for i in range(len(have) + 1))
        return bool(have) and numbers_match(wanted[0], have[0]) and fits(wanted[1:], have[1:])

    # Each word with a bar on both sides, so that no number touches a wildcard.
    expected = "|".join(["", *words, ""]).replace("|[..]", "[..]")
    found = compare(expected, "|".join(["", *actual, ""]), NUMBER)
    assert (found is None) is fits(words, actual)


def test_a_wildcard_in_contains():
    how = How("contains")
    assert compare("step [..] loss", "epoch 1, step 2, loss 3", how) is None
    assert compare("step [..] loss", "loss 3, step 2", how) == Difference(1, 1, 1)
    assert compare("step [..] 0.5", "a step 3: 0.52!", How("contains", True)) is None


def test_a_wildcard_that_does_not_fit_says_how_far_it_does():
    assert compare("ab[..]yz", "abcdef") == Difference(1, 1, 3)
    assert compare("甲[..]乙", "甲丙") == Difference(1, 1, 3)


def test_long_lines_take_no_time():
    line = "x" * 50_000
    assert compare("x[..]y[..]x", line) is not None
    assert compare("[..]".join("xxxx"), line) is None
    numbers = " ".join(str(i / 8) for i in range(500))
    assert compare("[..] 60.0 [..]", numbers, NUMBER) is None


def test_lines_with_a_wildcard_are_kept_where_they_fit():
    expected = ["pid [..]", "a", "[..] loss 0.93", "b[..]"]
    actual = ["x", "pid 4", "a", "epoch 2 loss 0.9312", "c"]
    assert keep_wildcards(expected, actual, NUMBER) == [
        "x",
        "pid [..]",
        "a",
        "[..] loss 0.93",
        "c",
    ]
    assert keep_wildcards(["b[..]", "a[..]"], ["a1", "b2"], How(unordered=True)) == [
        "a[..]",
        "b[..]",
    ]


@pytest.mark.parametrize(
    ("expected", "actual", "how", "place"),
    [
        ("a\nb", "b\na", How(), None),
        ("a\na", "a\nb", How(), (2, 2)),
        ("a\nb", "b\na\nc", How(), (3, 3)),
        ("a\nb", "a", How(), (2, 2)),
        ("a\nx\nb", "b\na\nc", How(), (2, 3)),
        ("a\nb", "1a\n2b\n3", How("contains"), None),
        ("a\na", "a1", How("contains"), (2, 2)),
        ("b\n...", "a\nb\nc", How("lines"), None),
        ("b\n...\nd", "a\nb\nc", How("lines"), (3, 1)),
        ("b\na", "a\nb\nc", How("lines"), (3, 3)),
        ("loss 0.5\nloss 0.52", "loss 0.521\nloss 0.519", How(digits=True), None),
        ("loss 0.5\nloss 0.52", "loss 0.521\nloss 0.531", How(digits=True), None),
        ("loss 0.5\nloss 0.52", "loss 0.541\nloss 0.531", How(digits=True), (2, 2)),
        ("a[..]\nab", "ab\nac", How(), None),
    ],
)
def test_lines_in_any_order(expected, actual, how, place):
    how = How(how.shape, how.digits, unordered=True)
    found = compare(expected, actual, how)
    assert (found and (found.expected_line, found.actual_line)) == place


LINES = st.lists(
    st.sampled_from(["0.5", "0.52", "0.4", "a[..]", "ab", "ac"]), min_size=1, max_size=5
)
GIVEN = st.lists(
    st.sampled_from(["0.5", "0.52", "0.549", "0.35", "ab", "ac"]), min_size=1, max_size=5
)


@settings(deadline=None)
@given(LINES, GIVEN, st.booleans())
def test_any_order_agrees_with_trying_every_order(expected, actual, digits):
    how = How(digits=digits)
    found = compare("\n".join(expected), "\n".join(actual), How(digits=digits, unordered=True))
    some = any(
        compare("\n".join(expected), "\n".join(order), how) is None
        for order in permutations(actual)
    )
    assert (found is None) is some


def test_many_lines_in_any_order_take_no_time():
    lines = [f"loss {i / 7:.4f}" for i in range(120)]
    expected = [f"loss {i / 7:.3f}" for i in range(120)]
    how = How(digits=True, unordered=True)
    assert compare("\n".join(expected), "\n".join(reversed(lines)), how) is None
    expected[-1] = "loss 1.000"
    assert compare("\n".join(expected), "\n".join(lines), how) is not None
