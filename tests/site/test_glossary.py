"""The glossary: one term for each concept, with anchors, for readers, search and lint."""

from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from notesite.chapters import glossary
from notesite.chapters.glossary_chapters import SHOWN, occurrences
from notesite.search.zh_search import EXPLAINED, names

ROOT = Path(__file__).parents[2]
PAGE = "book/reference/glossary"
TERMS = glossary.read(ROOT / f"{PAGE}.md")


@pytest.fixture
def book(tiny_book):
    """Return a book of one page, the glossary."""
    settings = {"glossary_page": "index", "myst_enable_extensions": ["deflist"]}
    return tiny_book("notesite.chapters.glossary", **settings)


def write(book, text):
    """Build a glossary with a text."""
    book.write(index=f"# 术语\n\n{text}").build()


def test_a_term_has_an_anchor_of_its_english(book):
    text = "池化（pooling，又称汇聚）\n: 甲。\n\n批量归一化（batch normalization, BN）\n: 乙。\n"
    write(book, text)
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
def test_faults_are_told_with_their_place(book, text, told):
    write(book, text)
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
    assert len(TERMS) >= 100
    words = Counter(word for term in TERMS for word in (term.chinese, *term.others))
    assert [word for word, number in words.items() if number > 1] == []
    assert len({term.anchor for term in TERMS}) == len(TERMS)


def test_every_term_is_used_in_a_chapter():
    text = "".join(path.read_text("utf-8") for path in (ROOT / "book" / "notes").glob("*.md"))
    assert [term.chinese for term in TERMS if term.chinese not in text] == []


def test_the_search_knows_the_terms_and_their_other_names():
    known = {word for _, called in names(ROOT, PAGE, "book/aliases.txt") for word in called}
    assert {"池化", "汇聚", "批规范化", "批归一化", "转置卷积"} <= known


def test_every_term_is_on_the_page(site):
    page = BeautifulSoup((site / f"{PAGE}.html").read_text("utf-8"), "html.parser")
    anchors = [term["id"] for term in page.select("dt[id]")]
    assert anchors == [term.anchor for term in TERMS]


# The chapters below a term.

FRONT = (
    '---\ndate: "2023-09-0{0}"\nsections: [2023-090{0}-1]\ntopic: 甲\nrequires: []\n'
    "tags: [池化, 批]\ndescription: 丙\n---\n(sec-2023-090{0}-1)=\n# {1}：题\n\n{2}\n"
)
TERMS_OF_ALL = "池化（pooling）\n: 一。\n\n批（batch）\n: 二。\n\n批量归一化（BN）\n: 三。\n"


@pytest.fixture
def chapters(tiny_book):
    """Return a book of a glossary and five chapters, of which some speak of its terms."""
    settings = {"chapter_topics": ["甲"], "chapter_tags": ["池化", "批"]}
    settings["glossary_page"] = "terms"
    extensions = ["deflist", "dollarmath"]
    book = tiny_book(
        "notesite.chapters.glossary_chapters", myst_enable_extensions=extensions, **settings
    )
    texts = {
        "a": "讲**池化**。",
        "b": "池化，又是池化。",
        "c": "讲批量归一化。",
        "d": "一批。再说池化。",
        "e": "`池化` $池化$\n\n```\n池化\n```\n池化。",
    }
    book.write(
        index="# 首页\n\n池化\n\n```{toctree}\na\nb\nc\nd\ne\nterms\n```\n",
        terms=f"# 术语\n\n{TERMS_OF_ALL}",
        **{name: FRONT.format(n, name, text) for n, (name, text) in enumerate(texts.items(), 1)},
    )
    return book


def named(html):
    """Return for each term the chapters named below it, and how the others are folded."""
    found = {}
    for term in BeautifulSoup(html, "html.parser").select("dt[id]"):
        definition = term.find_next_sibling("dd")
        links = [
            link["href"].partition(".html")[0] for link in definition.select(".term-chapters a")
        ]
        folded = definition.select_one("details")
        more = folded and (folded.summary.text, len(folded.select("a")))
        found[term["id"].removeprefix("term-")] = links, more
    return found


