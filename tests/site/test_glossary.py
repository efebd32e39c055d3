"""The glossary: one term for each concept, with anchors, for readers, search and lint."""

from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import glossary
from zh_search import names

ROOT = Path(__file__).parents[2]


@pytest.fixture
def book(tiny_book):
    """Return a book of one page, the glossary."""
    return tiny_book("glossary", myst_enable_extensions=["deflist"])


def write(book, monkeypatch, text):
    """Build a glossary with a text."""
    monkeypatch.setattr(glossary, "PAGE", "index")
    book.write(index=f"# 术语\n\n{text}").build()


def test_a_term_has_an_anchor_of_its_english(book, monkeypatch):
    text = "池化（pooling，又称汇聚）\n: 甲。\n\n批量归一化（batch normalization, BN）\n: 乙。\n"
    write(book, monkeypatch, text)
    assert book.warnings == ""
    found = {t["id"]: t.text for t in BeautifulSoup(book.html(), "html.parser").select("dt[id]")}
    assert found == {
        "term-pooling": "池化（pooling，又称汇聚）",
        "term-batch-normalization-bn": "批量归一化（batch normalization, BN）",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("池化(pooling)\n: 甲。\n", "wanted 术语（English，又称甲、乙）, not '池化(pooling)'"),
        ("池化\n: 甲。\n", "not '池化'"),
        ("甲（pooling）\n: 甲。\n\n乙（pooling）\n: 乙。\n", "'pooling' stands here twice"),
    ],
)
def test_faults_are_told_with_their_place(book, monkeypatch, text, told):
    write(book, monkeypatch, text)
    assert told in book.warnings
    assert "index.md:" in book.warnings


def test_parse_tells_term_english_and_other_names():
    assert glossary.parse("池化（pooling，又称汇聚、下采样）") == (
        "池化",
        "pooling",
        ("汇聚", "下采样"),
    )
    assert glossary.parse("轮（epoch）") == ("轮", "epoch", ())
    assert glossary.parse("池化 pooling") is None


def test_no_word_of_the_book_stands_for_two_concepts():
    terms = glossary.read()
    assert len(terms) >= 100
    words = Counter(word for term in terms for word in (term.chinese, *term.others))
    assert [word for word, number in words.items() if number > 1] == []
    assert len({term.anchor for term in terms}) == len(terms)


def test_every_term_is_used_in_a_chapter():
    text = "".join(path.read_text("utf-8") for path in (ROOT / "book" / "notes").glob("*.md"))
    assert [term.chinese for term in glossary.read() if term.chinese not in text] == []


def test_the_search_knows_the_terms_and_their_other_names():
    known = {word for _, called in names() for word in called}
    assert {"池化", "汇聚", "批规范化", "批归一化", "转置卷积"} <= known


def test_every_term_is_on_the_page(site):
    page = BeautifulSoup((site / f"{glossary.PAGE}.html").read_text("utf-8"), "html.parser")
    anchors = [term["id"] for term in page.select("dt[id]")]
    assert anchors == [term.anchor for term in glossary.read()]
