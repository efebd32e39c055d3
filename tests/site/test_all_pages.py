"""Every page of the built book in a real browser: minutes, beside the tests of other files."""

import re
from collections import Counter

from axe_playwright_python.sync_playwright import Axe

HAN = re.compile(r"[\u4e00-\u9fff]")
ALLOWED = {"#", ""}  # interface texts that need no translation
COLOURS = ["color-contrast", "link-in-text-block"]
KINDS = """() => [...document.querySelectorAll(".highlight span, math")]
  .map((one) => `${one.tagName} ${one.className}`)"""

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


def violations(page, without=(), **options):
    """Return what axe finds wrong with an open page, `without` the elements of these selectors."""
    options["resultTypes"] = ["violations"]  # all else is much, and takes long
    context = {"exclude": [[selector] for selector in without]} if without else None
    found = Axe().run(page, context, options).response["violations"]
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found for node in fault["nodes"]]


def known(page, seen):
    """Return selectors of what has its colours from classes, where all were `seen`; see them."""
    kinds = set(page.evaluate(KINDS))
    new = kinds - seen
    seen |= kinds
    return () if new else (".highlight", "math")


def test_every_page_in_both_modes_and_three_widths(page, server, content, about):
    """Every page: whole, Chinese, accessible, no wider than the screen, silent, alone."""
    found = Counter()
    seen = {"light": set(), "dark": set()}
    for name in content:
        page.goto(server + name)
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
            # Colours take long, and they alone can come out otherwise in the dark.
            faults = violations(page, known(page, seen[mode]), runOnly=COLOURS)
            if mode == "light":
                faults += violations(page, rules={rule: {"enabled": False} for rule in COLOURS})
            found.update(f"{name}, {mode}: {fault}" for fault in faults)
    assert min(map(len, seen.values())) > about.words
    assert len(content) >= about.pages
    assert list(found) == []
    assert page.troubles == []
    assert [url for url in page.requests if not url.startswith((server, "data:"))] == []


def test_interface_of_the_search_page_is_chinese(page, server, about):
    page.goto(f"{server}search.html?q={about.query}")
    page.locator("#search-results li").first.wait_for()
    assert english(page) == set()
