"""The editions of the built book: EPUB, PDF and the zip to read without a network.

A few pages stand for the book: an animation, mathematics, tables, folded answers, the lab.
"""

import hashlib
import json
import os
import posixpath
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree
from zipfile import ZIP_STORED, ZipFile

import pytest
from playwright.sync_api import Error, sync_playwright

from notesite.editions import articles, epub, offline, pdf, source

ROOT = Path(__file__).parents[2]
SITE = Path(os.environ.get("BOOK_SITE", ROOT / "_build" / "html"))
SOURCE = source.load(ROOT, SITE)
PAGES = [
    "book/index",
    "book/notes/2023-09-04-csv-and-plots",
    "book/notes/2023-09-06-conv-output-shape",
    "book/lab",
    "book/reference/glossary",
]
COUNTS = ("chapters", "verified", "errata")
XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
FLAGS = ["--no-sandbox", "--disable-gpu"]


def small():
    """Return the small book, fresh: making an edition changes its articles."""
    return articles.read(SOURCE, PAGES)


@pytest.fixture(scope="module")
def browser():
    system = next(filter(None, map(shutil.which, pdf.BROWSERS)), None)
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=system, args=FLAGS)
        except Error as error:
            if "CI" in os.environ:
                raise
            pytest.skip(f"no browser: {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = epub.pack(tmp_path_factory.mktemp("epub"), small())
    with ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def pages(archive):
    """Return the parsed pages of the EPUB: being XML is the first thing that they must."""
    names = [name for name in archive.namelist() if name.endswith(".xhtml")]
    assert len(names) == len(PAGES) + 2
    return {name: ElementTree.fromstring(archive.read(name)) for name in names}


def tags(page):
    return {element.tag.rpartition("}")[2] for element in page.iter()}


@pytest.mark.parametrize("content", [None, "{", '{"green": false}', '{"green": "yes"}', "{}"])
def test_a_site_that_is_not_green_gets_no_edition(tmp_path, content):
    if content is not None:
        (tmp_path / "verification.json").write_text(content)
    with pytest.raises(SystemExit, match="verified"):
        articles.read(source.load(ROOT, tmp_path))
    with pytest.raises(SystemExit, match="verified"):
        offline.write(tmp_path, source.load(ROOT, tmp_path))


@pytest.mark.parametrize(
    ("toc", "pages"),
    [
        ("chapters:\n- file: a.md\n  sections:\n  - file: b\n- file: c\n", "index a b c"),
        (
            "parts:\n- chapters:\n  - file: a\n- caption: 二\n  chapters:\n  - file: b\n",
            "index a b/二",
        ),
        ("", "index"),
    ],
)
def test_any_table_of_contents_gives_the_pages_in_their_order(tmp_path, toc, pages):
    (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: index\n{toc}", "utf-8")
    (tmp_path / "_config.yml").write_text("title: 书\n", "utf-8")
    found = source.load(tmp_path)
    assert [f"{page}/{part}".strip("/") for page, part in found.pages] == pages.split()
    assert (found.title, found.author, found.name) == ("书", "", source.edition_name(tmp_path))


@pytest.mark.parametrize(
    ("config", "toc", "told"),
    [
        (None, "root: index\n", "cannot be read: .*run this in the book's folder"),
        ("[1]\n", "root: index\n", "holds list, wanted settings by name"),
        ("title: T\n", "format: jb-book\n", "has no `root`"),
        (
            "sphinx:\n  config:\n    edition_name: a/b\n",
            "root: index\n",
            "edition_name wants a file's name without its ending, not 'a/b'",
        ),
    ],
)
def test_what_is_no_book_is_told(tmp_path, config, toc, told):
    if config is not None:
        (tmp_path / "_config.yml").write_text(config, "utf-8")
    (tmp_path / "_toc.yml").write_text(toc, "utf-8")
    with pytest.raises(SystemExit, match=told):
        source.load(tmp_path)


def test_a_book_without_dates_errata_and_licence_says_nothing_of_them():
    counts = dict.fromkeys(COUNTS, 0) | {"verified": 3}
    book = articles.Book(SITE, "b", "", "T", "", "", [], counts, [])
    assert book.summary == "3 处输出已核对"
    assert book.title_page.count("<p") == 2
    package = epub.package(book, {})
    assert not re.search("dc:(creator|rights)", package)
    assert "<dc:date>1980-01-01<" in package


def test_counts_are_those_of_the_verification():
    book = articles.read(SOURCE)
    verification = json.loads((SITE / "verification.json").read_text("utf-8"))
    assert book.counts["verified"] == verification["totals"]["verified"] > 500
    assert book.counts["chapters"] == len(list((SITE / "book" / "notes").glob("*.html"))) >= 29
    assert str(book.counts["verified"]) in book.summary
    assert len(book.articles) == len(list((SITE / "book").rglob("*.html")))


def test_epub_is_packed_as_readers_want_it(archive):
    first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", ZIP_STORED)
    package = ElementTree.fromstring(archive.read("book.opf"))
    items = {item.get("href"): item for item in package.iter(f"{OPF}item")}
    packed = set(archive.namelist()) - {"mimetype", "META-INF/container.xml", "book.opf"}
    assert set(items) == packed
    assert len({item.get("id") for item in items.values()}) == len(items)
    spine = [ref.get("idref") for ref in package.iter(f"{OPF}itemref")]
    assert len(spine) == len(PAGES) + 2
    assert set(spine) <= {item.get("id") for item in items.values()}


def test_epub_tells_which_pages_have_mathematics_and_drawings(archive, pages):
    package = ElementTree.fromstring(archive.read("book.opf"))
    said = {
        i.get("href"): set((i.get("properties") or "").split()) for i in package.iter(f"{OPF}item")
    }
    for name, page in pages.items():
        inside = {"mathml": "math", "svg": "svg"}.items()
        assert said[name] - {"nav"} == {key for key, tag in inside if tag in tags(page)}, name
    assert {"mathml", "svg"} <= set().union(*said.values())


def test_epub_has_nothing_to_run_or_press(pages):
    for name, page in pages.items():
        assert not tags(page) & {"script", "style", "form", "input", "button", "details"}, name
        assert not [e for e in page.iter() if {"style", "loading", "tabindex"} & e.attrib.keys()]
        assert "下载笔记本" not in "".join(page.itertext()), name


def test_epub_links_and_pictures_lead_somewhere(archive, pages):
    ids = {name: [e.get("id") for e in page.iter() if e.get("id")] for name, page in pages.items()}
    assert all(len(found) == len(set(found)) for found in ids.values())
    seen = 0
    for name, page in pages.items():
        for link in page.iter(f"{XHTML}a"):
            target, _, anchor = unquote(link.get("href", "")).partition("#")
            if re.match("https?:", target):
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            assert anchor == "" or anchor in ids[path], (name, link.get("href"))
            seen += 1
        for image in page.iter(f"{XHTML}img"):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), image.get("src")))
            assert path in archive.namelist()
            assert len(image.get("alt")) > 10
            assert image.get("class") is None
    assert not any("-dark-" in name for name in archive.namelist())
    assert seen > 80


