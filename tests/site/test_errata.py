"""Boxes of corrections, and the list of all of them."""

import pytest
from bs4 import BeautifulSoup

PARTS = "笔记原说\n: 步幅是 1。\n\n实际\n: `stride` 是 $2$。\n\n应为\n: 步幅等于窗口。\n"
INDEX = "# 首页\n\n```{toctree}\nb\na\nlist\n```\n"
LIST = "# 勘误\n\n```{errata-list}\n```\n"


def box(first, body=PARTS):
    """Return the source of one box."""
    return f"```{{erratum}} {first}\n{body}```\n"


@pytest.fixture
def book(tiny_book):
    """Return a book with two chapters, b before a, and a list."""
    extensions = ["deflist", "dollarmath"]
    book = tiny_book(
        "notesite.chapters.errata",
        myst_enable_extensions=extensions,
        language="zh_CN",
        anchors_without_year="2023",
    )
    return book.write(
        index=INDEX,
        list=LIST,
        a="# 甲章\n\n" + box("2023-0911-1 默认步幅") + "\n" + box("2023-0911-1 取整"),
        b="# 乙章\n\n" + box("2023-0911-2 形状"),
    )


def soup(book, name):
    """Parse a page of a book."""
    return BeautifulSoup(book.html(name), "html.parser")


def test_box_has_title_parts_and_anchor(book):
    book.build()
    assert book.warnings == ""
    boxes = soup(book, "a").select(".admonition.erratum")
    assert [b.select_one(".admonition-title").text for b in boxes] == [
        "勘误 2023-0911-1　默认步幅",
        "勘误 2023-0911-1　取整",
    ]
    assert [dt.text for dt in boxes[0].select("dt")] == ["笔记原说", "实际", "应为"]
    assert boxes[0].select_one("dd code").text == "stride"
    # A reader may have kept this address: it must never change. It unfolds what it is in.
    anchors = [anchor["id"] for anchor in boxes[0].select("span[id]")]
    assert anchors == ["erratum-2023-0911-1-f18de8", "erratum-0911-1-f18de8"]
    assert [box.name for box in boxes] == ["details", "details"]
    assert not soup(book, "list").select("details")


def test_list_counts_groups_orders_and_links(book):
    book.build()
    page = soup(book, "list")
    assert "共 3 条勘误，分布在 2 章。" in page.text
    chapters = [link.text for link in page.select("h2 a.internal")]
    assert chapters == ["乙章（1 条）", "甲章（2 条）"]
    links = [link["href"] for link in page.select(".erratum .admonition-title a")]
    assert len(links) == 3
    for link in links:
        name, _, anchor = link.partition(".html#")
        assert soup(book, name).find(id=anchor), link
    assert not page.select(".erratum[id], .erratum [id]")


def test_what_only_adds_is_no_erratum(book):
    body = "笔记原说\n: 步幅是 1。\n\n补充\n: 池化的步幅另说。\n"
    chapter = f"# 乙章\n\n```{{addendum}} 2023-0911-2 池化\n{body}```\n"
    book.write(b=chapter).build()
    assert book.warnings == ""
    assert "共 2 条勘误，1 条补充，分布在 2 章。" in soup(book, "list").text
    (shown,) = soup(book, "b").select("details.admonition.erratum.addendum")
    assert shown.select_one(".admonition-title").text == "补充 2023-0911-2　池化"
    book.write(b=chapter.replace("补充\n", "应为\n")).build()
    assert "addendum: the body must be one definition list of 笔记原说、补充" in book.warnings


def test_list_follows_the_chapters(book):
    book.build()
    book.write(b="# 乙章\n\n没有了。\n").build()
    assert "共 2 条勘误，分布在 1 章。" in soup(book, "list").text
    book.write(b="# 乙章\n\n" + box("2023-0911-2 形状") + box("2023-0911-2 参数")).build()
    assert "共 4 条勘误，分布在 2 章。" in soup(book, "list").text


def test_formulas_and_references_work_in_the_list(book):
    body = PARTS.replace("步幅等于窗口。", "见 {ref}`here`。")
    book.write(b="# 乙章\n\n(here)=\n## 这里\n\n" + box("2023-0911-2 形状", body)).build()
    assert book.warnings == ""
    assert soup(book, "list").select('.erratum dd a[href="b.html#here"]')


def test_links_within_a_chapter_lead_there_from_the_list(book):
    body = "笔记原说\n: 见[后文](#later)。\n\n实际\n: 一。\n\n应为\n: 二。\n"
    chapter = "# 甲章\n\n" + box("2023-0911-1 默认步幅", body) + "\n(later)=\n## 后文\n\n后文。\n"
    book.write(a=chapter).build()
    assert book.warnings == ""
    (link,) = soup(book, "a").select(".erratum dd a")
    assert link["href"] == "#later"
    copied = [link["href"] for link in soup(book, "list").select(".erratum dd a")]
    assert copied == ["a.html#later"]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (box("911-1 题目"), "section id must look like 2023-0911-1"),
        (box("2023-1311-1 题目"), "section id must look like 2023-0911-1"),
        (box("0911 题目"), "section id must look like 2023-0911-1"),
        (box("2023-0911-1"), "a short title must follow"),
        (box("2023-0911-1 题目", "随便一段。\n"), "found no such list"),
        (box("2023-0911-1 题目", PARTS.replace("实际", "其实")), "found 笔记原说、其实、应为"),
        (box("2023-0911-1 题目", PARTS.split("应为")[0]), "found 笔记原说、实际"),
        (box("2023-0911-1 题目", PARTS + "\n多余的一段。\n"), "must be one definition list"),
        (box("2023-0911-1 题目") + "\n" + box("2023-0911-1 题目"), "already has a box"),
        (box("2023-0911-1 题目") + "\n正文。\n", "at the end of its section"),
    ],
)
def test_faults_are_told_with_their_place(book, source, problem):
    book.write(a="# 甲章\n\n" + source).build()
    assert problem in book.warnings
    line = 3 if "already" not in problem else 3 + box("2023-0911-1 题目").count("\n") + 1
    assert f"a.md:{line}: WARNING: erratum: " in book.warnings
