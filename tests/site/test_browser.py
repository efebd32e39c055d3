"""The built book in a real browser."""

import re
import time
from collections import Counter

import pytest
from axe_playwright_python.sync_playwright import Axe

HAN = re.compile(r"[\u4e00-\u9fff]")
ALLOWED = {"#", ""}  # interface texts that need no translation
KIB = 1024

INTERFACE = """() => {
  const attributes = ["title", "aria-label", "placeholder", "alt"];
  const ours = ':not([href*="bibliography"])';  // citations show the cited title
  const said = attributes.flatMap((name) =>
    [...document.querySelectorAll(`[${name}]${ours}`)].map((one) => one.getAttribute(name)));
  const direct = "button, summary, label, noscript p, .admonition-title, .context, .toc-title," +
                 ".copyright, .skip-to-content, .eqno, .caption-number, .bookproof, svg title," +
                 "#search-results > *:not(ul)";
  const texts = [...document.querySelectorAll(direct)].flatMap((element) =>
    [...element.childNodes].filter((node) => node.nodeType !== Node.COMMENT_NODE)
      .map((node) => node.textContent));
  return [...said, ...texts, document.title].map((text) => text.trim());
}"""


def english(page):
    """Return the interface texts of an open page that are not Chinese."""
    texts = set(page.evaluate(INTERFACE))
    assert len(texts) > 5
    wanted = {text for text in texts if not HAN.search(text)} - ALLOWED
    return {text for text in wanted if not re.fullmatch(r"[\d().\s]+", text)}


def visit(page, url, until="load"):
    """Open a page and wait until it is loaded."""
    page.goto(url, wait_until=until)


def weigh(page, url):
    """Open a page; return how many bytes its files have, uncompressed, without the figures."""
    sizes = {}
    page.on("response", lambda response: sizes.setdefault(response.url, response))
    visit(page, url, until="networkidle")
    texts = [response for name, response in sizes.items() if "/_images/" not in name]
    return sum(len(response.body()) for response in texts)


def violations(page, **options):
    """Return what axe finds wrong with an open page."""
    found = Axe().run(page, options=options).response["violations"]
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found for node in fault["nodes"]]