def test_a_term_names_the_chapters_that_speak_of_it(chapters):
    chapters.build()
    assert chapters.warnings == ""
    assert named(chapters.html("terms")) == {
        "pooling": (["a", "b", "d", "e"], ("另 1 章", 1)),
        "batch": (["d"], None),  # 批量归一化 is another term
        "bn": (["c"], None),
    }


def test_terms_follow_the_chapters_and_the_glossary(chapters):
    chapters.build()
    front = (chapters.folder / "index.md").read_text("utf-8")
    chapters.write(
        b=FRONT.format(2, "b", "什么也没有。"),
        d=FRONT.format(4, "d", "新的词。"),
        terms=f"# 术语\n\n{TERMS_OF_ALL}\n词（word）\n: 四。\n",
        f=FRONT.format(6, "f", "一批。"),
        index=front.replace("\ne\n", "\nf\n"),
    )
    (chapters.folder / "e.md").unlink()
    chapters.build()
    assert chapters.warnings == ""
    assert {term: pages for term, (pages, _) in named(chapters.html("terms")).items()} == {
        "pooling": ["a"],
        "batch": ["f"],
        "bn": ["c"],
        "word": ["d"],
    }


def brute_force(words, text):
    """Return the words in a text, the longest at each place, found place by place."""
    found, place = set(), 0
    while place < len(text):
        here = [word for word in words if text.startswith(word, place)]
        found.update(longest := sorted(here, key=len)[-1:])
        place += len(longest[0]) if longest else 1
    return found


def test_occurrences_are_those_of_brute_force():
    terms = [
        glossary.Term(word, "e") for word in ("批", "批量", "批量归一化", "归一化", "一", "化验")
    ]
    texts = {text: text for text in ("一批批量化验", "批量归一化验", "批归一化验", "", "一")}
    found = occurrences(terms, texts)
    assert {term.chinese for term in terms} == set(found)
    for text in texts:
        said = {word for word, names in found.items() if text in names}
        assert said == brute_force([term.chinese for term in terms], text), text


CODE = "pre, code, math, details.hide > summary"  # and the line that code is folded to


def test_the_book_names_for_each_term_the_chapters_that_speak_of_it(site):
    words = {term.chinese: term.anchor.removeprefix("term-") for term in TERMS}
    wanted = {anchor: [] for anchor in words.values()}
    chapters = sorted((site / "book" / "notes").glob("*.html"))
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    chapters.sort(key=lambda path: toc.index(f"book/notes/{path.stem}"))
    assert len(chapters) >= 29
    for path in chapters:
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser").select_one("article section")
        for code in page.select(f"{CODE}, .output, .chapter-head, table.dataframe"):
            code.replace_with("\n")
        for word in brute_force(words, page.get_text()):
            wanted[words[word]].append(f"../notes/{path.stem}")
    found = named((site / f"{PAGE}.html").read_text("utf-8"))
    assert {anchor: pages for anchor, (pages, _) in found.items()} == wanted
    assert sum(map(len, wanted.values())) >= 500
    for pages, more in found.values():
        hidden = len(pages) - SHOWN
        assert more == ((f"另 {hidden} 章", hidden) if hidden > 0 else None)


def test_a_term_is_explained_where_it_sends_the_reader():
    chapters = EXPLAINED.findall((ROOT / f"{PAGE}.md").read_text("utf-8"))
    astray = []
    for line, page in chapters:
        text = (ROOT / "book" / "reference" / f"{page}.md").read_text("utf-8")
        term = glossary.parse(line)
        if not any(name in text for name in (term.chinese, *term.others)):
            astray.append((term.chinese, page))
    assert len(chapters) >= 110
    assert astray == []
