"""The page that tells where each section of the notes is treated."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
INDEX = "# 首页\n\n```{toctree}\nb\na\nlist\n```\n"
PARTS = "笔记原说\n: 甲。\n\n实际\n: 乙。\n\n应为\n: 丙。\n"
ERRATUM = f"```{{erratum}} 2023-0902-2 题目\n{PARTS}```\n"
B = "b.html#sec-2023-0902-1"
BADGE = "{.bookproof-verified}\n✓\n\n"


def chapter(day, sections, body):
    """Return the source of a chapter."""
    front = f'date: "2023-{day}"\nsections: [{sections}]\ntopic: 题\nrequires: []\ntags: [一, 二]\n'
    return f"---\n{front}description: 说的。\n---\n{body}"


@pytest.fixture
def book(tiny_book):
    """Return a book of two chapters, b before a, and a list."""
    settings = {"chapter_topics": ["题"], "chapter_tags": ["一", "二"]}
    settings["anchors_without_year"] = "2023"
    extensions = ["deflist", "attrs_block"]
    book = tiny_book("notesite.chapters.coverage", myst_enable_extensions=extensions, **settings)
    b = (
        f"(sec-2023-0902-1)=\n# 乙章\n\n{BADGE}(sec-2023-0902-2)=\n## 丙节\n\n{BADGE}{ERRATUM}\n"
        f"(sec-2023-0902-1-more)=\n### 丁节\n\n{BADGE}"
    )
    return book.write(
        index=INDEX,
        list="# 覆盖\n\n```{note-coverage}\n```\n",
        a=chapter("09-11", "2023-0911-1", f"(sec-2023-0911-1)=\n# 甲章\n\n{BADGE}## 又\n\n{BADGE}"),
        b=chapter("09-02", "2023-0902-1, 2023-0902-2", b),
    )


def lines(book):
    """Return the cells of each line of the table, links as their addresses."""
    table = BeautifulSoup(book.html("list"), "html.parser").select_one("table.note-coverage")
    found = []
    for line in table.select("tbody tr"):
        section, links, *numbers = line.select("td")
        places = [(link.text, link["href"]) for link in links.select("a")]
        found.append((section.text.strip(), places, *(int(n.text) for n in numbers)))
    return found


def test_each_section_has_its_headings_outputs_and_errata(book):
    book.build()
    assert book.warnings == ""
    assert lines(book) == [
        (
            "2023-0902-1",
            [("乙章", "b.html#sec-2023-0902-1"), ("丁节", "b.html#sec-2023-0902-1-more")],
            2,
            0,
        ),
        ("2023-0902-2", [("丙节", "b.html#sec-2023-0902-2")], 1, 1),
        ("2023-0911-1", [("甲章", "a.html#sec-2023-0911-1")], 2, 0),
    ]
    assert "笔记分 2 天、3 节；其中核对输出 5 处，勘误 1 条。" in book.html("list")


def test_places_keep_the_names_that_they_had_before_there_were_years(book):
    book.build()
    pages = {name: BeautifulSoup(book.html(name), "html.parser") for name in ("a", "b", "list")}
    names = {name: {place["id"] for place in page.select("[id]")} for name, page in pages.items()}
    assert {"sec-2023-0911-1", "sec-0911-1"} <= names["a"]
    assert {"sec-2023-0902-1-more", "sec-0902-1-more"} <= names["b"]
    assert {"note-2023-0902-2", "note-0902-2"} <= names["list"]
    assert not pages["list"].select("tr > span")
    [new] = [name for name in names["b"] if name.startswith("erratum-2023-0902-2-")]
    assert new.replace("2023-", "") in names["b"]


def test_another_year_is_another_section(book):
    body = f"(sec-2026-0911-1)=\n# 新章\n\n{BADGE}"
    book.write(
        b=chapter("09-11", "2026-0911-1", body).replace('"2023-', '"2026-'),
    ).build()
    assert book.warnings == ""
    assert [line[0] for line in lines(book)] == ["2023-0911-1", "2026-0911-1"]
    assert 'id="sec-0911-1"' not in book.html("b")


def test_it_follows_the_chapters(book):
    book.build()
    book.write(a=chapter("09-11", "2023-0911-1", f"(sec-2023-0911-1)=\n# 新章\n\n{BADGE}")).build()
    assert book.warnings == ""
    assert lines(book)[-1] == ("2023-0911-1", [("新章", "a.html#sec-2023-0911-1")], 1, 0)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("# 甲章\n", "a.md:3: WARNING: coverage: no heading treats section 2023-0911-1: put (sec-"),
        (
            "(sec-2023-0911-1)=\n# 甲\n\n(sec-2023-0911-2)=\n## 乙\n",
            "a.md:13: WARNING: coverage: add section 2023-0911-2 to `sections`",
        ),
    ],
)
def test_gaps_are_told_with_their_line(book, body, told):
    book.write(a=chapter("09-11", "2023-0911-1", body)).build()
    assert told in book.warnings


# The original notes: 15 days, 33 sections. What was added later is covered as well.
ORIGINAL = {
    f"2023-{day}-{number}"
    for day, many in {
        "0816": 5,
        "0817": 1,
        "0818": 1,
        "0901": 4,
        "0902": 1,
        "0904": 2,
        "0906": 1,
        "0907": 3,
        "0911": 6,
        "0914": 1,
        "0915": 1,
        "0919": 1,
        "1016": 2,
        "1017": 3,
        "1018": 1,
    }.items()
    for number in range(1, many + 1)
}


def test_the_book_covers_all_33_sections(site):
    page = BeautifulSoup((site / "book/reference/coverage.html").read_text("utf-8"), "html.parser")
    found = {}
    for line in page.select("table.note-coverage tbody tr"):
        section, links, verified, _ = line.select("td")
        found[section.text.strip()] = [link["href"] for link in links.select("a")]
        assert int(verified.text) > 0, section.text
    assert len(ORIGINAL) == 33
    assert set(found) >= ORIGINAL
    claimed = set()
    for path in (ROOT / "book" / "notes").glob("*.md"):
        head = path.read_text("utf-8").split("\n---", 1)[0]
        claimed |= set(re.findall(r"\b\d{4}-\d{4}-\d\b", re.search(r"(?m)^sections: .*", head)[0]))
    assert set(found) == claimed
    for addresses in found.values():
        for address in addresses:
            name, _, anchor = address.partition("#")
            html = (site / "book" / "reference" / name).resolve().read_text("utf-8")
            assert f'id="{anchor}"' in html, address
