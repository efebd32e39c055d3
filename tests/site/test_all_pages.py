"""Every page of the built book in a real browser: minutes, beside the tests of other files."""

import re
from collections import Counter

from axe_playwright_python.sync_playwright import Axe

HAN = re.compile(r"[\u4e00-\u9fff]")
ALLOWED = {"#", ""}  # interface texts that need no translation
COLOURS = ["color-contrast", "link-in-text-block"]
# What a text looks like and stands on. The first of each look that is not among those known has
# `data-look` afterwards; the new ones are returned.
LOOKS = """(known) => {
  const seen = new Set(known), fresh = [];
  const ground = new Map([[document, ""]]);
  const under = (element) => {
    if (!ground.has(element)) {
      const s = getComputedStyle(element);
      const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.filter, s.mixBlendMode,
                   s.position].join(" ");
      const below = under(element.parentNode);
      ground.set(element, below.endsWith(own) ? below : `${below} / ${own}`);
    }
    return ground.get(element);
  };
  for (const old of document.querySelectorAll("[data-look]")) old.removeAttribute("data-look");
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const s = getComputedStyle(element), parent = getComputedStyle(element.parentNode);
    const alone = element.textContent.trim() === element.parentNode.textContent.trim();
    const look = [element.tagName, element.getAttribute("class"), s.color, s.fontSize,
                  s.fontWeight, s.textDecorationLine, s.textShadow, parent.color, alone,
                  under(element)].join("|");
    if (seen.has(look)) continue;
    seen.add(look);
    fresh.push(look);
    element.setAttribute("data-look", "");
  }
  return fresh;
}"""

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


def violations(page, context=None, **options):
    """Return what axe finds wrong with an open page, or with a part of it."""
    options["resultTypes"] = ["violations"]  # all else is much, and takes long
    found = Axe().run(page, context, options).response["violations"]
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found for node in fault["nodes"]]


def colour_faults(page, seen):
    """Return what axe finds wrong with the colours of an open page, of each look once.

    To look at all texts takes most of the time of all that is tested here.
    """
    new = page.evaluate(LOOKS, sorted(seen))
    seen.update(new)
    return violations(page, {"include": [["[data-look]"]]}, runOnly=COLOURS) if new else []


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
            faults = colour_faults(page, seen[mode])  # they alone can be others in the dark
            if mode == "light":
                faults += violations(page, rules={rule: {"enabled": False} for rule in COLOURS})
            found.update(f"{name}, {mode}: {fault}" for fault in faults)
    assert min(map(len, seen.values())) > about.words
    assert len(content) >= about.pages
    assert list(found) == []
    assert page.troubles == []
    assert [url for url in page.requests if not url.startswith((server, "data:"))] == []


def test_a_look_that_no_page_had_is_looked_at(page, server, about):
    page.goto(server + about.formula)
    seen = set()
    assert colour_faults(page, seen) == []
    assert colour_faults(page, seen) == []
    assert len(seen) > about.words
    for fault in ("color: #ddd", "opacity: 0.3", "background: #555"):
        page.locator("article p").last.evaluate("(p, style) => { p.style = style }", fault)
        assert colour_faults(page, seen) != [], fault


def test_interface_of_the_search_page_is_chinese(page, server, about):
    page.goto(f"{server}search.html?q={about.query}")
    page.locator("#search-results li").first.wait_for()
    assert english(page) == set()
