"""The animation of a convolution: its numbers against torch, its drawing against its numbers."""

import doctest
import re
import xml.etree.ElementTree as ET

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from dlnotes import sliding
from dlnotes.sliding import Sliding

SVG = "{http://www.w3.org/2000/svg}"
CELL = 20


def table(height, width):
    row = st.lists(st.integers(-9, 9), min_size=width, max_size=width)
    return st.lists(row, min_size=height, max_size=height)


@st.composite
def slidings(draw):
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    padding = draw(st.integers(0, 2))
    sides = [draw(st.integers(1, min(3, n + 2 * padding))) for n in (height, width)]
    kernel = draw(table(*sides))
    return Sliding(draw(table(height, width)), kernel, draw(st.integers(1, 3)), padding)


def drawing(shown):
    (svg,) = re.findall(r"<svg.*</svg>", shown._repr_html_(), re.DOTALL)
    return ET.fromstring(svg)


def boxes(root, kind):
    found = [r for r in root.iter(f"{SVG}rect") if r.get("class") == kind]
    return [[float(r.get(k)) / CELL for k in ("x", "y", "width", "height")] for r in found]


@settings(deadline=None)
@given(slidings())
def test_output_equals_torch(shown):
    image, kernel = (torch.tensor([[t]], dtype=torch.float64) for t in (shown.image, shown.kernel))
    expected = F.conv2d(image, kernel, stride=shown.stride, padding=shown.padding)
    assert [[shown.output]] == expected.tolist()


@settings(deadline=None)
@given(slidings())
def test_every_window_is_drawn_where_torch_takes_it(shown):
    """Number the pixels and let torch cut the windows out; compare with the blue boxes."""
    height, width, ring = len(shown.image), len(shown.image[0]), shown.padding
    numbers = torch.arange(1.0, height * width + 1).reshape(1, 1, height, width)
    size = len(shown.kernel), len(shown.kernel[0])
    cut = F.unfold(numbers, size, padding=ring, stride=shown.stride)[0].T
    root = drawing(shown)
    windows = boxes(root, "window")
    assert len(windows) == len(cut)
    left, top = 1 + ring, 2 + ring
    for (x, y, across, down), expected in zip(windows, cut.tolist(), strict=True):
        rows = range(int(y - top), int(y - top + down))
        columns = range(int(x - left), int(x - left + across))
        inside = [
            i * width + j + 1 if 0 <= i < height and 0 <= j < width else 0
            for i in rows
            for j in columns
        ]
        assert inside == expected
    assert boxes(root, "hit") == boxes(root, "result")


def test_the_highlighted_number_is_the_one_that_is_told():
    root = drawing(Sliding([[1, 2, 3], [4, 5, 6]], [[1, -1]], padding=1))
    cells = {
        (float(t.get("x")), float(t.get("y"))): t.text
        for t in root.findall(f"{SVG}text")
        if not t.get("class")
    }
    steps = [g for g in root.iter(f"{SVG}g") if g.get("class") == "step"]
    assert len(steps) == 4 * 4
    for number, step in enumerate(steps):
        hit = step.find(f"{SVG}rect")
        x, y = float(hit.get("x")), float(hit.get("y"))
        told = step.find(f"{SVG}g/{SVG}text").text
        assert told.startswith(f"{number + 1}/16：")
        assert told.rpartition(" ")[2] == cells[x + CELL / 2, y + CELL / 2]


@settings(deadline=None, max_examples=30)
@given(slidings())
def test_nothing_is_drawn_outside(shown):
    root = drawing(shown)
    _, _, wide, tall = map(float, root.get("viewBox").split())
    for x, y, width, height in boxes(root, "window") + boxes(root, "result"):
        assert x >= 0 <= y
        assert (x + width) * CELL <= wide
        assert (y + height) * CELL <= tall
    for text in root.iter(f"{SVG}text"):
        assert CELL / 2 <= float(text.get("y")) <= tall - CELL / 2
        assert CELL / 2 <= float(text.get("x")) <= wide - CELL / 2


def test_windows_take_turns_one_at_a_time():
    """Work out from the style which marks show in the middle of each turn."""
    html = Sliding([[1, 2, 3]] * 3, [[1]])._repr_html_()
    share = float(re.search(r"visible\}([\d.]+)%,100%\{visibility:hidden", html).group(1)) / 100
    times = re.findall(r"animation-duration:([\d.]+)s;animation-delay:(-?[\d.]+)s", html)
    assert len(times) == 9
    (duration,) = {float(time) for time, _ in times}
    for turn in range(9):
        now = (turn + 0.5) * duration / 9
        showing = [
            n for n, (_, delay) in enumerate(times) if (now - float(delay)) / duration % 1 < share
        ]
        assert showing == [turn]
    assert share <= 1 / 9


def test_it_waits_can_be_paused_and_respects_reduced_motion():
    html = Sliding([[1, 2]], [[1]])._repr_html_()
    assert "animation-play-state:paused" in html
    assert "input:checked~svg .mark{animation-play-state:running}" in html
    reduced = re.search(r"@media \(prefers-reduced-motion:reduce\)\{(.*)\}\n", html).group(1)
    assert "animation:none!important" in reduced
    assert "<script" not in html
    assert " id=" not in html  # any number of them fit on one page


def test_a_single_window_needs_no_animation():
    html = Sliding([[1]], [[1]])._repr_html_()
    assert "@keyframes" not in html
    assert html.count('class="step"') == 1


def test_bad_tables_are_refused():
    with pytest.raises(ValueError, match=r"image must be a rectangle, got rows of \[1, 2\] cells"):
        Sliding([[1, 2], [3]], [[1]])
    with pytest.raises(ValueError, match="kernel must be a rectangle"):
        Sliding([[1, 2]], [])
    with pytest.raises(ValueError, match="kernel_size=3 with dilation=1 exceeds input 2"):
        Sliding([[1, 2]], [[1, 1, 1]])


def test_docstring_examples():
    result = doctest.testmod(sliding)
    assert result.attempted >= 1
    assert result.failed == 0
