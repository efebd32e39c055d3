"""All figures of the built book, light and dark: can they be read, and by whom?

A real browser tells what lies where and in which colours; it is the oracle for `dark_svg`.
"""

import re
from collections import Counter
from itertools import combinations

import pytest
import yaml
from tests.site.colours import VISIONS, ciede2000, contrast, difference, rgb
from tests.site.conftest import ROOT

from dlnotes import draw

NAMES = ["BLUE", "VERMILLION", "GREEN", "PURPLE", "ORANGE", "SKY", "YELLOW", "INK", "GREY", "PALE"]

# Per drawing: the colour of its paper; of each text with what it stands on, from below, or that it
# stands on a picture; of each line and of each area, with its opacity.
READ = """() => {
  const numbers = (text) => text.match(/[\\d.]+/g)?.map(Number) ?? null;
  const ink = (one, kind) => {
    const style = getComputedStyle(one), colour = style[kind];
    if (!colour.startsWith("rgb")) return null;
    const [r, g, b, a = 1] = numbers(colour);
    return [r, g, b, a * style[kind + "Opacity"] * style.opacity];
  };
  // An axis along the edge of a picture is not on it: of what is thin both sides are looked at.
  const places = (one) => {
    const {x, y, width, height} = one.getBoundingClientRect();
    const [across, down] = [width < 1.5 ? 2 : 0, height < 1.5 ? 2 : 0];
    return [-1, 1].map((side) => [x + width / 2 + side * across, y + height / 2 + side * down]);
  };
  const found = (one, place) => document.elementsFromPoint(...place).filter((other) =>
    other.closest("svg") && other.tagName !== "svg" && !one.contains(other) &&
    !other.closest("[id^=text_]") && !(other.compareDocumentPosition(one) & 2));
  const below = (one) => {
    const sides = places(one).map((place) => found(one, place));
    const picture = sides[0].findIndex((other) => other.tagName === "image");
    const areas = picture < 0 ? sides[0] : sides[0].slice(0, picture);
    return [sides.every((side) => side.some((other) => other.tagName === "image")),
            areas.map((other) => ink(other, "fill")).filter(Boolean).reverse()];
  };
  const svg = document.querySelector("svg");
  const {width, height} = svg.getBoundingClientRect();
  if (width > innerWidth || height > innerHeight) throw new Error(`${width} x ${height}`);
  const drawn = [...svg.querySelectorAll("path, use, rect, circle, line, polygon, polyline")]
    .filter((one) => !one.closest("defs, clipPath, [id^=text_]"));
  const seen = (one) => {
    const box = one.getBoundingClientRect();
    return box.width + box.height > 0;
  };
  const pictures = svg.querySelector("image");
  const parts = drawn.slice(1).filter(seen).map((one) =>
    [ink(one, "stroke"), ink(one, "fill"), pictures ? below(one)[0] : false]);
  return {
    paper: ink(drawn[0], "fill"),
    texts: [...svg.querySelectorAll("[id^=text_]")].filter(seen).map((one) =>
      [ink(one.querySelector("use, path"), "fill"), ...below(one)]),
    lines: parts.filter(([edge, area]) => edge && `${edge}` !== `${area}`)
      .map(([edge, , picture]) => [edge, picture]),
    areas: parts.filter(([, area]) => area)
      .map(([edge, area, picture]) => [area, picture, edge]),
  };
}"""


@pytest.fixture(scope="module")
def palettes():
    """Return the palette of the book, light and dark, by name."""
    light = {name: getattr(draw, name).lower() for name in NAMES}
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    dark = config["sphinx"]["config"]["dark_figures"]
    return {
        "light": light | {"paper": "#ffffff"},
        "dark": {name: dark[colour] for name, colour in light.items()} | {"paper": dark["#ffffff"]},
    }


@pytest.fixture(scope="module")
def drawings(site, browser):
    """Return what a browser sees in each figure of the book, light and dark."""
    folder = site / "_images"
    pages = [path.read_text("utf-8") for path in (site / "book").rglob("*.html")]
    found = [
        re.search(r'_images/([^"]+)', image)[1]
        for page in pages
        for image in re.findall(r"<img [^>]*only-dark[^>]*>", page)
    ]
    tab = browser.new_page(viewport={"width": 1000, "height": 2000})
    seen = {}
    for dark in found:
        light = re.sub(r"-dark-\w{8}", "", dark)
        for mode, name in (("light", light), ("dark", dark)):
            tab.set_content(f"<style>body{{margin:0}}</style>{(folder / name).read_text('utf-8')}")
            seen[light, mode] = tab.evaluate(READ)
    tab.close()
    assert len(seen) == 2 * len(set(found)) >= 196
    return seen


