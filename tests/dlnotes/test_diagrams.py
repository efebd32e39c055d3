import matplotlib.pyplot as plt
import pytest
import torch
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from dlnotes.diagrams import (
    cost_shares,
    field_pyramid,
    last_windows,
)
from dlnotes.draw import BLUE, ORANGE, setup
from dlnotes.models import alexnet
from dlnotes.trace import Cost, costs


@pytest.fixture(autouse=True)
def _style():
    with plt.rc_context():
        setup()
        yield


def overlaps(figure, ax):
    """Pairs of labels whose drawn extents intersect."""
    figure.canvas.draw()
    texts = [t for t in ax.texts if t.get_text()]
    extents = [(t.get_text(), t.get_window_extent()) for t in texts]
    return [
        (a, b)
        for i, (a, box) in enumerate(extents)
        for b, other in extents[i + 1 :]
        if box.overlaps(other)
    ]


@pytest.mark.parametrize(
    "case", [(224, 11, 4, 0), (224, 11, 4, 1), (224, 11, 4, 2), (227, 11, 4, 0)]
)
def test_last_windows_mark_the_pixels_without_a_gradient(case):
    n, kernel_size, stride, padding = case
    pixels = torch.zeros(1, 1, n, requires_grad=True)
    weight = torch.ones(1, 1, kernel_size)
    out = torch.nn.functional.conv1d(pixels, weight, stride=stride, padding=padding)
    out.sum().backward()
    ax = Figure().subplots()
    last_windows(ax, [case])
    missed = [patch for patch in ax.patches if patch.get_facecolor() == to_rgba(ORANGE)]
    assert len(missed) == int((pixels.grad == 0).sum())
    assert len(ax.patches) == 14 + padding
    assert [t.get_text() for t in ax.texts] == [f"第 {out.shape[-1]} 个窗口"]
    start, end = ax.lines[0].get_xdata()
    assert end - start == pytest.approx(kernel_size - 0.2)


def test_cost_shares_are_percentages_of_the_totals():
    with torch.device("meta"):
        rows = [row for row in costs(alexnet(), (1, 1, 224, 224)) if row.parameters]
    ax = Figure().subplots()
    cost_shares(ax, [str(i) for i in range(8)], rows)
    widths = [bar.get_width() for bar in ax.patches]
    assert sum(widths[:8]) == pytest.approx(100)
    assert sum(widths[8:]) == pytest.approx(100)
    total = sum(row.parameters for row in rows)
    assert widths[5] == pytest.approx(100 * (6400 * 4096 + 4096) / total)


def drawn(ax):
    """Return per row the middles of the marked, the plain and the dashed boxes."""
    rows = {}
    for box in ax.patches:
        kind = "dashed" if box.get_linestyle() != "-" else "plain"
        if box.get_facecolor() == to_rgba(BLUE):
            kind = "marked"
        key = round(box.get_y() + 0.2), kind
        rows.setdefault(key, []).append(round(box.get_x() + 0.4, 9))
    return rows


def test_pyramid_marks_what_the_output_is_computed_from():
    ax = Figure().subplots()
    assert field_pyramid(ax, [(3, 2), 3], n=9) == set(range(7))
    assert drawn(ax) == {
        (0, "marked"): [0, 1, 2, 3, 4, 5, 6],
        (0, "plain"): [7, 8],
        (1, "marked"): [1, 3, 5],
        (1, "plain"): [7],
        (2, "marked"): [3],
        (2, "plain"): [5],
    }
    (lines,) = ax.collections
    assert len(lines.get_segments()) == 3 + 3 * 3


def test_pyramid_shows_padding_and_gaps():
    ax = Figure().subplots()
    assert field_pyramid(ax, [(3, 2, 1, 1), (3, 1, 1, 1)], n=5) == {-1, 0, 1, 2, 3}
    assert drawn(ax)[0, "dashed"] == [-1]
    assert drawn(ax)[1, "dashed"] == [-2]  # padding of the first layer's outputs leads nowhere
    low, high = ax.get_xlim()
    assert low < -2.4
    assert high > 4.4
    assert field_pyramid(Figure().subplots(), [(3, 1, 2)], n=6, output=1) == {1, 3, 5}


def test_pyramid_refuses_what_is_not_there():
    with pytest.raises(ValueError, match="output must be from 0 to 1, got 2"):
        field_pyramid(Figure().subplots(), [(3, 2), 3], n=9, output=2)
    with pytest.raises(ValueError, match="exceeds input 2"):
        field_pyramid(Figure().subplots(), [3], n=2)


def test_errors_say_what_was_wanted():
    ax = Figure().subplots()
    with pytest.raises(ValueError, match="at least one case"):
        last_windows(ax, [])
    with pytest.raises(ValueError, match="one label per row, got 1 for 0"):
        cost_shares(ax, ["甲"], [])
    with pytest.raises(ValueError, match="totals are 0"):
        cost_shares(ax, ["甲"], [Cost("ReLU", (1,), 0, 0)])