def test_epub_shows_what_the_site_shows(archive):
    site = (SITE / f"{PAGES[2]}.html").read_text("utf-8")
    page = archive.read(f"{PAGES[2]}.xhtml").decode()
    for shown in ('class="bookproof bookproof-verified"', "<math ", "<img ", "erratum admonition"):
        dark = site.count('class="only-dark"') * (shown == "<img ")
        assert page.count(shown) == site.count(shown) - dark > 0
    assert page.count('class="sliding"') == page.count('class="mark first"') == 4
    assert "viewBox=" in page
    assert "核对 " in page
    assert "<p>这一页要在浏览器里用" in archive.read("book/lab.xhtml").decode()


def test_epub_bookmarks_follow_the_book(pages):
    nav = pages["nav.xhtml"].find(f".//{XHTML}nav")
    top = [item[0].text for item in nav.find(f"{XHTML}ol")]
    assert top[0] == "深度学习手记"
    assert top[1:] == ["2023-09-04 数据表与图", "2023-09-06 卷积的形状与视野", "参考"]
    assert len(list(nav.iter(f"{XHTML}a"))) > 15


def test_epub_is_the_same_each_time(tmp_path, archive):
    again = epub.pack(tmp_path, small())
    assert again.read_bytes() == Path(archive.filename).read_bytes()


