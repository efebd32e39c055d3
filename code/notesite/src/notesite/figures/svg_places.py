"""Where the parts of a drawing lie, as far as matplotlib and drawing programs write them.

Boxes are in the drawing's own units. Curves count with their control points, so that a box is
never too small.
"""

import re
from math import cos, radians, sin, tan
from typing import NamedTuple

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
STEP = re.compile(r"([A-Za-z])([^A-Za-z]*(?:[eE][-+]?\d[^A-Za-z]*)*)")
TRANSFORM = re.compile(r"(\w+)\s*\(([^)]*)\)")
IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Box(NamedTuple):
    """A rectangle along the axes."""

    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other):
        """Say whether the middle of another box is within this one.

        What has no width or no height, such as an axis along the edge, must be well within.
        """
        thin = min(other.right - other.left, other.bottom - other.top) < 0.1
        room = -1 if thin else 0.1
        x, y = (other.left + other.right) / 2, (other.top + other.bottom) / 2
        across = self.left - room <= x <= self.right + room
        return across and self.top - room <= y <= self.bottom + room

    def cut(self, other):
        """Return what two boxes share; `None` where that is nothing."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box(left, top, right, bottom) if left <= right and top <= bottom else None


def around(points):
    """Return the box around points, or around boxes; `None` around none."""
    points = [point for point in points if point is not None]
    if not points:
        return None
    xs, ys = [p[0::2] for p in points], [p[1::2] for p in points]
    return Box(*(min(map(min, axis)) for axis in (xs, ys)), *(max(map(max, a)) for a in (xs, ys)))


def numbers(text):
    """Return the numbers in a text."""
    return [float(number) for number in NUMBER.findall(text or "")]


def shape_of(element):
    """Return the points that span an element, in its own units; none where that is not known."""
    kind = element.tag.rpartition("}")[2]

    def value(name):
        return (numbers(element.get(name)) or [0.0])[0]

    if kind in ("rect", "image"):
        return _corners(*map(value, ("x", "y", "width", "height")))
    if kind in ("circle", "ellipse"):
        rx, ry = (value(name) or value("r") for name in ("rx", "ry"))
        return _corners(value("cx") - rx, value("cy") - ry, 2 * rx, 2 * ry)
    if kind == "line":
        return [(value("x1"), value("y1")), (value("x2"), value("y2"))]
    if kind in ("polygon", "polyline"):
        flat = numbers(element.get("points"))
        return list(zip(flat[0::2], flat[1::2], strict=False))
    if kind in ("text", "tspan"):
        return [(value("x"), value("y"))]
    return path_points(element.get("d")) if kind == "path" else []


def _corners(x, y, width, height):
    return [(x, y), (x + width, y), (x, y + height), (x + width, y + height)]


def path_points(d):
    """Return the points of a path.

    >>> path_points("M 0 0 h 2 v 1 l -1 -1 z")
    [(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 0.0)]
    """
    points, x, y = [], 0.0, 0.0
    for letter, rest in STEP.findall(d or ""):
        kind, values = letter.upper(), numbers(rest)
        if kind == "H":
            pairs = [(value, 0.0 if letter == "h" else y) for value in values]
        elif kind == "V":
            pairs = [(0.0 if letter == "v" else x, value) for value in values]
        elif kind == "A":
            pairs = list(zip(values[5::7], values[6::7], strict=False))
        else:
            pairs = list(zip(values[0::2], values[1::2], strict=False))
        many = {"C": 3, "S": 2, "Q": 2}.get(kind, 1)
        for place, (across, down) in enumerate(pairs, start=1):
            to = (x + across, y + down) if letter.islower() else (across, down)
            points.append(to)
            if place % many == 0:
                x, y = to
    return points


def matrix_of(text):
    """Return what a `transform` attribute does, as the six numbers of SVG's `matrix`.

    >>> matrix_of("translate(5 2) scale(2)")
    (2.0, 0.0, 0.0, 2.0, 5.0, 2.0)
    """
    matrix = IDENTITY
    for name, inside in TRANSFORM.findall(text or ""):
        for step in _steps(name, numbers(inside)):
            matrix = times(matrix, step)
    return matrix


def _steps(name, v):
    """Return one function of a transform as matrices."""
    if name == "matrix":
        return [tuple(v)]
    if name == "translate":
        return [(1, 0, 0, 1, v[0], v[1] if len(v) > 1 else 0)]
    if name == "scale":
        return [(v[0], 0, 0, v[-1], 0, 0)]
    if name == "rotate":
        angle, (x, y) = radians(v[0]), v[1:] or (0, 0)
        turn = (cos(angle), sin(angle), -sin(angle), cos(angle), 0, 0)
        return [(1, 0, 0, 1, x, y), turn, (1, 0, 0, 1, -x, -y)]
    slant = tan(radians(v[0]))
    return [(1, 0, slant, 1, 0, 0) if name == "skewX" else (1, slant, 0, 1, 0, 0)]


def times(m, n):
    """Return the matrix that does first `n`, then `m`."""
    (a, b, c, d, e, f), (p, q, r, s, t, u) = m, n
    return (
        a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s,
        a * t + c * u + e, b * t + d * u + f,
    )  # fmt: skip


def moved(points, m):
    """Return points after a matrix."""
    return [(m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]) for x, y in points]
