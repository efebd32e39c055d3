"""All formulas of the built book in a real browser: nothing falls back, nothing is cut off."""

import re
from collections import defaultdict

import pytest

from notesite.formulas.mathml import styled

FORMULAS = """() => [...document.querySelectorAll("article .math")].map((one) => {
  const math = one.querySelector("math");
  if (!math) return {broken: one.textContent};
  const all = [...math.querySelectorAll("*")];
  const letters = all.filter((part) => !part.children.length && part.tagName !== "mtext")
    .map((part) => {
      const text = part.textContent;
      const alone = part.tagName === "mi" && [...text].length === 1;
      return [text, alone && !part.hasAttribute("mathvariant")];
    });
  return {
    latex: math.getAttribute("alttext"), block: math.getAttribute("display") === "block", letters,
    tags: [...new Set(all.map((part) => part.tagName.toLowerCase()))],
    variants: all.map((part) => part.getAttribute("mathvariant")).filter(Boolean),
    lengths: all.flatMap((part) => ["width", "lspace", "rspace", "minsize", "maxsize", "mathsize"]
      .map((name) => part.getAttribute(name)).filter((value) => value !== null)),
    seen: math.getBoundingClientRect().width > 2,
    text: math.textContent,
  };
})"""
CORE = {
    "math", "mfrac", "mi", "mn", "mo", "mover", "mroot", "mrow", "mspace", "msqrt", "mstyle",
    "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
COMMAND = re.compile(r"\\begin\{\w+\*?\}|\\[A-Za-z]+|\\[^A-Za-z\s]|\\ ")
# Which letters a font lacks: those that look the same without it. A letter is compared with what
# the next font draws; where that has none either, with what every font draws for it.
LACKING = """async ([url, letters]) => {
  const face = new FontFace("Tried", `url(${url})`);
  document.fonts.add(await face.load());
  const pen = new OffscreenCanvas(90, 90).getContext("2d", {willReadFrequently: true});
  const drawn = (font, letter) => {
    pen.clearRect(0, 0, 90, 90);
    pen.font = `40px ${font}`;
    pen.fillText(letter, 20, 60);
    return pen.getImageData(0, 0, 90, 90).data.join();
  };
  return letters.filter((letter) => ["serif", "monospace"].every(
    (other) => drawn(`Tried, ${other}`, letter) === drawn(other, letter)));
}"""


@pytest.fixture(scope="module")
def formulas(browser, server, content, about):
    """Return what a browser makes of each formula of the book."""
    return formulas_of(browser, server, content, about)


def formulas_of(browser, server, content, about):
    """Return what a browser makes of each formula of a book."""
    tab = browser.new_page()
    found = []
    for name in content:
        tab.goto(server + name, wait_until="domcontentloaded")
        found += [one | {"page": name} for one in tab.evaluate(FORMULAS)]
    tab.close()
    assert len(found) >= about.formulas[0]
    return found


def test_each_command_of_the_book_is_set(formulas, about):
    """Nothing is left as LaTeX, and all elements and attributes are MathML Core's."""
    assert [one for one in formulas if "broken" in one] == []
    examples = defaultdict(set)
    for one in formulas:
        for command in COMMAND.findall(one["latex"]):
            examples[command].add(one["latex"])
        assert set(one["tags"]) <= CORE, one["latex"]
        assert set(one["variants"]) <= {"normal"}, one["latex"]
        assert one["seen"], one["latex"]
        assert "\\" not in one["text"], one["latex"]
        for length in one["lengths"]:
            assert re.fullmatch(r"-?[\d.]+(em|%)|0", length), (length, one["latex"])
    assert len(examples) >= about.formulas[1]
    assert sum(one["block"] for one in formulas) >= about.formulas[2]


def test_the_font_has_each_letter(formulas, page, server, site):
    letters = {
        slant(letter) if slanted else letter
        for one in formulas
        for text, slanted in one["letters"]
        for letter in text
        if not letter.isspace()
    }
    assert len(letters) >= 140
    page.goto(server + "book/index.html")
    url = server + "_static/fonts/stix-two-math.woff2"
    assert page.evaluate(LACKING, [url, ["𝔛", "ℵ", "你"]]) == ["𝔛", "ℵ", "你"]
    assert page.evaluate(LACKING, [url, sorted(letters)]) == []


def slant(letter):
    """Return the letter that MathML shows for a single one in `mi`."""
    return {"h": "ℎ", "∂": "𝜕", "ϵ": "𝜖", "ϕ": "𝜙"}.get(letter) or styled(letter, "italic")


def test_long_formulas_scroll_in_themselves_on_a_phone(page, server, content, about):
    page.set_viewport_size({"width": 390, "height": 800})
    scrolling = total = 0
    for name in content:
        page.goto(server + name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        cut = page.evaluate(
            """() => [...document.querySelectorAll("article .math math")].filter((math) => {
              if (!math.checkVisibility()) return false;
              const right = math.getBoundingClientRect().right;
              for (let box = math.parentElement; box; box = box.parentElement)
                if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return false;
              return right > 391;
            }).map((math) => math.getAttribute("alttext"))"""
        )
        assert cut == [], name
        scrolling += page.evaluate(
            """() => [...document.querySelectorAll("div.math")].filter((box) => {
              const start = () => box.querySelector("math").getBoundingClientRect().left;
              const left = start() - box.getBoundingClientRect().left;
              box.scrollLeft = 1e6;
              const moved = box.scrollLeft;
              box.scrollLeft = 0;
              return moved > 0 && box.tabIndex === 0 && left >= 0;
            }).length"""
        )
        wide = page.evaluate(
            """() => [...document.querySelectorAll("div.math")]
              .filter((box) => box.scrollWidth > box.clientWidth).length"""
        )
        total += wide
    assert scrolling == total >= about.formulas[3]


def test_a_root_ends_with_what_is_under_it(page, site):
    """Chromium keeps room beside each root for the widest root sign of the font."""
    page.goto((site / "book/notes/2023-09-01-z-score.html").as_uri())
    page.evaluate("() => document.fonts.ready.then(() => 0)")
    gaps = page.eval_on_selector_all(
        "msqrt",
        """all => all.filter((one) => one.checkVisibility()).map((one) =>
          (one.getBoundingClientRect().right - one.lastElementChild.getBoundingClientRect().right)
          / parseFloat(getComputedStyle(one).fontSize))""",
    )
    assert len(gaps) >= 5
    assert max(gaps) < 0.1
