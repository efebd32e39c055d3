"""Canonical links, previews, feed, sitemap and cards, of tiny books and of the built one."""

import re
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from PIL import Image
from pylopdf_fonts_zh_cn import sans_path

from notesite.pages.cards import HEIGHT, WIDTH, Card, draw, lines
from notesite.pages.published import address

ROOT = Path(__file__).parents[2]
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SITE_URL = "https://alice.github.io/notes/"
MADE = ("atom.xml", "sitemap.xml", "cards")


def chapter(date, title):
    section = f"{date[:4]}-{date[5:7]}{date[8:]}-2"
    return (
        f'---\ndate: "{date}"\nsections: ["{section}"]\ntopic: 甲\nrequires: []\ntags: [乙, 丙]\n'
        f"description: '<{title}> & “一句话”'\n---\n(sec-{section})=\n# {title}\n"
    )


@pytest.fixture
def book(tiny_book, monkeypatch):
    """Write a book of two notes and another page, published nowhere."""
    monkeypatch.delenv("BOOK_URL", raising=False)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    options = {
        "chapter_topics": ["甲"],
        "chapter_tags": ["乙", "丙"],
        "page_description": "书：一本书",
        "edition_name": "paper",
        "beside_site": {"more/index.html": "更多"},
    }
    book = tiny_book(
        "notesite.pages.published", project="书", author="人", language="zh_CN", **options
    )
    book.config["html_additional_pages"] = {}
    return book.write(
        index="# 封面\n\n```{downloads}\n```\n```{beside}\n```\n\n"
        "```{toctree}\nold\nnew\nmore\n```\n",
        old=chapter("2023-09-11", "旧：一"),
        new=chapter("2023-10-18", "新：二"),
        more="# 别的\n",
    )


def head(book, name):
    return BeautifulSoup(book.html(name), "html.parser").head


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, ""),
        ({"GITHUB_REPOSITORY": "Alice/Notes"}, SITE_URL),
        ({"GITHUB_REPOSITORY": "alice/alice.github.io"}, "https://alice.github.io/"),
        ({"BOOK_URL": "https://a.org/b", "GITHUB_REPOSITORY": "c/d"}, "https://a.org/b/"),
        ({"BOOK_URL": "http://127.0.0.1:8000/"}, "http://127.0.0.1:8000/"),
        ({"BOOK_URL": "", "GITHUB_REPOSITORY": "alice/notes"}, SITE_URL),
    ],
)
def test_address(environment, wanted):
    assert address(environment) == wanted


@pytest.mark.parametrize("url", ["a.org", "ftp://a.org/", "https://a.org/?q", "https://a.org/ b"])
def test_wrong_address_is_a_warning(book, monkeypatch, url):
    with pytest.raises(ValueError, match="BOOK_URL wants"):
        address({"BOOK_URL": url})
    monkeypatch.setenv("BOOK_URL", url)
    book.build()
    assert "BOOK_URL wants" in book.warnings
    assert not any((book.folder / "_build" / name).exists() for name in MADE)


def test_without_an_address_nothing_is_claimed(book):
    book.build()
    assert book.warnings == ""
    for name in ("index", "old", "more"):
        assert not re.search("og:|canonical|twitter|atom|downloads|bookproof/", book.html(name))
    assert not any((book.folder / "_build" / name).exists() for name in MADE)


def test_a_page_tells_its_preview(book, monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "alice/notes")
    book.build()
    assert book.warnings == ""
    old = head(book, "old")
    said = {meta["property"]: meta["content"] for meta in old.select("meta[property]")}
    picture = said.pop("og:image")
    assert said == {
        "og:type": "article",
        "og:title": "旧：一",
        "og:description": "<旧：一> & “一句话”",
        "og:url": f"{SITE_URL}old.html",
    }
    assert (book.folder / "_build" / picture.removeprefix(SITE_URL)).is_file()
    assert old.select_one("[name='twitter:card']")["content"] == "summary_large_image"
    assert old.select_one("[rel=canonical]")["href"] == f"{SITE_URL}old.html"
    front, more = head(book, "index"), head(book, "more")
    assert front.select_one("[rel=alternate]")["href"] == f"{SITE_URL}atom.xml"
    assert more.select_one("[property='og:type']")["content"] == "website"
    assert more.select_one("[property='og:description']")["content"] == "书：一本书"
    files = {page.select_one("[property='og:image']")["content"] for page in (front, more)}
    assert len(files) == 1
    assert len(list((book.folder / "_build" / "cards").iterdir())) == 3
    assert "og:" not in book.html("search")


def test_feed(book, monkeypatch):
    """Every element that RFC 4287 demands, once, and of its kind."""
    ids = {}
    for url in (SITE_URL, "https://moved.example/"):
        monkeypatch.setenv("BOOK_URL", url)
        book.build()
        root = ElementTree.parse(book.folder / "_build" / "atom.xml").getroot()
        assert root.tag == f"{ATOM}feed"
        entries = root.findall(f"{ATOM}entry")
        for element in (root, *entries):
            for name in ("id", "title", "updated"):
                assert len(element.findall(f"{ATOM}{name}")) == 1, name
            datetime.strptime(element.findtext(f"{ATOM}updated"), "%Y-%m-%dT%H:%M:%SZ")
        assert root.findtext(f"{ATOM}author/{ATOM}name") == "人"
        links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
        assert links == {"self": f"{url}atom.xml", "alternate": f"{url}index.html"}
        assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["新：二", "旧：一"]
        assert entries[0].findtext(f"{ATOM}updated") == "2023-10-18T00:00:00Z"
        assert entries[0].findtext(f"{ATOM}summary") == "<新：二> & “一句话”"
        assert entries[0].find(f"{ATOM}link").get("href") == f"{url}new.html"
        terms = [c.get("term") for c in entries[0].findall(f"{ATOM}category")]
        assert terms == ["甲", "乙", "丙"]
        ids[url] = [entry.findtext(f"{ATOM}id") for entry in entries]
        assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", name) for name in ids[url])
    assert len(set(ids[SITE_URL])) == 2
    assert ids[SITE_URL] == ids["https://moved.example/"]


