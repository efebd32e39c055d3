"""Turn a drawing made for a light page into the same drawing for a dark one.

Only the colours that a palette names are changed. A picture of pixels and colours outside of the
palette are data: they stay, and so does whatever is written or drawn on them, which was chosen to
be seen there.
"""

import re
from xml.etree import ElementTree as ET

from PIL import ImageColor

from notesite.figures.svg_places import IDENTITY, around, matrix_of, moved, shape_of, times

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
NAMES = ("fill", "stroke", "color", "stop-color", "flood-color", "lighting-color")
DECLARED = re.compile(rf"(?<![\w-])({'|'.join(NAMES)})(\s*:\s*)([^;}}]+)")
LEAVES = {"path", "rect", "circle", "ellipse", "line", "polygon", "polyline", "text", "use"}
# What these hold is drawn elsewhere, if at all.
APART = {"defs", "symbol", "clipPath", "mask", "pattern", "marker", "linearGradient", "filter"}
BLACK = "#000000"

ET.register_namespace("", SVG)
ET.register_namespace("xlink", XLINK)


def to_dark(svg, palette):
    """Return a drawing with the colours of a palette changed, as a file of its own.

    Args:
        svg: A file's bytes.
        palette: Colours of light drawings, as ``#rrggbb``, and what they become.

    Raises:
        ValueError: If this is no SVG.
    """
    try:
        root = ET.fromstring(svg)
    except ET.ParseError as error:
        raise ValueError(f"not an SVG file: {error}") from error
    if kind_of(root) != "svg":
        raise ValueError(f"not an SVG file: its root is {root.tag}")
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    Drawing(root, palette).darken()
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def kind_of(element):
    """Return the name of an element without its namespace; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def named(colour):
    """Return a colour as ``#rrggbb``; `None` for what is none, such as a pattern.

    >>> named("White"), named("rgb(0, 0, 255)"), named("url(#hatch)")
    ('#ffffff', '#0000ff', None)
    """
    try:
        return "#{:02x}{:02x}{:02x}".format(*ImageColor.getrgb(colour.strip()))
    except ValueError:
        return None


class Drawing:
    """A drawing on its way into the dark, gone through in the order in which it is painted."""

    def __init__(self, root, palette):
        self.root = root
        self.palette = palette
        self.by_id = {one.get("id"): one for one in root.iter() if one.get("id")}
        texts = [one.text or "" for one in root.iter() if kind_of(one) == "style"]
        self.styled = any("fill" in text for text in texts)
        self.painted = []  # the box of each area that hides what is below, and whether it is data

    def darken(self):
        """Change the colours."""
        self.hand_out_colours()
        self.visit(self.root, IDENTITY, None, kept=False, filled=None)

    def hand_out_colours(self):
        """Give the colours of shapes that are drawn several times to the places of each.

        One may be over a picture, the next beside it.
        """
        shared = {}
        for place in self.root.iter(f"{{{SVG}}}use"):
            target = self.target(place)
            if target is not None and len(target) == 0:
                shared[id(target)] = target
                for name, colour in colours_of(target).items():
                    declare(place, name, colour)
        for target in shared.values():
            undeclare(target)

    def target(self, place):
        """Return the element that a `use` draws."""
        link = place.get("href") or place.get(f"{{{XLINK}}}href") or ""
        return self.by_id.get(link.removeprefix("#"))

    def visit(self, element, matrix, clip, kept, filled):
        """Change an element and all in it; `filled` is its fill if it says nothing."""
        kind = kind_of(element)
        if kind == "style":
            element.text = DECLARED.sub(self.changed, element.text or "")
        if kind in APART:
            self.change_all(element)
            return
        matrix = times(matrix, matrix_of(element.get("transform")))
        clip = self.clipped(element, matrix, clip)
        own = colours_of(element)
        bare = kind in LEAVES and filled is None and "fill" not in own and not self.styled
        box = None
        if own or bare or kind == "image":
            box = self.box(element, matrix)
            box = box.cut(clip) if box and clip else box
            kept = self.is_on_data(box)
        filled = own.get("fill", filled)
        if bare and not kept and BLACK in self.palette:
            element.set("fill", BLACK)
            filled = BLACK
        if box and kind in LEAVES - {"line", "text", "use"}:
            self.paint(element, box, kept, filled or BLACK)
        elif box and kind == "image":
            self.painted.append((box, True))
        if not kept:
            self.change(element)
        for child in element:
            self.visit(child, matrix, clip, kept, filled)

    def clipped(self, element, matrix, clip):
        """Return the box within which an element is seen, `None` for all."""
        name = re.search(r"url\(#([^)]+)\)", element.get("clip-path", ""))
        path = self.by_id.get(name[1]) if name else None
        own = around([self.box(part, matrix) for part in path]) if path is not None else None
        return own.cut(clip) if own and clip else own or clip

    def box(self, element, matrix, *, moves=False):
        """Return the box of an element and all in it; `matrix` has its transform, or it `moves`."""
        if moves:
            matrix = times(matrix, matrix_of(element.get("transform")))
        if kind_of(element) in APART:
            return None
        if kind_of(element) == "use":
            x, y = element.get("x", "0"), element.get("y", "0")
            target = self.target(element)
            if target is None:
                return None
            return self.box(target, times(matrix, matrix_of(f"translate({x} {y})")), moves=True)
        inside = [self.box(child, matrix, moves=True) for child in element]
        return around([*inside, around(moved(shape_of(element), matrix))])

    def is_on_data(self, box):
        """Say whether a box lies on data rather than on the page."""
        for area, data in reversed(self.painted):
            if box and area.covers(box):
                return data
        return False

    def paint(self, element, box, kept, fill):
        """Remember what an element hides."""
        colour = named(fill)
        if colour and opacity_of(element) > 0.99:
            self.painted.append((box, kept or colour not in self.palette))

    def change_all(self, element):
        """Change the colours of an element and of all in it, wherever it is drawn."""
        for one in element.iter():
            if kind_of(one) == "style":
                one.text = DECLARED.sub(self.changed, one.text or "")
            self.change(one)

    def change(self, element):
        """Change the colours of one element."""
        if style := element.get("style"):
            element.set("style", DECLARED.sub(self.changed, style))
        for name in NAMES:
            if element.get(name):
                element.set(name, self.dark(element.get(name)))

    def changed(self, match):
        """Return a declaration with its colour changed."""
        return match[1] + match[2] + self.dark(match[3])

    def dark(self, colour):
        """Return what a colour becomes."""
        return self.palette.get(named(colour), colour)


def colours_of(element):
    """Return the colours that an element declares for itself."""
    own = {name: element.get(name) for name in NAMES if element.get(name)}
    return own | {name: colour for name, _, colour in DECLARED.findall(element.get("style", ""))}


def declare(element, name, colour):
    """Let an element have a colour of its own."""
    rest = [part for part in element.get("style", "").split(";") if part.strip()]
    rest = [part for part in rest if part.partition(":")[0].strip() != name]
    element.set("style", "; ".join([*map(str.strip, rest), f"{name}: {colour}"]))


def undeclare(element):
    """Take its colours from an element."""
    for name in NAMES:
        element.attrib.pop(name, None)
    style = DECLARED.sub("", element.get("style", ""))
    element.attrib.pop("style", None)
    if rest := [part.strip() for part in style.split(";") if part.strip()]:
        element.set("style", "; ".join(rest))


def opacity_of(element):
    """Return how opaque the area of an element is, 1 where it does not say."""
    said = re.findall(r"(?<![\w-])(?:fill-)?opacity\s*:\s*([\d.]+)", element.get("style", ""))
    said += filter(None, (element.get("opacity"), element.get("fill-opacity")))
    return min(map(float, said), default=1.0)
