"""The page that tells where each section of the notes is treated."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
INDEX = "# 首页\n\n```{toctree}\nb\na\nlist\n```\n"
PARTS = "笔记原说\n: 甲。\n\n实际\n: 乙。\n\n应为\n: 丙。\n"
ERRATUM = f"```{{erratum}} 0902-2 题目\n{PARTS}```\n"
BADGE = "{.bookproof-verified}\n✓\n\n"


@pytest.fixture
def book(tiny_book):
    """Return a book of two chapters, b before a, and a list."""
    book = tiny_book("note_coverage", myst_enable_extensions=["deflist", "attrs_block"])
    return book.write(
        index=INDEX,
        list="# 覆盖\n\n```{note-coverage} 0902-1..2 0911-1\n```\n",
        a=f"(sec-0911-1)=\n# 甲章\n\n{BADGE}## 又\n\n{BADGE}",
        b=f"(sec-0902-1)=\n# 乙章\n\n{BADGE}(sec-0902-2)=\n## 丙节\n\n{BADGE}{ERRATUM}\n"
        f"(sec-0902-1-more)=\n### 丁节\n\n{BADGE}",
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
        ("0902-1", [("乙章", "b.html#sec-0902-1"), ("丁节", "b.html#sec-0902-1-more")], 2, 0),
        ("0902-2", [("丙节", "b.html#sec-0902-2")], 1, 1),
        ("0911-1", [("甲章", "a.html#sec-0911-1")], 2, 0),
    ]
    assert "笔记共 3 节，书中写了 3 节；其中核对输出 5 处，勘误 1 条。" in book.html("list")


def test_it_follows_the_chapters(book):
    book.build()
    book.write(a=f"(sec-0911-1)=\n# 新章\n\n{BADGE}").build()
    assert book.warnings == ""
    assert lines(book)[-1] == ("0911-1", [("新章", "a.html#sec-0911-1")], 1, 0)


@pytest.mark.parametrize(
    ("page", "text", "told"),
    [
        ("a", "# 甲章\n", "list.md:3: WARNING: coverage: no heading treats section 0911-1"),
        (
            "a",
            "(sec-0911-1)=\n# 甲\n\n(sec-0911-2)=\n## 乙\n",
            "a.md: WARNING: coverage: section 0911-2 is not",
        ),
        (
            "list",
            "# 覆盖\n\n```{note-coverage} 0902\n```\n",
            "list.md:3: WARNING: coverage: wanted section ids",
        ),
        ("list", "# 覆盖\n\n```{note-coverage} 0902-1..x\n```\n", "not '0902-1..x'"),
    ],
)
def test_gaps_are_told(book, page, text, told):
    book.write(**{page: text}).build()
    assert told in book.warnings


def test_the_book_covers_all_33_sections(site):
    page = BeautifulSoup((site / "book/reference/coverage.html").read_text("utf-8"), "html.parser")
    found = {}
    for line in page.select("table.note-coverage tbody tr"):
        section, links, verified, _ = line.select("td")
        found[section.text.strip()] = [link["href"] for link in links.select("a")]
        assert int(verified.text) > 0, section.text
    assert len(found) == 33
    claimed = set()
    for path in (ROOT / "book" / "notes").glob("*.md"):
        head = path.read_text("utf-8").split("\n---", 1)[0]
        claimed |= set(re.findall(r"\b\d{4}-\d\b", re.search(r"(?m)^sections: .*", head)[0]))
    assert set(found) == claimed
    for addresses in found.values():
        for address in addresses:
            name, _, anchor = address.partition("#")
            html = (site / "book" / "reference" / name).resolve().read_text("utf-8")
            assert f'id="{anchor}"' in html, address
