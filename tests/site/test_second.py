"""Another book with the same site: of the notes in `second`, made by `bookproof new … --site`.

What holds for any book is tested on it by the tests of this one. All of it is in one file, so that
the book is made and built once.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from bs4 import BeautifulSoup
from tests.site import (
    test_all_pages,
    test_browser,
    test_files,
    test_formulas,
    test_sealed,
    test_verification,
)
from tests.site.conftest import About, pages_of, serve

NOTES = Path(__file__).parent / "second"
FOR_ANY_BOOK = {
    test_all_pages: [
        "test_every_page_in_both_modes_and_three_widths",
        "test_interface_of_the_search_page_is_chinese",
    ],
    test_browser: [
        "test_a_script_within_a_page_is_refused",
        "test_code_is_copied_as_it_stands",
        "test_drawers_open_and_close_by_keyboard",
        "test_every_drawing_of_the_book_is_there_in_both_modes",
        "test_figures_keep_their_place",
        "test_figures_open_large_and_close",
        "test_light_and_dark",
        "test_mathematics_has_its_font_but_never_moves_a_page",
        "test_pages_work_without_a_server",
    ],
    test_files: [
        "links",
        "test_chapters_are_light",
        "test_every_internal_link_and_anchor_leads_somewhere",
        "test_every_page_is_three_clicks_from_the_front_page",
        "test_every_page_names_language_description_and_icon",
        "test_every_picture_has_a_description",
        "test_mathematics_is_made_at_build_time",
        "test_no_character_is_a_box",
        "test_no_path_of_the_building_machine",
        "test_no_standard_error_on_any_page",
        "test_nothing_is_loaded_from_other_hosts",
    ],
    test_formulas: [
        "formulas",
        "test_each_command_of_the_book_is_set",
        "test_long_formulas_scroll_in_themselves_on_a_phone",
    ],
    test_sealed: ["test_the_site_is_fit_to_be_published"],
    test_verification: ["test_no_failure_is_shown_on_any_page"],
}
for module, names in FOR_ANY_BOOK.items():
    globals().update({name: getattr(module, name) for name in names})

ALT = "---\nmystnb:\n  image:\n    alt: 实线是开口向上的抛物线，虚线是它的导数，两者都过原点\n---\n"
FILLED = {
    'author: ""': "author: 甲",
    'copyright: ""': "copyright: 甲，2026 年起",
    'page_description: ""': "page_description: 数学手记：用代码核对过的数学笔记。",
    'edition_licence: ""': "edition_licence: CC BY-SA 4.0",
}


def run(folder, *command, status=0):
    """Run a command of this environment; return what it printed."""
    command = [Path(sys.executable).parent / command[0], *command[1:]]
    known = {key: value for key, value in os.environ.items() if key != "BOOK_URL"}
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make the book, fill in what its author has to, build it; return its folder."""
    folder = tmp_path_factory.mktemp("second") / "math-notes"
    said = run(
        NOTES, "bookproof", "new", folder, "--notes", NOTES, "--site", "--accept",
        "--title", "数学手记",
    )  # fmt: skip
    assert "2026-05-04.md:28: the notes are wrong: what the code gives is written" in said
    config = (folder / "_config.yml").read_text("utf-8")
    for empty, filled in FILLED.items():
        assert config.count(empty) == 1, empty
        config = config.replace(empty, filled)
    (folder / "_config.yml").write_text(config, "utf-8")
    [plot] = (folder / "notes").glob("2026-05-11-*.md")
    text = plot.read_text("utf-8")
    plot.write_text(text.replace("import matplotlib.pyplot", f"{ALT}import matplotlib.pyplot"))
    run(folder, "jupyter-book", "build", "--warningiserror", "--keep-going", ".")
    return folder


@pytest.fixture(scope="module")
def about(made):
    """Return what has to be known of the book."""
    plot = "notes/2026-05-11-hua-yi-tiao-pao-wu-xian.html"
    return About(
        root=made,
        front="index.html",
        drawing=plot,
        formula=plot,
        code=plot,
        begins="import matplotlib.pyplot",
        query="抛物线",
        pages=6,
        chapters=4,
        drawings=1,
        characters=200,
        links=60,
        formulas=(4, 3, 1, 0),
        words=4,
    )


@pytest.fixture(scope="module")
def site(made):
    """Return the folder of the built book."""
    return made / "_build" / "html"


@pytest.fixture(scope="module")
def pages(site, about):
    """Return the addresses of all pages."""
    return pages_of(site, about)


@pytest.fixture(scope="module")
def content(pages):
    """Return the pages that stay, which are all."""
    return pages


@pytest.fixture(scope="module")
def server(site):
    """Serve the built book; return its address."""
    with serve(site) as address:
        yield address