def test_epubcheck_finds_nothing(archive):
    if not (program := shutil.which("epubcheck")):
        pytest.skip("no epubcheck (Debian has it)")
    command = ["java", "-jar", program, archive.filename]  # Debian's program is an archive
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ERROR" not in done.stderr
    assert "WARNING" not in done.stderr


def test_links_without_an_edition_lead_to_the_site(tmp_path):
    site = tmp_path / "site"
    (site / "book").mkdir(parents=True)
    (site / "verification.json").write_text('{"green": true}')
    text = (
        '<link rel="canonical" href="https://a.org/book/index.html"><article><h1>题</h1>'
        '<p class="chapter-head"><time datetime="2023-01-01"></time></p>'
        '<a href="lab.html#n=1">实验</a><a href="../search.html">搜</a><a href="#x">此</a>'
        '<img src="https://b.org/1.png" alt="远图"><a href="#x"><img src="//b.org/2.png"></a>'
        '<span class="bookproof-value" id="v" title="比较" tabindex="0">3</span></article>'
    )
    (site / "book" / "index.html").write_text(text, "utf-8")
    body = articles.read(source.load(ROOT, site), ["book/index"]).articles[0].body
    links = body.select("a")
    assert [link["href"] for link in links] == [
        "https://a.org/book/lab.html#n=1", "https://a.org/search.html", "#book/index#x",
        "https://b.org/1.png", "#book/index#x",
    ]  # fmt: skip
    assert [link.text for link in links[3:]] == ["远图", "//b.org/2.png"]
    assert not body.select("img")
    assert body.select_one("#v").attrs == {"id": "v"}
    (site / "book" / "index.html").write_text(text.replace("canonical", "x"), "utf-8")
    kept = ["https://b.org/1.png", "#book/index#x"]
    links = articles.read(source.load(ROOT, site), ["book/index"]).articles[0].body.select("a")
    assert [link["href"] for link in links] == ["#book/index#x", *kept]


def test_paper_cuts_nothing_and_loads_everything(browser, tmp_path):
    """At the width of the page, and with no font of this machine."""
    (tmp_path / "book.html").write_text(pdf.joined(small()), encoding="utf-8")
    page = browser.new_page(viewport={"width": 643, "height": 900})  # A4 without margins
    missing = []
    page.on("requestfailed", lambda request: missing.append(request.url))
    page.emulate_media(media="print")
    page.goto((tmp_path / "book.html").as_uri())
    page.evaluate("document.fonts.ready.then(() => null)")
    wide = page.evaluate(
        """[...document.querySelectorAll("pre, table, img, svg, math, p")]
          .filter((one) => one.getBoundingClientRect().right > innerWidth + 1
                        || one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
          .map((one) => one.outerHTML.slice(0, 200))"""
    )
    anchors = page.evaluate(
        """[...document.querySelectorAll('a[href^="#"]')]
          .filter((one) => !document.getElementById(decodeURIComponent(one.hash.slice(1))))
          .map((one) => one.getAttribute("href"))"""
    )
    pictures = page.evaluate(
        "[...document.images].map((image) => image.complete && image.naturalWidth > 0)"
    )
    page.close()
    assert missing == wide == anchors == []
    assert len(pictures) > 5
    assert all(pictures)


