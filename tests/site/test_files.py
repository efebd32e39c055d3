"""The files of the built book: nothing foreign, nothing of the machine, nothing missing."""

import os
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import matplotlib
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import sans_path

KIB = 1024
LAB_STATES = (
    "n=",
    "net=",
    "mistake=",
)  # anchors of the shape lab: what it shows, no place in the page
FOREIGN = re.compile(r"^\s*(https?:)?//", re.IGNORECASE)
# What a browser loads by itself; <a href> is what a reader clicks.
LOADED = {
    "src": True,
    "srcset": True,
    "poster": True,
    "data": ["object"],
    "action": ["form"],
    "href": ["link", "image", "use"],
}
NAMED = {"alternate", "canonical"}  # links that say where something is, and load nothing
CSS_URL = re.compile(r"""(?:url\(\s*|@import\s+)["']?\s*((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)
JS_URL = re.compile(
    r"""(?:\b(?:fetch|import|importScripts|Worker|EventSource|WebSocket)\s*\(|\bimport\b|\bfrom\b)"""
    r"""\s*["'`]((?:https?:|wss?:)?//[^"'`]+)"""
    r"""|["'`]((?:https?:)?//[^"'`\s]+\.(?:m?js|css|json|wasm|woff2?|ttf))(?:\?[^"'`]*)?["'`]""",
    re.IGNORECASE,
)
ROOT = Path(__file__).parents[2]
# Not any path: the reference shows some of other people, as examples.
PLACES = {ROOT, Path.home(), Path(sys.prefix), Path(sys.base_prefix)} - {Path("/usr")}
MACHINE = re.compile(
    rf"(?<![\w.:/-])(?:{'|'.join(re.escape(str(place)) for place in PLACES)})(?![\w-])"
    r"|/tmp/(?:bookproof|tmp)|\.venv/lib"
)


def soup(path):
    """Parse a page."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def foreign_in_html(page):
    """Return addresses of other hosts that a browser would load for a page."""
    found = [
        value
        for attribute, tags in LOADED.items()
        for element in page.find_all(tags, attrs={attribute: True})
        if set(element.get("rel", ["none"])) - NAMED
        for value in element[attribute].split(",")
        if FOREIGN.match(value)
    ]
    for element in page.find_all("meta", attrs={"http-equiv": "refresh"}):
        found += re.findall(r"url=((?:https?:)?//\S+)", element["content"], re.IGNORECASE)
    for style in [*page.find_all("style"), *page.find_all(style=True)]:
        found += CSS_URL.findall(style.get("style") or style.string or "")
    for script in page.find_all("script"):
        found += foreign_in_script(script.string or "")
    return found


def foreign_in_script(text):
    """Return addresses of other hosts that a script names as something to load."""
    return [a or b for a, b in JS_URL.findall(text)]


@pytest.mark.parametrize(
    "line",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        '<img srcset="a.png 1x, https://x.example/a.png 2x">',
        "<style>@import 'https://x.example/x.css';</style>",
        '<p style="background: url(https://x.example/a.png)">',
        '<script>const LATER = "https://unpkg.example/thebe/lib/index.js"</script>',
        "<script>fetch('https://x.example/track')</script>",
    ],
)
def test_scan_finds_what_a_browser_loads(line):
    assert foreign_in_html(BeautifulSoup(line, "html.parser"))


def test_scan_passes_links_and_namespaces():
    line = '<a href="https://arxiv.org/">x</a><svg xmlns="http://www.w3.org/2000/svg"></svg>'
    assert not foreign_in_html(BeautifulSoup(line, "html.parser"))


def test_nothing_is_loaded_from_other_hosts(site, pages):
    found = {page: foreign_in_html(soup(site / page)) for page in pages}
    for path in [*site.rglob("*.css"), *site.rglob("*.svg")]:
        found[path] = CSS_URL.findall(path.read_text(encoding="utf-8"))
    for path in site.rglob("*.js"):
        found[path] = foreign_in_script(path.read_text(encoding="utf-8"))
    assert len(found) > len(pages) + 10
    assert {path: urls for path, urls in found.items() if urls} == {}


def test_mathematics_is_made_at_build_time(site, pages, about):
    texts = [(site / page).read_text(encoding="utf-8") for page in pages]
    assert sum(text.count("<math ") for text in texts) >= about.formulas[3]
    assert not [text for text in texts if re.search("<script[^>]*mathjax", text, re.IGNORECASE)]


def test_no_character_is_a_box(site, pages, about):
    """Every character outside formulas is one that the fonts of the printed book have."""
    files = [sans_path(), Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSansMono.ttf")]
    drawn = {chr(code) for file in files for code in TTFont(file).getBestCmap()}
    found = {}
    for name in pages:
        page = soup(site / name)
        for formula in page.find_all("math"):
            formula.decompose()
        found |= dict.fromkeys(set(page.get_text()) - {"\n"}, name)
    assert len(found) > about.characters
    assert {hex(ord(c)): name for c, name in found.items() if c not in drawn} == {}


def test_no_standard_error_on_any_page(site, pages):
    noisy = [page for page in pages if soup(site / page).select(".stderr, .output.stderr")]
    assert noisy == []


def test_no_path_of_the_building_machine(site):
    kinds = {".html", ".js", ".json", ".ipynb", ".md", ".svg", ".css"}
    files = [path for path in site.rglob("*") if path.suffix in kinds]
    found = {path: MACHINE.findall(path.read_text(encoding="utf-8")) for path in files}
    assert len(files) > 20
    assert {path: paths for path, paths in found.items() if paths} == {}


def test_every_page_names_language_description_and_icon(site, pages):
    for name in pages:
        page = soup(site / name)
        assert page.html["lang"] in ("zh-CN", "zh"), name
        descriptions = page.find_all("meta", attrs={"name": "description"})
        assert len(descriptions) == 1, name
        assert len(descriptions[0]["content"]) >= 10, name
        icon = page.find("link", rel="icon")
        assert (site / name).parent.joinpath(icon["href"]).resolve().is_file(), name
        assert page.title.string.strip(), name


def test_every_picture_has_a_description(site, pages):
    bare = {name: soup(site / name).select("article img:not([alt])") for name in pages}
    assert {name: images for name, images in bare.items() if images} == {}


def linked(site, name):
    """Return the internal links of a page as pairs of a page, from the root, and an anchor."""
    found = set()
    for link in soup(site / name).select("a[href]"):
        address, _, anchor = link["href"].partition("#")
        address = address.partition("?")[0]
        if not re.match(r"[a-z]+:", address) and not anchor.startswith(LAB_STATES):
            target = (site / name).parent.joinpath(unquote(address)) if address else site / name
            found.add((os.path.relpath(target, site), unquote(anchor)))
    return found


@pytest.fixture(scope="module")
def links(site, pages):
    """Return the internal links of every page."""
    return {name: linked(site, name) for name in pages}


def test_every_internal_link_and_anchor_leads_somewhere(site, pages, links, about):
    anchors = {name: {e["id"] for e in soup(site / name).select("[id]")} for name in pages}
    astray = [
        (name, address, anchor)
        for name, found in links.items()
        for address, anchor in found
        if not (site / address).is_file() or (anchor and anchor not in anchors[address])
    ]
    assert sum(map(len, links.values())) > about.links
    assert astray == []


def test_every_page_is_three_clicks_from_the_front_page(content, links, about):
    reached = {about.front}
    for _ in range(3):
        reached |= {address for name in reached for address, _ in links.get(name, ())}
    assert set(content) <= reached


def weigh(page, url):
    """Open a page; return how many bytes its files have, uncompressed, without the figures."""
    sizes = {}
    page.on("response", lambda response: sizes.setdefault(response.url, response))
    page.goto(url, wait_until="networkidle")
    texts = [response for name, response in sizes.items() if "/_images/" not in name]
    return sum(len(response.body()) for response in texts)


def test_chapters_are_light(browser, server, content, about):
    weights = {}
    for name in content:
        tab = browser.new_page()
        weights[name] = weigh(tab, server + name)
        tab.close()
    chapters = {name: weight for name, weight in weights.items() if "notes/" in name}
    assert len(chapters) >= about.chapters
    assert min(chapters.values()) > 50 * KIB
    assert {name: weight for name, weight in chapters.items() if weight > 250 * KIB} == {}
