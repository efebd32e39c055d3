"""Grids of numbers and windows: what is drawn, told by the artists."""

import doctest
from itertools import product

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from dlnotes import draw, grids
from dlnotes.grids import draw_grid, draw_row
from dlnotes.shapes import pool_output_size


def rectangles(ax):
    return [patch for patch in ax.patches if isinstance(patch, Rectangle)]


def test_grid_has_a_cell_for_each_value_and_a_dashed_ring():
    ax = Figure().subplots()
    draw_grid(ax, [[1.0, 2.5, 3], [4, 5, 6]], padding=1, pad_label="0")
    texts = [text.get_text() for text in ax.texts]
    assert len(texts) == 4 * 5
    assert texts.count("0") == 4 * 5 - 2 * 3
    assert [t for t in texts if t != "0"] == ["1", "2.5", "3", "4", "5", "6"]
    solid = [r for r in rectangles(ax) if r.get_linestyle() == "-"]
    assert sorted(r.get_xy() for r in solid) == [(c, r) for c in range(3) for r in range(2)]
    assert ax.get_ylim()[0] > ax.get_ylim()[1], "row 0 is on top"


def test_grid_is_filled_where_asked():
    ax = Figure().subplots()
    draw_grid(
        ax, [[1, 2], [3, 4]], fill=lambda row, column: draw.BLUE if row == column else "white"
    )
    blue = mpl.colors.to_rgb(draw.BLUE)
    filled = [r.get_xy() for r in rectangles(ax) if r.get_facecolor()[:3] == blue]
    assert filled == [(0, 0), (1, 1)]


@pytest.mark.parametrize("values", [[], [[]], [[1, 2], [3]]])
def test_ragged_values_are_refused(values):
    with pytest.raises(ValueError, match="must be a rectangle"):
        draw_grid(Figure().subplots(), values)


def test_row_draws_every_window_of_pooling_and_marks_those_left_out():
    """The windows torch takes are the first ones, at most one is dropped by floor."""
    for n, kernel, stride, padding in product(range(1, 9), range(1, 5), range(1, 5), range(3)):
        if padding <= kernel // 2 and n + 2 * padding >= kernel:
            size = pool_output_size(n, kernel, stride, padding)
            ax = Figure().subplots()
            draw_row(ax, n, kernel, stride, padding, kept=size)
            bars = [r for r in rectangles(ax) if r.get_y() > 1]
            starts = [round(r.get_x() - 0.06) for r in bars]
            assert starts == list(range(-padding, n + padding, stride))
            assert starts[size - 1] + kernel <= n + padding
            assert [r.get_linestyle() for r in bars] == ["-"] * size + ["--"] * (len(bars) - size)


def test_bad_row_is_refused():
    with pytest.raises(ValueError, match="must not be zero"):
        draw_row(Figure().subplots(), 5, kernel_size=2, stride=0, padding=0, kept=1)


def test_docstring_examples():
    result = doctest.testmod(grids)
    plt.close("all")
    assert result.attempted >= 4
    assert result.failed == 0