def test_pdf_has_bookmarks_and_a_fixed_date(browser, tmp_path):
    """What a PDF says of itself stands uncompressed in it."""
    with ThreadPoolExecutor(1) as thread:  # Playwright wants a thread for each of its users
        path = thread.submit(pdf.print_out, tmp_path, small()).result()
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) > 20
    assert re.search(rb"/Outlines \d+ 0 R", content)
    assert b"/MarkInfo" in content
    assert b"/Lang (zh-CN)" in content
    fonts = set(re.findall(rb"/BaseFont /(?:[A-Z]{6}\+)?([\w-]+)", content))
    assert fonts <= {
        b"DejaVuSansMono",
        b"OTS-derived-font",
    }  # the Chinese ones are drawn, not named
    titles = [
        bytes.fromhex(title.decode()).decode("utf-16-be")
        for title in re.findall(rb"/Title <FEFF([0-9A-F]+)> *\n/Dest", content)
    ]
    assert {"卷积的输出形状：数一数窗口停了几次", "术语", "深度学习手记"} <= set(titles)
    assert not [title for title in titles if title == title[: len(title) // 2] * 2]
    assert set(re.findall(rb"/(?:Creation|Mod)Date \(D:(\d+)", content)) == {b"20230906000000"}


def test_mending_a_pdf_moves_no_byte():
    twice = "/Title <FEFF51FA590451FA5904>\n/Title (abab)\n/CreationDate (D:20260102030405+00'00')"
    once = "/Title <FEFF51FA5904>        \n/Title (ab)  \n/CreationDate (D:20231018000000+00'00')"
    assert pdf.mended(twice.encode(), "2023-10-18") == once.encode()
    fine = "/Title <FEFF51FA59045904>\n/Title (aba)\n/Title <FEFF0A0A>"
    assert pdf.mended(fine.encode(), "2023-10-18") == fine.encode()


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """Unpack the zip into a folder with a Chinese name and a blank."""
    folder = tmp_path_factory.mktemp("dist")
    path = offline.write(folder, SOURCE)
    with ZipFile(path) as archive:
        archive.extractall(folder / "我的 书")
        names = archive.namelist()
        assert names == sorted(names)
        assert {info.date_time for info in archive.infolist()} == {offline.EPOCH}
    return folder / "我的 书" / SOURCE.name


def test_zip_sums_are_right(unpacked):
    listed = dict(
        reversed(line.split("  ", 1))
        for line in (unpacked / "SHA256SUMS").read_text("utf-8").splitlines()
    )
    files = {p.relative_to(unpacked).as_posix(): p for p in unpacked.rglob("*") if p.is_file()}
    assert set(listed) == set(files) - {"SHA256SUMS"}
    assert len(listed) > 150
    for name, path in files.items():
        if name != "SHA256SUMS":
            assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name]


def test_zip_holds_site_and_wheels_and_no_edition(unpacked):
    site = {p.relative_to(SITE).as_posix() for p in SITE.rglob("*") if p.is_file()}
    wanted = {name for name in site if not name.startswith((".", "downloads/", "bookproof/"))}
    found = {p.relative_to(unpacked / "site").as_posix() for p in (unpacked / "site").rglob("*")}
    assert wanted <= found
    assert not {"downloads", "bookproof"} & found
    wheels = sorted(path.name for path in (unpacked / "wheels").iterdir())
    assert [name.split("-")[0] for name in wheels] == ["bookproof", "dlnotes"]
    with ZipFile(unpacked / "wheels" / wheels[0]) as wheel:
        assert "bookproof/pages/static/bookproof.css" in wheel.namelist()
    with ZipFile(unpacked / "wheels" / wheels[1]) as wheel:
        assert "dlnotes/shapes.py" in wheel.namelist()


def test_wheels_are_the_same_each_time(unpacked):
    kept = {path.name: path.read_bytes() for path in (unpacked / "wheels").iterdir()}
    assert offline.wheels(SOURCE) == kept


def test_zip_works_from_a_folder(browser, unpacked):
    """Pages, mathematics, search and lab, opened as files in another place."""
    troubles, requests = [], []
    tab = browser.new_page()
    tab.on("pageerror", lambda error: troubles.append(str(error)))
    tab.on(
        "console", lambda message: troubles.append(message.text) if message.type == "error" else 0
    )
    tab.on("requestfailed", lambda request: troubles.append(f"{request.failure}: {request.url}"))
    tab.on("request", lambda request: requests.append(request.url))
    site = (unpacked / "site").as_uri()
    tab.goto(f"{site}/index.html")
    tab.wait_for_url("**/book/index.html")
    tab.locator("a", has_text="池化层").first.click()
    tab.wait_for_url("**/2023-09-11-pooling.html")
    formula = tab.locator("math").first.bounding_box()
    assert formula["width"] > 5
    figure = tab.locator("article figure img").first
    assert figure.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    tab.goto(f"{site}/search.html?q=感受野")
    tab.locator("#search-results li a").first.wait_for()
    tab.goto(f"{site}/book/lab.html#n=7&conv=k3,s2,p1")
    tab.locator("#lab-result").wait_for()
    assert "4" in tab.locator("#lab-result").inner_text()
    tab.close()
    # A request that ends because the reader goes on is no trouble.
    assert [trouble for trouble in troubles if not trouble.startswith("net::ERR_ABORTED")] == []
    assert len(requests) > 20
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