def test_every_page_in_both_modes_and_three_widths(page, server, content):
    """Every page: whole, Chinese, accessible, no wider than the screen, silent, alone."""
    found = Counter()
    for name in content:
        visit(page, server + name)
        found.update(f"{name}: not Chinese: {text}" for text in english(page))
        page.set_viewport_size({"width": 360, "height": 800})
        small = violations(page, runOnly=["target-size"])  # not among axe's usual rules
        found.update(f"{name}: too small for a finger: {fault}" for fault in small)
        for mode in ("light", "dark"):
            page.emulate_media(color_scheme=mode)
            for width in (360, 768, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                excess = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                if excess > 0:
                    found[f"{name} at {width} px, {mode}: {excess} px too wide"] += 1
            faults = violations(page)
            found.update(f"{name}, {mode}: {fault}" for fault in faults)
    assert len(content) >= 37
    assert list(found) == []
    assert page.troubles == []
    assert [url for url in page.requests if not url.startswith((server, "data:"))] == []


def test_pages_work_without_a_server(page, site, pages):
    for name in pages:
        visit(page, (site / name).as_uri(), until="networkidle")
    visit(page, (site / "search.html").as_uri() + "?q=池化")
    page.locator("#search-results li a").first.wait_for()
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []
    assert page.troubles == []


def test_root_leads_to_the_front_page(page, server):
    visit(page, server)
    page.wait_for_url("**/book/index.html")
    assert page.locator("h1").first.inner_text().startswith("深度学习手记")


def test_chapters_are_light(browser, server, content):
    weights = {}
    for name in content:
        tab = browser.new_page()
        weights[name] = weigh(tab, server + name)
        tab.close()
    chapters = [weight for name, weight in weights.items() if "/notes/" in name]
    assert len(chapters) >= 29
    assert min(chapters) > 50 * KIB
    assert {name: w for name, w in weights.items() if "/notes/" in name and w > 250 * KIB} == {}


def test_interface_of_the_search_page_is_chinese(page, server):
    visit(page, f"{server}search.html?q=卷积")
    page.locator("#search-results li").first.wait_for()
    assert english(page) == set()


def test_light_and_dark(page, server):
    page.emulate_media(color_scheme="light")
    visit(page, server + "book/index.html")
    background = "getComputedStyle(document.body).backgroundColor"
    seen = {}
    for _ in range(3):
        seen[page.evaluate("document.body.dataset.theme")] = page.evaluate(background)
        page.locator(".theme-toggle:visible").click()
    assert set(seen) == {"auto", "light", "dark"}
    assert seen["auto"] == seen["light"] == "rgb(255, 255, 255)"
    assert seen["dark"] != seen["light"]
    page.locator(".theme-toggle:visible").click()
    visit(page, server + "search.html")
    assert page.evaluate("document.body.dataset.theme") == "dark"


def test_drawers_open_and_close_by_keyboard(page, server):
    page.set_viewport_size({"width": 390, "height": 800})
    visit(page, server + "book/notes/2023-09-11-pooling.html")
    for name, first in [("全书目录", ".sidebar-brand"), ("本页内容", ".toc-tree a:visible")]:
        button = page.locator(f"header button[aria-label={name}]")
        inside = page.locator(first).first
        assert button.get_attribute("aria-expanded") == "false"
        assert not inside.is_visible()
        button.focus()
        page.keyboard.press("Enter")
        assert button.get_attribute("aria-expanded") == "true"
        inside.wait_for()
        page.keyboard.press("Escape")
        assert button.get_attribute("aria-expanded") == "false"


def test_code_is_copied_as_it_stands(page, server, site):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(page, server + "book/index.html")
    code = page.locator(".cell_input pre").first
    page.locator("button.copy").first.click()
    page.locator("button.copy", has_text="已复制").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == code.inner_text().rstrip()
    assert copied.startswith("from torch import")


def test_figures_open_large_and_close(page, server):
    visit(page, server + "book/notes/2023-09-11-pooling.html")
    figure = page.locator("a.zoom").first
    figure.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    dialog.locator("img").wait_for()
    assert dialog.locator("img").get_attribute("alt") == figure.locator("img").get_attribute("alt")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


def test_a_script_within_a_page_is_refused(page, server):
    visit(page, server + "book/index.html")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'foreign'";
        document.body.append(script);
    }""")
    assert page.title() != "foreign"
    assert any("Content Security Policy" in trouble for trouble in page.troubles)


def test_figures_stand_on_white_in_the_dark(page, server, content):
    page.emulate_media(color_scheme="dark")
    styles = []
    for name in content:
        visit(page, server + name)
        styles += page.eval_on_selector_all(
            ".cell_output img, article figure img",
            "all => all.map(i => getComputedStyle(i)).map(s => [s.filter, s.backgroundColor])",
        )
    assert len(styles) >= 80
    assert {tuple(style) for style in styles} == {("none", "rgb(255, 255, 255)")}


def test_mathematics_has_its_font_but_never_moves_a_page(page, server, site):
    name, fetched = "book/notes/2023-09-01-epoch-batch.html", []

    def width():
        page.evaluate("() => document.fonts.ready.then(() => 0)")
        return page.locator("math").first.bounding_box()["width"]

    def slowly(route):
        time.sleep(0.5)
        fetched.append(route.request.url)
        route.continue_()

    page.route("**/*.woff2", slowly)
    visit(page, server + name, until="domcontentloaded")
    before = page.locator("math").first.bounding_box()["width"]
    assert width() == before
    page.unroute("**/*.woff2")
    for _ in range(2):
        visit(page, server + name)
    with_font = width()
    visit(page, (site / name).as_uri())
    assert width() == with_font
    assert not fetched or with_font != before  # not fetched: the system has it


def test_figures_keep_their_place(page, server, content):
    sizes = []
    for name in content:
        visit(page, server + name)
        sizes += page.eval_on_selector_all(
            ".cell_output img, article figure img",
            """all => Promise.all(all.map(async (image) => {
                image.loading = "eager";
                await image.decode();
                const [w, h] = [image.getAttribute("width"), image.getAttribute("height")];
                return [image.naturalWidth / image.naturalHeight, w / h];
            }))""",
        )
    assert len(sizes) >= 80
    assert [(real, said) for real, said in sizes if said != pytest.approx(real, rel=0.02)] == []