def soup(path):
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def test_what_was_wrong_in_the_notes_is_told_on_the_page(site):
    [path] = (site / "notes").glob("*-yan-zhou-qiu-he.html")
    text = soup(path).select_one("article").get_text()
    assert text.index("[2. 2. 2.]") < text.index("笔记里写的是") < text.index("[3. 3. 3.]")


def test_the_front_page_lists_the_notes_by_date(site):
    page = soup(site / "index.html")
    days = [day["datetime"] for day in page.select("dl.timeline time")]
    assert days == ["2026-05-04", "2026-05-11", "2026-05-18"]
    assert "共 4 章，核对了 8 处输出，0 处没有核对" in page.select_one("article").get_text()
    captions = [one.get_text() for one in page.select(".sidebar-tree .caption-text")]
    assert captions == ["2026-05-04 数组的形状", "2026-05-11", "2026-05-18", "参考"]


def test_a_chapter_says_when_and_nothing_that_the_book_has_not(site):
    for path in (site / "notes").glob("*.html"):
        page = soup(path)
        head = page.select_one("h1 + .chapter-head").get_text()
        assert re.fullmatch(r"2026-05-\d\d 核对 \d 处", head)
        offered = [link.get_text() for link in page.select(".chapter-launch a")]
        assert offered == ["下载笔记本", "Markdown 源文件"]


def test_the_search_finds_each_heading(page, server, site, content):
    headings = {}
    for name in content:
        for heading in soup(site / name).select("article :is(h1, h2)"):
            for gone in heading.select(".headerlink"):
                gone.decompose()
            headings[heading.get_text()] = name
    headings.pop("搜索", None)
    assert len(headings) >= 6
    for heading, name in headings.items():
        page.goto(f"{server}search.html?q={heading}")
        page.locator("#search-results li a").first.wait_for()
        found = page.locator("#search-results a.search-result-title").evaluate_all(
            "all => all.map((one) => one.href)"
        )
        assert any(link.startswith(server + name) for link in found), heading
        place = page.locator(f"#search-results li:has(a[href*='{name}']) .search-result-place")
        day = name.removeprefix("notes/")[:10] if name.startswith("notes/") else "参考"
        assert place.first.inner_text().startswith(day)
    assert page.troubles == []


def test_figures_are_vectors_with_chinese_letters_and_matplotlibs_colours_turn_dark(site):
    [dark] = (site / "_images").glob("*-dark-*.svg")
    [light] = set((site / "_images").glob("*.svg")) - {dark}
    text = {path: path.read_text("utf-8").lower() for path in (light, dark)}
    for colour in ("#ffffff", "#1f77b4", "#ff7f0e", "#b0b0b0"):
        assert colour in text[light]
        assert colour not in text[dark]
    assert not list((site / "_images").glob("*.png"))


def test_editions_are_made_of_it(made):
    said = run(made, "python", "-m", "notesite", "epub", "pdf", "offline")
    dist = made / "_build" / "dist"
    names = ["math-notes-offline.zip", "math-notes.epub", "math-notes.pdf"]
    assert sorted(path.name for path in dist.iterdir()) == names
    assert all(name in said for name in names)
    with ZipFile(dist / "math-notes.epub") as archive:
        package = archive.read("book.opf").decode()
        title = archive.read("title.xhtml").decode()
        nav = archive.read("nav.xhtml").decode()
    for said in ("<dc:title>数学手记<", "<dc:creator>甲<", "<dc:rights>CC BY-SA 4.0<"):
        assert said in package
    assert "2026-05-04 至 2026-05-18 的笔记，共 4 章" in title
    assert "8 处输出已核对" in title
    assert "勘误" not in title
    assert nav.index("2026-05-04 数组的形状") < nav.index("参考")
    assert (dist / "math-notes.pdf").read_bytes().count(b"/Type /Page\n") >= 6
    with ZipFile(dist / "math-notes-offline.zip") as archive:
        files = archive.namelist()
        readme = archive.read("math-notes/README.txt").decode()
    assert "math-notes/site/index.html" in files
    assert not any("/wheels/" in name for name in files)
    assert "wheels" not in readme


def test_the_site_is_sealed(made):
    assert "sealed" in run(made, "bookproof", "seal", "_build/html")


def test_a_wrong_setting_stops_the_build_and_says_what_is_wanted(made, tmp_path):
    config = yaml.safe_load((made / "_config.yml").read_text("utf-8"))
    config["sphinx"]["config"] |= {"chapter_checks": ["spelling"], "glossary_page": 3}
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    (tmp_path / "index.md").write_text("# 一\n")
    said = run(tmp_path, "jupyter-book", "build", ".", status=1)
    assert "chapter_checks wants a list of some of numerals, prose, strays, not" in said
    assert "glossary_page wants the name of a page, without .md, not 3" in said
    said = run(tmp_path, "python", "-m", "notesite", "epub", status=1)
    assert "glossary_page wants the name of a page" in said
