import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookproof.judging.filters import resolve
from bookproof.judging.match import DIGITS, Difference, How, compare
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
        ("time", "took 1.2 s", "took 340 ms", True),
        ("time", "took 1.2 s", "took 1.2 m", False),
        ("time", "class 3 s", "class 4 s", False),
        ("blanks", "a  b", " a b", True),
        ("blanks", "ab", "a b", False),
    ],
)
def test_filters_work_on_both_texts(name, expected, actual, same):
    filters = resolve([name], {})
    for shape in ("whole", "lines", "contains"):
        assert (compare(expected, actual, How(shape, filters=filters)) is None) is same


OPTIONAL = "Compiler time: 0.12 s"


@pytest.mark.parametrize(
    ("expected", "actual", "place"),
    [
        (f"{OPTIONAL}\na", f"a\n{OPTIONAL}", None),
        ("a\nb", f"{OPTIONAL}\na\nc", (2, 3, 1)),
        (f"a\n{OPTIONAL}\nb", "a\nc", (3, 2, 1)),
        ("took 1 s: a", "took 1234.5 ms: b", (1, 1, 17)),
        ("a took 1 s", "b took 1234.5 ms", (1, 1, 1)),
        ("a", f"a\n{OPTIONAL}\nb", (2, 3, 1)),
    ],
)
def test_the_place_is_told_as_it_was_before_the_filters(expected, actual, place):
    how = How(filters=resolve(["time"], {}))
    assert compare(expected, actual, how) == (place and Difference(*place))


def test_a_text_of_which_filters_leave_nothing_is_not_in_every_text():
    how = How("contains", filters=resolve(["time"], {}))
    assert compare(OPTIONAL, "a", how) is not None
    assert compare(OPTIONAL, OPTIONAL, how) is None
