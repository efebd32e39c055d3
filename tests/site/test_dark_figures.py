"""Drawings in the colours of the page's mode: which is written, shown, fetched, heard, printed."""

import re
from itertools import combinations

import matplotlib as mpl
import pytest
from sphinx.errors import ConfigError
from tests.site.colours import contrast, difference, rgb

from notesite.figures import palettes

CHAPTER = "book/notes/2023-09-11-pooling.html"
SLIDING = "book/notes/2023-09-06-conv-output-shape.html"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">'
    '<rect width="20" height="10" fill="{}"/></svg>'
)
PALETTE = {"#ffffff": "#131416"}
MODES = ("light", "dark")
PLACES = "all => all.map((one) => JSON.stringify(one.getBoundingClientRect()))"
IMAGE = "figure img, .cell_output img"


@pytest.fixture
def book(tiny_book, tmp_path):
    """Make a book with two drawings and a picture of pixels."""
    book = tiny_book("notesite.figures.dark_figures", dark_figures=PALETTE)
    for name, colour in ("one", "#ffffff"), ("two", "#abcdef"):
        (tmp_path / f"{name}.svg").write_text(DRAWING.format(colour), "utf-8")
    (tmp_path / "pixels.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return book.write(index="# T\n\n![first](one.svg)\n\n![second](two.svg)\n\n![p](pixels.png)\n")


def images(book):
    """Return the files of the images of a tiny book: name and time of writing."""
    folder = book.folder / "_build" / "_images"
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_each_drawing_has_a_dark_one_beside_it(book):
    book.build()
    tags = re.findall("<img [^>]*>", book.html())
    alts = [re.search('alt="([^"]*)"', tag)[1] for tag in tags]
    assert alts == ["first", "first", "second", "second", "p"]
    for light, dark in (tags[:2], tags[2:4]):
        assert 'class="only-light"' in light
        assert 'class="only-dark"' in dark
        for tag in light, dark:
            assert tag.count('loading="lazy"') == 1
    assert "only-" not in tags[4]
    names = images(book)
    assert len(names) == 5
    (dark,) = (name for name in names if name.startswith("one-dark-"))
    assert f"_images/{dark}" in tags[1]
    content = (book.folder / "_build" / "_images" / dark).read_text("utf-8")
    assert "#131416" in content
    assert "#ffffff" not in content
    assert book.warnings == ""


def test_what_did_not_change_is_not_written_again(book):
    book.build()
    before = images(book)
    book.write(index="# T\n\nchanged ![first](one.svg)\n\n![second](two.svg)\n").build()
    assert "changed" in book.html()
    assert {n: t for n, t in images(book).items() if "-dark-" in n} == {
        n: t for n, t in before.items() if "-dark-" in n
    }


def test_another_drawing_or_palette_takes_the_place_of_the_old(book):
    book.build()
    first = set(images(book))
    (book.folder / "one.svg").write_text(DRAWING.format("#FFF"), "utf-8")
    book.write(index="# T\n\n![first](one.svg)\n\n![second](two.svg)\n").build()
    second = set(images(book))
    assert len(second - first) == len(first - second) == 1
    book.config["dark_figures"] = {"#ffffff": "#000000"}
    book.build()  # no page changed
    third = set(images(book))
    assert len(third - second) == len(second - third) == 2
    assert all(f"_images/{name}" in book.html() for name in third if "-dark-" in name)


def test_without_a_palette_nothing_happens(book):
    book.config["dark_figures"] = {}
    book.build()
    assert len(images(book)) == 3
    assert "only-dark" not in book.html()


def test_a_broken_drawing_is_told(book):
    (book.folder / "one.svg").write_text("<svg xmlns='x'>", "utf-8")
    book.build()
    assert "dark_figures: " in book.warnings
    assert "one.svg: not an SVG file" in book.warnings


def test_a_colour_that_is_none_is_refused(book):
    book.config["dark_figures"] = {"white": "#131416"}
    with pytest.raises(ConfigError, match=r"wants colours .* such as '#1a2b3c', not .'white'"):
        book.build()


def test_html_that_names_its_colours_follows(book):
    book.write(index='# T\n\n<p style="color: var(--figure-ffffff, #ffffff)">x</p>\n').build()
    assert "body[data-theme=dark]{--figure-ffffff:#131416}" in book.html()
    book.write(index="# T\n\nx\n").build()
    assert "--figure-" not in book.html()


def fetched(page, start=0):
    """Return which drawings were asked for: light and dark ones."""
    names = [url.rpartition("/")[2] for url in page.requests[start:] if "/_images/" in url]
    return {"-dark-" in name for name in names}


@pytest.mark.parametrize(
    ("place", "scheme", "theme"),
    [
        *(("server", scheme, theme) for scheme in MODES for theme in ("auto", *MODES)),
        *(("disk", scheme, "auto") for scheme in MODES),
        ("disk", "light", "dark"),
    ],
)
def test_only_those_of_the_mode_are_shown_and_fetched(page, server, site, place, scheme, theme):
    page.add_init_script(f"try {{ localStorage.setItem('theme', '{theme}') }} catch {{}}")
    page.emulate_media(color_scheme=scheme)
    page.goto(server + CHAPTER if place == "server" else (site / CHAPTER).as_uri())
    for image in page.locator(IMAGE).locator("visible=true").all():
        image.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    dark = (scheme if theme == "auto" else theme) == "dark"
    shown = page.locator(IMAGE).locator("visible=true")
    assert shown.count() == 3
    assert page.locator(IMAGE).count() == 6
    for image in shown.all():
        assert ("-dark-" in image.get_attribute("src")) == dark
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    assert fetched(page) == {dark}
    assert page.troubles == []


def test_the_switch_changes_them_without_moving_anything(page, server):
    page.emulate_media(color_scheme="light")
    page.goto(server + CHAPTER)
    shown = page.locator(IMAGE).locator("visible=true")
    page.wait_for_load_state("networkidle")
    places = "all => all.map((one) => one.getBoundingClientRect().toJSON())"
    before = shown.evaluate_all(places)
    assert fetched(page) <= {False}
    while page.evaluate("document.body.dataset.theme") != "dark":
        page.locator(".theme-toggle:visible").click()
    assert all("-dark-" in image.get_attribute("src") for image in shown.all())
    after = shown.evaluate_all(places)
    assert len(before) == 3
    for place, moved in zip(before, after, strict=True):  # sizes are told in whole pixels
        assert moved == pytest.approx(place, abs=1.5)
    shown.first.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert True in fetched(page)


def test_one_is_heard_and_reached_by_keyboard(page, server):
    for scheme in MODES:
        page.emulate_media(color_scheme=scheme)
        page.goto(server + CHAPTER)
        heard = page.locator("article").aria_snapshot()
        alts = page.locator(IMAGE).evaluate_all("all => all.map((one) => one.alt)")
        assert alts[0::2] == alts[1::2]
        assert len(re.findall(r"^ *- img ", heard, re.M)) == len(alts[0::2]) == 3
        assert all(f'img "{alt}"' in heard for alt in alts)
        stops = page.locator("a.zoom").evaluate_all(
            "all => all.filter((one) => one.checkVisibility()).length"
        )
        assert stops == 3


def test_the_one_shown_opens_large(page, server):
    page.emulate_media(color_scheme="dark")
    page.goto(server + CHAPTER)
    page.locator("a.zoom:visible").first.press("Enter")
    large = page.locator("dialog[open] img")
    large.wait_for()
    assert large.is_visible()
    assert "-dark-" in large.get_attribute("src")
    ground = "getComputedStyle(document.querySelector('dialog')).backgroundColor"
    assert page.evaluate(ground) == "rgb(19, 20, 22)"


@pytest.mark.parametrize("theme", ["auto", "dark"])
def test_on_paper_they_are_light(page, server, theme):
    page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    page.emulate_media(color_scheme="dark")
    page.goto(server + CHAPTER)
    page.wait_for_load_state("networkidle")
    assert fetched(page) <= {True}
    start = len(page.requests)
    page.pdf()  # begins to load what it prints
    page.wait_for_load_state("networkidle")
    assert fetched(page, start) == {False}
    page.emulate_media(media="print")
    assert not page.locator(".skip-to-content").is_visible()
    shown = page.locator(IMAGE).locator("visible=true")
    assert shown.count() == 3
    for image in shown.all():
        assert "-dark-" not in image.get_attribute("src")
        assert image.evaluate("image => image.complete && image.naturalWidth") > 100


def test_without_scripts_the_system_decides(browser, server):
    for scheme in MODES:
        context = browser.new_context(java_script_enabled=False, color_scheme=scheme)
        tab = context.new_page()
        tab.goto(server + CHAPTER)
        shown = tab.locator(IMAGE).locator("visible=true")
        names = [image.get_attribute("src") for image in shown.all()]
        assert len(names) == 3
        assert {"-dark-" in name for name in names} == {scheme == "dark"}
        context.close()


def test_animations_follow_and_print_light(page, server):
    seen = {}
    for scheme, media in ("light", "screen"), ("dark", "screen"), ("dark", "print"):
        page.emulate_media(color_scheme=scheme, media=media)
        page.goto(server + SLIDING)
        one = page.locator(".sliding").first
        seen[scheme, media] = one.evaluate(
            """one => [getComputedStyle(one).backgroundColor,
                       getComputedStyle(one.querySelector("text")).fill,
                       getComputedStyle(one.querySelector(".window")).stroke,
                       getComputedStyle(one.querySelector(".result")).stroke]"""
        )
    assert seen["light", "screen"] == seen["dark", "print"]
    assert seen["light", "screen"][:2] == ["rgb(255, 255, 255)", "rgb(34, 34, 34)"]
    assert seen["dark", "screen"][:2] == ["rgb(19, 20, 22)", "rgb(228, 230, 232)"]
    assert len({*seen["light", "screen"], *seen["dark", "screen"]}) == 8


def test_a_book_without_colours_of_its_own_gets_dark_ones_for_matplotlibs(book):
    del book.config["dark_figures"]
    book.build()
    light, dark = sorted(name for name in images(book) if name.startswith("one"))[::-1]
    assert light == "one.svg"
    content = (book.folder / "_build" / "_images" / dark).read_text("utf-8")
    assert palettes.MATPLOTLIB["#ffffff"] in content
    book.config["dark_figures"] = {}
    book.build(freshenv=True)
    assert "only-dark" not in book.html()


def test_matplotlibs_own_colours_can_be_told_in_the_dark():
    """Against what matplotlib itself says that its colours are."""
    dark = palettes.MATPLOTLIB
    paper = rgb(dark["#ffffff"])
    cycle = [mpl.colors.to_hex(name) for name in mpl.colors.TABLEAU_COLORS]
    named = [mpl.colors.to_hex(name) for name in "rgbcmyk"]
    for colour in cycle + named:
        assert contrast(rgb(dark[colour]), paper) >= 4.5, colour
    for one, other in combinations(cycle, 2):
        assert difference(dark[one], dark[other]) > min(12, difference(one, other) - 6), one
    defaults = mpl.rcParamsDefault
    parts = ("axes.edgecolor", "axes.facecolor", "axes.labelcolor", "grid.color", "text.color")
    assert {mpl.colors.to_hex(defaults[part]) for part in parts} <= dark.keys()
    assert mpl.colors.to_hex(defaults["legend.edgecolor"]) in dark
    greys = sorted(colour for colour in dark if colour[1:3] == colour[3:5] == colour[5:])
    lightness = [contrast(rgb(dark[grey]), paper) for grey in greys]
    assert lightness == sorted(lightness, reverse=True)
    assert len(greys) >= 8
