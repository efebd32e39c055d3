"""The description of a figure, by figures whose every number is known beforehand."""

import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from bookproof.running.inside.describe import bundle, describe, is_description, is_empty

mpl.use("Agg")


def says(figure, *facts):
    """Check that one line of the description holds the facts, in this order."""
    text = describe(figure)
    assert re.search(".*".join(map(re.escape, facts)), text), f"{facts} not in\n{text}"


@pytest.fixture
def axes():
    return Figure(figsize=(4, 3)).add_subplot()


def test_titles_scales_and_labels():
    figure = Figure(figsize=(6, 4.5))
    figure.suptitle("all")
    left, right = figure.subplots(1, 2)
    left.set(title="middle", xlim=(1, 100), ylim=(-1, 1), xscale="log", ylabel="two\nlines")
    left.set_title("l", loc="left")
    left.set_title("r", loc="right")
    right.set(xlim=(0, 1), ylim=(0, 7))
    right.yaxis.set_visible(False)
    inset = right.inset_axes([0, 0, 1, 1])
    inset.set(title="inset", xlim=(3, 4))
    inset.set_axis_off()
    says(figure, "figure 6.0 x 4.5")
    says(figure, 'text "all"')
    says(figure, 'axes "middle"', 'left "l"', 'right "r"')
    says(figure, "x [1.0, 100.0] log")
    says(figure, 'y [-1.0, 1.0] "two\\nlines"')
    says(figure, "x [0.0, 1.0]")
    says(figure, 'axes "inset"')
    for hidden in ("7.0]", "[3.0"):
        assert hidden not in describe(figure)


def test_lines_points_and_legend(axes):
    axes.plot([0, 0.5, 1], [1, 2, 1 / 3], label="up")
    axes.plot(np.linspace(0, 1, 101), np.linspace(0, 2, 101))
    axes.scatter([0.25, 0.75], [1, 2], c=[1, 3], label="dots")
    axes.legend(title="kinds")
    says(axes.figure, 'line "up"', "3 points", "x 0.0 0.5 1.0", "y 1.0 2.0 0.3333")
    says(axes.figure, "101 points", "x from 0.0 to 1.0", "mean 0.5", "y from 0.0 to 2.0")
    says(axes.figure, 'scatter "dots"', "x 0.25 0.75", "y 1.0 2.0", "values 1.0..3.0 mean 2.0")
    says(axes.figure, 'legend "kinds" "up" "dots"')


def test_points_that_are_not_drawn(axes):
    axes.scatter([0.25, np.nan, 0.75], [1, 2, np.nan])
    axes.plot([1, np.nan], [3, 4])
    says(axes.figure, "scatter", "3 points x 0.25 nan nan", "y 1.0 nan nan")
    says(axes.figure, "line", "2 points x 1.0 nan", "y 3.0 4.0")


def test_bars_many_bars_and_words_on_an_axis(axes):
    axes.bar(["a", "b"], [1, 2], label="few")
    axes.barh(range(13), range(13))
    says(axes.figure, 'bars "few"', "2: 1.0 2.0")
    says(axes.figure, "horizontal bars", "13", "0.0..12.0 mean 6.0")
    says(axes.figure, "x [", 'ticks "a" "b"')


def test_images_contours_collections_and_what_is_not_finite(axes):
    axes.imshow([[0.0, 1.0, np.nan], [2.0, 3.0, np.inf]], aspect="auto")
    axes.contour(np.arange(9.0).reshape(3, 3), levels=[2, 4])
    axes.fill_between([0, 1], [0, 0], [5, 5])
    says(axes.figure, "image 2 x 3", "values 0.0..3.0 mean 1.5, 2 not finite")
    says(axes.figure, "contour", "levels 2.0 4.0")
    says(axes.figure, "1 paths x 0.0..1.0", "y 0.0..5.0")


def test_patches_texts_and_tables(axes):
    from matplotlib.patches import Rectangle

    for x in (0, 2):
        axes.add_patch(Rectangle((x, 0), 1, 1))
    axes.text(0.25, 0.5, "here\nand")
    axes.text(0.75, 0.5, "")
    axes.table([["1", "2"]])
    says(axes.figure, "Rectangle", "2 x 0.0..3.0 mean 1.5 y 0.0..1.0")
    says(axes.figure, "texts 1", '"here\\nand"', "x 0.25", "y 0.5")
    says(axes.figure, "table", '"1" "2"')


def test_emptiness_and_missing_glyphs():
    figure = Figure()
    assert is_empty(figure)
    axes = figure.add_subplot()
    assert is_empty(figure)
    axes.plot([1])
    assert not is_empty(figure)
    assert bundle(figure)["missing_glyphs"] == []
    axes.set_title("\U0001f9ea", fontfamily="DejaVu Sans")
    assert len(bundle(figure)["missing_glyphs"]) == 1
    words = Figure()
    words.text(0, 0, "x")
    assert not is_empty(words)


def test_a_description_is_known_by_its_head():
    assert is_description(describe(Figure()))
    assert not is_description("figure: 3 x 4")


def test_no_negative_zero_and_four_digits(axes):
    axes.plot([-0.0, -1e-13, 123456.0], [1e-5, 2 / 3, 0.1 + 0.2])
    says(axes.figure, "x 0.0 0.0 1.235e+05", "y 1e-05 0.6667 0.3")
