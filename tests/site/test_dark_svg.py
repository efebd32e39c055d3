"""Drawings turned dark: matplotlib draws them, a real browser says where things are."""

import re
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure

from notesite.figures.dark_svg import Drawing, to_dark
from notesite.figures.svg_places import IDENTITY, path_points

PALETTE = {
    "#ffffff": "#111111",
    "#000000": "#eeeeee",
    "#222222": "#dddddd",
    "#0072b2": "#3399ff",
}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(figure):
    """Return a figure as matplotlib writes it."""
    buffer = BytesIO()
    with rc_context({"svg.hashsalt": "fixed"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def darkened(figure):
    """Return the dark drawing of a figure, and the colours of each group by its id."""
    dark = to_dark(drawn(figure), PALETTE)
    root = ET.fromstring(dark)
    colours = {}
    for group in root.iter(f"{SVG}g"):
        if group.get("id"):
            text = ET.tostring(group, encoding="unicode")
            colours[group.get("id")] = set(re.findall(r"#[0-9a-f]{6}", text))
    return dark, colours


def svg(body, **more):
    """Return a drawing of 100 by 100 around some elements."""
    said = " ".join(f'{name}="{value}"' for name, value in more.items())
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" {said}>'
    return f"{head}{body}</svg>".encode()


def parts(content):
    """Return the attributes of each element with an id in the dark drawing of some SVG."""
    root = ET.fromstring(to_dark(content, PALETTE))
    return {one.get("id"): one.attrib for one in root.iter() if one.get("id")}


def test_colours_of_the_palette_change_and_no_others():
    figure = Figure(facecolor="white")
    ax = figure.subplots()
    ax.plot([1, 2], color="#0072b2", gid="ours")
    ax.plot([2, 1], color="#abcdef", gid="other")
    ax.text(0.5, 1.5, "text", color="#222222", gid="label")
    _, colours = darkened(figure)
    assert colours["ours"] == {"#3399ff"}
    assert colours["other"] == {"#abcdef"}
    assert colours["label"] == {"#dddddd"}
    assert colours["patch_1"] == {"#111111"}


def test_what_is_on_a_picture_stays_and_what_is_beside_it_does_not():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.imshow([[0, 1], [1, 0]])
    for ax, name in (left, "on"), (right, "beside"):
        ax.text(0.5, 0.5, "7", color="#222222", gid=f"text-{name}")
        ax.plot([0.2, 0.8], [0.2, 0.8], color="#0072b2", gid=f"line-{name}")
        ax.set_title("title", gid=f"title-{name}")
    _, colours = darkened(figure)
    assert colours["text-on"] == {"#222222"}
    assert colours["text-beside"] == {"#dddddd"}
    assert colours["line-on"] == {"#0072b2"}
    assert colours["line-beside"] == {"#3399ff"}
    assert colours["title-on"] == colours["title-beside"] == {"#eeeeee"}  # black is not written


def test_one_marker_can_be_on_a_picture_and_beside_it():
    figure = Figure()
    ax = figure.subplots()
    ax.imshow([[0, 1], [1, 0]], extent=(0, 1, 0, 1))
    ax.plot([0.5, 1.5], [0.5, 0.5], "o", color="#0072b2", gid="points")
    ax.set(xlim=(0, 2), ylim=(0, 1))
    dark, _ = darkened(figure)
    (group,) = (g for g in ET.fromstring(dark).iter(f"{SVG}g") if g.get("id") == "points")
    uses = sorted(group.iter(f"{SVG}use"), key=lambda one: float(one.get("x")))
    inks = [set(re.findall(r"#[0-9a-f]{6}", one.get("style"))) for one in uses]
    assert inks == [{"#0072b2"}, {"#3399ff"}]


def test_data_drawn_as_areas_stay_with_what_is_on_them():
    figure = Figure()
    ax = figure.subplots()
    ax.pcolormesh([[0, 1], [2, 3]], gid="cells")
    for x in (0.5, 1.5):
        ax.text(x, 0.5, "7", color="#222222", gid=f"text-{x}")
    ax.plot([0, 2], [0, 0], color="#0072b2", gid="edge")
    ax.contour([[0, 1], [1, 0]], colors="#222222")
    _, colours = darkened(figure)
    assert len(colours["cells"]) == 4
    assert colours["text-0.5"] == colours["text-1.5"] == {"#222222"}
    assert colours["edge"] == {"#3399ff"}  # along the border of the data


def test_a_bar_of_the_palette_is_no_data():
    figure = Figure()
    ax = figure.subplots()
    ax.bar([0], [1], color="#0072b2")
    ax.text(0, 0.5, "7", color="white", gid="label")
    _, colours = darkened(figure)
    assert colours["label"] == {"#111111"}


def test_hatches_follow_and_pictures_are_the_same_bytes():
    figure = Figure()
    ax = figure.subplots()
    ax.bar([0], [1], color="#0072b2", hatch="/", edgecolor="#222222")
    ax.imshow([[0, 1], [1, 0]], extent=(2, 3, 0, 1))
    dark, _ = darkened(figure)
    pattern = next(ET.fromstring(dark).iter(f"{SVG}pattern"))
    assert "#222222" not in ET.tostring(pattern, encoding="unicode")
    pictures = [re.findall(rb'href="(data:[^"]+)"', one) for one in (drawn(figure), dark)]
    assert b"".join(pictures[0][0].split()) == b"".join(pictures[1][0].split())


def test_names_and_attributes_and_style_sheets_are_understood():
    found = parts(
        svg(
            "<style>.a{fill: White; stroke:#222}</style>"
            '<rect id="a" width="9" height="9" fill="white" stroke="rgb(34, 34, 34)"/>'
            '<rect id="b" width="9" height="9" style="fill:#FFF;stroke:none"/>'
            '<stop id="c" stop-color="#0072B2"/><path id="d" fill="url(#hatch)" d="M1 1h3"/>'
        )
    )
    assert (found["a"]["fill"], found["a"]["stroke"]) == ("#111111", "#dddddd")
    assert found["b"]["style"] == "fill:#111111;stroke:none"
    assert found["c"]["stop-color"] == "#3399ff"
    assert found["d"]["fill"] == "url(#hatch)"
    content = to_dark(svg("<style>.a{fill: White; stroke:#222}</style>"), PALETTE)
    assert b".a{fill: #111111; stroke:#dddddd}" in content


def test_what_says_no_colour_is_black_and_follows():
    found = parts(svg('<path id="a" d="M1 1h3"/><g fill="red"><path id="b" d="M1 1h3"/></g>'))
    assert found["a"]["fill"] == "#eeeeee"
    assert "fill" not in found["b"]


def test_a_label_on_a_plate_over_a_picture_stays_readable():
    found = parts(
        svg(
            '<rect width="100" height="100" fill="#ffffff"/>'
            '<image x="10" y="10" width="80" height="80"/>'
            '<rect id="plate" x="40" y="40" width="20" height="20" fill="#ffffff"/>'
            '<text id="label" x="50" y="50" fill="#222222">7</text>'
            '<text id="below" x="50" y="97" fill="#222222">7</text>'
        )
    )
    assert found["plate"]["fill"] == "#ffffff"
    assert found["label"]["fill"] == "#222222"
    assert found["below"]["fill"] == "#dddddd"


def test_the_clipped_part_of_a_picture_counts():
    clip = '<clipPath id="half"><rect width="50" height="100"/></clipPath>'
    found = parts(
        svg(
            f'{clip}<g clip-path="url(#half)"><image width="100" height="100"/></g>'
            '<circle id="in" cx="25" cy="50" r="5" fill="#222222"/>'
            '<circle id="out" cx="75" cy="50" r="5" fill="#222222"/>'
        )
    )
    assert found["in"]["fill"] == "#222222"
    assert found["out"]["fill"] == "#dddddd"


def test_the_same_bytes_each_time_and_no_metadata():
    figure = Figure()
    figure.subplots().plot([1, 2])
    light = drawn(figure)
    assert to_dark(light, PALETTE) == to_dark(light, PALETTE)
    assert b"<metadata" in light
    assert b"metadata" not in to_dark(light, PALETTE)
    assert to_dark(to_dark(light, PALETTE), {}) == to_dark(light, PALETTE)


@pytest.mark.parametrize("content", [b"", b"<svg", b"<html/>", b"\x89PNG"])
def test_what_is_no_drawing_is_refused(content):
    with pytest.raises(ValueError, match="not an SVG file"):
        to_dark(content, PALETTE)


@pytest.mark.parametrize(
    ("d", "points"),
    [
        ("M1,2L3-4", [(1, 2), (3, -4)]),
        ("m1 1 2 0 0 2z", [(1, 1), (3, 1), (3, 3)]),
        ("M0 0c1 1 2 1 3 0s2-1 3 0", [(0, 0), (1, 1), (2, 1), (3, 0), (5, -1), (6, 0)]),
        ("M1e1 .5H3V-2", [(10, 0.5), (3, 0.5), (3, -2)]),
        ("M0 0A5 5 0 0 1 10 0", [(0, 0), (10, 0)]),
    ],
)
def test_points_of_paths(d, points):
    assert path_points(d) == points


def test_boxes_are_where_a_browser_draws(browser):
    """Boxes hold what is drawn, and are not much larger: of texts, turned ones, markers, lines."""
    figure = Figure(figsize=(6, 4))
    ax = figure.subplots()
    ax.plot([1, 3, 2], "o-", gid="line")
    ax.set(xlabel="across", ylabel="upwards", title="title")
    ax.text(1, 2, "turned", rotation=30)
    ax.annotate("there", (1, 3), (0.2, 2.8), arrowprops={"arrowstyle": "->"})
    light = drawn(figure)
    root = ET.fromstring(light)
    drawing = Drawing(root, {})
    tab = browser.new_page(viewport={"width": 900, "height": 700})
    tab.set_content(f"<style>body{{margin:0}}</style>{light.decode()}")
    seen = tab.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("g[id]")].map((one) => {
            const {x, y, right, bottom} = one.getBoundingClientRect();
            return [one.id, [x, y, right, bottom].map((value) => value * 0.75)];
        }))"""
    )
    tab.close()
    boxes = {}

    def walk(element):
        if element.get("id") in seen:
            boxes[element.get("id")] = drawing.box(element, IDENTITY, moves=True)
        for child in element:
            walk(child)

    walk(root)
    names = [name for name in seen if boxes[name] and name.startswith(("text", "line", "xtick"))]
    assert len(names) >= 15
    for name in names:
        for ours, theirs in zip(boxes[name], seen[name], strict=True):
            assert ours == pytest.approx(theirs, abs=3), name
