"""The front matter of the chapters, and the ways in that are made of it."""

import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from bs4 import BeautifulSoup

from notesite.chapters import glossary

ROOT = Path(__file__).parents[2]
GOOD = {
    "date": '"2023-09-02"',
    "sections": '["2023-0902-1"]',
    "topic": "数据",
    "requires": "[]",
    "tags": "[形状, 轴]",
    "description": "甲章说的。",
}
LISTS = "{count}`chapters`|{count}`sections`|{count}`errata`\n\n```{timeline}\n```\n"


def source(title, **front):
    """Return the source of a chapter; a key that is None is left out."""
    front = GOOD | front
    lines = [f"{key}: {value}" for key, value in front.items() if value is not None]
    anchors = "".join(f"(sec-{section})=\n" for section in re.findall(r"[\d-]+", front["sections"]))
    needs = "".join(f"[先读]({name}.md)" for name in re.findall(r"\w+", front["requires"]))
    return "\n".join(["---", *lines, "---", f"{anchors}# {title}", "", f"正文。{needs}", ""])


@pytest.fixture
def book(tiny_book):
    """Return a book of three chapters, c before b before a."""
    settings = {"chapter_topics": ["数据", "网络", "空"], "chapter_tags": ["形状", "卷积", "轴"]}
    book = tiny_book("notesite.chapters.ways_in", language="zh_CN", **settings)
    return book.write(
        index=f"# 首页\n\n{LISTS}\n```{{toctree}}\nc\nb\na\ntopics\ntags\n```\n",
        topics="# 按主题读\n\n```{learning-path}\n```\n",
        tags="# 标签\n\n```{tag-index}\n```\n",
        c=source(
            "丙章：三",
            sections='["2023-0902-3"]',
            topic="网络",
            requires="[a, b]",
            description="丙章说的。",
        ),
        b=source(
            "乙章：二",
            sections='["2023-0902-2"]',
            requires="[a]",
            tags="[形状, 卷积]",
            description="乙章说的。",
        ),
        a=source("甲章：一", date='"2023-09-11"', sections='["2023-0911-1"]'),
    )


def soup(book, name="index"):
    """Parse a page of a book."""
    return BeautifulSoup(book.html(name), "html.parser")


def entries(place):
    """Return title and address of each entry of a list."""
    return [(link.text, link["href"]) for link in place.select("li > p:first-child > a")]


def sections(page):
    """Return the anchor of each section that a directive made, with its entries."""
    return {s["id"]: entries(s) for s in page.select("section section")}


def test_the_timeline_has_the_chapters_by_date(book):
    book.build()
    assert book.warnings == ""
    [timeline] = soup(book).select("dl.timeline")
    days = [day["datetime"] for day in timeline.select("dt time")]
    assert days == ["2023-09-02", "2023-09-11"]
    assert [entries(day) for day in timeline.select("dd")] == [
        [("丙章：三", "c.html"), ("乙章：二", "b.html")],
        [("甲章：一", "a.html")],
    ]
    said = [p.text for p in timeline.select(".chapter-said")]
    assert said == ["丙章说的。", "乙章说的。", "甲章说的。"]


def test_the_learning_path_has_each_chapter_after_what_it_requires(book):
    book.build()
    page = soup(book, "topics")
    assert sections(page) == {
        "topic-数据": [("甲章：一", "a.html"), ("乙章：二", "b.html")],
        "topic-网络": [("丙章：三", "c.html")],
        "topic-空": [],
    }
    said = [p.text for p in page.select(".chapter-said")]
    assert said == ["先读：甲章", "先读：甲章、乙章"]
    assert [a["href"] for a in page.select(".chapter-said a")] == ["a.html", "a.html", "b.html"]


def test_the_tags_have_their_chapters_and_how_many(book):
    book.build()
    page = soup(book, "tags")
    assert sections(page) == {
        "tag-形状": [("丙章：三", "c.html"), ("乙章：二", "b.html"), ("甲章：一", "a.html")],
        "tag-卷积": [("乙章：二", "b.html")],
        "tag-轴": [("丙章：三", "c.html"), ("甲章：一", "a.html")],
    }
    line = [(a.text, unquote(a["href"])) for a in page.select(".tags a")]
    assert line == [("形状 3", "#tag-形状"), ("卷积 1", "#tag-卷积"), ("轴 2", "#tag-轴")]