def test_sitemap_lists_every_page(book, monkeypatch):
    monkeypatch.setenv("BOOK_URL", SITE_URL)
    book.build()
    root = ElementTree.parse(book.folder / "_build" / "sitemap.xml").getroot()
    assert root.tag == f"{MAP}urlset"
    found = [element.text for element in root.findall(f"{MAP}url/{MAP}loc")]
    assert found == [f"{SITE_URL}{name}.html" for name in ("index", "more", "new", "old")]


def test_what_stands_beside_the_site_is_linked_where_it_is_published(book, monkeypatch):
    monkeypatch.setenv("BOOK_URL", SITE_URL)
    book.build()
    links = BeautifulSoup(book.html(), "html.parser").select(f"a[href^='{SITE_URL}']")
    assert [link["href"] for link in links] == [
        *(f"{SITE_URL}downloads/paper{kind}" for kind in (".pdf", ".epub", "-offline.zip")),
        f"{SITE_URL}more/index.html",
    ]


def test_a_move_rewrites_every_page_and_its_end_removes_all(book, monkeypatch):
    monkeypatch.setenv("BOOK_URL", SITE_URL)
    book.build()
    monkeypatch.setenv("BOOK_URL", "https://moved.example/")
    book.build()
    for name in ("index", "old", "more"):
        assert "alice" not in book.html(name)
    monkeypatch.delenv("BOOK_URL")
    book.build()
    assert "moved" not in book.html("old")
    left = [path for name in MADE for path in (book.folder / "_build").rglob(f"{name}*")]
    assert [path for path in left if path.is_file()] == []


def test_cards_are_drawn_when_they_change(book, monkeypatch):
    monkeypatch.setenv("BOOK_URL", SITE_URL)
    book.build()
    folder = book.folder / "_build" / "cards"
    first = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    book.build()
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == first
    book.write(old=chapter("2023-09-11", "旧：三")).build()
    second = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    kept = first.items() & second.items()
    assert len(first) == len(second) == 3
    assert len(kept) == 2
    for path in folder.iterdir():
        with Image.open(path) as image:
            assert image.size == (1200, 630)
        assert path.stat().st_size < 60 * 1024


def ink(image):
    """Return where a card is not white: left, top, right, bottom."""
    return image.convert("L").point(lambda value: 255 * (value < 250)).crop((40, 0, 1200, 630))


def test_a_card_holds_its_text(monkeypatch):
    long = Card(
        "x", "书", "从 NumPy 到 PyTorch 的多输入与多输出通道", "每个输出通道都看遍所有输入通道" * 2,
        "2023-09-07　卷积与池化", 1234,
    )  # fmt: skip
    image = draw(long)
    left, top, right, bottom = ink(image).getbbox()
    assert (left + 40, WIDTH - 40 - right) >= (70, 70)
    assert (top, HEIGHT - bottom) >= (50, 40)
    assert draw(long).tobytes() == image.tobytes()
    assert draw(long._replace(verified=0)).tobytes() != image.tobytes()
    assert long.file != long._replace(verified=1).file


def test_lines_break_as_chinese_does():
    found = lines("卷积神经网络 LeNet，从像素到数字" * 3, 92)
    assert len(found) > 2
    assert "".join(found) == "卷积神经网络 LeNet，从像素到数字" * 3
    assert not [line for line in found if line[0] in "，。：；"]
    assert sum(line.count("LeNet") for line in found) == 3


def test_the_font_has_every_letter_of_the_cards(site):
    titles = "".join(
        BeautifulSoup(path.read_text("utf-8"), "html.parser").title.get_text()
        for path in (site / "book" / "notes").glob("*.html")
    )
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    topics = "".join(config["sphinx"]["config"]["chapter_topics"])
    assert len(set(titles)) > 100
    wanted = {*map(ord, titles + topics + "处输出已核对　")}
    assert wanted <= TTFont(sans_path()).getBestCmap().keys()


def test_the_built_book_says_the_same_everywhere(site, content):
    """Published or not, the pages, the feed and the sitemap agree."""
    pages = {
        name: BeautifulSoup((site / name).read_text("utf-8"), "html.parser") for name in content
    }
    canonical = {name: page.select_one("head [rel=canonical]") for name, page in pages.items()}
    if not canonical["book/index.html"]:
        assert set(canonical.values()) == {None}
        assert not any((site / name).exists() for name in MADE[:2])
        return
    base = canonical["book/index.html"]["href"].removesuffix("book/index.html")
    assert {name: link["href"] for name, link in canonical.items()} == {
        name: base + name for name in content
    }
    listed = {e.text for e in ElementTree.parse(site / "sitemap.xml").iter(f"{MAP}loc")}
    assert listed == {base + name for name in content if name != "search.html"}
    feed = ElementTree.parse(site / "atom.xml")
    assert len(feed.findall(f"{ATOM}entry")) == sum("/notes/" in name for name in content)
    for name, page in pages.items():
        for image in page.select("[property='og:image']"):
            assert (site / image["content"].removeprefix(base)).is_file(), name
