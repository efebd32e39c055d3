"""Differences that nobody sees are made visible."""

import doctest
import importlib
import unicodedata

import pytest

from bookproof.judging.invisible import explain, reveal

PAIRS = {
    "a no-break space": ("1 000", "1\u00a0000"),
    "a thin space": ("1 000", "1\u2009000"),
    "an ideographic space": ("甲 乙", "甲\u3000乙"),
    "a tab": ("a b", "a\tb"),
    "a tab for four blanks": ("a    b", "a\tb"),
    "a zero-width space": ("ab", "a\u200bb"),
    "a byte order mark": ("ab", "\ufeffab"),
    "a soft hyphen": ("ab", "a\u00adb"),
    "a mark of direction": ("ab", "a\u202eb"),
    "an invisible control": ("ab", "a\x00b"),
    "a variation selector": ("❤", "❤\ufe0f"),
    "a joined accent": ("café", unicodedata.normalize("NFD", "café")),
    "a full-width digit": ("12", "１２"),
    "a full-width comma": ("a,b", "a，b"),
    "a Cyrillic letter": ("paper", "раper"),
    "a Greek letter": ("A", "Α"),
    "a minus": ("-1", "−1"),
    "a dash": ("a-b", "a–b"),
    "a quote": ("'a'", "‘a’"),
    "an ellipsis": ("...", "…"),
    "a ligature": ("fi", "ﬁ"),
    "a radical": ("一", "⼀"),
    "the other micro": ("µs", "μs"),
    "a Hangul filler": ("a b", "a\u3164b"),
}


@pytest.mark.parametrize("what", PAIRS)
def test_what_cannot_be_seen_is_shown(what):
    for one, other in (PAIRS[what], PAIRS[what][::-1]):
        shown = reveal(one, other)
        assert shown != (one, other)
        assert shown[0] != shown[1]
        assert "‹U+" in "".join(shown)
        for odd in set(PAIRS[what][1]).difference(PAIRS[what][0], map(chr, range(32, 127))):
            assert f"‹U+{ord(odd):04X}›" in "".join(shown)
            assert f"U+{ord(odd):04X}" in explain(one, other)


PLAIN = [
    ("a", "b"),
    ("a b", "a  b"),
    ("甲", "乙"),
    ("甲 乙", "甲  乙"),
    ("0", "O"),
    ("1", "l"),
    ("café", "cafe"),
    ("损失 0.5", "损失 0.6"),
    ("same", "same"),
    ("a", "a\nb"),
]


@pytest.mark.parametrize(("one", "other"), PLAIN)
def test_what_can_be_seen_stays(one, other):
    assert reveal(one, other) == (one, other)
    assert explain(one, other.split("\n")[0]) == ""


def test_only_the_part_that_is_not_seen_is_escaped():
    shown = reveal("甲：1 000 元，乙\n同", "甲：1\u00a0000 元，丙\n同")
    assert shown == ("甲：1 000 元，乙\n同", "甲：1‹U+00A0›000 元，丙\n同")
    assert explain("甲 乙", "甲\u00a0丙") == ""


def test_the_characters_are_named():
    assert explain("1 000", "1\u00a0000") == (
        ", which does not show: the block has U+0020 SPACE, the output U+00A0 NO-BREAK SPACE"
    )
    assert "U+0009 TAB" in explain("a b", "a\tb")
    assert "the block has nothing there" in explain("ab", "a\u200bb")
    assert explain("１２３４５", "12345").count("FULLWIDTH") == 3


def test_long_lines_take_no_time():
    assert reveal("甲 " * 50_000, "甲\u00a0" * 50_000)[0] == "甲 " * 50_000


def test_the_message_and_the_difference_show_it(book):
    book.chapter("a.md", "```{code-cell}\nprint('1\\u00a0000')\n```\n```{expect}\n1 000\n```\n")
    assert book.check().failures().split("\n")[:6] == [
        "a.md:10: mismatch: first difference at line 1, column 2, which does not show: "
        "the block has U+0020 SPACE, the output U+00A0 NO-BREAK SPACE",
        "    --- expected (exact, line 9)",
        "    +++ actual (cell at line 6)",
        "    @@ -1 +1 @@",
        "    -1 000",
        "    +1‹U+00A0›000",
    ]


DOCUMENTED = ["dates", "durations", "invisible", "numbers", "pairing", "places"]


def test_examples_in_docstrings():
    modules = [importlib.import_module(f"bookproof.judging.{name}") for name in DOCUMENTED]
    modules.append(importlib.import_module("bookproof.reading.machine"))
    results = [doctest.testmod(module) for module in modules]
    assert sum(result.attempted for result in results) >= 9
    assert sum(result.failed for result in results) == 0