def test_a_chapter_tells_under_its_title_where_it_belongs(book):
    book.build()
    head = soup(book, "b").select_one("h1 + p.chapter-head")
    assert head.text == "2023-09-02 原笔记 2023-0902-2 先读 甲章 主题 数据 标签 形状 卷积"
    assert head.time["datetime"] == "2023-09-02"
    links = [unquote(a["href"]) for a in head.select("a")]
    assert links == ["a.html", "topics.html#topic-数据", "tags.html#tag-形状", "tags.html#tag-卷积"]
    assert not soup(book).select(".chapter-head")


def test_lists_follow_the_chapters(book):
    book.build()
    book.write(
        b=source(
            "乙章：新",
            date='"2023-09-01"',
            sections='["2023-0901-1"]',
            tags="[形状, 轴]",
            description="新的。",
        )
    ).build()
    assert book.warnings == ""
    assert entries(soup(book).select_one("dl.timeline"))[0] == ("乙章：新", "b.html")
    assert "新的。" in soup(book).text
    assert sections(soup(book, "tags"))["tag-卷积"] == []
    titles = [title for title, _ in sections(soup(book, "topics"))["topic-数据"]]
    assert titles == ["乙章：新", "甲章：一"]
    assert "卷积" not in soup(book, "b").select_one(".chapter-head").text


def test_lists_follow_added_and_removed_chapters(book):
    index = (book.folder / "index.md").read_text("utf-8")
    book.build()
    book.write(
        d=source("丁章：四", sections='["2023-0902-4"]', tags="[卷积, 轴]"),
        index=index.replace("\na\n", "\na\nd\n"),
    ).build()
    assert book.warnings == ""
    assert sections(soup(book, "tags"))["tag-卷积"] == [
        ("乙章：二", "b.html"),
        ("丁章：四", "d.html"),
    ]
    assert ("丁章：四", "d.html") in sections(soup(book, "topics"))["topic-数据"]
    assert soup(book).p.text.startswith("4|")
    (book.folder / "d.md").unlink()
    book.write(index=index).build()
    assert book.warnings == ""
    assert "丁章" not in book.html() + book.html("topics") + book.html("tags")
    assert soup(book).p.text.startswith("3|")


