"""The parts of the language server that need no server."""

import random

import pytest
from tests.editing import applied

from bookproof.authoring import columns
from bookproof.authoring.accepted import Accepted
from bookproof.authoring.edits import changes
from bookproof.authoring.findings import Moved
from bookproof.authoring.shelf import book_of
from bookproof.authoring.words import _OF_FILTERS, _OF_WORDS, complete
from bookproof.judging.filters import FILTERS
from bookproof.reading.block import TOLERANCES, WORDS
from bookproof.reading.value import Place


def units(text):
    return len(text.encode("utf-16-le")) // 2


def test_every_word_of_a_block_is_explained():
    assert set(_OF_WORDS) == {*WORDS, *(f"{name}=" for name in TOLERANCES)}
    assert set(_OF_FILTERS) == set(FILTERS)
    assert complete("```{expect} nonsense ", 21).words == []


LINES = ["", "汉字", "😀 a", "b", "\u2028 no end of line", "```"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("in_editor", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_changes_make_of_the_text_what_is_to_be_written(end, in_editor, mark):
    choice = random.Random(3)
    for _ in range(200):
        before = choice.choices(LINES, k=choice.randint(2, 8))
        after = list(before)
        for _ in range(choice.randint(0, 3)):
            start = choice.randrange(len(after) + 1)
            after[start : start + choice.randint(0, 2)] = choice.choices(LINES, k=2)
        last = choice.choice(["", end])
        files = [
            [mark * (n == 0) + line + (end if n < len(lines) - 1 else last) for n, line in pairs]
            for lines in (before, after)
            for pairs in [list(enumerate(lines))]
        ]
        old, new = ("".join(lines).replace(end, in_editor) for lines in files)
        text = old.removeprefix("\ufeff")
        edits = [
            columns.edit(change, columns.lines_of(text), units)
            for change in changes(Accepted(*files), text)
        ]
        assert applied(text, edits) == new.removeprefix("\ufeff")


def test_lines_that_moved_are_found_again():
    moved = Moved(["a", "b", "c", "d"], ["new", "a", "c", "d", "e"])
    assert [moved.forth(n) for n in (1, 3, 4)] == [2, 3, 4]
    assert moved.forth(2) in (2, 3)
    assert [moved.back(n) for n in (1, 2, 3, 4, 5)] == [None, 1, 3, 4, None]
    assert Moved(["a"], ["a"]).back(1) == Moved(["a"], ["a"]).forth(1) == 1


def test_places_are_counted_as_the_editor_does():
    lines = columns.lines_of("\ufeff汉\r\n😀x\ry\u2028z\n")
    assert lines == ["汉", "😀x", "y\u2028z", ""]
    place = Place(2, 1)
    assert columns.position(place, lines, units).character == 2
    for column in range(3):
        place = Place(2, column)
        assert columns.place(columns.position(place, lines, units), lines, units) == place


def test_contents_alone_are_a_book_only_where_nothing_else_is(tmp_path):
    chapter = tmp_path / "book" / "part" / "a.md"
    chapter.parent.mkdir(parents=True)
    chapter.touch()
    (tmp_path / "book" / "part" / "_toc.yml").touch()
    assert book_of(chapter) == tmp_path / "book" / "part"
    (tmp_path / "book" / "_config.yml").touch()
    assert book_of(chapter) == tmp_path / "book"
    assert book_of(chapter, ("_toc.yml",)) == tmp_path / "book" / "part"


def test_the_book_of_a_file_is_the_nearest_and_not_above_a_repository(tmp_path):
    inner = tmp_path / "outer" / "inner"
    (inner / "deep").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    chapter = inner / "deep" / "a.md"
    assert book_of(chapter) is None
    (tmp_path / "outer" / "_config.yml").touch()
    assert book_of(chapter) == tmp_path / "outer"
    (inner / "conf.py").touch()
    assert book_of(chapter) == inner