def over(paper, colour):
    """Return a colour with some opacity on another, both from 0 to 255."""
    alpha = colour[3]
    return [alpha * c + (1 - alpha) * p for c, p in zip(colour[:3], paper, strict=False)]


def shares(colour):
    """Return a colour as numbers from 0 to 1."""
    return [value / 255 for value in colour[:3]]


def code(colour):
    """Return a colour as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*map(round, colour[:3]))


def test_ciede2000_is_that_of_its_authors():
    """Pairs 1, 4, 7, 13, 17 and 25 of the table of Sharma, Wu and Dalal."""
    for one, other, distance in [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, -0.0010, 2.4900), (50, 0.0011, -2.4900), 4.7461),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ]:
        assert ciede2000(one, other) == pytest.approx(distance, abs=1e-4)


@pytest.mark.parametrize(("mode", "least"), [("light", 7.5), ("dark", 12)])
def test_colours_are_told_apart_with_any_common_colour_vision(palettes, mode, least):
    """2 is seen side by side; Okabe and Ito's own colours with a grey are 7.9 apart."""
    colours = {k: v for k, v in palettes[mode].items() if k not in ("PALE", "paper")}
    near = [
        (round(difference(colours[a], colours[b], vision), 1), vision, a, b)
        for vision in VISIONS
        for a, b in combinations(colours, 2)
    ]
    assert len(near) == 4 * 36
    assert min(near)[0] >= least


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_of_the_palette_stand_out(palettes, mode):
    colours = palettes[mode]
    for name, colour in colours.items():
        if name not in ("PALE", "YELLOW", "paper"):
            least = 4.5 if name in ("INK", "GREY", "BLUE", "VERMILLION") else 3
            assert contrast(rgb(colour), rgb(colours["paper"])) >= least, name
    assert contrast(rgb(colours["INK"]), rgb(colours["PALE"])) >= 4.5
    assert contrast(rgb(colours["INK"]), rgb(colours["SKY"])) >= 3  # a line over bars


def test_texts_can_be_read(drawings):
    faint, count, on_pictures = Counter(), Counter(), 0
    for (name, mode), seen in drawings.items():
        for place, (colour, picture, areas) in enumerate(seen["texts"]):
            count[mode] += 1
            if picture and not areas:
                on_pictures += 1
                assert colour == drawings[name, "light"]["texts"][place][0]
                continue
            ground = seen["paper"][:3]
            for area in areas:
                ground = over(ground, area)
            if contrast(shares(over(ground, colour)), shares(ground)) < 4.5:
                faint[name[:8], mode, code(colour), code(ground)] += 1
    assert dict(faint) == {}
    assert count["light"] == count["dark"] >= 2000
    assert on_pictures >= 2 * 98  # the numbers on two heat maps


def test_lines_can_be_seen(drawings):
    faint, count = Counter(), Counter()
    for (name, mode), seen in drawings.items():
        paper = seen["paper"]
        for colour, picture in seen["lines"]:
            if picture:
                continue
            count[mode] += 1
            if colour[:3] == paper[:3]:
                continue  # it parts areas
            if contrast(shares(over(paper, colour)), shares(paper)) < 3:
                faint[name[:8], mode, code(colour), round(colour[3], 2)] += 1
    assert dict(faint) == {}
    assert count["light"] == count["dark"] >= 1500


def test_areas_can_be_seen_or_have_an_outline(drawings, palettes):
    """Such as bars and points; the pale ground of a part of a drawing may be faint."""
    faint, count = Counter(), Counter()
    for (name, mode), seen in drawings.items():
        paper, pale = seen["paper"], palettes[mode]["PALE"]
        for colour, picture, edge in seen["areas"]:
            if picture or colour[:3] == paper[:3] or code(colour) == pale:
                continue
            count[mode] += 1
            inks = [colour] + ([edge] if edge else [])
            if max(contrast(shares(over(paper, ink)), shares(paper)) for ink in inks) < 3:
                faint[name[:8], mode, code(colour), round(colour[3], 2)] += 1
    assert dict(faint) == {}
    assert count["light"] == count["dark"] >= 1000


def test_pictures_and_what_is_on_them_are_the_same(drawings, site):
    pictures = 0
    for name in {name for name, _ in drawings}:
        (dark,) = (site / "_images").glob(f"{name.removesuffix('.svg')}-dark-*.svg")
        same = [
            ["".join(data.split()) for data in re.findall(r'href="(data:[^"]+)"', text)]
            for text in ((site / "_images" / name).read_text("utf-8"), dark.read_text("utf-8"))
        ]
        assert same[0] == same[1]
        pictures += len(same[0])
        pairs = list(
            zip(*(drawings[name, mode]["lines"] for mode in ("light", "dark")), strict=True)
        )
        assert [(name[:8], a, b) for a, b in pairs if a[1] != b[1] or (a[1] and a != b)] == []
    assert pictures >= 132