def test_counts(book):
    book.build()
    assert soup(book).p.text == "3|3|0"
    parts = "笔记原说\n: 甲。\n\n实际\n: 乙。\n\n应为\n: 丙。\n"
    box = f"\n```{{erratum}} 2023-0902-1 题目\n{parts}```\n"
    book.config["myst_enable_extensions"] = ["deflist"]
    book.write(b=source("乙章：二", sections='["2023-0902-2"]') + box).build()
    assert soup(book).p.text == "3|3|1"
    book.write(topics="# 题\n\n{count}`pages`\n").build()
    assert "{count} knows no 'pages'; known: chapters, sections, errata" in book.warnings


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """Return an extension that knows which pages are notebooks, as bookproof's does."""
    folder = tmp_path / "extension"
    folder.mkdir()
    text = "def setup(app):\n    app.add_config_value('bookproof_notebooks', [], 'env')\n"
    (folder / "offered.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(folder)
    yield "offered"
    sys.modules.pop("offered", None)


def test_a_book_without_topics_and_tags_demands_nothing(book, notebooks):
    """A chapter is what has a date; what is given is checked, and what is not there not shown."""
    book.config |= {"chapter_topics": [], "chapter_tags": []}
    dated = "---\ndate: '2023-09-11'\n---\n"
    book.write(
        index="# 首页\n\n```{timeline}\n```\n\n```{toctree}\nc\nb\na\n```\n",
        topics="---\norphan: true\n---\n# 无\n",
        tags="---\norphan: true\n---\n# 无\n",
        a=f"{dated}(sec-2023-0911-1)=\n# 甲\n",
        b="---\nauthor: 人\n---\n# 乙\n",
        c="---\ndate: 昨天\n---\n# 丙\n",
    ).build()
    assert [entries(day) for day in soup(book).select("dl.timeline dd")] == [[("甲", "a.html")]]
    assert soup(book, "a").select_one(".chapter-head").text == "2023-09-11"
    assert not soup(book, "b").select(".chapter-head")
    assert book.warnings.count("WARNING") == 1
    assert "c.md:2: WARNING: chapters: date wants one like 2023-09-11" in book.warnings
    # What readers get as notebooks are chapters too, with a date or without.
    book.config["extensions"].append(notebooks)
    book.config["bookproof_notebooks"] = ["[ab]"]
    book.write(c="# 丙\n", b="---\nauthor: 人\n---\n# 乙\n\n又。\n").build(freshenv=True)
    assert book.warnings == ""
    days = soup(book).select_one("dl.timeline")
    assert [term.text for term in days.select("dt")] == ["2023-09-11", "未注日期"]
    assert [entries(day) for day in days.select("dd")] == [[("甲", "a.html")], [("乙", "b.html")]]
    book.write(a="# 甲\n").build(freshenv=True)
    assert not soup(book).select("dl.timeline")
    assert entries(soup(book).select_one("ul.chapter-list")) == [("乙", "b.html"), ("甲", "a.html")]


@pytest.mark.parametrize(
    ("front", "line", "told"),
    [
        ({"topic": None}, 1, "front matter wants date, sections, topic, requires, tags, desc"),
        ({"topic": None, "tags": None}, 1, "topic, tags missing"),
        ({"topic": None, "topc": "数据"}, 7, "front matter has topc: is topic meant?"),
        ({"topic": ""}, 4, "topic wants one of 数据、网络、空, not ''"),
        ({"topic": "别的"}, 4, "topic wants one of 数据、网络、空, not '别的'"),
        (
            {"tags": "[形状, 别的]"},
            6,
            "tags wants some of 形状、卷积、轴, not '别的': a new",
        ),
        ({"tags": "[]"}, 6, "tags wants two to five of 形状、卷积、轴, 0 given"),
        ({"tags": "[轴]"}, 6, "tags wants two to five of 形状、卷积、轴, 1 given"),
        ({"tags": "形状"}, 6, "tags wants a list of texts, not '形状'"),
        ({"topic": "[数据]"}, 4, "topic wants a text, not ['数据']"),
        ({"date": "2023-09-02"}, 2, 'date wants quotes around it: date: "2023-09-02"'),
        ({"date": "昨天"}, 2, "date wants one like 2023-09-11, not '昨天'"),
        ({"sections": '["0902-1"]'}, 3, "sections wants ids like 2023-0911-2, not '0902-1'"),
        (
            {"sections": '["2023-0903-1"]'},
            3,
            "sections wants ids of the chapter's date, 2023-0902",
        ),
        (
            {"sections": "[]"},
            3,
            'sections wants the ids that it treats, as in ["2023-0902-1"]',
        ),
        ({"description": '""'}, 7, "description wants a sentence on what the chapter says"),
        ({"requires": "[topics]"}, 5, "requires wants names of chapters' files beside it, not"),
        ({"requires": "[c]"}, 5, "requires wants chapters of its topic, 数据, or an earlier one"),
        ({"requires": "[b]"}, 5, "requires must not lead back to its chapter: a → b → a"),
        ({"requires": "[a]"}, 5, "requires must not lead back to its chapter: a → a"),
    ],
)
def test_faults_are_told_with_their_place(book, front, line, told):
    book.write(a=source("甲章：一", **front)).build()
    assert told in book.warnings
    assert re.search(rf"[ab]\.md:{line}: WARNING: chapters: ", book.warnings)
    book.build()
    assert told in book.warnings  # until it is mended


def test_a_chapter_links_to_what_it_requires(book):
    text = source("甲章：一", requires="[d]")
    book.write(d=source("丁章：四", sections='["2023-0902-4"]'), a=text.replace("(d.md)", "(b.md)"))
    book.build()
    told = "a.md:5: WARNING: chapters: requires d: link to d.md where the page says what it needs"
    assert told in book.warnings


def test_a_file_has_the_name_of_its_day(book):
    index = (book.folder / "index.md").read_text("utf-8").replace("\na\n", "\n2023-09-03-a\n")
    text = source("丁章：四", sections='["2023-0902-4"]')
    book.write(**{"index": index, "2023-09-03-a": text}).build()
    assert (
        "2023-09-03-a.md:2: WARNING: chapters: date and the name of the file differ"
        in book.warnings
    )


# The book itself.


@pytest.fixture(scope="module")
def fronts():
    """Return the front matter of each chapter, read by other means."""
    found = {}
    for path in sorted((ROOT / "book" / "notes").glob("*.md")):
        _, front, body = path.read_text("utf-8").split("---\n", 2)
        found[path.stem] = yaml.safe_load(front) | {"body": body}
    assert len(found) >= 29
    return found


def page_of(site, name):
    return BeautifulSoup((site / "book" / f"{name}.html").read_text("utf-8"), "html.parser")


def test_the_vocabulary_is_that_of_the_glossary(fronts):
    settings = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    terms = {term.chinese for term in glossary.read(ROOT / "book" / "reference" / "glossary.md")}
    names = set(settings["chapter_tags"]) - terms
    assert all(name.isascii() for name in names)
    assert {tag for front in fronts.values() for tag in front["tags"]} == {
        *settings["chapter_tags"]
    }
    topics = [front["topic"] for front in fronts.values()]
    assert set(topics) == set(settings["chapter_topics"])


def test_the_path_has_every_chapter_once_and_respects_what_it_requires(site, fronts):
    links = [link for _, link in entries(page_of(site, "topics"))]
    order = [re.fullmatch(r"notes/(.*)\.html", link)[1] for link in links]
    assert sorted(order) == sorted(fronts)
    for slug, front in fronts.items():
        for required in front["requires"]:
            assert order.index(required) < order.index(slug)


def test_the_front_page_counts_what_is_there(site, fronts):
    numbers = [int(n.text) for n in page_of(site, "index").select(".book-counts strong")]
    verified = json.loads((site / "verification.json").read_text("utf-8"))["totals"]["verified"]
    errata = page_of(site, "reference/errata").select("article .erratum:not(.addendum)")
    written = {section for front in fronts.values() for section in front["sections"]}
    assert numbers == [len(fronts), verified, len(errata), len(written)]


def test_each_chapter_has_its_line_and_all_its_links_lead_somewhere(site, fronts):
    verdicts = json.loads((site / "verification.json").read_text("utf-8"))["chapters"]
    ids = {
        name: {e["id"] for e in page_of(site, name).select("[id]")}
        for name in ("topics", "reference/tags", "reference/coverage")
    }
    for slug, front in fronts.items():
        [head] = page_of(site, f"notes/{slug}").select("h1 + .chapter-head")
        kinds = [verdict["kind"] for verdict in verdicts[f"book/notes/{slug}.md"]["verdicts"]]
        assert head.time["datetime"] == front["date"]
        assert f"核对 {kinds.count('verified')} 处" in head.text
        needed = head.select("a:not([href*='#'])")
        assert [link["href"] for link in needed] == [f"{n}.html" for n in front["requires"] or ()]
        links = [link for link in head.select("a") if link not in needed]
        shown = [link.text for link in links]
        assert shown == [*front["sections"], front["topic"], *front["tags"]]
        for link in links:
            name, anchor = re.fullmatch(r"\.\./(.*)\.html#(.*)", unquote(link["href"])).groups()
            assert anchor in ids[name], link


def test_every_page_is_three_clicks_from_the_front_page(site, content):
    clicks, reached = 0, {"book/index.html"}
    while not set(content) - {"search.html"} <= reached:
        clicks += 1
        assert clicks <= 3, set(content) - reached
        for name in sorted(reached):
            page = BeautifulSoup((site / name).read_text("utf-8"), "html.parser")
            for link in page.select("article a[href$='.html'], article a[href*='.html#']"):
                target = (site / name).parent / link["href"].partition("#")[0]
                if "://" not in link["href"]:
                    reached.add(target.resolve().relative_to(site.resolve()).as_posix())
