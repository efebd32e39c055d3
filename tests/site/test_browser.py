"""The built book in a real browser."""

import re

import pytest

HAN = re.compile(r"[\u4e00-\u9fff]")
# Interface texts that need no translation: keys of the keyboard and kinds of files.
ALLOWED = {"Ctrl", "Ctrl+K", "⌘", "K", "+", ".md", ".pdf", ".ipynb", "#", ""}

INTERFACE = """() => {
  const attributes = ["title", "aria-label", "placeholder", "alt", "data-tooltip",
                      "data-bs-title", "data-bs-original-title"];
  const ours = ':not([href*="bibliography"])';  // citations show the cited title
  const said = attributes.flatMap((name) =>
    [...document.querySelectorAll(`[${name}]${ours}`)].map((one) => one.getAttribute(name)));
  const direct = "button, summary, label, noscript p, .admonition-title, .prev-next-subtitle," +
                 ".page-toc.tocsection, .copyright, #pst-skip-link, #searchbox a, .eqno," +
                 ".caption-number, #search-results > *:not(ul), .bd-search-container h1," +
                 ".dropdown-menu a, .dropdown-menu button, .bookproof";
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


def test_pages_load_nothing_from_elsewhere_and_complain_of_nothing(page, server, pages):
    for name in pages:
        visit(page, server + name, until="networkidle")
    assert len(page.requests) > len(pages)
    assert [url for url in page.requests if not url.startswith((server, "data:"))] == []
    assert page.troubles == []


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


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("卷积神经网络", "2023-09-11-lenet"),
        ("LeNet", "2023-09-11-lenet"),
        ("最大池化", "2023-09-11-pooling"),
        ("池化", "2023-09-11-pooling"),
        ("池化层", "2023-09-11-pooling"),
        ("alexnet", "2023-09-11-alexnet"),
        ("VGG", "2023-09-11-vgg"),
        ("VGG块", "2023-09-11-vgg"),
        ("最大池化的步幅", "2023-09-11-pooling"),
        ("勘误", "reference/errata"),
    ],
)
def test_search_ranks_the_right_chapter_first(page, server, query, first):
    visit(page, f"{server}search.html?q={query}")
    link = page.locator("#search-results li a").first
    link.wait_for()
    assert first in link.get_attribute("href")
    assert page.troubles == []


def test_search_says_in_chinese_that_nothing_was_found(page, server):
    visit(page, f"{server}search.html?q=龘龘龘")
    page.locator(".search-summary:not(:empty)").wait_for()
    assert page.locator("#search-results li").count() == 0
    assert english(page) == set()


def test_interface_is_chinese(page, server, content):
    found = {}
    for name in [*content, "search.html?q=卷积"]:
        visit(page, server + name)
        found[name] = english(page)
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_light_and_dark(page, server):
    page.emulate_media(color_scheme="light")
    visit(page, server + "book/index.html")
    theme = "document.documentElement.dataset.theme"
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(theme) == "light"
    seen = {}
    for _ in range(3):
        page.locator(".theme-switch-button").first.click()
        seen[page.evaluate(theme)] = page.evaluate(background)
    assert set(seen) == {"light", "dark"}
    assert seen["light"] == "rgb(255, 255, 255)"
    assert seen["dark"] != seen["light"]


def test_figures_stand_on_white_in_the_dark(page, server, content):
    page.emulate_media(color_scheme="dark")
    styles = []
    for name in content:
        visit(page, server + name)
        styles += page.eval_on_selector_all(
            ".cell_output img, article figure img",
            "all => all.map(i => getComputedStyle(i)).map(s => [s.filter, s.backgroundColor])",
        )
    assert len(styles) >= 4
    assert {tuple(style) for style in styles} == {("none", "rgb(255, 255, 255)")}


def test_no_page_is_wider_than_the_screen(page, server, content):
    wide = []
    for name in content:
        visit(page, server + name)
        for mode in ("light", "dark"):
            page.emulate_media(color_scheme=mode)
            for width in (360, 768, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                excess = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                if excess > 0:
                    wide.append(f"{name} at {width} px, {mode}: {excess} px too wide")
    assert wide == []
